"""What lets somebody in who cannot sign in yet: invites to teams, and codes for forgotten passwords."""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.accounts.roles import Role
from kubeorch.accounts.store import memberships, users
from kubeorch.base.clock import now
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import Document, db


def invites() -> Collection[Document]:
    return db()["invites"]


def password_resets() -> Collection[Document]:
    """`{_id: the person, hash, created_by_id, created_at, expires_at}`: one a person."""
    return db()["password_resets"]


def find_invite(invite_id: ObjectId) -> Document:
    """An invite without its hash. Raises NotFound."""
    found = invites().find_one({"_id": invite_id}, {"hash": 0})
    if found is None:
        raise NotFound("there is no such invite")
    return found


def use_invite(invite_id: ObjectId, user_id: ObjectId, session: ClientSession) -> bool:
    """Mark an unused invite as used by this person; False when another was quicker."""
    change = {"$set": {"used_at": now(), "used_by_id": user_id}}
    return invites().update_one({"_id": invite_id, "used_at": None}, change, session=session).matched_count > 0


def open_invites_of(team_id: ObjectId) -> int:
    """How many invites of the team could be used now. Index: `invite_team_created`."""
    return invites().count_documents({"team_id": team_id, "used_at": None, "expires_at": {"$gt": now()}})


def delete_open_invites_by(user_id: ObjectId) -> None:
    """End the unused invites that a person has made."""
    invites().delete_many({"created_by_id": user_id, "used_at": None})


def delete_open_invites_of_member(team_id: ObjectId, user_id: ObjectId, session: ClientSession) -> None:
    """End the unused invites to a team that a person has made, or that are for their address.

    Index: `invite_team_created`.
    """
    person = users().find_one({"_id": user_id}, {"email": 1}, session=session)
    theirs: list[Document] = [{"created_by_id": user_id}, *([{"email": person["email"]}] if person else [])]
    invites().delete_many({"team_id": team_id, "used_at": None, "$or": theirs}, session=session)


def delete_open_invites_elsewhere(user_id: ObjectId, session: ClientSession) -> None:
    """End the unused invites that a person has made to teams that they do not administer."""
    own = memberships().distinct("team_id", {"user_id": user_id, "role": Role.ADMIN.value}, session=session)
    invites().delete_many({"created_by_id": user_id, "used_at": None, "team_id": {"$nin": own}}, session=session)


def delete_reset_codes_by(user_id: ObjectId, session: ClientSession | None = None) -> None:
    """End the codes that a person has made for the passwords of others: one a person is there at most, for a day."""
    password_resets().delete_many({"created_by_id": user_id}, session=session)
