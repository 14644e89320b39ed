"""Builds that have ended are kept for a while, with their logs: the newest of each source.

Never removed are those whose image a run of the team has taken, as long as the run is kept; those that a drawing pins;
the one that a run would take now; those that later builds were answered with; and of a source that keeps only its
newest images those whose image is still there, since only their builds tell that it may go.
"""

from __future__ import annotations

from bson import ObjectId
from django.conf import settings

from builds.domain.states import BuildState
from builds.running import choosing, log_store, store
from builds.running.store import Build
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext
from workflows.graphs.store import parameters_of_nodes
from workflows.runs.history_store import builds_taken

JOB = "builds.forget_builds"
EVERY_S = 3600.0
AT_ONCE = 100
IMAGES_MOST = 1_000
"""Builds of a source, counted from the newest, that are kept for the sake of images which are to be removed."""


def keep_forgetting() -> None:
    """Have the job in the queue, which asks to be called again each time: for every process, as often as it likes."""
    queue.enqueue(JOB, {}, key="all", delay_s=EVERY_S)


def forget_old_builds(ctx: JobContext) -> None:
    """Handler of `builds.forget_builds`. What a killed worker left undone is done the next time."""
    last: ObjectId | None = None
    while sources := source_store.rows_after(last, AT_ONCE):
        for source in sources:
            forget_of(source, ctx)
        last = sources[-1]["_id"]
    ctx.snooze(EVERY_S)


def forget_of(source: SourceRow, ctx: JobContext) -> None:
    """Remove the old builds of one source."""
    number = 0
    while old := store.old_of(source["_id"], newest=settings.MAX_BUILDS, after=number, most=AT_ONCE):
        ctx.check_lease()
        number = old[-1]["number"]
        taken, pins = builds_taken(source["team_id"]), pins_of(source)
        newest = choosing.newest_of(source)
        answered = store.that_answered([build["_id"] for build in old])
        gone = [
            build["_id"]
            for build in old
            if str(build["_id"]) not in taken
            and build["_id"] not in answered
            and (newest is None or build["_id"] != newest["_id"])
            and pins is not None
            and not {str(build["number"]), build["digest"]} & pins
            and not _is_needed_to_remove(build, source)
        ]
        # The build goes last, so that what a kill in between leaves belongs to a build that is found again.
        log_store.forget(gone)
        store.forget(gone)


def _is_needed_to_remove(build: Build, source: SourceRow) -> bool:
    """Whether the build tells that an image is the source's own, which is to go from its registry some time."""
    is_there = build["state"] == BuildState.SUCCEEDED.value and not build.get("image_is_gone")
    is_own = is_there and build["answered_by"] is None and build["digest"] is not None
    return is_own and bool(source.get("keep_images")) and build["number"] > source["last_number"] - IMAGES_MOST


def pins_of(source: SourceRow) -> set[str | None] | None:
    """What drawings of the team pin of a source; None where that cannot be told, as of a variable: all may be meant."""
    found: set[str | None] = set()
    for parameters in parameters_of_nodes(source["team_id"], "pin"):
        name, pin = str(parameters.get("source") or ""), str(parameters["pin"] or "").removeprefix("#")
        if name != source["name"] and "$" not in name:
            continue
        if "$" in pin:
            return None
        if pin:
            found.add(pin)
    return found
