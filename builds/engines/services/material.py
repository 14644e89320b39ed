"""What lets us in: the authority of a service, our certificate and its key, checked before anything is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from builds.domain.engines import EngineInvalid

PEM_MOST = 64 * 1024
"""Of authority and certificate, each, in characters."""
KEY_MOST = 8 * 1024
"""Of the key, in characters."""
BITS_MOST = 4096
"""Of an RSA key."""
KeyType = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey
CERTIFICATES_MOST = 20
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, UnicodeEncodeError)


@dataclass(frozen=True, slots=True)
class Material:
    """All PEM."""

    ca: str
    certificate: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ours:
    """What a client certificate says."""

    subject: str
    not_after: datetime


def checked(material: Material, at: datetime) -> Ours:
    """Raises EngineInvalid, which quotes nothing of it."""
    _certificates(material.ca, "ca", "the certificate authority of the service (ca.pem)")
    ours = _certificates(material.certificate, "certificate", "the client certificate (cert.pem)")[0]
    key = _key(material.key)
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != ours.public_key().public_bytes(*form):
        raise EngineInvalid("this key is not that of the client certificate", field="key")
    if ours.not_valid_after_utc <= at:
        raise EngineInvalid(
            f"the client certificate ended on {ours.not_valid_after_utc:%d %B %Y}; have another one made",
            field="certificate",
        )
    return Ours(_line(ours.subject.rfc4514_string()), ours.not_valid_after_utc)


def _key(text: str) -> KeyType:
    """Its primes are not proved: with large ones that takes minutes in which no other thread runs, and a key that is
    wrong opens nothing."""
    if len(text) > KEY_MOST:
        raise EngineInvalid(f"the client key (key.pem) has {KEY_MOST:,} characters at most", field="key")
    try:
        key = load_pem_private_key(text.strip().encode("ascii"), None, unsafe_skip_rsa_key_validation=True)
    except _UNREADABLE as error:
        raise EngineInvalid("give the client key (key.pem) as PEM, without a passphrase", field="key") from error
    if not isinstance(key, KeyType) or (isinstance(key, RSAPrivateKey) and key.key_size > BITS_MOST):
        raise EngineInvalid(
            f"the client key (key.pem) is RSA of {BITS_MOST} bits at most, of an elliptic curve, or Ed25519",
            field="key",
        )
    return key


def _certificates(text: str, field: str, what: str) -> list[x509.Certificate]:
    if len(text) > PEM_MOST:
        raise EngineInvalid(f"{what} has {PEM_MOST:,} characters at most", field=field)
    try:
        found = x509.load_pem_x509_certificates(text.strip().encode("ascii"))
        for one in found:
            one.public_key()
    except _UNREADABLE as error:
        raise EngineInvalid(f"give {what} as PEM: -----BEGIN CERTIFICATE-----", field=field) from error
    if len(found) > CERTIFICATES_MOST:
        raise EngineInvalid(f"{what} has {CERTIFICATES_MOST} certificates at most", field=field)
    return found


def _line(value: str) -> str:
    return "".join(one if one.isprintable() else " " for one in value)[:300]
