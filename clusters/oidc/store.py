"""The collection `cluster_sign_ins`: one sign-in at an identity provider, for all clusters of a team that use it.

Indexes: `team_issuer_client` (unique), `unused` (of sign-ins that no cluster uses, which the database removes).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict, cast

import orjson
from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from clusters.oidc.provider import Client, Tokens
from kubeorch.base import seal
from kubeorch.base.clock import now
from kubeorch.mongo.client import db
from kubeorch.mongo.resealing import SealedField

UNUSED = timedelta(hours=1)
"""How long a sign-in waits for its first cluster, as after a test of a connection."""


class Secrets(TypedDict):
    """What is sealed."""

    client_secret: str
    refresh_token: str
    id_token: str


class SignIn(TypedDict):
    """A document of the collection. Times are UTC."""

    _id: ObjectId
    team_id: ObjectId
    issuer: str
    client_id: str
    ca: str
    """PEM of the provider's certificate authority; "" for those that everybody knows."""
    sealed: Binary
    """Of Secrets; bound to this document."""
    given: str
    """Keyed digest of the refresh token that a person entered: entered once more, it is the same sign-in, although the
    provider may have replaced it since."""
    subject: str
    expires_at: datetime
    """Of the id token."""
    refreshed_at: datetime
    error: str
    """Why no new token came the last time; "" when it did."""
    failed_at: NotRequired[datetime]
    ended: bool
    """The provider wants somebody to sign in again."""
    renewing_until: NotRequired[datetime | None]
    """While a process asks for new tokens."""
    unused_until: NotRequired[datetime]
    """Absent once a cluster uses it."""
    rev: int


SEALED = (SealedField("cluster_sign_ins", "sealed", lambda row: _aad(row["_id"])),)


def _sign_ins() -> Collection[SignIn]:
    return cast("Collection[SignIn]", db()["cluster_sign_ins"])  # only this module writes it


def find(sign_in_id: ObjectId) -> SignIn | None:
    return _sign_ins().find_one({"_id": sign_in_id})


def find_of(team_id: ObjectId, issuer: str, client_id: str) -> SignIn | None:
    """Index: `team_issuer_client`."""
    return _sign_ins().find_one({"team_id": team_id, "issuer": issuer, "client_id": client_id})


def secrets_of(sign_in: SignIn) -> Secrets:
    """Raises Unsealable."""
    opened: Secrets = orjson.loads(seal.unseal(bytes(sign_in["sealed"]), aad=_aad(sign_in["_id"])))
    return opened


def client_of(sign_in: SignIn, secrets: Secrets) -> Client:
    authority = sign_in["ca"].encode("ascii") or None
    return Client(sign_in["issuer"], sign_in["client_id"], secrets["client_secret"], authority)


def given_digest(team_id: ObjectId, issuer: str, client_id: str, refresh_token: str) -> str:
    return seal.fingerprint(refresh_token.encode(), aad=f"cluster_sign_ins/{team_id}/{issuer}/{client_id}")


def save_new(team_id: ObjectId, client: Client, given: str, tokens: Tokens) -> SignIn:
    """A sign-in of a person, in the place of an earlier one at the same provider as the same client."""
    found = find_of(team_id, client.issuer, client.client_id)
    sign_in_id = found["_id"] if found else ObjectId()
    values = {
        **_renewed(sign_in_id, client.client_secret, tokens),
        "ca": (client.ca_data or b"").decode("ascii"),
        "given": given,
    }
    key = {"team_id": team_id, "issuer": client.issuer, "client_id": client.client_id}
    first = {"_id": sign_in_id, "unused_until": now() + UNUSED}
    saved = _sign_ins().find_one_and_update(
        key if found is None else {"_id": sign_in_id},
        {"$set": values, "$inc": {"rev": 1}, "$setOnInsert": first if found is None else {}},
        upsert=found is None,
        return_document=ReturnDocument.AFTER,
    )
    if saved is None or saved["_id"] != sign_in_id:  # another request was first: what it sealed is another document's
        return save_new(team_id, client, given, tokens)
    return saved


def use(sign_in_id: ObjectId, session: ClientSession | None = None) -> None:
    """A cluster uses it from now on."""
    _sign_ins().update_one({"_id": sign_in_id}, {"$unset": {"unused_until": ""}}, session=session)


def release(sign_in_id: ObjectId, session: ClientSession | None = None) -> None:
    """No cluster uses it any more: it is removed in a while."""
    _sign_ins().update_one({"_id": sign_in_id}, {"$set": {"unused_until": now() + UNUSED}}, session=session)


def claim(sign_in: SignIn, *, until: datetime) -> bool:
    """Whether this process is the one to renew the tokens, until then."""
    free: dict[str, Any] = {"$or": [{"renewing_until": None}, {"renewing_until": {"$lte": now()}}]}
    claimed = _sign_ins().update_one(
        {"_id": sign_in["_id"], "rev": sign_in["rev"], **free}, {"$set": {"renewing_until": until}}
    )
    return claimed.modified_count == 1


def note_renewed(sign_in: SignIn, client_secret: str, tokens: Tokens) -> None:
    """What the process that claimed it has got; nothing when a person has signed in anew meanwhile."""
    _sign_ins().update_one(
        {"_id": sign_in["_id"], "rev": sign_in["rev"]},
        {"$set": _renewed(sign_in["_id"], client_secret, tokens), "$inc": {"rev": 1}},
    )


def note_failed(sign_in: SignIn, error: str, *, ended: bool) -> None:
    _sign_ins().update_one(
        {"_id": sign_in["_id"], "rev": sign_in["rev"]},
        {
            "$set": {"error": error[:500], "ended": ended, "renewing_until": None, "failed_at": now()},
            "$inc": {"rev": 1},
        },
    )


def _renewed(sign_in_id: ObjectId, client_secret: str, tokens: Tokens) -> dict[str, Any]:
    secrets = Secrets(client_secret=client_secret, refresh_token=tokens.refresh_token, id_token=tokens.id_token)
    return {
        "sealed": Binary(seal.seal(orjson.dumps(secrets), aad=_aad(sign_in_id))),
        "subject": tokens.subject,
        "expires_at": tokens.expires_at,
        "refreshed_at": now(),
        "error": "",
        "ended": False,
        "renewing_until": None,
    }


def _aad(sign_in_id: ObjectId) -> str:
    return f"cluster_sign_ins/{sign_in_id}/sealed"
