"""Passwords in exchange for access: signing in, changing the password, ending all access of a person."""

from __future__ import annotations

from bson import ObjectId
from django.contrib.auth.hashers import check_password, make_password

from kubeorch.accounts import letting_in_store, passwords, sessions, store, throttle
from kubeorch.accounts.models import User
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import InvalidInput
from kubeorch.web.refusals import NotSignedIn


class BadLogin(NotSignedIn):
    """One answer for an unknown address and a wrong password."""

    code = "auth.failed"

    def __init__(self) -> None:
        super().__init__("the e-mail address or the password is not right")


class DisabledSignIn(NotSignedIn):
    """Said to who has the right password alone: nobody learns from it which addresses have an account."""

    code = "auth.disabled"

    def __init__(self) -> None:
        super().__init__("this account is disabled; ask an administrator of this KubeOrch to enable it")


def sign_in(email: str, password: str, source: str, *, device: str = "", has_session: bool = False) -> User:
    """The person, if the password is theirs. Raises BadLogin, DisabledSignIn or TooManyAttempts.

    Costs one password hash whether the address is known or not. `device`: what the browser that asks was given when
    it signed in before. `has_session`: it is signed in as this very person.
    """
    email = email.strip().lower()
    attempt = throttle.count_attempt("login", email, source, device=device, is_known=has_session)
    user = User.objects.filter(email=email).first()
    if user is None:
        make_password(password)  # the time a wrong password takes
        raise BadLogin
    if not check_password(password, user.password):
        raise BadLogin
    if not user.is_active:
        raise DisabledSignIn
    throttle.forgive(attempt)
    return user


def change_password(principal: Principal, current: str, new: str, source: str) -> User:
    """Set a new password and end every other session and token of the person.

    Raises InvalidInput when `current` is wrong or `new` too weak, TooManyAttempts after too many wrong ones.
    """
    user = User.objects.get(pk=principal.user_id)
    attempt = throttle.count_attempt("password", user.email, source, is_known=True)
    if not check_password(current, user.password):
        raise InvalidInput("this is not your current password", code="password.wrong", field="current_password")
    throttle.forgive(attempt)
    passwords.check_strength(new, email=user.email, name=user.name, field="new_password")
    user.password = make_password(new)
    user.save(update_fields=["password"])
    end_access(user.pk, except_for=principal)
    throttle.forget_devices("login", user.email)
    return user


def end_access(user_id: ObjectId, *, except_for: Principal | None = None) -> None:
    """End sessions, tokens and reset code of a person, all but the credential that `except_for` came with."""
    credential = except_for.credential if except_for is not None else None
    keys = {credential.kind: credential.key} if credential is not None else {}
    sessions.end_sessions_of(user_id, except_for=keys.get("session"))
    store.delete_tokens_of(user_id, except_for=keys.get("token"))
    letting_in_store.password_resets().delete_one({"_id": user_id})
