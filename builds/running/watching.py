"""The jobs that ask registries which digests the tags name that triggers watch: one for each registry at a time.

A registry gets PASS_MOST questions at most within PAUSE_S seconds, whatever the number of triggers, teams and workers:
HEAD of a manifest, which registries do not count as a pull. One that does not answer, or asks for patience, is left
alone for as long as it says by the team whose account it was asked with; an image that cannot be read, or only slowly,
is asked for ever more rarely. All these jobs are in one lane and behind any other, so that slow registries hold up
nothing else.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from bson import ObjectId

from builds.registries.access import registry_of
from builds.registries.choices import ending_at
from builds.registries.watched import watched_image
from kubeorch.accounts.store import principal_of_user
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError, Unavailable
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext, WorkerStopping
from kubeorch.jobs.queue import LeaseLost
from workflows.triggers import watch_store, watching
from workflows.triggers.store import Trigger
from workflows.triggers.watch_store import Due

JOB = "builds.watch_images"
LANE = "registries"
PRIORITY = -1
PASS_MOST = 10
PAUSE_S = 20.0
ASK_S = 10.0
"""For one image."""
PASS_S = 20.0
"""For all of a pass: what is left waits for the next."""
SLOW_S = 3.0
"""For one image: from then on it is asked for more rarely."""
ALONE_S, ALONE_MOST_S = 60.0, 3600.0
"""How long a registry is left alone that does not answer, and at most when it says itself for how long."""
FAULT = "it could not be asked for, by a fault of this server; what its worker logs says more"

logger = logging.getLogger(__name__)


def keep_watching() -> None:
    """Have jobs for the registries that are to be asked: for every process, as often as it likes."""
    for host in watch_store.due_hosts(now()):
        queue.enqueue(JOB, {"host": host}, key=host, in_lanes=[LANE], priority=PRIORITY)


def look_at_images(ctx: JobContext) -> None:
    """Handler of `builds.watch_images`. It stays in the queue for PAUSE_S, so that no other one begins before that."""
    host, until = ctx.payload["host"], time.monotonic() + PASS_S
    found, paused = watch_store.due_at(host, now(), PASS_MOST), set[ObjectId]()
    for due in found:
        if time.monotonic() > until:
            break
        if due.team_id in paused:
            continue
        ctx.check_lease()
        wait_s = _look(due, ctx)
        if wait_s:
            moment = now()
            watch_store.put_off(due.team_id, host, moment, moment + timedelta(seconds=wait_s))
            paused.add(due.team_id)
    if found:
        ctx.snooze(PAUSE_S)


def _look(due: Due, ctx: JobContext) -> float:
    """Ask which digest the tag names, and note it with all triggers of the team that watch it; for how many seconds its
    registry wants to be left alone by the team."""
    triggers = [one for one in watch_store.watching(due) if _may(one, due)]
    if not triggers:
        return 0.0
    since = time.monotonic()
    try:
        digest = _digest_of(due, ctx)
    except KubeOrchError as error:
        for trigger in triggers:
            watching.note_failure(trigger, due.image, error.detail)
        return _alone_s(error)
    except (LeaseLost, WorkerStopping):
        raise
    except Exception:  # of one image: the others of its registry have their turn all the same
        logger.exception("an image that is watched could not be asked for")
        for trigger in triggers:
            watching.note_failure(trigger, due.image, FAULT)
        return 0.0
    is_slow = time.monotonic() - since > SLOW_S
    for trigger in triggers:
        watching.note_digest(trigger, due.image, digest, is_slow=is_slow)
    return 0.0


def _may(trigger: Trigger, due: Due) -> bool:
    """Whether the person whose rights it uses may still use the team's accounts; noted where not."""
    person = principal_of_user(trigger["made_by"])
    may = person is not None and person.may("registry.use", due.team_id)
    if not may:
        name = trigger["made_by_name"]
        why = f"{name}, whose rights it uses, may no longer use registries here; somebody who may has to change it"
        watching.note_failure(trigger, due.image, why)
    return may


def _digest_of(due: Due, ctx: JobContext) -> str:
    """Raises what the registry says, and that the image is not the team's any more."""
    image = watched_image(due.team_id, due.image)
    with registry_of(due.team_id, image, check=_until(ctx, image.host)) as registry:
        return registry.digest_of(image.path, image.reference)


def _until(ctx: JobContext, host: str) -> Callable[[], None]:
    check_time = ending_at(time.monotonic() + ASK_S, host)

    def check() -> None:
        ctx.check_alive()
        check_time()

    return check


def _alone_s(error: KubeOrchError) -> float:
    if not isinstance(error, Unavailable):
        return 0.0
    return min(max(error.retry_after_s or ALONE_S, PAUSE_S), ALONE_MOST_S)
