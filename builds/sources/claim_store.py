"""Who removes the older images of a source: one at a time, for as long as its claim in the source's document holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bson import ObjectId

from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict
from kubeorch.mongo.client import db


class RemovalRunning(Conflict):
    code = "image.removal_running"

    def __init__(self) -> None:
        super().__init__("older images of this source are being removed already; look again in a minute")


def claim(source_id: ObjectId, seconds: float) -> ObjectId:
    """Nobody else may remove any until that is over. Raises RemovalRunning."""
    at, given = now(), ObjectId()
    is_free = {"$or": [{"images_claim": None}, {"images_claim.until": {"$lte": at}}]}
    row = {"id": given, "until": at + timedelta(seconds=seconds)}
    if not db()["sources"].update_one({"_id": source_id, **is_free}, {"$set": {"images_claim": row}}).matched_count:
        raise RemovalRunning
    return given


def holds(source_id: ObjectId, given: ObjectId) -> bool:
    mine: dict[str, Any] = {"_id": source_id, "images_claim.id": given, "images_claim.until": {"$gt": now()}}
    return db()["sources"].count_documents(mine, limit=1) > 0


def give_back(source_id: ObjectId, given: ObjectId) -> None:
    db()["sources"].update_one({"_id": source_id, "images_claim.id": given}, {"$set": {"images_claim": None}})
