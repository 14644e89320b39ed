"""Somebody who administers a team signs in at a git server in a browser, for a connection of the team."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from bson import ObjectId
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from builds.asking import asking
from builds.connections import store
from builds.connections.actions import editable
from builds.connections.client import GitApi, Way
from builds.connections.errors import ConnectionChanged, ConnectionInvalid, SignInLapsed
from builds.connections.oauth import grant_store
from builds.connections.oauth.endpoint import exchanged
from builds.connections.oauth.grant_store import Begun
from builds.connections.providers.protocol import Holder, Login
from builds.connections.providers.table import HOSTS, LABELS
from builds.connections.store import GitConnection
from builds.domain.git_servers import GitProvider, address_of_url
from builds.domain.git_sign_ins import Tokens, authorize_url
from kubeorch.accounts.principal import Principal
from kubeorch.base.clock import now

ANSWERED_WITHIN = timedelta(minutes=10)
RETURN_PATH = "/git-connections/signed-in"
"""The page that the server leads back to."""


def begin(principal: Principal, connection_id: object, origin: str) -> tuple[GitConnection, str]:
    """Where the person's browser goes now; `origin` is where this product is for it, and where it comes back to.

    Raises ConnectionNotFound, Forbidden, ConnectionInvalid and ConnectionChanged.
    """
    row = editable(principal, connection_id)
    oauth = row.get("oauth")
    if oauth is None:
        raise ConnectionInvalid("client_id", "this connection has no client ID, as which one signs in; enter it first")
    begun = Begun(
        state=f"{row['_id']}.{secrets.token_urlsafe(32)}",
        verifier=secrets.token_urlsafe(48),
        user_id=principal.user_id,
        redirect=_redirect(origin),
        until=now() + ANSWERED_WITHIN,
    )
    if not grant_store.begin(row, begun):
        raise ConnectionChanged
    url = authorize_url(
        GitProvider(row["provider"]),
        address_of_url(row["address"]),
        client_id=oauth["client_id"],
        redirect=begun.redirect,
        state=begun.state,
        verifier=begun.verifier,
    )
    return row, url


def finish(principal: Principal, state: str, code: str) -> GitConnection:
    """What the browser has brought back becomes tokens, which are tried and stored.

    Raises ConnectionNotFound, Forbidden, SignInLapsed, SignInRefused, ConnectionChanged, and the errors of a git host.
    """
    row = editable(principal, state.partition(".")[0])
    begun = grant_store.begun_of(row)
    is_it = begun is not None and hmac.compare_digest(begun.state.encode(), state.encode())
    if begun is None or not is_it or begun.user_id != principal.user_id or begun.until < now():
        raise SignInLapsed
    if not grant_store.take_begun(row):
        raise SignInLapsed
    with asking(row["_id"], row["team_id"]):
        tokens = exchanged(row, begun, code)
        holder = _holder(row, tokens)
    moment = now()
    values = {
        **grant_store.new_grant(row, tokens, moment, ObjectId(principal.user_id)),
        "user": holder.user,
        "scopes": list(holder.scopes) if holder.scopes is not None else None,
        "state": "ok",
        "trouble": None,
        "checked_at": moment,
        # Without a refresh token it ends, and somebody has to sign in again by then.
        "expires_at": None if tokens.refresh else tokens.ends_at,
        "expiry_is_told": not tokens.refresh and tokens.ends_at is not None,
    }
    changed = store.change(row, values)
    if changed is None:
        raise ConnectionChanged
    return changed


def _holder(row: GitConnection, tokens: Tokens) -> Holder:
    provider = GitProvider(row["provider"])
    host, login = HOSTS[provider], Login(token=tokens.access)
    way = Way(
        provider=LABELS[provider],
        url=host.url(address_of_url(row["address"])),
        authority=row["ca"],
        headers=host.headers(login),
        secret=tokens.access,
    )
    with GitApi(way) as api:
        return host.check(api)


def _redirect(origin: str) -> str:
    """Raises ConnectionInvalid for what is not this product's."""
    parts = urlsplit(origin)
    domain, _ = split_domain_port(parts.netloc)
    is_bare = origin == f"{parts.scheme}://{parts.netloc}" and parts.scheme in ("http", "https")
    if not is_bare or not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        raise ConnectionInvalid(
            "origin", "the address of this server as the browser has it, as https://kubeorch.example.com"
        )
    return f"{origin}{RETURN_PATH}"
