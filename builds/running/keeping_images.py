"""The job that keeps of a source only as many images as it says: once an hour, what nothing uses of the others goes."""

from __future__ import annotations

import logging

from bson import ObjectId

from builds.running.old_images import Removed, remove_old
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext, WorkerStopping
from kubeorch.jobs.queue import LeaseLost

JOB = "builds.keep_images"
EVERY_S = 3600.0
AT_ONCE = 100
TROUBLE_MOST = 500
log = logging.getLogger(__name__)


def keep_keeping() -> None:
    """Have the job in the queue, which asks to be called again each time: for every process, as often as it likes."""
    queue.enqueue(JOB, {}, key="all", delay_s=EVERY_S)


def keep_images(ctx: JobContext) -> None:
    """Handler of `builds.keep_images`. A source that fails keeps no other one waiting."""
    last: ObjectId | None = None
    while sources := source_store.keeping_images(last, AT_ONCE):
        for source in sources:
            ctx.check_lease()
            keep_of(source, ctx)
        last = sources[-1]["_id"]
    ctx.snooze(EVERY_S)


def keep_of(source: SourceRow, ctx: JobContext) -> None:
    """Remove the older images of one source, and note with it what came of that."""
    try:
        removed = remove_old(source, source.get("keep_images", 0), ctx.check_lease)
    except KubeOrchError as error:
        _note(source, 0, error.detail)
        return
    except (LeaseLost, WorkerStopping):
        raise
    except Exception:  # of one source: those behind it have their turn all the same
        log.exception("the older images of source %s were not removed", source["_id"])
        return
    _note(source, len(removed.gone), _trouble(removed))
    for one in removed.gone:
        log.info("source %s keeps %s@%s no more", source["_id"], one.image, one.digest)


def _trouble(removed: Removed) -> str:
    return removed.left[0][1] if removed.left else ""


def _note(source: SourceRow, removed: int, trouble: str) -> None:
    source_store.note_images(source["_id"], {"at": now(), "removed": removed, "trouble": trouble[:TROUBLE_MOST]})
