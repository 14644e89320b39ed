"""Random codes that are shown once and stored as a hash."""

from __future__ import annotations

import secrets

TOKEN_PREFIX = "ko_"  # noqa: S105  (a public prefix)
INVITE_PREFIX = "koi_"
RESET_PREFIX = "kor_"
LOGIN_TOKEN_NAME = "login"  # noqa: S105  (a name people see)


def new_token() -> str:
    """A bearer token: 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def new_reset_code() -> str:
    """A code that sets a new password: 192 random bits."""
    return RESET_PREFIX + secrets.token_urlsafe(24)


def new_invite_code() -> str:
    """An invite code: 192 random bits."""
    return INVITE_PREFIX + secrets.token_urlsafe(24)


def new_device() -> str:
    """What a browser that has signed in shows the next time: 192 random bits."""
    return secrets.token_urlsafe(24)
