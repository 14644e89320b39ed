"""The documents of accounts that are read and written without the ORM; nothing else in accounts but
`letting_in_store` asks the database.

First the collections, then the hot reads (a bearer token or a session becomes a Principal), then rows by subject.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import WriteConcern
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.accounts.codes import LOGIN_TOKEN_NAME, TOKEN_PREFIX
from kubeorch.accounts.principal import Credential, Principal
from kubeorch.accounts.roles import Role
from kubeorch.accounts.token_scopes import TokenScope
from kubeorch.base.clock import now
from kubeorch.base.digests import code_digest
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import Document, db

LAST_USED_EVERY = timedelta(minutes=5)
TOKEN_LENGTH_MAX = 100

_WITH_PERSON: list[dict[str, Any]] = [
    {"$lookup": {"from": "users", "localField": "user_id", "foreignField": "_id", "as": "people"}},
    {"$lookup": {"from": "memberships", "localField": "user_id", "foreignField": "user_id", "as": "memberships"}},
]
"""One round trip instead of three: 0.6 ms where three take 1."""
_ACTIVE_ADMIN = {"is_admin": True, "is_active": True}


def teams() -> Collection[Document]:
    return db()["teams"]


def memberships() -> Collection[Document]:
    return db()["memberships"]


def users() -> Collection[Document]:
    return db()["users"]


def tokens() -> Collection[Document]:
    return db()["api_tokens"]


def sessions() -> Collection[Document]:
    return db()["sessions"]


def login_attempts() -> Collection[Document]:
    """Not journaled: a counter lost in a crash of the database does no harm, and waiting for the disk would."""
    return db()["login_attempts"].with_options(write_concern=WriteConcern(w=1, j=False))


# From a credential to a principal


def principal_of_token(token: str) -> Principal | None:
    """The person of a bearer token; None when it is unknown, expired or its person is disabled.

    Indexes: `token_hash` of api_tokens, `_id` of users, `user_id` of memberships.
    """
    if not token.startswith(TOKEN_PREFIX) or len(token) > TOKEN_LENGTH_MAX:
        return None
    found = _first_with_person(tokens(), {"hash": code_digest(token)})
    moment = now()
    if found is None or found["expires_at"] <= moment:
        return None
    person = _active(found)
    if person is None:
        return None
    _note_use(found["_id"], found.get("last_used_at"), moment)
    credential = Credential("token", str(found["_id"]), TokenScope(found["scope"]), found["expires_at"])
    return _principal(person, found["memberships"], credential)


def principal_of_token_id(credential: Credential) -> Principal | None:
    """The person of the token with this id, as they are now; None when it has expired or was revoked."""
    token = tokens().find_one({"_id": ObjectId(credential.key), "expires_at": {"$gt": now()}}, {"user_id": 1})
    return principal_of_user(token["user_id"], credential) if token else None


def session_with_person(stored_id: str) -> tuple[Document, Document, Principal] | None:
    """A session's data, the raw person (with the password's hash) and the principal; None when any is gone."""
    found = _first_with_person(sessions(), {"_id": stored_id})
    if found is None or found["expires_at"] <= now():
        return None
    person = _active(found)
    if person is None:
        return None
    return found["data"], person, _principal(person, found["memberships"], Credential("session", stored_id))


def principal_of_user(user_id: ObjectId | str, credential: Credential | None = None) -> Principal | None:
    """The person with their roles as they are now; None when gone or disabled."""
    person = users().find_one({"_id": ObjectId(user_id), "is_active": True})
    if person is None:
        return None
    return _principal(person, list(memberships().find({"user_id": person["_id"]})), credential)


def _first_with_person(collection: Collection[Document], condition: Document) -> Document | None:
    return next(iter(collection.aggregate([{"$match": condition}, *_WITH_PERSON])), None)


def _active(found: Document) -> Document | None:
    return next((person for person in found["people"] if person["is_active"]), None)


def _principal(person: Document, member_rows: list[Document], credential: Credential | None) -> Principal:
    roles = {str(row["team_id"]): Role(row["role"]) for row in member_rows}
    return Principal(str(person["_id"]), person["email"], person["name"], bool(person["is_admin"]), roles, credential)


def _note_use(token_id: ObjectId, last: datetime | None, moment: datetime) -> None:
    """Keep `last_used_at` true to five minutes without a write per request."""
    if last is None or moment - last > LAST_USED_EVERY:
        tokens().update_one({"_id": token_id}, {"$set": {"last_used_at": moment}})


# Names for lists


def people(user_ids: Iterable[ObjectId]) -> dict[ObjectId, Document]:
    """Name, e-mail address and whether it is active, by user id."""
    fields = {"email": 1, "name": 1, "is_active": 1}
    return {row["_id"]: row for row in users().find({"_id": {"$in": list(user_ids)}}, fields)}


def names_of_people(user_ids: Iterable[ObjectId | None]) -> dict[ObjectId, str]:
    """Names by user id; the e-mail address of those who gave no name."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    return {user_id: row["name"] or row["email"] for user_id, row in people(wanted).items()} if wanted else {}


def find_team(name_or_id: str) -> tuple[ObjectId, str] | None:
    """Id and name of a team by its id, or by a name that no other team has."""
    named = {"_id": ObjectId(name_or_id)} if ObjectId.is_valid(name_or_id) else {"name": name_or_id}
    found = list(teams().find(named, {"name": 1}).limit(2))
    return (found[0]["_id"], found[0]["name"]) if len(found) == 1 else None


def names_of_teams(team_ids: Iterable[ObjectId | None], session: ClientSession | None = None) -> dict[ObjectId, str]:
    """Names by team id, in alphabetical order."""
    wanted = {team_id for team_id in team_ids if team_id is not None}
    if not wanted:
        return {}
    found = teams().find({"_id": {"$in": list(wanted)}}, {"name": 1}, session=session).sort("name", 1)
    return {row["_id"]: row["name"] for row in found}


# Tokens


def find_token(token_id: ObjectId) -> Document:
    """A token's row without its hash. Raises NotFound."""
    found = tokens().find_one({"_id": token_id}, {"hash": 0})
    if found is None:
        raise NotFound("there is no such token")
    return found


def delete_token(token_id: ObjectId, owner: ObjectId) -> None:
    """End a token of `owner` at once. Raises NotFound."""
    if tokens().delete_one({"_id": token_id, "user_id": owner}).deleted_count == 0:
        raise NotFound("there is no such token")


def delete_oldest_login_token(owner: ObjectId) -> bool:
    """Whether there was one. Index: `token_user_created`."""
    oldest = tokens().find_one({"user_id": owner, "name": LOGIN_TOKEN_NAME}, {"_id": 1}, sort=[("created_at", 1)])
    return oldest is not None and tokens().delete_one({"_id": oldest["_id"]}).deleted_count > 0


def delete_tokens_of(user_id: ObjectId, *, except_for: str | None = None) -> None:
    """End every token of a person but the one with the id `except_for`."""
    condition: Document = {"user_id": user_id}
    if except_for:
        condition["_id"] = {"$ne": ObjectId(except_for)}
    tokens().delete_many(condition)


# Teams and members


def team_exists(team_id: ObjectId) -> bool:
    return teams().count_documents({"_id": team_id}, limit=1) > 0


def lock_members(team_id: ObjectId, session: ClientSession) -> None:
    """Make two changes of one team's members conflict, so that what the transaction counts cannot go stale."""
    teams().update_one({"_id": team_id}, {"$inc": {"members_rev": 1}}, session=session)


def find_member(team_id: ObjectId, user_id: ObjectId, session: ClientSession) -> Document:
    """The membership row. Raises NotFound."""
    found = memberships().find_one({"team_id": team_id, "user_id": user_id}, session=session)
    if found is None:
        raise NotFound("there is no such member")
    return found


def has_other_admin(team_id: ObjectId, user_id: ObjectId, session: ClientSession) -> bool:
    """Whether somebody besides this person, whose account is not disabled, administers the team."""
    others = {"team_id": team_id, "role": Role.ADMIN.value, "user_id": {"$ne": user_id}}
    ids = memberships().distinct("user_id", others, session=session)
    return users().count_documents({"_id": {"$in": ids}, "is_active": True}, limit=1, session=session) > 0


def set_role(membership_id: ObjectId, role: Role, session: ClientSession) -> None:
    memberships().update_one({"_id": membership_id}, {"$set": {"role": role.value}}, session=session)


def delete_member(membership_id: ObjectId, session: ClientSession) -> None:
    memberships().delete_one({"_id": membership_id}, session=session)


# Accounts of the instance


def find_person(user_id: ObjectId) -> Document:
    """An account without its password's hash. Raises NotFound."""
    found = users().find_one({"_id": user_id}, {"password": 0})
    if found is None:
        raise NotFound("there is no such account")
    return found


def person_by_email(email: str) -> Document | None:
    """`_id` and `email` of the account with this address in lower case. Index: `user_email`."""
    return users().find_one({"email": email}, {"email": 1})


def is_in_any(user_id: ObjectId, team_ids: Iterable[ObjectId]) -> bool:
    """Whether the person is a member of one of these teams."""
    return memberships().count_documents({"user_id": user_id, "team_id": {"$in": list(team_ids)}}, limit=1) > 0


def lock_people(session: ClientSession) -> None:
    """Make two changes of who administers the instance conflict, so that one of two stays an administrator."""
    db()["instance_settings"].update_one({"key": "owner"}, {"$inc": {"people_rev": 1}}, session=session)


def is_active_admin(user_id: ObjectId, session: ClientSession) -> bool:
    """Whether the person administers the instance and is not disabled."""
    return users().count_documents({"_id": user_id, **_ACTIVE_ADMIN}, limit=1, session=session) > 0


def has_other_instance_admin(user_id: ObjectId, session: ClientSession) -> bool:
    """Whether somebody besides this person, whose account is not disabled, administers the instance."""
    return users().count_documents({"_id": {"$ne": user_id}, **_ACTIVE_ADMIN}, limit=1, session=session) > 0


def change_person(user_id: ObjectId, change: Document, session: ClientSession) -> None:
    users().update_one({"_id": user_id}, {"$set": change}, session=session)
