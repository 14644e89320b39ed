"""Releases as documents: a head for each run that applied something, and the manifests of each environment, by digest.

No value of a Secret is in any of them, as none is in a rendered object. A manifest counts how many different lists of
objects use it: runs that apply the same again, as most do, add a head and nothing else. Heads and manifests change in
transactions that write to their environment in passing, so that a manifest is never removed while another run begins
to use it. Indexes: `releases.environment_number`, `release_manifests.environment_digest` (unique), `environment_bytes`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

from bson import Binary, ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection as MongoCollection

from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict
from kubeorch.mongo.client import Document, db
from kubeorch.mongo.ids import made_since
from kubeorch.mongo.transaction import run_in_transaction
from workflows.domain.rendering.render import Rendered
from workflows.environments import store as environment_store
from workflows.releases.release import Packed, Release, compressed, digests_in, pack, unpack

KEPT = 50
"""Releases of an environment; older ones are forgotten, but for those that somebody may still need."""
KEPT_BYTES = 64 * 1024 * 1024
"""Of the compressed manifests of an environment; beyond it the oldest releases go earlier."""
AT_ONCE = 1000


class ReleaseRow(TypedDict):
    """A document of `releases`; its `_id` is that of the run."""

    _id: ObjectId
    environment_id: ObjectId
    number: int
    """Of the run."""
    version: int
    variables: str
    """Digest of the environment's variables."""
    created_at: datetime
    digest: str
    """Equal for releases of the same objects."""
    images: NotRequired[dict[str, dict[str, Any]]]
    """`BuiltImage.as_json` by node: what was built of the sources of its version."""
    content: bytes
    """What `release.pack` says."""


class ReleaseGone(Conflict):
    """The objects of an old run are not kept any more, or never were."""

    code = "run.release_gone"

    def __init__(self, number: int | None = None) -> None:
        which = "that run" if number is None else f"run {number}"
        super().__init__(
            f"what {which} applied is not stored any more; restore its version instead, and run that", field="to_run"
        )


def release_of(run_id: ObjectId, *, session: ClientSession | None = None) -> Release | None:
    """What the run applied; None where that was never stored, or is no longer kept."""
    head = _releases().find_one({"_id": run_id}, session=session)
    if head is None:
        return None
    content, manifests = bytes(head["content"]), dict[str, bytes]()
    for digests in _chunks(digests_in(content)):
        query = {"environment_id": head["environment_id"], "digest": {"$in": digests}}
        rows = db().release_manifests.find(query, {"digest": 1, "content": 1}, session=session)
        manifests.update((row["digest"], bytes(row["content"])) for row in rows)
    try:
        return unpack(head["version"], content, manifests)
    except KeyError:
        return None  # it was forgotten between the two reads


def heads(run_ids: Collection[ObjectId], *, session: ClientSession | None = None) -> dict[ObjectId, ReleaseRow]:
    """The stored releases of these runs, without their objects."""
    query = {"_id": {"$in": list(run_ids)}}
    return {row["_id"]: row for row in _releases().find(query, {"content": 0}, session=session)}


def manifests_in(
    environment_ids: Collection[ObjectId], since: datetime | None = None
) -> Iterator[tuple[ObjectId, bytes]]:
    """Every object that a stored release of these environments has, as text, one after the other; only those stored
    `since`."""
    query = {"environment_id": {"$in": list(environment_ids)}, **made_since(since)}
    for row in db().release_manifests.find(query, {"environment_id": 1, "content": 1}):
        yield row["environment_id"], zlib.decompress(bytes(row["content"]))


def store_release(
    run: Mapping[str, Any],
    items: Sequence[Rendered],
    secret_keys: Mapping[str, tuple[str, ...]],
    variables: str,
    session: ClientSession,
    *,
    kept: Callable[[], Collection[ObjectId]],
) -> None:
    """Store what a run is about to apply, and forget the environment's oldest releases, but for those of `kept` runs.

    `variables` is the digest of the environment's variables; `kept` is asked only when there are too many.
    """
    environment_id, packed = run["environment_id"], pack(items, secret_keys)
    environment_store.lock(environment_id, session)
    forget_of(environment_id, [run["_id"]], session)
    row: ReleaseRow = {
        "_id": run["_id"],
        "environment_id": environment_id,
        "number": run["number"],
        "version": run["version"],
        "variables": variables,
        "created_at": now(),
        "digest": packed.digest,
        "content": Binary(packed.content),
    }
    if run.get("images"):
        row["images"] = run["images"]
    is_new = not _is_stored(environment_id, packed.digest, session)
    _releases().insert_one(row, session=session)
    if is_new:
        _use_manifests(environment_id, packed, session)
    _prune(environment_id, run["_id"], kept, session, has_grown=is_new)


def forget(run_ids: Collection[ObjectId]) -> None:
    """Forget the releases of these runs, each environment by itself."""
    of_each: dict[ObjectId, list[ObjectId]] = {}
    for head in heads(run_ids).values():
        of_each.setdefault(head["environment_id"], []).append(head["_id"])
    for environment_id, ids in of_each.items():

        def work(session: ClientSession, environment_id: ObjectId = environment_id, ids: Any = ids) -> None:
            environment_store.lock(environment_id, session)
            forget_of(environment_id, ids, session)

        run_in_transaction(work)


def forget_of(environment_id: ObjectId, run_ids: Collection[ObjectId], session: ClientSession) -> None:
    """Forget the releases of these runs of one environment, which the caller has locked."""
    query = {"_id": {"$in": list(run_ids)}}
    forgotten = list(_releases().find(query, {"digest": 1, "content": 1}, session=session))
    if not forgotten:
        return
    _releases().delete_many(query, session=session)
    for row in {row["digest"]: row for row in forgotten}.values():
        if _is_stored(environment_id, row["digest"], session):
            continue  # another run has applied the same
        for digests in _chunks(digests_in(bytes(row["content"]))):
            of_these = {"environment_id": environment_id, "digest": {"$in": digests}}
            db().release_manifests.update_many(of_these, {"$inc": {"uses": -1}}, session=session)
            db().release_manifests.delete_many({**of_these, "uses": {"$lte": 0}}, session=session)


def _is_stored(environment_id: ObjectId, digest: str, session: ClientSession) -> bool:
    query = {"environment_id": environment_id, "digest": digest}
    return _releases().find_one(query, {"_id": 1}, session=session, sort=[("number", -1)]) is not None


def _use_manifests(environment_id: ObjectId, packed: Packed, session: ClientSession) -> None:
    for digests in _chunks(list(packed.manifests)):
        of_these = {"environment_id": environment_id, "digest": {"$in": digests}}
        known = {row["digest"] for row in db().release_manifests.find(of_these, {"digest": 1}, session=session)}
        if known:
            db().release_manifests.update_many(of_these, {"$inc": {"uses": 1}}, session=session)
        new: list[Document] = []
        for digest in digests:
            if digest not in known:
                content = Binary(compressed(packed.manifests[digest]))
                base = {"environment_id": environment_id, "digest": digest}
                new.append({**base, "uses": 1, "bytes": len(content), "content": content})
        if new:
            db().release_manifests.insert_many(new, session=session)


def _prune(
    environment_id: ObjectId,
    newest: ObjectId,
    kept: Callable[[], Collection[ObjectId]],
    session: ClientSession,
    *,
    has_grown: bool,
) -> None:
    query = {"environment_id": environment_id}
    old = [row["_id"] for row in _releases().find(query, {"_id": 1}, session=session).sort("number", 1)]
    over = len(old) - KEPT
    if over <= 0 and not (has_grown and _stored_bytes(environment_id, session) > KEPT_BYTES):
        return
    needed = {newest, *kept()}
    for run_id in [one for one in old if one not in needed]:
        if over <= 0 and _stored_bytes(environment_id, session) <= KEPT_BYTES:
            return
        forget_of(environment_id, [run_id], session)
        over -= 1


def _stored_bytes(environment_id: ObjectId, session: ClientSession) -> int:
    """Answered from the index: the manifests themselves are not read for it."""
    sums = db().release_manifests.aggregate(
        [{"$match": {"environment_id": environment_id}}, {"$group": {"_id": None, "bytes": {"$sum": "$bytes"}}}],
        session=session,
        hint="environment_bytes",
    )
    return next((int(row["bytes"]) for row in sums), 0)


def _chunks(digests: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(digests), AT_ONCE):
        yield digests[start : start + AT_ONCE]


def _releases() -> MongoCollection[ReleaseRow]:
    return cast("MongoCollection[ReleaseRow]", db().releases)
