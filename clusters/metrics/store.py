"""The time series `usage` (a point a minute, for a day) and `usage_long` (one every ten minutes, for two weeks).

A point is of a cluster's node or pod: `{at, of: {cluster_id, kind, namespace, name}, cpu, memory}`. And `usage_looks`:
when somebody looked last at a cluster's figures, since they are kept only while that is not long ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict

from bson import ObjectId

from clusters.domain.usage import Usage, Used, of_pod
from kubeorch.mongo.client import db

OBJECTS_MOST = 5_000
"""Of one cluster at one time."""
DAY, FORTNIGHT = "usage", "usage_long"
STEP_S = {DAY: 60, FORTNIGHT: 600}
RANGE = {DAY: timedelta(days=1), FORTNIGHT: timedelta(days=14)}
OBJECTS_SUMMED = 1_000


class Point(TypedDict):
    at: datetime
    cpu: float
    memory: float
    objects: int | None
    """Of how many objects that is; None where nobody says."""


def keep(cluster_id: ObjectId, at: datetime, usage: Usage) -> None:
    rows = [_row(cluster_id, at, "Node", "", name, used) for name, used in usage.nodes.items()]
    rows += [_row(cluster_id, at, "Pod", key[0], key[1], of_pod(used)) for key, used in usage.pods.items()]
    if rows:
        db()["usage"].insert_many(rows[:OBJECTS_MOST], ordered=False)


def condense(cluster_id: ObjectId, until: datetime) -> None:
    """Keep the mean of the last ten minutes."""
    since = until - timedelta(seconds=STEP_S[FORTNIGHT])
    mean = {"_id": "$of", "cpu": {"$avg": "$cpu"}, "memory": {"$avg": "$memory"}}
    found = db()["usage"].aggregate(
        [{"$match": {"of.cluster_id": cluster_id, "at": {"$gt": since, "$lte": until}}}, {"$group": mean}]
    )
    rows = [{"at": until, "of": one["_id"], "cpu": one["cpu"], "memory": one["memory"]} for one in found]
    if rows:
        db()["usage_long"].insert_many(rows, ordered=False)


def history(
    cluster_id: ObjectId, kind: str, objects: Sequence[tuple[str, str]], series: str, until: datetime
) -> list[Point]:
    """Points of these objects (namespace, name), which are of one namespace, added up by time."""
    if not objects:
        return []
    match = {
        "of.cluster_id": cluster_id,
        "of.kind": kind,
        "of.namespace": {"$in": sorted({namespace for namespace, _ in objects})},
        "of.name": {"$in": [name for _, name in objects[:OBJECTS_SUMMED]]},
        "at": {"$gt": until - RANGE[series]},
    }
    # A job that is carried out twice keeps a point twice: of one object at one time there is one.
    once = {"_id": {"at": "$at", "of": "$of"}, "cpu": {"$max": "$cpu"}, "memory": {"$max": "$memory"}}
    added = {"_id": "$_id.at", "cpu": {"$sum": "$cpu"}, "memory": {"$sum": "$memory"}}
    added["objects"] = {"$sum": 1}
    steps: list[dict[str, Any]] = [{"$match": match}, {"$group": once}, {"$group": added}, {"$sort": {"_id": 1}}]
    rows = db()["usage"].aggregate(steps) if series == DAY else db()["usage_long"].aggregate(steps)
    return [Point(at=row["_id"], cpu=row["cpu"], memory=row["memory"], objects=row["objects"]) for row in rows]


def claim_slot(cluster_id: ObjectId, slot: datetime) -> bool:
    """Whether the ten minutes that ended at `slot` have not been condensed yet; from now on they have."""
    query = {"_id": cluster_id, "condensed_at": {"$ne": slot}}
    return db()["usage_looks"].update_one(query, {"$set": {"condensed_at": slot}}).modified_count == 1


def note_look(cluster_id: ObjectId, at: datetime) -> None:
    db()["usage_looks"].update_one({"_id": cluster_id}, {"$set": {"at": at}}, upsert=True)


def last_look(cluster_id: ObjectId) -> datetime | None:
    found = db()["usage_looks"].find_one({"_id": cluster_id})
    return found["at"] if found else None


def _row(cluster_id: ObjectId, at: datetime, kind: str, namespace: str, name: str, used: Used) -> dict[str, Any]:
    of = {"cluster_id": cluster_id, "kind": kind, "namespace": namespace, "name": name}
    return {"at": at, "of": of, "cpu": used.cpu, "memory": used.memory}
