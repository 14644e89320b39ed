"""The sandbox's own certificate authorities and certificates; made once, and renewed before they expire."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from clusters.domain.credentials import Credentials
from kubeorch.processes.files import write_private

LIFETIME = dt.timedelta(days=365)
AUTHORITY_LIFETIME = dt.timedelta(days=3650)
RENEW_BEFORE = dt.timedelta(days=30)
SERVICE_IP = "10.96.0.1"  # first address of the service range: how pods would call the API server

SERVER_NAMES = (
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
)
SERVER_ADDRESSES = ("127.0.0.1", "::1", SERVICE_IP)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, by path."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Pki:
    """Every certificate of the control plane. etcd has its own authority: its clients are not those of the cluster."""

    authority: Pair
    apiserver: Pair
    admin: Pair
    controller_manager: Pair
    scheduler: Pair
    kwok: Pair
    etcd_authority: Pair
    etcd: Pair
    service_account_key: Path


def ensure_pki(folder: Path, now: dt.datetime) -> Pki:
    """All certificates in `folder`, valid for 30 days at least; those missing or about to expire are made again."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority, renewed = _authority(folder, "ca", "kubeorch sandbox", now)
    etcd_authority, etcd_renewed = _authority(folder, "etcd-ca", "kubeorch sandbox etcd", now)

    def issue(name: str, common_name: str, *, groups: Sequence[str] = (), server: bool = False) -> Pair:
        return _certificate(folder, name, authority, renewed, now, common_name, groups, server=server)

    return Pki(
        authority=authority,
        apiserver=issue("apiserver", "kube-apiserver", server=True),
        admin=issue("admin", "kubeorch-admin", groups=["system:masters"]),
        controller_manager=issue("controller-manager", "system:kube-controller-manager", groups=["system:masters"]),
        scheduler=issue("scheduler", "system:kube-scheduler"),
        kwok=issue("kwok", "kubeorch-kwok", groups=["system:masters"]),
        etcd_authority=etcd_authority,
        etcd=_certificate(folder, "etcd", etcd_authority, etcd_renewed, now, "etcd", (), server=True),
        service_account_key=_signing_key(folder / "service-account.key"),
    )


def credentials(server: str, pki: Pki, pair: Pair) -> Credentials:
    """The credentials of a client that authenticates to the API server at `server` with `pair`."""
    return Credentials(
        server=server,
        ca_data=pki.authority.certificate.read_bytes(),
        client_cert_data=pair.certificate.read_bytes(),
        client_key_data=pair.key.read_bytes(),
    )


def _authority(folder: Path, name: str, common_name: str, now: dt.datetime) -> tuple[Pair, bool]:
    pair = Pair(folder / f"{name}.crt", folder / f"{name}.key")
    if _lasts(pair, now):
        return pair, False
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(subject, subject, key.public_key(), now, AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(pair, certificate, key)
    return pair, True


def _certificate(
    folder: Path,
    name: str,
    authority: Pair,
    authority_renewed: bool,
    now: dt.datetime,
    common_name: str,
    groups: Sequence[str],
    *,
    server: bool,
) -> Pair:
    pair = Pair(folder / f"{name}.crt", folder / f"{name}.key")
    if not authority_renewed and _lasts(pair, now):
        return pair
    signer = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
    signer_key = _load_key(authority.key)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            *(x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if server else [])]
    builder = (
        _builder(subject, signer.subject, key.public_key(), now, LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()), critical=False)
    )
    if server:
        names: list[x509.GeneralName] = [x509.DNSName(each) for each in SERVER_NAMES]
        names += [x509.IPAddress(ipaddress.ip_address(each)) for each in SERVER_ADDRESSES]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    _write(pair, builder.sign(signer_key, hashes.SHA256()), key)
    return pair


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, lifetime: dt.timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + lifetime)
    )


def _lasts(pair: Pair, now: dt.datetime) -> bool:
    """Whether the pair is there, belongs together and lasts."""
    try:
        certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
        key = _load_key(pair.key)
    except (OSError, ValueError, TypeError):
        return False
    return certificate.public_key() == key.public_key() and certificate.not_valid_after_utc - now > RENEW_BEFORE


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path.name} is not a key this module made")
    return key


def _signing_key(path: Path) -> Path:
    try:
        _load_key(path)
    except (OSError, ValueError, TypeError):
        write_private(path, _pem(ec.generate_private_key(ec.SECP256R1())))
    return path


def _write(pair: Pair, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    write_private(pair.key, _pem(key))
    write_private(pair.certificate, certificate.public_bytes(serialization.Encoding.PEM))


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
