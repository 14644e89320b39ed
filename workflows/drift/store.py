"""What others changed of what environments applied, as documents: one an object that has drifted, and its history.

Indexes: `drift.environment_ref` (unique), `environment_since`, `team_since`, `cluster`;
`drift_history.environment`, `environment_ref`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, NotRequired, TypedDict, cast

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from clusters.domain.objects import Ref, ref_from_json
from kubeorch.base import clock
from kubeorch.mongo.client import Document, db

HISTORY_MOST = 1000
"""Rows of history that are kept of one environment; the oldest go first."""
READ_MOST = 500
"""Rows of history of one object that count for whether it is contested."""


class Field(TypedDict):
    """One field of an object; values are JSON texts, shortened where they are long."""

    path: str
    applied: str
    live: str
    """`null` where it was taken away."""
    digest: str
    """Of the live value."""
    manager: str
    operation: str
    at: str
    sort: str
    name: str
    """What is behind the manager (`ownership.known`); both "" where nobody owns the field."""


class ContestRow(TypedDict):
    path: str
    managers: list[str]
    flips: int
    since: str


class Healing(TypedDict):
    """Why what others changed is not put back by itself, where that is asked for."""

    state: Literal["waits", "stopped"]
    reason: str
    at: datetime
    """When it is put back, or when it was given up."""


class DriftRow(TypedDict):
    """A document of `drift`."""

    _id: ObjectId
    environment_id: ObjectId
    team_id: ObjectId
    workflow_id: ObjectId
    cluster_id: ObjectId
    node_id: str
    ref: dict[str, str]
    uid: str
    resource_version: int
    marks: list[int]
    """Of the object as it was judged: our fields, all content, and our fields as they were applied."""
    since: datetime
    """When the first of the differences was seen."""
    checked_at: datetime
    fields: list[Field]
    contested: NotRequired[ContestRow | None]
    """Missing in rows of an earlier release."""
    missing: NotRequired[bool]
    """The object was applied, and is not in the cluster; then nothing of it differs."""
    added: NotRequired[Mapping[str, Any]]
    """`Added.as_json`: what others added to it."""
    healing: NotRequired[Healing | None]
    problem: str
    """Why the object cannot be compared; "" where it was."""
    words: str
    """What a search looks at, in lower case."""
    rev: int


class HistoryRow(TypedDict):
    """A document of `drift_history`: a manager got a field."""

    _id: ObjectId
    environment_id: ObjectId
    node_id: str
    ref: dict[str, str]
    path: str
    manager: str
    name: str
    sort: NotRequired[str]
    """What is behind the manager (`ownership.known`)."""
    at: str
    """When, as the API server says; "" where nobody says."""
    seen_at: datetime


class Summary(NamedTuple):
    """What a node's card shows."""

    fields: int
    contested: bool
    missing: int
    """Objects that are not in the cluster."""
    at: datetime
    rev: int

    def as_json(self) -> dict[str, Any]:
        return {
            "count": self.fields,
            "contested": self.contested,
            "missing": self.missing,
            "at": clock.iso(self.at),
        }


def rows() -> Collection[Document]:
    """The collection, for pages of it."""
    return db().drift


def history_rows() -> Collection[Document]:
    """The collection of history, for pages of it."""
    return db().drift_history


def _drift() -> Collection[DriftRow]:
    return cast("Collection[DriftRow]", db().drift)


def _history() -> Collection[HistoryRow]:
    return cast("Collection[HistoryRow]", db().drift_history)


def on_cluster(cluster_id: ObjectId) -> list[DriftRow]:
    """Which objects of a cluster have drifted, and as what they were judged."""
    fields = {"environment_id": 1, "node_id": 1, "ref": 1, "uid": 1, "marks": 1}
    return list(_drift().find({"cluster_id": cluster_id}, fields))


def find(environment_id: ObjectId, ref: Ref, *, session: ClientSession | None = None) -> DriftRow | None:
    return _drift().find_one(_place(environment_id, ref), session=session)


def of_node(environment_id: ObjectId, node_id: str | None) -> dict[Ref, DriftRow]:
    """What is stored of a node's objects, or of all of the environment."""
    query: Document = {"environment_id": environment_id, **({} if node_id is None else {"node_id": node_id})}
    return {ref_from_json(row["ref"]): row for row in _drift().find(query)}


def put(row: DriftRow, session: ClientSession) -> None:
    """In the place of the row there was of the object."""
    _drift().replace_one({"_id": row["_id"]}, row, upsert=True, session=session)


def remove(row: DriftRow, session: ClientSession) -> None:
    _drift().delete_one({"_id": row["_id"]}, session=session)


def summaries(
    environment_id: ObjectId, node_id: str | None = None, *, session: ClientSession | None = None
) -> dict[str, Summary]:
    """By node."""
    query: Document = {"environment_id": environment_id, **({} if node_id is None else {"node_id": node_id})}
    group = {
        "_id": "$node_id",
        "fields": {"$sum": {"$size": "$fields"}},
        "contests": {"$sum": {"$cond": [{"$eq": [{"$ifNull": ["$contested", None]}, None]}, 0, 1]}},
        "missing": {"$sum": {"$cond": ["$missing", 1, 0]}},
        "at": {"$max": "$since"},
        "rev": {"$max": "$rev"},
    }
    found = rows().aggregate([{"$match": query}, {"$group": group}], session=session)
    return {
        row["_id"]: Summary(row["fields"], row["contests"] > 0, row["missing"], row["at"], row["rev"]) for row in found
    }


def history_of(environment_id: ObjectId, ref: Ref, since: datetime, session: ClientSession) -> list[HistoryRow]:
    """What happened to the object since then, oldest first; the last READ_MOST rows."""
    query = {**_place(environment_id, ref), "seen_at": {"$gte": since}}
    return list(_history().find(query, session=session).sort("_id", -1).limit(READ_MOST))[::-1]


def add_history(environment_id: ObjectId, found: Sequence[HistoryRow], session: ClientSession) -> None:
    """Add rows, and forget the oldest of the environment beyond HISTORY_MOST."""
    if not found:
        return
    _history().insert_many(found, session=session)
    of_it = {"environment_id": environment_id}
    beyond = list(_history().find(of_it, {"_id": 1}, session=session).sort("_id", -1).skip(HISTORY_MOST).limit(1))
    if beyond:
        _history().delete_many({**of_it, "_id": {"$lte": beyond[0]["_id"]}}, session=session)


def places() -> list[ObjectId]:
    """The environments of which anything is kept."""
    return list({*_drift().distinct("environment_id"), *_history().distinct("environment_id")})


def remove_from(environment_ids: Iterable[ObjectId]) -> int:
    """Forget everything about environments that are gone; how many rows there were."""
    gone = {"environment_id": {"$in": list(environment_ids)}}
    return _drift().delete_many(gone).deleted_count + _history().delete_many(gone).deleted_count


def _place(environment_id: ObjectId, ref: Ref) -> Mapping[str, Any]:
    return {"environment_id": environment_id, **{f"ref.{name}": value for name, value in ref.as_json().items()}}
