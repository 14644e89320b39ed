"""The states of a workflow: draft → published → archived, back to draft, and gone.

Publishing is a mark (a run makes it by itself). Archiving makes read-only and hides from lists.
Neither archiving nor deleting touches a cluster unless told `objects="destroy"`; then destroy runs do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict
from kubeorch.mongo.client import Document
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows import store
from workflows.environments import store as environment_store
from workflows.environments.actions import (
    EnvironmentBusy,
    Objects,
    OwnsObjects,
    drop_environment,
    keeps_data,
    open_run,
    owned_json,
)
from workflows.graphs.actions import announce


class NotArchived(Conflict):
    code = "workflow.not_archived"

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” is not archived")


def set_published(principal: Principal, workflow_id: ObjectId, published: bool) -> Document:
    """Mark a workflow as published, or as a draft again. Raises WorkflowNotFound, Forbidden or WorkflowArchived."""

    def work(session: ClientSession) -> Document:
        workflow = _editable(principal, workflow_id, session)
        state = "published" if published else "draft"
        return workflow if workflow["state"] == state else _to_state(workflow, state, principal, session)

    return run_in_transaction(work)


def unarchive(principal: Principal, workflow_id: ObjectId) -> Document:
    """Make an archived workflow a draft again. Raises WorkflowNotFound, Forbidden or NotArchived."""

    def work(session: ClientSession) -> Document:
        workflow = store.find(workflow_id, team_filter(principal), session=session)
        require(principal, "workflow.edit", workflow["team_id"])
        if workflow["state"] != "archived":
            raise NotArchived(workflow["name"])
        return _to_state(workflow, "draft", principal, session)

    return run_in_transaction(work)


def archive(
    principal: Principal, workflow_id: ObjectId, *, objects: Objects, delete_volumes: bool
) -> tuple[Document, list[Document]]:
    """Archive a workflow; it comes back with the destroy runs that were queued, one for each environment.

    Archiving again with `objects="destroy"` queues them then. Kept objects stay in the inventory, so
    an unarchived workflow goes on with them.
    Raises OwnsObjects when `objects` must be said, EnvironmentBusy, WorkflowNotFound or Forbidden.
    """

    def work(session: ClientSession) -> list[Document]:
        workflow = store.find(workflow_id, team_filter(principal), session=session)
        require(principal, "workflow.edit", workflow["team_id"])
        again = workflow["state"] == "archived" and objects is None
        owning = [] if again else _owning(workflow, objects, session)
        if workflow["state"] != "archived":
            _to_state(workflow, "archived", principal, session)
        return owning

    owning = run_in_transaction(work)
    runs = [destroy_run(principal, owner, delete_volumes=delete_volumes) for owner in owning]
    return store.find(workflow_id, {}), runs


def delete_workflow(
    principal: Principal, workflow_id: ObjectId, *, objects: Objects, delete_volumes: bool
) -> list[Document]:
    """Delete a workflow; the destroy runs that come first, or [] when it is gone at once.

    While destroy runs are at work the workflow stands archived; the last of them removes it.
    Raises OwnsObjects when `objects` must be said, EnvironmentBusy, WorkflowNotFound or Forbidden.
    """

    def work(session: ClientSession) -> list[Document]:
        workflow = store.find(workflow_id, team_filter(principal), session=session)
        require(principal, "workflow.delete", workflow["team_id"])
        owning = _owning(workflow, objects, session)
        if not owning:
            _remove(workflow, session)
        elif workflow["state"] != "archived":
            _to_state(workflow, "archived", principal, session)
        return owning

    owning = run_in_transaction(work)
    return [destroy_run(principal, owner, delete_volumes=delete_volumes, remove="workflow") for owner in owning]


def destroy_run(
    principal: Principal,
    environment: Document,
    *,
    delete_volumes: bool,
    remove: Literal["workflow", "environment"] | None = None,
) -> Document:
    """Queue the run that deletes what the environment owns, then what `remove` names."""
    from workflows.runs.actions import start_run  # which freezes versions and so imports this side

    return start_run(
        principal,
        environment["workflow_id"],
        environment["_id"],
        kind="destroy",
        delete_volumes=delete_volumes,
        remove_workflow=remove == "workflow",
        remove_environment=remove == "environment",
    )


def after_destroy(run: Document, session: ClientSession) -> bool:
    """What a destroy run that succeeded does last, in the transaction that ends it: remove what was asked for.

    `options.remove_environment` removes the run's environment; `options.remove_workflow` the whole
    workflow, once no other environment of it has a run that is open or objects that are still to go
    (its own destroy run failed, and can be tried again).
    Volumes kept by choice stay in the cluster, owned by nobody. True when something was removed.
    """
    options = run.get("options") or {}
    if options.get("remove_environment"):
        drop_environment(environment_store.find(run["environment_id"], {}, session=session), session)
        return True
    if not options.get("remove_workflow"):
        return False
    workflow = store.find(run["workflow_id"], {}, session=session)
    others = [
        environment
        for environment in environment_store.of_workflows([workflow["_id"]], session=session)
        if environment["_id"] != run["environment_id"]
    ]
    if any(open_run(environment["_id"], session) is not None for environment in others):
        return False
    left = environment_store.owned_objects([environment["_id"] for environment in others], session=session)
    if not all(keeps_data(row) for row in left):
        return False
    _remove(workflow, session)
    return True


def _editable(principal: Principal, workflow_id: ObjectId, session: ClientSession) -> Document:
    workflow = store.find(workflow_id, team_filter(principal), session=session)
    require(principal, "workflow.edit", workflow["team_id"])
    if workflow["state"] == "archived":
        raise store.WorkflowArchived(workflow["name"])
    return workflow


def _to_state(workflow: Document, state: str, by: Principal, session: ClientSession) -> Document:
    change: dict[str, Any] = {"state": state, "updated_at": now(), "updated_by": ObjectId(by.user_id)}
    after = store.patch(workflow["_id"], change, session=session)
    if after is None:
        raise store.WorkflowNotFound
    announce(after, by, session)
    return after


def _owning(workflow: Document, objects: Objects, session: ClientSession) -> list[Document]:
    """The environments whose objects are to be destroyed. Raises while a run is open, or nothing is said."""
    environments = environment_store.of_workflows([workflow["_id"]], session=session)
    for environment in environments:
        if open_run(environment["_id"], session) is not None:
            raise EnvironmentBusy(environment["name"])
    rows = environment_store.owned_objects([environment["_id"] for environment in environments], session=session)
    if rows and objects is None:
        raise OwnsObjects("workflow", owned_json(rows, environments))
    if objects != "destroy":
        return []
    owners = {row["environment_id"] for row in rows}
    return [environment for environment in environments if environment["_id"] in owners]


def _remove(workflow: Document, session: ClientSession) -> None:
    """Remove the workflow from the database and tell those who have it open."""
    environments: Sequence[Document] = environment_store.of_workflows([workflow["_id"]], session=session)
    for environment in environments:
        environment_store.remove(environment, session)
    store.remove(workflow["_id"], session)
    events.publish(f"workflow:{workflow['_id']}", "workflow", None, rev=workflow["event_rev"] + 1, session=session)
