"""What was seen to change on objects of environments: `object_looks` (each as it was seen last, with secrets hidden)
and `object_changes` (what was changed, by whom, from what to what).

Indexes: `object_looks.cluster`; `object_changes.cluster_object`, `cluster_seen`, and one by which the database removes
what is old. Both are bounded: an object keeps ROWS_MOST changes of BYTES_MOST in all.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypedDict, cast

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from clusters.changes.room import Taken
from kubeorch.mongo.client import db

ROWS_MOST = 50
BYTES_MOST = 64 * 1024
"""Of the rows of one object."""
ROWS_OF_CLUSTER = 10_000
ROW_BYTES_OF_CLUSTER = 64 * 1024 * 1024


class LookRow(TypedDict):
    """A document of `object_looks`: what an object was like when it was seen last."""

    _id: str
    """cluster/uid."""
    cluster_id: ObjectId
    environment_id: str
    mark: int
    """Of its content (`ownership.touches.content_mark`)."""
    version: int
    """Its resourceVersion; 0 where that is not a number."""
    content: bytes
    """JSON, zlib."""
    bytes: int
    """Of the content as it is stored."""
    key: str
    """Tells by which key the digests in it were made."""
    writers: list[list[str]]
    """(manager, operation, time, subresource) of each that wrote its content."""
    seen_at: datetime


class FieldRow(TypedDict):
    path: str
    old: str | None
    """As JSON; None where there was nothing."""
    new: str | None


class ChangeRow(TypedDict):
    """A document of `object_changes`."""

    _id: ObjectId
    cluster_id: ObjectId
    uid: str
    manager: str
    """"" where nobody knows who it was."""
    operation: str
    subresource: str
    sort: str
    name: str
    """What is behind the manager (`ownership.known`)."""
    first_at: datetime
    at: datetime
    """When the writer wrote, by the cluster's clock; where that is not known, when it was seen."""
    seen_at: datetime
    times: int
    """How many changes of the same fields this row stands for."""
    fields: list[FieldRow]
    left_out: int
    """Fields beyond those."""
    among: list[str]
    """Of what is watched without its content: the fields of which some were changed."""
    is_unknown: bool
    """It was changed, and how it was before is not known."""
    bytes: int


def key_of(cluster_id: ObjectId, uid: str) -> str:
    return f"{cluster_id}/{uid}"


def _looks() -> Collection[LookRow]:
    return cast("Collection[LookRow]", db()["object_looks"])  # only this module writes it


def _changes() -> Collection[ChangeRow]:
    return cast("Collection[ChangeRow]", db()["object_changes"])  # only this module writes it


def marks_of(cluster_id: ObjectId) -> dict[str, int]:
    """The mark of each object of the cluster, by uid. Index: `cluster`."""
    start = len(key_of(cluster_id, ""))
    return {row["_id"][start:]: row["mark"] for row in _looks().find({"cluster_id": cluster_id}, {"mark": 1})}


def looks_of(cluster_id: ObjectId, uids: Iterable[str]) -> dict[str, LookRow]:
    start = len(key_of(cluster_id, ""))
    rows = _looks().find({"_id": {"$in": [key_of(cluster_id, uid) for uid in uids]}})
    return {row["_id"][start:]: row for row in rows}


def is_seen(cluster_id: ObjectId, uid: str) -> bool:
    return _looks().find_one({"_id": key_of(cluster_id, uid)}, {"_id": 1}) is not None


def taken_of(cluster_id: ObjectId) -> dict[str, Taken]:
    """By environment. Index: `cluster`."""
    group = {"_id": "$environment_id", "looks": {"$sum": 1}, "size": {"$sum": "$bytes"}}
    rows = db().object_looks.aggregate([{"$match": {"cluster_id": cluster_id}}, {"$group": group}])
    return {row["_id"] or "": Taken(row["looks"], row["size"]) for row in rows}


def is_cluster_there(cluster_id: ObjectId) -> bool:
    return db().clusters.find_one({"_id": cluster_id}, {"_id": 1}) is not None


def state_of(key: str, session: ClientSession) -> tuple[int, int] | None:
    """The version and the mark of the look that is kept."""
    row = _looks().find_one({"_id": key}, {"version": 1, "mark": 1}, session=session)
    return (row["version"], row["mark"]) if row is not None else None


def drop_look(key: str, session: ClientSession) -> None:
    _looks().delete_one({"_id": key}, session=session)


def add_look(row: LookRow) -> None:
    _looks().insert_one(row)


def put_look(row: LookRow, session: ClientSession) -> None:
    _looks().replace_one({"_id": row["_id"]}, row, upsert=True, session=session)


def forget_looks(cluster_id: ObjectId, uids: Some[str], *, before: datetime | None = None) -> list[tuple[str, Taken]]:
    """Of objects that are gone, or that have not changed since `before`; what was kept of these, by environment."""
    if not uids:
        return []
    query: dict[str, Any] = {"_id": {"$in": [key_of(cluster_id, uid) for uid in uids]}}
    if before is not None:
        query["seen_at"] = {"$lt": before}
    found = list(_looks().find(query, {"environment_id": 1, "bytes": 1}))
    _looks().delete_many({"_id": {"$in": [row["_id"] for row in found]}})
    return [(row.get("environment_id", ""), Taken(1, row.get("bytes", 0))) for row in found]


def changes_of(
    cluster_id: ObjectId, uid: str, session: ClientSession | None = None, *, most: int = ROWS_MOST
) -> list[ChangeRow]:
    """The newest first. Index: `cluster_object`."""
    return list(_changes().find({"cluster_id": cluster_id, "uid": uid}, session=session).sort("_id", -1).limit(most))


def put_changes(rows: Sequence[ChangeRow], session: ClientSession) -> None:
    """New rows, and rows that stand for one change more; beyond the bounds of an object its oldest rows go."""
    for row in rows:
        _changes().replace_one({"_id": row["_id"]}, row, upsert=True, session=session)
    if not rows:
        return
    of_object = {"cluster_id": rows[0]["cluster_id"], "uid": rows[0]["uid"]}
    left, over = BYTES_MOST, []
    for number, one in enumerate(_changes().find(of_object, {"bytes": 1}, session=session).sort("_id", -1)):
        left -= one["bytes"]
        if number >= ROWS_MOST or (left < 0 and number):
            over.append(one["_id"])
    if over:
        _changes().delete_many({"_id": {"$in": over}}, session=session)


def trim(cluster_id: ObjectId) -> None:
    """Beyond ROWS_OF_CLUSTER, or ROW_BYTES_OF_CLUSTER in all, the oldest go. Index: `cluster_seen`."""
    rows = _changes().find({"cluster_id": cluster_id}, {"seen_at": 1, "bytes": 1}).sort("seen_at", -1)
    left = ROW_BYTES_OF_CLUSTER
    for number, row in enumerate(rows.limit(ROWS_OF_CLUSTER + 1)):
        left -= row["bytes"]
        if number >= ROWS_OF_CLUSTER or left < 0:
            _changes().delete_many({"cluster_id": cluster_id, "seen_at": {"$lte": row["seen_at"]}})
            return


def forget(cluster_id: ObjectId, session: ClientSession) -> None:
    """What is kept of a cluster that is removed."""
    _looks().delete_many({"cluster_id": cluster_id}, session=session)
    _changes().delete_many({"cluster_id": cluster_id}, session=session)
