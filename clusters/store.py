"""Rows of `clusters`: who sees them, how they look outside, and every change with its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from clusters.representations import cluster_json
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.store import names_of_teams
from kubeorch.base.clock import now
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import db
from kubeorch.mongo.ids import as_object_id
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events

TOPIC = "clusters"
SANDBOX = "sandbox"
Row = dict[str, Any]


class NoSuchCluster(NotFound):
    code = "cluster.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such cluster")


def collection() -> Collection[Row]:
    return db()["clusters"]


def visible_to(principal: Principal) -> Row:
    """The base of every query: clusters of one's teams, and those shared with all."""
    return {"$or": [{"team_id": {"$in": list(principal.team_ids)}}, {"shared": True}]}


def find(cluster_id: object, principal: Principal | None = None) -> Row:
    """One cluster, within what `principal` may see when given. Raises NoSuchCluster."""
    condition: Row = {"_id": as_object_id(cluster_id, what="cluster")}
    if principal is not None:
        condition = {"$and": [condition, visible_to(principal)]}
    found = collection().find_one(condition)
    if found is None:
        raise NoSuchCluster
    return found


def names_and_states(cluster_ids: Iterable[ObjectId]) -> dict[ObjectId, Row]:
    """Name and state by id, of those that exist."""
    wanted = list(cluster_ids)
    found = collection().find({"_id": {"$in": wanted}}, {"name": 1, "state": 1}) if wanted else ()
    return {row["_id"]: row for row in found}


def connected() -> set[ObjectId]:
    """Ids of the clusters that have credentials."""
    return {row["_id"] for row in collection().find({"credentials": {"$ne": None}}, {"_id": 1})}


def insert(row: Row) -> Row:
    """Add a cluster and tell the page, in one transaction."""

    def work(session: ClientSession) -> Row:
        collection().insert_one(row, session=session)
        _tell(row, session)
        return row

    return run_in_transaction(work)


def change(cluster_id: ObjectId, values: Mapping[str, Any], *, only_if: Mapping[str, Any] | None = None) -> Row | None:
    """Set values and tell the page, in one transaction; None when the row is gone or `only_if` does not hold."""

    def work(session: ClientSession) -> Row | None:
        row = collection().find_one_and_update(
            {"_id": cluster_id, **(only_if or {})},
            {"$set": {**values, "updated_at": now()}, "$inc": {"rev": 1}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if row is not None:
            _tell(row, session)
        return row

    return run_in_transaction(work)


def delete(cluster_id: ObjectId, session: ClientSession) -> None:
    row = collection().find_one_and_delete({"_id": cluster_id}, session=session)
    if row is not None:
        events.publish(TOPIC, f"cluster:{cluster_id}", None, rev=row["rev"] + 1, session=session)


def ensure_sandbox() -> Row:
    """The row of the sandbox, shared with every team; made when missing. One by its unique index."""
    fresh = {**new_row(SANDBOX, team_id=None, created_by=None), "shared": True}
    del fresh["is_sandbox"]  # the filter sets it
    while True:
        with suppress(DuplicateKeyError):  # another process was quicker
            row = collection().find_one_and_update(
                {"is_sandbox": True}, {"$setOnInsert": fresh}, upsert=True, return_document=ReturnDocument.AFTER
            )
            if row is not None:
                return row


def new_row(name: str, *, team_id: ObjectId | None, created_by: ObjectId | None) -> Row:
    """A row with every field of the model."""
    moment = now()
    return {
        "_id": ObjectId(),
        "name": name,
        "team_id": team_id,
        "shared": False,
        "is_sandbox": False,
        "server": "",
        "auth": "",
        "credentials": None,
        "state": "pending",
        "progress": None,
        "error": None,
        "version": "",
        "last_checked_at": None,
        "created_at": moment,
        "created_by_id": created_by,
        "updated_at": moment,
        "rev": 1,
    }


def _tell(row: Row, session: ClientSession) -> None:
    data = cluster_json(row, names_of_teams([row.get("team_id")], session))
    events.publish(TOPIC, f"cluster:{row['_id']}", data, rev=row["rev"], session=session)
