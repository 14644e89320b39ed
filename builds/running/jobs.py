"""The job of a build: fetch the commit, have the engine make its image, push it. It may be killed after any line.

Another worker then claims the build and begins a new attempt: the engine has kept the layers that were done.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from typing import Any

from bson import ObjectId

from builds.domain.bases import bases_of
from builds.domain.cache_misses import StepFacts, before_of, misses
from builds.domain.failures import failure_of, hint_for, is_passing
from builds.domain.log_lines import Progress, StepState
from builds.domain.masking import Masks
from builds.domain.states import ENDED, BuildState, Who
from builds.engines.choosing import engine_for
from builds.engines.protocol import BuildOrder, Engine, Outcome, Readiness, name_of
from builds.engines.services.store import NoSuchEngine
from builds.running import asked, dispatching, entering, preparing, reaching, store, telling
from builds.running.ages import note_ages, rows_of
from builds.running.holding import END, BuildCanceled, Holding, StageOverdue
from builds.running.preparing import Prepared
from builds.running.rows import Reason
from builds.running.store import Build
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.accounts.store import principal_of_user
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, Forbidden, KubeOrchError, Unavailable
from kubeorch.base.failpoint import hit
from kubeorch.jobs.context import JobContext
from kubeorch.processes.scratch import scratch_folder

ASK_AGAIN_S = 1.0
ASK_LATER_S = 5.0
COMING_MOST_S = 1800.0
"""How long a build waits for an engine at all, from when it got its place."""
LOST_MOST = 1
"""How often a build is tried again whose engine has ended."""
UNREADY_MOST_S = 20.0
"""How long a build waits for an engine that does not say that it is coming."""


class EngineUnready(Conflict):
    """Nothing here can build. It was waited for, so it is not tried again by itself."""

    code = "engine.unavailable"


class EngineLate(Conflict):
    """It has been coming for so long that the place is given to another build."""

    code = "engine.late"


class EngineLost(Unavailable):
    """The engine has ended while it built."""

    code = "engine.lost"


class PushBroke(Unavailable):
    """The registry broke off, and may take it the next time."""

    code = "push.failed"


def execute(context: JobContext) -> None:
    """Handler of `builds.build`."""
    build = store.find(ObjectId(context.payload["build_id"]), {})
    if build["state"] in ENDED:
        return
    source = source_store.find(build["source_id"], {})
    if build["cancel_asked"]:  # a worker had it before, and has died
        _end_what_is_left(build)
        telling.move_build(build["_id"], BuildState.CANCELED, Who.QUEUE, fence=context.fence, values=_ended())
        dispatching.dispatch()
        return
    engine = engine_for(build["team_id"], dispatching.engine_of(build))
    place = asked.place_of(build, source)
    reaching.tell_of_registry(build["team_id"], place, engine.id)
    entering.check_account(build["team_id"], place, engine.id)
    _await(build, engine.check(), context)
    _await(build, asked.check_place(build["team_id"], place), context)
    masks = Masks([one.value for one in asked.variables_of(build, source) if one.is_secret])
    holding = Holding(build, context, masks)
    holding.enter(
        BuildState.CLONING,
        fence=context.fence,
        waiting="",
        started_at=build["started_at"] or now(),
        attempt=build["attempt"] + 1,
    )
    hit("builds.claimed")
    if (attempt := holding.build["attempt"]) > 1:
        holding.log.say(f"attempt {attempt} begins: the one before did not come to its end", level="warning")
    try:
        _run(holding, source, engine)
    except BuildCanceled:
        holding.cancel()
    except StageOverdue as late:
        detail = f"{late.stage} took longer than its {late.seconds / 60:.0f} minutes"
        holding.fail(_reason_of(holding, f"build.{late.stage}_timeout", detail))
    except Unavailable as error:
        holding.log.say(f"{error.detail}; it is tried again", level="warning")
        holding.log.flush()
        raise
    except KubeOrchError as error:
        holding.fail(_reason_of(holding, error.code, error.detail))
    dispatching.dispatch()


def give_up(context: JobContext, reason: Mapping[str, Any]) -> None:
    """The end of a job that will not be tried again."""
    build_id, fence = ObjectId(context.payload["build_id"]), context.fence
    build = store.find(build_id, {})
    failure: Reason = {
        "stage": build["state"],
        "code": reason["code"],
        "detail": reason["detail"],
        "hint": hint_for(reason["code"]),
        "retryable": is_passing(reason["code"]),
    }
    _end_what_is_left(build)
    values = _ended()
    not_asked = {"cancel_asked": None}
    failed = {**values, "reason": failure}
    if telling.move_build(build_id, BuildState.FAILED, Who.QUEUE, fence=fence, values=failed, where=not_asked) is None:
        telling.move_build(build_id, BuildState.CANCELED, Who.QUEUE, fence=fence, values=values)
    dispatching.dispatch()


def _end_what_is_left(build: Build) -> None:
    """Of what a worker that died had begun, where its engine goes on without it."""
    with contextlib.suppress(NoSuchEngine):  # then nothing of it runs
        engine = engine_for(build["team_id"], dispatching.engine_of(build))
        engine.cancel(name_of(str(build["_id"]), build["attempt"]))


def _ended() -> dict[str, Any]:
    return {**END, "ended_at": now()}


def _await(build: Build, readiness: Readiness, context: JobContext) -> None:
    """Ask to be called again while the engine, or the place of its images, is coming. Raises EngineUnready."""
    if readiness.ok:
        return
    words = "; ".join(readiness.facts)
    waited_s = (now() - (build["dispatched_at"] or build["queued_at"])).total_seconds()
    if readiness.is_coming and waited_s > COMING_MOST_S:
        raise EngineLate(f"what builds images has not been ready for {COMING_MOST_S / 60:.0f} minutes: {words}")
    if readiness.is_refused or (waited_s > UNREADY_MOST_S and not readiness.is_coming):
        raise EngineUnready(f"images cannot be built here: {words}")
    if build["waiting"] != words:
        telling.note_build(build["_id"], {"state": build["state"]}, {"waiting": words})
    context.snooze(ASK_AGAIN_S if waited_s < UNREADY_MOST_S else ASK_LATER_S)


def _run(holding: Holding, source: SourceRow, engine: Engine) -> None:
    build = holding.build
    principal = principal_of_user(build["created_by"])
    if principal is None or not principal.may("build.start", build["team_id"]):
        raise Forbidden("whoever asked for this build may not start builds any more", code="forbidden.role")
    with scratch_folder("build") as folder:
        prepared = preparing.prepare(holding, source, folder, engine)
        hit("builds.prepared")
        if not isinstance(prepared, Prepared):
            same = prepared.build
            holding.log.say(f"build {same['number']} has made the same image, so it is taken: {same['digest']}")
            answer = {"digest": same["digest"], "tags": same["tags"], "image": same["image"]}
            bases = same.get("bases", [])
            holding.succeed_as(same, **{**prepared.inputs, **answer}, bases=bases)
            return
        _make(holding, prepared, engine)


def _make(holding: Holding, prepared: Prepared, engine: Engine) -> None:
    order = prepared.order
    holding.enter(BuildState.BUILDING)
    engine.start(order)
    hit("builds.started")
    try:
        outcome, steps = _follow(holding, engine, order)
    except BaseException:
        engine.cancel(order.name)
        raise
    finally:
        engine.clean(order.name)
    hit("builds.pushed")
    if outcome.result == "succeeded":
        bases = rows_of(holding.build, bases_of([step.name for step in steps]))
        made = {"digest": outcome.digest, "tags": [prepared.image.tag], "image": prepared.image.repository}
        holding.succeed(**made, bases=bases)
        note_ages(holding, bases)
        return
    words = holding.log.masks.hide(outcome.reason)
    if outcome.result == "lost":
        _lose(holding, words)
        return
    if outcome.code:
        holding.fail(_reason_of(holding, outcome.code, words))
        return
    is_pushing, scanner = holding.build["state"] == BuildState.PUSHING, order.scanner
    failure = failure_of(words, is_pushing=is_pushing, scanner=scanner, has_ssh=bool(order.ssh))
    if failure.code == "push.failed" and failure.retryable:
        raise PushBroke(failure.detail)
    reason = _reason(holding, failure.code, failure.detail, failure.hint, failure.retryable)
    holding.fail(reason, is_logged=True)


def _lose(holding: Holding, words: str) -> None:
    """Raises EngineLost where it is worth another attempt."""
    lost, detail = holding.build.get("lost", 0) + 1, "BuildKit has ended while it built"
    if words:
        holding.log.say(words, level="warning")
    if lost > LOST_MOST:
        holding.fail(
            _reason_of(holding, EngineLost.code, f"{detail}, for the second time{f': {words}' if words else ''}")
        )
        return
    holding.note(lost=lost)
    raise EngineLost(detail)


def _follow(holding: Holding, engine: Engine, order: BuildOrder) -> tuple[Outcome, Collection[StepState]]:
    progress = Progress(holding.log.masks)
    known, has_begun = -1, False

    def check() -> None:
        nonlocal known
        holding.check()
        if (count := _changes(progress)) != known:
            known = count
            holding.note_steps(progress.steps)

    try:
        for said in engine.follow(order.name, 0, check):
            if isinstance(said, Outcome):
                holding.log.add(progress.rest())
                holding.note_steps(progress.steps, _misses(holding.build, progress))
                return said, progress.steps.values()
            if not has_begun and said.line.startswith(b"{"):  # until then it waited for a place to be built in
                has_begun = True
                holding.begin_budget()
            holding.log.add(progress.read(said.line))
            if progress.is_pushing and holding.build["state"] == BuildState.BUILDING:
                holding.enter(BuildState.PUSHING)
                hit("builds.pushing")
    except BuildCanceled:
        holding.note_steps(progress.steps, _misses(holding.build, progress))
        raise
    return Outcome("lost"), ()


def _misses(build: Build, progress: Progress) -> Mapping[int, str]:
    """Why steps that have ended were not taken from the cache."""
    numbers = {digest: step.number for digest, step in progress.steps.items()}
    steps = [
        StepFacts(step.number, step.name, step.is_cached, tuple(numbers[one] for one in step.after if one in numbers))
        for step in progress.steps.values()
    ]
    earlier, before = store.before(build), None
    if earlier is not None:
        names = [step["name"] for step in earlier["steps"]]
        has_same_files = (earlier["tree"], earlier["root"]) == (build["tree"], build["root"])
        before = before_of(earlier["number"], names, has_same_files=has_same_files)
    ended = {step.number for step in progress.steps.values() if step.ended}
    found = misses(steps, before, no_cache=build["no_cache"])
    return {number: why for number, why in found.items() if number in ended}


def _changes(progress: Progress) -> int:
    """Another number as soon as a step has begun or ended."""
    return sum(1 + bool(step.started) + bool(step.ended) for step in progress.steps.values())


def _reason_of(holding: Holding, code: str, detail: str) -> Reason:
    return _reason(holding, code, detail, hint_for(code), is_passing(code))


def _reason(holding: Holding, code: str, detail: str, hint: str, retryable: bool) -> Reason:
    stage = holding.build["state"]
    return {"stage": stage, "code": code, "detail": detail, "hint": hint, "retryable": retryable}
