"""What the triggers of an environment know of the images that they watch. Index: `triggers.environment`."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.mongo.client import db


class Seen(NamedTuple):
    """What is known of an image that is watched."""

    digest: str
    """That its tag named last."""
    changed_at: datetime | None
    """When it was seen to name another one than before."""
    first: str
    """That it named when it was looked at first."""


def seen_of(environment_id: ObjectId, session: ClientSession | None = None) -> dict[str, Seen]:
    """By image: of several triggers that watch it, what was seen by whichever has looked last. Also of one that is
    disabled: it looks no more, and runs take what it saw last."""
    query = {"environment_id": environment_id, "type": "image"}
    triggers = db().triggers.find(query, {"images": 1}, session=session).sort("_id", 1)
    rows = [one for trigger in triggers for one in trigger["images"] if one["digest"]]
    firsts: dict[str, str] = {}
    for one in rows:
        firsts.setdefault(one["image"], one.get("first") or one["digest"])
    rows.sort(key=itemgetter("looked_at"))
    return {one["image"]: Seen(one["digest"], one["changed_at"], firsts[one["image"]]) for one in rows}
