"""The collection `drains`: the last drain of each node, with how far it is.

Index: `drains.cluster_node` (unique).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from kubeorch.base.errors import Conflict
from kubeorch.mongo.client import db

PODS_SHOWN = 500


class DrainedPod(TypedDict):
    namespace: str
    name: str
    state: str
    """`waiting`, `blocked` (by a budget), `leaving`, `gone`, or `stays`."""
    why: str


class Drain(TypedDict):
    """A document of the collection. Times are UTC with milliseconds."""

    _id: ObjectId
    cluster_id: ObjectId
    team_id: ObjectId
    """In whose name."""
    node: str
    uid: NotRequired[str]
    """Of the node: another one that has its name is left alone."""
    drain_id: NotRequired[ObjectId]
    """Another one for each drain of the node; older rows lack it, `uid`, `user_id` and `cordoned`."""
    user_id: NotRequired[str]
    """Whose right to drain is asked about in each round."""
    by: str
    """The e-mail of the person."""
    state: str
    """`running`, `done`, `failed` or `canceled`."""
    cancel_requested: bool
    cordoned: NotRequired[bool]
    """It has cordoned the node."""
    delete_data: bool
    delete_unmanaged: bool
    timeout_s: int
    total: int
    """Pods that have to leave."""
    gone: int
    pods: list[DrainedPod]
    """PODS_SHOWN at most."""
    message: str
    created_at: datetime
    ended_at: datetime | None


class DrainRunning(Conflict):
    code = "drain.running"

    def __init__(self, node: str) -> None:
        super().__init__(f"the node {node} is being drained already; wait for it, or cancel it")


def begin(drain: Drain, session: ClientSession) -> None:
    """Keep it in the place of the node's last one. Raises DrainRunning."""
    try:
        _drains().replace_one(
            {"cluster_id": drain["cluster_id"], "node": drain["node"], "state": {"$ne": "running"}},
            {key: value for key, value in drain.items() if key != "_id"},
            upsert=True,
            session=session,
        )
    except DuplicateKeyError:
        raise DrainRunning(drain["node"]) from None


def of_node(cluster_id: ObjectId, node: str) -> Drain | None:
    return _drains().find_one({"cluster_id": cluster_id, "node": node})


def of_cluster(cluster_id: ObjectId) -> dict[str, Drain]:
    """The last drain of each node, by name; without their pods."""
    return {row["node"]: row for row in _drains().find({"cluster_id": cluster_id}, {"pods": 0})}


def runs_on(cluster_id: ObjectId, node: str) -> bool:
    return _drains().find_one({"cluster_id": cluster_id, "node": node, "state": "running"}, {"_id": 1}) is not None


def ask_cancel(cluster_id: ObjectId, node: str) -> Drain | None:
    """Have the running one end; None where none runs."""
    return _drains().find_one_and_update(
        {"cluster_id": cluster_id, "node": node, "state": "running"},
        {"$set": {"cancel_requested": True}},
        return_document=ReturnDocument.AFTER,
    )


def record(drain: Drain, values: Mapping[str, Any]) -> None:
    """How far it is; nothing where it has ended or another one has taken its place."""
    this = {"cluster_id": drain["cluster_id"], "node": drain["node"], "drain_id": drain.get("drain_id")}
    _drains().update_one({**this, "state": "running"}, {"$set": dict(values)})


def _drains() -> Collection[Drain]:
    return cast("Collection[Drain]", db()["drains"])
