"""The ways to connect a cluster beside a kubeconfig: fields of a form → credentials.

A bearer token, a client certificate, the token of a service account, and the sign-in at an identity provider.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from enum import StrEnum

from clusters.domain.credentials import Credentials, KubeconfigInvalid, is_token
from clusters.domain.server_address import check_server, is_host_name
from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import is_dns_label

FIELD = "credentials"
PEM_MAX = 64 * 1024


class Way(StrEnum):
    TOKEN = "token"  # noqa: S105  (a word)
    CERTIFICATE = "certificate"
    SERVICE_ACCOUNT = "service_account"
    OIDC = "oidc"
    IN_CLUSTER = "in_cluster"


class CredentialsInvalid(InvalidInput):
    """A field of the credentials cannot be accepted. The message never quotes a secret."""

    code = "credentials.invalid"

    def __init__(self, field: str, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail, code=code, field=f"{FIELD}.{field}")


def credentials_of(given: Mapping[str, str | bool], *, sign_in: str | None = None) -> Credentials:
    """The credentials of a form: `{way, server, ca, tls_server_name, insecure, namespace, token, client_certificate,
    client_key}`, absent as "" or False; certificates and keys as PEM, or PEM in base64.

    `sign_in` is the id of the sign-in whose tokens are used, for the way `oidc`.
    Raises CredentialsInvalid for the field to change.
    """
    way = Way(str(given["way"]))
    ca_data, insecure = _pem(given, "ca", "CERTIFICATE"), bool(given.get("insecure"))
    if insecure and ca_data:
        raise CredentialsInvalid(
            "insecure", "a certificate authority is of no use when it is not checked; leave one out"
        )
    server_name = _text(given, "tls_server_name")
    if server_name and not is_host_name(server_name):
        raise CredentialsInvalid("tls_server_name", "this is not a host name")
    namespace = _text(given, "namespace")
    if namespace and not is_dns_label(namespace):
        raise CredentialsInvalid("namespace", "this is not a name that a namespace can have")
    token = certificate = key = None
    if way in (Way.TOKEN, Way.SERVICE_ACCOUNT):
        token = _text(given, "token")
        if not token:
            raise CredentialsInvalid("token", "enter the token")
        if not is_token(token):
            raise CredentialsInvalid("token", "this contains characters that a token cannot have; copy it again")
    elif way is Way.CERTIFICATE:
        certificate = _pem(given, "client_certificate", "CERTIFICATE")
        key = _pem(given, "client_key", "PRIVATE KEY")
        if not certificate:
            raise CredentialsInvalid("client_certificate", "enter the client certificate")
        if not key:
            raise CredentialsInvalid("client_key", "enter the private key of the client certificate")
    return Credentials(
        server=_server(_text(given, "server")),
        ca_data=ca_data,
        token=token,
        client_cert_data=certificate,
        client_key_data=key,
        tls_server_name=server_name or None,
        insecure=insecure,
        namespace=namespace or None,
        way="" if way in (Way.TOKEN, Way.CERTIFICATE) else way,
        sign_in=sign_in,
    )


def issuer_of(address: str) -> str:
    """The address of an identity provider as it names itself. Raises CredentialsInvalid.

    Source: OpenID Connect Discovery 1.0, section 3: https, no query, no fragment.
    """
    try:
        check_server(address, allow_http=True)
    except KubeconfigInvalid as error:
        raise CredentialsInvalid(
            "issuer", error.detail.replace("server's", "issuer's"), code="credentials.issuer"
        ) from None
    return address


def _server(address: str) -> str:
    if not address:
        raise CredentialsInvalid("server", "enter the address of the API server: https://…")
    try:
        return check_server(address)
    except KubeconfigInvalid as error:
        raise CredentialsInvalid("server", error.detail, code="credentials.server") from None


def _text(given: Mapping[str, str | bool], name: str) -> str:
    return str(given.get(name) or "").strip()


def _pem(given: Mapping[str, str | bool], name: str, kind: str) -> bytes | None:
    value = _text(given, name)
    if not value:
        return None
    if not value.startswith("-----BEGIN"):
        try:
            value = base64.b64decode("".join(value.split()), validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            value = ""
    if not re.search(rf"-----BEGIN (?:[A-Z]+ )?{kind}-----", value) or "\x00" in value or not value.isascii():
        raise CredentialsInvalid(name, f"this is not a {kind.lower()} in PEM form (-----BEGIN {kind}-----)")
    return f"{value.strip()}\n".encode("ascii")
