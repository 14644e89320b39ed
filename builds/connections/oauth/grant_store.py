"""What somebody's sign-in has given to a connection, in the document of the connection, sealed.

The access token is renewed all the time, by one process at a time: a refresh token may be of use once alone. Index:
`sign_ins_unused`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import bson
from bson import Binary, ObjectId
from pymongo import ReturnDocument

from builds.connections.store import (
    GitConnection,
    GrantState,
    Trouble,
    aad_of_begun,
    aad_of_grant,
    collection,
)
from builds.domain.git_sign_ins import Tokens
from kubeorch.base import seal
from kubeorch.base.clock import now
from kubeorch.mongo.client import AWARE

UNUSED = timedelta(days=7)
NO_GRANT: Mapping[str, Any] = {"grant": None, "grant_state": None, "begun": None}


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in whose answer is waited for."""

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    user_id: str
    redirect: str
    until: datetime


def grant_of(row: GitConnection) -> Tokens | None:
    """None where nobody is signed in. Raises Unsealable."""
    sealed, state = row.get("grant"), row.get("grant_state")
    if sealed is None or state is None:
        return None
    found = bson.decode(seal.unseal(bytes(sealed), aad=aad_of_grant(row["_id"])))
    return Tokens(found["access"], found["refresh"], state["ends_at"])


def new_grant(row: GitConnection, tokens: Tokens, at: datetime, by: ObjectId) -> dict[str, Any]:
    """Fields of a connection that somebody has signed in for."""
    state = GrantState(id=ObjectId(), signed_in_at=at, signed_in_by=by, **_renewed(tokens, at))  # type: ignore[typeddict-item]
    return {"grant": _sealed(row["_id"], tokens), "grant_state": state}


def begin(row: GitConnection, begun: Begun) -> bool:
    """Wait for the answer; one that was waited for before is none any more. False where the connection was changed."""
    document = {name: getattr(begun, name) for name in Begun.__slots__}
    sealed = Binary(seal.seal(bson.encode(document), aad=aad_of_begun(row["_id"])))
    place = {"_id": row["_id"], "team_id": row["team_id"], "rev": row["rev"]}
    return collection().update_one(place, {"$set": {"begun": sealed}}).matched_count == 1


def begun_of(row: GitConnection) -> Begun | None:
    """Raises Unsealable."""
    sealed = row.get("begun")
    if sealed is None:
        return None
    return Begun(**bson.decode(seal.unseal(bytes(sealed), aad=aad_of_begun(row["_id"])), AWARE))


def take_begun(row: GitConnection) -> bool:
    """Whether the answer is taken by this request: by one alone."""
    place = {"_id": row["_id"], "begun": row.get("begun")}
    return collection().update_one(place, {"$set": {"begun": None}}).modified_count == 1


def claim(row: GitConnection, *, lasts: timedelta) -> bool:
    """Whether this process renews the tokens that the row has, for so long. By the clock of the database alone:
    those of two machines differ, and a refresh token that is shown twice ends a sign-in."""
    state = row.get("grant_state")
    if state is None:
        return False
    place = {
        **_place(row, state),
        "grant_state.renewed_at": state["renewed_at"],
        "$or": [{"grant_state.busy_until": None}, {"$expr": {"$lte": ["$grant_state.busy_until", "$$NOW"]}}],
    }
    return collection().update_one(place, [_busy_for(lasts)]).modified_count == 1


def keep(row: GitConnection, state: GrantState, tokens: Tokens) -> GitConnection | None:
    """What the process that claimed it has got; None where somebody has signed in anew meanwhile, or out."""
    values = {f"grant_state.{name}": value for name, value in _renewed(tokens, now()).items()}
    return collection().find_one_and_update(
        _place(row, state),
        {"$set": {"grant": _sealed(row["_id"], tokens), **values}},
        return_document=ReturnDocument.AFTER,
    )


def give_back(row: GitConnection, state: GrantState, *, busy_for: timedelta | None) -> None:
    """The process that claimed it has got nothing; nobody asks for so long."""
    values: Any = {"$set": {"grant_state.busy_until": None}} if busy_for is None else [_busy_for(busy_for)]
    collection().update_one(_place(row, state), values)


def end(row: GitConnection, state: GrantState, trouble: Trouble) -> None:
    """The server takes it no more: somebody has to sign in again."""
    values = {"grant": None, "grant_state": None, "state": "failed", "trouble": trouble, "checked_at": now()}
    collection().update_one(_place(row, state), {"$set": values})


def renew_soon(row: GitConnection, state: GrantState) -> None:
    """The server took the access token no more before its end: whoever needs one next gets another."""
    place = {**_place(row, state), "grant_state.renewed_at": state["renewed_at"]}
    moment = now()
    collection().update_one(place, {"$set": {"grant_state.renew_from": moment, "grant_state.ends_at": moment}})


def note_refused(row: GitConnection, state: GrantState, at: datetime | None) -> None:
    """Its server takes the token no more since then, or again; the first of several counts."""
    new = {"grant_state.refused_at": None if at is not None else {"$ne": None}}
    collection().update_one({**_place(row, state), **new}, {"$set": {"grant_state.refused_at": at}})


def unused(at: datetime, most: int) -> list[GitConnection]:
    """Whose tokens are to be renewed although nobody needs them, the longest due first."""
    found = collection().find({"grant_state.renew_unused_at": {"$type": "date", "$lte": at}})
    return list(found.sort("grant_state.renew_unused_at", 1).limit(most))


def put_off(row: GitConnection, state: GrantState, until: datetime | None) -> None:
    """It could not be renewed now, and the others have their turn; None where it never can be."""
    collection().update_one(_place(row, state), {"$set": {"grant_state.renew_unused_at": until}})


def _busy_for(lasts: timedelta) -> dict[str, Any]:
    until = {"$add": ["$$NOW", int(lasts.total_seconds() * 1000)]}
    return {"$set": {"grant_state.busy_until": until}}


def _place(row: GitConnection, state: GrantState) -> dict[str, Any]:
    return {"_id": row["_id"], "grant_state.id": state["id"]}


def _renewed(tokens: Tokens, at: datetime) -> dict[str, Any]:
    return {
        "renewed_at": at,
        "renew_unused_at": at + UNUSED if tokens.refresh else None,
        "renew_from": tokens.renew_from(at),
        "ends_at": tokens.ends_at,
        "busy_until": None,
    }


def _sealed(connection_id: ObjectId, tokens: Tokens) -> Binary:
    document = {"access": tokens.access, "refresh": tokens.refresh}
    return Binary(seal.seal(bson.encode(document), aad=aad_of_grant(connection_id)))
