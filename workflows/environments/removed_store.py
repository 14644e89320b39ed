"""Ids of the environments that were removed from this installation: `removed_environments`. They are kept for good,
since what an environment left in a cluster carries its label for good."""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.mongo.client import db


def note(environment_id: ObjectId, session: ClientSession) -> None:
    db().removed_environments.insert_one({"_id": environment_id}, session=session)


def was_removed(environment_id: ObjectId) -> bool:
    """Whether there was such an environment here. Of those that were removed before this was noted,
    those are known of which a run was kept."""
    return db().removed_environments.find_one({"_id": environment_id}, {"_id": 1}) is not None
