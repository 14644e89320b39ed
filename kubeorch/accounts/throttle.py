"""Limits on guessing: attempts are counted per account, per source, and per pair of both.

Each counter is a document of its own in `login_attempts`, which ends by time alone, so a flood of other names cannot
push one out. An attempt is counted before the password is looked at, in one atomic update: guesses sent at the same
time cannot slip through together. The pair has the tight limit; the account's is wider, so that a stranger elsewhere
cannot lock a person out with a handful of attempts.

Why not the throttles of the REST framework: they read a list of times from a cache and write it back, so requests
sent at the same time pass together, and a cache that all processes share would be one more server to run.
Source: Django REST framework docs, "Throttling", section "A note on concurrency".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from kubeorch.accounts import store
from kubeorch.base.clock import now
from kubeorch.base.digests import code_digest
from kubeorch.web.refusals import TooManyAttempts
from kubeorch.web.source import throttled_as

WINDOW_S = 15 * 60
LIMITS = {"pair": 8, "account": 40, "source": 100}
"""Attempts in one window."""


def count_attempt(purpose: str, account: str, source: str) -> None:
    """Count one attempt. Raises TooManyAttempts (with the wait) when any of the three limits is passed."""
    for kind, key in _keys(purpose, account, source).items():
        _count_within(key, LIMITS[kind])


def count_source(purpose: str, source: str) -> None:
    """Count one attempt where there is no account yet. Raises TooManyAttempts."""
    _count_within(f"{purpose}:source:{throttled_as(source)}", LIMITS["source"])


def forgive(purpose: str, account: str, source: str) -> None:
    """After a success: the pair starts anew, the shared counters lose this one attempt."""
    keys = _keys(purpose, account, source)
    store.login_attempts().delete_one({"_id": keys.pop("pair")})
    store.login_attempts().update_many(
        {"_id": {"$in": list(keys.values())}, "count": {"$gt": 0}}, {"$inc": {"count": -1}}
    )


def _keys(purpose: str, account: str, source: str) -> dict[str, str]:
    place = throttled_as(source)
    name = code_digest(account)[:32]
    return {
        "source": f"{purpose}:source:{place}",
        "pair": f"{purpose}:pair:{name}:{place}",
        "account": f"{purpose}:account:{name}",
    }


def _count_within(key: str, limit: int) -> None:
    counter = _count(key)
    if counter["count"] <= limit:
        return
    wait_s = max(1.0, (counter["expires_at"] - now()).total_seconds())
    minutes = max(1, round(wait_s / 60))
    raise TooManyAttempts(
        f"too many attempts; try again in {minutes} minute{'s' if minutes > 1 else ''}", retry_after_s=wait_s
    )


def _count(key: str) -> dict[str, Any]:
    fresh = {"$lte": [{"$ifNull": ["$expires_at", datetime(1970, 1, 1, tzinfo=UTC)]}, "$$NOW"]}
    change = [
        {
            "$set": {
                "count": {"$cond": [fresh, 1, {"$add": ["$count", 1]}]},
                "expires_at": {"$cond": [fresh, {"$add": ["$$NOW", WINDOW_S * 1000]}, "$expires_at"]},
            }
        }
    ]
    while True:
        try:
            counter = store.login_attempts().find_one_and_update(
                {"_id": key}, change, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            continue  # two first attempts at once; the other one made the counter
        if counter is not None:
            return counter
