"""Sealing of secrets at rest: AES-256-GCM, bound to the place where the value is stored.

A sealed value is `version(1) | key id(4) | nonce(12) | ciphertext+tag`. The additional data is the
key id and the caller's `aad` (collection, document and field), so a blob moved elsewhere does not open.
Source: NIST SP 800-38D (GCM); ASVS 5.0 11.3.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kubeorch.base.errors import Unavailable

VERSION = b"\x01"
ADDED_BYTES = 5 + 12 + 16
"""A sealed value is so much longer than what was sealed: header, nonce and tag."""


class Unsealable(Unavailable):
    """A sealed value cannot be opened with the keys at hand, or was moved or altered."""

    code = "seal.unsealable"


class BadSecretKey(ValueError):
    """`KUBEORCH_SECRET_KEY` is missing or not 32 bytes of base64."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The key that seals, and older ones that may still open."""

    keys: tuple[bytes, ...]

    @classmethod
    def from_text(cls, text: str) -> KeyRing:
        """Parse comma-separated base64 keys, the current one first.

        Raises BadSecretKey when there is none or one is not 32 bytes long.
        """
        keys = tuple(_decode(part) for part in text.split(",") if part.strip())
        if not keys:
            raise BadSecretKey("KUBEORCH_SECRET_KEY is empty; set it to 32 random bytes in base64")
        return cls(keys)

    def derive(self, purpose: str) -> bytes:
        """32 bytes for another purpose (as Django's SECRET_KEY), from the current key by HKDF."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(self.keys[0])

    def fingerprint(self, plain: bytes, *, aad: str) -> str:
        """64 hex digits, equal for equal values of one place; without the key no value can be tried against it."""
        place = hashlib.sha256(aad.encode()).digest()
        return hmac.new(self.derive("fingerprint"), place + plain, hashlib.sha256).hexdigest()

    def seal(self, plain: bytes, *, aad: str) -> bytes:
        key = self.keys[0]
        nonce = os.urandom(12)
        header = VERSION + _key_id(key)
        return header + nonce + AESGCM(key).encrypt(nonce, plain, header + aad.encode())

    def resealed(self, blob: bytes, *, aad: str) -> bytes | None:
        """The same sealed with the current key; None when it is already. Raises as `unseal`."""
        if blob.startswith(VERSION + _key_id(self.keys[0])):
            return None
        return self.seal(self.unseal(blob, aad=aad), aad=aad)

    def unseal(self, blob: bytes, *, aad: str) -> bytes:
        """Raises Unsealable when no key fits, or the value does not belong to `aad`."""
        header, nonce, body = blob[:5], blob[5:17], blob[17:]
        for key in self.keys:
            if header != VERSION + _key_id(key):
                continue
            try:
                return AESGCM(key).decrypt(nonce, body, header + aad.encode())
            except InvalidTag as error:
                raise Unsealable("a sealed value was altered or moved; enter it again") from error
        raise Unsealable("a value was sealed with a key this installation does not have; enter it again")


def _decode(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise BadSecretKey("KUBEORCH_SECRET_KEY is not base64; set it to 32 random bytes in base64") from error
    if len(key) != 32:
        raise BadSecretKey(f"KUBEORCH_SECRET_KEY holds {len(key)} bytes; it must be 32 random bytes in base64")
    return key


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"kubeorch key id" + key).digest()[:4]


_ring: KeyRing | None = None


def configure(ring: KeyRing) -> None:
    """Set this process's keys; settings do it at start."""
    global _ring
    _ring = ring


def seal(plain: bytes, *, aad: str) -> bytes:
    """Seal with this process's current key; `aad` is where the value will be stored: `collection/id/field`."""
    return _configured().seal(plain, aad=aad)


def fingerprint(plain: bytes, *, aad: str) -> str:
    """Keyed digest of a value at its place `aad`, for telling whether it changed without keeping it."""
    return _configured().fingerprint(plain, aad=aad)


def unseal(blob: bytes, *, aad: str) -> bytes:
    """Open what `seal` made for the same `aad`; raises Unsealable."""
    return _configured().unseal(blob, aad=aad)


def resealed(blob: bytes, *, aad: str) -> bytes | None:
    """What `seal` made, sealed with the current key; None when it is already. Raises Unsealable."""
    return _configured().resealed(blob, aad=aad)


def _configured() -> KeyRing:
    if _ring is None:
        raise BadSecretKey("no key is configured; set KUBEORCH_SECRET_KEY")
    return _ring
