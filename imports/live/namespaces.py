"""A namespace of a cluster as a source: read as the team may, and kept as one file of its objects.

Objects that controllers have made, and kinds by which a cluster only works or reports, are named with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from bson import ObjectId

from clusters import store as cluster_store
from clusters.connections import client_for
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import GroupKind, Manifest, Ref
from clusters.domain.reading import mapping, text
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiInvalid
from clusters.kube.namespace_reading import Contents, TooMuchInNamespace, Unread, Wanted, read_namespace
from imports.domain.manifests.listing import read_listing, written
from imports.domain.manifests.wishes import NOISE, SECRETS_OF_OTHERS, wishes_of
from imports.domain.sources import SourceFile
from imports.fetching import Asked, Fetched, Fetcher, Fetching
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require
from kubeorch.base.errors import Forbidden, InvalidInput
from kubeorch.base.names import shows_all
from workflows.domain.graphs.limits import MAX_NODES
from workflows.environments import inventory_store
from workflows.environments import questions as environment_questions
from workflows.names import clean_namespace
from workflows.runs.permission import require_own_cluster

FILE_MOST_BYTES = 12_000_000
KINDS_NAMED = 100
WANTED = Wanted(
    skipped=NOISE,
    groups_skipped={
        "metrics.k8s.io": "it measures, and holds nothing",
        "custom.metrics.k8s.io": "it measures, and holds nothing",
        "external.metrics.k8s.io": "it measures, and holds nothing",
    },
    children_first=frozenset(
        {
            GroupKind("", "Pod"),
            GroupKind("apps", "ReplicaSet"),
            GroupKind("discovery.k8s.io", "EndpointSlice"),
            GroupKind("batch", "Job"),
        }
    ),
    types_by_name=frozenset(SECRETS_OF_OTHERS),
)


class NamespaceOfOthers(Forbidden):
    """Another team has an environment or objects there."""

    code = "import.namespace_of_others"

    def __init__(self, namespace: str) -> None:
        super().__init__(f"the namespace {namespace} is used by another team of this cluster; choose another one")


class NoSuchNamespace(InvalidInput):
    """The cluster has no namespace of that name."""

    code = "import.no_namespace"

    def __init__(self, namespace: str) -> None:
        super().__init__(f"the cluster has no namespace {namespace}", field="source.namespace")


class SelectorRefused(InvalidInput):
    """The API server does not understand the label selector."""

    code = "import.selector"

    def __init__(self, selector: str, why: str) -> None:
        cure = "write it as app=web,tier!=test"
        super().__init__(f"the cluster refuses the label selector “{selector}”: {why}; {cure}", field="source.selector")


class NothingThere(InvalidInput):
    """Nothing in the namespace can be imported."""

    code = "import.namespace_empty"

    def __init__(self, namespace: str, selector: str, unread: int) -> None:
        which = f" with the labels {selector}" if selector else ""
        cure = f"; {unread} kinds could not be listed" if unread else ""
        super().__init__(f"the namespace {namespace} has no objects{which} that somebody applied{cure}")


def _check(principal: Principal, asked: Mapping[str, Any]) -> Asked:
    cluster = cluster_store.find(asked["cluster"], principal)
    namespace = clean_namespace(asked["namespace"], field="source.namespace")
    selector = (asked.get("selector") or "").strip()
    if not shows_all(selector) and selector:
        raise InvalidInput("a label selector is one line, such as app=web,tier!=test", field="source.selector")
    named = {"id": str(cluster["_id"]), "name": cluster["name"]}
    return Asked(namespace, {"cluster": named, "namespace": namespace, "selector": selector})


def _fetch(fetching: Fetching) -> Fetched:
    facts, team_id = fetching.row["facts"], fetching.row["team_id"]
    cluster_id, namespace, selector = ObjectId(facts["cluster"]["id"]), facts["namespace"], facts["selector"]
    _require(fetching.principal, team_id, cluster_id, namespace)
    fetching.say(f"asking {facts['cluster']['name']}")
    client = client_for(cluster_id)
    _check_there(client, namespace)
    try:
        found = read_namespace(
            client,
            namespace,
            WANTED,
            selector=selector,
            check=fetching.check,
            said=lambda done, total: fetching.say("reading kinds", done=done, total=total),
        )
    except ApiInvalid as error:
        if not selector:
            raise
        raise SelectorRefused(selector, error.detail) from error
    here = {str(one["_id"]) for one in environment_questions.together(team_id, cluster_id, namespace)}
    _leave_to_others(found, lambda label: label not in here and environment_questions.may_be_anothers(label))
    content = written([*found.objects, *found.children])
    if len(content) > FILE_MOST_BYTES:
        raise InvalidInput(
            f"the objects have {len(content):,} bytes, and {FILE_MOST_BYTES:,} are kept at once; give a label selector",
            code="import.too_large",
            field="source.selector",
        )
    file = SourceFile(f"{namespace}.json", content)
    counted = _counted(found, file)
    if not counted["kinds"]:
        raise NothingThere(namespace, selector, len(found.unread))
    return Fetched([file], "namespace", {**facts, **counted})


def _require(principal: Principal, team_id: ObjectId, cluster_id: ObjectId, namespace: str) -> None:
    """Raise Forbidden unless the team may read what is in the namespace, with its Secrets."""
    require(principal, "cluster.use", team_id)
    require(principal, "secret.edit", team_id)
    require_own_cluster(team_id, cluster_id)
    taken, own = (environment_questions.namespaces_on(cluster_id, team) for team in (None, team_id))
    if (namespace in taken and namespace not in own) or inventory_store.teams_in(cluster_id, namespace) - {team_id}:
        raise NamespaceOfOthers(namespace)


def _leave_to_others(found: Contents, is_another: Callable[[str], bool]) -> None:
    """Take out objects with the label of another environment, which is another team's, or goes into another namespace.
    What the label of one is on that was removed may be taken over, as what nobody has."""
    is_foreign_label = cache(is_another)

    def is_foreign(one: Manifest) -> bool:
        label = text(mapping(one["metadata"].get("labels")).get(ENVIRONMENT_LABEL))
        return label != "" and is_foreign_label(label)

    others = [one for one in found.objects if is_foreign(one)]
    found.objects = [one for one in found.objects if not is_foreign(one)]
    why = "it has the label of an environment that your team does not have here"
    found.unread += [Unread(f"{one['kind']} {one['metadata']['name']}", why) for one in others[:KINDS_NAMED]]


def _check_there(client: KubeClient, namespace: str) -> None:
    """Raise NoSuchNamespace; credentials that may not look at namespaces see what is in it, or nothing."""
    try:
        if client.get(Ref("v1", "Namespace", "", namespace), metadata_only=True) is None:
            raise NoSuchNamespace(namespace)
    except ApiForbidden:
        return


def _counted(found: Contents, file: SourceFile) -> dict[str, Any]:
    """What the page shows of it: objects by kind, those that others have made, and what was not read."""
    wishes, left_out = wishes_of(read_listing(file), at_home=True)
    if len(wishes) > MAX_NODES:
        raise TooMuchInNamespace(f"{MAX_NODES:,} objects that somebody applied")
    of_kind = Counter((one.ref.group, one.ref.kind) for one in wishes)
    kinds = [{"group": group, "kind": kind, "count": count} for (group, kind), count in of_kind.most_common()]
    others = Counter(one.written.ref.kind for one in left_out)
    made = [{"kind": kind, "count": max(count, found.counts.get(kind, 0))} for kind, count in sorted(others.items())]
    reasons = {(one.kind, one.why): None for one in found.unread}  # a kind may stand in two groups, as Event
    unread = [{"kind": kind, "why": why} for kind, why in reasons]
    return {"kinds": kinds[:KINDS_NAMED], "made_by_others": made[:KINDS_NAMED], "not_read": unread[:KINDS_NAMED]}


NAMESPACE = Fetcher(_check, _fetch)
