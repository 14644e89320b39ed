"""Claims that StatefulSets left behind: their controller made them without our labels, so they are found by identity.

An environment that owns such claims names them; they are watched in their namespaces only, and count for the node that
made them. Safe to use from any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from clusters.domain.objects import Identity
from clusters.domain.observed import ObservedObject
from clusters.kube.informers import KindOf
from clusters.watching.contract import NodeKey

CLAIM = KindOf("v1", "PersistentVolumeClaim")


class LeftClaims:
    """The claims of one cluster that carry no label of ours, by who owns them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._node_of: Mapping[Identity, NodeKey] = {}
        self._by_node: dict[NodeKey, list[Identity]] = {}
        self._observed: dict[Identity, ObservedObject] = {}

    def own(self, node_of: Mapping[Identity, NodeKey]) -> set[NodeKey]:
        """These claims are owned, and no others; the nodes for which that is news."""
        with self._lock:
            if node_of == self._node_of:
                return set()
            changed = dict(set(node_of.items()) ^ set(self._node_of.items()))
            self._node_of = node_of
            self._by_node = {}
            for identity, key in node_of.items():
                self._by_node.setdefault(key, []).append(identity)
            return set(changed.values())

    @property
    def namespaces(self) -> frozenset[str]:
        with self._lock:
            return frozenset(identity.namespace for identity in self._node_of)

    def owns(self, identity: Identity) -> bool:
        with self._lock:
            return identity in self._node_of

    def change(self, old: ObservedObject | None, new: ObservedObject | None) -> list[NodeKey]:
        """Take one change of an object; the nodes it concerns."""
        seen = new or old
        if seen is None or (seen.api_version, seen.kind) != CLAIM or seen.environment_id:
            return []
        identity = seen.ref.identity
        with self._lock:
            if new is not None:
                self._observed[identity] = new
            elif (known := self._observed.get(identity)) is not None and known.uid == seen.uid:
                del self._observed[identity]
            key = self._node_of.get(identity)
        return [key] if key is not None else []

    def of_node(self, key: NodeKey) -> list[ObservedObject]:
        with self._lock:
            rows = (self._observed.get(identity) for identity in self._by_node.get(key, ()))
            return [seen for seen in rows if seen is not None]
