"""A run of a plan that goes on: only with the plan as it was approved, and as far as what is left of it is true."""

from __future__ import annotations

from collections.abc import Iterable

from bson import ObjectId

from clusters.domain.objects import Ref, ref_from_json
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from workflows.environments import store as environment_store
from workflows.plans import store as plan_store
from workflows.plans.approved import require_standing
from workflows.plans.given import check_given
from workflows.plans.judging import moved
from workflows.plans.starting import PlanMoved
from workflows.plans.store import PlanNotFound
from workflows.runs import actions as run_actions
from workflows.runs import step_store
from workflows.runs import store as run_store
from workflows.runs.retrying import GoingOn, NotRetryable, check_ended, check_place
from workflows.runs.run import Run
from workflows.runs.sealed import plan_of
from workflows.runs.secret_store import Values
from workflows.runs.secrets import check_stored
from workflows.runs.states import StepState
from workflows.runs.step_store import RunStep


def retry_run(principal: Principal, run_id: ObjectId, given: GoingOn) -> Run:
    """As `runs.actions.retry_run`; a run of a plan has to be one that could be started for what is left of it.

    Raises as that does, and of a plan ValuesGiven, ValuesSetSince, EnvironmentProtected where its approval does not
    stand any more, and PlanMoved.
    """
    run = run_store.find(run_id, team_filter(principal))
    require(principal, "run.start", run["team_id"])
    plan_id = plan_of(run)
    if plan_id is not None:
        _check(run, plan_id, given.secrets)
    return run_actions.retry_run(principal, run_id, given)


def done_by(steps: Iterable[RunStep]) -> frozenset[Ref]:
    """What a run has carried out."""
    return frozenset(
        ref_from_json(one["ref"]) for one in steps if one["state"] in (StepState.DONE, StepState.UNCHANGED)
    )


def begun_by(steps: Iterable[RunStep]) -> frozenset[Ref]:
    """What a run has begun and not recorded to its end: a write may have gone out whose answer was lost."""
    return frozenset(
        ref_from_json(one["ref"])
        for one in steps
        if one["state"] not in (StepState.DONE, StepState.UNCHANGED)
        and (one["started_at"] is not None or one.get("begun_before"))
    )


def _check(run: Run, plan_id: ObjectId, secrets: Values) -> None:
    check_ended(run)
    environment = environment_store.find(run["environment_id"], {})
    check_place(run, environment)
    try:
        plan = plan_store.find(plan_id, {"team_id": run["team_id"]})
    except PlanNotFound:
        raise NotRetryable(f"the plan of run {run['number']} is not kept any more; make a new plan") from None
    require_standing(environment, plan, run)
    objects = plan_store.objects_of(plan_id)
    check_given(objects, secrets, protected=bool(environment.get("protected")))
    check_stored(run)
    steps = step_store.steps_of(run["_id"])
    if found := moved(plan, objects, started=True, done=done_by(steps), begun=begun_by(steps)):
        raise PlanMoved(found)
