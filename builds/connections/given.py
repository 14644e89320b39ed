"""What people give of a connection, checked, and the row that it makes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId

from builds.connections import store
from builds.connections.app_tokens import app_key_of
from builds.connections.errors import ConnectionInvalid
from builds.connections.keys import new_key_pair
from builds.connections.oauth.grant_store import NO_GRANT
from builds.connections.store import App, DeployKey, GitConnection, OAuth, Secrets
from builds.domain.git_servers import GitProvider, address_of
from builds.domain.git_sign_ins import SIGN_INS
from clusters.kube.probing import certificate_in
from kubeorch.base.clock import now

TOKEN_MAX = 4_096
USERNAME_MAX = 256
CA_MAX = 65_536
PRIVATE_KEY_MAX = 4_096
CLIENT_ID_MAX = 200
CLIENT_SECRET_MAX = 500
NOTHING_TESTED: Mapping[str, Any] = {
    "user": "",
    "scopes": None,
    "state": "untested",
    "trouble": None,
    "checked_at": None,
}


def new_row(team_id: ObjectId, user_id: ObjectId, given: Mapping[str, Any]) -> GitConnection:
    """Raises GitServerInvalid, RepositoryInvalid and ConnectionInvalid."""
    connection_id, moment = ObjectId(), now()
    provider = GitProvider(given["provider"])
    address = address_of(provider, given.get("address") or "")
    app = _app(given.get("app_id") or "", given.get("installation_id") or "")
    oauth = _oauth(given.get("client_id") or "")
    secret = "private_key" if app else "client_secret" if oauth else "token"
    token = given.get(secret) or ""
    keys, private = ([], {}) if not given.get("deploy_key") else new_key()
    row: GitConnection = {
        "_id": connection_id,
        "team_id": team_id,
        "name": given.get("name") or "",
        "provider": provider.value,
        "address": address.url,
        "ca": given.get("ca") or "",
        "username": (given.get("username") or "").strip(),
        "app": app,
        "oauth": oauth,
        "has_token": bool(token),
        "sealed": store.sealed(connection_id, Secrets(token, private)),
        "keys": keys,
        "user": "",
        "scopes": None,
        "expires_at": given.get("expires_at"),
        "expiry_is_told": False,
        "state": "untested",
        "trouble": None,
        "checked_at": None,
        "created_at": moment,
        "created_by": user_id,
        "updated_at": moment,
        "touched_at": None,
        "rev": 1,
    }
    check(row, token, given)
    return row


def changed_row(row: GitConnection, given: Mapping[str, Any]) -> tuple[GitConnection, bool]:
    """The row as it would be, and whether it opens or reaches something else than before.

    What was given for one address goes to no other: without a new token the old one is forgotten, as are deploy keys.
    Raises as `new_row`, and Unsealable.
    """
    provider = GitProvider(row["provider"])
    address = address_of(provider, given["address"]).url if "address" in given else row["address"]
    is_moved = address != row["address"]
    before = Secrets() if is_moved else store.secrets_of(row)
    app, oauth = _changed_app(row, given), _changed_oauth(row, given)
    secret = "private_key" if app else "client_secret" if oauth else "token"
    if (bool(app), bool(oauth)) != (bool(row.get("app")), bool(row.get("oauth"))):
        before = Secrets("", before.keys)  # a token is not a private key, and no secret of a client
    new = given.get(secret)
    token = new if new is not None else before.token
    named = {key: given[key] for key in ("name", "ca", "expires_at") if key in given}
    username = given["username"].strip() if given.get("username") is not None else row["username"]
    after: GitConnection = {
        **row,
        **named,  # type: ignore[typeddict-item]
        "address": address,
        "username": username,
        "app": app,
        "oauth": oauth,
        "has_token": bool(token),
        "keys": [] if is_moved else row["keys"],
    }
    is_other = (
        is_moved
        or token != before.token
        or app != row.get("app")
        or oauth != row.get("oauth")
        or any(after[key] != row[key] for key in ("username", "ca"))
    )
    if is_other:
        after = {**after, "sealed": store.sealed(row["_id"], Secrets(token, before.keys)), **NOTHING_TESTED}  # type: ignore[typeddict-item]
    if is_moved or oauth != row.get("oauth"):
        after = {**after, **NO_GRANT}  # type: ignore[typeddict-item]
    if token != before.token or is_moved:
        after = {**after, "expires_at": given.get("expires_at"), "expiry_is_told": False}
    elif "expires_at" in given:
        after = {**after, "expiry_is_told": False}
    check(after, token, given)
    return after, is_other


def new_key() -> tuple[list[DeployKey], dict[str, str]]:
    """A deploy key, and its private half by its id."""
    pair, key_id = new_key_pair(), str(ObjectId())
    public: DeployKey = {
        "id": key_id,
        "public": pair.public,
        "fingerprint": pair.fingerprint,
        "created_at": now(),
    }
    return [public], {key_id: pair.private}


def _app(app_id: str, installation_id: str) -> App | None:
    if not app_id and not installation_id:
        return None
    return App(id=app_id.strip(), installation=installation_id.strip())


def _oauth(client_id: str) -> OAuth | None:
    return OAuth(client_id=client_id.strip()) if client_id.strip() else None


def _changed_oauth(row: GitConnection, given: Mapping[str, Any]) -> OAuth | None:
    """A token or an App takes the place of a client."""
    if given.get("token") or given.get("app_id"):
        return None
    named = given.get("client_id")
    return row.get("oauth") if named is None else _oauth(named)


def _changed_app(row: GitConnection, given: Mapping[str, Any]) -> App | None:
    """Another token takes the place of an App, as does a client."""
    if given.get("client_id"):
        return None
    before = row.get("app")
    named = {key: given[key] for key in ("app_id", "installation_id") if given.get(key) is not None}
    if not named:
        return None if given.get("token") else before
    had = {"app_id": before["id"], "installation_id": before["installation"]} if before else {}
    found = {**had, **named}
    return _app(found.get("app_id", ""), found.get("installation_id", ""))


def check(row: GitConnection, token: str, given: Mapping[str, Any]) -> None:
    """Raises ConnectionInvalid for fields that do not go together."""
    if app := row.get("app"):
        _check_app(row, app, token, given)
        return
    if oauth := row.get("oauth"):
        _check_oauth(row, oauth, token, given)
        return
    if given.get("private_key"):
        raise ConnectionInvalid("app_id", "a private key is that of a GitHub App; enter its App ID, too")
    is_ssh = row["address"].startswith("ssh:")
    if token and is_ssh:
        raise ConnectionInvalid("token", "over SSH repositories are read with a deploy key; give the https address")
    if not re.fullmatch(rf"[\x21-\x7e]{{0,{TOKEN_MAX}}}", token):
        raise ConnectionInvalid("token", "a token is one word of letters, digits and signs; it was cut or copied amiss")
    if not re.fullmatch(rf"[^:\x00-\x1f\x7f]{{0,{USERNAME_MAX}}}", row["username"]):
        raise ConnectionInvalid("username", f"a user name has no colon, and {USERNAME_MAX} characters at most")
    if row["username"] and not token:
        raise ConnectionInvalid("token", "enter the token or password of this user, or leave the user name out")
    _check_authority(row)
    _check_expiry(row["expires_at"], token)


def _check_app(row: GitConnection, app: App, token: str, given: Mapping[str, Any]) -> None:
    if row["provider"] != GitProvider.GITHUB:
        raise ConnectionInvalid("app_id", "only GitHub knows Apps; enter a token instead")
    if given.get("token") or row["username"]:
        raise ConnectionInvalid("token", "an App signs in by its private key; leave user name and token out")
    if not re.fullmatch(r"[A-Za-z0-9.]{1,40}", app["id"]):
        raise ConnectionInvalid("app_id", "the App ID is a number; it stands in the settings of the App, under About")
    if not re.fullmatch(r"[0-9]{1,20}", app["installation"]):
        raise ConnectionInvalid(
            "installation_id", "a number, at the end of the address of the installation's settings (installations/123)"
        )
    if not token:
        raise ConnectionInvalid("private_key", "generate a private key in the settings of the App, and enter it here")
    if app_key_of(token) is None:
        raise ConnectionInvalid(
            "private_key",
            "this is not the private key of an App; paste the whole .pem file (-----BEGIN RSA PRIVATE KEY-----)",
        )
    if row["expires_at"] is not None:
        raise ConnectionInvalid("expires_at", "an App is given its tokens by the hour; leave this empty")
    _check_authority(row)


def _check_oauth(row: GitConnection, oauth: OAuth, secret: str, given: Mapping[str, Any]) -> None:
    if GitProvider(row["provider"]) not in SIGN_INS:
        raise ConnectionInvalid("client_id", "this server speaks git alone, and nobody signs in there; enter a token")
    if given.get("token") or given.get("app_id") or row["username"]:
        raise ConnectionInvalid("token", "who signs in needs no token; leave user name, token and App out")
    if not re.fullmatch(rf"[\x21-\x7e]{{1,{CLIENT_ID_MAX}}}", oauth["client_id"]):
        raise ConnectionInvalid("client_id", "a client ID is one word of letters, digits and signs; copy it again")
    if not secret:
        raise ConnectionInvalid("client_secret", "enter the secret that the server shows beside the client ID")
    if not re.fullmatch(rf"[\x21-\x7e]{{1,{CLIENT_SECRET_MAX}}}", secret):
        raise ConnectionInvalid("client_secret", "a secret is one word of letters, digits and signs; copy it again")
    if given.get("expires_at") is not None:
        raise ConnectionInvalid("expires_at", "what a sign-in gives is renewed by itself; leave this empty")
    _check_authority(row)


def _check_authority(row: GitConnection) -> None:
    if row["ca"] and not row["address"].startswith("https:"):
        raise ConnectionInvalid("ca", "a certificate authority is of use for an https address alone; leave it out")
    if row["ca"] and (not row["ca"].isascii() or certificate_in(row["ca"].encode()) is None):
        raise ConnectionInvalid("ca", "this is not a certificate in PEM format (-----BEGIN CERTIFICATE-----)")


def _check_expiry(expires_at: datetime | None, token: str) -> None:
    if expires_at is not None and not token:
        raise ConnectionInvalid("expires_at", "only a token expires; leave this empty")
