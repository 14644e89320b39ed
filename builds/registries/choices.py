"""Tags to choose from: a few at a time, each with what it names, so that people see what they take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from builds.registries.distribution import Distribution
from builds.registries.errors import RegistryTimeout
from builds.registries.looking import Brief, brief
from kubeorch.base.errors import KubeOrchError

TOTAL_S = 8.0
"""For all tags of one answer; those that are left come without what they name."""
AT_ONCE = 4
TAGS_MOST = 10
"""Of one answer: a registry is asked up to four times for each."""


@dataclass(frozen=True, slots=True)
class Choice:
    tag: str
    found: Brief | None
    error: str
    """Why nothing was found; "" where something was."""


def ending_at(until: float, host: str) -> Callable[[], None]:
    """Raises RegistryTimeout from then on, on the steady clock."""

    def check() -> None:
        if time.monotonic() > until:
            raise RegistryTimeout(host)

    return check


def choices_of(
    registry: Distribution, host: str, path: str, tags: Sequence[str], prefer: Sequence[str]
) -> list[Choice]:
    """Of these tags, TAGS_MOST at most. The registry has been asked before, so that it is signed in to."""
    look = partial(_choice, registry, host, path, prefer)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tags") as pool:
        return list(pool.map(look, tags[:TAGS_MOST]))


def _choice(registry: Distribution, host: str, path: str, prefer: Sequence[str], tag: str) -> Choice:
    try:
        return Choice(tag, brief(registry, host, path, tag, prefer), "")
    except KubeOrchError as error:
        return Choice(tag, None, error.detail)
