"""How people get an account: the first one, later ones by invite, or by open sign-up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bson import ObjectId
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.utils.module_loading import import_string
from pymongo.client_session import ClientSession

from kubeorch.accounts import passwords, throttle
from kubeorch.accounts.emails import clean_email
from kubeorch.accounts.invites import open_invite, use_invite
from kubeorch.accounts.members import insert_team
from kubeorch.accounts.models import TEAM_NAME_MAX, InstanceSetting, User
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import Role
from kubeorch.base.errors import Conflict
from kubeorch.mongo.transaction import run_in_transaction

log = logging.getLogger(__name__)

OWNER = "owner"
SIGNUP = "signup"
ATTEMPTS_TO_BE_FIRST = 3
OWN_TEAM = "'s team"


class EmailTaken(Conflict):
    code = "account.email_taken"

    def __init__(self) -> None:
        super().__init__("there is an account with this e-mail address; sign in instead", field="email")


@dataclass(frozen=True, slots=True)
class Registered:
    user: User
    team_id: ObjectId
    is_first: bool


def signup_mode() -> str:
    """`first` while nobody has registered, then `invite` or `open`."""
    if not InstanceSetting.objects.filter(key=OWNER).exists():
        return "first"
    return stored_signup()


def stored_signup() -> str:
    """`open` or `invite`, as an administrator of the instance chose; `invite` until then."""
    row = InstanceSetting.objects.filter(key=SIGNUP).first()
    return "open" if row is not None and row.value == "open" else "invite"


def set_signup(mode: str) -> None:
    InstanceSetting.objects.update_or_create(key=SIGNUP, defaults={"value": mode})


def count_registration(source: str) -> None:
    """Raises TooManyAttempts: nobody may try invite codes and addresses by the thousand from one place."""
    throttle.count_source("register", source)


def register(email: str, password: str, name: str, invite_code: str = "") -> Registered:
    """Make an account: the very first one administers the instance and gets the team Default.

    Later ones join the team of their invite, or get a team of their own where sign-up is open.
    Of any number of first registrations at once exactly one is first.
    Raises InvalidInput, EmailTaken, InviteNeeded or BadInvite.
    """
    email = clean_email(email)
    name = name.strip()
    passwords.check_strength(password, email=email, name=name)
    if signup_mode() == "invite":  # before the costly hash, and before the answer says anything about the address
        open_invite(invite_code, email)
    hashed = make_password(password)

    def work(session: ClientSession) -> Registered:
        user = User(email=email, name=name, password=hashed)
        if not InstanceSetting.objects.filter(key=OWNER).exists():
            user.is_admin = True
            user.save()
            InstanceSetting.objects.create(key=OWNER, value=str(user.pk))
            return Registered(user, insert_team("Default", user), is_first=True)
        if not invite_code and stored_signup() == "open":
            user.save()
            return Registered(user, insert_team(_team_name_for(user), user), is_first=False)
        invite = open_invite(invite_code, email)
        user.save()
        use_invite(invite, user, session)
        return Registered(user, invite.team.pk, is_first=False)

    registered = _until_one_is_first(work, email)
    if registered.is_first:
        _welcome(registered)
    return registered


def _until_one_is_first(work: Callable[[ClientSession], Registered], email: str) -> Registered:
    """Run the registration again when another one has just become the first."""
    for _ in range(ATTEMPTS_TO_BE_FIRST):
        try:
            return run_in_transaction(work)
        except IntegrityError:
            if User.objects.filter(email=email).exists():
                raise EmailTaken from None
    raise Conflict("others are registering at this moment; try again")


def _welcome(registered: Registered) -> None:
    """Call what waits for the first team, with its owner; the roof names it (settings `ON_FIRST_TEAM`)."""
    try:
        waiting = import_string(getattr(settings, "ON_FIRST_TEAM", "kubeorch.welcome.ON_FIRST_TEAM"))
    except ImportError:
        log.exception("nothing waits for the first team")
        return
    user = registered.user
    owner = Principal(str(user.pk), user.email, user.name, user.is_admin, {str(registered.team_id): Role.ADMIN})
    for call in waiting:
        try:
            call(owner, registered.team_id)
        except Exception:
            log.exception("a welcome for the first team failed")


def _team_name_for(user: User) -> str:
    name = user.name or user.email.split("@")[0]
    return f"{name[: TEAM_NAME_MAX - len(OWN_TEAM)]}{OWN_TEAM}"
