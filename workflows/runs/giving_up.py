"""A run that waits for what does not come gives up before its deadline: its `deadline_at` moves to the end of a grace.

Whoever learns of the health of its objects says so; when that moment has come the cause is looked at once more, and
where it has passed, the run has its whole time again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import ObjectId

from clusters.domain.hopeless import Hopeless, concerns, hopeless
from clusters.domain.objects import Identity, Manifest
from kubeorch.base.clock import now
from kubeorch.realtime import events
from workflows.domain.run_options import RunOptions
from workflows.graphs.recently_used import RecentlyUsed
from workflows.releases import store as release_store
from workflows.runs import scheduling
from workflows.runs import store as run_store
from workflows.runs.run import Run
from workflows.runs.verdicts import Verdict
from workflows.statuses.store import evidence_in

_known: RecentlyUsed[ObjectId, Mapping[Identity, list[Manifest]]] = RecentlyUsed(8, 1)
"""What runs applied, which does not change once it is applied; none weighs anything, so their number bounds it."""


@dataclass(frozen=True, slots=True)
class Hopelessness:
    """An object of the run that will not become healthy."""

    verdict: Verdict
    rule: Hopeless


def hopeless_of(run: Run, waiting: Sequence[Verdict]) -> Hopelessness | None:
    """The first of these objects that will not become healthy by itself; None while there is hope for all."""
    unwell = [one for one in waiting if one.health == "degraded"]
    if not unwell:
        return None
    evidence = evidence_in(run["environment_id"], [one.node_id for one in unwell])
    for one in unwell:
        for row in evidence.get(one.node_id, ()):
            rule = hopeless(row["reason"], row["message"])
            if rule is not None and _is_of(_applied(run), one, row["reason"], row["message"]):
                return Hopelessness(one, rule)
    return None


def expect(run: Run, waiting: Sequence[Verdict]) -> None:
    """Have the run give up at the end of the grace of what will not pass; at its own deadline again once that has."""
    applied_at, deadline_at = run["applied_at"], run["deadline_at"]
    if applied_at is None or deadline_at is None:
        return
    found = hopeless_of(run, waiting)
    if (found is not None) == run.get("gives_up_early", False):
        return
    whole = applied_at + RunOptions.of(run).deadline
    early = now() + timedelta(seconds=found.rule.grace_s) if found is not None else whole
    moved = run_store.move_deadline(run, min(early, whole), is_early=found is not None)
    if moved is not None:
        events.publish_many(run_store.run_events(moved))
        scheduling.wake_deadline(moved)  # it asks to be called again when the moment has come


def gave_up(run: Run, found: Hopelessness) -> dict[str, Any]:
    """The error of a run that gave up."""
    one = found.verdict
    waited_s = round((now() - (run["applied_at"] or now())).total_seconds())
    whole_s = RunOptions.of(run).deadline_s
    of_how_many = f", before its deadline of {whole_s} s" if waited_s < whole_s else ""
    return {
        "code": "run.unhealthy",
        "detail": f"{one.ref.kind} {one.ref.name} will not become healthy by itself: {one.why.rstrip('.')}. The run "
        f"gave up after {waited_s} s{of_how_many}",
        "node_id": one.node_id,
    }


def _applied(run: Run) -> Mapping[Identity, list[Manifest]] | None:
    """What the run applied, by object; None where that is not kept. Each status of an unwell object asks."""
    if (known := _known.get(run["_id"])) is not None:
        return known
    release = release_store.release_of(run["_id"]) or release_store.release_of(run.get("release_of", run["_id"]))
    if release is None:
        return None
    found: dict[Identity, list[Manifest]] = {}
    for item in release.items:
        found.setdefault(item.ref.identity, []).append(item.manifest)
    _known.put(run["_id"], found)
    return found


def _is_of(applied: Mapping[Identity, list[Manifest]] | None, verdict: Verdict, reason: str, message: str) -> bool:
    """Whether a message is about what the run applied: pods of the run before it may still be there."""
    return applied is None or concerns(reason, message, applied.get(verdict.ref.identity, []))
