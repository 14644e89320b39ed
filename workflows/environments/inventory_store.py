"""The inventory: one row for each object that may exist in a cluster because of an environment.

A row is written before its object is applied, and deleted after the cluster confirmed that the object is gone, so we
never lose sight of anything that is ours. Indexes: `inventory.environment_ref` (unique), `pulls`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

from bson import ObjectId
from pymongo import DeleteOne, UpdateOne
from pymongo.change_stream import CollectionChangeStream
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from clusters import store as cluster_store
from clusters.domain.objects import Ref
from kubeorch.base.clock import now
from kubeorch.mongo.client import Document, db
from workflows.domain.rendering.claims import ClaimsMade
from workflows.domain.rendering.data import HOLDS_DATA, Hold
from workflows.pulling import Noted

Write = UpdateOne | DeleteOne
DUPLICATE_KEY = 11000
AT_ONCE = 2000
"""Rows in one answer of the database; it would give the first 101, and wait to be asked for the others."""


class OwnedClaim(TypedDict):
    """A PersistentVolumeClaim that a StatefulSet of ours has made."""

    name: str
    uid: str
    resource_version: NotRequired[str]


class InventoryRow(TypedDict):
    """A document of `inventory`. Times are UTC with milliseconds."""

    _id: ObjectId
    team_id: ObjectId
    environment_id: ObjectId
    cluster_id: ObjectId
    node_id: str
    """The node that the object was rendered from last."""
    ref: dict[str, str]
    """`{api_version, kind, namespace, name}`; the namespace is "" for objects of the whole cluster."""
    wave: int
    """The wave in which it was applied, from 0; deletions go the other way."""
    holds_data: bool
    """Whether deleting it may lose data."""
    hold: NotRequired[dict[str, Any] | None]
    """`{reason, on_destroy}` of its Hold; None: it goes once it is not drawn any more."""
    needs: NotRequired[list[dict[str, str]]]
    """Refs of what it needs to live, if it stays."""
    state: str
    """`intended` (about to be applied for the first time), `applied`, or `deleting`."""
    uid: str | None
    """What Kubernetes calls the object; None until an apply was recorded."""
    hash: str | None
    """Of the manifest that was applied."""
    applied_at: datetime | None
    run_id: ObjectId | None
    """The run that recorded or applied it last."""
    seq: int
    """Grows with each writer (later runs, later workers at one run); an older one cannot write over a newer one."""
    fingerprint: NotRequired[str]
    """Of the fields that we manage, as the cluster had them after our apply."""
    unsure: NotRequired[bool]
    """Whether an apply after the recorded one may have come through: the fingerprint says nothing then, since the API
    server stamps what we manage with whole seconds."""
    resource_version: NotRequired[str]
    generation: NotRequired[int]
    """Both as the cluster answered our apply."""
    secret_keys: NotRequired[list[str]]
    """Of a Secret: the keys whose values were applied."""
    secret_digests: NotRequired[dict[str, str]]
    """Of a Secret: keyed digests of the values that were applied, by key."""
    pulls: NotRequired[Noted]
    """Of a pull secret: what stood in it when it was applied last."""
    adopted: NotRequired[list[AdoptedField]]
    """Fields that others changed and whose values a person took into the drawing."""
    shared: NotRequired[list[SharedField]]
    """Fields that others managed beside us after our last apply."""
    taken_over: NotRequired[TakenOver]
    """Of an object that others had made before a run took it over; it holds for the object with that uid."""
    ended: NotRequired[EndedObject]
    """How an object ended that its time to live removes. It holds for the object with that uid."""
    completed_at: NotRequired[datetime | None]
    """Of what its time to live removes, as it was applied last: when the cluster showed that it had succeeded."""
    claims: NotRequired[list[OwnedClaim]]
    """Of a StatefulSet that is being deleted together with its data: the claims that go after it."""
    claims_made: NotRequired[dict[str, Any]]
    """Of a StatefulSet: how its claims look, a ClaimsMade as a document."""
    made_by: NotRequired[dict[str, str]]
    """Of a claim that was left in the cluster when its StatefulSet was deleted: the ref of that set."""


class SharedField(TypedDict):
    path: str
    manager: str
    name: str
    """That manager as people call it."""
    digest: str
    """Of the value that was applied."""


class AdoptedField(TypedDict):
    path: str
    digest: str
    """Of the value that was adopted."""
    hash: str
    """That of the manifest which was applied then: once another one is applied, this counts no more."""


class TakenOver(TypedDict):
    uid: str
    at: datetime
    former: NotRequired[dict[str, str] | None]
    """`{manager, operation}` of who had most of it, and gets it back."""


class EndedObject(TypedDict):
    uid: str
    at: datetime
    succeeded: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Intended:
    """An object that a run is about to apply."""

    ref: Ref
    node_id: str
    wave: int
    hold: Hold | None
    needs: tuple[Ref, ...]
    claims: ClaimsMade | None = None


def owned_objects(environment_ids: Sequence[ObjectId], *, session: ClientSession | None = None) -> list[InventoryRow]:
    """The objects that exist in clusters because of these environments."""
    query = {"environment_id": {"$in": list(environment_ids)}}
    return list(_rows().find(query, session=session, batch_size=AT_ONCE).sort("_id", 1))


def row_of(environment_id: ObjectId, ref: Ref, *, session: ClientSession | None = None) -> InventoryRow | None:
    """The row of one object; None when the environment does not own it."""
    return _rows().find_one(_query(environment_id, ref), session=session)


def disputable(environment_id: ObjectId) -> list[InventoryRow]:
    """The applied objects of which others managed fields, or whose values were taken into the drawing."""
    some = {"$exists": True, "$ne": []}
    query = {"environment_id": environment_id, "state": "applied", "$or": [{"shared": some}, {"adopted": some}]}
    return list(_rows().find(query))


def owns_objects(environment_id: ObjectId, *, session: ClientSession | None = None) -> bool:
    return _rows().find_one({"environment_id": environment_id}, {"_id": 1}, session=session) is not None


def count_owned(environment_id: ObjectId, session: ClientSession | None = None) -> int:
    return _rows().count_documents({"environment_id": environment_id}, session=session)


def applied_secret_keys(
    environment_id: ObjectId, *, session: ClientSession | None = None
) -> dict[tuple[str, str], set[str]]:
    """The keys whose values a run has applied, by node id and by the Secret's name."""
    query = {"environment_id": environment_id, "ref.kind": "Secret"}
    rows = _rows().find(query, {"node_id": 1, "ref.name": 1, "secret_keys": 1}, session=session)
    return {(row["node_id"], row["ref"]["name"]): set(row.get("secret_keys") or ()) for row in rows}


def applied_secret_digests(
    environment_id: ObjectId, *, session: ClientSession | None = None
) -> dict[tuple[str, str], dict[str, str]]:
    """Keyed digests of the values that a run has applied, by key, by node id and the Secret's name."""
    query = {"environment_id": environment_id, "ref.kind": "Secret", "secret_digests": {"$exists": True}}
    rows = _rows().find(query, {"node_id": 1, "ref.name": 1, "secret_digests": 1}, session=session)
    return {(row["node_id"], row["ref"]["name"]): row["secret_digests"] for row in rows}


def pull_secrets() -> Iterator[InventoryRow]:
    """Those that were applied, of all environments. Index: `inventory.pulls`."""
    return iter(_rows().find({"pulls.accounts": {"$exists": True}, "state": "applied"}))


def note_renewed(row: InventoryRow, values: Mapping[str, Any]) -> None:
    """Note what an applied object is like now, unless a run has applied it meanwhile."""
    _rows().update_one({"_id": row["_id"], "seq": row["seq"], "uid": row["uid"]}, {"$set": dict(values)})


def on_cluster(cluster_id: ObjectId) -> list[InventoryRow]:
    """Everything that is ours on a cluster. Index: `inventory.cluster`."""
    return list(_rows().find({"cluster_id": cluster_id}))


def kinds_on(cluster_id: ObjectId, team_ids: Iterable[ObjectId]) -> set[tuple[str, str]]:
    """API version and kind of what the environments of these teams own on a cluster. Index: `cluster`."""
    mine = {"cluster_id": cluster_id, "team_id": {"$in": list(team_ids)}}
    kinds = {"_id": {"api_version": "$ref.api_version", "kind": "$ref.kind"}}
    rows = cast("Iterable[Document]", _rows().aggregate([{"$match": mine}, {"$group": kinds}]))
    return {(row["_id"]["api_version"], row["_id"]["kind"]) for row in rows}


def owners_by_uid(cluster_id: ObjectId, besides: ObjectId, uids: Sequence[str] | None = None) -> dict[str, ObjectId]:
    """The environments that own objects of a cluster, or are about to take them over, without one of them; of all
    objects, or of those with these uids; by whichever connection they go there. Index: `inventory.cluster`."""
    query: Document = {"cluster_id": {"$in": cluster_store.same_as(cluster_id)}, "environment_id": {"$ne": besides}}
    if uids is not None:
        query["$or"] = [{"uid": {"$in": uids}}, {"taken_over.uid": {"$in": uids}}]
    rows = _rows().find(query, {"uid": 1, "taken_over": 1, "environment_id": 1})
    found: dict[str, ObjectId] = {}
    for row in rows:
        for uid in (row["uid"], row["taken_over"]["uid"] if "taken_over" in row else None):
            if uid is not None:
                found[uid] = row["environment_id"]
    return found


def teams_in(cluster_id: ObjectId, namespace: str) -> set[ObjectId]:
    """The teams that own objects in a namespace of a cluster, by whichever connection. Index: `inventory.cluster`."""
    same = {"$in": cluster_store.same_as(cluster_id)}
    return set(_rows().distinct("team_id", {"cluster_id": same, "ref.namespace": namespace}))


def others_in(cluster_id: ObjectId, namespace: str, besides: ObjectId) -> list[ObjectId]:
    """The environments with objects in a namespace of a cluster, by whichever connection, without one of them.

    Index: `inventory.cluster`.
    """
    query = {
        "cluster_id": {"$in": cluster_store.same_as(cluster_id)},
        "ref.namespace": namespace,
        "environment_id": {"$ne": besides},
    }
    return list(_rows().distinct("environment_id", query))


def note_taken_over(run: Mapping[str, Any], ref: Ref, uid: str, former: dict[str, str] | None) -> None:
    """Note, before it is applied, that the object was there: whatever becomes of the run, it is not ours to delete."""
    write([update_of(run, ref, {"taken_over": TakenOver(uid=uid, at=now(), former=former)})])


def changes(max_wait_ms: int) -> CollectionChangeStream[Document]:
    """A stream of changes, each with its row as it is when the change is read, None once it is deleted."""
    return db().inventory.watch(full_document="updateLookup", max_await_time_ms=max_wait_ms)


def forget_unmade(run: Mapping[str, Any], refs: Iterable[Ref], session: ClientSession) -> None:
    """Take out objects that the run was about to make, and that nobody has begun to make."""
    unmade = {"state": "intended", "uid": None, "run_id": run["_id"]}
    writes: list[Write] = [DeleteOne({**_query(run["environment_id"], ref), **unmade}) for ref in refs]
    if writes:
        db().inventory.bulk_write(writes, ordered=False, session=session)


def note_unsure(run: Mapping[str, Any], refs: Iterable[Ref], session: ClientSession) -> None:
    """Note objects that the run may have applied without a record of it."""
    writes: list[Write] = [
        UpdateOne({**_query(run["environment_id"], ref), "state": "applied"}, {"$set": {"unsure": True}})
        for ref in refs
    ]
    if writes:
        db().inventory.bulk_write(writes, ordered=False, session=session)


def record_intended(run: Mapping[str, Any], wanted: Iterable[Intended], known: Mapping[Ref, InventoryRow]) -> None:
    """Write the inventory before the cluster is touched: what may exist from now on, we can find again.

    Rows of objects that were applied before keep what is known of them.
    """
    new: dict[Ref, Document] = {}
    writes: list[Write] = []
    for one in wanted:
        row = known.get(one.ref)
        values = {
            "node_id": one.node_id,
            "wave": one.wave,
            "holds_data": one.hold is not None and one.hold.loses_data,
            "hold": {"reason": one.hold.reason, "on_destroy": one.hold.on_destroy} if one.hold else None,
            "needs": [need.as_json() for need in one.needs],
            **({"claims_made": one.claims.as_document()} if one.claims else {}),
        }
        if row is None:
            new[one.ref] = values
        elif not values.items() <= row.items():
            writes.append(_intend(run, one.ref, values))
    if new:
        writes += _insert(run, new)
    if writes:
        db().inventory.bulk_write(writes, ordered=False)


def _insert(run: Mapping[str, Any], new: Mapping[Ref, Document]) -> list[Write]:
    """Insert rows of objects that had none: quicker than upserts. Returns what is left to write where another worker
    has inserted some meanwhile."""
    unmade = _unmade(run)
    rows = [
        {"environment_id": run["environment_id"], "ref": ref.as_json(), **unmade, **values}
        for ref, values in new.items()
    ]
    try:
        db().inventory.insert_many(rows, ordered=False)
    except BulkWriteError as error:
        if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
            raise
        return [_intend(run, ref, values) for ref, values in new.items()]
    return []


def _intend(run: Mapping[str, Any], ref: Ref, values: Document) -> Write:
    # `ref` itself comes from the filter, which names its parts as the index does
    return UpdateOne(_query(run["environment_id"], ref), {"$set": values, "$setOnInsert": _unmade(run)}, upsert=True)


def _unmade(run: Mapping[str, Any]) -> Document:
    """What a row says of an object that nobody has begun to make."""
    return {
        "team_id": run["team_id"],
        "cluster_id": run["cluster_id"],
        "uid": None,
        "hash": None,
        "run_id": run["_id"],
        "state": "intended",
        "applied_at": None,
        "seq": 0,
    }


def record_claims(run: Mapping[str, Any], of_set: Ref, node_id: str, claims: Sequence[OwnedClaim]) -> list[str]:
    """Own the claims that a set leaves behind, before it is deleted; the names of those that were not known yet."""
    writes: list[Write] = []
    for claim in claims:
        query = _query(run["environment_id"], Ref("v1", "PersistentVolumeClaim", of_set.namespace, claim["name"]))
        live = {"uid": claim["uid"], "resource_version": claim.get("resource_version", ""), "seq": seq_of(run)}
        fresh = {
            "team_id": run["team_id"],
            "cluster_id": run["cluster_id"],
            "node_id": node_id,
            "wave": 0,
            "holds_data": True,
            "hold": {"reason": HOLDS_DATA.reason, "on_destroy": HOLDS_DATA.on_destroy},
            "needs": [],
            "hash": None,
            "run_id": run["_id"],
            "state": "applied",
            "applied_at": now(),
            "made_by": of_set.as_json(),
            **live,
        }
        writes.append(UpdateOne(query, {"$setOnInsert": fresh}, upsert=True))
        writes.append(UpdateOne({**query, "made_by": {"$exists": True}, "uid": {"$ne": claim["uid"]}}, {"$set": live}))
    if not writes:
        return []
    new = db().inventory.bulk_write(writes, ordered=True).upserted_ids or {}
    return [claim["name"] for place, claim in enumerate(claims) if 2 * place in new]


def update_of(run: Mapping[str, Any], ref: Ref, values: Mapping[str, Any]) -> Write:
    """The write that notes what the worker of `run` has learned of an object."""
    seq = seq_of(run)
    return UpdateOne({**_query(run["environment_id"], ref), "seq": {"$lte": seq}}, {"$set": {**values, "seq": seq}})


def note_ended(environment_id: ObjectId, ref: Ref, ended: EndedObject) -> None:
    """What the watcher saw: the object has ended, and its time to live removes it."""
    completed = {"completed_at": ended["at"]} if ended["succeeded"] else {}
    query = {**_query(environment_id, ref), "uid": ended["uid"]}
    _rows().update_one(query, {"$set": {"ended": ended, **completed}})


def note_adopted(environment_id: ObjectId, ref: Ref, digests: Mapping[str, str], session: ClientSession) -> None:
    """Remember that a person took the values of these fields (path → digest) into the drawing."""
    row = row_of(environment_id, ref, session=session)
    if row is None or row["hash"] is None:
        return
    kept = [one for one in row.get("adopted") or () if one["hash"] == row["hash"] and one["path"] not in digests]
    new = [AdoptedField(path=path, digest=digest, hash=row["hash"]) for path, digest in digests.items()]
    _rows().update_one({"_id": row["_id"]}, {"$set": {"adopted": [*kept, *new]}}, session=session)


def removal_of(run: Mapping[str, Any], ref: Ref) -> Write:
    """The write that takes out an object of which the cluster confirmed that it is gone, or not ours."""
    return DeleteOne({**_query(run["environment_id"], ref), "seq": {"$lte": seq_of(run)}})


def seq_of(run: Mapping[str, Any]) -> int:
    """The `seq` of what the worker of `run` writes; it grows with the run's turn and then with its fence."""
    return turn_of(run) * 10**9 + int(run["fence"])


def turn_of(run: Mapping[str, Any]) -> int:
    """The place of a run among those of its environment: by its number, except that a rollback comes right after the
    run that it follows."""
    return int(run.get("turn") or turn_at(run["number"]))


def turn_at(number: int) -> int:
    """The turn of the run with this number."""
    return number * 1000


def write(batch: Sequence[Write], session: ClientSession | None = None) -> None:
    """Write in the order given."""
    if batch:
        db().inventory.bulk_write(list(batch), ordered=True, session=session)


def _rows() -> Collection[InventoryRow]:
    return cast("Collection[InventoryRow]", db().inventory)


def _query(environment_id: ObjectId, ref: Ref) -> Document:
    return {"environment_id": environment_id, **{f"ref.{name}": value for name, value in ref.as_json().items()}}
