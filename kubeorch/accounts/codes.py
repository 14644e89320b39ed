"""Random codes that are shown once and kept as a hash."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "ko_"  # noqa: S105  (a public prefix)
INVITE_PREFIX = "koi_"
LOGIN_TOKEN_NAME = "login"  # noqa: S105  (a name people see)


def new_token() -> str:
    """A bearer token: 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def new_invite_code() -> str:
    """An invite code: 192 random bits."""
    return INVITE_PREFIX + secrets.token_urlsafe(24)


def hash_of(code: str) -> str:
    """What is stored of a code. A fast hash is right: there is nothing to guess in 192 random bits and more."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
