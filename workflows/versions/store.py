"""Versions as documents: insert-only snapshots, found by number or by content.

Indexes: `versions.workflow_number` (unique) and `versions.workflow_content`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import Document, db
from kubeorch.mongo.ids import made_since
from kubeorch.mongo.pages import Page, find_page

WITHOUT_GRAPH = {"nodes": 0, "edges": 0}
NUMBER_MAX = 2**31 - 1
"""A larger number is never a version, and may be too large for a query."""


class Version(TypedDict):
    """A document of `versions`. One that was read without its graph lacks `nodes` and `edges`."""

    _id: NotRequired[ObjectId]
    workflow_id: ObjectId
    team_id: ObjectId
    number: int
    """Counts the versions of the workflow, from 1, without gaps."""
    content_hash: str
    """Of what a run would apply: moving a node does not change it."""
    nodes: list[Document]
    edges: list[Document]
    """The graph in its stored form; see `graph_to_dict`."""
    node_count: int
    name: str
    tag: str
    description: str
    """All three "" for a version that a run made."""
    automatic: bool
    """Made by a run."""
    run_id: ObjectId | None
    """The run that made it."""
    restored_from: int | None
    """The number of the version whose graph was put back."""
    created_at: datetime
    created_by: ObjectId


class VersionNotFound(NotFound):
    """The workflow has no version of that number."""

    code = "version.not_found"

    def __init__(self, number: object) -> None:
        super().__init__(f"the workflow has no version {number}")


def page(base: Mapping[str, Any], query: Mapping[str, str], *, sorts: Mapping[str, str], default: str) -> Page:
    """One page of the versions without their graphs; see `find_page`."""
    return find_page(_versions(), base, query, sorts=sorts, default=default, projection=WITHOUT_GRAPH)


def parameters_of_team(
    team_id: ObjectId | Mapping[str, ObjectId], since: datetime | None = None
) -> Iterator[tuple[ObjectId, int, list[Document]]]:
    """What the nodes of each version of a team say, or of the teams that match: workflow, number, nodes; only of those
    made `since`."""
    fields = {"workflow_id": 1, "number": 1, "nodes.parameters": 1, "nodes.patch": 1}
    for row in _versions().find({"team_id": team_id, **made_since(since)}, fields):
        yield row["workflow_id"], row["number"], row["nodes"]


def _versions() -> Collection[Version]:
    return cast("Collection[Version]", db().versions)


def find(workflow_id: ObjectId, number: int, *, session: ClientSession | None = None) -> Version:
    """One version with its graph. The caller has scoped the workflow. Raises VersionNotFound."""
    if number > NUMBER_MAX:
        raise VersionNotFound(number)
    found = _versions().find_one({"workflow_id": workflow_id, "number": number}, session=session)
    if found is None:
        raise VersionNotFound(number)
    return found


def newest_with(workflow_id: ObjectId, content_hash: str, *, session: ClientSession | None = None) -> Version | None:
    """The highest version of this content, without its graph."""
    return _versions().find_one(
        {"workflow_id": workflow_id, "content_hash": content_hash},
        WITHOUT_GRAPH,
        sort=[("number", -1)],
        session=session,
    )


def insert(version: Version, session: ClientSession) -> Version:
    _versions().insert_one(version, session=session)
    return version


def count(workflow_id: ObjectId, session: ClientSession) -> int:
    """How many versions the workflow has."""
    return _versions().count_documents({"workflow_id": workflow_id}, session=session)


def forget_oldest(workflow_id: ObjectId, many: int, *, in_use: set[int], session: ClientSession) -> int:
    """Remove the oldest versions that runs have made, `many` at most and none `in_use`; how many were removed."""
    query = {"workflow_id": workflow_id, "automatic": True, "number": {"$nin": sorted(in_use)}}
    oldest = _versions().find(query, {"number": 1}, session=session).sort("number", 1).limit(many)
    numbers = [row["number"] for row in oldest]
    query = {"workflow_id": workflow_id, "number": {"$in": numbers}}
    return _versions().delete_many(query, session=session).deleted_count if numbers else 0


def label(workflow_id: ObjectId, number: int, change: Mapping[str, Any]) -> Version:
    """Set name, tag or description; the graph of a version never changes. Raises VersionNotFound."""
    if number > NUMBER_MAX:
        raise VersionNotFound(number)
    after = _versions().find_one_and_update(
        {"workflow_id": workflow_id, "number": number},
        {"$set": dict(change)},
        projection=WITHOUT_GRAPH,
        return_document=ReturnDocument.AFTER,
    )
    if after is None:
        raise VersionNotFound(number)
    return after
