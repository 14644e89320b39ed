"""What an object belongs to, what depends on it, and what it uses.

Kubernetes has no index by owner, so what depends on an object is looked for in lists of metadata: of the kinds that its
own kind usually makes, or for a deletion of every kind that its namespace may hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from clusters.domain.kind_names import KindName
from clusters.domain.objects import GroupKind, Manifest, group_of
from clusters.domain.reading import mapping, mappings, text
from clusters.domain.references import Reference, references_of
from clusters.kube.client import METADATA_LIST, METADATA_ONE
from clusters.kube.errors import ApiForbidden, ApiNotFound, ClusterTimeout, UnknownKind
from clusters.kube.kinds import ServedKind
from clusters.resources.asking import Place, Question, read_object
from clusters.resources.kinds import kinds_of

OWNERS_MOST = 8
"""Levels of owners above an object."""
PAGE = 1_000
OBJECTS_OF_A_KIND = 5_000
DEPENDANTS_MOST = 2_000
USUAL = frozenset(
    {
        GroupKind("", "Pod"),
        GroupKind("apps", "ReplicaSet"),
        GroupKind("apps", "Deployment"),
        GroupKind("apps", "StatefulSet"),
        GroupKind("apps", "DaemonSet"),
        GroupKind("apps", "ControllerRevision"),
        GroupKind("batch", "Job"),
        GroupKind("", "Service"),
        GroupKind("", "ConfigMap"),
        GroupKind("", "Secret"),
        GroupKind("", "PersistentVolumeClaim"),
        GroupKind("discovery.k8s.io", "EndpointSlice"),
    }
)
"""What controllers make."""
NEVER_OWNED = frozenset({GroupKind("", "Event"), GroupKind("events.k8s.io", "Event")})


@dataclass(slots=True)
class Related:
    """One object in the tree of owners."""

    group: str
    kind: str
    namespace: str
    name: str
    uid: str
    deleting: bool = False
    missing: bool = False
    """It is named as an owner, and is not there."""
    children: list[Related] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Relations:
    owners: list[Related]
    """From the direct owner upwards."""
    dependants: list[Related]
    """Trees."""
    uses: list[Reference]
    not_looked: list[str]
    """Kinds that could not be looked through, or not to their end."""


def relations_of(question: Question, place: Place, *, of_every_kind: bool) -> Relations:
    """With `of_every_kind` dependants of all kinds are looked for, as a deletion would find them.

    Raises what `read_object` raises. A kind that may not be listed is named, and left out.
    """
    _, live = read_object(question, place)
    search = _Search(question, place.namespace, of_every_kind)
    dependants = search.below(live["metadata"]["uid"])
    return Relations(_owners(question, live), dependants, references_of(live), sorted(search.not_looked))


def _owners(question: Question, live: Manifest) -> list[Related]:
    found: list[Related] = []
    metadata = mapping(live.get("metadata"))
    namespace = text(metadata.get("namespace"))
    while len(found) < OWNERS_MOST:
        rows = mappings(metadata.get("ownerReferences"))
        row = next((one for one in rows if one.get("controller") is True), rows[0] if rows else None)
        if row is None:
            break
        owner = Related(
            group_of(text(row.get("apiVersion"))),
            text(row.get("kind")),
            "",
            text(row.get("name")),
            text(row.get("uid")),
        )
        found.append(owner)
        try:
            kind = question.kind(KindName(owner.group, owner.kind))
            owner.namespace = namespace if kind.namespaced else ""
            path = kind.resource.path(owner.namespace or None, owner.name)
            headers = {"Accept": METADATA_ONE}
            metadata = mapping(
                question.client.request("GET", path, headers=headers, allowance=question.allowance)[1].get("metadata")
            )
        except (ApiForbidden, UnknownKind):
            break
        except ApiNotFound:
            owner.missing = True
            break
        if metadata.get("uid") != owner.uid:
            owner.missing = True
            break
        owner.deleting = bool(metadata.get("deletionTimestamp"))
    return found


class _Search:
    """Finds what depends on an object, level by level, in lists that are read once."""

    def __init__(self, question: Question, namespace: str, of_every_kind: bool) -> None:
        self._question = question
        self._namespace = namespace
        self._by_owner: dict[str, list[Related]] = defaultdict(list)
        self.not_looked: set[str] = set()
        self._left = DEPENDANTS_MOST
        for kind in self._kinds(of_every_kind):
            try:
                self._read(kind)
            except (ApiForbidden, ApiNotFound, ClusterTimeout):
                self.not_looked.add(kind.kind)

    def below(self, uid: str) -> list[Related]:
        found = self._by_owner.pop(uid, [])[: max(0, self._left)]
        self._left -= len(found)
        for one in found:
            one.children = self.below(one.uid)
        return found

    def _kinds(self, of_every_kind: bool) -> Iterable[ServedKind]:
        for kind in kinds_of(self._question.client, self._question.cluster["_id"], self._question.allowance):
            group_kind = GroupKind(kind.group, kind.kind)
            fits = kind.namespaced or not self._namespace
            if fits and group_kind not in NEVER_OWNED and (of_every_kind or group_kind in USUAL):
                yield kind

    def _read(self, kind: ServedKind) -> None:
        path = kind.resource.path(self._namespace or None)
        query = {"limit": str(PAGE)}
        read = 0
        while True:
            answer = self._question.client.request(
                "GET", path, query=query, headers={"Accept": METADATA_LIST}, allowance=self._question.allowance
            )[1]
            items = mappings(answer.get("items"))
            for item in items:
                self._note(kind, mapping(item.get("metadata")))
            read += len(items)
            token = text(mapping(answer.get("metadata")).get("continue"))
            if not token:
                return
            if read >= OBJECTS_OF_A_KIND:
                self.not_looked.add(kind.kind)
                return
            query["continue"] = token

    def _note(self, kind: ServedKind, metadata: Mapping[str, object]) -> None:
        for row in mappings(metadata.get("ownerReferences")):
            found = Related(
                kind.group,
                kind.kind,
                text(metadata.get("namespace")),
                text(metadata.get("name")),
                text(metadata.get("uid")),
                bool(metadata.get("deletionTimestamp")),
            )
            self._by_owner[text(row.get("uid"))].append(found)
