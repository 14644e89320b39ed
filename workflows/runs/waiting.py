"""What a run applies only once something else is healthy: a Job that has to complete first, a database that is ready.

The run neither sleeps nor holds a worker meanwhile. It is woken by the status that decides its wait, and looks by
itself every LOOK_AGAIN_S as well.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clusters.domain.objects import Ref, ref_from_json
from clusters.watching.leases import is_watched
from kubeorch.base.clock import now
from workflows.domain.rendering.plan import Action
from workflows.runs import store as run_store
from workflows.runs.context import RunContext
from workflows.runs.giving_up import hopeless_of
from workflows.runs.states import StepState
from workflows.runs.step_store import RunStep
from workflows.runs.verdicts import JOB, PATIENCE, UNHEALTHY, UNWATCHED, Verdict, took_over, verdicts_of

LOOK_AGAIN_S = 10.0


class StillWaiting(Exception):
    """Steps of the wave wait for the health of these nodes: the run is to be called again."""

    def __init__(self, node_ids: Collection[str], within_s: float, hopeless_since: datetime | None) -> None:
        super().__init__(", ".join(sorted(node_ids)))
        self.node_ids = sorted(node_ids)
        self.within_s = within_s
        """When it has waited too long."""
        self.hopeless_since = hopeless_since
        """Since when one of them will not become healthy by itself."""


class WaitedInVain(Exception):
    """What a step waits for has failed, or was not healthy in time. `error` is that of the run."""

    def __init__(self, error: dict[str, Any], verdicts: Sequence[Verdict]) -> None:
        super().__init__(error["detail"])
        self.error = error
        self.verdicts = verdicts


class TakenOver(Exception):
    """The run behind this one, most likely the fix of what it waits for, comes now. `error` is that of the run."""

    def __init__(self, error: dict[str, Any], verdicts: Sequence[Verdict]) -> None:
        super().__init__(error["detail"])
        self.error = error
        self.verdicts = verdicts


@dataclass(frozen=True, slots=True)
class Held:
    """The steps of a wave that wait, with what they wait for."""

    steps: frozenset[int]
    waiting: StillWaiting


def held_back(context: RunContext, wave: Sequence[RunStep]) -> Held | None:
    """The steps of a wave that have to wait; None when all of them may go on. Raises WaitedInVain or TakenOver.

    What this run does not apply is not waited for.
    """
    awaited = {step["index"]: _awaits(context, step) for step in wave}
    if not any(awaited.values()):
        return None
    context.record.flush()  # verdicts go by what is stored
    verdicts = verdicts_of(context.run)
    missing = {one.node_id: one for one in sorted(verdicts, key=lambda one: one.is_final) if not one.is_well}
    steps: set[int] = set()
    nodes: set[str] = set()
    for step in wave:
        lacking = [missing[node_id] for node_id in awaited[step["index"]] if node_id in missing]
        for one in lacking:
            _check(context, step, one, verdicts)
        if lacking:
            steps.add(step["index"])
            nodes |= {one.node_id for one in lacking}
            _note(context, step, lacking)
    if not steps:
        return None
    _give_way(context, [missing[one] for one in sorted(nodes)], verdicts)
    left_s = min((_until(context, missing[one]) - now()).total_seconds() for one in nodes)
    since, hope_s = _hope(context, [missing[one] for one in sorted(nodes)], verdicts)
    return Held(frozenset(steps), StillWaiting(nodes, max(min(left_s, hope_s), 0.0), since))


def _give_way(context: RunContext, awaited: Sequence[Verdict], verdicts: Sequence[Verdict]) -> None:
    """Raises TakenOver where another run waits and one of these has been unhealthy for long enough, as a run gives way
    that has applied everything."""
    for one in awaited:
        if one.health in UNHEALTHY and now() - _since(context, one) >= PATIENCE:
            following = run_store.behind(context.run)
            if following is not None:
                raise TakenOver(took_over(following, one), verdicts)
            return


def _hope(
    context: RunContext, awaited: Sequence[Verdict], verdicts: Sequence[Verdict]
) -> tuple[datetime | None, float]:
    """(since when one of these will not become healthy by itself, for how many seconds that may still pass).

    Raises WaitedInVain at the end of its grace, as `giving_up` has it for runs that have applied everything.
    """
    found = hopeless_of(context.run, awaited)
    if found is None:
        return None, float("inf")
    since = context.run.get("hopeless_since") or now()
    left_s = found.rule.grace_s - (now() - since).total_seconds()
    if left_s <= 0:
        one = found.verdict
        what = "complete" if (one.ref.api_version, one.ref.kind) == JOB else "become healthy"
        detail = (
            f"{one.ref.kind} {one.ref.name} will not {what} by itself: {one.why.rstrip('.')}. What waits for it was "
        )
        detail += "not applied"
        raise WaitedInVain({"code": "run.unhealthy", "detail": detail, "node_id": one.node_id}, verdicts)
    return since, left_s


def _awaits(context: RunContext, step: RunStep) -> tuple[str, ...]:
    item = context.rendered.get(ref_from_json(step["ref"])) if step["action"] != Action.DELETE else None
    return item.waits if item is not None else ()


def _check(context: RunContext, step: RunStep, one: Verdict, verdicts: Sequence[Verdict]) -> None:
    """Raises WaitedInVain where the object has failed or its time is over: as long as a run gives all objects."""
    waits = ref_from_json(step["ref"])
    not_applied = f"{waits.kind} {waits.name}, which waits for it, was not applied"
    if one.is_final:
        detail = f"{one.ref.kind} {one.ref.name} failed: {one.why.rstrip('.')}. {not_applied}"
        raise WaitedInVain({"code": "run.unhealthy", "detail": detail, "node_id": one.node_id}, verdicts)
    if now() < _until(context, one):
        return
    seconds = context.options.deadline_s
    watched = is_watched(context.run["cluster_id"])
    why = one.why.rstrip(".") if watched else f"{UNWATCHED}, so its health is unknown"
    detail = f"{one.ref.kind} {one.ref.name} {_not_yet(one.ref)} within {seconds} s: {why}. {not_applied}"
    code = "run.deadline" if watched else "run.unobserved"
    raise WaitedInVain({"code": code, "detail": detail, "node_id": one.node_id}, verdicts)


def _until(context: RunContext, one: Verdict) -> datetime:
    """How long the object may take."""
    return _since(context, one) + context.options.deadline


def _since(context: RunContext, one: Verdict) -> datetime:
    """When this run has applied the object or, if that is later, was taken up."""
    started_at = context.run["started_at"] or now()
    row = context.owned.get(one.ref)
    applied_at = row["applied_at"] if row is not None and row["run_id"] == context.run["_id"] else None
    return max(started_at, applied_at or started_at)


def _not_yet(ref: Ref) -> str:
    return "did not complete" if (ref.api_version, ref.kind) == JOB else "did not become healthy"


def _note(context: RunContext, step: RunStep, lacking: Sequence[Verdict]) -> None:
    """Say what the step waits for: in the log once, and with the reason as it is now in the step."""
    named = ", ".join(f"{one.ref.kind} {one.ref.name}" for one in lacking)
    text = f"waits for {named}: {lacking[0].why}"
    if step.get("waits_for") is None:
        ref = ref_from_json(step["ref"])
        context.record.log("info", f"{ref.kind} {ref.name} waits for {named}", step["node_id"])
    if step.get("waits_for") != text:
        context.record.step(step["index"], StepState.PENDING, waits_for=text)
