"""The fields of an object that an environment leaves to others: as the workflow has them, and as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.ownership.known import known
from clusters.domain.ownership.owners import Owners, owners
from clusters.domain.ownership.paths import Path, path_text
from workflows.domain.planning.classify import HIDDEN, shortened
from workflows.domain.planning.effects import Yielded
from workflows.domain.rendering.adopting import ABSENT, value_at

YIELDED_SHOWN = 100
"""Fields of one object that are listed."""


def yielded_fields(
    paths: Iterable[Path], whole: Manifest, live: Manifest | None, *, ends: bool, secret: bool = False
) -> tuple[Yielded, ...]:
    """Those that the workflow has a value for, YIELDED_SHOWN at most; `whole` is the object as it is in the workflow.

    Of a Secret, hand in both with digests in the place of its values.
    """
    owned = owners(live or {})
    found: list[Yielded] = []
    for path in paths:
        wanted = value_at(whole, path)
        if wanted is ABSENT or len(found) == YIELDED_SHOWN:
            continue
        is_hidden = secret and path[:1] in (("f:data",), ("f:stringData",))
        seen = ABSENT if live is None else value_at(live, path)
        manager, name = _whose(owned, path)
        found.append(
            Yielded(path_text(path), _value(wanted, is_hidden), _value(seen, is_hidden), manager, name, ends=ends)
        )
    return tuple(found)


def _value(value: Any, is_hidden: bool) -> Any:
    if value is ABSENT:
        return None
    return HIDDEN if is_hidden else shortened(value)


def _whose(owned: Owners, path: Path) -> tuple[str, str]:
    """(the manager that wrote the field last, as people call it), without us."""
    others = [one for one in owned.who(path) if not one.is_ours]
    last = max(others, key=lambda one: one.at, default=None)
    return (last.manager, known(last).name) if last else ("", "")
