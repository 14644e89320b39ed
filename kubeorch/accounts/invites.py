"""Invites to teams: a code that lets one person join with one role."""

from __future__ import annotations

from datetime import timedelta

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts import letting_in_store, store
from kubeorch.accounts.codes import new_invite_code
from kubeorch.accounts.emails import clean_email
from kubeorch.accounts.members import member_team
from kubeorch.accounts.models import Invite, Membership, User
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import Role
from kubeorch.accounts.scope import require
from kubeorch.base.clock import now
from kubeorch.base.digests import code_digest
from kubeorch.base.errors import Conflict, Forbidden, NotFound
from kubeorch.mongo.client import Document
from kubeorch.mongo.ids import as_object_id
from kubeorch.mongo.transaction import run_in_transaction

INVITE_DAYS = 7
MOST_OPEN = 200
"""Unused invites of one team."""


class BadInvite(Forbidden):
    code = "signup.invite"

    def __init__(self, detail: str = "this invite code is unknown, used or expired; ask for a new one") -> None:
        super().__init__(detail, field="invite_code")


class InviteNeeded(Forbidden):
    code = "signup.invite_needed"

    def __init__(self) -> None:
        super().__init__("an account needs an invite code here; ask an administrator", field="invite_code")


def create_invite(principal: Principal, team_id: object, role: Role, email: str) -> tuple[Document, str]:
    """An invite and its code, which is shown this once. Raises NotFound, Forbidden, InvalidInput or Conflict."""
    team = member_team(principal, team_id, "invite.edit")
    address = clean_email(email) if email else ""
    if letting_in_store.open_invites_of(team) >= MOST_OPEN:
        raise Conflict(f"the team has {MOST_OPEN} unused invites; withdraw some first", code="invite.too_many")
    code = new_invite_code()
    made = Invite.objects.create(
        team_id=team,
        role=role,
        email=address,
        hash=code_digest(code),
        created_by_id=ObjectId(principal.user_id),
        expires_at=now() + timedelta(days=INVITE_DAYS),
    )
    return letting_in_store.find_invite(made.pk), code


def withdraw_invite(principal: Principal, invite_id: object) -> Document:
    """Delete an invite; its code no longer works. Gives back the row. Raises NotFound or Forbidden."""
    found = letting_in_store.find_invite(as_object_id(invite_id, what="invite"))
    if not principal.is_admin:
        if principal.role_in(found["team_id"]) is None:
            raise NotFound("there is no such invite")
        require(principal, "invite.edit", found["team_id"])
    letting_in_store.invites().delete_one({"_id": found["_id"]})
    return found


def accept_invite(principal: Principal, code: str) -> ObjectId:
    """Join the invite's team with an account that exists. Raises BadInvite, or Conflict for a member."""
    user = User.objects.get(pk=principal.user_id)

    def work(session: ClientSession) -> ObjectId:
        found = open_invite(code, user.email)
        if Membership.objects.filter(user=user, team=found.team).exists():
            raise Conflict("you are a member of this team already", code="team.member")
        use_invite(found, user, session)
        joined: ObjectId = found.team.pk
        return joined

    return run_in_transaction(work)


def open_invite(code: str, email: str) -> Invite:
    """The unused invite with this code, which this address may use, of somebody who may invite to that team now.

    Raises InviteNeeded or BadInvite.
    """
    if not code:
        raise InviteNeeded
    found = Invite.objects.filter(hash=code_digest(code.strip())).first()
    if found is None or found.used_at is not None or found.expires_at <= now():
        raise BadInvite
    if found.email and found.email != email:
        raise BadInvite("this invite is for another e-mail address")
    maker = store.principal_of_user(found.created_by.pk)
    if maker is None or not (maker.is_admin or maker.may("invite.edit", found.team.pk)):
        raise BadInvite("who made this invite may no longer invite people to the team; ask for a new one")
    return found


def use_invite(found: Invite, user: User, session: ClientSession) -> None:
    """Make `user` a member of the invite's team. Raises BadInvite when somebody else has just used it.

    Conflicts with a change of the team's members: `open_invite` has asked what the maker of the invite may.
    """
    store.lock_members(found.team.pk, session)
    if not letting_in_store.use_invite(found.pk, user.pk, session):
        raise BadInvite
    Membership.objects.create(user=user, team=found.team, role=found.role)
