"""Statuses of clusters that nobody watches: marked stale, so that no fact is shown as current that nobody checks."""

from __future__ import annotations

import logging
import re

from bson import ObjectId
from pymongo import ReturnDocument

from kubeorch.mongo.client import db
from workflows.statuses.store import mark_stale

log = logging.getLogger(__name__)

UNWATCHED_GRACE_S = 2.0


def note_unwatched() -> None:
    """Mark the statuses of clusters whose watcher is gone.

    Any process may call it, often; each lost lease is handled once.
    """
    while True:
        ended = {"$lt": ["$until", {"$subtract": ["$$NOW", int(UNWATCHED_GRACE_S * 1000)]}]}
        lease = db().leases.find_one_and_update(
            {"noted": False, "$expr": ended}, {"$set": {"noted": True}}, return_document=ReturnDocument.AFTER
        )
        if lease is None:
            return
        match = re.fullmatch(r"watcher:([0-9a-f]{24})", lease["_id"])
        if match:
            cluster_id, since = ObjectId(match.group(1)), lease["until"]
            log.info("nobody watches cluster %s since %s", cluster_id, since)
            db().live_objects.update_many(
                {"cluster_id": cluster_id, "stale_since": None}, {"$set": {"stale_since": since}, "$inc": {"rev": 1}}
            )
            mark_stale({"cluster_id": cluster_id, "status.stale_since": None}, since)
