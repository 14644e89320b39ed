"""What follows the objects of a watched cluster beside their health: drift, and plans that may have moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from clusters.domain.objects import Ref
from clusters.domain.observed import ObservedObject
from clusters.watching.contract import NodeKey, WatchView
from workflows.statuses.inventory_feed import Expected


class SeenObject(NamedTuple):
    """An object that the environment owns, or is about to apply, with what the watch shows of it."""

    expected: Expected
    observed: ObservedObject | None
    """None where it is not there, as far as that can be seen."""
    is_observable: bool
    """It is seen, or would be if it were there."""


class SeenNode(NamedTuple):
    """A node that may have changed, with all objects that its environment owns of it."""

    key: NodeKey
    objects: tuple[SeenObject, ...]


class Follower(Protocol):
    """Called by the recorder of one cluster, after it has written. Nothing here may hold up its thread."""

    def begin(self, view: WatchView) -> None:
        """Called once, before anything else; may read what an earlier watcher stored."""

    def see(self, nodes: Sequence[SeenNode]) -> None:
        """These nodes may have changed. One without objects is owned no more."""

    def came_or_went(self, ref: Ref) -> None:
        """An object is seen for the first time, or no more, whoever has it; from any thread, and often."""

    def end(self) -> None:
        """Called once, when the watch is over; from any thread."""
