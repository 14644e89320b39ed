"""Addresses of sources as documents, one for each source that has one, and their calls: CALLS_MOST of each source.

Indexes: `push_addresses.token_hash` (unique), `push_calls.source`; calls end after thirty days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NotRequired, TypedDict, cast

from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from builds.running.rows import PushRow
from kubeorch.base import seal
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import db
from kubeorch.mongo.resealing import SealedField

Outcome = Literal["build", "ignored", "refused"]
CALLS_MOST = 20
"""Of one source that are kept."""
MINUTE = timedelta(minutes=1)


class PushAddress(TypedDict):
    """A document of `push_addresses`; its id is that of its source."""

    _id: ObjectId
    team_id: ObjectId
    enabled: bool
    token_hash: str
    signing_key: NotRequired[bytes]
    """Of one whose calls are signed; sealed."""
    made_at: datetime
    made_by: ObjectId
    """Whose rights count: who made it, or changed it last."""
    made_by_name: str
    minute_began: NotRequired[datetime]
    calls: NotRequired[int]
    """Since then."""
    rev: int


class BuildRef(TypedDict):
    id: ObjectId
    number: int


class PushCall(TypedDict):
    """A document of `push_calls`."""

    _id: ObjectId
    source_id: ObjectId
    at: datetime
    """The last time, where it happened several times in a row."""
    count: int
    outcome: Outcome
    reason: str
    build: BuildRef | None
    push: PushRow
    delivery: str
    """The digest of what tells this delivery from others; "" for none."""


class NoPushAddress(NotFound):
    code = "push.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such address; make a new one on the page of sources")


def seal_key(source_id: ObjectId, key: str) -> Binary:
    return Binary(seal.seal(key.encode(), aad=_aad(source_id)))


def key_of(address: PushAddress) -> bytes | None:
    """None for one whose calls are not signed. Raises Unsealable."""
    sealed = address.get("signing_key")
    return None if sealed is None else seal.unseal(bytes(sealed), aad=_aad(address["_id"]))


def _aad(source_id: ObjectId) -> str:
    return f"push_addresses/{source_id}/signing_key"


SEALED = (SealedField("push_addresses", "signing_key", lambda row: _aad(row["_id"])),)


def find(source_id: ObjectId, *, session: ClientSession | None = None) -> PushAddress | None:
    return _addresses().find_one({"_id": source_id}, session=session)


def switched_on(source_ids: Sequence[ObjectId]) -> set[ObjectId]:
    """The sources among these that pushes build."""
    found = _addresses().find({"_id": {"$in": list(source_ids)}, "enabled": True}, {"_id": 1})
    return {one["_id"] for one in found}


def with_token(token_hash: str) -> PushAddress | None:
    """One that is switched on."""
    return _addresses().find_one({"token_hash": token_hash, "enabled": True})


def put(address: PushAddress, session: ClientSession) -> None:
    """In place of an earlier one, whose token then opens nothing."""
    _addresses().replace_one({"_id": address["_id"]}, address, upsert=True, session=session)


def change(source_id: ObjectId, values: Mapping[str, Any], session: ClientSession) -> PushAddress | None:
    return _addresses().find_one_and_update(
        {"_id": source_id},
        {"$set": dict(values), "$inc": {"rev": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )


def touch(address: PushAddress, session: ClientSession) -> bool:
    """Whether it is there as it was; calls at the same moment go one after the other from here."""
    same = {"_id": address["_id"], "token_hash": address["token_hash"], "enabled": True}
    return _addresses().update_one(same, {"$inc": {"rev": 1}}, session=session).matched_count == 1


def remove(source_id: ObjectId, session: ClientSession) -> bool:
    """With its calls; whether there was one."""
    _calls().delete_many({"source_id": source_id}, session=session)
    return _addresses().delete_one({"_id": source_id}, session=session).deleted_count == 1


def count_call(source_id: ObjectId, at: datetime) -> int:
    """How many calls came in this minute, with this one. One update, so that calls at once are all counted."""
    is_new = {"$lte": [{"$ifNull": ["$minute_began", at - 2 * MINUTE]}, at - MINUTE]}
    counted = {
        "calls": {"$cond": [is_new, 1, {"$add": ["$calls", 1]}]},
        "minute_began": {"$cond": [is_new, at, "$minute_began"]},
    }
    found = _addresses().find_one_and_update(
        {"_id": source_id}, [{"$set": counted}], return_document=ReturnDocument.AFTER
    )
    return found.get("calls", 0) if found is not None else 0


def calls_of(source_id: ObjectId) -> list[PushCall]:
    """The newest first."""
    return list(_calls().find({"source_id": source_id}).sort("_id", -1).limit(CALLS_MOST))


def with_delivery(source_id: ObjectId, delivery: str, session: ClientSession) -> PushCall | None:
    """What came of a delivery, as far as it is kept."""
    return _calls().find_one({"source_id": source_id, "delivery": delivery}, session=session)


def note(call: PushCall, session: ClientSession | None = None) -> None:
    """Keep what came of a call, and of older ones the newest; of the same again in a row the number and the time."""
    last = _calls().find_one({"source_id": call["source_id"]}, sort=[("_id", -1)], session=session)
    if last is not None and call["outcome"] != "build" and _is_same(last, call):
        _calls().update_one(
            {"_id": last["_id"]},
            {"$inc": {"count": 1}, "$set": {"at": call["at"], "push": call["push"]}},
            session=session,
        )
        return
    _calls().insert_one(call, session=session)
    oldest = _calls().find_one({"source_id": call["source_id"]}, sort=[("_id", -1)], skip=CALLS_MOST, session=session)
    if oldest is not None:
        _calls().delete_many({"source_id": call["source_id"], "_id": {"$lte": oldest["_id"]}}, session=session)


def _is_same(last: PushCall, call: PushCall) -> bool:
    return (last["outcome"], last["reason"]) == (call["outcome"], call["reason"])


def _addresses() -> Collection[PushAddress]:
    return cast("Collection[PushAddress]", db().push_addresses)


def _calls() -> Collection[PushCall]:
    return cast("Collection[PushCall]", db().push_calls)
