"""The namespaces that environments claim, and those that their runs have made: `namespaces`.

A claim is a document of its own because no unique index can say "one team, many environments".
"""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from kubeorch.base.errors import Conflict
from kubeorch.mongo.client import db


class NamespaceTaken(Conflict):
    """A namespace of a shared cluster belongs to the team that used it first."""

    code = "environment.namespace_taken"

    def __init__(self, namespace: str) -> None:
        super().__init__(
            f"the namespace {namespace} of this cluster is used by another team; choose another namespace",
            field="namespace",
        )


def claim(cluster_id: ObjectId, namespace: str, team_id: ObjectId, session: ClientSession) -> None:
    """Count one more environment in the namespace for the team. Raises NamespaceTaken where another team has it."""
    try:
        db().namespaces.update_one(
            {"_id": _claim_id(cluster_id, namespace), "team_id": team_id},
            {"$inc": {"environments": 1}},
            upsert=True,
            session=session,
        )
    except DuplicateKeyError as error:
        raise NamespaceTaken(namespace) from error


def require_free(cluster_id: ObjectId, namespace: str, team_id: ObjectId) -> None:
    """Raise NamespaceTaken where another team has it now; nothing is claimed."""
    if db().namespaces.find_one({"_id": _claim_id(cluster_id, namespace), "team_id": {"$ne": team_id}}, {"_id": 1}):
        raise NamespaceTaken(namespace)


def give_back(cluster_id: ObjectId, namespace: str, session: ClientSession) -> None:
    """Count one environment less; the last one ends the claim."""
    claim_id = _claim_id(cluster_id, namespace)
    db().namespaces.update_one({"_id": claim_id}, {"$inc": {"environments": -1}}, session=session)
    db().namespaces.delete_one({"_id": claim_id, "environments": {"$lte": 0}}, session=session)


def _claim_id(cluster_id: ObjectId, namespace: str) -> str:
    return f"{cluster_id}/{namespace}"
