"""Certificates as servers show them: whatever they hold, they are told or left out."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from clusters.kube.probing import _certificate, certificate_in
from tests.support.tls_api_server import tls_certificate

SAN, BASIC = b"\x06\x03\x55\x1d\x11", b"\x06\x03\x55\x1d\x13"
"""Object identifiers of extensions, in DER."""


def test_a_certificate_is_told_with_its_names() -> None:
    found = certificate_in(tls_certificate(1)[0])
    assert found is not None
    assert (found.subject, found.names) == ("CN=fake api server", ("127.0.0.1",))


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09"), (BASIC, SAN), (SAN + b"\x04", SAN + b"\x05"), (b"Z0", b"!!")],
    ids=["version", "an extension twice", "an extension of another type", "a moment that is none"],
)
def test_a_certificate_that_is_none_is_left_out_and_raises_nothing(before: bytes, after: bytes) -> None:
    der = x509.load_pem_x509_certificate(tls_certificate(1)[0]).public_bytes(Encoding.DER)
    assert before in der
    found = _certificate(der.replace(before, after, 1))
    assert found is None or found.names == ()
