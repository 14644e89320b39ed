"""Addresses that others call: each ends with a token that is its only key, and its calls may be signed.

Of a token its digest is stored, so that whoever reads the database cannot call.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

TOKEN_LENGTH_MAX = 100


def new_token(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(32)


def may_be_token(text: str, prefix: str) -> bool:
    return text.startswith(prefix) and len(text) <= TOKEN_LENGTH_MAX


def new_signing_key() -> str:
    return secrets.token_urlsafe(32)


def signature_of(key: bytes, body: bytes) -> str:
    """HMAC-SHA256 of a body, in hex."""
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def is_same(expected: str | bytes, said: str) -> bool:
    """Compared in a time that tells nothing of where they differ."""
    own = expected.encode() if isinstance(expected, str) else expected
    return hmac.compare_digest(own, said.encode("utf-8", "replace"))
