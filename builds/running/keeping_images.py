"""The job that keeps of a source only as many images as it says: once an hour, what nothing uses of the others goes."""

from __future__ import annotations

import logging

from bson import ObjectId

from builds.domain.keeping import Made
from builds.running.removing_images import Removed, remove_old
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, KubeOrchError
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext, WorkerStopping
from kubeorch.jobs.queue import LeaseLost
from kubeorch.web import auditing

JOB = "builds.keep_images"
EVERY_S = 3600.0
SOURCE_S = 120.0
"""For the images of one source; what is left has its turn the next time."""
AT_ONCE = 100
TROUBLE_MOST = 500
ACTOR = "KubeOrch"
"""As whom it is in the audit log."""
log = logging.getLogger(__name__)


class KeepsOthers(Conflict):
    """What a source keeps was changed meanwhile."""

    code = "image.policy_changed"

    def __init__(self) -> None:
        super().__init__("how many images are kept was changed meanwhile; the next time it is as it says now")


def keep_keeping() -> None:
    """Have the job in the queue, which asks to be called again each time: for every process, as often as it likes."""
    queue.enqueue(JOB, {}, key="all", delay_s=EVERY_S)


def keep_images(ctx: JobContext) -> None:
    """Handler of `builds.keep_images`. A source that fails keeps no other one waiting."""
    last: ObjectId | None = None
    while sources := source_store.keeping_images(last, AT_ONCE):
        for source in sources:
            ctx.check_lease()
            keep_of(source["_id"], ctx)
        last = sources[-1]["_id"]
    ctx.snooze(EVERY_S)


def keep_of(source_id: ObjectId, ctx: JobContext) -> None:
    """Remove the older images of one source, as it is now, and note with it what came of that."""
    source = source_store.find_if_there(source_id)
    keep = source.get("keep_images", 0) if source is not None else 0
    if source is None or not keep:
        return
    row, gone = source, list[Made]()

    def check() -> None:
        ctx.check_lease()
        found = source_store.find_if_there(source_id)
        if found is None or found.get("keep_images", 0) != keep:
            raise KeepsOthers

    def told(one: Made) -> None:
        gone.append(one)
        target = {"source": row["_id"], "image": one.image, "digest": one.digest, "tags": list(one.tags)[:10]}
        auditing.record("image.remove", actor=ACTOR, team_id=row["team_id"], target={**target, "kept": keep})

    try:
        trouble = _trouble(remove_old(row, keep, seconds=SOURCE_S, check=check, told=told, by=ACTOR))
    except KubeOrchError as error:
        trouble = error.detail
    except (LeaseLost, WorkerStopping):
        raise
    except Exception:  # of one source: those behind it have their turn all the same
        log.exception("the older images of source %s were not removed", source_id)
        return
    _note(row, len(gone), trouble)


def _trouble(removed: Removed) -> str:
    return removed.left[0][1] if removed.left else ""


def _note(source: SourceRow, removed: int, trouble: str) -> None:
    source_store.note_images(source["_id"], {"at": now(), "removed": removed, "trouble": trouble[:TROUBLE_MOST]})
