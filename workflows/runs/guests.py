"""What a guest on another team's cluster may touch: the namespaces that a share names, and those its own runs made.

To name a namespace in an environment gives no right to it. Which namespace it is, is asked of the cluster, by uid, each
time it is used, since its owner may have deleted it and made another one of its name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial

from bson import ObjectId

from clusters import shares as cluster_shares
from clusters import store as cluster_store
from clusters.connections import asking, client_for_team
from clusters.domain.labels import ENVIRONMENT_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from clusters.domain.objects import Manifest, Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound
from clusters.shares import Standing
from kubeorch.base.errors import Forbidden, KubeOrchError
from workflows.environments import namespace_store
from workflows.environments.store import Environment
from workflows.runs.run import Run

log = logging.getLogger(__name__)
Live = Callable[[], Manifest | None]


class NamespaceOfOwner(Forbidden):
    """The namespace is there, and the team's runs have not made it."""

    code = "run.namespace_of_owner"

    def __init__(self, namespace: str) -> None:
        super().__init__(
            f"this cluster belongs to another team, and so does its namespace {namespace}, which your team's runs have "
            f"not made. Ask the cluster's owner to share {namespace} with your team, or give the environment a new "
            "namespace, which its first run makes",
            field="environment",
        )


def check_namespaces(
    place: Run | Environment, refs: Iterable[Ref], client: KubeClient, standing: Standing | None = None
) -> None:
    """Raise NamespaceOfOwner where any of these objects is in a namespace that is not the team's to use."""
    if not (_is_guest(place) if standing is None else standing.owner not in (place["team_id"], None)):
        return
    for namespace in sorted({ref.namespace for ref in refs} - {""}):
        check_namespace(place, namespace, partial(client.get, Ref("v1", "Namespace", "", namespace)))


def check_namespace(place: Run | Environment, namespace: str, live: Live) -> None:
    """Raise NamespaceOfOwner unless the team may use it: all on its own cluster; on another's what a share names, what
    is not there yet, and what a run of the team has made. `live` asks for it, where that has to be known."""
    cluster_id, team_id = place["cluster_id"], place["team_id"]
    if not _is_guest(place) or namespace in cluster_shares.named_namespaces(cluster_id, team_id):
        return
    try:
        found = live()
    except ApiForbidden:
        raise NamespaceOfOwner(namespace) from None  # what cannot be told apart is the owner's
    if found is None:
        return
    uid, labels = str(found["metadata"]["uid"]), found["metadata"].get("labels") or {}
    made = namespace_store.made_by(cluster_id, [team_id]).get(namespace)
    if made == uid:
        return
    if made is not None:
        namespace_store.forget_made(cluster_id, namespace, made)
    environment_id = str(place.get("environment_id") or place["_id"])
    if (labels.get(MANAGED_BY_LABEL), labels.get(ENVIRONMENT_LABEL)) != (MANAGED_BY, environment_id):
        raise NamespaceOfOwner(namespace)
    # Made by a run that was killed before it could note it: who may label namespaces owns the cluster.
    if not namespace_store.note_made(cluster_id, namespace, team_id, uid):
        raise NamespaceOfOwner(namespace)


def check_before_start(environment: Environment) -> None:
    """Raise NamespaceOfOwner for a run that would be refused, as far as the cluster says so now: its worker asks again.

    Only a guest whose runs have made nothing yet makes the cluster be asked.
    """
    cluster_id, team_id, namespace = environment["cluster_id"], environment["team_id"], environment["namespace"]
    if not _is_guest(environment) or namespace in namespace_store.made_by(cluster_id, [team_id]):
        return
    if cluster_shares.shared_namespaces(cluster_id, team_id) is not None:
        return  # kept to these, of which no cluster has to be asked
    try:
        with asking(cluster_id, team_id):
            check_namespace(environment, namespace, partial(_asked, client_for_team(cluster_id, team_id), namespace))
    except NamespaceOfOwner:
        raise
    except KubeOrchError as error:
        log.info("environment %s: its worker asks for the namespace: %s", environment["_id"], error)


def must_have_made(run: Run) -> bool:
    """Whether a namespace that somebody else makes at the same time is not the team's to use."""
    named: frozenset[str] = cluster_shares.named_namespaces(run["cluster_id"], run["team_id"])
    return _is_guest(run) and run["namespace"] not in named


def _asked(client: KubeClient, namespace: str) -> Manifest | None:
    path = client.path_of(Ref("v1", "Namespace", "", namespace))
    try:
        return client.request("GET", path, timeout_s=client.limits.question_s)[1]
    except ApiNotFound:
        return None


def _is_guest(place: Run | Environment) -> bool:
    owner: ObjectId | None = cluster_store.owner_of(place["cluster_id"])
    return owner not in (place["team_id"], None)
