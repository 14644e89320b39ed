"""The collection `git_connections`: servers of repositories, and what opens them, for a team.

Token and private keys are sealed together, bound to their document; what a sign-in has given is sealed beside them,
since it is renewed all the time, and is no change of the connection. Indexes: `git_connections.team_name` (a name
once in a team), `team_listed`, `team_created`, `sign_ins_unused`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict, cast

import bson
from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from builds.connections.errors import ConnectionNotFound
from kubeorch.base import seal
from kubeorch.base.clock import now
from kubeorch.mongo.client import db
from kubeorch.mongo.resealing import SealedField

State = Literal["untested", "ok", "failed"]
CONNECTIONS_OF_A_TEAM = 50
KEYS_MOST = 2
"""One, and while it is replaced the next one beside it."""


class Trouble(TypedDict):
    """Why the last test failed."""

    code: str
    detail: str


class DeployKey(TypedDict):
    """The public half of a key; the private one is sealed."""

    id: str
    public: str
    fingerprint: str
    created_at: datetime


class App(TypedDict):
    """A GitHub App, and where it is installed; its private key is sealed in place of a token."""

    id: str
    """App ID or client ID."""
    installation: str
    """Its number."""


class OAuth(TypedDict):
    """A client at the server, as which people sign in; its secret is sealed in place of a token."""

    client_id: str


class GrantState(TypedDict):
    """What is not secret of a grant."""

    id: ObjectId
    """Of the sign-in: renewing keeps it."""
    signed_in_at: datetime
    renewed_at: datetime
    renew_unused_at: datetime | None
    """From when on it is renewed although nobody needs it; None where there is nothing to renew it with."""
    renew_from: datetime | None
    """From when on whoever needs it renews it; None where the token has no end."""
    ends_at: datetime | None
    """Of the access token; None where it has no end."""
    busy_until: datetime | None
    """While a process renews it."""
    signed_in_by: NotRequired[ObjectId]
    """Who did, here; not known of an older one."""
    refused_at: NotRequired[datetime | None]
    """Of one that cannot be renewed: since when its server takes the token no more."""


class GitConnection(TypedDict):
    """A document of the collection. Times are UTC."""

    _id: ObjectId
    team_id: ObjectId
    name: str
    provider: str
    address: str
    """Where the server is, as `https://git.example.com`."""
    ca: str
    """PEM of the authority that signed its certificate; "" for those that everybody knows."""
    username: str
    app: NotRequired[App | None]
    oauth: NotRequired[OAuth | None]
    grant: NotRequired[Binary | None]
    """Of `Tokens`."""
    grant_state: NotRequired[GrantState | None]
    begun: NotRequired[Binary | None]
    """Of `Begun`."""
    has_token: bool
    sealed: Binary
    """Of `Secrets`."""
    keys: list[DeployKey]
    """The newest first, which is tried first."""
    user: str
    """Whose the token is, as the server said when it was last tested; "" where it did not."""
    scopes: list[str] | None
    """What the token may, as the server said; None where it did not."""
    expires_at: datetime | None
    expiry_is_told: bool
    """By the server; else a person has written it down."""
    state: State
    trouble: Trouble | None
    checked_at: datetime | None
    created_at: datetime
    created_by: ObjectId
    updated_at: datetime
    touched_at: datetime | None
    """Written by transactions that rest on it, so that two of them meet."""
    rev: int


@dataclass(frozen=True, slots=True)
class Secrets:
    """What opens a server."""

    token: str = field(default="", repr=False)
    """Or the private key of an App, in PEM, or the secret of a client."""
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Private keys by id."""


def collection() -> Collection[GitConnection]:
    return cast("Collection[GitConnection]", db()["git_connections"])


def find(connection_id: ObjectId, scope: Mapping[str, Any]) -> GitConnection:
    """Raises ConnectionNotFound."""
    found = collection().find_one({"_id": connection_id, **scope})
    if found is None:
        raise ConnectionNotFound
    return found


def of_team(connection_id: ObjectId, team_id: ObjectId) -> GitConnection:
    """Raises ConnectionNotFound, also for one of another team."""
    return find(connection_id, {"team_id": team_id})


def sealed(connection_id: ObjectId, secrets: Secrets) -> Binary:
    document = {"token": secrets.token, "keys": list(secrets.keys.items())}
    return Binary(seal.seal(bson.encode(document), aad=_aad(connection_id)))


def secrets_of(row: GitConnection) -> Secrets:
    """Raises Unsealable."""
    document = bson.decode(seal.unseal(bytes(row["sealed"]), aad=_aad(row["_id"])))
    return Secrets(document["token"], dict(document["keys"]))


def _aad(connection_id: ObjectId) -> str:
    return f"git_connections/{connection_id}/sealed"


def aad_of_grant(connection_id: ObjectId) -> str:
    return f"git_connections/{connection_id}/grant"


def aad_of_begun(connection_id: ObjectId) -> str:
    return f"git_connections/{connection_id}/begun"


SEALED = (
    SealedField("git_connections", "sealed", lambda row: _aad(row["_id"])),
    SealedField("git_connections", "grant", lambda row: aad_of_grant(row["_id"])),
    SealedField("git_connections", "begun", lambda row: aad_of_begun(row["_id"])),
)


def line_up(team_id: ObjectId, session: ClientSession) -> None:
    """Whoever else adds one for the team at this moment meets us at its oldest one, and comes after."""
    collection().find_one_and_update(
        {"team_id": team_id}, {"$set": {"touched_at": now()}}, projection={"_id": 1}, sort=[("_id", 1)], session=session
    )


def count_of(team_id: ObjectId, session: ClientSession) -> int:
    return collection().count_documents({"team_id": team_id}, session=session)


def insert(row: GitConnection, session: ClientSession) -> None:
    """Raises DuplicateKeyError for a name that the team has."""
    collection().insert_one(row, session=session)


def change(
    row: GitConnection, values: Mapping[str, Any], *, session: ClientSession | None = None
) -> GitConnection | None:
    """None for one that is gone or was changed since. Raises DuplicateKeyError for a name that the team has."""
    return collection().find_one_and_update(
        {"_id": row["_id"], "team_id": row["team_id"], "rev": row["rev"]},
        {"$set": {**values, "updated_at": now()}, "$inc": {"rev": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )


def note_test(row: GitConnection, values: Mapping[str, Any]) -> GitConnection:
    """What a test has found of just this row; of one that was changed meanwhile it says nothing."""
    found = collection().find_one_and_update(
        {"_id": row["_id"], "rev": row["rev"]},
        {"$set": {**values, "checked_at": now()}},
        return_document=ReturnDocument.AFTER,
    )
    return found or row


def hold(connection_id: ObjectId, team_id: ObjectId, session: ClientSession) -> None:
    """Whoever removes it meanwhile fails, or we do: nothing names a connection that is gone.

    Raises ConnectionNotFound.
    """
    place = {"_id": connection_id, "team_id": team_id}
    if collection().update_one(place, {"$set": {"touched_at": now()}}, session=session).matched_count == 0:
        raise ConnectionNotFound


def delete(row: GitConnection, session: ClientSession) -> None:
    collection().delete_one({"_id": row["_id"], "team_id": row["team_id"]}, session=session)


def names_of(connection_ids: set[ObjectId]) -> dict[ObjectId, str]:
    found = collection().find({"_id": {"$in": list(connection_ids)}}, {"name": 1})
    return {row["_id"]: row["name"] for row in found}
