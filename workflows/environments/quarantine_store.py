"""Versions that failed in an environment and that runs do not apply there which nobody has started."""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import Document, db
from workflows.environments.store import Environment, Quarantined

QUARANTINED_MOST = 50
VERSION_MAX = 2**31 - 1
"""A larger number is never a version, and may be too large for a query."""


class NotQuarantined(NotFound):
    """The version is not quarantined in this environment, or no longer."""

    code = "quarantine.not_found"

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} is not quarantined here")


def quarantine(environment: Environment, one: Quarantined, session: ClientSession) -> None:
    """Quarantine a version with the images it had, anew where it is already."""
    others = [other for other in environment.get("quarantined", ()) if _key(other) != _key(one)]
    rows = [*others, one][-QUARANTINED_MOST:]
    db().environments.update_one({"_id": environment["_id"]}, {"$set": {"quarantined": rows}}, session=session)


def quarantined_as(environment: Environment, version: int | None, content: str, images: str = "") -> Quarantined | None:
    """What keeps a version from being applied by itself: its own quarantine, or that of another of the same content.

    `images` is the digest of what was built of its sources: what failed with others says nothing of these.
    """
    rows = [one for one in environment.get("quarantined", ()) if one.get("images", "") == images]
    return next((one for one in rows if one["version"] == version or (content and one.get("content") == content)), None)


def release(environment_id: ObjectId, version: int) -> None:
    """Let runs apply the version again that nobody starts. Raises NotQuarantined."""
    wanted = min(version, VERSION_MAX)
    query = {"_id": environment_id, "quarantined.version": wanted}
    change = {"$pull": {"quarantined": {"version": wanted}}}
    if db().environments.update_one(query, change).matched_count == 0:
        raise NotQuarantined(version)


def release_proven(environment_id: ObjectId, version: int, content: str, images: str, session: ClientSession) -> None:
    """A run of the version with these images has succeeded: what failed was not their fault, or is not true any more.

    What failed with other images stays as it is.
    """
    same: list[Document] = [{"version": version}, *([{"content": content}] if content else [])]
    proven = {"$or": same, "images": images or {"$in": ["", None]}}
    change = {"$pull": {"quarantined": proven}}
    db().environments.update_one({"_id": environment_id, "quarantined": {"$ne": None}}, change, session=session)


def _key(one: Quarantined) -> tuple[int, str]:
    return one["version"], one.get("images", "")


def note_rolled_back(environment_id: ObjectId, run_id: ObjectId, session: ClientSession) -> None:
    """The rollback of the run that failed has succeeded."""
    query = {"_id": environment_id, "quarantined.run.id": run_id}
    db().environments.update_one(query, {"$set": {"quarantined.$.rolled_back": True}}, session=session)
