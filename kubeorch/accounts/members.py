"""Teams and who is in them."""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts import letting_in_store, store
from kubeorch.accounts.models import Membership, Team, User
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import Role
from kubeorch.accounts.scope import require
from kubeorch.base.errors import Conflict, NotFound
from kubeorch.mongo.client import Document
from kubeorch.mongo.ids import as_object_id
from kubeorch.mongo.transaction import run_in_transaction


class LastAdmin(Conflict):
    code = "team.last_admin"

    def __init__(self) -> None:
        super().__init__("a team keeps at least one administrator; make somebody else one first")


def create_team(principal: Principal, name: str) -> ObjectId:
    """A new team that `principal` administers; the caller has checked that they administer the instance."""
    return run_in_transaction(lambda _: insert_team(name.strip(), User.objects.get(pk=principal.user_id)))


def insert_team(name: str, admin: User) -> ObjectId:
    """A new team with its first administrator, in the caller's transaction."""
    team = Team.objects.create(name=name)
    Membership.objects.create(user=admin, team=team, role=Role.ADMIN)
    team_id: ObjectId = team.pk
    return team_id


def member_team(principal: Principal, team_id: object, verb: str) -> ObjectId:
    """The team's id if the person may know of it and do `verb`; instance administrators may in every team.

    Raises NotFound or Forbidden.
    """
    found = as_object_id(team_id, what="team")
    knows_of_it = store.team_exists(found) if principal.is_admin else principal.role_in(found) is not None
    if not knows_of_it:
        raise NotFound("there is no such team")
    if not principal.is_admin:
        require(principal, verb, found)
    return found


def set_role(principal: Principal, team_id: object, user_id: object, role: Role) -> None:
    """Change a member's role; who no longer administers the team loses the invites that they made to it.

    Raises NotFound, Forbidden, or LastAdmin when the team would be left without an administrator.
    """
    team = member_team(principal, team_id, "member.edit")
    member = as_object_id(user_id, what="member")

    def work(session: ClientSession) -> None:
        store.lock_members(team, session)
        found = store.find_member(team, member, session)
        if role != Role.ADMIN:
            _check_an_admin_stays(found, session)
            letting_in_store.delete_open_invites_of_member(team, member, session)
        store.set_role(found["_id"], role, session)

    run_in_transaction(work)


def remove_member(principal: Principal, team_id: object, user_id: object) -> None:
    """Take somebody out of a team; anybody may leave. The way back is a new invite.

    Raises NotFound, Forbidden or LastAdmin.
    """
    member = as_object_id(user_id, what="member")
    verb = "team.read" if str(member) == principal.user_id else "member.edit"
    team = member_team(principal, team_id, verb)

    def work(session: ClientSession) -> None:
        store.lock_members(team, session)
        found = store.find_member(team, member, session)
        _check_an_admin_stays(found, session)
        letting_in_store.delete_open_invites_of_member(team, member, session)
        store.delete_member(found["_id"], session)

    run_in_transaction(work)


def _check_an_admin_stays(member: Document, session: ClientSession) -> None:
    """Raise LastAdmin if this member is the only administrator of the team, which `lock_members` has locked."""
    if member["role"] == Role.ADMIN and not store.has_other_admin(member["team_id"], member["user_id"], session):
        raise LastAdmin
