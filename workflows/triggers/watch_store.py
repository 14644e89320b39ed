"""The images that triggers watch, as parts of the triggers: which are to be looked at, and what was found.

A team leaves a registry alone that does not answer it, whatever is watched there later. Indexes:
`triggers.images_due`, `team_images`; `watch_pauses.team_host` (unique); pauses end by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypedDict, cast

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection as MongoCollection

from kubeorch.mongo.client import db
from workflows.triggers.store import Trigger, write_if

HOSTS_MOST = 200
RECENT = timedelta(minutes=1)
"""An image that was looked at so lately is not looked at again because another one has moved."""


class Pause(TypedDict):
    """Of one team and one registry."""

    team_id: ObjectId
    host: str
    until: datetime


class Due(NamedTuple):
    """An image that is to be looked at, once for all triggers of the team that watch it."""

    team_id: ObjectId
    image: str


def due_hosts(moment: datetime) -> list[str]:
    """Registries that are to be asked about an image, who has waited longest first; HOSTS_MOST at most."""
    rows = [*_due(moment), {"$group": {"_id": "$images.host", "at": {"$min": "$images.next_at"}}}]
    found = db().triggers.aggregate([*rows, {"$sort": {"at": 1}}, {"$limit": HOSTS_MOST}])
    return [row["_id"] for row in found]


def due_at(host: str, moment: datetime, most: int) -> list[Due]:
    """What one registry is to be asked about: of each team in turn what has waited longest, so that one that watches
    many images holds up no other."""
    one_of_a_team = {"team_id": "$team_id", "image": "$images.image"}
    rows = [
        *_due(moment, {"images.host": host}),
        {"$group": {"_id": one_of_a_team, "at": {"$min": "$images.next_at"}}},
        {"$sort": {"at": 1}},
        {"$group": {"_id": "$_id.team_id", "rows": {"$push": {"image": "$_id.image", "at": "$at"}}}},
        {"$project": {"rows": {"$slice": ["$rows", most]}}},
        {"$unwind": {"path": "$rows", "includeArrayIndex": "turn"}},
        {"$sort": {"turn": 1, "rows.at": 1}},
        {"$limit": most},
    ]
    return [Due(row["_id"], row["rows"]["image"]) for row in db().triggers.aggregate(rows)]


def watched_by_team(team_id: ObjectId, besides: ObjectId, session: ClientSession) -> set[str]:
    """The images that the team's other triggers watch, disabled ones among them."""
    query = {"team_id": team_id, "type": "image", "_id": {"$ne": besides}}
    return set(db().triggers.distinct("images.image", query, session=session))


def watching(due: Due) -> list[Trigger]:
    """The enabled triggers of the team that watch the image, the oldest first."""
    query = {"team_id": due.team_id, "type": "image", "enabled": True, "images.image": due.image}
    return cast("list[Trigger]", list(db().triggers.find(query).sort("_id", 1)))


def note(
    trigger_id: ObjectId, image: str, digest: str, values: Mapping[str, Any], session: ClientSession
) -> Trigger | None:
    """Set what is known of an image that is watched; None where it is not any more, or its digest is another one than
    `digest` by now."""
    query = {"_id": trigger_id, "enabled": True, "images": {"$elemMatch": {"image": image, "digest": digest}}}
    return write_if(query, {"$set": {f"images.$.{name}": value for name, value in values.items()}}, session)


def put_off(team_id: ObjectId, host: str, moment: datetime, until: datetime) -> None:
    """Ask a registry nothing before then for that team; others have accounts of their own."""
    _pauses().update_one({"team_id": team_id, "host": host}, {"$max": {"until": until}}, upsert=True)
    due = {"host": host, "next_at": {"$lte": moment}}
    query = {"team_id": team_id, "type": "image", "enabled": True, "images": {"$elemMatch": due}}
    of_host = [{"one.host": host, "one.next_at": {"$lte": moment}}]
    db().triggers.update_many(query, {"$set": {"images.$[one].next_at": until}}, array_filters=of_host)


def look_soon(trigger: Trigger, besides: str, moment: datetime, session: ClientSession) -> None:
    """Have the other images of a trigger looked at now, but for those that were a moment ago, cannot be read, or are of
    a registry that the team leaves alone."""
    paused = pauses_of(trigger["team_id"], {one["host"] for one in trigger["images"]}, session)
    others: dict[str, Any] = {
        "one.image": {"$ne": besides},
        "one.host": {"$nin": list(paused)},
        "one.failures": 0,
        "one.next_at": {"$gt": moment},
        "one.looked_at": {"$lt": moment - RECENT},
    }
    update = {"$set": {"images.$[one].next_at": moment}}
    db().triggers.update_one({"_id": trigger["_id"]}, update, array_filters=[others], session=session)


def pauses_of(team_id: ObjectId, hosts: Iterable[str], session: ClientSession) -> dict[str, datetime]:
    """Until when the team leaves some of these registries alone."""
    query = {"team_id": team_id, "host": {"$in": list(hosts)}}
    return {row["host"]: row["until"] for row in _pauses().find(query, session=session)}


def _pauses() -> MongoCollection[Pause]:
    return cast("MongoCollection[Pause]", db().watch_pauses)


def _due(moment: datetime, more: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    due = {"images.next_at": {"$lte": moment}, **(more or {})}
    return [{"$match": {"type": "image", "enabled": True, **due}}, {"$unwind": "$images"}, {"$match": due}]
