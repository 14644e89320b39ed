"""What lets us in: the authority of a service, our certificate and its key, checked before anything is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from builds.domain.engines import EngineInvalid

PEM_MOST = 64 * 1024
"""Of each, in characters."""
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
    try:
        key = load_pem_private_key(material.key.strip().encode("ascii"), None)
    except _UNREADABLE as error:
        raise EngineInvalid("give the client key (key.pem) as PEM, without a passphrase", field="key") from error
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != ours.public_key().public_bytes(*form):
        raise EngineInvalid("this key is not that of the client certificate", field="key")
    if ours.not_valid_after_utc <= at:
        raise EngineInvalid(
            f"the client certificate ended on {ours.not_valid_after_utc:%d %B %Y}; have another one made",
            field="certificate",
        )
    return Ours(_line(ours.subject.rfc4514_string()), ours.not_valid_after_utc)


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
