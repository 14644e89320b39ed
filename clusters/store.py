"""The collection `clusters`: who sees a cluster, and every change with its event.

Indexes: `cluster_team_name` (unique), `cluster_one_sandbox` (unique, of sandboxes alone), from clusters/models.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from clusters.credentials import sealed_for
from clusters.representations import cluster_json
from clusters.rows import Cluster, ClusterError
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.store import names_of_teams
from kubeorch.base.clock import now
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import db
from kubeorch.mongo.ids import as_object_id
from kubeorch.mongo.resealing import SealedField
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events

TOPIC = "clusters"
SANDBOX = "sandbox"
SAME_MOST = 10
"""Entries of one and the same cluster that are looked at."""
VERSION_MAX = 64
CLUSTERS_OF_A_TEAM = 50
ERROR_DETAIL_MAX = 1000
NODES_MOST = 5000
USING = ("editor", "operator")
"""Roles of a share by which a team runs workflows on a cluster."""
QUIET = frozenset({"last_checked_at", "last_seen_at", "latency_ms"})
"""What changes with every look and is told with the next event."""


SEALED = (SealedField("clusters", "credentials", lambda row: sealed_for(row["_id"], row["server"])),)


class NoSuchCluster(NotFound):
    code = "cluster.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such cluster")


def error(code: str, detail: str) -> ClusterError:
    """Why a cluster failed, as it is stored."""
    return {"code": code, "detail": detail[:ERROR_DETAIL_MAX]}


def collection() -> Collection[Cluster]:
    return cast("Collection[Cluster]", db()["clusters"])  # only this module writes it


def visible_to(principal: Principal) -> dict[str, Any]:
    """The base of every query of a person: clusters of one's teams, and those shared with them or with all."""
    teams = {"$in": list(principal.team_ids)}
    ways: list[dict[str, Any]] = [{"team_id": teams}, {"shared": True}, {"shares.team_id": teams}]
    return {"$or": [*ways, {"shares.user_id": ObjectId(principal.user_id)}]}


def find(cluster_id: object, principal: Principal | None = None, *, session: ClientSession | None = None) -> Cluster:
    """One cluster, within what `principal` may see when given. Raises NoSuchCluster."""
    condition: dict[str, Any] = {"_id": as_object_id(cluster_id, what="cluster")}
    if principal is not None:
        condition = {"$and": [condition, visible_to(principal)]}
    found = collection().find_one(condition, session=session)
    if found is None:
        raise NoSuchCluster
    return found


def with_uid(uid: str, principal: Principal) -> list[Cluster]:
    """The clusters a person sees that may be the one with that uid: those that are, and the sandbox, which is made anew
    and is asked."""
    is_it: dict[str, Any] = {"$or": [{"uid": uid}, {"is_sandbox": True}]}
    return list(collection().find({"$and": [is_it, visible_to(principal)]}).sort("_id", 1).limit(SAME_MOST))


def same_as(cluster_id: ObjectId) -> list[ObjectId]:
    """The connections that are known to lead to the same cluster, with this one."""
    found = collection().find_one({"_id": cluster_id}, {"uid": 1})
    if found is None or not found.get("uid"):
        return [cluster_id]
    return [row["_id"] for row in collection().find({"uid": found["uid"]}, {"_id": 1})]


def find_usable(team_id: ObjectId, name_or_id: str) -> ObjectId | None:
    """The cluster of that id or name that a team may use; its own before a shared one, None without any."""
    named = {"_id": ObjectId(name_or_id)} if ObjectId.is_valid(name_or_id) else {"name": name_or_id}
    found = list(
        collection().find(
            {
                **named,
                "$or": [
                    *({"team_id": team_id}, {"shared": True}, {"is_sandbox": True}),
                    {"shares": {"$elemMatch": {"team_id": team_id, "role": {"$in": list(USING)}}}},
                ],
            },
            {"team_id": 1},
        )
    )
    found.sort(key=lambda cluster: cluster.get("team_id") != team_id)
    return found[0]["_id"] if found else None


def lock(cluster_id: ObjectId, session: ClientSession) -> Cluster | None:
    """The cluster, written to in passing: whoever removes it at the same time as something is put on it conflicts."""
    return collection().find_one_and_update(
        {"_id": cluster_id}, {"$inc": {"locks": 1}}, return_document=ReturnDocument.AFTER, session=session
    )


def is_usable(cluster: Cluster, team_id: ObjectId) -> bool:
    """Whether the team may use the cluster."""
    share = next((one for one in cluster.get("shares") or () if one["team_id"] == team_id), None)
    is_shared = cluster["shared"] or cluster["is_sandbox"] or (share is not None and share["role"] in USING)
    return cluster["team_id"] == team_id or is_shared


def drop_default(cluster: Cluster) -> None:
    """Another cluster of its team is the one that pages propose first, from this transaction on; with the events."""

    def work(session: ClientSession) -> None:
        team = collection().find({"team_id": cluster["team_id"]}, {"is_default": 1}, session=session)
        for other in list(team):
            if other["_id"] == cluster["_id"]:
                continue
            if other.get("is_default"):
                change(other["_id"], {"is_default": False})
            else:
                lock(other["_id"], session)  # two that become the default at once conflict

    run_in_transaction(work)


def claim_due(every: timedelta, *, besides: Iterable[ObjectId | None] = ()) -> Cluster | None:
    """The cluster that waits longest for its turn to be looked at, `besides` those of some teams, claimed for that
    long; None when there is none. A sandbox that starts tells how it is by itself."""
    moment = now()
    due = {"$or": [{"next_look_at": {"$lte": moment}}, {"next_look_at": None}]}
    is_there = {"credentials": {"$ne": None}, "state": {"$in": ["ready", "failed"]}}
    return collection().find_one_and_update(
        {**is_there, **due, "team_id": {"$nin": list(besides)}},
        {"$set": {"next_look_at": moment + every}},
        sort=[("next_look_at", 1)],
    )


def architectures_of(cluster: Cluster) -> list[str]:
    """The processors of its nodes, one each, as they were seen last; [] where that is not known."""
    return [one["name"] for one in cluster.get("architectures") or () for _ in range(min(one["nodes"], NODES_MOST))]


def owner_of(cluster_id: ObjectId) -> ObjectId | None:
    """The team that owns the cluster; None for the sandbox, and for one that is gone."""
    found = collection().find_one({"_id": cluster_id}, {"team_id": 1})
    return found.get("team_id") if found else None


def names_and_states(cluster_ids: Iterable[ObjectId]) -> dict[ObjectId, Cluster]:
    """Name and state by id, of those that exist."""
    wanted = list(cluster_ids)
    found = collection().find({"_id": {"$in": wanted}}, {"name": 1, "state": 1}) if wanted else ()
    return {cluster["_id"]: cluster for cluster in found}


def names_of(team_id: ObjectId) -> set[str]:
    """Names of the team's clusters."""
    return {cluster["name"] for cluster in collection().find({"team_id": team_id}, {"name": 1})}


def uses_sign_in(sign_in_id: ObjectId, session: ClientSession) -> bool:
    """Whether any cluster uses it."""
    return collection().find_one({"sign_in_id": sign_in_id}, {"_id": 1}, session=session) is not None


def with_sign_in(sign_in_id: ObjectId, team_id: ObjectId) -> list[Cluster]:
    """The team's clusters that use it."""
    return list(collection().find({"sign_in_id": sign_in_id, "team_id": team_id}))


def connected() -> set[ObjectId]:
    """Ids of the clusters that have credentials."""
    return {cluster["_id"] for cluster in collection().find({"credentials": {"$ne": None}}, {"_id": 1})}


def insert(cluster: Cluster) -> Cluster:
    """Add a cluster, with its event. Raises DuplicateKeyError when its team has one of that name."""

    def work(session: ClientSession) -> Cluster:
        collection().insert_one(cluster, session=session)
        _publish(cluster, session)
        return cluster

    return run_in_transaction(work)


def change(cluster_id: ObjectId, values: Mapping[str, Any]) -> Cluster | None:
    """Set values, with the event; the cluster afterwards, None when it is gone. Raises as `insert`."""

    return change_where(cluster_id, {"$set": values}, {})


def change_where(cluster_id: ObjectId, update: Mapping[str, Any], condition: Mapping[str, Any]) -> Cluster | None:
    """Change a cluster that fulfils the condition, with the event; the cluster afterwards, None when none does."""

    def work(session: ClientSession) -> Cluster | None:
        changed = collection().find_one_and_update(
            {"_id": cluster_id, **condition},
            {**update, "$set": {**update.get("$set", {}), "updated_at": now()}, "$inc": {"rev": 1}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if changed is not None:
            _publish(changed, session)
        return changed

    return run_in_transaction(work)


def note_checked(cluster_id: ObjectId, values: Mapping[str, Any]) -> Cluster | None:
    """Set what a check of the API server found; an event only when more than QUIET differs.

    The cluster afterwards, None when it is gone.
    """
    visible = {key: value for key, value in values.items() if key not in QUIET}
    unchanged = collection().find_one_and_update(
        {"_id": cluster_id, "last_checked_at": {"$ne": None}, **visible},
        {"$set": {key: value for key, value in values.items() if key in QUIET}},
        return_document=ReturnDocument.AFTER,
    )
    return unchanged or change(cluster_id, values)


def delete(cluster_id: ObjectId, session: ClientSession) -> None:
    """Remove a cluster with its credentials, with the event."""
    removed = collection().find_one_and_delete({"_id": cluster_id}, session=session)
    if removed is not None:
        events.publish(TOPIC, f"cluster:{cluster_id}", None, rev=removed["rev"] + 1, session=session)


def ensure_sandbox() -> Cluster:
    """The sandbox, shared with every team; made when missing. The unique index keeps it one."""
    fresh: dict[str, Any] = {**new_cluster(SANDBOX, team_id=None, created_by=None), "shared": True}
    del fresh["is_sandbox"]  # the filter sets it
    while True:
        with suppress(DuplicateKeyError):  # another process was quicker
            found = collection().find_one_and_update(
                {"is_sandbox": True}, {"$setOnInsert": fresh}, upsert=True, return_document=ReturnDocument.AFTER
            )
            if found is not None:
                return found


def new_cluster(name: str, *, team_id: ObjectId | None, created_by: ObjectId | None) -> Cluster:
    """A cluster that is not connected yet."""
    moment = now()
    return Cluster(
        _id=ObjectId(),
        name=name,
        team_id=team_id,
        shared=False,
        is_sandbox=False,
        server="",
        auth="",
        credentials=None,
        state="pending",
        progress=None,
        error=None,
        version="",
        last_checked_at=None,
        created_at=moment,
        created_by_id=created_by,
        updated_at=moment,
        rev=1,
    )


def _publish(cluster: Cluster, session: ClientSession) -> None:
    data = cluster_json(cluster, names_of_teams([cluster["team_id"]], session))
    events.publish(TOPIC, f"cluster:{cluster['_id']}", data, rev=cluster["rev"], session=session)
