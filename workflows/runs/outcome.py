"""Whether an applied run has succeeded: every object is healthy as it was applied, or one of them has failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bson import ObjectId

from clusters.watching.leases import is_watched
from kubeorch.base.clock import now
from workflows.domain.run_options import RunOptions
from workflows.environments.inventory_store import turn_of
from workflows.runs import giving_up, scheduling
from workflows.runs import store as run_store
from workflows.runs.ending import end_run, fail_run
from workflows.runs.run import Run, RunNotFound
from workflows.runs.states import RunState, Who
from workflows.runs.verdicts import HEALTHY_ENOUGH, PATIENCE, UNHEALTHY, UNWATCHED, Verdict, took_over, verdicts_of

NAMED = 3
"""How many objects an error names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of all objects that a run applied."""

    verdicts: Sequence[Verdict]
    waiting: tuple[Verdict, ...]
    """Neither healthy nor failed yet."""
    failed: Verdict | None
    """The first that failed."""

    @property
    def is_decided(self) -> bool:
        return self.failed is not None or not self.waiting


def settle_from_health(environment_id: ObjectId) -> Run | None:
    """End the environment's verifying run if the health of its objects decides it; the ended run, else None.

    Called for every status that was recorded, and once by the run's own worker when everything is applied. A run that
    waits for some of them before it applies the rest goes on instead.
    """
    run = run_store.judged_by_health(environment_id)
    if run is None:
        return None
    if run["state"] == RunState.VERIFYING:
        return _settle(run, outcome_of(run))
    wake_if_decided(run)
    return None


def wake_if_decided(run: Run) -> None:
    """Have a run go on whose wait for the health of some nodes is over, one way or the other."""
    awaited = run.get("awaits") or ()
    own = [one for one in verdicts_of(run) if one.node_id in awaited] if awaited else []
    if own and (any(one.is_final for one in own) or all(one.is_well for one in own)):
        scheduling.wake_run(run)


def fail_at_deadline(run_id: ObjectId) -> float:
    """Settle a run for the last time: what is not healthy by now has failed.

    Returns the seconds that are left if the run was tried again since this was asked for, else 0.
    """
    try:
        run = run_store.find(run_id, {})
    except RunNotFound:
        return 0
    if run["state"] != RunState.VERIFYING:
        return 0
    at = now()
    left_s = ((run["deadline_at"] or at) - at).total_seconds()
    if left_s > 0:
        return left_s
    outcome = outcome_of(run)
    if outcome.is_decided:
        _settle(run, outcome)
        return 0
    left_s = ((run["applied_at"] or at) + RunOptions.of(run).deadline - at).total_seconds()
    if run.get("gives_up_early") and left_s > 0:
        if (found := giving_up.hopeless_of(run, outcome.waiting)) is not None:
            fail_run(run, Who.JUDGE, giving_up.gave_up(run, found), verdicts=outcome.verdicts)
            return 0
        giving_up.expect(run, outcome.waiting)  # what would not pass has passed
        return left_s
    seconds, verdicts = RunOptions.of(run).deadline_s, outcome.verdicts
    if is_watched(run["cluster_id"]):
        code, because = "run.deadline", _named(outcome.waiting)
    else:
        code, because = "run.unobserved", f"{UNWATCHED}, so the health of its objects is unknown"
        verdicts = [replace(one, health="unknown", why=UNWATCHED) for one in verdicts]
    error = {
        "code": code,
        "detail": f"not all objects became healthy within {seconds} s: {because}",
        "node_id": outcome.waiting[0].node_id,
    }
    fail_run(run, Who.JUDGE, error, verdicts=verdicts)
    return 0


def end_unhealthy_predecessor(following: Run) -> bool:
    """End the run that `following` waits for, if it only awaits health and an object of it is known to be unhealthy.

    The next run is most likely the fix, and waiting for the deadline would help nobody. A run whose objects are
    still progressing keeps its turn.
    """
    front = run_store.verifying(following["environment_id"])
    if front is None or turn_of(front) >= turn_of(following) or front["applied_at"] is None:
        return False
    if now() - front["applied_at"] < PATIENCE:
        return False
    outcome = outcome_of(front)
    unhealthy = next((one for one in outcome.waiting if one.health in UNHEALTHY), None)
    if unhealthy is None:
        return False
    error = took_over(following, unhealthy)
    return end_run(front, RunState.SUPERSEDED, Who.JUDGE, error=error, verdicts=outcome.verdicts) is not None


def outcome_of(run: Run) -> Outcome:
    """What is known of the objects that a run applied."""
    verdicts = verdicts_of(run)
    return Outcome(
        verdicts,
        waiting=tuple(one for one in verdicts if one.health not in HEALTHY_ENOUGH and not one.is_final),
        failed=next((one for one in verdicts if one.is_final), None),
    )


def _settle(run: Run, outcome: Outcome) -> Run | None:
    failed = outcome.failed
    if failed is not None:
        error = {
            "code": "run.unhealthy",
            "detail": f"{failed.ref.kind} {failed.ref.name} failed: {failed.why}",
            "node_id": failed.node_id,
        }
        return fail_run(run, Who.JUDGE, error, verdicts=outcome.verdicts)
    if outcome.waiting:
        giving_up.expect(run, outcome.waiting)
        return None
    return end_run(run, RunState.SUCCEEDED, Who.JUDGE, verdicts=outcome.verdicts)


def _named(verdicts: tuple[Verdict, ...]) -> str:
    named = "; ".join(f"{one.ref.kind} {one.ref.name}: {one.why}" for one in verdicts[:NAMED])
    return named + (f"; and {len(verdicts) - NAMED} more" if len(verdicts) > NAMED else "")
