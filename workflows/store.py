"""Workflows as documents: one guarded update for each change.

Every reader takes a `scope`, the filter of the caller's teams (`accounts.scope.team_filter`); `{}` is for jobs, which
act for no person.
Indexes: `workflows.team_updated_ci`, `team_name_ci`, `team_created_ci` and the primary key.
"""

from __future__ import annotations

from collections.abc import Collection as Several
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.base.errors import Conflict, NotFound
from kubeorch.mongo.client import Document, db
from kubeorch.mongo.indexes import ANY_CASE
from kubeorch.mongo.pages import Page, find_page

Scope = Mapping[str, Any]

WITHOUT_GRAPH = {"nodes": 0, "edges": 0, "past": 0, "told": 0}
HEAD = {
    "team_id": 1,
    "name": 1,
    "state": 1,
    "removing": 1,
    "rev": 1,
    "event_rev": 1,
    "digest": 1,
    "version": 1,
    "updated_at": 1,
}
"""What most actions need, without moving the graph. `event_rev` orders what is published: it grows with every change,
`rev` only with the graph."""
GRAPH = {**HEAD, "nodes": 1, "edges": 1, "updated_by": 1}

NEWEST_RUNS = 50
"""Of a workflow and of each of its environments: their versions are kept, since such a run may be open, or be tried
again."""


class LastRun(TypedDict):
    """What lists show of a workflow's newest run."""

    id: ObjectId
    number: int
    state: str
    finished_at: datetime | None


class Workflow(TypedDict):
    """A document of `workflows`. One that was read with a projection lacks what the projection left out."""

    _id: ObjectId
    team_id: ObjectId
    name: str
    description: str
    tags: list[str]
    state: str
    """`active` or `archived`."""
    removing: NotRequired[bool]
    """It was archived to be deleted, and nobody has unarchived it since."""
    nodes: list[Document]
    edges: list[Document]
    """The graph in its stored form; see `graph_to_dict`."""
    past: NotRequired[Document]
    """The last revisions of the graph; see `graphs.store`."""
    told: NotRequired[list[Document]]
    """The events of the last save; see `kubeorch.realtime.events.told`."""
    node_count: int
    digest: str
    """Of the graph's bytes: one content has one digest."""
    content: str
    """Digest of what a run would apply: moving a node does not change it."""
    rev: int
    """Of the graph, from 1: grows with every save that changes it."""
    event_rev: int
    """Grows with every change of the document, and orders what is published of it."""
    version: int
    """Number of the newest version; 0 before the first."""
    last_run: LastRun | None
    removed_runs: NotRequired[int]
    """How many old runs were removed, and are not listed any more."""
    environments: list[Document]
    """`{id, name, deployed}` of each, copied for lists and search; `deployed` is the content that was applied last, or
    None."""
    created_at: datetime
    created_by: ObjectId
    updated_at: datetime
    updated_by: ObjectId


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


def require_editable(workflow: Mapping[str, Any]) -> None:
    """Raise WorkflowArchived unless the workflow may be changed."""
    if workflow["state"] == "archived":
        raise WorkflowArchived(workflow["name"])


def page(base: Mapping[str, Any], query: Mapping[str, str], *, sorts: Mapping[str, str], default: str) -> Page:
    """One page of the workflows without their graphs; see `find_page`."""
    return find_page(
        _workflows(), base, query, sorts=sorts, default=default, projection=WITHOUT_GRAPH, collation=ANY_CASE.document
    )


def _workflows() -> Collection[Workflow]:
    return cast("Collection[Workflow]", db().workflows)


def names_of(workflow_ids: Iterable[ObjectId]) -> dict[ObjectId, str]:
    """Of those that exist."""
    return {row["_id"]: row["name"] for row in _workflows().find({"_id": {"$in": list(workflow_ids)}}, {"name": 1})}


def find(
    workflow_id: ObjectId,
    scope: Scope,
    *,
    projection: Mapping[str, int] = WITHOUT_GRAPH,
    session: ClientSession | None = None,
) -> Workflow:
    """One workflow, without its graph unless `projection` says otherwise. Raises WorkflowNotFound."""
    found = _workflows().find_one({"_id": workflow_id, **scope}, dict(projection), session=session)
    if found is None:
        raise WorkflowNotFound
    return found


def contents_of(workflow_ids: Several[ObjectId]) -> dict[ObjectId, str]:
    """The digest of what each workflow draws now."""
    found = _workflows().find({"_id": {"$in": list(workflow_ids)}}, {"content": 1}) if workflow_ids else ()
    return {one["_id"]: one["content"] for one in found}


def count_in(team_id: ObjectId, session: ClientSession) -> int:
    """How many workflows the team has, archived ones too."""
    return db().workflows.count_documents({"team_id": team_id}, session=session, collation=ANY_CASE)


def has_any(team_id: ObjectId) -> bool:
    """Whether the team has a workflow."""
    return db().workflows.find_one({"team_id": team_id}, {"_id": 1}) is not None


def patch(
    workflow_id: ObjectId,
    change: Mapping[str, Any],
    *,
    session: ClientSession | None = None,
) -> Workflow | None:
    """Set fields (never the graph); the workflow as it is then, or None when it is gone."""
    return _workflows().find_one_and_update(
        {"_id": workflow_id},
        {"$set": dict(change), "$inc": {"event_rev": 1}},
        projection=WITHOUT_GRAPH,
        return_document=ReturnDocument.AFTER,
        session=session,
    )


def lock(workflow_id: ObjectId, scope: Scope, session: ClientSession) -> Workflow:
    """The workflow with its graph, written to in passing: whoever archives, deletes or saves it at the same time
    conflicts with this transaction. Raises WorkflowNotFound.
    """
    locked = _workflows().find_one_and_update(
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
    """The next version number. A transaction that is aborted gives its number back, so there are no gaps."""
    after = _workflows().find_one_and_update(
        {"_id": workflow_id},
        {"$inc": {"version": 1}},
        projection={"version": 1},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if after is None:
        raise WorkflowNotFound
    return after["version"]


def last_runs() -> Iterator[tuple[ObjectId, ObjectId | None]]:
    """(id of the workflow, id of its newest run) of all workflows."""
    for row in _workflows().find({}, {"last_run": 1}):
        yield row["_id"], row["last_run"]["id"] if row["last_run"] else None


def note_removed_runs(workflow_id: ObjectId, many: int) -> None:
    """Count the runs that were removed because they were old."""
    _workflows().update_one({"_id": workflow_id}, {"$inc": {"removed_runs": many}})


def versions_in_runs(workflow_id: ObjectId, environment_ids: Several[ObjectId], session: ClientSession) -> set[int]:
    """The versions that the newest runs apply, of the workflow and of each of its environments.

    Indexes: `runs.workflow_number` and `runs.environment_number`.
    """
    found: set[int] = set()
    for query in ({"workflow_id": workflow_id}, *({"environment_id": one} for one in environment_ids)):
        newest = db().runs.find(query, {"version": 1}, session=session).sort("number", -1)
        found |= {row["version"] for row in newest.limit(NEWEST_RUNS)}
    return found


def deployment_filter(deployment: str) -> Document:
    """The query for workflows that are deployed `never`, only as they are drawn now (`deployed`), or `edited` since."""
    somewhere = {"environments": {"$elemMatch": {"deployed": {"$type": "string"}}}}
    if deployment == "never":
        return {"environments": {"$not": {"$elemMatch": {"deployed": {"$type": "string"}}}}}
    others = {"$setDifference": ["$environments.deployed", ["$content", None]]}
    edited = {"$gt": [{"$size": others}, 0]}
    return {**somewhere, "$expr": edited if deployment == "edited" else {"$not": [edited]}}


def note_environments(workflow_id: ObjectId, session: ClientSession) -> None:
    """Copy the workflow's environments into its document, where lists and search read them."""
    fields = {"name": 1, "deployed.content": 1}
    rows = db().environments.find({"workflow_id": workflow_id}, fields, session=session).sort("_id")
    copies = [
        {"id": row["_id"], "name": row["name"], "deployed": (row.get("deployed") or {}).get("content")} for row in rows
    ]
    db().workflows.update_one({"_id": workflow_id}, {"$set": {"environments": copies}}, session=session)


def note_last_run(workflow_id: ObjectId, last_run: LastRun, session: ClientSession | None = None) -> None:
    """Copy what lists show of a run into the workflow, unless a later run is there already."""
    db().workflows.update_one(
        {"_id": workflow_id, "$or": [{"last_run": None}, {"last_run.number": {"$lte": last_run["number"]}}]},
        {"$set": {"last_run": last_run}},
        session=session,
    )


def remove(workflow_id: ObjectId, session: ClientSession) -> None:
    """Remove the workflow with its versions, runs, environments and sealed values; nothing in a cluster."""
    database = db()
    run_ids = [row["_id"] for row in database.runs.find({"workflow_id": workflow_id}, {"_id": 1}, session=session)]
    for name in ("run_steps", "run_logs", "run_secrets"):
        database[name].delete_many({"run_id": {"$in": run_ids}}, session=session)
    for name in ("runs", "versions", "secret_values", "earlier_secret_values"):
        database[name].delete_many({"workflow_id": workflow_id}, session=session)
    database.counters.delete_one({"_id": f"runs:{workflow_id}"}, session=session)
    database.workflows.delete_one({"_id": workflow_id}, session=session)
