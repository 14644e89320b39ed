"""Environments by what is asked of many of them: lists, places on clusters, names, and which are protected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.mongo.client import Document
from kubeorch.mongo.pages import Page, find_page
from workflows.environments.removed_store import was_removed
from workflows.environments.store import Environment, environments


def page(base: Mapping[str, Any], query: Mapping[str, str], *, sorts: Mapping[str, str], default: str) -> Page:
    """One page of the environments; see `find_page`."""
    return find_page(environments(), base, query, sorts=sorts, default=default)


def find_those(environment_ids: Iterable[ObjectId]) -> list[Environment]:
    """Those of them that are there."""
    return list(environments().find({"_id": {"$in": list(environment_ids)}}).sort("_id", 1))


def of_workflows(workflow_ids: Iterable[ObjectId], *, session: ClientSession | None = None) -> list[Environment]:
    """All environments of these workflows, oldest first."""
    query = {"workflow_id": {"$in": list(workflow_ids)}}
    return list(environments().find(query, session=session).sort("_id", 1))


def deployed_in(team_ids: Iterable[ObjectId]) -> list[Environment]:
    """Id and workflow of the teams' environments in which something is deployed. Index: `team`."""
    query = {"team_id": {"$in": list(team_ids)}, "deployed": {"$ne": None}}
    return list(environments().find(query, {"workflow_id": 1}))


def placed(environment_ids: Iterable[ObjectId]) -> dict[ObjectId, Environment]:
    """Cluster, team, workflow and what is deployed of those that exist."""
    fields = {"cluster_id": 1, "team_id": 1, "workflow_id": 1, "deployed": 1, "partly": 1}
    return {row["_id"]: row for row in environments().find({"_id": {"$in": list(environment_ids)}}, fields)}


def names_of(environment_ids: Iterable[ObjectId]) -> dict[ObjectId, str]:
    """Of those that exist."""
    return {
        row["_id"]: row["name"] for row in environments().find({"_id": {"$in": list(environment_ids)}}, {"name": 1})
    }


def on_cluster(environment_id: ObjectId, cluster_id: ObjectId) -> Environment | None:
    """Team and namespace of the environment, if it is on that cluster."""
    fields = {"team_id": 1, "namespace": 1}
    return environments().find_one({"_id": environment_id, "cluster_id": cluster_id}, fields)


def namespaces_on(
    cluster_id: ObjectId, team_id: ObjectId | None = None, *, session: ClientSession | None = None
) -> list[str]:
    """Namespaces of all environments on the cluster, or of a team's. Index: `cluster_namespace`."""
    query: Document = {"cluster_id": cluster_id, **({} if team_id is None else {"team_id": team_id})}
    return [str(name) for name in environments().distinct("namespace", query, session=session)]


def together(team_id: ObjectId, cluster_id: ObjectId, namespace: str) -> list[Environment]:
    """A team's environments in one namespace of a cluster, oldest first. Index: `cluster_namespace`."""
    query = {"cluster_id": cluster_id, "namespace": namespace, "team_id": team_id}
    return list(environments().find(query).sort("_id", 1))


def is_there(environment_id: str) -> bool:
    """Whether what a label names is an environment of this installation, wherever it is: one cluster may be connected
    more than once."""
    if not ObjectId.is_valid(environment_id):
        return False
    return environments().find_one({"_id": ObjectId(environment_id)}, {"_id": 1}) is not None


def may_be_anothers(environment_id: str) -> bool:
    """Whether what has this label may be somebody's: all but what names no environment at all, and what was removed
    here. Another installation may have an environment that is not known here."""
    return ObjectId.is_valid(environment_id) and not was_removed(ObjectId(environment_id))


def teams_on(cluster_id: ObjectId, session: ClientSession | None = None) -> set[ObjectId]:
    """The teams that have environments on the cluster. Index: `cluster_namespace`."""
    return set(environments().distinct("team_id", {"cluster_id": cluster_id}, session=session))


def names_on(cluster_id: ObjectId, team_ids: Iterable[ObjectId], session: ClientSession) -> list[Environment]:
    """Name, workflow and team of environments of these teams on the cluster; 100 at most.

    Index: `cluster_namespace`.
    """
    query: Document = {"cluster_id": cluster_id, "team_id": {"$in": list(team_ids)}}
    fields = {"name": 1, "workflow_id": 1, "team_id": 1}
    return list(environments().find(query, fields, session=session).limit(100))


def of_team(team_id: ObjectId | Mapping[str, ObjectId]) -> list[Environment]:
    """Of a team, or of the teams that match."""
    return list(environments().find({"team_id": team_id}))


def count_in(team_id: ObjectId, session: ClientSession) -> int:
    """How many environments the team has. Index: `team`."""
    return environments().count_documents({"team_id": team_id}, session=session)


def are_protected(environment_ids: Iterable[ObjectId]) -> set[ObjectId]:
    """Those in which only approved plans run."""
    query = {"_id": {"$in": list(environment_ids)}, "protected": True}
    return {row["_id"] for row in environments().find(query, {"_id": 1})}


def protected_in(scope: Mapping[str, Any]) -> list[ObjectId]:
    """The environments in scope in which only approved plans run. Index: `team`."""
    return [row["_id"] for row in environments().find({**scope, "protected": True}, {"_id": 1})]
