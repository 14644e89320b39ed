"""Keys for SSH: pairs that we make, Ed25519, and those that people give. The private half is sealed, and leaves this
server only inside of ssh; a build signs with it, and never has it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from builds.domain.host_keys import fingerprint_of

KEY_MAX = 16 * 1024
RSA_BITS = (2048, 8192)
CURVES = ("secp256r1", "secp384r1", "secp521r1")
"""Source: RFC 5656, section 10.1; ssh signs with no other one."""
_LINES = re.compile(rb"-----BEGIN ([A-Z ]{0,20}PRIVATE KEY)-----\n(?:[^\n]{0,200}\n)+-----END \1-----\n")
"""Go, which buildctl is written in, takes no key whose lines have become one."""
OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class KeyPair:
    public: str
    """`ssh-ed25519 base64`, as a file authorized_keys has it, without a comment."""
    fingerprint: str
    private: str = field(repr=False)
    """In OpenSSH's own format."""


def new_key_pair() -> KeyPair:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    return KeyPair(public, fingerprint_of(public), private)


def written_key(text: str) -> bytes:
    """A private key as programs read it from a file."""
    return f"{text.strip()}\n".replace("\r\n", "\n").encode()


def is_private_key(text: str) -> bool:
    """Whether ssh can sign in with it: a private key in PEM or OpenSSH's own format, without a passphrase.

    Whether the primes of an RSA key are any is not asked: with long ones that takes minutes, in which nothing else
    runs.
    """
    content = written_key(text)
    if len(content) > KEY_MAX or not text.isascii() or not _LINES.fullmatch(content):
        return False
    try:
        if content.startswith(OPENSSH):
            key: object = load_ssh_private_key(content, None, unsafe_skip_rsa_key_validation=True)
        else:
            key = load_pem_private_key(content, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    if isinstance(key, RSAPrivateKey):
        return RSA_BITS[0] <= key.key_size <= RSA_BITS[1]
    if isinstance(key, EllipticCurvePrivateKey):
        return key.curve.name in CURVES
    return isinstance(key, Ed25519PrivateKey)
