"""Clusters and environments: on which cluster an environment may be, and which environments are on a cluster."""

from __future__ import annotations

from collections.abc import Collection

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters import store as cluster_store
from clusters.uses import Use
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require
from kubeorch.base.errors import InvalidInput
from workflows.environments import questions
from workflows.environments.namespace_store import made_by


class NoUsableCluster(InvalidInput):
    """The team has no such cluster, and none of that name is shared with it."""

    code = "environment.cluster"

    def __init__(self) -> None:
        super().__init__("the team has no such cluster; choose one of its clusters or a shared one", field="cluster")


def cluster_for(principal: Principal, team_id: ObjectId, given: str, session: ClientSession) -> ObjectId:
    """The cluster that `given` names (id or name) for this team; the team's own before a shared one. It cannot be
    removed before this transaction has ended.

    Raises NoUsableCluster, or Forbidden when the person may not use clusters.
    """
    require(principal, "cluster.use", team_id)
    cluster_id = cluster_store.find_usable(team_id, given)
    locked = cluster_store.lock(cluster_id, session) if cluster_id is not None else None
    if cluster_id is None or locked is None or not cluster_store.is_usable(locked, team_id):
        raise NoUsableCluster
    return cluster_id


def namespaces_of_teams(cluster_id: ObjectId, team_ids: Collection[ObjectId]) -> tuple[frozenset[str], bool]:
    """The namespaces of these teams' environments on a cluster, and whether other teams have environments there.

    On another team's cluster only those that their runs have made: to name one gives no right to what is in it.
    """
    own = environment_namespaces(cluster_id, team_ids)
    owner = cluster_store.owner_of(cluster_id)
    if owner is not None and owner not in team_ids:
        own &= made_by(cluster_id, team_ids).keys()
    return own, not questions.teams_on(cluster_id) <= set(team_ids)


def environment_namespaces(cluster_id: ObjectId, team_ids: Collection[ObjectId]) -> frozenset[str]:
    """All that the environments of these teams name."""
    return frozenset(name for team_id in team_ids for name in questions.namespaces_on(cluster_id, team_id))


def withdrawn_from(cluster_id: ObjectId) -> set[ObjectId]:
    """The teams that have environments on a cluster and may not use it any more."""
    try:
        cluster = cluster_store.find(cluster_id)
    except cluster_store.NoSuchCluster:
        return set()
    return {team_id for team_id in questions.teams_on(cluster_id) if not cluster_store.is_usable(cluster, team_id)}


def uses_of_cluster(cluster_id: ObjectId, session: ClientSession) -> list[Use]:
    """The environments that hold a cluster, 100 at most; none can be added before this transaction has ended.

    Those of teams that may not use it any more do not: nothing can be done there from here.
    """
    cluster = cluster_store.lock(cluster_id, session)
    if cluster is None:
        return []
    using = [one for one in questions.teams_on(cluster_id, session) if cluster_store.is_usable(cluster, one)]
    return [
        Use(id=str(one["_id"]), name=one["name"], workflow_id=str(one["workflow_id"]), team_id=str(one["team_id"]))
        for one in questions.names_on(cluster_id, using, session)
    ]
