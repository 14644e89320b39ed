"""What a person has noted of a cluster for themselves: `namespace_sets` (named sets of namespaces) and `resource_marks`
(favourites, notes and labels of their own on objects). Nobody else sees them, and nothing of them is in the cluster.

Indexes: `namespace_sets.person_name` (unique), `resource_marks.person_object` (unique), `person_updated`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.base.clock import now
from kubeorch.mongo.client import db


class NamespaceSet(TypedDict):
    """A document of `namespace_sets`. Times are UTC with milliseconds."""

    _id: ObjectId
    user_id: ObjectId
    cluster_id: ObjectId
    name: str
    """Unique among the person's sets of the cluster."""
    namespaces: list[str]
    """Sorted."""
    updated_at: datetime


class Mark(TypedDict):
    """A document of `resource_marks`; by name, so that it outlives an object that is made anew."""

    _id: ObjectId
    user_id: ObjectId
    cluster_id: ObjectId
    kind: str
    """`Deployment.apps`."""
    namespace: str
    """"" for what has none."""
    name: str
    favourite: bool
    note: str
    labels: list[str]
    updated_at: datetime


def _sets() -> Collection[NamespaceSet]:
    return cast("Collection[NamespaceSet]", db()["namespace_sets"])  # only this module writes it


def marks() -> Collection[Mark]:
    return cast("Collection[Mark]", db()["resource_marks"])  # only this module writes it


def own(user_id: str, cluster_id: ObjectId) -> dict[str, Any]:
    """The base of every query."""
    return {"user_id": ObjectId(user_id), "cluster_id": cluster_id}


def sets_of(whose: Mapping[str, Any]) -> list[NamespaceSet]:
    """By name. Index: `person_name`."""
    return list(_sets().find(whose).sort("name", 1))


def count_sets(whose: Mapping[str, Any], *, besides: str) -> int:
    return _sets().count_documents({**whose, "name": {"$ne": besides}})


def save_set(whose: Mapping[str, Any], name: str, namespaces: list[str]) -> NamespaceSet:
    """Make it, or replace the one of that name."""
    saved = _sets().find_one_and_update(
        {**whose, "name": name},
        {"$set": {"namespaces": namespaces, "updated_at": now()}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return cast("NamespaceSet", saved)  # it is there: an upsert makes it


def delete_set(whose: Mapping[str, Any], set_id: ObjectId) -> bool:
    return _sets().delete_one({**whose, "_id": set_id}).deleted_count == 1


def mark_of(whose: Mapping[str, Any], place: Mapping[str, str]) -> Mark | None:
    """`place` is kind, namespace and name. Index: `person_object`."""
    return marks().find_one({**whose, **place})


def count_marks(whose: Mapping[str, Any]) -> int:
    return marks().count_documents(whose)


def save_mark(whose: Mapping[str, Any], place: Mapping[str, str], values: Mapping[str, Any]) -> Mark:
    saved = marks().find_one_and_update(
        {**whose, **place},
        {"$set": {**values, "updated_at": now()}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return cast("Mark", saved)


def delete_mark(whose: Mapping[str, Any], place: Mapping[str, str]) -> None:
    marks().delete_one({**whose, **place})


def forget(cluster_id: ObjectId, session: ClientSession) -> None:
    """What people have noted of a cluster that is removed."""
    _sets().delete_many({"cluster_id": cluster_id}, session=session)
    marks().delete_many({"cluster_id": cluster_id}, session=session)
