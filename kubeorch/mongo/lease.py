"""Leases: who owns what for now, by the database server's clock, never by ours.

A holder renews well before the end; one that was stopped for longer (SIGSTOP, a long pause) finds its token
replaced and must not write any more. `until` and `$$NOW` are the server's time, so clocks of processes may differ.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from kubeorch.mongo.client import db


@dataclass(slots=True)
class Lease:
    """A lease we hold. `is_safe()` tells without a round trip whether it can still be ours."""

    name: str
    token: str
    ttl_s: float
    _renewed_at: float

    def renew(self) -> bool:
        """Renew it for another `ttl_s`; False when it expired or somebody else holds it."""
        asked_at = time.monotonic()
        found = db().leases.update_one(
            {"_id": self.name, "token": self.token, "$expr": {"$gt": ["$until", "$$NOW"]}},
            [{"$set": {"until": _after(self.ttl_s)}}],
        )
        if found.matched_count:
            self._renewed_at = asked_at
        return found.matched_count == 1

    def is_safe(self) -> bool:
        """True while it cannot have expired: less than `ttl_s` since the last renewal was asked for."""
        return time.monotonic() - self._renewed_at < self.ttl_s

    def release(self) -> None:
        """Release it at once, so that the next holder need not wait."""
        db().leases.update_one({"_id": self.name, "token": self.token}, [{"$set": {"until": "$$NOW", "token": ""}}])


def acquire(name: str, holder: str, *, ttl_s: float = 10.0) -> Lease | None:
    """Take the lease if nobody holds it (index: `_id`); None when somebody does."""
    token = secrets.token_hex(16)
    asked_at = time.monotonic()
    is_free = {"$lte": [{"$ifNull": ["$until", "$$NOW"]}, "$$NOW"]}
    taken = {"holder": holder, "token": token, "until": _after(ttl_s), "noted": False}
    try:
        found = db().leases.find_one_and_update(
            {"_id": name},
            [{"$set": {field: {"$cond": [is_free, value, f"${field}"]} for field, value in taken.items()}}],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
    except DuplicateKeyError:
        return None  # two processes created it at once, and the other was quicker
    return Lease(name, token, ttl_s, asked_at) if found and found["token"] == token else None


def is_held(name: str) -> bool:
    """Whether somebody holds the lease now."""
    return db().leases.find_one({"_id": name, "$expr": {"$gt": ["$until", "$$NOW"]}}) is not None


def take_ended(grace_s: float) -> tuple[str, datetime] | None:
    """Name and end of a lease that nobody has held for `grace_s`; each end is given out once. None: there is none."""
    is_over = {"$lt": ["$until", {"$subtract": ["$$NOW", int(grace_s * 1000)]}]}
    ended = db().leases.find_one_and_update({"noted": False, "$expr": is_over}, {"$set": {"noted": True}})
    return (ended["_id"], ended["until"]) if ended is not None else None


def put_back(name: str) -> None:
    """An end that was given out could not be dealt with: give it out again."""
    db().leases.update_one({"_id": name}, {"$set": {"noted": False}})


def _after(seconds: float) -> dict[str, Any]:
    return {"$add": ["$$NOW", int(seconds * 1000)]}
