"""The inventory: one row for each object that may exist in a cluster because of an environment.

A row is written before its object is applied and deleted after the cluster confirmed that the object is gone, so
nothing of ours is ever lost sight of. Index: `inventory.environment_ref` (unique).
"""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.mongo.client import db


def applied_secret_keys(
    environment_id: ObjectId, *, session: ClientSession | None = None
) -> dict[tuple[str, str], set[str]]:
    """The keys whose values a run has applied, by node id and by the Secret's name."""
    query = {"environment_id": environment_id, "ref.kind": "Secret"}
    rows = db().inventory.find(query, {"node_id": 1, "ref.name": 1, "secret_keys": 1}, session=session)
    return {(row["node_id"], row["ref"]["name"]): set(row.get("secret_keys") or ()) for row in rows}
