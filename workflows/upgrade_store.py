"""What a new release expects of workflows that an earlier one has stored. Done once, at the start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import UpdateOne

from kubeorch.mongo.client import db
from workflows import store
from workflows.domain.rendering.digest import content_digest_of

SCHEMA = 3
AT_ONCE = 100


def upgrade() -> None:
    """Bring stored workflows up to date; nothing to do where that was done before. May be killed, and run again."""
    key = {"_id": "schema:workflows"}
    done = db().counters.find_one(key)
    if done is not None and done["n"] >= SCHEMA:
        return
    db().workflows.update_many({"state": {"$in": ["draft", "published"]}}, {"$set": {"state": "active"}})
    _digest_contents()
    _digest_deployed()
    _note_removed()
    db().graph_revs.drop()  # past revisions lie in the workflows themselves
    db().counters.update_one(key, {"$max": {"n": SCHEMA}}, upsert=True)


def _digest_contents() -> None:
    lacking = {"content": {"$exists": False}}
    while rows := list(db().workflows.find(lacking, {"nodes": 1, "edges": 1, "rev": 1}).limit(AT_ONCE)):
        db().workflows.bulk_write(
            [
                UpdateOne({"_id": row["_id"], "rev": row["rev"]}, {"$set": {"content": content_digest_of(row)}})
                for row in rows
            ]
        )


def _digest_deployed() -> None:
    lacking = {"deployed": {"$ne": None}, "deployed.content": {"$exists": False}}
    for environment in list(db().environments.find(lacking, {"workflow_id": 1, "deployed": 1})):
        query = {"workflow_id": environment["workflow_id"], "number": environment["deployed"]["version"]}
        version: Mapping[str, Any] | None = db().versions.find_one(query, {"nodes": 1, "edges": 1})
        content = content_digest_of(version) if version else ""
        db().environments.update_one({"_id": environment["_id"]}, {"$set": {"deployed.content": content}})
    with db().client.start_session() as session:
        for workflow_id in db().environments.distinct("workflow_id", {"deployed": {"$ne": None}}):
            store.note_environments(workflow_id, session)


def _note_removed() -> None:
    """Of environments that were removed before that was noted, those of which a run is kept."""
    there = set(db().environments.distinct("_id"))
    gone = [one for one in db().runs.distinct("environment_id") if one not in there]
    writes = [UpdateOne({"_id": one}, {"$setOnInsert": {"_id": one}}, upsert=True) for one in gone]
    if writes:
        db().removed_environments.bulk_write(writes, ordered=False)
