"""Environments: where a workflow runs. Made, changed and removed without ever losing sight of what they own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict
from kubeorch.mongo.client import Document, db
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store
from workflows.environments import store as environment_store
from workflows.environments.clusters import cluster_for
from workflows.names import ENVIRONMENT_NAME_MAX, clean_name, clean_namespace, clean_variables

ENVIRONMENTS_MAX = 50
OPEN_RUNS = ("queued", "planning", "applying", "verifying")
KEEPS_DATA = ("PersistentVolumeClaim", "Namespace")
"""Kinds whose deletion takes data with it; kept unless the person says otherwise."""

Objects = Literal["keep", "destroy"] | None


class OwnsObjects(Conflict):
    """Objects stand in a cluster because of this; the person says what becomes of them."""

    def __init__(self, what: str, owned: Sequence[Document]) -> None:
        noun = "object" if len(owned) == 1 else "objects"
        super().__init__(
            f"this {what} owns {len(owned)} {noun} in its cluster; say objects=keep to leave them there, "
            "or objects=destroy to delete them",
            code=f"{what}.owns_objects",
            extra={"owned": list(owned)},
        )


class EnvironmentBusy(Conflict):
    """A run is at work on the environment."""

    code = "environment.busy"

    def __init__(self, name: str) -> None:
        super().__init__(f"a run is in progress in “{name}”; wait for it to end, or cancel it")


class EnvironmentRooted(Conflict):
    """An environment that owns objects stays in its cluster and namespace."""

    code = "environment.rooted"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}” owns objects in its namespace, which would be left behind; destroy them first, "
            "or make another environment",
            field="namespace",
        )


class TooManyEnvironments(Conflict):
    code = "environment.too_many"

    def __init__(self) -> None:
        super().__init__(f"a workflow may have {ENVIRONMENTS_MAX} environments at most")


def new_environment(
    principal: Principal, workflow: Document, given: Mapping[str, Any], session: ClientSession
) -> Document:
    """Insert an environment of a workflow inside a transaction. `given` has name, cluster, namespace, variables?.

    The caller has checked that `principal` may edit the workflow. Raises InvalidInput, Conflict,
    NotFound or Forbidden as the place requires.
    """
    name = clean_name(given["name"], most=ENVIRONMENT_NAME_MAX)
    namespace = clean_namespace(given["namespace"])
    variables = clean_variables(given.get("variables") or {})
    cluster_id = cluster_for(principal, workflow["team_id"], given["cluster"])
    if len(environment_store.of_workflows([workflow["_id"]], session=session)) >= ENVIRONMENTS_MAX:
        raise TooManyEnvironments
    environment = environment_store.insert(
        {
            "_id": ObjectId(),
            "workflow_id": workflow["_id"],
            "team_id": workflow["team_id"],
            "name": name,
            "cluster_id": cluster_id,
            "namespace": namespace,
            "variables": variables,
            "created_at": now(),
            "active_run_id": None,
            "deployed": None,
        },
        session,
    )
    store.note_environments(workflow["_id"], session)
    return environment


def add_environment(principal: Principal, workflow_id: ObjectId, given: Mapping[str, Any]) -> Document:
    """Give a workflow one more environment. Raises as `new_environment`, WorkflowNotFound or WorkflowArchived."""

    def work(session: ClientSession) -> Document:
        workflow = store.find(workflow_id, team_filter(principal), session=session)
        require(principal, "environment.edit", workflow["team_id"])
        if workflow["state"] == "archived":
            raise store.WorkflowArchived(workflow["name"])
        return new_environment(principal, workflow, given, session)

    return run_in_transaction(work)


def change_environment(principal: Principal, environment_id: ObjectId, given: Mapping[str, Any]) -> Document:
    """Change name, variables, cluster or namespace; the last two only while nothing stands there.

    Raises EnvironmentNotFound, Forbidden, InvalidInput, EnvironmentRooted, EnvironmentBusy or Conflict.
    """

    def work(session: ClientSession) -> Document:
        before = environment_store.find(environment_id, team_filter(principal), session=session)
        require(principal, "environment.edit", before["team_id"])
        workflow = store.find(before["workflow_id"], {}, session=session)
        if workflow["state"] == "archived":
            raise store.WorkflowArchived(workflow["name"])
        change: dict[str, Any] = {}
        if "name" in given:
            change["name"] = clean_name(given["name"], most=ENVIRONMENT_NAME_MAX)
        if "variables" in given:
            change["variables"] = clean_variables(given["variables"])
        if "namespace" in given:
            change["namespace"] = clean_namespace(given["namespace"])
        if "cluster" in given:
            change["cluster_id"] = cluster_for(principal, before["team_id"], given["cluster"])
        moved = any(change.get(key, before[key]) != before[key] for key in ("cluster_id", "namespace"))
        if moved:
            if open_run(environment_id, session) is not None:
                raise EnvironmentBusy(before["name"])
            if environment_store.owns_objects(environment_id, session=session):
                raise EnvironmentRooted(before["name"])
            change["deployed"] = None
        if not change:
            return before
        after = environment_store.change(before, change, session)
        if after["name"] != before["name"]:
            store.note_environments(before["workflow_id"], session)
        return after

    return run_in_transaction(work)


def remove_environment(
    principal: Principal, environment_id: ObjectId, *, objects: Objects, delete_volumes: bool
) -> Document | None:
    """Remove an environment; the destroy run that comes first, or None when it is gone at once.

    Raises OwnsObjects while it owns objects and `objects` does not say what becomes of them;
    EnvironmentBusy while a run is in progress.
    """

    def work(session: ClientSession) -> Document | None:
        environment = environment_store.find(environment_id, team_filter(principal), session=session)
        require(principal, "environment.edit", environment["team_id"])
        if open_run(environment_id, session) is not None:
            raise EnvironmentBusy(environment["name"])
        rows = environment_store.owned_objects([environment_id], session=session)
        if rows and objects is None:
            raise OwnsObjects("environment", owned_json(rows, [environment]))
        if not rows or objects == "keep":
            drop_environment(environment, session)
            return None
        return environment

    environment = run_in_transaction(work)
    if environment is None:
        return None
    from workflows.lifecycle import destroy_run  # which itself needs this module

    return destroy_run(principal, environment, delete_volumes=delete_volumes, remove="environment")


def drop_environment(environment: Document, session: ClientSession) -> None:
    """Take the environment out of the database and out of its workflow's list; nothing in a cluster."""
    environment_store.remove(environment, session)
    store.note_environments(environment["workflow_id"], session)


def open_run(environment_id: ObjectId, session: ClientSession | None = None) -> Document | None:
    """A run of the environment that has not ended. Index: `runs.environment_number`."""
    return db().runs.find_one(
        {"environment_id": environment_id, "state": {"$in": list(OPEN_RUNS)}},
        {"number": 1, "state": 1, "kind": 1},
        session=session,
    )


def owned_json(rows: Sequence[Document], environments: Sequence[Document]) -> list[dict[str, Any]]:
    """Inventory rows as the API shows them: where, what, and whether deleting it loses data."""
    names = {environment["_id"]: environment["name"] for environment in environments}
    return [
        {
            "environment": {"id": str(row["environment_id"]), "name": names.get(row["environment_id"], "")},
            "node_id": row.get("node_id"),
            "ref": dict(row["ref"]),
            "keeps_data": keeps_data(row),
        }
        for row in rows
    ]


def keeps_data(row: Document) -> bool:
    """Whether deleting the object loses data. A run notes it in the row; older rows are judged by kind."""
    noted = row.get("holds_data")
    return row["ref"]["kind"] in KEEPS_DATA if noted is None else bool(noted)
