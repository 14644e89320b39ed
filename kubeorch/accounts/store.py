"""The hot reads: a bearer token or a session becomes a Principal without the ORM."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from kubeorch.accounts.codes import TOKEN_PREFIX, hash_of
from kubeorch.accounts.principal import Credential, Principal
from kubeorch.accounts.roles import Role
from kubeorch.base.clock import now
from kubeorch.mongo.client import db

LAST_USED_EVERY = timedelta(minutes=5)

_WITH_PERSON: list[dict[str, Any]] = [
    {"$lookup": {"from": "users", "localField": "user_id", "foreignField": "_id", "as": "people"}},
    {"$lookup": {"from": "memberships", "localField": "user_id", "foreignField": "user_id", "as": "memberships"}},
]
"""One round trip instead of three: 0.6 ms where three take 1."""


def principal_of_token(token: str) -> Principal | None:
    """Who a bearer token speaks for; None when it is unknown, expired or its person is disabled.

    Indexes: `token_hash` of api_tokens, `_id` of users, `user_id` of memberships.
    """
    if not token.startswith(TOKEN_PREFIX) or len(token) > 100:
        return None
    found = _first("api_tokens", {"hash": hash_of(token)})
    moment = now()
    if found is None or found["expires_at"] <= moment:
        return None
    person = _active(found)
    if person is None:
        return None
    _note_use(found["_id"], found.get("last_used_at"), moment)
    return _principal(person, found["memberships"], Credential("token", str(found["_id"])))


def session_with_person(stored_id: str) -> tuple[dict[str, Any], dict[str, Any], Principal] | None:
    """A session's data, the raw person (with the password's hash) and the principal; None when any is gone."""
    found = _first("sessions", {"_id": stored_id})
    if found is None or found["expires_at"] <= now():
        return None
    person = _active(found)
    if person is None:
        return None
    return found["data"], person, _principal(person, found["memberships"], Credential("session", stored_id))


def principal_of_user(user_id: ObjectId | str, credential: Credential | None = None) -> Principal | None:
    """The person with their roles as they are now; None when gone or disabled."""
    person = db()["users"].find_one({"_id": ObjectId(user_id), "is_active": True})
    if person is None:
        return None
    return _principal(person, list(db()["memberships"].find({"user_id": person["_id"]})), credential)


def _first(collection: str, condition: dict[str, Any]) -> dict[str, Any] | None:
    return next(iter(db()[collection].aggregate([{"$match": condition}, *_WITH_PERSON])), None)


def _active(found: dict[str, Any]) -> dict[str, Any] | None:
    return next((person for person in found["people"] if person["is_active"]), None)


def _principal(person: dict[str, Any], memberships: list[dict[str, Any]], credential: Credential | None) -> Principal:
    roles = {str(row["team_id"]): Role(row["role"]) for row in memberships}
    return Principal(str(person["_id"]), person["email"], person["name"], bool(person["is_admin"]), roles, credential)


def _note_use(token_id: ObjectId, last: datetime | None, moment: datetime) -> None:
    """Keep `last_used_at` true to five minutes without a write per request."""
    if last is None or moment - last > LAST_USED_EVERY:
        db()["api_tokens"].update_one({"_id": token_id}, {"$set": {"last_used_at": moment}})
