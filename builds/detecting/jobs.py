"""The job of a detection: fetch the commit, look at its files, keep what can be built. It may be killed after any line.

Another worker then begins anew: nothing is kept before the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from builds import store as host_store
from builds.connections.access import access_for
from builds.detecting import store
from builds.detecting.rows import rows_of
from builds.detecting.store import Detection, Failure
from builds.detecting.telling import move_detection, say_progress
from builds.domain.detecting import DetectionState
from builds.domain.detection.detect import detect
from builds.domain.detection.findings import Findings
from builds.domain.detection.tree import FILE_MOST_BYTES
from builds.domain.repositories import Repository, repository_of
from builds.domain.states import Who
from builds.domain.submodules import repository_at
from builds.git.fetching import Snapshot, fetched
from builds.git.workspace import BIG_FILE_BYTES
from kubeorch.accounts.store import principal_of_user
from kubeorch.base.clock import now
from kubeorch.base.errors import Forbidden, InvalidInput, KubeOrchError, Unavailable
from kubeorch.base.failpoint import hit
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext

JOB = "builds.detect"
LANE = "detections"
ATTEMPTS = 3
SAY_EVERY_S = 0.5
READ_S = 45.0
"""For looking at the files of one commit."""
_FIELDS = {"source.url": "repository", "source.ref": "ref", "source.credential": "connection"}
"""What git's errors call what a person gave, and what it is called here."""


class DetectionCanceled(Exception):
    """Somebody ended or removed it: nothing more is to be done for it."""


def start(row: Detection, session: ClientSession) -> None:
    detection_id = str(row["_id"])
    queue.enqueue(
        JOB,
        {"detection_id": detection_id},
        key=detection_id,
        max_attempts=ATTEMPTS,
        in_lanes=[LANE],
        is_first=True,
        session=session,
    )


def stop(detection_id: ObjectId) -> None:
    """Let the job of a detection that has ended otherwise find that out at once."""
    queue.request_cancel(JOB, str(detection_id))


def execute(context: JobContext) -> None:
    """Handler of `builds.detect`."""
    detection_id = ObjectId(context.payload["detection_id"])
    row = move_detection(detection_id, DetectionState.FETCHING, Who.CLAIMER, fence=context.fence)
    if row is None:
        return  # it was canceled, or removed
    hit("detections.claimed")
    reading = _Reading(row, context)
    try:
        values = _found(reading)
    except DetectionCanceled:
        return
    except Unavailable as error:
        reading.say(f"{error.detail}; it is tried again", anyway=True)
        raise
    except KubeOrchError as error:
        reading.end(DetectionState.FAILED, {"failure": _failure(error)})
        return
    reading.end(DetectionState.SUCCEEDED, values)


def give_up(context: JobContext, reason: Mapping[str, Any]) -> None:
    """The end of a job that will not be tried again."""
    detection_id = ObjectId(context.payload["detection_id"])
    failure: Failure = {"code": reason["code"], "detail": reason["detail"], "field": None}
    values = {"failure": failure, "progress": None, "ended_at": now()}
    move_detection(detection_id, DetectionState.FAILED, Who.QUEUE, fence=context.fence, values=values)


class _Reading:
    """A detection as the worker that has claimed it holds it."""

    def __init__(self, row: Detection, context: JobContext) -> None:
        self.row = row
        self._context = context
        self._said_at = 0.0

    def check(self) -> None:
        """Call it several times a second: raises DetectionCanceled, LeaseLost or WorkerStopping."""
        self._context.check_lease()
        if self._context.cancel_requested:
            raise DetectionCanceled

    def say(self, text: str, *, done: int | None = None, total: int | None = None, anyway: bool = False) -> None:
        """Show how far it is. Cheap to call often, and then not all of it is shown, but for what is said `anyway`."""
        if not anyway and time.monotonic() - self._said_at < SAY_EVERY_S:
            return
        self._said_at = time.monotonic()
        progress: store.Progress = {"text": text, "done": done, "total": total}
        if not say_progress(self.row["_id"], self._context.fence, progress):
            raise DetectionCanceled

    def enter_reading(self, values: Mapping[str, Any]) -> None:
        """Raises DetectionCanceled where it is not ours any more."""
        moved = move_detection(
            self.row["_id"], DetectionState.READING, Who.HOLDER, fence=self._context.fence, values=values
        )
        if moved is None:
            raise DetectionCanceled
        self.row = moved

    def end(self, state: DetectionState, values: Mapping[str, Any]) -> None:
        self._context.check_lease(anew=True)
        ending = {**values, "progress": None, "ended_at": now()}
        move_detection(self.row["_id"], state, Who.HOLDER, fence=self._context.fence, values=ending)


def _found(reading: _Reading) -> dict[str, Any]:
    """The fields of a detection that has succeeded. Raises the errors of git, and Forbidden."""
    row = reading.row
    principal = principal_of_user(row["created_by"])
    if principal is None or not principal.may("source.edit", row["team_id"]):
        raise Forbidden("whoever asked for this may not make sources any more", code="forbidden.role")
    repository = repository_of(row["repository"], field="repository")
    access = access_for(row["team_id"], row["connection_id"], repository)
    reading.say(f"asking {repository.host}", anyway=True)
    with fetched(
        repository,
        row["ref"],
        access,
        check=reading.check,
        said=lambda percent: reading.say("fetching", done=percent, total=100),
    ) as snapshot:
        if snapshot.host_key and snapshot.host_key != access.host_key:
            host_store.keep_key(row["team_id"], repository.host, repository.port, snapshot.host_key)
        facts = {"commit": snapshot.commit, "message": snapshot.subject, "found_at": snapshot.ref}
        reading.enter_reading({**facts, "progress": {"text": "looking at its files", "done": None, "total": None}})
        hit("detections.fetched")
        called = row["root"].rpartition("/")[2] or repository.name
        findings = _looked_at(snapshot, row["root"], called, reading.check)
    return {"sealed_found": store.seal_found(row["_id"], rows_of(findings, row["root"], _opens(row, repository)))}


def _opens(row: Detection, repository: Repository) -> Callable[[str], bool]:
    """Whether a submodule is read with the connection; without one, nothing is that not everybody may read."""

    def is_opened(address: str) -> bool:
        try:
            return repository_at(address, repository).host == repository.host
        except InvalidInput:
            return False  # a fetch refuses it

    return is_opened if row["connection_id"] is not None else lambda _: False


def _looked_at(snapshot: Snapshot, root: str, called: str, check: Callable[[], None]) -> Findings:
    """Raises InvalidInput where there is no such folder, or where it takes too long."""
    above = f"{root}/" if root else ""
    files = {path: id_ for path, id_ in snapshot.listing.files.items() if path.startswith(above)}
    if root and not files:
        raise InvalidInput(f"the commit has no folder {root}", code="detection.no_root", field="root")
    sizes = snapshot.objects.sizes
    listing = {path[len(above) :]: sizes.get(id_, BIG_FILE_BYTES + 1) for path, id_ in files.items()}
    until = time.monotonic() + READ_S

    def text_of(path: str) -> str | None:
        check()
        if time.monotonic() > until:
            cure = "looking at the repository takes too long; name a folder of it"
            raise InvalidInput(cure, code="detection.too_large", field="root")
        content = snapshot.read(above + path, most=FILE_MOST_BYTES)
        try:
            return None if content is None else content.decode()
        except UnicodeDecodeError:
            return None

    check()
    return detect(listing, text_of, called=called)


def _failure(error: KubeOrchError) -> Failure:
    field = next((problem.field for problem in error.problems if problem.field), None)
    return {"code": error.code, "detail": error.detail, "field": _FIELDS.get(field, field) if field else None}
