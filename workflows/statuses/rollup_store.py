"""How whole environments do: the statuses of their nodes rolled up, for lists. Index: `environment_health`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypedDict

from bson import ObjectId

from clusters.domain.health import SEVERITY, State
from kubeorch.mongo.client import Document, db


class Rollup(TypedDict):
    """The health of an environment."""

    health: str
    """The most severe of all its nodes; a node whose status is stale is `unknown`."""
    reason: str
    """One sentence."""
    stale_since: str | None
    """Since when statuses may be out of date, RFC 3339; None while all are current."""
    counts: dict[str, int]
    """How many nodes have each health; those that none has are left out."""


UNOBSERVED: Rollup = {
    "health": State.UNKNOWN.value,
    "reason": "nothing has been observed yet",
    "stale_since": None,
    "counts": {},
}


def rollups(environment_ids: Collection[ObjectId]) -> dict[ObjectId, Rollup]:
    """The health of each environment of which a status is stored: one aggregation, answered from the index alone, and
    a second one for the names of what is not well.
    """
    if not environment_ids:
        return {}
    group = {"environment": "$environment_id", "health": "$status.health", "stale_since": "$status.stale_since"}
    found: dict[ObjectId, Rollup] = {}
    for row in db().node_statuses.aggregate(
        [
            {"$match": {"environment_id": {"$in": list(environment_ids)}}},
            {"$group": {"_id": group, "n": {"$sum": 1}}},
        ]
    ):
        _add(found, row["_id"], row["n"])
    for one in found.values():
        one["health"] = max(one["counts"], key=lambda health: SEVERITY[State(health)])
    unwell = {
        environment_id: one["health"]
        for environment_id, one in found.items()
        if one["health"] != State.HEALTHY and one["stale_since"] is None
    }
    reasons = _first_reasons(unwell) if unwell else {}
    for environment_id, one in found.items():
        one["reason"] = reasons.get(environment_id) or _plain_reason(one)
    return found


def _add(found: dict[ObjectId, Rollup], group: Mapping[str, Any], count: int) -> None:
    one = found.setdefault(group["environment"], {"health": "", "reason": "", "stale_since": None, "counts": {}})
    since = group.get("stale_since")
    health = State.UNKNOWN.value if since is not None else group["health"]
    one["counts"][health] = one["counts"].get(health, 0) + count
    if since is not None:
        one["stale_since"] = min(since, one["stale_since"] or since)


def _first_reasons(unwell: Mapping[ObjectId, str]) -> dict[ObjectId, str]:
    """The reason of the first node that has the environment's health, with the name of its object."""
    wanted = [{"environment_id": one, "status.health": health} for one, health in unwell.items()]
    first: Document = {"_id": "$environment_id", "status": {"$first": "$status"}}
    rows = db().node_statuses.aggregate([{"$match": {"$or": wanted}}, {"$sort": {"_id": 1}}, {"$group": first}])
    reasons: dict[ObjectId, str] = {}
    for row in rows:
        status = row["status"]
        named = next((one for one in status["objects"] if one["health"] == status["health"]), None)
        name = f"{named['ref']['kind']} {named['ref']['name']}: " if named else ""
        reasons[row["_id"]] = f"{name}{(named or status)['reason'] or status['health']}"
    return reasons


def _plain_reason(one: Rollup) -> str:
    if one["stale_since"] is not None:
        return "its cluster cannot be observed at the moment"
    count = sum(one["counts"].values())
    return f"{count} nodes are {one['health']}" if count != 1 else f"1 node is {one['health']}"
