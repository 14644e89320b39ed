"""Plans: made, shown, and started as runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.objects import ref_from_json
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.digests import content_digest
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store
from workflows.domain.planning.effects import Effect
from workflows.domain.rendering.plan import Action
from workflows.domain.run_options import RunOptions
from workflows.environments import store as environment_store
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.plans import store as plan_store
from workflows.plans.judging import Moved, moved
from workflows.plans.making import Made, make
from workflows.plans.store import Plan, PlanObject, approval_of, options_of
from workflows.plans.trying import Judged
from workflows.runs import store as run_store
from workflows.runs.actions import start_run
from workflows.runs.run import Run
from workflows.runs.sealed import Sealed
from workflows.versions import store as version_store
from workflows.versions.actions import freeze_version, known_version
from workflows.versions.store import Version

MOVED_NAMED = 100
"""What has moved that a refusal lists."""


class PlanMoved(Conflict):
    """A run of the plan would do something else than what the plan says."""

    code = "plan.moved"

    def __init__(self, found: Sequence[Moved]) -> None:
        first = found[0]
        name = f"{first.ref.kind} {first.ref.name}: " if first.ref else ""
        by = f" by {first.manager}" if first.manager else ""
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(
            f"the plan is no longer true: {name}{first.what}{by}{more}. Nothing was changed; make a new plan",
            extra={"moved": [one.as_json() for one in found[:MOVED_NAMED]]},
        )


class PlanOptionsDiffer(InvalidInput):
    """A run of a plan has the plan's options."""

    code = "plan.options"

    def __init__(self, name: str) -> None:
        super().__init__(f"this plan was made without {name}; make one with it, or leave it out", field=name)


class PlanAboveBudget(Conflict):
    """A plan that deletes more than the environment's budget runs only with its number."""

    code = "plan.above_budget"

    def __init__(self, deletions: Mapping[str, Any]) -> None:
        count = deletions["count"]
        super().__init__(
            f"this plan deletes {count} objects, more than the {deletions['budget']} that may go unasked here; "
            f"look at them, and send confirm_deletions: {count} to go on",
            field="confirm_deletions",
            extra=dict(deletions),
        )


class PlanElsewhere(Conflict):
    """A plan belongs to one workflow and one environment."""

    code = "plan.elsewhere"

    def __init__(self) -> None:
        super().__init__("this plan is for another workflow or environment; make one for this", field="plan")


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
        "variables": _variables_digest(here),
        "secrets": made.secrets,
        "options": options.as_document(),
        "hash": "",
        "counts": _counts(made),
        "deletions": made.counted.as_json(),
        "created_at": now(),
        "created_by": ObjectId(principal.user_id),
        "created_by_name": principal.name or principal.email,
    }
    plan["hash"] = _hash(plan, objects)

    def work(session: ClientSession) -> None:
        environment_store.find(here["_id"], {}, session=session)  # it may have been removed meanwhile
        plan_store.insert(plan, objects, session)

    run_in_transaction(work)
    return plan, objects


def start_planned(principal: Principal, workflow_id: ObjectId, plan_id: ObjectId, given: dict[str, Any]) -> Run:
    """Start a run that does just what a plan says; `given` are the further members of a request for a run.

    The same idempotency key gives the same run, and then nothing is judged. Raises PlanNotFound, PlanElsewhere,
    PlanMoved, PlanOptionsDiffer when the request asks for other options than the plan, and what `start_run` raises.
    """
    plan = plan_store.find(plan_id, team_filter(principal))
    require(principal, "run.start", plan["team_id"])
    named = environment_store.find_named(workflow_id, given.pop("environment", None) or str(plan["environment_id"]))
    if (plan["workflow_id"], plan["environment_id"]) != (workflow_id, named["_id"]) or given.pop("kind") != "apply":
        raise PlanElsewhere
    given.pop("confirmation", None)  # the plan's own list is what is confirmed
    check_number(plan, given.pop("confirm_deletions", 0))
    for name in ("delete_volumes", "take_over"):
        if given.pop(name, False) and not plan["options"][name]:
            raise PlanOptionsDiffer(name)
    objects = plan_store.objects_of(plan_id)
    key: str | None = given.get("idempotency_key")
    is_repeated = key is not None and run_store.with_key(workflow_id, key, team_filter(principal), None) is not None
    if not is_repeated and (found := moved(plan, objects)):
        raise PlanMoved(found)
    deletions = tuple(ref_from_json(one["planned"]["ref"]) for one in objects if one["action"] == Action.DELETE)
    options = replace(options_of(plan), confirm_deletions=len(deletions), deadline_s=given.pop("deadline_s"))
    sealed = Sealed(plan_id, plan["hash"], plan["version"], deletions, approval_of(plan))
    return start_run(principal, workflow_id, str(named["_id"]), options=options, sealed=sealed, **given)


def check_number(plan: Plan, number: int) -> None:
    """Raise PlanAboveBudget unless who starts a run of a plan above the budget says how many objects it deletes."""
    deletions = plan.get("deletions")
    if deletions and deletions["above"] and deletions["count"] != number:
        raise PlanAboveBudget(deletions)


def _variables_digest(environment: Environment) -> str:
    return content_digest(orjson.dumps(environment["variables"], option=orjson.OPT_SORT_KEYS))


def _version(principal: Principal, workflow_id: ObjectId, number: int | None) -> Version:
    """A version with its graph; the one of the saved graph is made where there is none. Raises WorkflowArchived."""
    if number is not None:
        return version_store.find(workflow_id, number)
    seen = store.find(workflow_id, team_filter(principal), projection=store.GRAPH)
    if seen["state"] != "archived" and (known := known_version(seen)) is not None:
        return known

    def work(session: ClientSession) -> Version:
        workflow = store.lock(workflow_id, team_filter(principal), session)
        return freeze_version(workflow, principal=principal, session=session)

    return run_in_transaction(work)


def _stored(judged: Judged) -> PlanObject:
    return {
        "planned": judged.planned.as_json(),
        "action": judged.action,
        "manifest": judged.manifest,
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
