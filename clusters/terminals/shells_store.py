"""The collection `shells`: those that are open, so that the end of each is recorded even when its server just ends.

Index: `seen_at`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, TypedDict, cast

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection as MongoCollection

from kubeorch.base.clock import now
from kubeorch.mongo.client import db

SILENT = timedelta(seconds=60)
"""Of a shell of which nothing was heard for that long its server has ended: one that cannot ask whether its person may
still have it ends it before."""


class Shell(TypedDict):
    """A shell that is open. Times are UTC."""

    _id: str
    """Of the session."""
    user_id: str
    user: str
    """Their e-mail address."""
    team_id: ObjectId
    target: dict[str, str]
    """What the audit says of it."""
    opened_at: datetime
    seen_at: datetime
    """When its server last said that it is open."""


def add(shell: Shell, session: ClientSession) -> None:
    _collection().insert_one(shell, session=session)


def keep(ids: Collection[str]) -> None:
    """They are open still."""
    _collection().update_many({"_id": {"$in": list(ids)}}, {"$set": {"seen_at": now()}})


def remove(shell_id: str, session: ClientSession) -> Shell | None:
    """It has ended; None where somebody else has said so."""
    return _collection().find_one_and_delete({"_id": shell_id}, session=session)


def remove_silent(session: ClientSession) -> Shell | None:
    """One whose server has ended without a word; None without any."""
    return _collection().find_one_and_delete({"seen_at": {"$lt": now() - SILENT}}, session=session)


def _collection() -> MongoCollection[Shell]:
    found: Any = db()["shells"]  # only this module uses it
    return cast("MongoCollection[Shell]", found)
