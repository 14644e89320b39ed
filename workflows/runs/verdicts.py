"""How each object does that a run has applied: judged by what the watcher recorded, once that shows our apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from clusters.domain.failed_ends import runs_to_an_end
from clusters.domain.objects import Ref, ref_from_json
from workflows.environments.inventory_store import owned_objects
from workflows.runs import step_store
from workflows.runs.run import Run
from workflows.statuses.node_status import ObjectStatus, shows_apply, version_number
from workflows.statuses.store import objects_in

HEALTHY_ENOUGH = frozenset({"healthy", "suspended", "present"})
"""A paused Deployment is as the person wants it; what tells nothing of its health is done once it is there."""
UNHEALTHY = frozenset({"degraded", "failed"})
PATIENCE = timedelta(seconds=20)
"""A rollout may be unhealthy on its way; after this, a run that waits behind an unhealthy one takes over."""
JOB = ("batch/v1", "Job")
UNWATCHED = "no watcher is watching the cluster"
UNSEEN = "it has not been observed yet as it was applied"
UNSEEN_AT_END = "the run ended before it was observed as it was applied"
DECIDED = HEALTHY_ENOUGH | {"failed"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one applied object."""

    step: int
    """Index of the step that applied it."""
    ref: Ref
    node_id: str
    health: str
    why: str
    is_final: bool
    """It failed, and this run is not one that may still bring it back."""

    @property
    def is_well(self) -> bool:
        """Whether what waits for it may go on. A Job is waited for until its end, which a suspended one has not
        reached."""
        is_job = (self.ref.api_version, self.ref.kind) == JOB
        return self.health in HEALTHY_ENOUGH and not (is_job and self.health == "suspended")


def verdicts_of(run: Run) -> list[Verdict]:
    """Of each object that the run has applied so far, in the order of its plan; without those that it does not own
    any more.

    An object counts only as it was observed at or after our apply: same uid, no older resourceVersion.
    """
    owned = {ref_from_json(row["ref"]): row for row in owned_objects([run["environment_id"]])}
    seen = {
        (node_id, ref_from_json(one["ref"])): (one, is_stale)
        for node_id, one, is_stale in objects_in(run["environment_id"])
    }
    verdicts = []
    for index, ref in step_store.applied(run["_id"]):
        row = owned.get(ref)
        if row is None:
            continue  # taken over by a later run
        health, why = _health_of(row, *seen.get((row["node_id"], ref), (None, False)))
        is_final = health == "failed" and not (run["epoch"] and _may_recover(run, ref, row))
        verdicts.append(Verdict(index, ref, row["node_id"], health, why, is_final))
    return verdicts


def took_over(following: Run, unhealthy: Verdict) -> dict[str, Any]:
    """The error of a run that the next one overtook because of an object that was not healthy."""
    ref = unhealthy.ref
    detail = f"run {following['number']} took over while {ref.kind} {ref.name} was not healthy: {unhealthy.why}"
    return {"code": "run.superseded", "detail": detail, "node_id": unhealthy.node_id}


def at_end(verdict: Verdict) -> str:
    """Why an object is as it is, as it is said once the run has ended."""
    return UNSEEN_AT_END if verdict.why == UNSEEN else verdict.why


def _health_of(row: Mapping[str, Any], seen: ObjectStatus | None, is_stale: bool) -> tuple[str, str]:
    """Health and reason of an inventory row's object, by what was recorded of it."""
    if seen is None:
        return "unknown", UNSEEN
    if is_stale:
        return "unknown", "the cluster cannot be observed at the moment"
    version = version_number(seen["resource_version"])
    ended = row.get("ended")
    if seen["uid"] is None and seen["health"] in DECIDED and (ended is None or ended["uid"] != row["uid"]):
        return "unknown", UNSEEN  # the one before it had ended
    if seen["uid"] is None or shows_apply(seen["uid"], version, row["uid"], version_number(row["resource_version"])):
        return seen["health"], seen["reason"] or seen["health"]
    return "unknown", UNSEEN


def _may_recover(run: Run, ref: Ref, row: Mapping[str, Any]) -> bool:
    """Whether a failed object was applied before the run was tried again: what it waits for may be there by now.

    Not for kinds that run to an end, which never recover.
    """
    began_at = run["started_at"]
    is_older = began_at is None or row["applied_at"] < began_at
    return is_older and not runs_to_an_end(ref)
