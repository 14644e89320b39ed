"""Runs that have ended are kept for a while: the newest of each workflow, and none that is older than some days.

Never removed are runs that have not ended, the last run of the workflow and of each environment (only that one can be
tried again), and the run that deployed what an environment has now.
"""

from __future__ import annotations

from datetime import timedelta

from bson import ObjectId
from django.conf import settings

from kubeorch.base.clock import now
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext
from workflows import store
from workflows.environments import store as environment_store
from workflows.runs import log_store, step_store
from workflows.runs import store as run_store

JOB = "workflows.forget_runs"
EVERY_S = 3600.0
AT_ONCE = 100
"""So many runs are removed between two looks at the lease; a run may have some thousand steps."""


def keep_forgetting() -> None:
    """Have the job in the queue, which asks to be called again each time: for every process, as often as it likes."""
    queue.enqueue(JOB, {}, key="all", delay_s=EVERY_S)


def forget_old_runs(ctx: JobContext) -> None:
    """Handler of `workflows.forget_runs`. What a killed worker left undone is done the next time."""
    for workflow_id, last_run in store.last_runs():
        while forget_some(workflow_id, last_run) == AT_ONCE:
            ctx.check_lease()
        ctx.check_lease()
    ctx.snooze(EVERY_S)


def forget_some(workflow_id: ObjectId, last_run: ObjectId | None) -> int:
    """Remove the workflow's oldest runs that are not kept, AT_ONCE at most; how many there were."""
    environments = environment_store.of_workflows([workflow_id])
    kept = {environment["deployed"]["run_id"] for environment in environments if environment["deployed"]}
    kept |= {last_run} if last_run else set()
    kept |= run_store.last_of_each([environment["_id"] for environment in environments])
    ended_before = now() - timedelta(days=settings.RUN_DAYS)
    old = run_store.old_runs(
        workflow_id, newest=settings.MAX_RUNS, ended_before=ended_before, kept=kept, at_most=AT_ONCE
    )
    if old:
        # The run goes last, so that what a kill in between leaves belongs to a run that is found again.
        log_store.forget(old)
        step_store.forget(old)
        store.note_removed_runs(workflow_id, run_store.forget(old))
    return len(old)
