"""The states of a workflow: active → archived, back again, and gone; and the end of an environment.

Archiving makes the workflow read-only and hides it from lists.
Nothing here touches a cluster; with `objects="destroy"` destroy runs do it.
"""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.labels import ENVIRONMENT_LABEL
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store
from workflows.domain.run_options import RunOptions
from workflows.environments import questions as environment_questions
from workflows.environments import store as environment_store
from workflows.environments.inventory_store import owned_objects
from workflows.environments.owned import kept_on_destroy
from workflows.environments.refusals import Objects, OwnsObjects, check_idle
from workflows.environments.store import Environment
from workflows.graphs.actions import announce
from workflows.removal import drop_environment, remove_workflow
from workflows.representations import owned_json
from workflows.runs import store as run_store
from workflows.runs.actions import start_destroy
from workflows.runs.permission import ClusterWithdrawn, require_cluster, require_unprotected
from workflows.runs.run import Run
from workflows.store import Workflow


class OutOfReach(Conflict):
    """The objects are on a cluster that the team may not use any more, so no run can delete them."""

    code = "environment.out_of_reach"

    def __init__(self, environment: Environment, *, is_gone: bool) -> None:
        why = "was disconnected from KubeOrch" if is_gone else "is no longer shared with your team"
        cure = "" if is_gone else "ask the owner of the cluster to share it again, or "
        super().__init__(
            f"the cluster of “{environment['name']}” {why}, so its objects cannot be deleted from here; {cure}choose "
            "objects=keep: they stay, and whoever runs the cluster can delete them by their label "
            f"{ENVIRONMENT_LABEL}={environment['_id']}",
            field="objects",
        )


class NotArchived(Conflict):
    code = "workflow.not_archived"

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” is not archived")


class BeingDeleted(Conflict):
    code = "workflow.being_deleted"

    def __init__(self, name: str, run: Run) -> None:
        whole = RunOptions.of(run).remove == "workflow"
        what = f"“{name}” is" if whole else f"the objects of “{name}” in “{run['environment_name']}” are"
        super().__init__(
            f"{what} being deleted by run {run['number']}; cancel that run first, or wait until it has ended"
        )


def unarchive(principal: Principal, workflow_id: ObjectId) -> Workflow:
    """Make an archived workflow active again.

    Raises WorkflowNotFound, Forbidden, NotArchived, or BeingDeleted while a run is deleting it or its objects.
    """

    def work(session: ClientSession) -> Workflow:
        workflow = store.find(workflow_id, team_filter(principal), session=session)
        require(principal, "workflow.edit", workflow["team_id"])
        if workflow["state"] != "archived":
            raise NotArchived(workflow["name"])
        for environment in environment_questions.of_workflows([workflow_id], session=session):
            for run in run_store.waiting_in(environment["_id"], session):
                if run["kind"] == "destroy":
                    raise BeingDeleted(workflow["name"], run)
        return _to_state(workflow, "active", principal, session)

    return run_in_transaction(work)


def archive(
    principal: Principal, workflow_id: ObjectId, *, objects: Objects, delete_volumes: bool
) -> tuple[Workflow, list[Run]]:
    """Archive a workflow; it comes back with the destroy runs that were queued, one for each environment.

    Archiving again with `objects="destroy"` queues them then. Objects that are kept stay in the inventory, so a
    workflow that is unarchived goes on with them. One transaction: with the state the runs are queued, or nothing is.
    Raises OwnsObjects when somebody has to choose `objects`, EnvironmentBusy, WorkflowNotFound or Forbidden.
    """
    options = RunOptions(delete_volumes=delete_volumes)

    def work(session: ClientSession) -> tuple[Workflow, list[Run]]:
        workflow = store.find(workflow_id, team_filter(principal), session=session)
        require(principal, "workflow.edit", workflow["team_id"])
        again = workflow["state"] == "archived" and objects is None
        owning = [] if again else _owning(workflow, objects, session)
        if workflow["state"] != "archived":
            _to_state(workflow, "archived", principal, session)
        runs = [start_destroy(principal, workflow, environment, options, session) for environment in owning]
        return store.find(workflow_id, {}, session=session), runs

    return run_in_transaction(work)


def delete_workflow(
    principal: Principal, workflow_id: ObjectId, *, objects: Objects, delete_volumes: bool
) -> list[Run]:
    """Delete a workflow; the destroy runs that come first, or [] when it is gone at once.

    While destroy runs are in progress the workflow is archived; the last of them removes it. One transaction, as
    `archive`. Raises OwnsObjects when somebody has to choose `objects`, EnvironmentBusy, EnvironmentProtected,
    WorkflowNotFound or Forbidden.
    """
    options = RunOptions(delete_volumes=delete_volumes, remove="workflow")

    def work(session: ClientSession) -> list[Run]:
        workflow = store.find(workflow_id, team_filter(principal), session=session)
        require(principal, "workflow.delete", workflow["team_id"])
        for environment in environment_questions.of_workflows([workflow_id], session=session):
            require_unprotected(environment)
        owning = _owning(workflow, objects, session)
        if not owning:
            remove_workflow(workflow, session)
        else:
            _to_state(workflow, "archived", principal, session, removing=True)
        return [start_destroy(principal, workflow, environment, options, session) for environment in owning]

    return run_in_transaction(work)


def remove_environment(
    principal: Principal, environment_id: ObjectId, *, objects: Objects, delete_volumes: bool
) -> Run | None:
    """Remove an environment; the destroy run that comes first, or None when it is gone at once.

    Raises OwnsObjects while it owns objects and `objects` is None, EnvironmentBusy, EnvironmentProtected,
    EnvironmentNotFound or Forbidden.
    """
    options = RunOptions(delete_volumes=delete_volumes, remove="environment")

    def work(session: ClientSession) -> Run | None:
        environment = environment_store.find(environment_id, team_filter(principal), session=session)
        require(principal, "environment.edit", environment["team_id"])
        check_idle(environment)
        require_unprotected(environment)
        rows = owned_objects([environment_id], session=session)
        if rows and objects is None:
            raise OwnsObjects("environment", owned_json(rows, [environment], {environment_id: kept_on_destroy(rows)}))
        if not rows or objects == "keep":
            drop_environment(environment, session)
            return None
        workflow = store.find(environment["workflow_id"], {}, session=session)
        _check_reach(environment)
        environment_store.change(environment, {"removing": True}, session)
        return start_destroy(principal, workflow, environment, options, session)

    return run_in_transaction(work)


def _to_state(
    workflow: Workflow, state: str, principal: Principal, session: ClientSession, *, removing: bool = False
) -> Workflow:
    """`removing` says that it is archived to be deleted; every other change of state ends that."""
    by = ObjectId(principal.user_id)
    change: dict[str, Any] = {"state": state, "removing": removing, "updated_at": now(), "updated_by": by}
    after = store.patch(workflow["_id"], change, session=session)
    if after is None:
        raise store.WorkflowNotFound
    announce(after, principal, session)
    return after


def _owning(workflow: Workflow, objects: Objects, session: ClientSession) -> list[Environment]:
    """The environments whose objects are to be destroyed.

    Raises EnvironmentBusy, or OwnsObjects while `objects` is None.
    """
    environments = environment_questions.of_workflows([workflow["_id"]], session=session)
    for environment in environments:
        check_idle(environment)
    rows = owned_objects([environment["_id"] for environment in environments], session=session)
    if rows and objects is None:
        of_each = {one["_id"]: [row for row in rows if row["environment_id"] == one["_id"]] for one in environments}
        kept = {environment_id: kept_on_destroy(owned) for environment_id, owned in of_each.items()}
        raise OwnsObjects("workflow", owned_json(rows, environments, kept))
    if objects != "destroy":
        return []
    owners = {row["environment_id"] for row in rows}
    owning = [environment for environment in environments if environment["_id"] in owners]
    for environment in owning:
        _check_reach(environment)
    return owning


def _check_reach(environment: Environment) -> None:
    """Raise OutOfReach when the team may not use the environment's cluster any more."""
    try:
        require_cluster(environment["team_id"], environment["cluster_id"])
    except ClusterWithdrawn as error:
        raise OutOfReach(environment, is_gone=error.is_gone) from error
