"""Whether builds of all teams wait, as an administrator of the instance has said: one document, or none."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict, cast

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.mongo.client import db

_ID = "all"


class Pause(TypedDict):
    """The document of `build_pauses`."""

    at: datetime
    by: ObjectId
    name: str
    reason: str


def find(session: ClientSession | None = None) -> Pause | None:
    return _pauses().find_one({"_id": _ID}, {"_id": 0}, session=session)


def put(pause: Pause, session: ClientSession) -> None:
    """Whoever paused first keeps the time; the last reason counts."""
    values = {"by": pause["by"], "name": pause["name"], "reason": pause["reason"]}
    change = {"$set": values, "$setOnInsert": {"at": pause["at"]}}
    _pauses().update_one({"_id": _ID}, change, upsert=True, session=session)


def remove(session: ClientSession) -> None:
    _pauses().delete_one({"_id": _ID}, session=session)


def _pauses() -> Collection[Pause]:
    return cast("Collection[Pause]", db().build_pauses)
