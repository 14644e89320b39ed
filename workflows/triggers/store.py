"""Triggers as documents, and the calls of each: one row for each time it fired, so that none fires twice.

Indexes: `triggers.environment`, `token_hash` (unique), `next`, `team_builds`; `trigger_calls.trigger_at`; calls end
after two days. What is watched of images has a store of its own, `watch_store`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict, cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import Document, db

TriggerType = Literal["schedule", "webhook", "build", "image"]
Deploys = Literal["deployed", "saved"]
"""`deployed`: the newest version that a person has deployed in the environment; `saved`: the graph as it is saved when
the trigger fires."""
Outcome = Literal["run", "held", "failed", "unneeded"]
Scope = Mapping[str, Any]


class Last(TypedDict):
    """What came of the last time it fired."""

    at: datetime
    outcome: Outcome
    run: dict[str, Any] | None
    """`{id, number}`."""
    reason: str
    plan: ObjectId | None
    """What it planned, where it came so far."""
    passes: NotRequired[bool]
    """It was held for what passes by itself."""


class Waiting(TypedDict):
    """A call, or a slot of a schedule, of which nothing has come yet."""

    call: str
    """Its key."""
    at: datetime
    reason: str
    """What it waits for; "" while it is only queued."""


class Watched(TypedDict):
    """An image that a trigger watches, and what is known of it."""

    image: str
    """As containers name it in the drawing."""
    host: str
    """Of its registry."""
    digest: str
    """That its tag named last; "" before the first look."""
    before: NotRequired[str]
    """That its tag named before."""
    returns: NotRequired[int]
    """How often, one after the other, its tag moved back to what it had named before."""
    first: NotRequired[str]
    """That its tag named when it was looked at first."""
    looked_at: datetime | None
    """When the registry answered last."""
    changed_at: datetime | None
    """When another digest was found than before."""
    next_at: datetime
    """When it is looked at next."""
    failures: int
    """One after the other."""
    error: str
    """Why the last look failed."""


class Trigger(TypedDict):
    """A document of `triggers`. Times are UTC with milliseconds."""

    _id: ObjectId
    team_id: ObjectId
    workflow_id: ObjectId
    environment_id: ObjectId
    type: TriggerType
    name: NotRequired[str]
    """As people call it; those of an earlier release have none."""
    enabled: bool
    cron: str
    """Of a schedule."""
    time_zone: str
    next_at: datetime | None
    """When a schedule that is enabled fires next."""
    token_hash: NotRequired[str]
    """Of a webhook: the digest of what its address ends with."""
    signing_key: NotRequired[bytes]
    """Of a webhook whose calls are signed: the key, sealed."""
    deploys: NotRequired[Deploys]
    """Those of an earlier release run the saved graph."""
    may_delete: NotRequired[bool]
    """Its runs may delete objects, within the environment's budget; others are held."""
    images: NotRequired[list[Watched]]
    """Of one that watches images."""
    made_by: ObjectId
    """Whose rights count when it fires: who made it, or changed it last."""
    made_by_name: str
    created_at: datetime
    last: Last | None
    waiting: NotRequired[Waiting | None]
    rev: NotRequired[int]
    """Counts writes, for those who follow it."""


class TriggerNotFound(NotFound):
    code = "trigger.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such trigger")


def find(trigger_id: ObjectId, scope: Scope, *, session: ClientSession | None = None) -> Trigger:
    """Raises TriggerNotFound."""
    found = db().triggers.find_one({"_id": trigger_id, **scope}, session=session)
    if found is None:
        raise TriggerNotFound
    return cast("Trigger", found)


def of_environment(environment_id: ObjectId) -> list[Trigger]:
    """Oldest first."""
    return cast("list[Trigger]", list(db().triggers.find({"environment_id": environment_id}).sort("_id", 1)))


def count_in(environment_id: ObjectId, session: ClientSession) -> int:
    return db().triggers.count_documents({"environment_id": environment_id}, session=session)


def with_token(token_hash: str) -> Trigger | None:
    """The enabled webhook of a token."""
    query = {"token_hash": token_hash, "enabled": True}
    return cast("Trigger | None", db().triggers.find_one(query))


def overdue(before: datetime, most: int) -> list[Trigger]:
    """Enabled schedules that should have fired before that."""
    query = {"type": "schedule", "enabled": True, "next_at": {"$lt": before}}
    return cast("list[Trigger]", list(db().triggers.find(query).limit(most)))


def following_builds(team_id: ObjectId) -> Iterator[Trigger]:
    """The enabled triggers of a team that fire when something was built. Index: `team_builds`."""
    query = {"team_id": team_id, "type": "build", "enabled": True}
    return cast("Iterator[Trigger]", db().triggers.find(query).sort("_id", 1))


def insert(trigger: Trigger, session: ClientSession) -> None:
    db().triggers.insert_one(cast("Document", trigger), session=session)


def change(trigger_id: ObjectId, values: Mapping[str, Any], session: ClientSession) -> Trigger:
    """Raises TriggerNotFound."""
    found = write_if({"_id": trigger_id}, {"$set": dict(values)}, session)
    if found is None:
        raise TriggerNotFound
    return found


def note_waiting(trigger_id: ObjectId, waiting: Waiting, session: ClientSession) -> Trigger | None:
    """Note that a call waits, unless that is noted already or a later one waits; None where nothing is written."""
    news = {"$or": [{"waiting": None}, {"waiting.at": {"$lt": waiting["at"]}}, _otherwise(waiting)]}
    return write_if({"_id": trigger_id, **news}, {"$set": {"waiting": waiting}}, session)


def _otherwise(waiting: Waiting) -> dict[str, Any]:
    """The same call, waiting for something else than is noted."""
    return {"waiting.call": waiting["call"], "waiting.reason": {"$ne": waiting["reason"]}}


def note_last(trigger_id: ObjectId, call: str, last: Last, session: ClientSession) -> Trigger | None:
    """Note what came of a call, unless a later one has noted its own; None where nothing is written."""
    later = {"$or": [{"last": None}, {"last.at": {"$lte": last["at"]}}]}
    after = write_if({"_id": trigger_id, **later}, {"$set": {"last": last}}, session)
    return write_if({"_id": trigger_id, "waiting.call": call}, {"$set": {"waiting": None}}, session) or after


def write_if(query: Mapping[str, Any], update: Mapping[str, Any], session: ClientSession) -> Trigger | None:
    """Change the trigger that is as `query` says; None where none is."""
    found = db().triggers.find_one_and_update(
        query, {**update, "$inc": {"rev": 1}}, return_document=ReturnDocument.AFTER, session=session
    )
    return cast("Trigger | None", found)


def remove(trigger_id: ObjectId, session: ClientSession) -> None:
    db().triggers.delete_one({"_id": trigger_id}, session=session)
    db().trigger_calls.delete_many({"trigger_id": trigger_id}, session=session)


def claim_call(trigger_id: ObjectId, key: str, at: datetime, session: ClientSession) -> bool:
    """Note that the trigger fires for `key`, a slot of its schedule or a call's own key; False when it has already.

    Raises DuplicateKeyError when it does so in another transaction at this moment.
    """
    call_id = f"{trigger_id}:{key}"
    if db().trigger_calls.find_one({"_id": call_id}, {"_id": 1}, session=session) is not None:
        return False
    db().trigger_calls.insert_one({"_id": call_id, "trigger_id": trigger_id, "at": at}, session=session)
    return True


def was_called(trigger_id: ObjectId, key: str) -> bool:
    """Whether it has fired for `key`."""
    return db().trigger_calls.find_one({"_id": f"{trigger_id}:{key}"}, {"_id": 1}) is not None


def called_at(trigger_id: ObjectId, key: str) -> datetime | None:
    """When it was called with `key`, or its slot was claimed; None when it never fired for that."""
    found = db().trigger_calls.find_one({"_id": f"{trigger_id}:{key}"}, {"at": 1})
    at: datetime | None = found["at"] if found else None
    return at


def held_since(trigger_id: ObjectId, key: str, at: datetime) -> datetime | None:
    """When its call with `key` was held first for what passes by itself: at that moment, unless it was before; None
    when it never fired for that."""
    found = db().trigger_calls.find_one_and_update(
        {"_id": f"{trigger_id}:{key}"},
        [{"$set": {"held_at": {"$ifNull": ["$held_at", at]}}}],
        projection={"held_at": 1},
        return_document=ReturnDocument.AFTER,
    )
    return cast("datetime", found["held_at"]) if found else None


def forget_held(trigger_id: ObjectId, key: str) -> None:
    """Its call with `key` waits for something of its own: when it is held again, that is the first time."""
    db().trigger_calls.update_one(
        {"_id": f"{trigger_id}:{key}", "held_at": {"$exists": True}}, {"$unset": {"held_at": ""}}
    )


def newest_call(trigger_id: ObjectId) -> str | None:
    """The key of the last time it fired."""
    found = db().trigger_calls.find_one({"trigger_id": trigger_id}, {"_id": 1}, sort=[("at", -1), ("_id", -1)])
    return found["_id"].partition(":")[2] if found else None


def first_call_after(trigger_id: ObjectId, at: datetime | None) -> datetime | None:
    """When it fired first after that moment, or at all."""
    query: dict[str, Any] = {"trigger_id": trigger_id, **({"at": {"$gt": at}} if at is not None else {})}
    found = db().trigger_calls.find_one(query, {"at": 1}, sort=[("at", 1)])
    return cast("datetime", found["at"]) if found else None


def calls_since(trigger_id: ObjectId, at: datetime, most: int) -> int:
    """How often it fired since then, `most` at most."""
    query = {"trigger_id": trigger_id, "at": {"$gte": at}}
    return db().trigger_calls.count_documents(query, limit=most)
