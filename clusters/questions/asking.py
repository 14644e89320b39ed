"""One question of a person to a cluster: who asks in whose name, what they may see, and how long all of it may take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bson import ObjectId

from clusters import store
from clusters.checks import evenly
from clusters.connections import asking, client_for
from clusters.domain.depth import LEVELS_MOST, cut_off
from clusters.domain.kind_names import BadKindName, KindName, kind_name
from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping, text
from clusters.domain.sharing import Acting
from clusters.kube.allowance import Allowance
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiNotFound, NotKubernetes, UnknownKind
from clusters.kube.kinds import ServedKind
from clusters.questions.kinds import kind_of, kinds_of
from clusters.scope import Access, accesses, acting_of_team, namespaces_of, require_way, seen_by_ways, way_to
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import VERBS, Role
from kubeorch.base.errors import InvalidInput, NotFound
from kubeorch.base.names import is_dns_label

NO_NAMESPACE = "-"
"""Stands in an address in the place of the namespace of what has none."""


class KindNotServed(NotFound):
    """The kind that an address names is none of this cluster; what the cluster says is the detail."""

    code = "cluster.kind_not_served"

    def __init__(self, error: UnknownKind, meant: ServedKind | None) -> None:
        if meant is None:
            super().__init__(error.detail)
            return
        called = str(KindName(meant.group, meant.kind))
        super().__init__(f"{meant.plural} are called {called} in addresses; write that", extra={"kind": called})


class NoNamespace(NotFound):
    """A namespaced object was named without its namespace, or the other way round."""

    code = "cluster.namespace"

    def __init__(self, kind: ServedKind) -> None:
        cure = "name its namespace" if kind.namespaced else f"write {NO_NAMESPACE} in the place of the namespace"
        super().__init__(f"{kind.kind} objects are {'' if kind.namespaced else 'not '}in namespaces; {cure}")


class BadObjectName(NotFound):
    """No kind, no namespace or no object can have such a name."""

    code = "object.name"

    def __init__(self) -> None:
        super().__init__(
            "this names no object: a kind is named as Kind.group, such as Deployment.apps, and names have no / and no %"
        )


_NAME = re.compile(r"[^/%\x00-\x1f\x7f]{1,253}")
"""Source: Kubernetes docs, "Object Names and IDs", section "Path Segment Names"."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks a cluster; every request of it shares one allowance."""

    cluster: store.Cluster
    access: Access
    """In whose name: the team, and the role in it."""
    client: KubeClient
    allowance: Allowance
    namespaces: frozenset[str] | None
    """What the person may see of the cluster; None is all of it."""
    ways: Sequence[Access] = ()
    """All ways in which the person has to do with the cluster."""

    def client_in(self, namespace: str) -> KubeClient:
        """The client for what is in that namespace: the API server is to see the share that shows it. "" stands for
        what belongs to the whole cluster, and for questions over several namespaces."""
        return client_for(self.cluster["_id"], self.acting_in(namespace))

    def acting_in(self, namespace: str) -> Acting | None:
        """In whose name `client_in` asks."""
        way = way_to(self.ways, "cluster.read", namespace) if namespace else None
        return way.acting if way else None

    def may(self, verb: str) -> bool:
        """Whether the role in whose name the question is asked covers this."""
        return self.access.role.covers(VERBS[verb])

    def kind(self, name: KindName) -> ServedKind:
        """Raises UnknownKind."""
        return kind_of(self.client, self.cluster["_id"], name, self.allowance)

    def meant_by(self, name: KindName) -> ServedKind | None:
        """The kind whose name somebody wrote as kubectl takes it: in the plural, in small letters, or short."""
        word = name.kind.lower()
        for kind in kinds_of(self.client, self.cluster["_id"], self.allowance):
            names = (kind.plural, kind.kind.lower(), *kind.short_names)
            if word in names and name.group in ("", kind.group):
                return kind
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """One object, by the words of an address."""

    kind: KindName
    namespace: str
    """"" for what has none."""
    name: str

    def served(self, question: Question) -> ServedKind:
        """Its kind. Raises KindNotServed, NoNamespace."""
        try:
            kind = question.kind(self.kind)
        except UnknownKind as error:
            raise KindNotServed(error, question.meant_by(self.kind)) from error
        if kind.namespaced != bool(self.namespace):
            raise NoNamespace(kind)
        return kind

    def title(self) -> str:
        return f"{self.kind.kind} {self.name}"


@contextmanager
def ask(
    principal: Principal,
    cluster_id: object,
    verb: str,
    namespace: str | None = None,
    *,
    prefers: str = "",
    looks_through: bool = False,
) -> Iterator[Question]:
    """A question by somebody who may do `verb` there: in that namespace, with "" on the whole cluster, and without one
    anywhere (see `clusters.scope.require_on`, whose errors it raises). Of several ways in which they may, one by which
    they may do what `prefers` names comes first. `looks_through` as in `connections.asking`.

    Raises NoSuchCluster, NotConnected, ClusterBusy. The requests end after Limits.question_s in all.
    """
    cluster = store.find(cluster_id, principal)
    ways = accesses(principal, cluster)
    preferred = way_to(ways, prefers, namespace) if prefers else None
    access, seen = preferred or require_way(ways, verb, namespace), seen_by_ways(ways)
    client = client_for(cluster["_id"], access.acting if namespace else None)
    with asking(cluster["_id"], access.team_id, looks_through=looks_through), evenly(client):
        yield Question(cluster, access, client, client.allowance(client.limits.question_s), seen, ways)


@contextmanager
def ask_for_team(principal: Principal, cluster_id: object, team_id: ObjectId) -> Iterator[Question]:
    """A question about what a team has on the cluster, in its name; the caller has asked whether the person may.

    Raises as `ask`.
    """
    cluster = store.find(cluster_id)
    way = Access(team_id, principal.role_in(team_id) or Role.VIEWER, None, acting_of_team(cluster, team_id))
    client = client_for(cluster["_id"], way.acting)
    with asking(cluster["_id"], team_id, looks_through=True), evenly(client):
        allowance = client.allowance(client.limits.question_s)
        yield Question(cluster, way, client, allowance, namespaces_of(principal, cluster), [way])


def seen_by(place: Place) -> str:
    """The namespace in which one has to see something to see this: its own, and of a Namespace itself."""
    return place.name if (place.kind.group, place.kind.kind) == ("", "Namespace") else place.namespace


def place_of(kind: str, namespace: str, name: str) -> Place:
    """By the words of an address. Raises BadObjectName."""
    inside = "" if namespace == NO_NAMESPACE else namespace
    if (inside and not is_dns_label(inside)) or not _NAME.fullmatch(name) or name in (".", ".."):
        raise BadObjectName
    try:
        return Place(kind_name(kind), inside, name)
    except BadKindName as error:
        raise BadObjectName from error


class TooDeep(InvalidInput):
    """The object cannot be edited as a whole, since a part of it cannot be shown."""

    code = "object.too_deep"

    def __init__(self, place: Place) -> None:
        super().__init__(
            f"{place.title()} is nested deeper than {LEVELS_MOST} levels, so it cannot be edited here; use kubectl edit"
        )


def read_object(question: Question, place: Place, *, whole: bool = False) -> tuple[ServedKind, Manifest]:
    """The object as the cluster has it, without what is nested too deep to be shown.

    Raises ApiNotFound, TooDeep where that would leave something out of a `whole` one, and what the request raises.
    """
    kind = place.served(question)
    path = kind.resource.path(place.namespace or None, place.name)
    try:
        live = question.client.request("GET", path, allowance=question.allowance, name=place.title())[1]
    except ApiNotFound as error:
        raise ApiNotFound(f"there is no {place.title()}" + _inside(place), status=404) from error
    metadata = mapping(live.get("metadata"))
    if not text(metadata.get("uid")) or metadata.get("name") != place.name:
        raise NotKubernetes
    if cut_off(live) and whole:
        raise TooDeep(place)
    return kind, live


def _inside(place: Place) -> str:
    return f" in the namespace {place.namespace}" if place.namespace else ""
