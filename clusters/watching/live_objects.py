"""Observed objects in the database, mirrored in memory to know what changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from bson import ObjectId
from pymongo import DeleteOne, UpdateOne

from clusters.watching.contract import NodeChange, NodeKey
from kubeorch.base import clock
from kubeorch.mongo.client import db


class Written(NamedTuple):
    rev: int
    resource_version: str
    health: str
    key: NodeKey


class LiveObjects:
    """The rows of `live_objects` of one cluster."""

    def __init__(self, cluster_id: ObjectId) -> None:
        self._cluster_id = cluster_id
        self._written: dict[str, Written] = {}
        self._by_node: dict[NodeKey, set[str]] = {}

    def load(self) -> None:
        self._written, self._by_node = {}, {}
        names = ("rev", "resource_version", "health", "reason", "environment_id", "node_id", "stale_since")
        for row in db().live_objects.find({"cluster_id": self._cluster_id}, dict.fromkeys(names, 1)):
            version = "" if row["stale_since"] is not None else row["resource_version"]  # stale ones are written anew
            key = NodeKey(str(row["environment_id"]), row["node_id"])
            self._remember(row["_id"], Written(row["rev"], version, f"{row['health']} {row['reason']}", key))

    def nodes(self) -> list[NodeKey]:
        return list(self._by_node)

    def write(self, changes: Sequence[NodeChange], stale_since: datetime | None) -> None:
        """Upsert what a node declares when anything of it changed; drop what is gone."""
        writes: list[UpdateOne | DeleteOne] = []
        after: dict[str, Written | None] = {}
        for key, observed in changes:
            present = set()
            for seen, health in observed.objects:
                live_id = f"{self._cluster_id}/{seen.ref.key}"
                present.add(live_id)
                known = self._written.get(live_id)
                rev = (known.rev if known else 0) + 1
                row = Written(rev, seen.resource_version, f"{health.state} {health.reason}", key)
                if known is not None and known[1:] == row[1:]:
                    continue
                after[live_id] = row
                fields = {
                    "cluster_id": self._cluster_id,
                    "environment_id": ObjectId(key.environment_id),
                    "node_id": key.node_id,
                    "ref": seen.ref.as_json(),
                    "uid": seen.uid,
                    "resource_version": seen.resource_version,
                    "health": str(health.state),
                    "reason": health.reason,
                    "observed_at": clock.now(),
                    "stale_since": stale_since,
                    "rev": rev,
                }
                writes.append(UpdateOne({"_id": live_id}, {"$set": fields}, upsert=True))
            for live_id in self._by_node.get(key, set()) - present:
                after[live_id] = None
                writes.append(DeleteOne({"_id": live_id}))
        if writes:
            db().live_objects.bulk_write(writes, ordered=False)
        for live_id, written in after.items():
            self._remember(live_id, written)

    def mark_stale(self, since: datetime | None) -> None:
        db().live_objects.update_many(
            {"cluster_id": self._cluster_id}, {"$set": {"stale_since": since}, "$inc": {"rev": 1}}
        )
        self._written = {live_id: row._replace(rev=row.rev + 1) for live_id, row in self._written.items()}

    def _remember(self, live_id: str, row: Written | None) -> None:
        known = self._written.pop(live_id, None)
        if known is not None:
            members = self._by_node.get(known.key, set())
            members.discard(live_id)
            if not members:
                self._by_node.pop(known.key, None)
        if row is not None:
            self._written[live_id] = row
            self._by_node.setdefault(row.key, set()).add(live_id)
