"""Secret values kept sealed for an environment: written, listed by key, opened only for a run.

A value is bound by its additional data to the place it lies in, so a row copied elsewhere does not open.
Index: `secret_values.environment_node_key` (unique).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bson import Binary, ObjectId
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from kubeorch.base import seal
from kubeorch.mongo.client import db

Values = Mapping[str, Mapping[str, str]]
"""Values by node id, then by key."""


def keep(
    workflow_id: ObjectId, environment_id: ObjectId, values: Values, *, at: datetime, session: ClientSession
) -> None:
    """Seal and keep values, over older ones of the same keys; other keys stay."""
    writes = [
        UpdateOne(
            {"environment_id": environment_id, "node_id": node_id, "key": key},
            {
                "$set": {
                    "workflow_id": workflow_id,
                    "sealed": Binary(seal.seal(value.encode(), aad=_aad(environment_id, node_id, key))),
                    "updated_at": at,
                }
            },
            upsert=True,
        )
        for node_id, keys in values.items()
        for key, value in keys.items()
    ]
    if writes:
        db().secret_values.bulk_write(writes, session=session)


def kept(environment_id: ObjectId, *, session: ClientSession | None = None) -> dict[str, dict[str, str]]:
    """The values in clear, by node and key. For a run alone: the result must never be logged or stored."""
    clear: dict[str, dict[str, str]] = {}
    for row in db().secret_values.find({"environment_id": environment_id}, session=session):
        plain = seal.unseal(bytes(row["sealed"]), aad=_aad(environment_id, row["node_id"], row["key"]))
        clear.setdefault(row["node_id"], {})[row["key"]] = plain.decode()
    return clear


def kept_keys(environment_id: ObjectId, *, session: ClientSession | None = None) -> dict[str, set[str]]:
    """Which keys are kept, by node, without opening anything."""
    keys: dict[str, set[str]] = {}
    for row in db().secret_values.find(
        {"environment_id": environment_id}, {"_id": 0, "node_id": 1, "key": 1}, session=session
    ):
        keys.setdefault(row["node_id"], set()).add(row["key"])
    return keys


def forget(environment_id: ObjectId, *, node_id: str | None = None, key: str | None = None) -> int:
    """Remove kept values of the environment, of one node, or of one key; how many went."""
    query: dict[str, object] = {"environment_id": environment_id}
    if node_id is not None:
        query["node_id"] = node_id
    if key is not None:
        query["key"] = key
    return db().secret_values.delete_many(query).deleted_count


def _aad(environment_id: ObjectId, node_id: str, key: str) -> str:
    return f"secret_values/{environment_id}/{node_id}/{key}"
