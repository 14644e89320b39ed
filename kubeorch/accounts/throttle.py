"""Limits on guessing: attempts are counted per pair of account and source, per source, and per account.

A pair has the tight limit: after eight attempts it waits two minutes for the next one, then four, up to fifteen. The
limits of a source and of an account are wide, and they let through who signs in from where the account has signed in
before: so neither strangers who try an account, nor others behind the same address, keep a person out.

A browser that has signed in to the account before has a limit of its own, as tight as a pair's, and no other: so not
even wrong passwords for that account from behind the same address keep its person out. All in all, with every place
and every browser that an account may know, 1,100 passwords at most can be tried for it in an hour.
Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".

Each counter is a document of its own in `login_attempts`, which ends by time alone, so a flood of other names cannot
push one out. An attempt is counted before the password is looked at, in one atomic update: guesses sent at the same
time cannot slip through together. A refused attempt is not counted and makes no document.

Why not the throttles of the REST framework: they read a list of times from a cache and write it back, so requests
sent at the same time pass together, and a cache that all processes share would be one more server to run.
Source: Django REST framework docs, "Throttling", section "A note on concurrency".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from kubeorch.accounts import store
from kubeorch.accounts.codes import new_device
from kubeorch.base.clock import now
from kubeorch.base.digests import code_digest
from kubeorch.web.refusals import TooManyAttempts
from kubeorch.web.source import throttled_as

WINDOW_S = 15 * 60
FIRST_WAIT_S = 2 * 60
MOST_WAIT_S = 15 * 60
LIMITS = {"pair": 8, "device": 8, "account": 100, "source": 100}
"""Attempts before the first wait."""
KNOWN_MOST = 20
"""Most places, and most devices, an account is known to sign in from."""
KNOWN_FOR = timedelta(days=90)

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Attempt(NamedTuple):
    """An attempt that was let through."""

    purpose: str
    name: str
    place: str
    own: str
    """The counter of nobody else: that of the pair, or of the device."""
    shared: tuple[str, ...] = ()
    """Further ones that counted it."""


def count_attempt(purpose: str, account: str, source: str, *, device: str = "", is_known: bool = False) -> Attempt:
    """Count one attempt. Raises TooManyAttempts (with the wait) when a limit is passed.

    `device` is what the browser says it was given when it signed in before; it counts if it is the account's.
    `is_known` says that the attempt comes with other proof of the person, such as an open session.
    """
    place, name = throttled_as(source), _name(account)
    if device and _is_known(purpose, name, "devices", _name(device)):
        own = f"{purpose}:device:{name}:{_name(device)}"
        if (until := _count(own, LIMITS["device"], grows=True)) is not None:
            raise _too_many(until)
        return Attempt(purpose, name, place, own)
    keys = {
        "source": f"{purpose}:source:{place}",
        "pair": f"{purpose}:pair:{name}:{place}",
        "account": f"{purpose}:account:{name}",
    }
    counters: list[str] = []
    for kind, key in keys.items():
        until = _count(key, LIMITS[kind], grows=kind == "pair")
        if until is None:
            counters.append(key)
        elif kind == "pair" or not (is_known or _is_known(purpose, name, "places", place)):
            _uncount(counters)
            raise _too_many(until)
    return Attempt(purpose, name, place, keys["pair"], tuple(key for key in counters if key != keys["pair"]))


def count_source(purpose: str, source: str) -> None:
    """Count one attempt where there is no account yet. Raises TooManyAttempts."""
    until = _count(f"{purpose}:source:{throttled_as(source)}", LIMITS["source"], grows=False)
    if until is not None:
        raise _too_many(until)


def forgive(attempt: Attempt) -> None:
    """After a success: the own counter starts anew, shared ones lose this one attempt, and the place is known."""
    store.login_attempts().delete_one({"_id": attempt.own})
    _uncount(attempt.shared)
    _remember(attempt.purpose, attempt.name, "places", attempt.place)


def remember_place(purpose: str, account: str, source: str) -> None:
    """The account's person was here, as who has just registered."""
    _remember(purpose, _name(account), "places", throttled_as(source))


def remember_device(purpose: str, account: str, device: str) -> str:
    """The account's person was here with this browser: what it is to show from now on, which is `device` if that is
    known, else new. Only its digest is stored."""
    name = _name(account)
    if not (device and _is_known(purpose, name, "devices", _name(device))):
        device = new_device()
    _remember(purpose, name, "devices", _name(device))
    return device


def forget_devices(purpose: str, account: str) -> None:
    """Whoever signed in with the password before may not have been the person."""
    store.login_attempts().update_one({"_id": f"{purpose}:known:{_name(account)}"}, {"$unset": {"devices": ""}})


def forgive_account(purpose: str, account: str) -> None:
    """All attempts on an account are forgotten: its person has shown otherwise who they are."""
    name = _name(account)
    store.login_attempts().delete_one({"_id": f"{purpose}:account:{name}"})
    # By prefix, so that the index of `_id` serves; a name holds hexadecimal digits alone.
    store.login_attempts().delete_many({"_id": {"$regex": f"^{purpose}:pair:{name}:"}})


def _name(account: str) -> str:
    return code_digest(account)[:32]


def _remember(purpose: str, name: str, kind: str, one: str) -> None:
    """Put a place or device in front of those that the account knows; the oldest beyond KNOWN_MOST is forgotten."""
    earlier = {"$filter": {"input": {"$ifNull": [f"${kind}", []]}, "cond": {"$ne": ["$$this", one]}}}
    kept = {"$slice": [{"$concatArrays": [[one], earlier]}, KNOWN_MOST]}
    key = f"{purpose}:known:{name}"
    change = [{"$set": {kind: kept, "expires_at": now() + KNOWN_FOR}}]
    store.login_attempts().update_one({"_id": key}, change, upsert=True)


def _is_known(purpose: str, name: str, kind: str, one: str) -> bool:
    known = {"_id": f"{purpose}:known:{name}", kind: one, "expires_at": {"$gt": now()}}
    return store.login_attempts().count_documents(known, limit=1) > 0


def _too_many(until: datetime) -> TooManyAttempts:
    wait_s = max(1.0, (until - now()).total_seconds())
    minutes = max(1, round(wait_s / 60))
    return TooManyAttempts(
        f"too many attempts; try again in {minutes} minute{'s' if minutes > 1 else ''}", retry_after_s=wait_s
    )


def _count(key: str, limit: int, *, grows: bool) -> datetime | None:
    """Count an attempt under the key; None, or when the next is allowed if this one is not.

    With `grows` the wait doubles with every attempt past the limit, else the window's end is waited for.
    """
    doubled = {"$pow": [2, {"$min": [{"$subtract": ["$count", limit]}, 10]}]}
    wait_ms = {"$toLong": {"$min": [{"$multiply": [FIRST_WAIT_S * 1000, doubled]}, MOST_WAIT_S * 1000]}}
    until = {"$add": ["$$NOW", wait_ms]} if grows else "$expires_at"
    is_over = {"$lte": [{"$ifNull": ["$expires_at", _LONG_AGO]}, "$$NOW"]}
    counted = {
        "count": {"$cond": [is_over, 1, {"$add": ["$count", 1]}]},
        "expires_at": {"$cond": [is_over, {"$add": ["$$NOW", WINDOW_S * 1000]}, "$expires_at"]},
    }
    blocked = {"blocked_until": {"$cond": [{"$gte": ["$count", limit]}, until, _LONG_AGO]}}
    longer = {"expires_at": {"$max": ["$expires_at", {"$add": ["$blocked_until", WINDOW_S * 1000 if grows else 0]}]}}
    change: list[dict[str, Any]] = [
        {"$set": {"refused": {"$gt": [{"$ifNull": ["$blocked_until", _LONG_AGO]}, "$$NOW"]}}},
        *({"$set": _unless_refused(step)} for step in (counted, blocked, longer)),
    ]
    while True:
        try:
            counter = store.login_attempts().find_one_and_update(
                {"_id": key}, change, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            continue  # two first attempts at once; the other one made the counter
        if counter is not None:
            blocked_until: datetime = counter["blocked_until"]
            return blocked_until if counter["refused"] else None


def _uncount(keys: Sequence[str]) -> None:
    """Take one attempt back, and the wait that may have begun with it."""
    less = {"count": {"$max": [0, {"$subtract": ["$count", 1]}]}, "blocked_until": _LONG_AGO}
    store.login_attempts().update_many({"_id": {"$in": list(keys)}}, [{"$set": less}])


def _unless_refused(step: dict[str, Any]) -> dict[str, Any]:
    return {field: {"$cond": ["$refused", f"${field}", value]} for field, value in step.items()}
