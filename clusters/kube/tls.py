"""TLS with an API server: its authority, and our client certificate, without a key on disk."""

from __future__ import annotations

import os
import ssl
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from urllib3.exceptions import InsecureRequestWarning

from kubeorch.base.errors import InvalidInput

if TYPE_CHECKING:
    from clusters.domain.credentials import Credentials


def tls_context(credentials: Credentials) -> ssl.SSLContext:
    """Raises InvalidInput for certificates or keys that cannot be read, without quoting them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if credentials.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        warnings.filterwarnings("ignore", category=InsecureRequestWarning)
    try:
        if credentials.ca_data:
            context.load_verify_locations(cadata=credentials.ca_data.decode("ascii"))
        elif not credentials.insecure:
            context.load_default_certs()
    except (ssl.SSLError, UnicodeDecodeError, ValueError) as error:
        raise InvalidInput(
            "the cluster's certificate authority cannot be read; it must be PEM",
            code="cluster.bad_authority",
            field="kubeconfig",
        ) from error
    if credentials.client_cert_data and credentials.client_key_data:
        try:
            with _anonymous_file(credentials.client_cert_data, b"\n", credentials.client_key_data) as path:
                context.load_cert_chain(path, password="")
        except (ssl.SSLError, ValueError) as error:
            raise InvalidInput(
                "the client certificate and key cannot be read or do not belong together; they must be unencrypted PEM",
                code="cluster.bad_client_certificate",
                field="kubeconfig",
            ) from error
    return context


@contextmanager
def _anonymous_file(*parts: bytes) -> Iterator[str]:
    """A path to a file that holds `parts` and is gone afterwards: OpenSSL reads keys only from paths."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("kubeorch")
        try:
            for part in parts:
                os.write(descriptor, part)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    descriptor, path = tempfile.mkstemp()  # mode 0600
    try:
        for part in parts:
            os.write(descriptor, part)
        os.close(descriptor)
        yield path
    finally:
        os.unlink(path)
