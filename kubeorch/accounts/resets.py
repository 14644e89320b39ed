"""Codes with which a person who has forgotten the password sets a new one: one a person, once, for a day.

There is no mail: an administrator of the instance, or who has a shell on the server, makes a code and passes it on.
"""

from __future__ import annotations

from datetime import timedelta

from bson import ObjectId
from django.contrib.auth.hashers import make_password

from kubeorch.accounts import letting_in_store, passwords, store, throttle
from kubeorch.accounts.codes import new_reset_code
from kubeorch.accounts.models import User
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.signing_in import end_access
from kubeorch.base.clock import now
from kubeorch.base.digests import code_digest
from kubeorch.base.errors import Forbidden
from kubeorch.mongo.client import Document

RESET_HOURS = 24


class BadResetCode(Forbidden):
    code = "reset.code"

    def __init__(self) -> None:
        super().__init__("this code is unknown, used or expired; ask an administrator for a new one", field="code")


def new_code(user_id: ObjectId, by: Principal | None) -> Document:
    """`{code, expires_at}`; the code is shown this once. `by` None: made on the server."""
    code = new_reset_code()
    row = {
        "hash": code_digest(code),
        "created_by_id": ObjectId(by.user_id) if by is not None else None,
        "created_at": now(),
        "expires_at": now() + timedelta(hours=RESET_HOURS),
    }
    letting_in_store.password_resets().replace_one({"_id": user_id}, row, upsert=True)
    return {"code": code, "expires_at": row["expires_at"]}


def use(code: str, new_password: str, source: str) -> User:
    """Set a new password and end every session and token of the person.

    A code counts only while who made it administers the instance. A password that is too weak leaves it as it was.
    Raises BadResetCode, WeakPassword or TooManyAttempts.
    """
    throttle.count_source("reset", source)
    condition = {"hash": code_digest(code.strip()), "expires_at": {"$gt": now()}}
    row = letting_in_store.password_resets().find_one(condition, {"created_by_id": 1})
    if row is not None and row["created_by_id"] is not None and not _is_admin(row["created_by_id"]):
        raise BadResetCode
    user = User.objects.filter(pk=row["_id"], is_active=True).first() if row is not None else None
    if user is None:
        raise BadResetCode
    passwords.check_strength(new_password, email=user.email, name=user.name, field="new_password")
    hashed = make_password(new_password)
    if letting_in_store.password_resets().delete_one({"_id": user.pk, **condition}).deleted_count == 0:
        raise BadResetCode  # somebody was quicker
    user.password = hashed
    user.save(update_fields=["password"])
    end_access(user.pk)
    throttle.forgive_account("login", user.email)
    throttle.forget_devices("login", user.email)
    return user


def _is_admin(user_id: ObjectId) -> bool:
    person = store.principal_of_user(user_id)
    return person is not None and person.is_admin
