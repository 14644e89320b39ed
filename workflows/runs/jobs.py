"""The run as a job: load → render → plan → intend → apply in waves → prune → await health.

It may be killed after any line and called again: the plan is stored before the first object is touched, steps are
recorded as they happen, applying twice changes nothing. It sleeps nowhere; what takes long is asked about again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.connections import client_for
from clusters.domain.objects import Ref, ref_from_json
from clusters.kube.apply import StillThere
from kubeorch.base.clock import now
from kubeorch.base.errors import NotFound, Unavailable
from kubeorch.base.failpoint import hit
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext
from kubeorch.jobs.queue import LeaseLost
from kubeorch.mongo.client import Document, db
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows.catalog import catalog
from workflows.domain.graphs.variables import values_of
from workflows.domain.rendering.data import holds_data
from workflows.domain.rendering.plan import Action, make_plan
from workflows.domain.rendering.render import Rendered, render_graph
from workflows.domain.rendering.secrets import secret_keys
from workflows.graphs.actions import graph_of
from workflows.removal import after_destroy
from workflows.runs import ending as run_ends
from workflows.runs import secrets as run_secrets
from workflows.runs import store as run_store
from workflows.runs.outcome import fail_at_deadline, give_way, settle_from_health
from workflows.runs.recorder import Recorder
from workflows.runs.steps import RunCanceled, Work, do_step, ensure_namespace, look
from workflows.versions import store as version_store

AT_ONCE = 8
"""Objects of a wave in flight; a cluster shares its mutating slots among all clients."""
TURN_S = 10.0
"""A run waiting its turn is woken by the end of the one before; this is how soon it looks by itself."""
GONE_AGAIN_S = 1.0


def execute(ctx: JobContext) -> None:
    """Handler of `workflows.run`."""
    hit("run.after_claim")
    try:
        found = run_store.find(ObjectId(ctx.payload["run_id"]), {})
        run = run_store.take(found, ctx.fence)
    except run_store.RunNotFound:
        return  # removed with its workflow
    except run_store.EnvironmentTaken:
        is_next = give_way(found)
        ctx.snooze(0 if is_next else TURN_S, then=lambda: _wake_if_free(found))
    if run is None:
        _finish_interrupted(found)
        return
    if run["cancel_requested_at"] is not None:
        _cancel(run)
        return
    client = client_for(run["cluster_id"])
    drawn, keys = _render(run)
    hit("run.after_render")
    owned = {ref_from_json(row["ref"]): row for row in run_store.inventory_of(run["environment_id"])}
    run = _plan(ctx, run, drawn, owned)
    steps = run_store.steps_of(run["_id"])
    if run["attempt"] > 1:
        events.publish_many(
            [events.Event(f"run:{run['_id']}", f"step:{s['index']}", run_store.step_json(s), s["rev"]) for s in steps]
        )
    with Recorder(run, steps) as record:
        work = Work(run, client, ctx, record, {item.ref: item for item in drawn}, keys, owned)
        try:
            _carry_out(work, steps)
        except RunCanceled:
            record.flush()
            _cancel(run)
            return
        except StillThere as waiting:
            record.log("info", waiting.detail)
            record.flush()
            ctx.snooze(GONE_AGAIN_S)
        except Unavailable as trouble:
            if not ctx.is_last_attempt:
                record.log("warning", f"{trouble.detail}; tried again in a moment (attempt {ctx.attempt})")
            raise
    failed = [step for step in steps if step["state"] == "failed"]
    if failed:
        first = failed[0]
        run_ends.end_run(
            run,
            "failed",
            from_states=["applying"],
            fence=run["fence"],
            error={**{name: first["error"][name] for name in ("code", "detail")}, "node_id": first["node_id"]},
        )
        return
    hit("run.before_applied")
    _applied(run)


def give_up(ctx: JobContext, reason: Mapping[str, Any]) -> None:
    """The job will not be tried again: end the run with the reason."""
    try:
        run = run_store.find(ObjectId(ctx.payload["run_id"]), {})
    except run_store.RunNotFound:
        return
    error = {"code": reason["code"], "detail": reason["detail"], "node_id": None}
    run_ends.end_run(run, "failed", from_states=["queued", "planning", "applying"], error=error)


def judge_deadline(ctx: JobContext) -> None:
    """Handler of `workflows.run_deadline`: a run that is not healthy in time has failed."""
    left_s = fail_at_deadline(ObjectId(ctx.payload["run_id"]))
    if left_s > 0:
        ctx.snooze(left_s)


# The recipe's parts


def _render(run: Document) -> tuple[list[Rendered], Mapping[str, tuple[str, ...]]]:
    """The objects of the run's version, and the keys of its Secrets by node; nothing when all is to be destroyed."""
    if run["kind"] == "destroy":
        return [], {}
    version = version_store.find(run["workflow_id"], run["version"])
    environment = db().environments.find_one({"_id": run["environment_id"]})
    if environment is None:
        raise NotFound("the environment was removed", code="environment.not_found")
    graph = graph_of(version)
    rendered = render_graph(
        graph,
        catalog(),
        namespace=run["namespace"],
        variables=values_of(environment["variables"]),
        environment_id=str(run["environment_id"]),
        workflow_id=str(run["workflow_id"]),
    )
    return rendered, secret_keys(graph, catalog())


def _plan(ctx: JobContext, run: Document, drawn: Sequence[Rendered], owned: Mapping[Ref, Document]) -> Document:
    """Make and store the plan, unless an earlier attempt did; the run in `applying`."""
    if run["state"] == "applying":
        return run
    if run["waves"] or db().run_steps.find_one({"run_id": run["_id"]}, {"_id": 1}):
        # A retry: the plan stands, with the steps that are left.
        resumed = run_store.change(run["_id"], ["planning"], {"state": "applying"}, fence=run["fence"])
        if resumed is None:
            raise LeaseLost(str(run["_id"]))
        events.publish_many(run_store.run_events(resumed))
        return resumed
    plan = make_plan(
        drawn,
        [run_store.owned_of(row) for row in owned.values()],
        destroy=run["kind"] == "destroy",
        delete_volumes=run["options"]["delete_volumes"],
    )
    hit("run.after_plan")
    ctx.check_lease()
    waves = {step.ref: step.wave for step in plan.steps}
    run_store.intend(
        run, [(item.ref, item.node_id, waves[item.ref], holds_data(item.manifest)) for item in drawn], owned
    )
    hit("run.after_inventory")

    def begin(session: ClientSession) -> Document:
        begun = run_store.begin(run, plan, session)
        counts = f"{len(plan.steps)} objects in {plan.waves} waves"
        run_store.add_log(run["_id"], "info", f"planned {counts}", session=session)
        events.publish_many(run_store.run_events(begun), session=session)
        return begun

    return run_in_transaction(begin)


def _carry_out(work: Work, steps: Sequence[Document]) -> None:
    """Do all steps that are left, wave by wave. Raises RunCanceled, LeaseLost, StillThere, Unavailable."""
    applies = [step for step in steps if step["action"] in (Action.APPLY, Action.REPLACE)]
    left = [step for step in steps if step["state"] in ("pending", "running")]
    work.defines_kinds = any(step["ref"]["kind"] == "CustomResourceDefinition" for step in applies)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="apply") as pool:
        if any(step in applies for step in left):
            ensure_namespace(work)
            hit("run.after_namespace")
            if work.keys:
                ids = (work.run["_id"], work.run["environment_id"])
                work.values, work.values_changed_at = run_secrets.values_for(*ids), run_secrets.changed_at(*ids)
            look(work, pool, [ref_from_json(step["ref"]) for step in left if step in applies])
        for _, wave in groupby(left, key=lambda step: step["wave"]):
            turn = list(wave)
            if any(step["state"] == "failed" for step in steps):
                for step in turn:
                    work.record.step(step["index"], "skipped")
                continue
            if turn[0]["action"] == Action.DELETE:
                hit("run.before_prune")
            _all(pool, [lambda step=step: do_step(work, step) for step in turn])  # type: ignore[misc]
            if turn[0]["action"] == Action.DELETE:
                hit("run.after_prune")
    if not any(step["state"] == "failed" for step in steps):
        _drop_superseded(work)


def _drop_superseded(work: Work) -> None:
    """Forget rows that name an object by another API version than the one applied now: it has a row of its own."""
    drawn = {(ref.group, ref.kind, ref.namespace, ref.name): ref for ref in work.drawn}
    for ref in work.owned:
        if drawn.get((ref.group, ref.kind, ref.namespace, ref.name), ref) != ref:
            work.record.gone(ref)


def _all(pool: ThreadPoolExecutor, calls: Sequence[Callable[[], None]]) -> None:
    """Run all calls; when one raises, those not begun are dropped, those begun end, and it rises."""
    if len(calls) == 1:
        calls[0]()
        return
    stop = threading.Event()

    def one(call: Callable[[], None]) -> None:
        if stop.is_set():
            return
        try:
            call()
        except StillThere:
            raise  # this one waits; its siblings go on
        except BaseException:
            stop.set()
            raise

    futures: list[Future[None]] = [pool.submit(one, call) for call in calls]
    errors = [error for future in futures if (error := future.exception()) is not None]
    for error in errors:
        if not isinstance(error, StillThere):
            raise error
    for error in errors:
        raise error


# Ends


def _applied(run: Document) -> None:
    """All objects stand: from here the watcher judges by health, and a delayed job by the clock."""
    if run["kind"] == "destroy":
        hit("run.before_settle")
        run_ends.end_run(run, "succeeded", from_states=["applying"], fence=run["fence"], then=_destroyed)
        return

    def work(session: ClientSession) -> Document:
        at = now()
        applied = run_store.change(
            run["_id"],
            ["applying"],
            {"state": "verifying", "applied_at": at, "deadline_at": at + run_ends.deadline_of(run)},
            fence=run["fence"],
            session=session,
        )
        if applied is None:
            raise LeaseLost(str(run["_id"]))
        run_ends.await_health(applied, session)
        db().environments.update_one(
            {"_id": run["environment_id"]},
            {"$set": {"deployed": {"version": run["version"], "run_id": run["_id"], "at": at}}},
            session=session,
        )
        run_store.note_last_run(applied, session)
        events.publish_many(run_store.run_events(applied), session=session)
        return applied

    applied = run_in_transaction(work)
    hit("run.after_applied")
    if applied["cancel_requested_at"] is not None:
        run_ends.end_run(applied, "canceled", from_states=["verifying"])
        return
    hit("run.before_settle")
    settle_from_health(run["environment_id"])


def _destroyed(run: Document, session: ClientSession) -> None:
    db().environments.update_one({"_id": run["environment_id"]}, {"$set": {"deployed": None}}, session=session)
    after_destroy(run, session)


def _finish_interrupted(run: Document) -> None:
    """A worker may have died between applying the last object and looking at health."""
    if run["state"] == "verifying":
        settle_from_health(run["environment_id"])


def _cancel(run: Document) -> None:
    run_ends.end_run(run, "canceled", from_states=["planning", "applying"], fence=run["fence"])


def _wake_if_free(run: Document) -> None:
    """The run in front may have ended while this one was on its way to wait."""
    waiting = run_store.open_runs(run["environment_id"])
    if waiting and waiting[0]["_id"] == run["_id"]:
        queue.wake(run_ends.RUN_JOB, str(run["_id"]))
