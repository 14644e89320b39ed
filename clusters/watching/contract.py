"""What the watch of a cluster and the code above it agree on.

The watch knows what a cluster shows; what lies above knows which environments there are and what is done with a
status. The roof hands in one `StatusListener` a cluster (`management/commands/watcher.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from bson import ObjectId

from clusters.domain.diagnosis import ObservedNode
from clusters.domain.ending import Ended
from clusters.domain.objects import Identity, Ref
from clusters.kube.informers import KindOf


class NodeKey(NamedTuple):
    """A node of the canvas, by the labels that its objects carry."""

    environment_id: str
    node_id: str


class NodeChange(NamedTuple):
    """A node that may have changed, as the cluster shows it now."""

    key: NodeKey
    observed: ObservedNode
    ended: tuple[Ended, ...] = ()
    """How objects of it ended that their time to live removes, or has removed."""


class WatchScope(Protocol):
    """What to watch in one cluster. `namespaces` and `namespace_of` may be called from any thread, the rest
    from that of the watch."""

    def namespaces(self) -> Iterable[str]:
        """Namespaces of the environments on this cluster, for credentials that may not see all of it."""

    def namespace_of(self, environment_id: str) -> str | None:
        """The namespace of an environment on this cluster; None when there is no such environment.

        A label is anybody's to write: an object counts in the namespace of the environment it names, and elsewhere
        only when the environment owns it.
        """

    def owned_by(self, key: NodeKey) -> Iterable[Ref]:
        """The objects that the environment owns of the node; they count in whatever namespace they are."""

    def left_claims(self) -> Mapping[Identity, NodeKey]:
        """Claims that environments own although they carry none of our labels, each with its node."""

    def kinds(self) -> Iterable[KindOf]:
        """Kinds to watch beside the built-in ones."""

    def nodes(self) -> Iterable[NodeKey]:
        """Nodes of which anything is expected or stored, so that an object that vanished unseen is noticed."""


class StatusListener(WatchScope, Protocol):
    """Takes what a watch observes. Called from the thread of the watch, unless it says otherwise; `end` from
    any other, once that is over."""

    def begin(self, view: WatchView) -> None:
        """Called once, before anything else; may read what an earlier watcher stored."""

    def record(self, changes: Sequence[NodeChange], stale_since: datetime | None, stale_reason: str = "") -> None:
        """Take nodes that may have changed. Either all of them are recorded, or it raises and may be called again."""

    def came_or_went(self, ref: Ref) -> None:
        """An object was seen for the first time, or is seen no more. Called from the informers' threads, often."""

    def mark_stale(self, since: datetime | None, reason: str = "") -> None:
        """Everything stored of the cluster may be out of date since then, and why; None: it is current again."""

    def out_of_date(self) -> tuple[float, str] | None:
        """Since when (monotonic) what the listener itself goes by may be out of date, and why; None: it is current."""

    def end(self) -> None:
        """Called once, when the watch is over."""


class WatchView(Protocol):
    """What a listener may ask the watch of a cluster. Every method may be called from any thread."""

    cluster_id: ObjectId

    def why_unobservable(self, ref: Ref) -> str | None:
        """Why the object cannot be seen; None when it would be seen if it existed."""

    def was_deleted(self, ref: Ref) -> bool:
        """Whether the object was there since this watch began, and is not any more."""

    def holder_of(self, ref: Ref) -> NodeKey | None:
        """The node whose labels the object carries; None when the object is not there."""

    def mark(self, key: NodeKey, *, in_s: float = 0.0) -> None:
        """Have the node recorded again, now or later."""

    def may_write(self) -> bool:
        """Whether this process still holds the lease of the cluster."""
