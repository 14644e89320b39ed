"""Digests as text: equal for equal content. Passwords are not digested here (accounts/passwords.py)."""

from __future__ import annotations

import hashlib


def content_digest(content: bytes) -> str:
    """By which two contents are told apart: 128 bits of BLAKE2b, twice as quick as SHA-256."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def code_digest(code: str) -> str:
    """What is stored of a code instead of the code: SHA-256.

    A fast hash is right for codes of 192 random bits and more, because there is nothing to guess.
    """
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
