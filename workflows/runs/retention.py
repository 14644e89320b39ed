"""Runs that have ended are kept for a while: the newest of each workflow, and none that is older than some days.

Never removed are runs that have not ended, the last run of the workflow and of each environment (only that one can be
tried again), the last that succeeded in each, and the run that deployed what an environment has now. What a run applied
is kept with it, as long as there is room (`releases.store`).
"""

from __future__ import annotations

from datetime import timedelta

from bson import ObjectId
from django.conf import settings
from pymongo.client_session import ClientSession

from kubeorch.base.clock import now
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext
from workflows import store
from workflows.environments import questions as environment_questions
from workflows.environments.store import Environment
from workflows.releases import store as release_store
from workflows.runs import history_store, log_store, step_store
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


def needed_in(environment: Environment, session: ClientSession | None = None) -> set[ObjectId]:
    """The environment's runs that are kept whatever their age, with what they applied."""
    deployed = environment["deployed"]
    named = {one["run"]["id"] for one in environment.get("quarantined", ())} | (
        {deployed["run_id"]} if deployed else set()
    )
    return history_store.needed_of(environment["_id"], session) | named


def forget_some(workflow_id: ObjectId, last_run: ObjectId | None) -> int:
    """Remove the workflow's oldest runs that are not kept, AT_ONCE at most; how many there were."""
    environments = environment_questions.of_workflows([workflow_id])
    kept = {last_run} if last_run else set[ObjectId]()
    for environment in environments:
        kept |= needed_in(environment)
    ended_before = now() - timedelta(days=settings.RUN_DAYS)
    old = history_store.old_runs(
        workflow_id, newest=settings.MAX_RUNS, ended_before=ended_before, kept=kept, at_most=AT_ONCE
    )
    if old:
        # The run goes last, so that what a kill in between leaves belongs to a run that is found again.
        log_store.forget(old)
        step_store.forget(old)
        release_store.forget(old)
        store.note_removed_runs(workflow_id, run_store.forget(old))
    return len(old)
