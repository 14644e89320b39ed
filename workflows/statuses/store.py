"""Node statuses as documents: `node_statuses`, one document a node, which is also the snapshot of its topic."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from bson import ObjectId
from pymongo import WriteConcern
from pymongo.collection import Collection

from clusters.watching.contract import NodeKey
from kubeorch.base import clock
from kubeorch.mongo.client import Document, db
from kubeorch.realtime import events
from kubeorch.realtime.events import Event

PUBLISH_AT_ONCE = 500


class Written(NamedTuple):
    """What the database holds of a node, as far as a recorder must know it."""

    rev: int
    digest: bytes


def statuses() -> Collection[Document]:
    """One document a node: `{_id: "<environment>/<node>", environment_id, cluster_id, node_id, status, rev}`.

    Acknowledged by the primary alone: the event that follows waits for a majority, and with it this.
    """
    return db()["node_statuses"].with_options(write_concern=WriteConcern(w=1))


def snapshot(environment_id: ObjectId) -> dict[str, Any]:
    """`node:<id>` → NodeStatus, for the topic and the API. Index: `environment` of node_statuses."""
    rows = statuses().find({"environment_id": environment_id}, {"node_id": 1, "status": 1})
    return {f"node:{row['node_id']}": row["status"] for row in rows}


def topic_of(environment_id: ObjectId | str) -> str:
    return f"environment:{environment_id}"


def mark_stale(condition: Document, since: datetime | None) -> list[tuple[NodeKey, Written]]:
    """Set `stale_since` of all statuses that match and publish them; each counts up, and is returned as written."""
    marked: list[tuple[NodeKey, Written]] = []
    ids = [row["_id"] for row in statuses().find(condition, {"_id": 1})]
    for start in range(0, len(ids), PUBLISH_AT_ONCE):
        chunk = {"_id": {"$in": ids[start : start + PUBLISH_AT_ONCE]}}
        statuses().update_many(
            {**condition, **chunk},
            {"$set": {"status.stale_since": clock.iso(since)}, "$inc": {"rev": 1, "status.rev": 1}},
        )
        changed = []
        for row in statuses().find(chunk):
            key = NodeKey(str(row["environment_id"]), row["node_id"])
            changed.append(Event(topic_of(key.environment_id), f"node:{key.node_id}", row["status"], row["rev"]))
            marked.append((key, Written(row["rev"], digest_of(row["status"]))))
        events.publish_many(changed)
    return marked


def digest_of(status: Mapping[str, Any]) -> bytes:
    """Of what a person can see; versions and times of looking change without anything to see."""
    shown = {key: value for key, value in status.items() if key not in ("rev", "observed_at", "resource_version")}
    shown["objects"] = [{k: v for k, v in row.items() if k != "resource_version"} for row in shown["objects"]]
    return hashlib.blake2b(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS), digest_size=12).digest()
