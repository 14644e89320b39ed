"""What the informers of one cluster observed, by what is asked about it. Safe to use from any thread.

An object belongs to the node that its labels name. What controllers made without our labels belongs to the node of what
made it, found by owner references: a pod by its ReplicaSet, that by its Deployment.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

from clusters.domain.ending import Ended, ended
from clusters.domain.facts import Endpoints, count_endpoints
from clusters.domain.objects import Identity, Ref
from clusters.domain.observed import (
    ClaimStatus,
    ContentStatus,
    EndpointStatus,
    ObservedObject,
    ServiceStatus,
    StorageClassStatus,
    WarningEvent,
    WorkloadStatus,
)
from clusters.watching.contract import NodeKey
from clusters.watching.groups import ByUid, Maker, Place, node_of, place_of, take_out
from clusters.watching.matching import Matching
from clusters.watching.routing import Routing
from clusters.watching.storage_classes import StorageClasses

REMEMBERED = 2000
"""Objects with warning events, and deleted objects, at most."""
EVENTS_AN_OBJECT = 8
MESSAGE_KEY = 40
"""Events with the same reason and the same beginning of their message are one event that happened again."""
GENERATIONS = 8
"""Owners of owners, at most."""


class ObjectIndex:
    """Objects by node, endpoints by Service, storage classes by name, warning events by uid."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: dict[NodeKey, ByUid] = {}
        self._node_of: dict[str, NodeKey] = {}
        """By uid, for objects with our labels."""
        self._loose: ByUid = {}
        """Made by controllers, without our labels."""
        self._made_by: dict[str, ByUid] = {}
        """Of those, by the uid of what made them."""
        self._roots: dict[Place, dict[str, ObservedObject]] = {}
        """With our labels, made by no controller: by name, which costs no key of its own."""
        self._matching = Matching()
        """Of those, Services, and workloads with a template of pods."""
        self._routing = Routing()
        self._makers: dict[Maker, ByUid] = {}
        """Those of which controllers make pods without our labels."""
        self._slices: dict[tuple[str, str], ByUid] = {}
        self.storage = StorageClasses()
        self._warnings: OrderedDict[str, OrderedDict[str, WarningEvent]] = OrderedDict()
        self._deleted: OrderedDict[Identity, None] = OrderedDict()
        self._ended: OrderedDict[NodeKey, dict[Identity, Ended]] = OrderedDict()
        """Also of objects that are gone by now."""

    def change(self, old: ObservedObject | None, new: ObservedObject | None) -> list[NodeKey]:
        """Take one change of an object; the nodes it concerns."""
        with self._lock:
            keys = {self._key_of(seen) for seen in (old, new) if seen is not None}
            if old is not None and (new is None or old.uid != new.uid or _kept_at(old) != _kept_at(new)):
                self._remove(old)
            if new is not None:
                self._add(new)
                keys.add(self._key_of(new))
            either = new or old
            if either is not None and isinstance(either.status, StorageClassStatus):
                keys.update(self._nodes_with_claims_of(either.name))
            elif either is not None and isinstance(either.status, WorkloadStatus) and either.owner is None:
                for service in self._matching.services_before(either):
                    keys.update((node_of(service), *self._routing.nodes_to(service.namespace, service.name)))
            elif either is not None and isinstance(either.status, ServiceStatus):
                keys.update(self._routing.nodes_to(either.namespace, either.name))
            elif either is not None and isinstance(either.status, EndpointStatus):
                keys.update(self._routing.nodes_to(either.namespace, either.status.service))
            elif either is not None and isinstance(either.status, ContentStatus):
                keys.update(node_of(reader) for reader in self._matching.readers_of(either))
        return [key for key in keys if key is not None]

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
            return self._node_by_uid(event.uid)

    def nodes(self) -> list[NodeKey]:
        with self._lock:
            return list(self._nodes)

    def objects_of(self, key: NodeKey, *namespaces: str) -> list[ObservedObject]:
        """The node's objects in those namespaces and those without one, and what controllers made of them."""
        with self._lock:
            found = [seen for seen in self._nodes.get(key, {}).values() if seen.namespace in ("", *namespaces)]
            if self._made_by:
                found += self._made_of(found)
            return found

    def holder_of(self, ref: Ref) -> NodeKey | None:
        """The node whose labels the object carries; None when it is not there."""
        with self._lock:
            found = self._root(ref.identity) or self._root(ref.identity._replace(namespace=""))
            return node_of(found) if found is not None else None

    def ended_of(self, key: NodeKey) -> tuple[Ended, ...]:
        """How objects of the node ended that their time to live removes, or has removed."""
        with self._lock:
            return tuple(self._ended.get(key, {}).values())

    def makers(self) -> frozenset[Maker]:
        """Whose controllers make pods that do not carry our labels, and where."""
        with self._lock:
            return frozenset(self._makers)

    def strays(self) -> frozenset[Maker]:
        """Whose Ingresses route to Services that are none of our nodes', and where."""
        with self._lock:
            return self._routing.strays()

    def service(self, namespace: str, name: str) -> ObservedObject | None:
        """The Service of that name that was seen, whoever made it."""
        with self._lock:
            return self._routing.service(namespace, name)

    def endpoints_of(self, service: ObservedObject) -> Endpoints | None:
        with self._lock:
            return count_endpoints(self._slices.get((service.namespace, service.name), {}).values())

    def backends_of(self, service: ObservedObject) -> tuple[int, int] | None:
        """How many pods the workloads that a Service's selector matches want, and how many of them are ready; None
        where there are none of ours."""
        with self._lock:
            behind = self._matching.workloads_behind(service)
        found = [seen.status for seen in behind if isinstance(seen.status, WorkloadStatus)]
        return (sum(one.desired or 0 for one in found), sum(one.ready for one in found)) if found else None

    def changed_at(self, kind: str, namespace: str, name: str) -> str:
        """When the content of a ConfigMap or Secret of ours changed last; "" where that is not known."""
        with self._lock:
            found = self._root(Identity("", kind, namespace, name))
        return found.status.changed_at if found is not None and isinstance(found.status, ContentStatus) else ""

    def claim(self, namespace: str, name: str) -> ObservedObject | None:
        """The PersistentVolumeClaim of ours with that name."""
        with self._lock:
            return self._root(Identity("", "PersistentVolumeClaim", namespace, name))

    def warnings_about(self, uid: str) -> Sequence[WarningEvent]:
        with self._lock:
            return list(self._warnings.get(uid, {}).values())

    def was_deleted(self, ref: Ref) -> bool:
        with self._lock:
            return ref.identity in self._deleted

    # Below: the lock is held

    def _root(self, one: Identity) -> ObservedObject | None:
        return self._roots.get(Place(one.group, one.kind, one.namespace), {}).get(one.name)

    def _key_of(self, seen: ObservedObject) -> NodeKey | None:
        if _is_labelled(seen):
            return node_of(seen)
        return self._node_by_uid(seen.owner.uid) if seen.owner is not None else None

    def _node_by_uid(self, uid: str) -> NodeKey | None:
        for _ in range(GENERATIONS):
            key = self._node_of.get(uid)
            if key is not None:
                return key
            seen = self._loose.get(uid)
            if seen is None or seen.owner is None:
                return None
            uid = seen.owner.uid
        return None

    def _made_of(self, makers: Iterable[ObservedObject]) -> Iterator[ObservedObject]:
        for _ in range(GENERATIONS):
            makers = [made for maker in makers for made in self._made_by.get(maker.uid, {}).values()]
            if not makers:
                return
            yield from makers

    def _add(self, seen: ObservedObject) -> None:
        if _is_labelled(seen):
            key = node_of(seen)
            self._matching_without(key, seen.uid)
            self._nodes.setdefault(key, {})[seen.uid] = seen
            self._node_of[seen.uid] = key
            if seen.owner is None:
                self._roots.setdefault(place_of(seen), {})[seen.name] = seen
                self._matching.add(seen)
                self._routing.add(seen)
                end = ended(seen)
                if end is not None:
                    self._ended.setdefault(key, {})[seen.ref.identity] = end
                    self._ended.move_to_end(key)
                    while len(self._ended) > REMEMBERED:
                        self._ended.popitem(last=False)
                maker = Maker(seen.environment_id, seen.namespace)
                if seen.makes_unlabelled and seen.namespace:  # else every pod of the cluster would be watched
                    self._makers.setdefault(maker, {})[seen.uid] = seen
                else:
                    take_out(self._makers, maker, seen.uid)
        elif seen.owner is not None:
            self._loose[seen.uid] = seen
            self._made_by.setdefault(seen.owner.uid, {})[seen.uid] = seen
        if isinstance(seen.status, EndpointStatus):
            self._slices.setdefault((seen.namespace, seen.status.service), {})[seen.uid] = seen
        elif isinstance(seen.status, StorageClassStatus):
            self.storage.add(seen)
        elif isinstance(seen.status, ServiceStatus):
            self._routing.add(seen)
        if self._deleted and seen.owner is None:
            self._deleted.pop(seen.ref.identity, None)

    def _remove(self, seen: ObservedObject) -> None:
        """Take out this very observation; a newer one of the same object may be there by another watch."""
        uid = seen.uid
        if _is_labelled(seen):
            self._matching_without(node_of(seen), uid)
            if take_out(self._nodes, node_of(seen), uid):
                self._node_of.pop(uid, None)
                take_out(self._makers, Maker(seen.environment_id, seen.namespace), uid)
            identity = seen.ref.identity
            if seen.owner is None and (known := self._root(identity)) is not None and known.uid == uid:
                take_out(self._roots, place_of(seen), seen.name)
                self._deleted[identity] = None
                while len(self._deleted) > REMEMBERED:
                    self._deleted.popitem(last=False)
        elif seen.owner is not None:
            self._loose.pop(uid, None)
            take_out(self._made_by, seen.owner.uid, uid)
        if uid not in self._node_of and uid not in self._loose:
            self._warnings.pop(uid, None)
        if isinstance(seen.status, EndpointStatus):
            take_out(self._slices, (seen.namespace, seen.status.service), uid)
        elif isinstance(seen.status, StorageClassStatus):
            self.storage.remove(seen)
        elif isinstance(seen.status, ServiceStatus):
            self._routing.remove(seen)

    def _matching_without(self, key: NodeKey, uid: str) -> None:
        known = self._nodes.get(key, {}).get(uid)
        if known is not None:
            self._matching.remove(known)
            self._routing.remove(known)

    def _nodes_with_claims_of(self, storage_class: str) -> list[NodeKey]:
        return [
            key
            for key, members in self._nodes.items()
            for seen in members.values()
            if isinstance(seen.status, ClaimStatus) and seen.status.storage_class == storage_class
        ]


def _is_labelled(seen: ObservedObject) -> bool:
    return bool(seen.environment_id and seen.node_id)


def _kept_at(seen: ObservedObject) -> tuple[str, str, str, str]:
    """Where the index keeps it."""
    slices = seen.status.service if isinstance(seen.status, EndpointStatus) else ""
    return seen.environment_id, seen.node_id, seen.owner.uid if seen.owner is not None else "", slices
