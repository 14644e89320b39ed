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

_PERSON = {"email": 1, "name": 1, "is_admin": 1}


def principal_of_token(token: str) -> Principal | None:
    """Who a bearer token speaks for; None when it is unknown, expired or its person is disabled.

    Indexes: unique `hash` of api_tokens, unique (user, team) of memberships.
    """
    if not token.startswith(TOKEN_PREFIX) or len(token) > 100:
        return None
    moment = now()
    found = db()["api_tokens"].find_one({"hash": hash_of(token)}, {"user_id": 1, "expires_at": 1, "last_used_at": 1})
    if found is None or found["expires_at"] <= moment:
        return None
    principal = principal_of_user(found["user_id"], Credential("token", str(found["_id"])))
    if principal is not None:
        _note_use(found["_id"], found.get("last_used_at"), moment)
    return principal


def principal_of_user(user_id: ObjectId | str, credential: Credential | None = None) -> Principal | None:
    """The person with their roles as they are now; None when gone or disabled."""
    found = _person(ObjectId(user_id))
    return None if found is None else _principal(found, credential)


def person_with_password(user_id: ObjectId) -> tuple[dict[str, Any], Principal] | None:
    """The raw person with the password's hash, for checking a session's fingerprint, and the principal."""
    found = _person(user_id, password=True)
    return None if found is None else (found, _principal(found, None))


def _person(user_id: ObjectId, *, password: bool = False) -> dict[str, Any] | None:
    shown: dict[str, Any] = {**_PERSON, "password": 1} if password else dict(_PERSON)
    shown["memberships"] = {"team_id": 1, "role": 1}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"_id": user_id, "is_active": True}},
        {"$lookup": {"from": "memberships", "localField": "_id", "foreignField": "user_id", "as": "memberships"}},
        {"$project": shown},
    ]
    return next(iter(db()["users"].aggregate(pipeline)), None)


def _principal(found: dict[str, Any], credential: Credential | None) -> Principal:
    roles = {str(row["team_id"]): Role(row["role"]) for row in found["memberships"]}
    return Principal(str(found["_id"]), found["email"], found["name"], bool(found["is_admin"]), roles, credential)


def _note_use(token_id: ObjectId, last: datetime | None, moment: datetime) -> None:
    """Keep `last_used_at` true to five minutes without a write per request."""
    if last is None or moment - last > LAST_USED_EVERY:
        db()["api_tokens"].update_one({"_id": token_id}, {"$set": {"last_used_at": moment}})
