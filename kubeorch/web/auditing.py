"""Who did what, when, from where. Never what the secret was: callers pass names and ids, no values.

What people who are signed in do is one row each. What anybody can cause without signing in is counted instead: one
row an hour for what happened to an account from one group of sources, so that the log grows with the number of
accounts and hours, not with the number of requests. Rows end by themselves (KUBEORCH_AUDIT_DAYS).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from bson import ObjectId
from django.conf import settings
from pymongo.client_session import ClientSession

from kubeorch.base.clock import now
from kubeorch.mongo.client import db
from kubeorch.web.source import throttled_as

ACTOR_MAX = 254
TARGET_MAX = 300
GROUPS = 64
"""Sources are counted in this many groups; a row names the last source of its group."""


def record(
    action: str,
    *,
    actor_id: object = None,
    actor: str = "",
    team_id: object = None,
    target: Mapping[str, Any] | None = None,
    request: Any = None,
    session: ClientSession | None = None,
) -> None:
    """Add one row to the `audit` collection, in the caller's transaction when a session is given.

    `action` is a verb of the product (`member.edit`, `auth.login`); `target` names what it was done to.
    """
    at = now()
    db()["audit"].insert_one(
        {
            "at": at,
            "expires_at": _end_of(at),
            "action": action,
            "outcome": "done",
            "count": 1,
            "actor_id": _id(actor_id),
            "actor": actor[:ACTOR_MAX],
            "team_id": _id(team_id),
            "target": {key: str(value)[:TARGET_MAX] for key, value in (target or {}).items()},
            "source": _source_of(request),
            "request_id": _request_id_of(request),
        },
        session=session,
    )


def count(action: str, *, outcome: str, request: Any, actor_id: object = None, actor: str = "") -> None:
    """Count what somebody who is not signed in caused: `outcome` is the code of the refusal.

    `actor` is an account that exists, or empty: names that strangers make up would be rows without end. `at` is when
    it first happened in the hour, `last_at` when last.
    """
    at, source = now(), _source_of(request)
    group = int.from_bytes(sha256(throttled_as(source).encode()).digest()[:4], "big") % GROUPS
    row = {"action": action, "outcome": outcome, "actor_id": _id(actor_id), "actor": actor[:ACTOR_MAX]}
    key = ":".join((f"{at:%Y-%m-%dT%H}", action, outcome, str(row["actor_id"] or ""), str(group)))
    db()["audit"].update_one(
        {"_id": key},
        {
            "$inc": {"count": 1},
            "$set": {"last_at": at, "source": source, "request_id": _request_id_of(request)},
            "$setOnInsert": {**row, "at": at, "expires_at": _end_of(at), "team_id": None, "target": {}},
        },
        upsert=True,
    )


def date_rows_without_end() -> None:
    """Give rows of an earlier version their end."""
    days_ms = settings.AUDIT_DAYS * 24 * 3600 * 1000
    end = [{"$set": {"expires_at": {"$add": ["$at", days_ms]}}}]
    db()["audit"].update_many({"expires_at": {"$exists": False}}, end)


def _end_of(at: datetime) -> datetime:
    return at + timedelta(days=settings.AUDIT_DAYS)


def _source_of(request: Any) -> str:
    return str(getattr(request, "source", "") or "")


def _request_id_of(request: Any) -> str:
    return str(getattr(request, "request_id", "") or "")


def _id(value: object) -> ObjectId | None:
    if isinstance(value, ObjectId):
        return value
    return ObjectId(value) if isinstance(value, str) and ObjectId.is_valid(value) else None
