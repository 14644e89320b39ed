"""What the informers of one cluster observed, by what is asked about it. Safe to use from any thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from clusters.domain.facts import Endpoints, count_endpoints
from clusters.domain.objects import Ref
from clusters.domain.observed import ClaimStatus, EndpointStatus, ObservedObject, StorageClassStatus, WarningEvent
from clusters.watching.contract import NodeKey

CONTROLLER_KINDS = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "PersistentVolumeClaim"})
"""Kinds whose own warning events explain their node: pods or a volume could not be created for them."""
REMEMBERED = 2000
"""Objects with warning events, and deleted objects, at most."""
EVENTS_AN_OBJECT = 8
MESSAGE_KEY = 40
"""Events with the same reason and the same beginning of their message are one event that happened again."""


class ObjectIndex:
    """Objects by node, endpoints by Service, storage classes by name, warning events by uid."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: dict[NodeKey, dict[str, ObservedObject]] = {}
        self._slices: dict[tuple[str, str], dict[str, ObservedObject]] = {}
        self._classes: dict[str, ObservedObject] = {}
        self._warnings: OrderedDict[str, OrderedDict[str, WarningEvent]] = OrderedDict()
        self._node_of: dict[str, NodeKey] = {}
        """By uid, for objects that warning events may be about."""
        self._deleted: OrderedDict[str, None] = OrderedDict()

    def change(self, old: ObservedObject | None, new: ObservedObject | None) -> list[NodeKey]:
        """Take one change of an object; the nodes it concerns."""
        with self._lock:
            if old is not None and (new is None or old.uid != new.uid or node_of(old) != node_of(new)):
                self._remove(old)
            if new is not None:
                self._add(new)
            keys = {node_of(seen) for seen in (old, new) if seen is not None}
            either = new or old
            if either is not None and isinstance(either.status, StorageClassStatus):
                keys.update(self._nodes_with_claims_of(either.name))
        return [key for key in keys if all(key)]

    def warn(self, event: WarningEvent) -> NodeKey | None:
        """Remember a warning event; the node it concerns. Of unknown objects, the oldest are forgotten first."""
        with self._lock:
            rows = self._warnings.setdefault(event.uid, OrderedDict())
            rows[f"{event.reason}:{event.message[:MESSAGE_KEY]}"] = event
            while len(rows) > EVENTS_AN_OBJECT:
                rows.popitem(last=False)
            self._warnings.move_to_end(event.uid)
            while len(self._warnings) > REMEMBERED:
                self._warnings.popitem(last=False)
            return self._node_of.get(event.uid)

    def nodes(self) -> list[NodeKey]:
        with self._lock:
            return [key for key in self._nodes if all(key)]

    def objects_of(self, key: NodeKey, namespace: str) -> list[ObservedObject]:
        """The node's objects in that namespace, and those without one."""
        with self._lock:
            return [seen for seen in self._nodes.get(key, {}).values() if seen.namespace in ("", namespace)]

    def endpoints_of(self, service: ObservedObject) -> Endpoints | None:
        with self._lock:
            return count_endpoints(self._slices.get((service.namespace, service.name), {}).values())

    def waits_for_consumer(self, storage_class: str) -> bool:
        with self._lock:
            found = self._classes.get(storage_class)
        return found is not None and isinstance(found.status, StorageClassStatus) and found.status.waits_for_consumer

    def warnings_about(self, uid: str) -> Sequence[WarningEvent]:
        with self._lock:
            return list(self._warnings.get(uid, {}).values())

    def was_deleted(self, ref: Ref) -> bool:
        with self._lock:
            return ref.key in self._deleted

    def _add(self, seen: ObservedObject) -> None:
        key = node_of(seen)
        self._nodes.setdefault(key, {})[seen.uid] = seen
        if seen.kind == "Pod" or seen.owner is not None or seen.kind in CONTROLLER_KINDS:
            self._node_of[seen.uid] = key
        if isinstance(seen.status, EndpointStatus):
            self._slices.setdefault((seen.namespace, seen.status.service), {})[seen.uid] = seen
        elif isinstance(seen.status, StorageClassStatus):
            self._classes[seen.name] = seen
        if self._deleted and seen.owner is None:
            self._deleted.pop(seen.ref.key, None)

    def _remove(self, seen: ObservedObject) -> None:
        key = node_of(seen)
        members = self._nodes.get(key)
        if members is not None:
            members.pop(seen.uid, None)
            if not members:
                del self._nodes[key]
        self._node_of.pop(seen.uid, None)
        self._warnings.pop(seen.uid, None)
        if isinstance(seen.status, EndpointStatus):
            slices = self._slices.get((seen.namespace, seen.status.service))
            if slices is not None:
                slices.pop(seen.uid, None)
                if not slices:
                    del self._slices[(seen.namespace, seen.status.service)]
        elif isinstance(seen.status, StorageClassStatus):
            self._classes.pop(seen.name, None)
        if seen.owner is None:
            self._deleted[seen.ref.key] = None
            while len(self._deleted) > REMEMBERED:
                self._deleted.popitem(last=False)

    def _nodes_with_claims_of(self, storage_class: str) -> list[NodeKey]:
        return [
            key
            for key, members in self._nodes.items()
            for seen in members.values()
            if isinstance(seen.status, ClaimStatus) and seen.status.storage_class == storage_class
        ]


def node_of(seen: ObservedObject) -> NodeKey:
    return NodeKey(seen.environment_id, seen.node_id)
