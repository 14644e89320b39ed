"""What was found of the images that triggers watch: noted, told, and fired for where a tag has moved."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.mongo.transaction import run_in_transaction
from workflows.images import host_of_watched
from workflows.triggers import store as trigger_store
from workflows.triggers import telling, watch_store
from workflows.triggers.images import moved_images
from workflows.triggers.jobs import enqueue_fire
from workflows.triggers.store import Trigger, Watched
from workflows.triggers.waiting import environment_of
from workflows.versions.store import VersionNotFound

IMAGES_MAX = 20
"""Of a trigger."""
OF_A_TEAM = 200
"""Images that all triggers of a team watch: each is asked for every few minutes."""
EVERY = timedelta(minutes=5)
BACK_OFF_MOST = timedelta(hours=6)
AGAIN = timedelta(minutes=10)
"""After which a run is tried again that could not be started."""
JITTER = 0.2
ERROR_MAX = 500


class TooManyWatched(Conflict):
    code = "trigger.too_many_images"

    def __init__(self) -> None:
        super().__init__(
            f"the triggers of a team watch {OF_A_TEAM} images at most; leave some out, or remove a trigger",
            field="images",
        )


class ImagesNeeded(InvalidInput):
    code = "trigger.images"

    def __init__(self) -> None:
        super().__init__(
            f"name the images to watch as the drawing has them, {IMAGES_MAX} at most, as nginx:1.27", field="images"
        )


def watched(
    trigger: Trigger,
    names: Sequence[str],
    session: ClientSession,
    before: Sequence[Watched] = (),
    *,
    begins: bool = True,
) -> list[Watched]:
    """What a trigger is to watch, with what is known of it already. What is new is looked at soon, and all of it where
    it `begins` to look; never while the team leaves the registry alone.

    Raises ImagesNeeded, TooManyWatched, and InvalidInput for what is not an image, has a digest, or is another team's.
    """
    wanted = list(dict.fromkeys(names))
    if not 0 < len(wanted) <= IMAGES_MAX:
        raise ImagesNeeded
    of_others = watch_store.watched_by_team(trigger["team_id"], trigger["_id"], session)
    if len(of_others.union(wanted)) > OF_A_TEAM:
        raise TooManyWatched
    known, moment = {one["image"]: one for one in before}, now()
    found = [known[name] if name in known else _new(name, trigger["team_id"], moment) for name in wanted]
    pauses = watch_store.pauses_of(trigger["team_id"], {one["host"] for one in found}, session)
    return [
        {**one, "next_at": max(moment, pauses.get(one["host"], moment))} if begins or one["image"] not in known else one
        for one in found
    ]


def _new(name: str, team_id: ObjectId, moment: datetime) -> Watched:
    return {
        "image": name,
        "host": host_of_watched(team_id, name),
        "digest": "",
        "looked_at": None,
        "changed_at": None,
        "next_at": moment,
        "failures": 0,
        "error": "",
    }


def note_digest(trigger: Trigger, image: str, digest: str, *, is_slow: bool = False) -> bool:
    """Note which digest the tag names now, and fire where it is another one than before, or the run for it has failed;
    whether it fires. Who is slow to answer is asked the later the more often that was so."""
    moment, before = now(), _of(trigger, image)
    failures = before["failures"] + 1 if is_slow else 0
    is_moved = bool(before["digest"]) and before["digest"] != digest
    values: dict[str, Any] = {
        "digest": digest,
        "looked_at": moment,
        "next_at": moment + _spread(_wait(failures)),
        "failures": failures,
        "error": "",
    }
    if not before["digest"]:
        values["first"] = digest
    if is_moved:
        returns = before.get("returns", 0) + 1 if digest == before.get("before") else 0
        values |= {"changed_at": moment, "before": before["digest"], "returns": returns}
    fires = is_moved or _is_tried_again(trigger, moment)

    def work(session: ClientSession) -> bool:
        after = watch_store.note(trigger["_id"], image, before["digest"], values, session)
        if after is None:
            return False  # changed, disabled or removed meanwhile
        telling.tell(after, session)
        if is_moved:
            watch_store.look_soon(after, image, moment, session)
        call = f"image:{after.get('rev', 0)}"
        if fires and trigger_store.claim_call(trigger["_id"], call, moment, session):
            enqueue_fire(after, call, session)
            telling.wait(trigger["_id"], {"call": call, "at": moment, "reason": ""}, session)
        return fires

    return run_in_transaction(work)


def _is_tried_again(trigger: Trigger, moment: datetime) -> bool:
    """Whether no run has come of what has moved, for a reason that may have passed: after AGAIN, and then each time as
    long as it has been tried by then."""
    last, moved = trigger["last"], [one["changed_at"] for one in trigger["images"] if one["changed_at"] is not None]
    if last is None or trigger.get("waiting") or not moved:
        return False
    is_passing = last["outcome"] == "failed" or (last["outcome"] == "held" and last.get("passes", False))
    wait = min(max(last["at"] - max(moved), AGAIN), BACK_OFF_MOST)
    if not is_passing or moment - last["at"] < wait:
        return False
    here = environment_of(trigger)
    with contextlib.suppress(VersionNotFound):
        return here is not None and bool(moved_images(trigger, here))
    return False


def note_failure(trigger: Trigger, image: str, reason: str) -> None:
    """Note why it is not known which digest the tag names; the next look is the later the more have failed."""
    before = _of(trigger, image)
    failures = before["failures"] + 1
    values = {"failures": failures, "error": reason[:ERROR_MAX], "next_at": now() + _spread(_wait(failures))}

    def work(session: ClientSession) -> None:
        after = watch_store.note(trigger["_id"], image, before["digest"], values, session)
        if after is not None:
            telling.tell(after, session)

    run_in_transaction(work)


def _of(trigger: Trigger, image: str) -> Watched:
    return next(one for one in trigger["images"] if one["image"] == image)


def _wait(failures: int) -> timedelta:
    return min(EVERY * 2 ** min(failures, 10), BACK_OFF_MOST)


def _spread(wait: timedelta) -> timedelta:
    """So that what was begun together is not asked together for ever."""
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (no secret)
