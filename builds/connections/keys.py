"""Deploy keys: Ed25519 pairs that we make. The private half is sealed and leaves this server only inside of ssh."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from builds.domain.host_keys import fingerprint_of


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
