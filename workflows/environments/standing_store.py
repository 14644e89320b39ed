"""What stands in the cluster of an environment, as its row says: the run in progress, what is deployed, and the
namespace that a run has made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.mongo.client import Document
from workflows import store
from workflows.environments.store import Deployed, Environment, Partly, Undeployed, environments


def is_inhabited(environment: Mapping[str, Any]) -> bool:
    """Whether objects of it are in its cluster that people want to know the health of."""
    return bool(environment.get("deployed") or environment.get("partly"))


def set_active_run(
    environment_id: ObjectId, run_id: ObjectId | None, session: ClientSession, *, unless_taken: bool = False
) -> None:
    """Note which run is in progress or comes next; with `unless_taken`, only where no other is noted."""
    query: Document = {"_id": environment_id}
    if unless_taken:
        query["active_run_id"] = None
    environments().update_one(query, {"$set": {"active_run_id": run_id}}, session=session)


def set_deployed(environment_id: ObjectId, deployed: Deployed, session: ClientSession) -> None:
    """Note what was applied last, as a whole."""
    _set(environment_id, {"deployed": deployed, "partly": None}, session)


def set_undeployed(environment_id: ObjectId, undeployed: Undeployed, session: ClientSession) -> None:
    """Note that everything is deleted."""
    _set(environment_id, {"deployed": None, "partly": None, "undeployed": undeployed}, session)


def set_partly(environment_id: ObjectId, partly: Partly | None, session: ClientSession) -> None:
    """Note what is not as the deployed version says."""
    _set(environment_id, {"partly": partly}, session)


def _set(environment_id: ObjectId, values: Mapping[str, Any], session: ClientSession) -> None:
    """Set fields that lists show, and tell those who follow the workflow where that changes something."""
    before = environments().find_one_and_update({"_id": environment_id}, {"$set": dict(values)}, session=session)
    if before is not None and any(before.get(name) != value for name, value in values.items()):
        store.note_environments(before["workflow_id"], session)


def note_namespace(environment_id: ObjectId, cluster_id: ObjectId, namespace: str) -> None:
    """Note that a run has made the namespace."""
    made = {"cluster_id": cluster_id, "namespace": namespace}
    environments().update_one({"_id": environment_id}, {"$set": {"made_namespace": made}})


def has_made_namespace(environment: Environment) -> bool:
    """Whether a run of the environment made the namespace in which it is now."""
    here = {"cluster_id": environment["cluster_id"], "namespace": environment["namespace"]}
    return environment.get("made_namespace") == here
