"""Secret values stored for an environment: sealed, listed by key, opened only for a run.

Each value is bound by its additional data to its environment, node and key, so a row copied elsewhere does not open.
Index: `secret_values.environment_node_key` (unique).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict, cast

from bson import Binary, ObjectId
from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.base import seal
from kubeorch.mongo.client import db
from kubeorch.mongo.resealing import SealedField

Values = Mapping[str, Mapping[str, str | bytes]]
"""Values by node id, then by key. What a person types is text; a file may hold any bytes, as a keystore does."""


SEALED = (SealedField("secret_values", "sealed", lambda row: _aad(row["environment_id"], row["node_id"], row["key"])),)


class SecretValue(TypedDict):
    """A document of `secret_values`."""

    _id: ObjectId
    workflow_id: ObjectId
    environment_id: ObjectId
    node_id: str
    key: str
    """A key of the Secret's data."""
    sealed: bytes
    updated_at: datetime
    """When the value was given last."""


def store_values(
    workflow_id: ObjectId, environment_id: ObjectId, values: Values, *, at: datetime, session: ClientSession
) -> None:
    """Seal and store values, over older ones of the same keys; other keys stay."""
    writes = [
        UpdateOne(
            {"environment_id": environment_id, "node_id": node_id, "key": key},
            {
                "$set": {
                    "workflow_id": workflow_id,
                    "sealed": Binary(seal.seal(_bytes(value), aad=_aad(environment_id, node_id, key))),
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


def clear_values(environment_id: ObjectId) -> dict[str, dict[str, bytes]]:
    """The stored values in clear, by node and key. For a run alone: the result must never be logged or stored."""
    clear: dict[str, dict[str, bytes]] = {}
    for row in _rows().find({"environment_id": environment_id}):
        plain = seal.unseal(bytes(row["sealed"]), aad=_aad(environment_id, row["node_id"], row["key"]))
        clear.setdefault(row["node_id"], {})[row["key"]] = plain
    return clear


def stored_keys(environment_id: ObjectId, *, session: ClientSession | None = None) -> dict[str, set[str]]:
    """The keys that have a stored value, by node; nothing is opened."""
    keys: dict[str, set[str]] = {}
    for row in _rows().find({"environment_id": environment_id}, {"_id": 0, "node_id": 1, "key": 1}, session=session):
        keys.setdefault(row["node_id"], set()).add(row["key"])
    return keys


def changed_at(environment_id: ObjectId) -> dict[str, datetime]:
    """When a value of each node was given last."""
    moments: dict[str, datetime] = {}
    for row in _rows().find({"environment_id": environment_id}, {"_id": 0, "node_id": 1, "updated_at": 1}):
        moments[row["node_id"]] = max(row["updated_at"], moments.get(row["node_id"], row["updated_at"]))
    return moments


def forget(environment_id: ObjectId, *, node_id: str | None = None, key: str | None = None) -> int:
    """Delete the stored values of the environment, of one node, or of one key; how many there were."""
    query: dict[str, object] = {"environment_id": environment_id}
    if node_id is not None:
        query["node_id"] = node_id
    if key is not None:
        query["key"] = key
    return _rows().delete_many(query).deleted_count


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _rows() -> Collection[SecretValue]:
    return cast("Collection[SecretValue]", db().secret_values)


def _aad(environment_id: ObjectId, node_id: str, key: str) -> str:
    return f"secret_values/{environment_id}/{node_id}/{key}"
