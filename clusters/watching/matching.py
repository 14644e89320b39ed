"""Which Services and workloads of one cluster belong together by labels, and which workloads read an object.

Asked for at each change and each judgement, so what is looked through is what shares a label, not a whole namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clusters.domain.observed import ObservedObject, ServiceStatus, WorkloadStatus
from clusters.watching.groups import ByUid

Pair = tuple[str, str]


class Matching:
    """Not safe to share among threads."""

    def __init__(self) -> None:
        self._services: dict[str, Shelf] = {}
        """By namespace; each by the first label of its selector."""
        self._workloads: dict[str, Shelf] = {}
        """By each label of their pods."""
        self._readers: dict[str, Shelf] = {}
        """Workloads by each ConfigMap and Secret that their pods read once."""

    def add(self, seen: ObservedObject) -> None:
        for shelves, pairs in self._places_of(seen):
            if pairs:
                shelves.setdefault(seen.namespace, Shelf()).add(pairs, seen)

    def remove(self, seen: ObservedObject) -> None:
        """Take out what was added, as it was then."""
        for shelves, pairs in self._places_of(seen):
            shelf = shelves.get(seen.namespace)
            if shelf is not None:
                shelf.remove(pairs, seen.uid)
                if shelf.is_empty:
                    del shelves[seen.namespace]

    def services_before(self, workload: ObservedObject) -> list[ObservedObject]:
        """Services that select the pods of a workload."""
        labels = _labels_of(workload)
        found = self._find(self._services, workload.namespace, labels)
        return [one for one in found if labels.issuperset(_selector_of(one))]

    def workloads_behind(self, service: ObservedObject) -> list[ObservedObject]:
        selector = _selector_of(service)
        found = self._find(self._workloads, service.namespace, selector[:1])
        return [one for one in found if _labels_of(one).issuperset(selector)]

    def readers_of(self, content: ObservedObject) -> list[ObservedObject]:
        return list(self._find(self._readers, content.namespace, [(content.kind, content.name)]))

    def _find(self, shelves: dict[str, Shelf], namespace: str, pairs: Iterable[Pair]) -> Iterator[ObservedObject]:
        shelf = shelves.get(namespace)
        return shelf.find(pairs) if shelf is not None else iter(())

    def _places_of(self, seen: ObservedObject) -> list[tuple[dict[str, Shelf], tuple[Pair, ...]]]:
        status = seen.status
        if isinstance(status, ServiceStatus):
            return [(self._services, status.selector[:1])]
        if isinstance(status, WorkloadStatus):
            return [(self._workloads, status.pod_labels), (self._readers, status.reads)]
        return []


class Shelf:
    """Objects by what they have, which is often something that no other one has: then no group is made for it."""

    def __init__(self) -> None:
        self._found: dict[Pair, ObservedObject | ByUid] = {}

    @property
    def is_empty(self) -> bool:
        return not self._found

    def add(self, pairs: Iterable[Pair], seen: ObservedObject) -> None:
        for pair in pairs:
            there = self._found.get(pair)
            if isinstance(there, dict):
                there[seen.uid] = seen
            elif there is None or there.uid == seen.uid:
                self._found[pair] = seen
            else:
                self._found[pair] = {there.uid: there, seen.uid: seen}

    def remove(self, pairs: Iterable[Pair], uid: str) -> None:
        for pair in pairs:
            there = self._found.get(pair)
            if isinstance(there, dict):
                there.pop(uid, None)
                if there:
                    continue
            elif there is None or there.uid != uid:
                continue
            del self._found[pair]

    def find(self, pairs: Iterable[Pair]) -> Iterator[ObservedObject]:
        for pair in pairs:
            there = self._found.get(pair)
            if isinstance(there, dict):
                yield from there.values()
            elif there is not None:
                yield there


def _selector_of(service: ObservedObject) -> tuple[Pair, ...]:
    return service.status.selector if isinstance(service.status, ServiceStatus) else ()


def _labels_of(workload: ObservedObject) -> frozenset[Pair]:
    return frozenset(workload.status.pod_labels) if isinstance(workload.status, WorkloadStatus) else frozenset()
