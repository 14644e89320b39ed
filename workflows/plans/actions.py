"""Plans: made, shown, and started as runs."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import iso, now
from kubeorch.base.digests import content_digest
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store
from workflows.domain.planning.effects import Effect
from workflows.domain.run_options import RunOptions
from workflows.environments import secret_store as environment_secrets
from workflows.environments import store as environment_store
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.plans import store as plan_store
from workflows.plans.making import Made, make
from workflows.plans.store import Plan, PlanObject
from workflows.versions import store as version_store
from workflows.versions.actions import freeze_version
from workflows.versions.store import Version


def make_plan(
    principal: Principal,
    workflow_id: ObjectId,
    environment: str | None = None,
    *,
    version: int | None = None,
    delete_volumes: bool = False,
    take_over: bool = False,
) -> tuple[Plan, list[PlanObject]]:
    """Plan a version of the workflow, or without a number its saved graph, in an environment, and store the plan.

    `environment` is an id or a name. Whoever may read the workflow and its environments may plan: the cluster is asked
    with the environment's own credentials, and nothing is changed. Raises WorkflowNotFound, WorkflowArchived,
    VersionNotFound, EnvironmentNotFound, EnvironmentNotChosen, ClusterWithdrawn, ReachesTooFar, InvalidInput for a
    graph that cannot be rendered, and Unavailable.
    """
    head = store.find(workflow_id, team_filter(principal), projection=store.HEAD)
    require(principal, "workflow.read", head["team_id"])
    require(principal, "environment.read", head["team_id"])
    here = environment_store.find_named(workflow_id, environment)
    frozen = _version(principal, workflow_id, version)
    made = make(here, graph_of(frozen), RunOptions(delete_volumes=delete_volumes, take_over=take_over))
    options = RunOptions(delete_volumes=delete_volumes, take_over=take_over, confirm_deletions=len(made.deletions))
    objects = [_stored(one) for one in made.judged]
    plan: Plan = {
        "_id": ObjectId(),
        "team_id": head["team_id"],
        "workflow_id": workflow_id,
        "workflow_name": head["name"],
        "environment_id": here["_id"],
        "environment_name": here["name"],
        "cluster_id": here["cluster_id"],
        "namespace": here["namespace"],
        "version": frozen["number"],
        "content_hash": frozen["content_hash"],
        "variables": variables_digest(here),
        "secrets": secrets_digest(here),
        "options": options.as_document(),
        "hash": "",
        "counts": _counts(made),
        "created_at": now(),
        "created_by": ObjectId(principal.user_id),
        "created_by_name": principal.name or principal.email,
    }
    plan["hash"] = _hash(plan, objects)

    def work(session: ClientSession) -> None:
        plan_store.insert(plan, objects, session)

    run_in_transaction(work)
    return plan, objects


def variables_digest(environment: Environment) -> str:
    return content_digest(orjson.dumps(environment["variables"], option=orjson.OPT_SORT_KEYS))


def secrets_digest(environment: Environment) -> str:
    """Of which nodes have stored values, and when these were given last."""
    moments = environment_secrets.changed_at(environment["_id"])
    return content_digest(orjson.dumps(sorted((node_id, iso(at)) for node_id, at in moments.items())))


def _version(principal: Principal, workflow_id: ObjectId, number: int | None) -> Version:
    """A version with its graph; the one of the saved graph is made where there is none."""
    if number is not None:
        return version_store.find(workflow_id, number)

    def work(session: ClientSession) -> Version:
        workflow = store.lock(workflow_id, team_filter(principal), session)
        return freeze_version(workflow, principal=principal, session=session)

    return run_in_transaction(work)


def _stored(judged: Any) -> PlanObject:
    return {
        "planned": judged.planned.as_json(),
        "outcome": judged.outcome.as_json(),
        "basis": judged.basis.as_json(),
        "predicted": judged.predicted,
    }


def _counts(made: Made) -> dict[str, int]:
    counted = Counter(one.planned.effect.value for one in made.judged)
    return {effect.value: counted[effect.value] for effect in Effect}


def _hash(plan: Plan, objects: list[PlanObject]) -> str:
    content = {
        "place": [str(plan["environment_id"]), str(plan["cluster_id"]), plan["namespace"]],
        "content": plan["content_hash"],
        "variables": plan["variables"],
        "options": plan["options"],
        "objects": [[one["planned"]["ref"], one["planned"]["proof"], one["outcome"]] for one in objects],
    }
    return content_digest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
