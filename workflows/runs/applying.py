"""The steps of a run, wave after wave: the objects of one wave are applied at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby

from clusters.domain.objects import ref_from_json
from kubeorch.base.failpoint import hit
from workflows.domain.rendering.plan import Action
from workflows.environments import secret_store as environment_secrets
from workflows.runs import secret_store as run_secrets
from workflows.runs import secrets
from workflows.runs.context import RunContext
from workflows.runs.looking import ensure_namespace, list_live
from workflows.runs.states import UNFINISHED_STEPS, StepState
from workflows.runs.step_store import RunStep
from workflows.runs.steps import WAITING, do_step

AT_ONCE = 8
"""Objects of a wave in flight; a cluster shares its slots for writes among all clients."""


def apply_waves(context: RunContext, steps: Sequence[RunStep]) -> None:
    """Do all steps that are left. After a failed step its wave ends, and the later ones are skipped.

    Raises RunCanceled, LeaseLost, WorkerStopping, one of WAITING, or Unavailable.
    """
    applies = [step for step in steps if step["action"] in (Action.APPLY, Action.REPLACE)]
    left = [step for step in steps if step["state"] in UNFINISHED_STEPS]
    context.defines_kinds = any(step["ref"]["kind"] == "CustomResourceDefinition" for step in applies)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="apply") as pool:
        if any(step in applies for step in left):
            ensure_namespace(context)
            hit("run.after_namespace")
            if context.secret_keys:
                context.values = secrets.values_for(context.run)
                context.given = run_secrets.nodes_given(context.run["_id"])
                context.stored_at = environment_secrets.changed_at(context.run["environment_id"])
            list_live(context, pool, [ref_from_json(step["ref"]) for step in left if step in applies])
        for _, wave in groupby(left, key=lambda step: step["wave"]):
            if has_failed(steps):
                for step in wave:
                    context.record.step(step["index"], StepState.SKIPPED)
            else:
                apply_wave(context, pool, list(wave))
    if not has_failed(steps):
        _drop_superseded(context)


def apply_wave(context: RunContext, pool: ThreadPoolExecutor, wave: Sequence[RunStep]) -> None:
    """Do the steps of one wave at once; all of them apply, or all of them delete."""
    deletes = wave[0]["action"] == Action.DELETE
    if deletes:
        hit("run.before_prune")
    _all(pool, [lambda step=step: do_step(context, step) for step in wave])  # type: ignore[misc]
    if deletes:
        hit("run.after_prune")


def has_failed(steps: Sequence[RunStep]) -> bool:
    return any(step["state"] == StepState.FAILED for step in steps)


def _drop_superseded(context: RunContext) -> None:
    """Forget rows that name an object by another API version than the one applied now: it has a row of its own."""
    applied = {(ref.group, ref.kind, ref.namespace, ref.name): ref for ref in context.rendered}
    for ref in context.owned:
        if applied.get((ref.group, ref.kind, ref.namespace, ref.name), ref) != ref:
            context.record.gone(ref)


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
        except WAITING:
            raise  # this one waits; its siblings go on
        except BaseException:
            stop.set()
            raise

    futures: list[Future[None]] = [pool.submit(one, call) for call in calls]
    errors = [error for future in futures if (error := future.exception()) is not None]
    for error in errors:
        if not isinstance(error, WAITING):
            raise error
    for error in errors:
        raise error
