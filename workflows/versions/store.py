"""Versions as documents: insert-only snapshots, found by number or by content.

Indexes: `versions.workflow_number` (unique) and `versions.workflow_content`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import Document, db

WITHOUT_GRAPH = {"nodes": 0, "edges": 0}
NUMBER_MAX = 2**31 - 1
"""A greater number cannot be a version, and might not even fit into a query."""


class VersionNotFound(NotFound):
    """The workflow has no version of that number."""

    code = "version.not_found"

    def __init__(self, number: object) -> None:
        super().__init__(f"the workflow has no version {number}")


def versions() -> Collection[Document]:
    """The collection, for pages of it."""
    return db().versions


def find(workflow_id: ObjectId, number: int, *, session: ClientSession | None = None) -> Document:
    """One version with its graph. The caller has scoped the workflow. Raises VersionNotFound."""
    if number > NUMBER_MAX:
        raise VersionNotFound(number)
    found = db().versions.find_one({"workflow_id": workflow_id, "number": number}, session=session)
    if found is None:
        raise VersionNotFound(number)
    return found


def newest_with(workflow_id: ObjectId, content_hash: str, *, session: ClientSession | None = None) -> Document | None:
    """The highest version of this content, without its graph."""
    return db().versions.find_one(
        {"workflow_id": workflow_id, "content_hash": content_hash},
        WITHOUT_GRAPH,
        sort=[("number", -1)],
        session=session,
    )


def insert(document: Document, session: ClientSession) -> Document:
    db().versions.insert_one(document, session=session)
    return document


def label(workflow_id: ObjectId, number: int, change: Mapping[str, Any]) -> Document:
    """Set name, tag or description; the graph of a version never changes. Raises VersionNotFound."""
    if number > NUMBER_MAX:
        raise VersionNotFound(number)
    after = db().versions.find_one_and_update(
        {"workflow_id": workflow_id, "number": number},
        {"$set": dict(change)},
        projection=WITHOUT_GRAPH,
        return_document=ReturnDocument.AFTER,
    )
    if after is None:
        raise VersionNotFound(number)
    return after
