"""What a connection signs in with: the token that was given, that of a sign-in, or one that a GitHub App gets for its
installation.

An App proves by its private key who it is, and is given a token of an hour for the repositories that it is installed
on. Such a token stays in this process, and is asked for again before it ends.
Source: GitHub REST API, "Authenticating as a GitHub App installation", "Generating a JSON Web Token (JWT) for a GitHub
App": RS256, issued a minute in the past, ten minutes at most.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from builds.connections import store
from builds.connections.client import GitApi, Way, moment_of
from builds.connections.errors import AppRefused, GitHostCredential, GitHostNothing, GitHostOther
from builds.connections.oauth import grants
from builds.connections.providers.protocol import SCOPES_MOST, Login, text_of
from builds.connections.providers.table import HOSTS, LABELS
from builds.connections.store import App, GitConnection
from builds.domain.git_servers import GitProvider, address_of_url
from kubeorch.base.clock import now

KEY_BITS = range(2_048, 4_097)
KEPT = 200
EARLY = timedelta(minutes=15)
"""So long before its end a token is not used any more: what begins with it has to be over by then."""
PROOF_AGE_S = 60
PROOF_S = 540


@dataclass(frozen=True, slots=True)
class _Kept:
    login: Login
    until: datetime


_kept: OrderedDict[Hashable, _Kept] = OrderedDict()
_lock = threading.Lock()


def app_key_of(pem: str) -> RSAPrivateKey | None:
    """None for what is not a private key of a GitHub App: RSA, in PEM, without a passphrase.

    Whether its primes are any is not asked: with long ones that takes minutes, in which nothing else runs. What is no
    key signs nothing that GitHub takes.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPrivateKey) and key.key_size in KEY_BITS else None


def login_of(row: GitConnection, *, anew: bool = False) -> Login:
    """As whom its server is asked; `anew` asks for a token of an App though one is kept.

    Raises Unsealable, AppRefused, SignedOut, SignInRefused and the errors of a git host.
    """
    if row.get("oauth"):
        return grants.login_of(row)
    secret = store.secrets_of(row).token
    app = row.get("app")
    if app is None:
        return Login(row["username"], secret)
    key = _key(row, app, secret)
    with _lock:
        kept = _kept.get(key)
    if kept is not None and kept.until > now() and not anew:
        return kept.login
    found = _asked(row, app, secret)
    with _lock:
        _kept[key] = found
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found.login


def forget_login(row: GitConnection) -> None:
    """Its server took the token no more."""
    if row.get("oauth"):
        grants.forget_login(row)
    if app := row.get("app"):
        with _lock:
            _kept.pop(_key(row, app, store.secrets_of(row).token), None)


def keep_login(row: GitConnection) -> None:
    """Its server took the token."""
    if row.get("oauth"):
        grants.keep_login(row)


def _key(row: GitConnection, app: App, pem: str) -> Hashable:
    """Whoever has the private key has the token; whose connection it is says nothing more."""
    digest = hashlib.sha256(pem.encode()).hexdigest()
    return row["address"], row["ca"], app["id"], app["installation"], digest


def _asked(row: GitConnection, app: App, pem: str) -> _Kept:
    provider = GitProvider(row["provider"])
    host, address, key = HOSTS[provider], address_of_url(row["address"]), app_key_of(pem)
    if key is None:
        raise AppRefused("the private key cannot be read; enter it again")
    proof = _proof(app["id"], key)
    way = Way(LABELS[provider], host.url(address), row["ca"], host.headers(Login(token=proof)), proof)
    with GitApi(way) as api:
        try:
            reply = api.post(f"/app/installations/{app['installation']}/access_tokens", what="such installation")
        except GitHostCredential as error:
            raise AppRefused(
                f"{way.host} does not take the key for App {app['id']}; check the App ID, and generate a new private "
                "key in the settings of the App"
            ) from error
        except GitHostNothing as error:
            raise AppRefused(
                f"App {app['id']} has no installation {app['installation']}; its number is at the end of the address "
                "of the installation's settings"
            ) from error
    told = reply.object()
    token, until = told.get("token"), moment_of(told.get("expires_at"))
    if not isinstance(token, str) or not 0 < len(token) <= 4_096 or not token.isascii() or until is None:
        raise GitHostOther(way.host, way.provider)
    return _Kept(
        Login(token=token, app=f"App {app['id']}", scopes=_permissions(told.get("permissions"))), until - EARLY
    )


def _proof(app_id: str, key: RSAPrivateKey) -> str:
    """A JSON Web Token that says who asks."""
    at = int(now().timestamp())
    claims: Mapping[str, Any] = {"iat": at - PROOF_AGE_S, "exp": at + PROOF_S, "iss": app_id}
    said = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{said}.{_encoded(key.sign(said.encode(), PKCS1v15(), hashes.SHA256()))}"


def _part(value: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _permissions(told: Any) -> tuple[str, ...]:
    rows = sorted(told.items())[:SCOPES_MOST] if isinstance(told, dict) else []
    return tuple(f"{text_of(name, 100)}:{text_of(right, 20)}" for name, right in rows)
