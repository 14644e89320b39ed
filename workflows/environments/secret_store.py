"""Secret values stored for an environment: sealed, listed by key, opened only for a run.

Each value is bound by its additional data to its environment, node and key, so a row copied elsewhere does not open.
Of each key the value that was replaced or removed last is kept for a week, sealed as it was, to be put back.
Indexes: `environment_node_key` (unique) of `secret_values` and of `earlier_secret_values`, which ends by itself.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NotRequired, TypedDict, cast

import orjson
from bson import Binary, ObjectId
from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.base import seal
from kubeorch.base.clock import iso, now
from kubeorch.base.digests import content_digest
from kubeorch.base.errors import InvalidInput, NotFound
from kubeorch.mongo.client import db
from kubeorch.mongo.resealing import SealedField

Values = Mapping[str, Mapping[str, str | bytes]]
"""Values by node id, then by key. What a person types is text; a file may hold any bytes, as a keystore does."""


SEALED = tuple(
    SealedField(collection, "sealed", lambda row: _aad(row["environment_id"], row["node_id"], row["key"]))
    for collection in ("secret_values", "earlier_secret_values")
)
EARLIER_KEPT = timedelta(days=7)
STORED_MOST = 32 * 1024 * 1024
"""Bytes of all values of an environment: a run opens them at once."""


class SecretValue(TypedDict):
    """A document of `secret_values`."""

    _id: ObjectId
    workflow_id: ObjectId
    environment_id: ObjectId
    node_id: str
    key: str
    """A key of the Secret's data."""
    sealed: bytes
    digest: NotRequired[str]
    """`digest_of` the value; what an earlier release stored lacks it."""
    updated_at: datetime
    """When the value was given last."""


class EarlierValue(TypedDict):
    """A document of `earlier_secret_values`: what a key had before."""

    _id: ObjectId
    workflow_id: ObjectId
    environment_id: ObjectId
    node_id: str
    key: str
    sealed: bytes
    replaced_at: datetime


class TooMuchStored(InvalidInput):
    """An environment has room for so much."""

    code = "secret.too_much_stored"

    def __init__(self) -> None:
        super().__init__(
            f"the values stored for one environment may have {STORED_MOST // 1024**2} MiB in all; remove some that are "
            "not needed, or give these with the run"
        )


class NoEarlierValue(NotFound):
    """Nothing was replaced or removed of the key, or that was too long ago."""

    code = "secret.no_earlier_value"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"this earlier value of {key!r} is not kept any more; one that was replaced or removed is kept for "
            f"{EARLIER_KEPT.days} days. Look again",
            field="key",
        )


def store_values(
    workflow_id: ObjectId, environment_id: ObjectId, values: Values, *, at: datetime, session: ClientSession
) -> None:
    """Seal and store values, over older ones of the same keys, which can be put back; other keys stay.

    Raises TooMuchStored.
    """
    stored = _rows().find({"environment_id": environment_id, "node_id": {"$in": list(values)}}, session=session)
    replaced = [row for row in stored if row["key"] in values[row["node_id"]]]
    other = [row for row in replaced if _opens(row) != _bytes(values[row["node_id"]][row["key"]])]
    _keep_earlier(other, at, session)
    writes = [
        UpdateOne(
            {"environment_id": environment_id, "node_id": node_id, "key": key},
            {
                "$set": {
                    "workflow_id": workflow_id,
                    "sealed": Binary(seal.seal(_bytes(value), aad=_aad(environment_id, node_id, key))),
                    "digest": _digest(environment_id, node_id, key, _bytes(value)),
                    "updated_at": at,
                }
            },
            upsert=True,
        )
        for node_id, keys in values.items()
        for key, value in keys.items()
    ]
    if writes:
        _rows().bulk_write(writes, session=session)
        _check_room(environment_id, session)


def put_back(
    environment_id: ObjectId, node_id: str, key: str, *, until: datetime, at: datetime, session: ClientSession
) -> bytes:
    """Store what the key had before its last replacement or removal, and can be put back `until` then; what it has now
    can be put back in turn. The value, in clear, for whoever judges whether it still fits.

    Raises NoEarlierValue, also where nothing opens it any more, or TooMuchStored.
    """
    place = {"environment_id": environment_id, "node_id": node_id, "key": key}
    kept = {**place, "replaced_at": until - EARLIER_KEPT}
    earlier = _earlier().find_one_and_delete(kept, session=session) if until > at else None
    value = _opens(earlier) if earlier is not None else None
    if earlier is None or value is None:
        raise NoEarlierValue(key)
    present = _rows().find_one(place, session=session)
    _keep_earlier([present] if present else [], at, session)
    digest = _digest(environment_id, node_id, key, value)
    again = {"workflow_id": earlier["workflow_id"], "sealed": earlier["sealed"], "digest": digest, "updated_at": at}
    _rows().update_one(place, {"$set": again}, upsert=True, session=session)
    _check_room(environment_id, session)
    return value


def clear_values(environment_id: ObjectId) -> dict[str, dict[str, bytes]]:
    """The stored values in clear, by node and key. For a run alone: the result must never be logged or stored."""
    clear: dict[str, dict[str, bytes]] = {}
    for row in _rows().find({"environment_id": environment_id}):
        plain = seal.unseal(bytes(row["sealed"]), aad=_aad(environment_id, row["node_id"], row["key"]))
        clear.setdefault(row["node_id"], {})[row["key"]] = plain
    return clear


def stored_keys(environment_id: ObjectId, *, session: ClientSession | None = None) -> dict[str, dict[str, datetime]]:
    """The keys that have a stored value, by node, with when each was given; nothing is opened."""
    keys: dict[str, dict[str, datetime]] = {}
    fields = {"_id": 0, "node_id": 1, "key": 1, "updated_at": 1}
    for row in _rows().find({"environment_id": environment_id}, fields, session=session):
        keys.setdefault(row["node_id"], {})[row["key"]] = row["updated_at"]
    return keys


def stored_digests(environment_id: ObjectId, *, session: ClientSession | None = None) -> dict[str, dict[str, str]]:
    """`digest_of` each stored value by node and key, where it is known; nothing is opened."""
    found: dict[str, dict[str, str]] = {}
    for row in _rows().find({"environment_id": environment_id, "digest": {"$exists": True}}, session=session):
        found.setdefault(row["node_id"], {})[row["key"]] = row["digest"]
    return found


def digest_of(environment_id: str, node_id: str, key: str, value: str) -> str:
    """Keyed digest of a value, base64, at its place: equal for equal values, and without the key it tells nothing."""
    return seal.fingerprint(value.encode(), aad=f"{environment_id}/{node_id}/{key}")


def _digest(environment_id: ObjectId, node_id: str, key: str, value: bytes) -> str:
    return digest_of(str(environment_id), node_id, key, base64.b64encode(value).decode())


def moments_digest(environment_id: ObjectId, *, session: ClientSession | None = None) -> str:
    """Another one once any value is stored, put back or removed."""
    stored = stored_keys(environment_id, session=session)
    moments = [(node_id, key, iso(at)) for node_id, keys in stored.items() for key, at in keys.items()]
    return content_digest(orjson.dumps(sorted(moments)))


def earlier_keys(environment_id: ObjectId, *, session: ClientSession | None = None) -> dict[str, dict[str, datetime]]:
    """The keys of which an earlier value can be put back, by node, with until when."""
    keys: dict[str, dict[str, datetime]] = {}
    query = {"environment_id": environment_id, "replaced_at": {"$gt": now() - EARLIER_KEPT}}
    for row in _earlier().find(query, {"_id": 0, "node_id": 1, "key": 1, "replaced_at": 1}, session=session):
        keys.setdefault(row["node_id"], {})[row["key"]] = row["replaced_at"] + EARLIER_KEPT
    return keys


def stored_bytes(environment_id: ObjectId, *, session: ClientSession | None = None) -> dict[str, dict[str, int]]:
    """How long each stored value is once opened, by node and key; nothing is opened."""
    sizes: dict[str, dict[str, int]] = {}
    length = {"$subtract": [{"$binarySize": "$sealed"}, seal.ADDED_BYTES]}
    rows = db().secret_values.aggregate(
        [
            {"$match": {"environment_id": environment_id}},
            {"$project": {"_id": 0, "node_id": 1, "key": 1, "length": length}},
        ],
        session=session,
    )
    for row in rows:
        sizes.setdefault(row["node_id"], {})[row["key"]] = row["length"]
    return sizes


def changed_at(environment_id: ObjectId) -> dict[str, datetime]:
    """When a value of each node was given last."""
    return {node_id: max(keys.values()) for node_id, keys in stored_keys(environment_id).items()}


def forget(
    environment_id: ObjectId,
    *,
    node_id: str | None = None,
    key: str | None = None,
    for_good: bool = False,
    at: datetime,
    session: ClientSession,
) -> list[tuple[str, str]]:
    """Remove the stored values of the environment, of one node, or of one key; which there were, by node and key.

    They can be put back unless that is `for_good`, which takes away what could be put back before, too.
    """
    query: dict[str, object] = {"environment_id": environment_id}
    if node_id is not None:
        query["node_id"] = node_id
    if key is not None:
        query["key"] = key
    present = list(_rows().find(query, session=session))
    gone = {(row["node_id"], row["key"]) for row in present}
    if for_good:
        earlier = _earlier().find(query, {"node_id": 1, "key": 1}, session=session)
        gone |= {(row["node_id"], row["key"]) for row in earlier}
        _earlier().delete_many(query, session=session)
    else:
        _keep_earlier(present, at, session)
    _rows().delete_many(query, session=session)
    return sorted(gone)


def _check_room(environment_id: ObjectId, session: ClientSession) -> None:
    """Raise TooMuchStored."""
    if sum(sum(sizes.values()) for sizes in stored_bytes(environment_id, session=session).values()) > STORED_MOST:
        raise TooMuchStored


def _keep_earlier(rows: Iterable[SecretValue], at: datetime, session: ClientSession) -> None:
    """Keep the values of these rows, each in the place of what was kept of its key."""
    writes = [
        UpdateOne(
            {name: row[name] for name in ("environment_id", "node_id", "key")},
            {"$set": {"workflow_id": row["workflow_id"], "sealed": row["sealed"], "replaced_at": at}},
            upsert=True,
        )
        for row in rows
    ]
    if writes:
        _earlier().bulk_write(writes, session=session)


def _opens(row: SecretValue | EarlierValue) -> bytes | None:
    """The value of a row; None where no key at hand opens it any more."""
    try:
        return seal.unseal(bytes(row["sealed"]), aad=_aad(row["environment_id"], row["node_id"], row["key"]))
    except seal.Unsealable:
        return None


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _rows() -> Collection[SecretValue]:
    return cast("Collection[SecretValue]", db().secret_values)


def _earlier() -> Collection[EarlierValue]:
    return cast("Collection[EarlierValue]", db().earlier_secret_values)


def _aad(environment_id: ObjectId, node_id: str, key: str) -> str:
    return f"secret_values/{environment_id}/{node_id}/{key}"
