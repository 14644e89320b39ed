"""Environments: where a workflow runs. Added and changed without ever losing track of what they own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters import store as cluster_store
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store
from workflows.domain.graphs.variables import parse_variables
from workflows.environments import questions as environment_questions
from workflows.environments import store as environment_store
from workflows.environments.acting import is_narrowed
from workflows.environments.inventory_store import owns_objects
from workflows.environments.placement import cluster_for
from workflows.environments.refusals import check_idle
from workflows.environments.store import Environment
from workflows.limits import ENVIRONMENTS, check_room
from workflows.names import ENVIRONMENT_NAME_MAX, clean_name, clean_namespace
from workflows.store import Workflow

ENVIRONMENTS_MAX = 50
SWITCHES = ("auto_rollback", "self_heal")
GUARDS = ("protected", "deletion_budget")
"""What operators and administrators alone change."""


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
        super().__init__(f"a workflow may have {ENVIRONMENTS_MAX} environments at most; remove one that is not needed")


class KeepsItsName(Conflict):
    """Only the team of a cluster gives roles there."""

    code = "environment.keeps_its_name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}” acts in a name of its own, to which your team can give no roles in a cluster of another team. "
            "Use the cluster's credentials again before you move it there, or keep it in a cluster of your team",
            field="cluster",
        )


def new_environment(
    principal: Principal, workflow: Workflow, given: Mapping[str, Any], session: ClientSession
) -> Environment:
    """Insert an environment of a workflow inside a transaction. `given` has name, cluster, namespace, variables?.

    The caller has checked that `principal` may edit the workflow. Raises InvalidInput, Conflict,
    NotFound or Forbidden as the place requires.
    """
    name = clean_name(given["name"], most=ENVIRONMENT_NAME_MAX)
    namespace = clean_namespace(given["namespace"])
    variables = parse_variables(given.get("variables") or {})
    cluster_id = cluster_for(principal, workflow["team_id"], given["cluster"], session)
    if len(environment_questions.of_workflows([workflow["_id"]], session=session)) >= ENVIRONMENTS_MAX:
        raise TooManyEnvironments
    check_room(ENVIRONMENTS, environment_questions.count_in(workflow["team_id"], session))
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


def add_environment(principal: Principal, workflow_id: ObjectId, given: Mapping[str, Any]) -> Environment:
    """Give a workflow one more environment. Raises as `new_environment`, WorkflowNotFound or WorkflowArchived."""

    def work(session: ClientSession) -> Environment:
        workflow = store.find(workflow_id, team_filter(principal), session=session)
        require(principal, "environment.edit", workflow["team_id"])
        store.require_editable(workflow)
        return new_environment(principal, workflow, given, session)

    return run_in_transaction(work)


def change_environment(principal: Principal, environment_id: ObjectId, given: Mapping[str, Any]) -> Environment:
    """Change name, variables, SWITCHES, GUARDS, cluster or namespace; the last two only while nothing stands there.

    One with roles of its own keeps acting in its own name there. Raises EnvironmentNotFound, Forbidden, InvalidInput,
    EnvironmentRooted, EnvironmentBusy, KeepsItsName or Conflict.
    """

    def work(session: ClientSession) -> Environment:
        before = environment_store.find(environment_id, team_filter(principal), session=session)
        require(principal, "environment.edit", before["team_id"])
        workflow = store.find(before["workflow_id"], {}, session=session)
        store.require_editable(workflow)
        change: dict[str, Any] = {}
        if "name" in given:
            change["name"] = clean_name(given["name"], most=ENVIRONMENT_NAME_MAX)
        if "variables" in given:
            change["variables"] = parse_variables(given["variables"])
        if "namespace" in given:
            change["namespace"] = clean_namespace(given["namespace"])
        if "cluster" in given:
            change["cluster_id"] = cluster_for(principal, before["team_id"], given["cluster"], session)
            _check_roles(before, change["cluster_id"])
        change |= {name: given[name] for name in SWITCHES if name in given}
        for guard in GUARDS:
            if guard in given:
                require(principal, "environment.protect", before["team_id"])
                change[guard] = given[guard]
        moved = any(change.get(key, before[key]) != before[key] for key in ("cluster_id", "namespace"))
        if moved:
            check_idle(before)
            if owns_objects(environment_id, session=session):
                raise EnvironmentRooted(before["name"])
            change |= {"deployed": None, "partly": None}  # it owns nothing, so nothing is deployed anywhere
        if not change:
            return before
        if before.get("removing"):
            change["removing"] = False  # somebody goes on with it
        after = environment_store.change(before, change, session)
        if (after["name"], after["deployed"]) != (before["name"], before["deployed"]):
            store.note_environments(before["workflow_id"], session)
        return after

    return run_in_transaction(work)


def _check_roles(environment: Environment, cluster_id: ObjectId) -> None:
    """Raise KeepsItsName where it would be moved to where it can never get roles."""
    if cluster_id == environment["cluster_id"] or not is_narrowed(environment):
        return
    if cluster_store.owner_of(cluster_id) not in (environment["team_id"], None):
        raise KeepsItsName(environment["name"])
