"""The run as a job: claim → plan → apply wave by wave → await health.

It may be killed after any line and called again: the plan is stored before the first object is touched, steps are
recorded as they happen, applying twice changes nothing. It never sleeps: what takes long is looked at again later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from clusters.kube.client import KubeClient
from kubeorch.base.backoff import Backoff
from kubeorch.base.clock import now
from kubeorch.base.errors import Unavailable
from kubeorch.base.failpoint import hit
from kubeorch.jobs.context import JobContext
from kubeorch.jobs.queue import LeaseLost
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows.domain.run_options import RunOptions
from workflows.environments import standing_store
from workflows.environments import store as environment_store
from workflows.environments.acting import client_of, require_roles
from workflows.environments.inventory_store import owners_by_uid, turn_of
from workflows.environments.store import Deployed, Undeployed
from workflows.removal import after_destroy
from workflows.runs import claiming, scheduling, step_store
from workflows.runs import store as run_store
from workflows.runs.applying import apply_waves
from workflows.runs.context import RunCanceled, RunContext
from workflows.runs.ending import end_run, fail_run
from workflows.runs.looks import Looks
from workflows.runs.outcome import end_unhealthy_predecessor, fail_at_deadline, settle_from_health, wake_if_decided
from workflows.runs.overdue import RunOverdue, end_overdue, must_be_applied_at, watch_applying
from workflows.runs.permission import require_approved, require_cluster
from workflows.runs.planning import Planned, plan
from workflows.runs.recorder import RunRecorder
from workflows.runs.run import Run, RunNotFound, fence_of
from workflows.runs.sealed import Supervision
from workflows.runs.states import RunState, StepState, Who
from workflows.runs.step_store import RunStep
from workflows.runs.steps import WAITING
from workflows.runs.waiting import LOOK_AGAIN_S, StillWaiting, TakenOver, WaitedInVain

TURN_S = 10.0
"""A waiting run is woken when the run before it ends; it also looks by itself this often."""
AGAIN = Backoff(first_s=0.2, most_s=2.0)
"""How soon a run is called again that waits for an object to be gone, or for a new kind to be served."""


def execute(ctx: JobContext, supervision_of: Callable[[Run], Supervision | None]) -> None:
    """Handler of `workflows.run`; `supervision_of` a run that carries out a plan is not None."""
    hit("run.after_claim")
    run_id = ObjectId(ctx.payload["run_id"])
    try:
        run = claiming.claim_run(run_id, ctx.payload["epoch"], ctx.fence)
    except RunNotFound:
        return  # removed with its workflow
    except claiming.NotYetItsTurn as early:
        waiting = early.run
        is_next = end_unhealthy_predecessor(waiting)
        ctx.snooze(0 if is_next else TURN_S, then=lambda: _wake_if_first(waiting))
    if run is None:
        _settle_if_verifying(run_id)
        return
    if run["cancel_requested_at"] is not None:
        _cancel(run)
        return
    if now() > must_be_applied_at(run):
        end_overdue(run, Who.HOLDER)
        return
    scheduling.enqueue_applying_deadline(run, must_be_applied_at(run))
    require_cluster(run["team_id"], run["cluster_id"])
    supervision = supervision_of(run)
    steps, environment = step_store.steps_of(run["_id"]), environment_store.find(run["environment_id"], {})
    begins = run["state"] == RunState.PLANNING  # for the first time, or tried again
    if begins:
        require_approved(environment, run)
    require_roles(environment)
    cluster = client_of(environment)
    client, asking = cluster.while_alive(ctx.check_alive), cluster.while_alive(partial(_check_wanted, ctx))
    with Looks(asking, run) as looks:
        try:
            if supervision is not None and begins:
                supervision.check(run, steps, asking)
                environment = environment_store.find(run["environment_id"], {})  # that took its time
            planned = plan(ctx, run, environment, steps, asking, looks, supervision)
        except RunCanceled:
            _stopped(run)
            return
        except Unavailable as trouble:
            with RunRecorder(run, ()) as record:
                _note_trouble(ctx, record, trouble)
            raise
        applied = _apply(ctx, planned, client, looks, supervision)
    if applied is not None:
        hit("run.before_applied")
        _end_applying(planned.run, planned.steps, applied)


def _apply(
    ctx: JobContext, planned: Planned, client: KubeClient, looks: Looks, supervision: Supervision | None
) -> RunRecorder | None:
    """Apply what was planned; with what is left to write, None when the run was ended meanwhile.

    Raises what has it called again.
    """
    run, steps = planned.run, planned.steps
    if ctx.attempt > 1:  # the worker before may have died between writing steps and publishing them
        events.publish_many(step_store.step_events(run["_id"], steps))
    with RunRecorder(run, steps) as record:
        context = RunContext(
            run,
            RunOptions.of(run),
            client,
            ctx,
            record,
            planned.rendered,
            planned.whole,
            planned.secret_keys,
            planned.owned,
            looks,
        )
        context.supervision = supervision
        if context.options.adopt:
            context.owned_elsewhere = owners_by_uid(run["cluster_id"], run["environment_id"])
        elif going := [step["uid"] for step in steps if step["uid"]]:
            context.owned_elsewhere = owners_by_uid(run["cluster_id"], run["environment_id"], going)
        try:
            apply_waves(context, steps)
            if _awaits_health(run, steps):
                record.leave_rest()
        except (RunCanceled, RunOverdue):
            record.close()
            _stopped(run)
            return None
        except WAITING:
            record.flush()
            ctx.snooze(AGAIN.delay_s(run["attempt"]))
        except StillWaiting as waiting:
            record.flush()
            hit("run.before_wait")
            noted = run_store.note_awaits(run, waiting.node_ids, waiting.hopeless_since)
            if noted is None:
                raise LeaseLost(str(run["_id"])) from waiting
            ctx.snooze(min(waiting.within_s, LOOK_AGAIN_S), then=partial(wake_if_decided, noted))
        except WaitedInVain as vain:
            record.close()
            fail_run(run, Who.HOLDER, vain.error, fence=run["fence"], verdicts=vain.verdicts)
            return None
        except TakenOver as overtaken:
            record.close()
            fence, verdicts = run["fence"], overtaken.verdicts
            end_run(run, RunState.SUPERSEDED, Who.HOLDER, fence=fence, error=overtaken.error, verdicts=verdicts)
            return None
        except Unavailable as trouble:
            _note_trouble(ctx, record, trouble)
            raise
    return record


def _check_wanted(ctx: JobContext) -> None:
    """Asked while the planning run waits for an answer: it has sent nothing that writes, so it may end at any moment.

    Raises RunCanceled, LeaseLost or WorkerStopping.
    """
    with suppress(PyMongoError):  # whoever stores the plan meets it again
        ctx.check_lease()
    if ctx.cancel_requested:
        raise RunCanceled


def _note_trouble(ctx: JobContext, record: RunRecorder, trouble: Unavailable) -> None:
    """What the last attempt meets is told as the end of the run."""
    if not ctx.is_last_attempt:
        record.log("warning", f"{trouble.detail}; trying again in a moment (attempt {ctx.attempt})")


def give_up(ctx: JobContext, reason: Mapping[str, Any]) -> None:
    """The job will not be tried again: end the run with the reason."""
    try:
        run = run_store.find(ObjectId(ctx.payload["run_id"]), {})
    except RunNotFound:
        return
    error = {"code": reason["code"], "detail": reason["detail"], "node_id": None}
    fence = fence_of(ctx.payload["epoch"], ctx.fence)
    fail_run(run, Who.QUEUE, error, fence=fence)


def fail_overdue(ctx: JobContext) -> None:
    """Handler of `workflows.run_deadline`: a run that is not applied in time, or not healthy in time, has failed."""
    run_id = ObjectId(ctx.payload["run_id"])
    try:
        run = run_store.find(run_id, {})
        left_s = watch_applying(run) or fail_at_deadline(run_id)
    except RunNotFound:
        return
    if left_s > 0:
        ctx.snooze(left_s, then=lambda: _wake_if_moved(run))


def _wake_if_moved(run: Run) -> None:
    """Look again where the deadline moved while the job was busy, and so could not be woken."""
    with suppress(RunNotFound):
        if run_store.find(run["_id"], {})["deadline_at"] != run["deadline_at"]:
            scheduling.wake_deadline(run)


def _failed(steps: Sequence[RunStep]) -> RunStep | None:
    return next((step for step in steps if step["state"] == StepState.FAILED), None)


def _awaits_health(run: Run, steps: Sequence[RunStep]) -> bool:
    return run["kind"] != "destroy" and _failed(steps) is None


def _end_applying(run: Run, steps: Sequence[RunStep], record: RunRecorder) -> None:
    """What follows when no step is left: a failure, the end of a destroy run, or the wait for health."""
    if (failed := _failed(steps)) is not None:
        why = failed["error"] or {}
        error = {"code": why.get("code"), "detail": why.get("detail"), "node_id": failed["node_id"]}
        fail_run(run, Who.HOLDER, error, fence=run["fence"])
    elif run["kind"] == "destroy":
        hit("run.before_settle")
        end_run(run, RunState.SUCCEEDED, Who.HOLDER, fence=run["fence"], then=_destroyed)
    else:
        _await_health(run, record)


def _await_health(run: Run, record: RunRecorder) -> None:
    """All objects are applied: from here the watcher decides by health, and a delayed job by the clock.

    What is left to record of the steps is written with it.
    """
    rest = record.rest()

    def work(session: ClientSession) -> Run:
        at = now()
        applied = run_store.move(
            run["_id"],
            RunState.VERIFYING,
            Who.HOLDER,
            {"applied_at": at, "deadline_at": at + RunOptions.of(run).deadline, "counts": dict(rest.counts)},
            fence=run["fence"],
            session=session,
        )
        if applied is None:
            raise LeaseLost(str(run["_id"]))
        published = record.write_rest(rest, session)
        scheduling.drop_applying_deadline(applied, session)
        scheduling.enqueue_deadline(applied, session)
        if not RunOptions.of(run).only:
            deployed: Deployed = {
                "version": run["version"],
                "content": run.get("content", ""),
                "run_id": run["_id"],
                "at": at,
            }
            standing_store.set_deployed(run["environment_id"], deployed, session)
        run_store.note_last_run(applied, session)
        events.publish_many([*published, *run_store.run_events(applied)], session=session)
        return applied

    applied = run_in_transaction(work)
    hit("run.after_step_record")
    hit("run.after_applied")
    if applied["cancel_requested_at"] is not None:
        _cancel(applied)
        return
    hit("run.before_settle")
    settle_from_health(run["environment_id"])


def _destroyed(run: Run, session: ClientSession) -> None:
    undeployed: Undeployed = {"at": now(), "turn": turn_of(run)}
    standing_store.set_undeployed(run["environment_id"], undeployed, session)
    after_destroy(run["environment_id"], RunOptions.of(run).remove, session)


def _settle_if_verifying(run_id: ObjectId) -> None:
    """A worker may have died between applying the last object and looking at health, or at a cancel from before."""
    run = run_store.find(run_id, {})
    if run["state"] != RunState.VERIFYING:
        return
    if run["cancel_requested_at"] is not None:
        end_run(run, RunState.CANCELED, Who.PERSON)
    else:
        settle_from_health(run["environment_id"])


def _stopped(run: Run) -> None:
    """End a run that was asked to stop: by a person, or because its time is up."""
    if run_store.find(run["_id"], {})["cancel_requested_at"] is not None:
        _cancel(run)
    else:
        end_overdue(run, Who.HOLDER)


def _cancel(run: Run) -> None:
    end_run(run, RunState.CANCELED, Who.HOLDER, fence=run["fence"])


def _wake_if_first(run: Run) -> None:
    """The run before it may have ended while this one was about to wait."""
    first = run_store.first_open(run["environment_id"])
    if first is not None and first["_id"] == run["_id"]:
        scheduling.wake_run(first)
