"""A build as the worker that has claimed it holds it: its state, its budget, its log, and whether to go on."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from django.conf import settings
from pymongo.client_session import ClientSession

from builds.domain.log_lines import StepState, time_of
from builds.domain.masking import Masks
from builds.domain.states import BuildState, Who
from builds.running import store, telling
from builds.running.logbook import Logbook
from builds.running.rows import Reason, StageTimes, Step, rev_of_step
from builds.running.store import Build
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, Unavailable
from kubeorch.jobs.context import JobContext
from kubeorch.jobs.queue import LeaseLost

LEASE_CHECKED_S = 1.0
"""How often the database is asked whether the build is still ours, and whether somebody wants it canceled."""
LEAST_FREE_BYTES = 400_000_000
"""On the disk of DATA_DIR; `manage.py up` complains of less than 300 MB, and the database ends when there is none."""
END = {"slot": None, "waiting": ""}


class BuildCanceled(Exception):
    """Somebody wants it to end."""


class DiskShort(Conflict):
    """The disk is nearly full, and the database may be on it."""

    code = "engine.disk"


class AnswerGone(Unavailable):
    """The image that a build was to be answered with is being removed; the next attempt makes it anew."""

    code = "build.answer_gone"

    def __init__(self, number: int) -> None:
        super().__init__(f"the image of build {number} has just been removed from its registry")


class StageOverdue(Exception):
    """A stage has used up its time."""

    def __init__(self, stage: str, seconds: float) -> None:
        super().__init__(stage)
        self.stage = stage
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Budgets:
    """Seconds, of one attempt. Tests hand in others."""

    cloning: float = 300.0
    building: float = 900.0
    pushing: float = 300.0
    whole: float = 1800.0
    """From the claim of the attempt to its end."""


class Holding:
    """Used from the thread of its job."""

    def __init__(self, build: Build, context: JobContext, masks: Masks) -> None:
        self.build = build
        self.context = context
        self.log = Logbook(build["_id"], masks)
        self._budgets: Budgets = getattr(settings, "BUILD_BUDGETS", Budgets())
        self._began = self._stage_began = self._checked = time.monotonic()
        self._stages: list[StageTimes] = []
        self._told: dict[int, int] = {}

    @property
    def id(self) -> ObjectId:
        return self.build["_id"]

    def enter(self, state: BuildState, **values: Any) -> None:
        """Begin a stage. Raises LeaseLost where the build is not ours any more."""
        self._close_stage()
        self._stages.append({"stage": state.value, "started_at": now(), "ended_at": None})
        self.log.stage = state.value
        self._stage_began = time.monotonic()
        who = Who.CLAIMER if state is BuildState.CLONING else Who.HOLDER
        self._moved(state, who, {"stages": self._stages, **values})

    def begin_budget(self) -> None:
        """The stage has come to its work: its time counts from now."""
        self._stage_began = time.monotonic()

    def check(self) -> None:
        """Call it several times a second. Raises LeaseLost, WorkerStopping, BuildCanceled, DiskShort, StageOverdue."""
        self.context.check_alive()
        moment = time.monotonic()
        if moment - self._checked > LEASE_CHECKED_S:
            self.context.check_lease()
            _check_disk()
            self._checked = moment
        if self.context.cancel_requested:
            raise BuildCanceled
        stage = self._stages[-1]["stage"] if self._stages else ""
        most: float = getattr(self._budgets, stage, self._budgets.whole)
        if moment - self._stage_began > most:
            raise StageOverdue(stage, most)
        if moment - self._began > self._budgets.whole:
            raise StageOverdue(stage, self._budgets.whole)
        self.log.tick()

    def note(self, **values: Any) -> None:
        """Set fields of the build, told. Raises LeaseLost."""
        noted = telling.note_build(self.id, self._held, values)
        if noted is None:
            raise LeaseLost(str(self.id))
        self.build = noted

    def note_steps(self, steps: Mapping[str, StepState], why: Mapping[int, str] | None = None) -> None:
        """Keep how the engine's steps are, and tell of those that are not as they were; at the end with why they were
        not cached."""
        attempt = self.build["attempt"]
        rows = [_step(one, (why or {}).get(one.number)) for one in steps.values()]
        changed = [row for row in rows if self._told.get(row["number"]) != rev_of_step(row, attempt)]
        values = {"steps": rows, "log_lines": self.log.lines}
        if not telling.note_steps(self.id, self.context.fence, values, changed, attempt):
            raise LeaseLost(str(self.id))
        self._told |= {row["number"]: rev_of_step(row, attempt) for row in changed}

    def succeed(self, **values: Any) -> None:
        """Unless somebody has asked for its end: then it was canceled."""
        self.log.flush()
        self._end(BuildState.SUCCEEDED, values)

    def succeed_as(self, answer: Build, **values: Any) -> None:
        """As `succeed`, with the image of another build. Raises AnswerGone where that is being removed."""

        def hold(session: ClientSession) -> None:
            if not store.hold_image(answer["_id"], session):
                raise AnswerGone(answer["number"])

        self.log.flush()
        self._end(BuildState.SUCCEEDED, {**values, "answered_by": answer["_id"]}, first=hold)

    def fail(self, reason: Reason, *, is_logged: bool = False) -> None:
        """As `succeed`: what was canceled never failed. `is_logged`: the engine has said it already."""
        if not is_logged or self.log.error_seq is None:
            self.log.say(reason["detail"], level="error")
        self.log.flush()
        self._end(BuildState.FAILED, {"reason": reason, "error_seq": self.log.error_seq})

    def cancel(self) -> None:
        asked = store.find(self.id, {})["cancel_asked"]
        by = asked.get("name", "") if asked else ""
        self.log.say(f"canceled by {by}" if by else "canceled", level="warning")
        self.log.flush()
        self._moved(BuildState.CANCELED, Who.HOLDER, self._ending())

    def _end(
        self, state: BuildState, values: Mapping[str, Any], first: Callable[[ClientSession], None] | None = None
    ) -> None:
        ending = {**self._ending(), **values}
        fence = self.context.fence
        not_asked = {"cancel_asked": None}
        ended = telling.move_build(self.id, state, Who.HOLDER, fence=fence, values=ending, where=not_asked, first=first)
        if ended is None:
            self._moved(BuildState.CANCELED, Who.HOLDER, self._ending())

    def _ending(self) -> dict[str, Any]:
        self._close_stage()
        return {**END, "stages": self._stages, "ended_at": now(), "log_lines": self.log.lines}

    def _close_stage(self) -> None:
        if self._stages and self._stages[-1]["ended_at"] is None:
            self._stages[-1]["ended_at"] = now()

    def _moved(self, state: BuildState, who: Who, values: Mapping[str, Any]) -> None:
        moved = telling.move_build(self.id, state, who, fence=self.context.fence, values=values)
        if moved is None:
            raise LeaseLost(str(self.id))
        self.build = moved

    @property
    def _held(self) -> dict[str, Any]:
        return {"fence": self.context.fence}


def _check_disk() -> None:
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < LEAST_FREE_BYTES:
        raise DiskShort(f"the disk of the machine that builds is nearly full ({free // 1_000_000} MB free); free some")


def _step(state: StepState, why: str | None) -> Step:
    found: Step = {
        "number": state.number,
        "name": state.name,
        "started_at": time_of(state.started),
        "ended_at": time_of(state.ended),
        "is_cached": state.is_cached,
        "error": state.error,
    }
    if why is not None:
        found["why"] = why
    return found
