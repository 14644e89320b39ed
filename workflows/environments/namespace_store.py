"""The namespaces that environments claim, and those that their runs have made: `namespaces`.

A claim is a document of its own because no unique index can say "one team, many environments". It keeps namespaces of
environments apart; of another team's cluster it gives no right before a run has made the namespace, whose uid it then
holds (`workflows/environments/guests.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NotRequired, TypedDict, cast

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection as Documents
from pymongo.errors import DuplicateKeyError

from clusters import building
from kubeorch.base.errors import Conflict
from kubeorch.mongo.client import db

NAMED_MOST = 500
"""Namespaces that guests name and that are compared at one look."""


class Claim(TypedDict):
    """A document of the collection."""

    _id: str
    """The cluster's id, "/" and the namespace."""
    team_id: ObjectId
    environments: int
    """How many environments of the team are in it; 0 is kept while `uid` is known, and keeps nobody else out."""
    uid: NotRequired[str]
    """Of the Namespace that a run of the team made."""


class NamespaceTaken(Conflict):
    """A namespace of a shared cluster belongs to the team that used it first."""

    code = "environment.namespace_taken"

    def __init__(self, namespace: str) -> None:
        super().__init__(
            f"the namespace {namespace} of this cluster is used by another team; choose another namespace",
            field="namespace",
        )


def _claims() -> Documents[Claim]:
    return cast("Documents[Claim]", db().namespaces)  # only this module writes it


def claim(
    cluster_id: ObjectId, namespace: str, team_id: ObjectId, session: ClientSession, *, is_entitled: bool = False
) -> None:
    """Count one more environment in the namespace for the team. Raises NamespaceTaken where another team has it, and
    NamespaceBuilds where images are built in it.

    Who is entitled (the cluster's owner, and whom a share names the namespace) takes it from a team that has named it
    and made nothing there.
    """
    building.require_free(cluster_id, namespace, session)
    claim_id = _claim_id(cluster_id, namespace)
    loose = [{"environments": {"$lte": 0}}, *([{"uid": {"$exists": False}}] if is_entitled else [])]
    taken = _claims().update_one(
        {"_id": claim_id, "team_id": {"$ne": team_id}, "$or": loose},
        {"$set": {"team_id": team_id, "environments": 1}, "$unset": {"uid": ""}},
        session=session,
    )
    if taken.matched_count:
        return
    try:
        _claims().update_one(
            {"_id": claim_id, "team_id": team_id}, {"$inc": {"environments": 1}}, upsert=True, session=session
        )
    except DuplicateKeyError as error:
        raise NamespaceTaken(namespace) from error


def require_free(cluster_id: ObjectId, namespace: str, team_id: ObjectId) -> None:
    """Raise NamespaceTaken where another team has it now; nothing is claimed."""
    taken = {"_id": _claim_id(cluster_id, namespace), "team_id": {"$ne": team_id}, "environments": {"$gt": 0}}
    if _claims().find_one(taken, {"_id": 1}):
        raise NamespaceTaken(namespace)


def give_back(cluster_id: ObjectId, namespace: str, team_id: ObjectId, session: ClientSession) -> None:
    """Count one environment of the team less; the last one ends the claim, but for what its runs have made."""
    own = {"_id": _claim_id(cluster_id, namespace), "team_id": team_id}
    _claims().update_one(own, {"$inc": {"environments": -1}}, session=session)
    _claims().delete_one({**own, "environments": {"$lte": 0}, "uid": {"$exists": False}}, session=session)


def note_made(cluster_id: ObjectId, namespace: str, team_id: ObjectId, uid: str) -> bool:
    """A run of the team has made the namespace. False, and nothing noted, where another team has it by now."""
    try:
        _claims().update_one(
            {"_id": _claim_id(cluster_id, namespace), "team_id": team_id},
            {"$set": {"uid": uid}, "$setOnInsert": {"environments": 1}},
            upsert=True,
        )
    except DuplicateKeyError:
        return False
    return True


def made_by(cluster_id: ObjectId, team_ids: Collection[ObjectId]) -> dict[str, str]:
    """The namespaces of a cluster that runs of these teams have made → uid."""
    return _made(cluster_id, {"team_id": {"$in": list(team_ids)}})


def made_on(cluster_id: ObjectId, owner_id: ObjectId) -> dict[str, str]:
    """The namespaces of a cluster that runs of other teams than its owner have made → uid."""
    return _made(cluster_id, {"team_id": {"$ne": owner_id}})


def named_on(cluster_id: ObjectId, owner_id: ObjectId) -> list[str]:
    """The namespaces of a cluster that other teams than its owner name, and that no run has noted to have made."""
    query = {"_id": _on(cluster_id), "team_id": {"$ne": owner_id}, "uid": {"$exists": False}}
    return [one["_id"].partition("/")[2] for one in _claims().find(query, {"_id": 1}).limit(NAMED_MOST)]


def _made(cluster_id: ObjectId, of: dict[str, Any]) -> dict[str, str]:
    query = {"_id": _on(cluster_id), **of, "uid": {"$exists": True}}
    return {one["_id"].partition("/")[2]: one["uid"] for one in _claims().find(query)}


def _on(cluster_id: ObjectId) -> dict[str, str]:
    """Claims of one cluster, by their ids."""
    return {"$gte": f"{cluster_id}/", "$lt": f"{cluster_id}0"}


def forget_made(cluster_id: ObjectId, namespace: str, uid: str) -> None:
    """The Namespace of that uid is gone: who makes another one of its name has that."""
    _claims().update_one({"_id": _claim_id(cluster_id, namespace), "uid": uid}, {"$unset": {"uid": ""}})


def _claim_id(cluster_id: ObjectId, namespace: str) -> str:
    return f"{cluster_id}/{namespace}"
