"""What a password must be, and how it is hashed. Source: ASVS 5.0 6.2 and OWASP's Argon2id parameters."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError

from kubeorch.base.errors import InvalidInput, Problem

MIN_LENGTH = 8
MAX_LENGTH = 128


class ModestArgon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB, 2 passes, 1 lane: OWASP's floor, so that a burst of logins cannot exhaust memory.

    Django's default takes 100 MiB for each login at once.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


class WeakPassword(InvalidInput):
    code = "password.weak"


def check_strength(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Raise WeakPassword with every reason at once."""
    problems: list[Problem] = []
    if len(password) < MIN_LENGTH:
        problems.append(Problem("password.short", f"use {MIN_LENGTH} characters or more", field))
    if len(password) > MAX_LENGTH:
        problems.append(Problem("password.long", f"use {MAX_LENGTH} characters at most", field))
    else:
        if _is_common(password):
            problems.append(Problem("password.common", "this password is too common; choose another", field))
        if _is_similar(password, email, name):
            problems.append(Problem("password.similar", "this is too close to your e-mail address or name", field))
    if problems:
        raise WeakPassword(problems[0].detail, problems=problems)


@lru_cache(maxsize=1)
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()


def _is_common(password: str) -> bool:
    try:
        _common().validate(password)
    except ValidationError:
        return True
    return False


def _is_similar(password: str, email: str, name: str) -> bool:
    validator = UserAttributeSimilarityValidator(user_attributes=("email", "name"))
    try:
        validator.validate(password, _Named(email, name))  # type: ignore[arg-type]
    except ValidationError:
        return True
    return False


class _Named:
    """What the validator asks of a user: attributes, and a label for them."""

    def __init__(self, email: str, name: str) -> None:
        self.email = email
        self.name = name

    class _meta:
        @staticmethod
        def get_field(name: str) -> SimpleNamespace:
            return SimpleNamespace(verbose_name=name)
