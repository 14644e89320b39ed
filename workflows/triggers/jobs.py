"""The jobs of triggers: one that keeps the time of a schedule, one that looks at what was built, and one for each time
that a trigger fires.

Who keeps time asks no cluster, so a silent one delays nobody's schedule. A slot is claimed together with the job that
fires for it: two workers start one run, and of the slots that were missed while none was up only the last one fires.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from kubeorch.base.clock import iso, now
from kubeorch.base.digests import content_digest
from kubeorch.base.schedule import parse_schedule
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext
from kubeorch.mongo.transaction import run_in_transaction
from workflows.environments.store import Environment
from workflows.runs import store as run_store
from workflows.triggers import store as trigger_store
from workflows.triggers import telling
from workflows.triggers.firing import fire, held, key_of
from workflows.triggers.images import news
from workflows.triggers.store import Trigger, TriggerNotFound
from workflows.triggers.waiting import PASSING_S, environment_of, may_pass, waits_for
from workflows.versions.store import VersionNotFound

SCHEDULE_JOB = "workflows.schedule"
FIRE_JOB = "workflows.trigger"
FIRE_ATTEMPTS = 6
FOLLOWING = ("build", "image")
"""Types whose run takes the newest images there are: of several calls the latest stands for all."""
LATE = timedelta(seconds=60)
OVERDUE_MOST = 500


def keep_schedule(trigger: Trigger, session: ClientSession | None = None) -> None:
    """Have a job keep the schedule's time; one that waits looks anew."""
    key = str(trigger["_id"])
    queue.enqueue(SCHEDULE_JOB, {"trigger_id": key}, key=key, run_at=trigger["next_at"], session=session)
    queue.wake(SCHEDULE_JOB, key, session=session)


def keep_schedules() -> None:
    """Have jobs for the schedules that should have fired and have not: for every process, as often as it likes."""
    for trigger in trigger_store.overdue(now() - LATE, OVERDUE_MOST):
        keep_schedule(trigger)


def enqueue_fire(trigger: Trigger, call: str, session: ClientSession) -> None:
    """Queue what the trigger does for one call or slot."""
    queue.enqueue(
        FIRE_JOB,
        {"trigger_id": str(trigger["_id"]), "call": call},
        key=f"{trigger['_id']}:{content_digest(call.encode())}",
        max_attempts=FIRE_ATTEMPTS,
        in_lanes=[f"team:{trigger['team_id']}"],
        session=session,
    )


def keep_time(ctx: JobContext) -> None:
    """Handler of `workflows.schedule`."""
    trigger_id = ObjectId(ctx.payload["trigger_id"])

    def work(session: ClientSession) -> float | None:
        """Seconds until it is to be looked at again; None when the schedule is no more."""
        trigger = trigger_store.find(trigger_id, {}, session=session)
        if not trigger["enabled"] or trigger["next_at"] is None:
            return None
        moment = now()
        if trigger["next_at"] <= moment:
            schedule = parse_schedule(trigger["cron"], trigger["time_zone"])
            slot = schedule.last_until(moment, trigger["next_at"]) or trigger["next_at"]
            call = f"slot:{iso(slot)}"
            if trigger_store.claim_call(trigger_id, call, moment, session):
                enqueue_fire(trigger, call, session)
                telling.wait(trigger_id, {"call": call, "at": moment, "reason": ""}, session)
            trigger = trigger_store.change(trigger_id, {"next_at": schedule.next_after(moment)}, session)
            telling.tell(trigger, session)
        return None if trigger["next_at"] is None else max(0.0, (trigger["next_at"] - now()).total_seconds())

    try:
        left_s = run_in_transaction(work)
    except TriggerNotFound:
        return  # removed
    except DuplicateKeyError:
        left_s = 0.0  # another worker was at the same slot
    if left_s is not None:
        ctx.snooze(left_s)


def run_trigger(ctx: JobContext) -> None:
    """Handler of `workflows.trigger`."""
    try:
        trigger = trigger_store.find(ObjectId(ctx.payload["trigger_id"]), {})
    except TriggerNotFound:
        return
    call = ctx.payload["call"]
    if not trigger["enabled"]:
        telling.ended(trigger["_id"], call, held("it was disabled before it could start a run"))
        return
    wait = waits_for(trigger, call)
    if (wait or trigger["type"] in FOLLOWING) and trigger_store.newest_call(trigger["_id"]) != call:
        return  # the later call runs what is drawn, and built, by then
    if wait and run_store.with_key(trigger["workflow_id"], key_of(trigger, call), {}, None) is None:
        at = trigger_store.called_at(trigger["_id"], call) or now()
        trigger_store.forget_held(trigger["_id"], call)
        telling.wait(trigger["_id"], {"call": call, "at": at, "reason": wait.reason})
        ctx.snooze(wait.again_s)
    last = fire(trigger, call)
    if last.get("passes") and may_pass(trigger, call):
        if trigger_store.newest_call(trigger["_id"]) != call:
            return
        at = trigger_store.called_at(trigger["_id"], call) or now()
        telling.wait(trigger["_id"], {"call": call, "at": at, "reason": last["reason"]})
        ctx.snooze(PASSING_S)
    telling.ended(trigger["_id"], call, last)


def fire_for_build(ctx: JobContext) -> None:
    """Handler of `workflows.built`: triggers whose drawing takes the image of that build fire, each once."""
    source, call = ctx.payload["source"], f"build:{ctx.payload['build_id']}"
    for trigger in trigger_store.following_builds(ObjectId(ctx.payload["team_id"])):
        ctx.check_alive()
        here = environment_of(trigger)
        if here is not None and _has_news(trigger, here, source):
            _claim(trigger, call)


def _has_news(trigger: Trigger, here: Environment, source: str) -> bool:
    """Also where its drawing is not there any more: it fires, and is held with the reason."""
    try:
        return bool(news(trigger, here, source))
    except VersionNotFound:
        return True


def _claim(trigger: Trigger, call: str) -> None:
    moment = now()

    def work(session: ClientSession) -> None:
        if trigger_store.claim_call(trigger["_id"], call, moment, session):
            enqueue_fire(trigger, call, session)
            telling.wait(trigger["_id"], {"call": call, "at": moment, "reason": ""}, session)

    with contextlib.suppress(DuplicateKeyError):  # another worker was at the same build
        run_in_transaction(work)


def give_up(ctx: JobContext, reason: Mapping[str, Any]) -> None:
    """It could not be told in all attempts what a run would do, or none could be started."""
    last: trigger_store.Last = {
        "at": now(),
        "outcome": "failed",
        "run": None,
        "reason": str(reason["detail"]),
        "plan": None,
    }
    telling.ended(ObjectId(ctx.payload["trigger_id"]), ctx.payload["call"], last)
