"""Fields that we applied and that somebody else has changed since.

A field is drift when it has another value than we applied *and* is ours no more: the API server takes a field from us
when others change it, and leaves it to us when it only writes the same value in another way (a quantity, a time), fills
in defaults, or lets a webhook change it while we apply. Where the object does not say who owns what, values are
compared alone, as quantities where they are. What an autoscaler sets is not drift.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.ownership.known import Known, Sort, known
from clusters.domain.ownership.owners import Owners, owners
from clusters.domain.ownership.paths import Path, children, path_text
from clusters.domain.quantity import is_quantity, parse_quantity
from clusters.domain.reading import mapping

DRIFT_MOST = 200
"""Fields of one object that are listed."""
MISSING = object()
_NOT_OURS = frozenset({"apiVersion", "kind", "status"})
_NOT_APPLIED = frozenset({"name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"})
_EMPTY: tuple[Any, ...] = (None, {}, [])
_ZERO: tuple[Any, ...] = (*_EMPTY, False, "", 0)
"""What an API server may leave out of an object; whether 0 and nothing mean the same only the field's kind can say."""


@dataclass(frozen=True, slots=True)
class Drifted:
    """One field; an absent value is None."""

    path: str
    ours: Any
    live: Any
    manager: str
    """As `managedFields` names it; "" of a field that was taken away, because nobody owns what is not there."""
    at: str
    """When that manager wrote last (RFC 3339), "" when nobody says."""
    operation: str = ""
    """Whether it wrote by `Apply` or by `Update`; "" where nobody owns the field."""
    known: Known | None = None
    """What is behind the manager."""


def drift(applied: Mapping[str, Any], live: Mapping[str, Any]) -> list[Drifted]:
    """The fields in which the object differs from what we applied last, at most DRIFT_MOST; [] where it does not.

    `applied` is the manifest as it was sent. For a Secret, hand in both with digests in place of the values.
    Linear in the size of both.
    """
    owned = owners(live)
    ours_are_known = any(owner.is_ours for owner, _ in owned.entries)
    found: list[Drifted] = []
    for path, ours, seen in _differences(_content(applied), _content(live), (), owned):
        who = owned.who(path)
        if any(owner.is_ours for owner in who) or (seen is MISSING and _may_be_absent(ours, ours_are_known)):
            continue
        writer = max(who, key=lambda owner: owner.at, default=None) if seen is not MISSING else None
        who_it_is = known(writer) if writer else None
        if who_it_is is not None and who_it_is.sort is Sort.AUTOSCALER:
            continue
        found.append(
            Drifted(
                path_text(path),
                ours,
                None if seen is MISSING else seen,
                writer.manager if writer else "",
                writer.at if writer else "",
                writer.operation if writer else "",
                who_it_is,
            )
        )
        if len(found) == DRIFT_MOST:
            break
    return found


def _content(manifest: Mapping[str, Any]) -> dict[str, Any]:
    content = {name: value for name, value in manifest.items() if name not in _NOT_OURS}
    metadata = mapping(content.get("metadata"))
    content["metadata"] = {name: value for name, value in metadata.items() if name not in _NOT_APPLIED}
    return content


def _differences(ours: Any, live: Any, path: Path, owned: Owners) -> Iterator[tuple[Path, Any, Any]]:
    """What was applied and stands otherwise, or not at all; what others added is left out."""
    if isinstance(ours, Mapping) and isinstance(live, Mapping) and not owned.is_whole(path):
        for name, value in ours.items():
            yield from _differences(value, live.get(name, MISSING), (*path, f"f:{name}"), owned)
        return
    if isinstance(ours, list) and isinstance(live, list) and not owned.is_whole(path):
        keys = owned.keys_at(path)
        mine, theirs = dict(children(ours, path, keys)), dict(children(live, path, keys))
        if not any(element.startswith("i:") for element in (*mine, *theirs)):
            for element, value in mine.items():
                yield from _differences(value, theirs.get(element, MISSING), (*path, element), owned)
            return
    if not same(ours, live):
        yield path, ours, live


def _may_be_absent(ours: Any, ours_are_known: bool) -> bool:
    return any(ours == one and type(ours) is type(one) for one in (_EMPTY if ours_are_known else _ZERO))


def same(ours: Any, live: Any) -> bool:
    """Whether two values mean the same: quantities may be written otherwise."""
    if isinstance(ours, Mapping) and isinstance(live, Mapping):
        return ours.keys() == live.keys() and all(same(value, live[name]) for name, value in ours.items())
    if isinstance(ours, list) and isinstance(live, list):
        return len(ours) == len(live) and all(same(one, other) for one, other in zip(ours, live, strict=True))
    if type(ours) is type(live) and ours == live:
        return True
    if isinstance(ours, str | int | float) and isinstance(live, str | int | float):
        return _same_amount(ours, live)
    return False


def _same_amount(ours: Any, live: Any) -> bool:
    if isinstance(ours, bool) or isinstance(live, bool):
        return False
    if not is_quantity(str(ours)) or not is_quantity(str(live)):
        return False
    return parse_quantity(str(ours)) == parse_quantity(str(live))
