"""Signing in at a git server in a browser: where a person is sent, and what the server's answers mean.

Sources: RFC 6749, sections 4.1, 5 and 6; RFC 7636 (PKCE); Gitea, "OAuth2 Provider"; GitLab, "OAuth 2.0 identity
provider API"; GitHub, "Authorizing OAuth apps"; Atlassian, "OAuth 2.0" of Bitbucket Cloud.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from builds.domain.git_servers import Address, GitProvider

TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
LONGEST = timedelta(days=366)
"""The longest life of a token that is believed."""
EARLY = timedelta(minutes=15)
"""So long before its end a token is renewed, or at half of its life: what begins with it has to be over by then."""

Refusal = Literal["ended", "client", "redirect", "other"]


@dataclass(frozen=True, slots=True)
class SignIns:
    """How a provider has people sign in."""

    authorize: str
    token: str
    """Paths behind its address."""
    scopes: str
    """That reading repositories takes, and no more where the provider knows less; "" where the client has them."""
    is_basic: bool = False
    """The client shows its secret in the header, as RFC 6749 has it first (2.3.1), and not in the form."""


SIGN_INS: Mapping[GitProvider, SignIns] = {
    GitProvider.GITEA: SignIns("/login/oauth/authorize", "/login/oauth/access_token", "read:repository read:user"),
    GitProvider.GITHUB: SignIns("/login/oauth/authorize", "/login/oauth/access_token", "repo"),
    GitProvider.GITLAB: SignIns("/oauth/authorize", "/oauth/token", "read_api read_repository"),
    GitProvider.BITBUCKET: SignIns("/site/oauth2/authorize", "/site/oauth2/access_token", "", is_basic=True),
}


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    """"" where the server gives none."""
    ends_at: datetime | None
    """Of the access token; None where the server tells no end."""

    def renew_from(self, at: datetime) -> datetime | None:
        """From when on it is renewed; None for never."""
        if self.ends_at is None:
            return None
        return self.ends_at - min(EARLY, (self.ends_at - at) / 2)


def authorize_url(
    provider: GitProvider, address: Address, *, client_id: str, redirect: str, state: str, verifier: str
) -> str:
    """Where the browser goes. `verifier` is kept here, and shown when the code is exchanged: a server that knows no
    PKCE, as Bitbucket says nothing of it, leaves it out (RFC 6749, 3.1)."""
    asked = {
        "client_id": client_id,
        "redirect_uri": redirect,
        "response_type": "code",
        "scope": SIGN_INS[provider].scopes,
        "state": state,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    given = {name: value for name, value in asked.items() if value}
    return f"{address.url}{SIGN_INS[provider].authorize}?{urlencode(given)}"


def challenge_of(verifier: str) -> str:
    """RFC 7636, section 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def tokens_of(told: Mapping[str, Any], at: datetime, refresh: str = "") -> Tokens | None:
    """What a server gives; None for what is no token. Without a new refresh token the one that was shown goes on."""
    access, new = _token(told.get("access_token")), _token(told.get("refresh_token") or refresh or None)
    if not access:
        return None
    lasts = told.get("expires_in")
    if isinstance(lasts, str) and lasts.isascii() and lasts.isdigit():
        lasts = int(lasts[:12])
    if isinstance(lasts, bool) or not isinstance(lasts, int | float) or not lasts > 0:
        return Tokens(access, new, None)
    return Tokens(access, new, at + timedelta(seconds=min(float(lasts), LONGEST.total_seconds())))


def refusal_of(told: Mapping[str, Any], provider: GitProvider, *, is_renewal: bool) -> Refusal:
    """What an answer without a token means, by the name of its error alone."""
    name = told.get("error")
    if (
        provider is GitProvider.BITBUCKET
    ):  # it calls a wrong client unauthorized, and a refresh token that ended invalid
        name = {"unauthorized_client": "invalid_client"}.get(str(name), name)
        name = "invalid_grant" if is_renewal and name == "invalid_request" else name
    match name:
        case "invalid_grant" | "bad_refresh_token" | "bad_verification_code":
            return "ended"
        case "unauthorized_client":  # Gitea says so of a refresh token that has ended or was used
            return "ended" if is_renewal else "client"
        case "invalid_client" | "incorrect_client_credentials":
            return "client"
        case "redirect_uri_mismatch" | "invalid_request" if not is_renewal:
            return "redirect"
        case _:
            return "other"


def _token(value: object) -> str:
    """ "" for what is none."""
    return value if isinstance(value, str) and TOKEN.fullmatch(value) else ""
