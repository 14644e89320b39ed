"""Which Ingresses of ours route to which Services of one cluster, whoever made these."""

from __future__ import annotations

from collections.abc import Iterator

from clusters.domain.observed import IngressStatus, ObservedObject, ServiceStatus
from clusters.watching.contract import NodeKey
from clusters.watching.groups import ByUid, Maker, node_of, take_out

Named = tuple[str, str]
"""The namespace and name of a Service."""


class Routing:
    """Not safe to share among threads."""

    def __init__(self) -> None:
        self._services: dict[str, ByUid] = {}
        """By namespace, and there by name."""
        self._routers: dict[Named, ByUid] = {}
        """Ingresses of our nodes by what they route to."""
        self._strays: frozenset[Maker] | None = None
        """What `strays` gives, until something changes."""

    def service(self, namespace: str, name: str) -> ObservedObject | None:
        return self._services.get(namespace, {}).get(name)

    def nodes_to(self, namespace: str, service: str) -> Iterator[NodeKey]:
        """The nodes whose Ingresses route to it."""
        return (node_of(one) for one in self._routers.get((namespace, service), {}).values())

    def strays(self) -> frozenset[Maker]:
        """Environments and namespaces of Ingresses that route to a Service that is none of our nodes'."""
        if self._strays is None:
            self._strays = frozenset(
                Maker(one.environment_id, one.namespace)
                for (namespace, name), routers in self._routers.items()
                if (found := self.service(namespace, name)) is None or not (found.environment_id and found.node_id)
                for one in routers.values()
            )
        return self._strays

    def add(self, seen: ObservedObject) -> None:
        """Take a Service, or an Ingress of a node of ours; of an Ingress that is there, the older one is out."""
        if isinstance(seen.status, ServiceStatus):
            self._services.setdefault(seen.namespace, {})[seen.name] = seen
            self._strays = None
        elif isinstance(seen.status, IngressStatus):
            for backend in seen.status.backends:
                self._routers.setdefault((seen.namespace, backend.service), {})[seen.uid] = seen
            self._strays = None

    def remove(self, seen: ObservedObject) -> None:
        """Take out what was added, as it was then; another of the same name may be there by now."""
        if isinstance(seen.status, ServiceStatus):
            there = self.service(seen.namespace, seen.name)
            if there is not None and there.uid == seen.uid:
                take_out(self._services, seen.namespace, seen.name)
                self._strays = None
        elif isinstance(seen.status, IngressStatus):
            for backend in seen.status.backends:
                take_out(self._routers, (seen.namespace, backend.service), seen.uid)
            self._strays = None
