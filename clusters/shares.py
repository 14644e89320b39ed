"""With whom a cluster is shared, as its document holds it, and the bindings in its API server that are to go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import ObjectId

from clusters.rows import Binding, Cluster, Share
from clusters.store import USING, change_where, collection, is_usable
from kubeorch.base.backoff import Backoff
from kubeorch.base.clock import now

BINDINGS_LEFT_MOST = 5_000
"""Of one cluster: as many as its shares may make. The newest are kept."""
MAKING = timedelta(minutes=5)
"""Longer than bindings take to be made."""
LEFT_EVERY = timedelta(seconds=15)
"""How often a cluster is asked to remove bindings."""
AGAIN = Backoff(first_s=15, most_s=6 * 3600)
"""When the removal of one is tried again that has failed."""


def share_of_team(cluster: Cluster, team_id: ObjectId) -> Share | None:
    """The share of a team, without which it may still have the cluster as everybody does."""
    return next((share for share in cluster.get("shares") or () if share["team_id"] == team_id), None)


def named_namespaces(cluster_id: ObjectId, team_id: ObjectId) -> frozenset[str]:
    """The namespaces that a share of the cluster names for a team to use."""
    cluster = collection().find_one({"_id": cluster_id}, {"shares": 1})
    share = share_of_team(cluster, team_id) if cluster is not None else None
    return frozenset(share["namespaces"] or ()) if share is not None and share["role"] in USING else frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a team may do on a cluster that it may use."""

    owner: ObjectId | None
    """The team that owns the cluster; None for the sandbox."""
    namespaces: frozenset[str] | None
    """Those to which a share keeps the team; None when none does."""


def standing_of(cluster_id: ObjectId, team_id: ObjectId) -> Standing | None:
    """None unless the cluster is the team's or shared with it now."""
    cluster = collection().find_one({"_id": cluster_id}, {"team_id": 1, "shared": 1, "is_sandbox": 1, "shares": 1})
    if cluster is None or not is_usable(cluster, team_id):
        return None
    owner = cluster.get("team_id")
    if owner == team_id or cluster["shared"] or cluster["is_sandbox"]:
        return Standing(owner, None)
    share = share_of_team(cluster, team_id)
    kept_to = share["namespaces"] if share is not None else None
    return Standing(owner, None if kept_to is None else frozenset(kept_to))


def shared_namespaces(cluster_id: ObjectId, team_id: ObjectId) -> frozenset[str] | None:
    """The namespaces to which a share keeps a team; None when none does."""
    standing = standing_of(cluster_id, team_id)
    return standing.namespaces if standing is not None else None


def add_share(cluster_id: ObjectId, share: Share, *, most: int) -> Cluster | None:
    """Add it, with the event; None when there are enough, there is one with the same team or person, or images are
    built in one of its namespaces."""
    whom = {"team_id": share["team_id"], "user_id": share["user_id"]}
    free = {f"shares.{most - 1}": {"$exists": False}, "shares": {"$not": {"$elemMatch": whom}}, **_not_built_in(share)}
    return change_where(cluster_id, {"$push": {"shares": share}}, free)


def replace_share(cluster_id: ObjectId, before: Share, after: Share) -> Cluster | None:
    """Put another share, with an id of its own, in the place of one, with the event; None when that one is gone, or
    images are built in a namespace of the other. The bindings of the former are to be removed from now on."""
    seen = {**_seen(before), **_not_built_in(after)}
    return change_where(cluster_id, {"$set": {"shares.$": after}, **_left(before)}, seen)


def remove_share(cluster_id: ObjectId, share: Share) -> Cluster | None:
    """Remove it, with the event; its bindings are to be removed from now on. None when there is none as it was seen."""
    return change_where(cluster_id, {"$pull": {"shares": {"id": share["id"]}}, **_left(share)}, _seen(share))


def expect_bindings(cluster_id: ObjectId, share: Share) -> None:
    """The share's bindings are about to be made: should it not come to be, they are removed after MAKING."""
    collection().update_one({"_id": cluster_id}, _left(share, MAKING))


def holds(cluster: Cluster, binding: Binding) -> bool:
    """Whether a share of the cluster needs the binding."""
    return any(
        share["id"] == binding["share_id"] and binding["namespace"] in (share["namespaces"] or ())
        for share in cluster.get("shares") or ()
    )


def expect_binding(cluster_id: ObjectId, share: Share, namespace: str) -> bool:
    """As `expect_bindings`, for one that is made anew; False, and nothing noted, where the share has ended."""
    left = Binding(share_id=share["id"], namespace=namespace, at=now() + MAKING)
    noted = collection().update_one(
        {"_id": cluster_id, **_held(share["id"], namespace)},
        {"$push": {"bindings_left": {"$each": [left], "$slice": -BINDINGS_LEFT_MOST}}},
    )
    return noted.matched_count > 0


def keep_binding(cluster_id: ObjectId, share_id: ObjectId, namespace: str) -> bool:
    """A share needs the binding, which stays; False where it has ended meanwhile."""
    kept = collection().update_one(
        {"_id": cluster_id, **_held(share_id, namespace)},
        {"$pull": {"bindings_left": {"share_id": share_id, "namespace": namespace}}},
    )
    return kept.matched_count > 0


def postpone_binding(cluster_id: ObjectId, left: Binding) -> None:
    """It could not be removed: it is tried again later, and ever more rarely."""
    tries = left.get("tries", 0) + 1
    later = now() + timedelta(seconds=AGAIN.delay_s(tries))
    collection().update_one(
        {"_id": cluster_id},
        {"$set": {"bindings_left.$[one].at": later, "bindings_left.$[one].tries": tries}},
        array_filters=[{"one.share_id": left["share_id"], "one.namespace": left["namespace"]}],
    )


def forget_binding(cluster_id: ObjectId, share_id: ObjectId, namespace: str) -> None:
    """It is gone from the cluster."""
    collection().update_one(
        {"_id": cluster_id}, {"$pull": {"bindings_left": {"share_id": share_id, "namespace": namespace}}}
    )


def note_enforced(cluster_id: ObjectId, share_id: ObjectId, unenforced: str) -> Cluster | None:
    """Whether the API server holds the share, with the event where that is news."""
    one = {"shares": {"$elemMatch": {"id": share_id, "unenforced": {"$ne": unenforced}}}}
    return change_where(cluster_id, {"$set": {"shares.$.unenforced": unenforced}}, one)


def claim_due(every: timedelta, *, besides: Iterable[ObjectId | None] = ()) -> Cluster | None:
    """A cluster that answers and whose bindings are to be looked at, `besides` those of some teams, claimed for that
    long; None without any."""
    moment = now()
    kept: list[dict[str, object]] = [{"shares_kept_at": {"$lte": moment - every}}, {"shares_kept_at": None}]
    due: list[dict[str, object]] = [
        {"bindings_left.at": {"$lte": moment}, "$or": _not_since(moment - LEFT_EVERY)},
        {"shares.0": {"$exists": True}, "$or": kept},
    ]
    return collection().find_one_and_update(
        {"state": "ready", "team_id": {"$nin": list(besides)}, "$or": due},
        {"$set": {"shares_kept_at": moment}},
        sort=[("shares_kept_at", 1)],
    )


def _held(share_id: ObjectId, namespace: str) -> dict[str, object]:
    """A cluster one of whose shares needs that binding."""
    return {"shares": {"$elemMatch": {"id": share_id, "namespaces": namespace}}}


def _seen(share: Share) -> dict[str, object]:
    """The share, and whether the API server holds it as whoever ends it believes."""
    return {"shares": {"$elemMatch": {"id": share["id"], "unenforced": share["unenforced"]}}}


def _not_built_in(share: Share) -> dict[str, object]:
    """A cluster in whose shared namespaces no images are built."""
    return {"building.namespace": {"$nin": share["namespaces"] or []}}


def _left(share: Share, after: timedelta = timedelta(0)) -> dict[str, object]:
    """Also of one that the API server does not hold: it may have held it before."""
    moment = now() + after
    left = [Binding(share_id=share["id"], namespace=name, at=moment) for name in share["namespaces"] or ()]
    return {"$push": {"bindings_left": {"$each": left, "$slice": -BINDINGS_LEFT_MOST}}}


def _not_since(moment: datetime) -> list[dict[str, object]]:
    return [{"shares_kept_at": {"$lte": moment}}, {"shares_kept_at": None}]
