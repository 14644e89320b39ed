"""The collection `cluster_sign_ins`: one sign-in at an identity provider, for all clusters of a team that use it.

A sign-in is that of one account at the provider (`sub`), so another account's never takes its place.
Indexes: `team_identity` (unique), `unused` (of sign-ins that no cluster uses, which the database removes).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict, cast

import orjson
from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from clusters.oidc.provider import Client, Tokens
from kubeorch.base import seal
from kubeorch.base.clock import now
from kubeorch.mongo.client import db
from kubeorch.mongo.resealing import SealedField

SIGN_INS_MOST = 100
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
    sub: NotRequired[str]
    """The account at the provider; absent in sign-ins of an earlier release until their tokens are renewed."""
    people: NotRequired[list[ObjectId]]
    """Who has signed in as that account: they may send its tokens to a server that has not had them yet."""
    subject: str
    """The account, for people."""
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


def find_of(team_id: ObjectId, issuer: str, client_id: str) -> list[SignIn]:
    """All of a team at a provider as a client, the newest first, SIGN_INS_MOST at most. Index: `team_identity`."""
    found = _sign_ins().find({"team_id": team_id, "issuer": issuer, "client_id": client_id})
    return list(found.sort("refreshed_at", -1).limit(SIGN_INS_MOST))


def secrets_of(sign_in: SignIn) -> Secrets:
    """Raises Unsealable."""
    opened: Secrets = orjson.loads(seal.unseal(bytes(sign_in["sealed"]), aad=_aad(sign_in["_id"])))
    return opened


def client_of(sign_in: SignIn, secrets: Secrets) -> Client:
    authority = sign_in["ca"].encode("ascii") or None
    return Client(sign_in["issuer"], sign_in["client_id"], secrets["client_secret"], authority)


def given_digest(team_id: ObjectId, issuer: str, client_id: str, refresh_token: str) -> str:
    return seal.fingerprint(refresh_token.encode(), aad=f"cluster_sign_ins/{team_id}/{issuer}/{client_id}")


def save_new(team_id: ObjectId, person_id: ObjectId, client: Client, given: str, tokens: Tokens) -> SignIn:
    """A sign-in of a person, in the place of an earlier one of the same account as the same client."""
    account = {"team_id": team_id, "issuer": client.issuer, "client_id": client.client_id}
    earlier = [{"sub": tokens.sub}, {"sub": {"$exists": False}, "subject": tokens.subject}]
    found = _sign_ins().find_one({**account, "$or": earlier})
    sign_in_id = found["_id"] if found else ObjectId()
    authority = (client.ca_data or b"").decode("ascii")
    values = {**_renewed(sign_in_id, client.client_secret, tokens), "ca": authority, "given": given}
    if found is None:
        first = {
            "_id": sign_in_id,
            **account,
            **values,
            "people": [person_id],
            "unused_until": now() + UNUSED,
            "rev": 1,
        }
        try:
            _sign_ins().insert_one(cast("SignIn", first))
        except DuplicateKeyError:  # another request was first: what is sealed here is for another document
            return save_new(team_id, person_id, client, given, tokens)
        return cast("SignIn", first)
    saved = _sign_ins().find_one_and_update(
        {"_id": sign_in_id},
        {"$set": values, "$addToSet": {"people": person_id}, "$inc": {"rev": 1}},
        return_document=ReturnDocument.AFTER,
    )
    return saved or save_new(team_id, person_id, client, given, tokens)


def add_person(sign_in_id: ObjectId, person_id: ObjectId) -> None:
    """The person has signed in as that account, too."""
    _sign_ins().update_one({"_id": sign_in_id}, {"$addToSet": {"people": person_id}})


def use(sign_in_id: ObjectId, session: ClientSession) -> bool:
    """A cluster uses it from now on; whether it is still there. Who releases it at the same time conflicts."""
    used = _sign_ins().update_one(
        {"_id": sign_in_id}, {"$unset": {"unused_until": ""}, "$inc": {"uses": 1}}, session=session
    )
    return used.matched_count == 1


def release(sign_in_id: ObjectId, session: ClientSession) -> None:
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


def give_back(sign_in: SignIn) -> None:
    """The process that claimed it asks no more, and has learned nothing of what is stored."""
    _sign_ins().update_one({"_id": sign_in["_id"], "rev": sign_in["rev"]}, {"$set": {"renewing_until": None}})


def note_changed(sign_in: SignIn, client: Client, tokens: Tokens) -> SignIn | None:
    """What the process that claimed it has got as a client with another secret or authority, and these; None when
    somebody has signed in anew meanwhile."""
    values = {
        **_renewed(sign_in["_id"], client.client_secret, tokens),
        "ca": (client.ca_data or b"").decode("ascii"),
    }
    return _sign_ins().find_one_and_update(
        {"_id": sign_in["_id"], "rev": sign_in["rev"]},
        {"$set": values, "$inc": {"rev": 1}},
        return_document=ReturnDocument.AFTER,
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
        "sub": tokens.sub,
        "subject": tokens.subject,
        "expires_at": tokens.expires_at,
        "refreshed_at": now(),
        "error": "",
        "ended": False,
        "renewing_until": None,
    }


def _aad(sign_in_id: ObjectId) -> str:
    return f"cluster_sign_ins/{sign_in_id}/sealed"
