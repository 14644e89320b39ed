"""SSH servers whose keys a team has seen: another key on the same server is refused from then on.

Index: `git_hosts.team_host`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict, cast

from bson import ObjectId
from pymongo.collection import Collection

from kubeorch.base.clock import now
from kubeorch.mongo.client import db


class GitHost(TypedDict):
    """A document of `git_hosts`."""

    team_id: ObjectId
    host: str
    port: int
    key: str
    """`type base64`, as in a known_hosts file."""
    seen_at: datetime
    """When the key was first seen, or was changed by a person."""


def known_key(team_id: ObjectId, host: str, port: int) -> str | None:
    found = _hosts().find_one({"team_id": team_id, "host": host, "port": port})
    return None if found is None else found["key"]


def keys_at(places: Iterable[tuple[ObjectId, str]]) -> dict[tuple[ObjectId, str], list[GitHost]]:
    """What was kept, by team and host; of a host each port may have one."""
    either = [{"team_id": team_id, "host": host} for team_id, host in set(places)]
    found: dict[tuple[ObjectId, str], list[GitHost]] = {}
    for row in _hosts().find({"$or": either}).sort("port", 1) if either else ():
        found.setdefault((row["team_id"], row["host"]), []).append(row)
    return found


def forget_keys(team_id: ObjectId, host: str) -> None:
    """The next key that the host shows is kept as its own."""
    _hosts().delete_many({"team_id": team_id, "host": host})


def keep_key(team_id: ObjectId, host: str, port: int, key: str) -> None:
    """From now on this is the server's key."""
    place = {"team_id": team_id, "host": host, "port": port}
    _hosts().update_one(place, {"$set": {"key": key, "seen_at": now()}}, upsert=True)


def _hosts() -> Collection[GitHost]:
    return cast("Collection[GitHost]", db().git_hosts)
