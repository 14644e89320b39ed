"""Workflows as documents: raw pymongo, one guarded update for each change.

Every reader takes a `scope`, the tenant filter that is part of the base query
(`accounts.scope.team_filter`); `{}` is for jobs, which act for no person.
Indexes: `workflows.team_updated_ci`, `team_name_ci`, `team_created_ci` and the primary key.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson
from bson import Binary, ObjectId
from bson.errors import InvalidDocument
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import DocumentTooLarge

from kubeorch.base.digests import content_digest
from kubeorch.base.errors import Conflict, InvalidInput, NotFound
from kubeorch.mongo.client import Document, db

Scope = Mapping[str, Any]

WITHOUT_GRAPH = {"nodes": 0, "edges": 0}
HEAD = {"team_id": 1, "name": 1, "state": 1, "rev": 1, "event_rev": 1, "digest": 1, "version": 1, "updated_at": 1}
"""What most actions need, without moving the graph. `event_rev` orders what is published: it grows with every change,
`rev` only with the graph."""
GRAPH = {**HEAD, "nodes": 1, "edges": 1, "updated_by": 1}

GRAPH_BYTES_MAX = 12 * 1024 * 1024
"""A document may hold 16 MB; a version and the events beside it need room too."""
KEPT_REVS = 16
"""How many past revisions are kept, to tell a late writer what others changed since."""
KEPT_REV_BYTES_MAX = 1024 * 1024


class WorkflowNotFound(NotFound):
    """No such workflow in the caller's teams."""

    code = "workflow.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such workflow")


class WorkflowArchived(Conflict):
    """An archived workflow is read-only."""

    code = "workflow.archived"

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” is archived and read-only; unarchive it first")


class GraphTooLarge(InvalidInput):
    """The graph would not fit in one document."""

    code = "graph.too_large"

    def __init__(self, size_bytes: int) -> None:
        size_mb, most_mb = size_bytes / 1024 / 1024, GRAPH_BYTES_MAX // 1024 // 1024
        super().__init__(f"the graph takes {size_mb:.1f} MB and {most_mb} MB are allowed; move long texts out of it")


class GraphNotStorable(InvalidInput):
    """A value that a document cannot hold, such as an integer of more than 64 bits."""

    code = "graph.not_storable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the graph holds a value that cannot be stored: {reason}")


def workflows() -> Collection[Document]:
    """The collection, for pages of it."""
    return db().workflows


def find(
    workflow_id: ObjectId,
    scope: Scope,
    *,
    projection: Mapping[str, int] = WITHOUT_GRAPH,
    session: ClientSession | None = None,
) -> Document:
    """One workflow. Raises WorkflowNotFound; `projection` keeps `team_id` unless it says otherwise."""
    found = db().workflows.find_one({"_id": workflow_id, **scope}, dict(projection), session=session)
    if found is None:
        raise WorkflowNotFound
    return found


def has_any(team_id: ObjectId) -> bool:
    """Whether the team has a workflow."""
    return db().workflows.find_one({"team_id": team_id}, {"_id": 1}) is not None


def graph_bytes(nodes: Sequence[Document], edges: Sequence[Document]) -> bytes:
    """The graph as JSON, keys in the order people gave: what the digest and the kept revisions are made of.

    Raises GraphTooLarge, or GraphNotStorable for what JSON cannot hold.
    """
    try:
        blob = orjson.dumps({"nodes": nodes, "edges": edges})
    except orjson.JSONEncodeError as error:
        raise GraphNotStorable(str(error)) from error
    if len(blob) > GRAPH_BYTES_MAX:
        raise GraphTooLarge(len(blob))
    return blob


def digest_of(blob: bytes) -> str:
    return content_digest(blob)


def insert(document: Document, *, blob: bytes, session: ClientSession) -> Document:
    """Store a new workflow at rev 1; `blob` is `graph_bytes` of its graph."""
    document |= {"rev": 1, "event_rev": 1, "digest": digest_of(blob), "node_count": len(document["nodes"])}
    with _storable():
        db().workflows.insert_one(document, session=session)
    _keep_rev(document["_id"], 1, blob, document["created_by"], document["created_at"], session)
    return document


def save_graph(
    head: Document,
    nodes: Sequence[Document],
    edges: Sequence[Document],
    blob: bytes,
    *,
    by: ObjectId,
    at: datetime,
    session: ClientSession,
    scope: Scope = MappingProxyType({}),
) -> Document | None:
    """Write the graph over revision `head["rev"]`; the head after it, or None when `scope` does not hold it any more.

    An archived workflow matches nothing either, so that no save slips in behind an archiving.
    """
    rev: int = head["rev"] + 1
    change = {
        "nodes": nodes,
        "edges": edges,
        "node_count": len(nodes),
        "digest": digest_of(blob),
        "rev": rev,
        "updated_at": at,
        "updated_by": by,
    }
    with _storable():
        after = db().workflows.find_one_and_update(
            {**scope, "_id": head["_id"], "rev": head["rev"], "state": {"$ne": "archived"}},
            {"$set": change, "$inc": {"event_rev": 1}},
            projection=HEAD,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
    if after is None:
        return None
    _keep_rev(head["_id"], rev, blob, by, at, session)
    return after


def graph_at(workflow_id: ObjectId, rev: int) -> Document | None:
    """`{nodes, edges}` as they stood at `rev`, if that revision is among the last few kept."""
    kept = db().graph_revs.find_one({"_id": _rev_slot(workflow_id, rev), "rev": rev})
    if kept is None or "zipped" not in kept:
        return None
    graph: Document = orjson.loads(zlib.decompress(kept["zipped"]))
    return graph


def patch(
    workflow_id: ObjectId,
    change: Mapping[str, Any],
    *,
    unless_state: Sequence[str] = (),
    session: ClientSession | None = None,
) -> Document | None:
    """Set fields (never the graph) and give the workflow as it is now; None when it is gone or in such a state."""
    return db().workflows.find_one_and_update(
        {"_id": workflow_id, "state": {"$nin": list(unless_state)}},
        {"$set": dict(change), "$inc": {"event_rev": 1}},
        projection=WITHOUT_GRAPH,
        return_document=ReturnDocument.AFTER,
        session=session,
    )


def lock(workflow_id: ObjectId, scope: Scope, session: ClientSession) -> Document:
    """The workflow with its graph, written to in passing, so that whoever archives, deletes or saves it at the same
    time conflicts with this transaction instead of slipping past it. Raises WorkflowNotFound.
    """
    locked = db().workflows.find_one_and_update(
        {"_id": workflow_id, **scope},
        {"$inc": {"event_rev": 1}},
        projection=GRAPH,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if locked is None:
        raise WorkflowNotFound
    return locked


def next_version(workflow_id: ObjectId, session: ClientSession) -> int:
    """Take the next version number. In a transaction, so that a number taken in vain is given back: no gaps."""
    after = db().workflows.find_one_and_update(
        {"_id": workflow_id},
        {"$inc": {"version": 1}},
        projection={"version": 1},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if after is None:
        raise WorkflowNotFound
    number: int = after["version"]
    return number


def note_environments(workflow_id: ObjectId, session: ClientSession) -> None:
    """Copy the names of the workflow's environments into its document, where lists and search read them."""
    rows = db().environments.find({"workflow_id": workflow_id}, {"name": 1}, session=session).sort("_id")
    names = [{"id": row["_id"], "name": row["name"]} for row in rows]
    db().workflows.update_one({"_id": workflow_id}, {"$set": {"environments": names}}, session=session)


def note_last_run(workflow_id: ObjectId, last_run: Mapping[str, Any], session: ClientSession | None = None) -> None:
    """Copy what lists show of a run into the workflow, unless a later run is there already."""
    db().workflows.update_one(
        {"_id": workflow_id, "$or": [{"last_run": None}, {"last_run.number": {"$lte": last_run["number"]}}]},
        {"$set": {"last_run": dict(last_run)}},
        session=session,
    )


def remove(workflow_id: ObjectId, session: ClientSession) -> None:
    """Remove the workflow with its versions, runs, environments and sealed values; nothing in a cluster."""
    database = db()
    run_ids = [row["_id"] for row in database.runs.find({"workflow_id": workflow_id}, {"_id": 1}, session=session)]
    for name in ("run_steps", "run_logs", "run_secrets"):
        database[name].delete_many({"run_id": {"$in": run_ids}}, session=session)
    for name in ("runs", "versions", "secret_values"):
        database[name].delete_many({"workflow_id": workflow_id}, session=session)
    database.counters.delete_one({"_id": f"runs:{workflow_id}"}, session=session)
    database.graph_revs.delete_many(
        {"_id": {"$in": [_rev_slot(workflow_id, slot) for slot in range(KEPT_REVS)]}}, session=session
    )
    database.workflows.delete_one({"_id": workflow_id}, session=session)


class _storable:
    """Turn what BSON refuses into an answer for the sender."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DocumentTooLarge):
            raise GraphTooLarge(16 * 1024 * 1024) from error
        if isinstance(error, InvalidDocument | OverflowError | UnicodeEncodeError):
            raise GraphNotStorable(str(error)) from error


def _rev_slot(workflow_id: ObjectId, rev: int) -> str:
    return f"{workflow_id}:{rev % KEPT_REVS}"


def _keep_rev(workflow_id: ObjectId, rev: int, blob: bytes, by: ObjectId, at: datetime, session: ClientSession) -> None:
    """Keep the revision in its slot of a ring, so that a workflow holds a bounded past however often it is saved."""
    if len(blob) > KEPT_REV_BYTES_MAX:
        return
    slot = _rev_slot(workflow_id, rev)
    row = {"_id": slot, "rev": rev, "zipped": Binary(zlib.compress(blob, 1)), "by": by, "at": at}
    db().graph_revs.replace_one({"_id": slot}, row, upsert=True, session=session)
