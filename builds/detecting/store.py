"""Detections as documents. What was found is sealed: a repository may be private, and its files may hold secrets.

Every write of a state is guarded as `detecting` says, and by the fence where a worker writes.
Indexes: `detections.team_created`, `team_state`, `place` (unique); rows end after a week.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

import bson
from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from builds.domain.detecting import ENDED, OPEN, DetectionState, move
from builds.domain.states import Who
from kubeorch.base import seal
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import db
from kubeorch.mongo.resealing import SealedField

Scope = Mapping[str, Any]
KEPT_MOST = 100
"""Of a team."""
MADE_MOST = 20
"""Workflows of one detection that are remembered by their key."""
_HEAD = {"sealed_found": 0, "made": 0}


class Progress(TypedDict):
    """How far it is; `done` of `total` where that is known."""

    text: str
    done: int | None
    total: int | None


class Failure(TypedDict):
    """Why nothing was found out."""

    code: str
    detail: str
    field: str | None
    """Of what was asked for, as `repository`; None where it is none of that."""


class Made(TypedDict):
    """A workflow that was made of it, by the key of that request."""

    key: str
    workflow_id: ObjectId
    name: str
    """Of the workflow, as it was given."""
    source_ids: list[ObjectId]
    build_ids: list[ObjectId]


class Detection(TypedDict):
    """A document of `detections`. Times are UTC with milliseconds."""

    _id: ObjectId
    team_id: ObjectId
    repository: str
    connection_id: ObjectId | None
    """The git connection that opens the repository; None for a public one."""
    ref: str
    """As asked for; "" for the branch that the server shows first."""
    root: str
    """The folder below which is looked; "" for all of it."""
    state: str
    """One of DetectionState."""
    commit: str | None
    """The whole id, once it is known."""
    message: str
    """First line of the commit."""
    found_at: str
    """`branch main` or `tag v1`, where the server told."""
    progress: Progress | None
    failure: Failure | None
    sealed_found: NotRequired[bytes]
    """What was found, once it has succeeded."""
    made: NotRequired[list[Made]]
    place: NotRequired[str | None]
    """Which of the team's places it holds until it has ended: two detections never hold one."""
    fence: int
    rev: int
    created_at: datetime
    created_by: ObjectId
    ended_at: datetime | None


class DetectionNotFound(NotFound):
    """No such detection in the caller's teams."""

    code = "detection.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such detection; each is kept for a week")


def seal_found(detection_id: ObjectId, found: Mapping[str, Any]) -> Binary:
    return Binary(seal.seal(zlib.compress(bson.encode(dict(found)), 1), aad=_aad(detection_id)))


def open_found(row: Detection) -> dict[str, Any]:
    """What was found; {} before it has succeeded. Raises Unsealable."""
    blob = row.get("sealed_found", b"")
    if not blob:
        return {}
    return dict(bson.decode(zlib.decompress(seal.unseal(bytes(blob), aad=_aad(row["_id"])))))


def _aad(detection_id: ObjectId) -> str:
    return f"detections/{detection_id}/found"


SEALED = (SealedField("detections", "sealed_found", lambda row: _aad(row["_id"])),)


def insert(row: Detection, session: ClientSession) -> None:
    """Add one; what the team then has beyond KEPT_MOST goes, the oldest first."""
    _detections().insert_one(row, session=session)
    newest = [("created_at", -1), ("_id", -1)]
    over = _detections().find({"team_id": row["team_id"]}, {"_id": 1}, session=session).sort(newest).skip(KEPT_MOST)
    if gone := [one["_id"] for one in over]:
        _detections().delete_many({"_id": {"$in": gone}}, session=session)


def places_taken(team_id: ObjectId, session: ClientSession) -> set[str]:
    """By those of the team that have not ended."""
    query = {"team_id": team_id, "state": {"$in": [state.value for state in OPEN]}}
    return {str(row["place"]) for row in _detections().find(query, {"place": 1}, session=session) if row.get("place")}


def find(detection_id: ObjectId, scope: Scope, *, session: ClientSession | None = None) -> Detection:
    """Raises DetectionNotFound."""
    found = _detections().find_one({"_id": detection_id, **scope}, session=session)
    if found is None:
        raise DetectionNotFound
    return found


def step(
    detection_id: ObjectId,
    after: DetectionState,
    who: Who,
    *,
    fence: int | None = None,
    values: Mapping[str, Any] | None = None,
    session: ClientSession | None = None,
) -> Detection | None:
    """Move it, and set `values` with it; None where the table does not allow it, or it is gone."""
    query, state = move(after, who, fence=fence)
    freed = {"place": None} if after in ENDED else {}
    return _change({"_id": detection_id, **query}, {**(values or {}), **state, **freed}, session)


def set_progress(detection_id: ObjectId, fence: int, progress: Progress, session: ClientSession) -> Detection | None:
    """None where this worker does not hold it any more."""
    held = {"_id": detection_id, "fence": fence, "state": {"$in": [state.value for state in OPEN]}}
    return _change(held, {"progress": progress}, session)


def hold(detection_id: ObjectId, scope: Scope, session: ClientSession) -> Detection:
    """Read it so that of two transactions that do this one is tried again. Raises DetectionNotFound."""
    found = _detections().find_one_and_update(
        {"_id": detection_id, **scope},
        {"$inc": {"rev": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if found is None:
        raise DetectionNotFound
    return found


def note_made(detection_id: ObjectId, made: Made, session: ClientSession) -> None:
    push: dict[str, Any] = {"made": {"$each": [made], "$slice": -MADE_MOST}}
    _detections().update_one({"_id": detection_id}, {"$push": push}, session=session)


def made_of(row: Detection, key: str) -> Made | None:
    made: Sequence[Made] = row.get("made", ())
    return next((one for one in made if one["key"] == key), None)


def remove(detection_id: ObjectId, session: ClientSession) -> None:
    _detections().delete_one({"_id": detection_id}, session=session)


def _change(query: Mapping[str, Any], values: Mapping[str, Any], session: ClientSession | None) -> Detection | None:
    return _detections().find_one_and_update(
        dict(query),
        {"$set": dict(values), "$inc": {"rev": 1}},
        projection=_HEAD,
        return_document=ReturnDocument.AFTER,
        session=session,
    )


def _detections() -> Collection[Detection]:
    return cast("Collection[Detection]", db().detections)
