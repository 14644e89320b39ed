"""What an object belongs to, what depends on it, and what it uses.

Kubernetes has no index by owner, so what depends on an object is looked for in lists of metadata: of the kinds that its
own kind usually makes, or for a deletion of every kind that its namespace may hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from clusters.domain.kind_names import KindName
from clusters.domain.objects import ENDPOINTS, GroupKind, Manifest, group_of
from clusters.domain.reading import mapping, mappings, text
from clusters.domain.references import Reference, references_of
from clusters.kube.client import METADATA_LIST, METADATA_ONE
from clusters.kube.errors import AnswerTooLarge, ApiAnswer, ApiNotFound, Unauthorized
from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Place, Question, read_object
from clusters.questions.kinds import kinds_of
from clusters.resources.going import GoingAlong, Gone, going_along

OWNERS_MOST = 8
"""Levels of owners above an object."""
PAGE = 1_000
OBJECTS_OF_A_KIND = 5_000
DEPENDANTS_MOST = 2_000
LEVELS_MOST = 20
"""Below an object."""
USES_MOST = 300
MORE = "more of them"
"""Stands among the kinds that were not looked through where the bounds left something out."""
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
NEVER_OWNED = frozenset({GroupKind("", "Event"), GroupKind("events.k8s.io", "Event"), ENDPOINTS})
"""Endpoints go with the Service of their name, by its controller."""


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
    going: list[Gone]
    """What a deletion takes beside the dependants; only where those of every kind are looked for."""
    not_looked: list[str]
    """Kinds that could not be looked through, or not to their end."""


def relations_of(question: Question, place: Place, *, of_every_kind: bool) -> Relations:
    """With `of_every_kind` dependants of all kinds are looked for, as a deletion would find them.

    Raises what `read_object` raises. A kind that may not be listed is named, and left out.
    """
    _, live = read_object(question, place)
    search = _Search(question, place.namespace, of_every_kind)
    dependants = search.below(live["metadata"]["uid"])
    uses = references_of(live)
    if len(uses) > USES_MOST:
        search.not_looked.add(MORE)
    along = going_along(question, place, live) if of_every_kind else GoingAlong()
    not_looked = sorted({*search.not_looked, *along.not_looked})
    return Relations(_owners(question, live), dependants, uses[:USES_MOST], along.rows, not_looked)


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
            if kind.namespaced != bool(owner.namespace) or (not kind.namespaced and question.namespaces is not None):
                break  # what has no namespace has no owner in one; and of the whole cluster the owner's team sees alone
            path = kind.resource.path(owner.namespace or None, owner.name)
            headers = {"Accept": METADATA_ONE}
            metadata = mapping(
                question.client.request("GET", path, headers=headers, allowance=question.allowance)[1].get("metadata")
            )
        except ApiNotFound:
            owner.missing = True
            break
        except Unauthorized:
            raise
        except ApiAnswer:
            break  # it may not be read, its kind is gone, or what serves it does not answer
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
            except Unauthorized:
                raise
            except ApiAnswer:  # it may not be listed, or what serves it does not answer in time
                self.not_looked.add(kind.kind)

    def below(self, uid: str, level: int = 1) -> list[Related]:
        owned = self._by_owner.pop(uid, [])
        found = owned[: self._left] if level <= LEVELS_MOST else []
        if len(found) < len(owned):
            self.not_looked.add(MORE)
        self._left -= len(found)
        for one in found:
            one.children = self.below(one.uid, level + 1)
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
            try:
                answer = self._question.client.request(
                    "GET", path, query=query, headers={"Accept": METADATA_LIST}, allowance=self._question.allowance
                )[1]
            except AnswerTooLarge:
                if query["limit"] == "1":
                    raise
                query["limit"] = str(max(1, int(query["limit"]) // 8))
                continue
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
        for owner in {text(row.get("uid")) for row in mappings(metadata.get("ownerReferences"))}:
            found = Related(
                kind.group,
                kind.kind,
                text(metadata.get("namespace")),
                text(metadata.get("name")),
                text(metadata.get("uid")),
                bool(metadata.get("deletionTimestamp")),
            )
            self._by_owner[owner].append(found)
