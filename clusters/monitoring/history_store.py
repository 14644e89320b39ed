"""The collections `cluster_history` and `cluster_log`: how a cluster answered, and what was done to its connection.

Indexes: `cluster_history.cluster_at` (unique), `cluster_log.cluster_at`, and one of each by which the database removes
what is old.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NotRequired, TypedDict, cast

from bson import ObjectId
from django.conf import settings
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.base.clock import now
from kubeorch.mongo.client import db

SLOT = timedelta(minutes=15)
DETAIL_MAX = 500


class Slot(TypedDict):
    """A quarter of an hour of a cluster, a document of `cluster_history`."""

    _id: ObjectId
    cluster_id: ObjectId
    at: datetime
    """Its beginning, UTC."""
    ok: int
    failed: int
    """Checks that were answered, and that were not."""
    latency_ms: int
    """Of the answered ones, added up."""
    error: NotRequired[str]
    """Of the last one that failed."""


class Entry(TypedDict):
    """A document of `cluster_log`."""

    _id: ObjectId
    cluster_id: ObjectId
    at: datetime
    action: str
    """`connected`, `edited`, `credentials`, `tested`, `answers`, `fails`, `shared`, `unshared` or `evicted`."""
    by: str
    """The person; "" for what KubeOrch saw by itself."""
    ok: bool
    detail: str
    drop_at: datetime


def _history() -> Collection[Slot]:
    return cast("Collection[Slot]", db()["cluster_history"])  # only this module writes it


def log() -> Collection[Entry]:
    return cast("Collection[Entry]", db()["cluster_log"])  # only this module writes it


def add_check(cluster_id: ObjectId, at: datetime, *, latency_ms: int | None, error: str) -> None:
    """Count one check; `latency_ms` is None for one that was not answered."""
    seconds = int(SLOT.total_seconds())
    begin = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)
    counted = {"ok": 1, "latency_ms": latency_ms} if latency_ms is not None else {"failed": 1}
    change: dict[str, Any] = {"$inc": {"ok": 0, "failed": 0, "latency_ms": 0, **counted}}
    if latency_ms is None:
        change["$set"] = {"error": error[:DETAIL_MAX]}
    _history().update_one({"cluster_id": cluster_id, "at": begin}, change, upsert=True)


def slots_since(cluster_id: ObjectId, since: datetime) -> list[Slot]:
    """Oldest first; quarters of an hour without a check are not there. Index: `cluster_at`."""
    return list(_history().find({"cluster_id": cluster_id, "at": {"$gte": since}}).sort("at", 1))


def note(cluster_id: ObjectId, action: str, *, by: str = "", ok: bool = True, detail: str = "") -> None:
    """Add an entry to the log of a cluster's connection, which is kept for CLUSTER_LOG_DAYS."""
    moment = now()
    log().insert_one(
        Entry(
            _id=ObjectId(),
            cluster_id=cluster_id,
            at=moment,
            action=action,
            by=by[:DETAIL_MAX],
            ok=ok,
            detail=detail[:DETAIL_MAX],
            drop_at=moment + timedelta(days=settings.CLUSTER_LOG_DAYS),
        )
    )


def forget(cluster_id: ObjectId, session: ClientSession) -> None:
    """What is kept of a cluster that is removed."""
    _history().delete_many({"cluster_id": cluster_id}, session=session)
    log().delete_many({"cluster_id": cluster_id}, session=session)
