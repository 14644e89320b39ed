"""Values given with a run: sealed in `run_secrets` while the run is open, deleted when it ends.

Index: `run_secrets.run` (unique).
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from bson import Binary, ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base import seal
from kubeorch.mongo.client import db
from kubeorch.mongo.resealing import SealedField

Values = Mapping[str, Mapping[str, str]]
"""Values by node id, then by key."""


SEALED = (SealedField("run_secrets", "sealed", lambda row: _aad(row["run_id"])),)


def store_values(run_id: ObjectId, given: Values, session: ClientSession) -> None:
    """Seal the values given with a run, over those of an earlier try."""
    if not any(given.values()):
        return
    merged = merge(clear_values(run_id, session=session), given)
    sealed = Binary(seal.seal(orjson.dumps(merged), aad=_aad(run_id)))
    db().run_secrets.update_one({"run_id": run_id}, {"$set": {"sealed": sealed}}, upsert=True, session=session)


def clear_values(run_id: ObjectId, *, session: ClientSession | None = None) -> dict[str, dict[str, str]]:
    """The values in clear. For applying alone: the result must never be logged or stored."""
    row = db().run_secrets.find_one({"run_id": run_id}, session=session)
    if row is None:
        return {}
    opened: dict[str, dict[str, str]] = orjson.loads(seal.unseal(bytes(row["sealed"]), aad=_aad(run_id)))
    return opened


def keys_given(run_id: ObjectId) -> dict[str, frozenset[str]]:
    """The keys whose values were given with this try of the run, by node; nothing of an earlier try is left."""
    return {node_id: frozenset(values) for node_id, values in clear_values(run_id).items() if values}


def forget(run_id: ObjectId, session: ClientSession | None = None) -> None:
    db().run_secrets.delete_many({"run_id": run_id}, session=session)


def merge(older: Values, newer: Values) -> dict[str, dict[str, str]]:
    """Both, where the newer value of a key replaces the older one."""
    return {node_id: {**older.get(node_id, {}), **newer.get(node_id, {})} for node_id in {*older, *newer}}


def _aad(run_id: ObjectId) -> str:
    return f"run_secrets/{run_id}"
