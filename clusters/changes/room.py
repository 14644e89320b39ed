"""How much is kept of the objects of one cluster: in looks, in bytes, and for one environment half of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LOOKS_OF_CLUSTER = 5_000
BYTES_OF_CLUSTER = 64 * 1024 * 1024
"""As they are stored, compressed."""
SHARES = 2
"""One environment has at most this part of both, so that no team's objects leave no history to those of others."""


@dataclass(frozen=True, slots=True)
class Taken:
    looks: int = 0
    size: int = 0

    def plus(self, other: Taken) -> Taken:
        return Taken(self.looks + other.looks, self.size + other.size)

    def is_within(self, share: int) -> bool:
        return self.looks <= LOOKS_OF_CLUSTER // share and self.size <= BYTES_OF_CLUSTER // share


class Room:
    """Counted anew now and then, and kept up to date between."""

    def __init__(self) -> None:
        self._of: dict[str, Taken] = {}
        self._all = Taken()

    def count(self, found: Mapping[str, Taken]) -> None:
        """What is kept, by environment."""
        self._of = dict(found)
        self._all = Taken(sum(one.looks for one in found.values()), sum(one.size for one in found.values()))

    def fits(self, environment_id: str, more: Taken) -> bool:
        own = self._of.get(environment_id, Taken()).plus(more)
        return own.is_within(SHARES) and self._all.plus(more).is_within(1)

    def take(self, environment_id: str, more: Taken) -> None:
        """`more` may be less."""
        self._of[environment_id] = self._of.get(environment_id, Taken()).plus(more)
        self._all = self._all.plus(more)
