"""The steps of a run, wave after wave: the objects of one wave are applied at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from itertools import groupby

from pymongo.errors import PyMongoError

from clusters.domain.objects import Ref, ref_from_json
from kubeorch.base.failpoint import hit
from kubeorch.jobs.context import VERIFIED_FOR_S
from workflows.domain.rendering.claims import UsersOfClaims
from workflows.domain.rendering.identity import finder
from workflows.domain.rendering.plan import Action
from workflows.environments import secret_store as environment_secrets
from workflows.pulling import pulls_of
from workflows.runs import secret_store as run_secrets
from workflows.runs import secrets
from workflows.runs.context import RunContext
from workflows.runs.looking import ensure_namespace
from workflows.runs.looks import kinds_to_list, needs_namespace
from workflows.runs.permission import require_place
from workflows.runs.states import UNFINISHED_STEPS, StepState
from workflows.runs.step_store import RunStep
from workflows.runs.steps import WAITING, do_step
from workflows.runs.waiting import held_back

AT_ONCE = 8
"""Objects of a wave in flight; a cluster shares its slots for writes among all clients."""
LOOK_S = 0.5
"""How often a run looks, while its requests are in flight, whether it is to end."""
LAST_WRITES_S = 35.0
"""How long a run that ends waits for writes that went out before; a request takes 30 s at most."""


def apply_waves(context: RunContext, steps: Sequence[RunStep]) -> None:
    """Do all steps that are left. After a failed step its wave ends, and the later ones are skipped.

    Raises RunCanceled, RunOverdue, LeaseLost, WorkerStopping, one of WAITING, StillWaiting, WaitedInVain,
    TakenOver or Unavailable.
    """
    applies = [step for step in steps if _applies(step)]
    left = _unfinished(steps)
    context.defines_kinds = any(step["ref"]["kind"] == "CustomResourceDefinition" for step in applies)
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="apply")
    try:
        if refs := [ref_from_json(step["ref"]) for step in left if _applies(step)]:
            _prepare(context, pool, steps, refs)
        for _, wave in groupby(_unfinished(left), key=lambda step: step["wave"]):
            if has_failed(steps):
                for step in wave:
                    context.record.step(step["index"], StepState.SKIPPED)
            else:
                apply_wave(context, pool, list(wave))
    finally:
        pool.shutdown(wait=not context.abandoned.is_set(), cancel_futures=True)
    if not has_failed(steps) and not context.options.only:
        _drop_superseded(context)


def _applies(step: RunStep) -> bool:
    return step["action"] in (Action.APPLY, Action.REPLACE)


def _unfinished(steps: Sequence[RunStep]) -> list[RunStep]:
    return [step for step in steps if step["state"] in UNFINISHED_STEPS]


def _prepare(context: RunContext, pool: ThreadPoolExecutor, steps: Sequence[RunStep], refs: Sequence[Ref]) -> None:
    """Look at what is there, with the namespace ensured where it is needed, and open what was given for Secrets."""
    looks = [partial(_see_kind, context, *kind) for kind in kinds_to_list(refs)]
    if needs_namespace(context.run, refs):
        looks.insert(0, partial(_make_namespace, context, steps))
    _all(context, pool, looks)
    hit("run.after_namespace")
    context.pulls = pulls_of(context.run["team_id"], context.rendered.values(), may_ask=True)
    if any(context.secret_keys.values()):
        context.values = secrets.values_for(context.run)
        context.given = run_secrets.keys_given(context.run["_id"])
        context.stored_at = environment_secrets.changed_at(context.run["environment_id"])
        secrets.check_stored(context.run)
        context.secret_digests = {
            row["node_id"]: row["secret_digests"]
            for ref, row in context.owned.items()
            if ref in context.rendered and "secret_digests" in row
        }


def _see_kind(context: RunContext, api_version: str, kind: str) -> None:
    context.listed[(api_version, kind)] = context.looks.listed(context.client, api_version, kind)


def _make_namespace(context: RunContext, steps: Sequence[RunStep]) -> None:
    """Ensure the namespace. The plan has a step for it where it was missing; it may be gone since."""
    mine = [step for step in _unfinished(steps) if not step["node_id"]]
    for step in mine:
        context.begin(step)
    is_made = ensure_namespace(context)
    for step in mine:
        context.record.step(step["index"], StepState.DONE if is_made else StepState.UNCHANGED)


def apply_wave(context: RunContext, pool: ThreadPoolExecutor, wave: Sequence[RunStep]) -> None:
    """Do the steps of one wave at once; all of them apply, all delete, or all give back.

    Those that wait for something are left for later: StillWaiting rises once the others are done.
    """
    deletes = wave[0]["action"] == Action.DELETE
    context.job.check_lease(anew=True)  # so that a cancellation counts from the next wave on
    context.check()
    _require_place(context)
    held = None if deletes else held_back(context, wave)
    if deletes:
        hit("run.before_prune")
    left = wave if held is None else [step for step in wave if step["index"] not in held.steps]
    _all(context, pool, [partial(do_step, context, step) for step in left])
    if deletes:
        hit("run.after_prune")
    if held is not None and not has_failed(wave):
        raise held.waiting


def _require_place(context: RunContext) -> None:
    """As `require_place`: a share may end while its run is on its way. An answer holds as long as one about the lease,
    since waves in which nothing is to be changed follow each other within milliseconds."""
    asked_at = time.monotonic()
    if asked_at >= context.may_be_there_until:
        require_place(context.run)
        context.may_be_there_until = asked_at + VERIFIED_FOR_S


def has_failed(steps: Sequence[RunStep]) -> bool:
    return any(step["state"] == StepState.FAILED for step in steps)


def _drop_superseded(context: RunContext) -> None:
    """Forget rows that name an object by another API version or a guessed namespace, which has a row of its own now;
    and those of claims whose set was deleted once and has them again."""
    drawn = finder(context.rendered)
    users = UsersOfClaims((one.ref, one.manifest) for one in context.rendered.values())
    for ref, row in context.owned.items():
        if drawn(ref) not in (None, ref) or (drawn(ref) is None and "made_by" in row and users.of(ref)):
            context.record.gone(ref)


def _all(context: RunContext, pool: ThreadPoolExecutor, calls: Sequence[Callable[[], None]]) -> None:
    """Make all calls; when one raises, those not begun are dropped, those begun end, and it rises.

    When the run is to end meanwhile, what only reads is left alone, writes in flight are waited for, and that rises.
    """
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
        finally:
            context.request_over()

    futures: list[Future[None]] = [pool.submit(one, call) for call in calls]
    left: Collection[Future[None]] = futures
    try:
        while left := wait(left, timeout=LOOK_S).not_done:
            with suppress(PyMongoError):  # whoever is about to write asks again, and then it counts
                context.job.check_lease()
            context.check()
    except BaseException:
        stop.set()
        context.abandoned.set()
        last_at = time.monotonic() + LAST_WRITES_S
        while context.writing and time.monotonic() < last_at and not context.job.is_lost:
            wait(left, timeout=LOOK_S)
        raise
    errors = [error for future in futures if (error := future.exception()) is not None]
    for error in errors:
        if not isinstance(error, WAITING):
            raise error
    for error in errors:
        raise error
