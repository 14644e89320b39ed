"""What people do with accounts, teams, invites and tokens."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import ObjectId
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError
from django.utils.module_loading import import_string
from pymongo.client_session import ClientSession

from kubeorch.accounts import passwords, sessions, throttle
from kubeorch.accounts.codes import hash_of, new_invite_code, new_token
from kubeorch.accounts.models import ApiToken, InstanceSetting, Invite, Membership, Team, User
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import Role
from kubeorch.accounts.scope import require
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from kubeorch.mongo.client import db
from kubeorch.mongo.ids import as_object_id
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.web.refusals import NotSignedIn

log = logging.getLogger(__name__)

OWNER = "owner"
SIGNUP = "signup"
LOGIN_TOKEN_DAYS = 30
MAX_TOKEN_DAYS = 365
INVITE_DAYS = 7
MAX_TOKENS = 100
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f\"(),:;<>\[\]\\]{1,64}@[^@\s\x00-\x1f\x7f.]+(?:\.[^@\s\x00-\x1f\x7f.]+)*\Z")


class EmailTaken(Conflict):
    code = "account.email_taken"

    def __init__(self) -> None:
        super().__init__("there is an account with this e-mail address; sign in instead", field="email")


class BadInvite(Forbidden):
    code = "signup.invite"

    def __init__(self, detail: str = "this invite code is unknown, used or expired; ask for a new one") -> None:
        super().__init__(detail, field="invite_code")


class InviteNeeded(Forbidden):
    code = "signup.invite_needed"

    def __init__(self) -> None:
        super().__init__("an account needs an invite code here; ask an administrator", field="invite_code")


class BadLogin(NotSignedIn):
    """One answer for an unknown address, a wrong password and a disabled account."""

    code = "auth.failed"

    def __init__(self) -> None:
        super().__init__("the e-mail address or the password is not right")


class LastAdmin(Conflict):
    code = "team.last_admin"

    def __init__(self) -> None:
        super().__init__("a team keeps at least one administrator; make somebody else one first")


@dataclass(frozen=True, slots=True)
class Registered:
    user: User
    team_id: ObjectId
    is_first: bool


def clean_email(text: str, *, field: str = "email") -> str:
    """The address in lower case. Raises InvalidInput when it cannot be one."""
    email = text.strip().lower()
    if len(email) > 254 or not _EMAIL.match(email) or any(unicodedata.category(letter) == "Cf" for letter in email):
        raise InvalidInput("this is not an e-mail address", code="account.email", field=field)
    return email


def signup_mode() -> str:
    """`first` while nobody has registered, then `invite` or `open`."""
    if not InstanceSetting.objects.filter(key=OWNER).exists():
        return "first"
    return stored_signup()


def stored_signup() -> str:
    row = InstanceSetting.objects.filter(key=SIGNUP).first()
    return "open" if row is not None and row.value == "open" else "invite"


def set_signup(mode: str) -> None:
    InstanceSetting.objects.update_or_create(key=SIGNUP, defaults={"value": mode})


def register(email: str, password: str, name: str, invite_code: str = "") -> Registered:
    """Make an account: the very first one administers the instance and gets the team Default.

    Later ones join the team of their invite, or get a team of their own where sign-up is open.
    Of any number of first registrations at once exactly one is first.
    Raises InvalidInput, EmailTaken, InviteNeeded or BadInvite.
    """
    email = clean_email(email)
    name = name.strip()
    passwords.check_strength(password, email=email, name=name)
    if signup_mode() == "invite":  # before the costly hash and before saying anything of the address
        _open_invite(invite_code, email)
    hashed = make_password(password)

    def work(session: ClientSession) -> Registered:
        user = User(email=email, name=name, password=hashed)
        if not InstanceSetting.objects.filter(key=OWNER).exists():
            user.is_admin = True
            user.save()
            InstanceSetting.objects.create(key=OWNER, value=str(user.pk))
            return Registered(user, _new_team("Default", user), is_first=True)
        if not invite_code and stored_signup() == "open":
            user.save()
            return Registered(user, _new_team(_team_name_for(user), user), is_first=False)
        invite = _open_invite(invite_code, email)
        user.save()
        _use_invite(invite, user, session)
        return Registered(user, invite.team.pk, is_first=False)

    registered = _settled(work, email)
    if registered.is_first:
        _welcome(registered)
    return registered


def _settled(work: Callable[[ClientSession], Registered], email: str) -> Registered:
    """Run the registration again when another took the first place meanwhile."""
    for _ in range(3):
        try:
            return run_in_transaction(work)
        except IntegrityError:
            if User.objects.filter(email=email).exists():
                raise EmailTaken from None
    raise Conflict("others are registering at this moment; try again")


def _welcome(registered: Registered) -> None:
    """Call what waits for the first team; the roof names it (settings `ON_FIRST_TEAM`)."""
    try:
        waiting = import_string(getattr(settings, "ON_FIRST_TEAM", "kubeorch.welcome.ON_FIRST_TEAM"))
    except ImportError:
        log.exception("nothing waits for the first team")
        return
    for call in waiting:
        try:
            call(registered.team_id, registered.user.pk)
        except Exception:
            log.exception("a welcome for the first team failed")


def _new_team(name: str, admin: User) -> ObjectId:
    team = Team.objects.create(name=name)
    Membership.objects.create(user=admin, team=team, role=Role.ADMIN)
    team_id: ObjectId = team.pk
    return team_id


def _team_name_for(user: User) -> str:
    return f"{(user.name or user.email.split('@')[0])[:90]}'s team"


# Invites


def create_team(name: str, admin: Principal) -> ObjectId:
    """A new team administered by `admin`, who has been checked to be an administrator of the instance."""
    return run_in_transaction(lambda _: _new_team(name.strip(), User.objects.get(pk=admin.user_id)))


def invite(team_id: ObjectId, role: Role, email: str, *, by: Principal) -> tuple[Invite, str]:
    """Make an invite and its code, which is shown this once. The caller has checked `invite.edit`."""
    code = new_invite_code()
    made = Invite.objects.create(
        team_id=team_id,
        role=role,
        email=clean_email(email) if email else "",
        hash=hash_of(code),
        created_by_id=ObjectId(by.user_id),
        expires_at=now() + timedelta(days=INVITE_DAYS),
    )
    return made, code


def accept_invite(actor: Principal, code: str) -> ObjectId:
    """Join the invite's team with an account one has. Raises BadInvite, or Conflict for a member."""
    user = User.objects.get(pk=actor.user_id)

    def work(session: ClientSession) -> ObjectId:
        found = _open_invite(code, user.email)
        if Membership.objects.filter(user=user, team=found.team).exists():
            raise Conflict("you are a member of this team already", code="team.member")
        _use_invite(found, user, session)
        joined: ObjectId = found.team.pk
        return joined

    return run_in_transaction(work)


def _open_invite(code: str, email: str) -> Invite:
    if not code:
        raise InviteNeeded
    found = Invite.objects.filter(hash=hash_of(code.strip())).first()
    if found is None or found.used_at is not None or found.expires_at <= now():
        raise BadInvite
    if found.email and found.email != email:
        raise BadInvite("this invite is for another e-mail address")
    return found


def _use_invite(found: Invite, user: User, session: ClientSession) -> None:
    taken = db()["invites"].update_one(
        {"_id": found.pk, "used_at": None}, {"$set": {"used_at": now(), "used_by_id": user.pk}}, session=session
    )
    if taken.matched_count == 0:
        raise BadInvite
    Membership.objects.create(user=user, team=found.team, role=found.role)


# Signing in and out


def count_registration(source: str) -> None:
    """Raises TooManyAttempts: invite codes and addresses are not to be guessed by the thousand from one place."""
    throttle.count_source("register", source)


def sign_in(email: str, password: str, source: str) -> User:
    """The person, if the password is theirs. Raises BadLogin or TooManyAttempts.

    Costs one password hash whether the address is known or not.
    """
    email = email.strip().lower()
    throttle.count_attempt("login", email, source)
    user = User.objects.filter(email=email).first()
    if user is None:
        make_password(password)  # the time a wrong password takes
        raise BadLogin
    if not check_password(password, user.password) or not user.is_active:
        raise BadLogin
    throttle.forgive("login", email, source)
    return user


def new_api_token(user_id: object, name: str, days: int = LOGIN_TOKEN_DAYS) -> tuple[ApiToken, str]:
    """A token row and the token itself, which is shown this once."""
    owner = ObjectId(str(user_id))
    if ApiToken.objects.filter(user_id=owner, expires_at__gt=now()).count() >= MAX_TOKENS:
        _drop_oldest_login_token(owner)
    token = new_token()
    row = ApiToken.objects.create(
        user_id=owner, name=name, hash=hash_of(token), hint=token[:8], expires_at=now() + timedelta(days=days)
    )
    return row, token


def _drop_oldest_login_token(owner: ObjectId) -> None:
    tokens = db()["api_tokens"]
    oldest = tokens.find_one({"user_id": owner, "name": "login"}, {"_id": 1}, sort=[("created_at", 1)])
    if oldest is None:
        raise Conflict(f"you have {MAX_TOKENS} tokens; revoke one first", code="token.too_many")
    tokens.delete_one({"_id": oldest["_id"]})


def revoke_token(actor: Principal, token_id: object) -> None:
    """End one of one's own tokens at once. Raises NotFound."""
    condition = {"_id": as_object_id(token_id, what="token"), "user_id": ObjectId(actor.user_id)}
    if db()["api_tokens"].delete_one(condition).deleted_count == 0:
        raise NotFound("there is no such token")


def change_password(actor: Principal, current: str, new: str, source: str) -> User:
    """Set a new password and end every other session and token of the person.

    Raises InvalidInput when `current` is wrong or `new` too weak, TooManyAttempts when guessed at.
    """
    user = User.objects.get(pk=actor.user_id)
    throttle.count_attempt("password", user.email, source)
    if not check_password(current, user.password):
        raise InvalidInput("this is not your current password", code="password.wrong", field="current_password")
    throttle.forgive("password", user.email, source)
    passwords.check_strength(new, email=user.email, name=user.name, field="new_password")
    user.password = make_password(new)
    user.save(update_fields=["password"])
    end_access(user.pk, keep=actor)
    return user


def end_access(user_id: ObjectId, *, keep: Principal | None = None) -> None:
    """End sessions and tokens of a person, all but the credential of `keep`."""
    kept = keep.credential if keep is not None else None
    sessions.end_sessions_of(user_id, except_for=kept.key if kept and kept.kind == "session" else None)
    condition: dict[str, Any] = {"user_id": user_id}
    if kept and kept.kind == "token":
        condition["_id"] = {"$ne": ObjectId(kept.key)}
    db()["api_tokens"].delete_many(condition)


# Members


def member_team(actor: Principal, team_id: object, verb: str) -> ObjectId:
    """The team if the person may know of it and do `verb`; instance administrators may in every team."""
    found = as_object_id(team_id, what="team")
    if actor.is_admin:
        if db()["teams"].count_documents({"_id": found}, limit=1) == 0:
            raise NotFound("there is no such team")
        return found
    if actor.role_in(found) is None:
        raise NotFound("there is no such team")
    require(actor, verb, found)
    return found


def set_role(actor: Principal, team_id: object, user_id: object, role: Role) -> None:
    """Change a member's role. Raises LastAdmin when the team would be left without one."""
    team = member_team(actor, team_id, "member.edit")
    member = as_object_id(user_id, what="member")

    def work(session: ClientSession) -> None:
        found = _member(team, member, session)
        if found["role"] == Role.ADMIN and role != Role.ADMIN:
            _keep_an_admin(team, member, session)
        db()["memberships"].update_one({"_id": found["_id"]}, {"$set": {"role": role.value}}, session=session)

    run_in_transaction(work)


def remove_member(actor: Principal, team_id: object, user_id: object) -> None:
    """Take somebody out of a team; anybody may leave. Raises LastAdmin."""
    member = as_object_id(user_id, what="member")
    verb = "team.read" if str(member) == actor.user_id else "member.edit"
    team = member_team(actor, team_id, verb)

    def work(session: ClientSession) -> None:
        found = _member(team, member, session)
        if found["role"] == Role.ADMIN:
            _keep_an_admin(team, member, session)
        db()["memberships"].delete_one({"_id": found["_id"]}, session=session)

    run_in_transaction(work)


def _member(team: ObjectId, member: ObjectId, session: ClientSession) -> dict[str, Any]:
    # the write makes two changes of one team conflict, so the count below cannot go stale
    db()["teams"].update_one({"_id": team}, {"$inc": {"members_rev": 1}}, session=session)
    found = db()["memberships"].find_one({"team_id": team, "user_id": member}, session=session)
    if found is None:
        raise NotFound("there is no such member")
    return found


def _keep_an_admin(team: ObjectId, leaving: ObjectId, session: ClientSession) -> None:
    others = {"team_id": team, "role": Role.ADMIN.value, "user_id": {"$ne": leaving}}
    if db()["memberships"].count_documents(others, limit=1, session=session) == 0:
        raise LastAdmin
