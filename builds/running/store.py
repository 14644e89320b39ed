"""Builds as documents: every write of a state guarded as `states` says, and by the fence where a worker writes.

A build holds one place of its engine (`slot`) from the moment it is dispatched to its end, and the unique index
`builds.slot` gives every place to one build alone.
Indexes: `builds.source_number`, `source_ref`, `identity`, `slot`, `team_created`, `open`.
"""

from __future__ import annotations

from collections.abc import Collection as Many
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict, cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from builds.domain.states import ENDED, HELD, OPEN, BuildState, Who, move
from builds.running.rows import BaseRow, CancelAsked, PushRow, Reason, StageTimes, Step
from builds.sources.store import BuilderRow, VariableRow
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import db
from kubeorch.mongo.pages import Page, find_page

Scope = Mapping[str, Any]
Trigger = Literal["person", "token", "push", "command"]
TREES_MOST = 30
_HEAD = {"steps": 0, "variables": 0}
_CHANGED = {"steps": 0}
_ANSWERS = {"state": BuildState.SUCCEEDED.value, "answered_by": None, "image_removed_at": None}
"""Builds that others may be answered with."""


class Build(TypedDict):
    """A document of `builds`. Times are UTC with milliseconds."""

    _id: ObjectId
    team_id: ObjectId
    source_id: ObjectId
    source_name: str
    """It never changes."""
    number: int
    """Counts the builds of the source."""
    state: str
    """One of BuildState."""
    ref: str
    """What was to be built: a branch, a tag, a commit, "" for the branch that the server shows first."""
    of_source: bool
    """Whether that is the ref of the source itself, so that runs take the image."""
    commit: str | None
    """The whole id, once it is known."""
    message: str
    """First line of the commit."""
    repository: str
    root: str
    builder: BuilderRow
    """As the source had it when the build was asked for."""
    asked_image: NotRequired[str]
    """The image of the source at that moment; "" for the place of the installation."""
    variables: NotRequired[list[VariableRow]]
    """Those of the source at that moment; secrets without their values, which are read when they are used."""
    lost: NotRequired[int]
    """How often its engine has ended while it built."""
    no_cache: bool
    identity: str | None
    """Of all that it is made of, once that is known: the same is built once."""
    tree: str | None
    """git's id of the folder that was built, once it is known."""
    answered_by: ObjectId | None
    """The build whose image this one was answered with."""
    image: str
    """host/path without a tag, once it is known where the image goes."""
    tags: list[str]
    digest: str | None
    """`sha256:…`"""
    image_removed_at: NotRequired[datetime | None]
    image_removed_by: NotRequired[str]
    """The name of who did."""
    """When its image was removed from its registry, or that began; no run takes it from then on."""
    image_is_gone: NotRequired[bool]
    """Whether that came to its end."""
    bases: NotRequired[list[BaseRow]]
    """Images that it was built on, or copied from."""
    platform: str
    engine: str
    slot: str | None
    """The place of the engine that it holds, as `local#0`."""
    waiting: str
    """What it waits for, in words."""
    reason: Reason | None
    stages: list[StageTimes]
    steps: list[Step]
    error_seq: int | None
    """The line of the log at which it failed."""
    log_lines: int
    attempt: int
    """How often an engine was given it."""
    fence: int
    cancel_asked: CancelAsked | None
    triggered_by: Trigger
    push: NotRequired[PushRow]
    """The newest push that it is built for."""
    created_at: datetime
    created_by: ObjectId
    queued_at: datetime
    dispatched_at: datetime | None
    """When it got its place."""
    started_at: datetime | None
    ended_at: datetime | None
    rev: int


class BuildNotFound(NotFound):
    """No such build in the caller's teams."""

    code = "build.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such build; it may have been removed with its source")


def insert(build: Build, session: ClientSession) -> None:
    _builds().insert_one(build, session=session)


def page(base: Mapping[str, Any], query: Mapping[str, str]) -> Page:
    """One page of builds without their steps, newest first; see `find_page`."""
    sorts = {"created_at": "created_at", "number": "number"}
    return find_page(_builds(), base, query, sorts=sorts, default="-created_at", projection=_HEAD)


def find(build_id: ObjectId, scope: Scope, *, session: ClientSession | None = None) -> Build:
    """Raises BuildNotFound."""
    found = _builds().find_one({"_id": build_id, **scope}, session=session)
    if found is None:
        raise BuildNotFound
    return found


def newest(query: Mapping[str, Any]) -> Build | None:
    """Of those that match, the one with the highest number."""
    return _builds().find_one(dict(query), sort=[("number", -1)])


def of_commit(source_id: ObjectId, commit: str, repository: str, root: str) -> Build | None:
    """An earlier build of just that place, with its tree."""
    place = {"commit": commit, "repository": repository, "root": root, "tree": {"$type": "string"}}
    return _builds().find_one({"source_id": source_id, **place}, _HEAD)


def trees_of(source_id: ObjectId, repository: str, root: str) -> set[str]:
    """Of the newest builds of that place."""
    place = {"source_id": source_id, "repository": repository, "root": root, "tree": {"$type": "string"}}
    rows = _builds().find(place, {"tree": 1}, sort=[("number", -1)], limit=TREES_MOST)
    return {row["tree"] for row in rows if row["tree"] is not None}


def knows_one(team_id: ObjectId, identities: Many[str]) -> bool:
    """Whether a build of the team has made an image of one of these, itself. Index: `identity`."""
    query = {"team_id": team_id, "identity": {"$in": list(identities)}, **_ANSWERS}
    return _builds().find_one(query, {"_id": 1}) is not None


def before(build: Build) -> Build | None:
    """The newest build of the same source before this one that was made step by step, and succeeded."""
    earlier = {"source_id": build["source_id"], "number": {"$lt": build["number"]}, "answered_by": None}
    query = {**earlier, "state": BuildState.SUCCEEDED.value}
    return _builds().find_one(query, {"variables": 0}, sort=[("number", -1)])


def same_inputs(team_id: ObjectId, identity: str) -> Build | None:
    """The newest build of the team that has made an image of just that, itself."""
    query = {"team_id": team_id, "identity": identity, **_ANSWERS}
    return _builds().find_one(query, _HEAD, sort=[("created_at", -1)])


def hold_image(build_id: ObjectId, session: ClientSession) -> bool:
    """Whether the image of a build stays, as far as we know. Its removal waits for the end of this transaction."""
    there = {"_id": build_id, "image_removed_at": None}
    return _builds().update_one(there, {"$inc": {"rev": 1}}, session=session).matched_count == 1


def of_digests(team_id: ObjectId, digests: Many[str]) -> list[Build]:
    """The succeeded builds of a team that have one of these images, the newest first. Index: `team_created`."""
    query = {"team_id": team_id, "state": BuildState.SUCCEEDED.value, "digest": {"$in": list(digests)}}
    return list(_builds().find(query, _HEAD).sort("created_at", -1))


def last_dispatched(team_ids: Many[ObjectId]) -> dict[ObjectId, datetime]:
    """When each of these teams got a place last; those that ever did."""
    found = {}
    for team_id in set(team_ids):
        query = {"team_id": team_id, "dispatched_at": {"$type": "date"}}
        row = _builds().find_one(query, {"dispatched_at": 1}, sort=[("dispatched_at", -1)])
        if row is not None and row["dispatched_at"] is not None:
            found[team_id] = row["dispatched_at"]
    return found


def open_builds(query: Mapping[str, Any], *, session: ClientSession | None = None) -> list[Build]:
    """Those that have not ended and match, oldest first."""
    wanted = {"state": {"$in": [state.value for state in OPEN]}, **query}
    return list(_builds().find(wanted, _HEAD, session=session).sort([("queued_at", 1), ("_id", 1)]))


def step(
    build_id: ObjectId,
    after: BuildState,
    who: Who,
    *,
    fence: int | None = None,
    values: Mapping[str, Any] | None = None,
    where: Mapping[str, Any] | None = None,
    session: ClientSession | None = None,
) -> Build | None:
    """Move the build, and set `values` with it; None where the table does not allow it, or `where` does not match."""
    query, state = move(after, who, fence=fence)
    return _change({"_id": build_id, **query, **(where or {})}, {**state, **(values or {})}, session)


def note(build_id: ObjectId, fence: int, values: Mapping[str, Any], session: ClientSession) -> bool:
    """Set fields of a build that this worker holds and that are no part of what `rev` counts; whether it holds it."""
    held = {"_id": build_id, "fence": fence, "state": {"$in": [state.value for state in HELD]}}
    return _builds().update_one(held, {"$set": dict(values)}, session=session).matched_count == 1


def set_fields(
    query: Mapping[str, Any], values: Mapping[str, Any], *, session: ClientSession | None = None
) -> Build | None:
    """Set fields that are no state, where the build is as `query` says."""
    return _change(query, values, session)


def old_of(source_id: ObjectId, *, newest: int, after: int, most: int) -> list[Build]:
    """Builds of the source that have ended, beside its newest: the oldest first, from the one after number `after`."""
    last = _builds().find_one({"source_id": source_id}, {"number": 1}, sort=[("number", -1)], skip=newest)
    if last is None:
        return []
    ended = {"source_id": source_id, "state": {"$in": [state.value for state in ENDED]}}
    rows = _builds().find({**ended, "number": {"$gt": after, "$lte": last["number"]}}, _HEAD).sort("number", 1)
    return list(rows.limit(most))


def that_answered(build_ids: Sequence[ObjectId]) -> set[ObjectId]:
    """Those of these builds whose image another one was answered with that is not among them."""
    query = {"answered_by": {"$in": list(build_ids)}, "_id": {"$nin": list(build_ids)}}
    found = _builds().find(query, {"answered_by": 1})
    return {row["answered_by"] for row in found if row["answered_by"] is not None}


def forget(build_ids: Sequence[ObjectId]) -> None:
    _builds().delete_many({"_id": {"$in": list(build_ids)}})


def remove_of(source_id: ObjectId, session: ClientSession) -> list[ObjectId]:
    """Remove all builds of a source; their ids."""
    ids = [row["_id"] for row in _builds().find({"source_id": source_id}, {"_id": 1}, session=session)]
    _builds().delete_many({"source_id": source_id}, session=session)
    return ids


def states_of(build_ids: Sequence[ObjectId]) -> dict[ObjectId, str]:
    return {row["_id"]: row["state"] for row in _builds().find({"_id": {"$in": list(build_ids)}}, {"state": 1})}


def _change(query: Mapping[str, Any], values: Mapping[str, Any], session: ClientSession | None) -> Build | None:
    return _builds().find_one_and_update(
        dict(query),
        {"$set": dict(values), "$inc": {"rev": 1}},
        projection=_CHANGED,
        return_document=ReturnDocument.AFTER,
        session=session,
    )


def _builds() -> Collection[Build]:
    return cast("Collection[Build]", db().builds)
