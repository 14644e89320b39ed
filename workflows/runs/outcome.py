"""Whether an applied run has succeeded: every object is healthy as it was applied, or one of them has failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import ObjectId

from clusters.domain.objects import Ref, ref_from_json
from clusters.kube.apply import REPLACED_ON_CHANGE
from clusters.watching.leases import is_watched
from kubeorch.base.clock import now
from workflows.domain.run_options import RunOptions
from workflows.environments.inventory_store import owned_objects
from workflows.runs import step_store
from workflows.runs import store as run_store
from workflows.runs.ending import end_run
from workflows.runs.states import RunState, Who
from workflows.runs.store import Run
from workflows.statuses.node_status import ObjectStatus, shows_apply, version_number
from workflows.statuses.store import objects_in

HEALTHY_ENOUGH = frozenset({"healthy", "suspended", "present"})
"""A paused Deployment is as the person wants it; what tells nothing of its health is done once it is there."""
DECIDED = HEALTHY_ENOUGH | {"failed"}
UNHEALTHY = frozenset({"degraded", "failed"})
PATIENCE = timedelta(seconds=20)
"""A rollout may be unhealthy on its way; after this, a run that waits behind an unhealthy one takes over."""
NAMED = 3
"""How many objects an error names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one applied object."""

    ref: Ref
    node_id: str
    health: str
    why: str
    is_final: bool
    """It failed, and this run is not one that may still bring it back."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of all objects that a run applied."""

    waiting: tuple[Verdict, ...]
    """Neither healthy nor failed yet."""
    failed: Verdict | None
    """The first that failed."""

    @property
    def is_decided(self) -> bool:
        return self.failed is not None or not self.waiting


def settle_from_health(environment_id: ObjectId) -> Run | None:
    """End the environment's verifying run if the health of its objects decides it; the ended run, else None.

    Called for every status that was recorded, and once by the run's own worker when everything is applied.
    """
    run = run_store.verifying(environment_id)
    return _settle(run, outcome_of(run)) if run is not None else None


def fail_at_deadline(run_id: ObjectId) -> float:
    """Settle a run for the last time: what is not healthy by now has failed.

    Returns the seconds that are left if the run was tried again since this was asked for, else 0.
    """
    try:
        run = run_store.find(run_id, {})
    except run_store.RunNotFound:
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
    seconds = RunOptions.of(run).deadline_s
    if is_watched(run["cluster_id"]):
        code, because = "run.deadline", _named(outcome.waiting)
    else:
        code, because = "run.unobserved", "no watcher is watching the cluster, so the health of its objects is unknown"
    error = {
        "code": code,
        "detail": f"not all objects became healthy within {seconds} s: {because}",
        "node_id": outcome.waiting[0].node_id,
    }
    end_run(run, RunState.FAILED, Who.JUDGE, error=error)
    return 0


def end_unhealthy_predecessor(following: Run) -> bool:
    """End the run that `following` waits for, if it only awaits health and an object of it is known to be unhealthy.

    The next run is most likely the fix, and waiting for the deadline would help nobody. A run whose objects are
    still progressing keeps its turn.
    """
    front = run_store.verifying(following["environment_id"])
    if front is None or front["number"] >= following["number"] or front["applied_at"] is None:
        return False
    if now() - front["applied_at"] < PATIENCE:
        return False
    unhealthy = next((one for one in outcome_of(front).waiting if one.health in UNHEALTHY), None)
    if unhealthy is None:
        return False
    ref = unhealthy.ref
    error = {
        "code": "run.superseded",
        "detail": f"run {following['number']} took over while {ref.kind} {ref.name} was not healthy: {unhealthy.why}",
        "node_id": unhealthy.node_id,
    }
    return end_run(front, RunState.FAILED, Who.JUDGE, error=error) is not None


def outcome_of(run: Run) -> Outcome:
    """What is known of the objects that a run applied.

    An object counts only as it was observed at or after our apply: same uid, no older resourceVersion.
    """
    verdicts = list(_verdicts(run))
    return Outcome(
        waiting=tuple(one for one in verdicts if one.health not in HEALTHY_ENOUGH and not one.is_final),
        failed=next((one for one in verdicts if one.is_final), None),
    )


def _verdicts(run: Run) -> Iterator[Verdict]:
    owned = {ref_from_json(row["ref"]): row for row in owned_objects([run["environment_id"]])}
    seen = {
        (node_id, ref_from_json(one["ref"])): (one, is_stale)
        for node_id, one, is_stale in objects_in(run["environment_id"])
    }
    for ref in step_store.applied_refs(run["_id"]):
        row = owned.get(ref)
        if row is None:
            continue  # taken over by a later run
        health, why = _health_of(row, *seen.get((row["node_id"], ref), (None, False)))
        is_final = health == "failed" and not (run["epoch"] and _may_recover(run, ref, row))
        yield Verdict(ref, row["node_id"], health, why, is_final)


def _health_of(row: Mapping[str, Any], seen: ObjectStatus | None, is_stale: bool) -> tuple[str, str]:
    """Health and reason of an inventory row's object, by what was recorded of it."""
    if seen is None:
        return "unknown", "it has not been observed yet"
    if is_stale:
        return "unknown", "the cluster cannot be observed at the moment"
    version = version_number(seen["resource_version"])
    ended = row.get("ended")
    if seen["uid"] is None and seen["health"] in DECIDED and (ended is None or ended["uid"] != row["uid"]):
        return "unknown", "it has not been observed yet as it was applied"  # the one before it had ended
    if seen["uid"] is None or shows_apply(seen["uid"], version, row["uid"], version_number(row["resource_version"])):
        return seen["health"], seen["reason"] or seen["health"]
    return "unknown", "it has not been observed yet as it was applied"


def _may_recover(run: Run, ref: Ref, row: Mapping[str, Any]) -> bool:
    """Whether a failed object was applied before the run was tried again: what it waits for may be there by now.

    Not for kinds that run to an end, which never recover.
    """
    return bool(row["applied_at"] < run["started_at"]) and (ref.api_version, ref.kind) not in REPLACED_ON_CHANGE


def _settle(run: Run, outcome: Outcome) -> Run | None:
    failed = outcome.failed
    if failed is not None:
        error = {
            "code": "run.unhealthy",
            "detail": f"{failed.ref.kind} {failed.ref.name} failed: {failed.why}",
            "node_id": failed.node_id,
        }
        return end_run(run, RunState.FAILED, Who.JUDGE, error=error)
    if outcome.waiting:
        return None
    return end_run(run, RunState.SUCCEEDED, Who.JUDGE)


def _named(verdicts: tuple[Verdict, ...]) -> str:
    named = "; ".join(f"{one.ref.kind} {one.ref.name}: {one.why}" for one in verdicts[:NAMED])
    return named + (f"; and {len(verdicts) - NAMED} more" if len(verdicts) > NAMED else "")
