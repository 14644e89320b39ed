"""What an identity provider is asked: where its token endpoint is, and for new tokens in exchange for a refresh token.

Source: OpenID Connect Discovery 1.0, sections 3 and 4; OpenID Connect Core 1.0, section 12; RFC 6749, sections 2.3, 5
and 6. The signature of an id token is not checked here: it comes over TLS from its issuer, and API servers check it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

from clusters.addresses import AddressRefused, tells_causes
from clusters.domain.credentials import Credentials, KubeconfigInvalid, is_token
from clusters.domain.reading import mapping, number, text
from clusters.domain.server_address import check_server
from clusters.domain.ways import CredentialsInvalid
from clusters.kube.errors import ClusterUnavailable
from clusters.kube.limits import LIMITS
from clusters.kube.transport import Transport
from clusters.reaching import allowed_addresses
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput, Unavailable

DISCOVERY = "/.well-known/openid-configuration"
LIMITS_OF_PROVIDERS = replace(LIMITS, answer_bytes=256 * 1024, answer_s=LIMITS.question_s)
SHOWN_MOST = 200
SUB_MOST = 255
"""Source: OpenID Connect Core 1.0, section 2."""
LONGEST = timedelta(days=30)
"""The longest life of a token that is believed."""


class ProviderUnavailable(Unavailable):
    """The identity provider does not answer, or not as one."""

    code = "oidc.unavailable"


class SignInEnded(InvalidInput):
    """The provider no longer takes the refresh token: somebody has to sign in again."""

    code = "oidc.signed_out"

    def __init__(self, issuer: str, why: str) -> None:
        super().__init__(
            f"{issuer} gives no new token ({why}); sign in there again and enter the new refresh token, once for all "
            "clusters that use this sign-in",
            field="credentials.refresh_token",
        )


@dataclass(frozen=True, slots=True)
class Client:
    """As what we ask a provider."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    ca_data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    sub: str
    """Who is signed in, for machines: never another one at this provider."""
    subject: str
    """The same for people: an e-mail address or a name."""


def refreshed(client: Client, refresh_token: str) -> Tokens:
    """New tokens. The refresh token in them may be another one, and then the one given is used up.

    Raises SignInEnded, ProviderUnavailable, CredentialsInvalid (issuer, client), AddressRefused.
    """
    found = _discovered(client)
    endpoint = _text(found, "token_endpoint")
    _check_endpoint(client, endpoint)
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": client.client_id}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    methods = found.get("token_endpoint_auth_methods_supported")
    if client.client_secret and not (isinstance(methods, list) and "client_secret_post" in methods):
        pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    elif client.client_secret:
        form["client_secret"] = client.client_secret
    status, answer = _exchange(client, "POST", endpoint, urlencode(form).encode(), headers)
    if status != 200:
        _refuse(client, status, answer)
    return _tokens(client, answer, refresh_token)


def _discovered(client: Client) -> Mapping[str, Any]:
    status, found = _exchange(client, "GET", f"{client.issuer.rstrip('/')}{DISCOVERY}")
    if status != 200 or not found:
        raise CredentialsInvalid(
            "issuer", f"no OpenID Connect provider answers at {client.issuer}{DISCOVERY} ({status})", code="oidc.issuer"
        )
    if found.get("issuer") != client.issuer:
        raise CredentialsInvalid(
            "issuer",
            f"the provider names itself “{_line(_text(found, 'issuer'))}”; enter the issuer exactly so",
            code="oidc.issuer",
        )
    return found


def _check_endpoint(client: Client, endpoint: str) -> None:
    """TLS is not left behind: the refresh token goes there."""
    try:
        check_server(endpoint, allow_http=client.issuer.startswith("http://"))
    except KubeconfigInvalid:
        raise ProviderUnavailable(f"{client.issuer} names no token endpoint that can be used") from None


def _refuse(client: Client, status: int, answer: Mapping[str, Any]) -> None:
    code = _line(_text(answer, "error"))
    if code == "invalid_grant":
        raise SignInEnded(client.issuer, "the refresh token is not valid, or has expired")
    if code in ("invalid_client", "unauthorized_client"):
        raise CredentialsInvalid(
            "client_id", f"{client.issuer} refuses this client ({code}); check client id and secret", code="oidc.client"
        )
    said = f"{status} ({code})" if code else str(status)
    raise ProviderUnavailable(f"{client.issuer} answers {said} to the request for a token; try again later")


def _tokens(client: Client, answer: Mapping[str, Any], refresh_token: str) -> Tokens:
    id_token = _text(answer, "id_token")
    if not id_token or not is_token(id_token):
        raise CredentialsInvalid(
            "refresh_token",
            f"{client.issuer} gives no id token for it; sign in with the scopes openid and offline_access",
            code="oidc.no_id_token",
        )
    claims = claims_of(id_token)
    audience, sub = claims.get("aud"), _text(claims, "sub")
    is_for_us = client.client_id in (audience if isinstance(audience, list) else [audience])
    if claims.get("iss") != client.issuer or not is_for_us or not 0 < len(sub) <= SUB_MOST:
        raise ProviderUnavailable(
            f"{client.issuer} answers with an id token that is not its own for this client; check the provider"
        )
    moment = now()
    expires = number(claims.get("exp"))
    if expires is None:
        raise ProviderUnavailable(f"the id token of {client.issuer} does not say when it ends")
    latest = moment + LONGEST
    ends_at = datetime.fromtimestamp(min(max(expires, 0), int(latest.timestamp())), UTC)
    subject = next((said for key in ("email", "preferred_username", "sub") if (said := _text(claims, key))), "")
    return Tokens(id_token, _text(answer, "refresh_token") or refresh_token, ends_at, sub, _line(subject))


def claims_of(token: str) -> Mapping[str, Any]:
    """The claims of a JSON Web Token, which nobody has checked; {} for what is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        return mapping(orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))))
    except (binascii.Error, ValueError):
        return {}


def _line(value: str) -> str:
    return "".join(one if one.isprintable() else " " for one in value)[:SHOWN_MOST]


def _text(values: Mapping[str, Any], key: str) -> str:
    return text(values.get(key))


def _exchange(
    client: Client, method: str, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Mapping[str, Any]]:
    """Status and JSON; {} for an answer that is none."""
    parts = urlsplit(address)
    with _asking(client, f"{parts.scheme}://{parts.netloc}") as transport:
        status, _, data = transport.exchange(method, parts.path, body=body, headers=headers)
    try:
        return status, mapping(orjson.loads(data))
    except ValueError:
        return status, {}


@contextmanager
def _asking(client: Client, server: str) -> Iterator[Transport]:
    transport = Transport(
        Credentials(server=server, ca_data=client.ca_data),
        limits=LIMITS_OF_PROVIDERS,
        connections=1,
        addresses=allowed_addresses,
        tells_causes=tells_causes,
    )
    try:
        yield transport
    except AddressRefused as error:
        raise CredentialsInvalid("issuer", error.detail.replace("server address", "issuer's address")) from error
    except ClusterUnavailable as error:
        detail = error.detail.replace("the cluster's API server", "it").replace("the cluster's", "its")
        raise ProviderUnavailable(f"the identity provider {client.issuer} cannot be asked: {detail}") from error
    finally:
        transport.close()
