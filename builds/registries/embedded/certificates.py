"""Keys of the embedded registry: one signs tokens, one is its TLS where others than this machine reach it."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kubeorch.processes.files import write_private

LIFE = timedelta(days=3650)
RENEWED_BEFORE = timedelta(days=30)


def signing_key(key_path: Path, certificate_path: Path) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """A key with its certificate as DER; both are made anew where one is not there or is about to end."""
    return _pair(key_path, certificate_path, "tokens of the embedded registry", "")


def tls_pair(key_path: Path, certificate_path: Path, host: str) -> None:
    """See to a certificate for `host`, signed by itself: nodes are told to trust just that."""
    _pair(key_path, certificate_path, "the embedded registry", host.strip("[]"))


def _pair(key_path: Path, certificate_path: Path, name: str, host: str) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    known = _known(key_path, certificate_path, host)
    if known is None:
        _make(key_path, certificate_path, name, host)
        known = _known(key_path, certificate_path, host)
    assert known is not None  # noqa: S101  it was just made
    return known


def _known(key_path: Path, certificate_path: Path, host: str) -> tuple[ec.EllipticCurvePrivateKey, bytes] | None:
    try:
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        return None
    if certificate.not_valid_after_utc - RENEWED_BEFORE < datetime.now(UTC):
        return None
    if host and _names(certificate) != [host]:
        return None
    return key, certificate.public_bytes(serialization.Encoding.DER)


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(one.value) for one in found]


def _make(key_path: Path, certificate_path: Path, name: str, host: str) -> None:
    key, moment = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(hours=1))
        .not_valid_after(moment + LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    if host:
        made = made.add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
    certificate = made.sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    write_private(key_path, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    write_private(certificate_path, certificate.public_bytes(serialization.Encoding.PEM))


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
