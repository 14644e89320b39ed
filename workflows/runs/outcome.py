"""Whether an applied run is proven: every object seen healthy as it was applied, or one of them beyond hope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import ObjectId

from clusters.domain.objects import Ref, ref_from_json
from clusters.kube.apply import REPLACED_ON_CHANGE
from kubeorch.base.clock import now
from kubeorch.mongo.client import Document, db
from workflows.domain.run_options import RunOptions
from workflows.environments.inventory_store import owned_objects
from workflows.runs import step_store
from workflows.runs.ending import end_run
from workflows.runs.states import RunState, Who

SETTLED = frozenset({"healthy", "suspended"})
"""A paused Deployment or a suspended CronJob is as the person wants it."""
GIVE_WAY_AFTER = timedelta(seconds=20)
"""A rollout may look ill on its way; from then on a run that waits behind an ill one is let through."""
NAMED = 3
"""How many objects a sentence names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An object that is not proven yet, and why."""

    ref: Ref
    node_id: str
    why: str


def settle_from_health(environment_id: ObjectId) -> Document | None:
    """End the environment's verifying run if the live objects decide it; the ended run, else None.

    The watcher calls this whenever a live object changed; the run's own worker once, when all is applied.
    """
    run = db().runs.find_one({"environment_id": environment_id, "state": RunState.VERIFYING})
    if run is None:
        return None
    waiting, failed = judge(run)
    if failed is not None:
        error = {
            "code": "run.unhealthy",
            "detail": f"{failed.ref.kind} {failed.ref.name} failed: {failed.why}",
            "node_id": failed.node_id,
        }
        return end_run(run, RunState.FAILED, Who.JUDGE, error=error)
    if waiting:
        return None
    return end_run(run, RunState.SUCCEEDED, Who.JUDGE)


def fail_at_deadline(run_id: ObjectId) -> float:
    """Judge a run for the last time: what is not healthy by now has failed.

    Seconds that are left instead, when the run was tried again since this was asked for; 0 when it is judged.
    """
    run = db().runs.find_one({"_id": run_id, "state": RunState.VERIFYING})
    if run is None:
        return 0
    left_s: float = (run["deadline_at"] - now()).total_seconds()
    if left_s > 0:
        return left_s
    if settle_from_health(run["environment_id"]) is not None:
        return 0
    waiting, _ = judge(run)
    if not waiting:
        return 0
    seconds = RunOptions.of(run).deadline_s
    if not _is_watched(run["cluster_id"]):
        code, because = "run.unobserved", "no watcher observes the cluster, so nothing can be said about its health"
    else:
        named = "; ".join(f"{one.ref.kind} {one.ref.name}: {one.why}" for one in waiting[:NAMED])
        more = f"; and {len(waiting) - NAMED} more" if len(waiting) > NAMED else ""
        code, because = "run.deadline", named + more
    error = {
        "code": code,
        "detail": f"not all objects were healthy within {seconds} s: {because}",
        "node_id": waiting[0].node_id,
    }
    end_run(run, RunState.FAILED, Who.JUDGE, error=error)
    return 0


def give_way(following: Document) -> bool:
    """End the run that `following` waits for, if it only awaits health and an object of it is known to be ill.

    The run behind it is most likely the mend; letting it wait for the deadline would help nobody. A run whose
    objects are merely on their way keeps its turn.
    """
    front = db().runs.find_one(
        {
            "environment_id": following["environment_id"],
            "state": RunState.VERIFYING,
            "number": {"$lt": following["number"]},
            "applied_at": {"$lt": now() - GIVE_WAY_AFTER},
        }
    )
    if front is None:
        return False
    ill = db().live_objects.find_one(
        {
            "environment_id": following["environment_id"],
            "health": {"$in": ["degraded", "failed"]},
            "stale_since": None,
        }
    )
    if ill is None:
        return False
    ref = ref_from_json(ill["ref"])
    error = {
        "code": "run.superseded",
        "detail": f"run {following['number']} took over while {ref.kind} {ref.name} was not healthy: {ill['reason']}",
        "node_id": ill["node_id"],
    }
    return end_run(front, RunState.FAILED, Who.JUDGE, error=error) is not None


def judge(run: Document) -> tuple[list[Waiting], Waiting | None]:
    """The objects of an applied run that are not proven yet, and the first that is beyond hope.

    An object counts only as the watcher saw it at or after our apply: same uid, no older resourceVersion. One that
    a run tried again found as it had left it may still recover (its image may be there by now), until the deadline.
    """
    applied = step_store.applied_refs(run["_id"])
    rows = {ref_from_json(row["ref"]): row for row in owned_objects([run["environment_id"]])}
    ids = [f"{run['cluster_id']}/{ref.key}" for ref in applied]
    live = {row["_id"]: row for row in db().live_objects.find({"_id": {"$in": ids}})}
    waiting: list[Waiting] = []
    failed: Waiting | None = None
    for ref, live_id in zip(applied, ids, strict=True):
        row = rows.get(ref)
        if row is None:
            continue  # taken over by a later run
        health, why = _judge(row, live.get(live_id))
        one = Waiting(ref, row["node_id"], why)
        if health == "failed" and not (run["epoch"] and _may_recover(run, ref, row)):
            failed = failed or one
        elif health not in SETTLED:
            waiting.append(one)
    return waiting, failed


def _judge(row: Mapping[str, Any], seen: Mapping[str, Any] | None) -> tuple[str, str]:
    if seen is None or seen["uid"] != row["uid"] or _version(seen) < _version(row):
        return "unknown", "not seen yet as it was applied"
    if seen.get("stale_since") is not None:
        return "unknown", "the watcher lost sight of it"
    return str(seen["health"]), str(seen.get("reason") or seen["health"])


def _may_recover(run: Document, ref: Ref, row: Mapping[str, Any]) -> bool:
    """Whether the object stood before this attempt, and is not of a kind that runs to an end."""
    return bool(row["applied_at"] < run["started_at"]) and (ref.api_version, ref.kind) not in REPLACED_ON_CHANGE


def _version(row: Mapping[str, Any]) -> int:
    """resourceVersions of one resource are numbers that grow. Source: Kubernetes KEP-5504."""
    text = str(row.get("resource_version") or "")
    return int(text) if text.isdigit() else 0


def _is_watched(cluster_id: ObjectId) -> bool:
    return db().leases.find_one({"_id": f"watcher:{cluster_id}", "until": {"$gt": now()}}) is not None
