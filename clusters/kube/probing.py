"""What lies between here and an API server, a piece at a time: name, TCP, TLS with the server's certificate.

Nothing of HTTP is sent and no credential but a client certificate, which TLS asks for, and only to a server whose
certificate is accepted.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from clusters.domain.credentials import Credentials
from clusters.kube.allowance import Allowance
from clusters.kube.errors import ClusterTimeout, ClusterUnavailable
from clusters.kube.network_errors import network_error
from clusters.kube.tls import tls_context

NAMES_MOST = 50
NAME_MOST = 300
Connection = socket.socket
UNREADABLE = (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
"""Of a certificate that a server shows, which may hold anything."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Of a server or a client, as people compare it."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    """The names and addresses that it is for, NAMES_MOST at most."""
    not_before: datetime
    not_after: datetime
    sha256: str
    """Hexadecimal, pairs with colons."""


def address_of(server: str) -> tuple[str, int]:
    """Host and port of an API server's address."""
    parts = urlsplit(server)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def open_tcp(addresses: Sequence[str], port: int, allowance: Allowance, *, most_s: float) -> socket.socket:
    """A connection to the first of these addresses that takes one. Raises ClusterUnavailable and ClusterTimeout."""
    failure: OSError = OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=min(most_s, allowance.left_s()))
        except OSError as error:
            failure = error
    if isinstance(failure, TimeoutError):
        raise ClusterTimeout from failure
    raise ClusterUnavailable(f"nothing takes connections there: {failure.strerror or failure}") from failure


def handshake(connection: socket.socket, credentials: Credentials, allowance: Allowance) -> Certificate | None:
    """Shake hands as a request would and close; the server's certificate, None where it shows none.

    Raises ClusterUntrusted, ClusterTimeout and ClusterUnavailable.
    """
    name = credentials.tls_server_name or address_of(credentials.server)[0]
    with connection:
        connection.settimeout(allowance.left_s())
        try:
            with tls_context(credentials).wrap_socket(connection, server_hostname=name) as secured:
                return _certificate(secured.getpeercert(binary_form=True))
        except (OSError, ssl.SSLError) as error:
            if isinstance(error, TimeoutError):
                raise ClusterTimeout from error
            raise network_error(error) from error


def shown_by(connection: socket.socket, credentials: Credentials, allowance: Allowance) -> Certificate | None:
    """The certificate of a server that is not trusted, for people to look at: nothing is sent to it but the name."""
    seen = replace(credentials, ca_data=None, insecure=True, client_cert_data=None, client_key_data=None)
    try:
        return handshake(connection, seen, allowance)
    except ClusterUnavailable:
        return None


def certificate_in(pem: bytes) -> Certificate | None:
    """The first certificate of a PEM text; None where it cannot be read."""
    try:
        return _described(x509.load_pem_x509_certificate(pem))
    except UNREADABLE:
        return None


def _certificate(der: bytes | None) -> Certificate | None:
    try:
        return _described(x509.load_der_x509_certificate(der)) if der else None
    except UNREADABLE:
        return None


def _described(found: x509.Certificate) -> Certificate:
    names: list[str] = []
    try:
        others = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        others = None
    for one in others or ():
        if isinstance(one, (x509.DNSName, x509.IPAddress)):
            names.append(_line(str(one.value)))
        if len(names) == NAMES_MOST:
            break
    digest = hashlib.sha256(found.public_bytes(Encoding.DER)).hexdigest().upper()
    return Certificate(
        _line(found.subject.rfc4514_string()),
        _line(found.issuer.rfc4514_string()),
        tuple(names),
        found.not_valid_before_utc,
        found.not_valid_after_utc,
        ":".join(digest[at : at + 2] for at in range(0, len(digest), 2)),
    )


def _line(value: str) -> str:
    return "".join(one if one.isprintable() else " " for one in value)[:NAME_MOST]
