"""Node statuses as documents: `node_statuses`, one document a node.

The one truth about health: a status is what the topic of its environment shows, and what a run is judged by.
Indexes: `environment_health`, `cluster_rev`.
"""

from __future__ import annotations

from collections.abc import Collection as Several
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypedDict, cast

from bson import ObjectId
from pymongo import DeleteOne, UpdateOne, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from clusters.watching.contract import NodeKey
from kubeorch.base import clock
from kubeorch.mongo.client import Document, db
from kubeorch.realtime import events
from kubeorch.realtime.events import Event
from workflows.statuses.node_status import (
    Composed,
    NodeStatus,
    ObjectStatus,
    digest_of,
    digest_of_objects,
    versions_of,
)

PUBLISH_AT_ONCE = 500
"""Statuses that are marked stale and published in one round trip."""
DUPLICATE_KEY = 11000
WITHDRAWN = "the cluster is not shared with your team any more"
BACK = "the cluster is shared with your team again, and has not been looked at since"
"""Why a status is stale."""


class NodeStatusRow(TypedDict):
    """A document of `node_statuses`."""

    _id: str
    """`<environment id>/<node id>`."""
    environment_id: ObjectId
    cluster_id: ObjectId
    team_id: ObjectId
    node_id: str
    status: NodeStatus
    """As the API shows it: each change of it is also an event with the same content."""
    not_shown: list[ObjectStatus]
    """Owned objects beyond those that the status shows."""
    rev: int
    """As in the status. Counts up with every write, and every write names the one before it."""


class Written(NamedTuple):
    """What the database holds of a node, as far as its recorder must know it."""

    rev: int
    shown: bytes
    """Digest of what people see."""
    not_shown: bytes
    """Digest of the objects beyond."""
    versions: tuple[int, ...]
    """The resourceVersion of each object, in the order of the status."""

    @classmethod
    def of(cls, status: Mapping[str, Any], not_shown: Sequence[Mapping[str, Any]], rev: int) -> Written:
        return cls(rev, digest_of(status), digest_of_objects(not_shown), versions_of(status, not_shown))


class Change(NamedTuple):
    """A status to write in the place of `before`; `status` and `after` None take it away."""

    key: NodeKey
    team_id: ObjectId
    before: Written | None
    status: Composed | None
    after: Written | None
    rev: int


def snapshot(environment_id: ObjectId) -> dict[str, Any]:
    """`node:<id>` → NodeStatus, for the topic and the API."""
    rows = _collection().find({"environment_id": environment_id}, {"node_id": 1, "status": 1})
    return {f"node:{row['node_id']}": row["status"] for row in rows}


def objects_in(environment_id: ObjectId) -> Iterator[tuple[str, ObjectStatus, bool]]:
    """Every object of every node: (node id, object, whether its status is stale)."""
    fields = {"node_id": 1, "status.objects": 1, "status.stale_since": 1, "not_shown": 1}
    for row in _collection().find({"environment_id": environment_id}, fields):
        is_stale = row["status"]["stale_since"] is not None
        for one in (*row["status"]["objects"], *row.get("not_shown", ())):
            yield row["node_id"], one, is_stale


def evidence_in(environment_id: ObjectId, node_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """What stands behind the status of each of these nodes, as far as that is current."""
    query = {"_id": {"$in": [f"{environment_id}/{node_id}" for node_id in node_ids]}, "status.stale_since": None}
    rows = _collection().find(query, {"node_id": 1, "status.evidence": 1})
    return {row["node_id"]: row["status"]["evidence"] for row in rows}


def written_on(cluster_id: ObjectId, keys: Iterable[NodeKey] | None = None) -> dict[NodeKey, Written]:
    """What the database holds of the nodes on a cluster, or of `keys` among them."""
    condition: Document = {"cluster_id": cluster_id}
    if keys is not None:
        condition["_id"] = {"$in": ["/".join(key) for key in keys]}
    return {_key_of(row): _written(row) for row in _collection().find(condition)}


def revs_on(cluster_id: ObjectId) -> dict[NodeKey, int]:
    """The rev of every status on a cluster, read from the index alone."""
    fields = {"_id": 0, "environment_id": 1, "node_id": 1, "rev": 1}
    return {_key_of(row): row["rev"] for row in _collection().find({"cluster_id": cluster_id}, fields)}


def places() -> list[tuple[ObjectId, ObjectId]]:
    """(environment, cluster) of all statuses, read from the index `cluster_rev` alone."""
    group = {"environment": "$environment_id", "cluster": "$cluster_id"}
    rows = _collection().aggregate([{"$sort": {"cluster_id": 1, "environment_id": 1}}, {"$group": {"_id": group}}])
    return [(row["_id"]["environment"], row["_id"].get("cluster")) for row in rows]


def remove_from(environment_id: ObjectId, cluster_id: ObjectId) -> int:
    """Remove the statuses that an environment has on a cluster, and publish that; how many there were."""
    place = {"environment_id": environment_id, "cluster_id": cluster_id}
    rows = list(_collection().find(place, {"environment_id": 1, "node_id": 1, "rev": 1}))
    removed = 0
    for row in rows:
        if _collection().delete_one({"_id": row["_id"], "rev": row["rev"], "cluster_id": cluster_id}).deleted_count:
            events.publish_many([_event(_key_of(row), None, row["rev"] + 1)])
            removed += 1
    return removed


def stale_since(nodes: Iterable[NodeKey]) -> dict[NodeKey, str]:
    """Since when (RFC 3339) the statuses of these nodes may be out of date, of those of which that is so."""
    condition = {"_id": {"$in": ["/".join(key) for key in nodes]}, "status.stale_since": {"$ne": None}}
    fields = {"environment_id": 1, "node_id": 1, "status.stale_since": 1}
    return {_key_of(row): row["status"]["stale_since"] for row in _collection().find(condition, fields)}


def topic_of(environment_id: ObjectId | str) -> str:
    return f"environment:{environment_id}"


def next_rev(before: Written | None, at: datetime) -> int:
    """One more than before; the first is above any revision an earlier status of the node had, which began so too."""
    return before.rev + 1 if before is not None else int(at.timestamp() * 1000)


def write(cluster_id: ObjectId, changes: Sequence[Change]) -> bool:
    """Write the changes in one round trip, and publish what people can see of them.

    False when somebody else wrote or removed one of the statuses meanwhile: any of the changes may be written then,
    and none is published.
    """
    if not _write_all([_update(cluster_id, change) for change in changes]):
        return False
    events.publish_many(
        _event(change.key, change.status.status if change.status is not None else None, change.rev)
        for change in changes
        if change.before is None or change.after is None or change.after.shown != change.before.shown
    )
    return True


def mark_stale(cluster_id: ObjectId, since: datetime | None, reason: str = "") -> dict[NodeKey, Written]:
    """Set or clear `stale_since` of all statuses on a cluster, and publish those that change; as they are then."""
    condition: Document = {"cluster_id": cluster_id}
    condition["status.stale_since"] = None if since is not None else {"$ne": None}
    if since is None:
        condition["status.stale_reason"] = {"$ne": WITHDRAWN}
    return _mark(condition, since, reason)


def mark_withdrawn(cluster_id: ObjectId, team_ids: Several[ObjectId]) -> set[ObjectId]:
    """These teams, and no others, may not see how their environments on the cluster are; the environments of which that
    is new."""
    here: Document = {"cluster_id": cluster_id}
    withdrawn = {**here, "team_id": {"$in": list(team_ids)}, "status.stale_reason": {"$ne": WITHDRAWN}}
    back = {**here, "team_id": {"$nin": list(team_ids)}, "status.stale_reason": WITHDRAWN}
    marked = {**_mark(withdrawn, clock.now(), WITHDRAWN), **_mark(back, clock.now(), BACK)}
    return {ObjectId(key.environment_id) for key in marked}


def _mark(condition: Document, since: datetime | None, reason: str) -> dict[NodeKey, Written]:
    values = {"status.stale_since": clock.iso(since), "status.stale_reason": reason if since is not None else None}
    marked: dict[NodeKey, Written] = {}
    ids = [row["_id"] for row in _collection().find(condition, {"_id": 1})]
    for start in range(0, len(ids), PUBLISH_AT_ONCE):
        chunk = {"_id": {"$in": ids[start : start + PUBLISH_AT_ONCE]}}
        _collection().update_many(
            {**condition, **chunk},
            {"$set": values, "$inc": {"rev": 1, "status.rev": 1}},
        )
        rows = {_key_of(row): row for row in _collection().find(chunk)}
        events.publish_many(_event(key, row["status"], row["rev"]) for key, row in rows.items())
        marked.update({key: _written(row) for key, row in rows.items()})
    return marked


# Below


def _collection() -> Collection[Document]:
    """Acknowledged by the primary alone: the event that follows waits for a majority, and with it this."""
    return db()["node_statuses"].with_options(write_concern=WriteConcern(w=1))


def _update(cluster_id: ObjectId, change: Change) -> UpdateOne | DeleteOne:
    document_id = "/".join(change.key)
    condition: Document = {"_id": document_id}
    if change.before is not None:
        condition["rev"] = change.before.rev
    if change.status is None:
        return DeleteOne(condition)
    row: NodeStatusRow = {
        "_id": document_id,
        "environment_id": ObjectId(change.key.environment_id),
        "cluster_id": cluster_id,
        "team_id": change.team_id,
        "node_id": change.key.node_id,
        "status": change.status.status,
        "not_shown": change.status.not_shown,
        "rev": change.rev,
    }
    if change.before is not None:
        return UpdateOne(condition, {"$set": cast("Document", row)})
    # A row from before the environment moved here is taken over; one of this cluster is another watcher's.
    condition["cluster_id"] = {"$ne": cluster_id}
    return UpdateOne(condition, {"$set": {key: value for key, value in row.items() if key != "_id"}}, upsert=True)


def _write_all(writes: Sequence[UpdateOne | DeleteOne]) -> bool:
    """Whether every one of them found what it was made for."""
    if not writes:
        return True
    try:
        done = _collection().bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        if any(row.get("code") != DUPLICATE_KEY for row in error.details.get("writeErrors", ())):
            raise
        return False
    return done.matched_count + done.upserted_count + done.deleted_count == len(writes)


def _event(key: NodeKey, status: Mapping[str, Any] | None, rev: int) -> Event:
    return Event(topic_of(key.environment_id), f"node:{key.node_id}", status, rev)


def _key_of(row: Document) -> NodeKey:
    return NodeKey(str(row["environment_id"]), row["node_id"])


def _written(row: Document) -> Written:
    return Written.of(row["status"], row.get("not_shown", ()), row["rev"])
