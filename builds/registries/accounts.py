"""As whom a registry is spoken to: accounts as they are given or stored, and what they sign in with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from builds.domain.registries import Provider, fixed_username, place_of
from builds.domain.signing import AccessKey
from builds.registries import store
from builds.registries.answers import Login
from builds.registries.distribution import Server
from builds.registries.ecr import ecr_login, fresh_login
from builds.registries.store import Registry
from clusters.kube.probing import certificate_in
from kubeorch.base.errors import InvalidInput

SECRET_MAX = 16_384
USERNAME_MAX = 256
CA_MAX = 65_536
_PLAIN = (Provider.GENERIC, Provider.HARBOR, Provider.GITLAB)
"""Providers whose registries one may run oneself, without TLS."""


class AccountInvalid(InvalidInput):
    """A field of an account cannot be accepted. The message never quotes a secret."""

    code = "registry.account"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail, field=field)


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a registry, stored or not yet."""

    provider: Provider
    host: str
    path_prefix: str = ""
    plain_http: bool = False
    ca: str = ""
    username: str = ""
    secret: str = field(default="", repr=False)

    @property
    def server(self) -> Server:
        return Server(self.host, self.plain_http, self.ca)


def account_of(row: Registry) -> Account:
    """Raises Unsealable."""
    return Account(
        Provider(row["provider"]),
        row["host"],
        row["path_prefix"],
        row["plain_http"],
        row["ca"],
        row["username"],
        store.secret_of(row),
    )


def pull_account_of(row: Registry) -> Account:
    """As whom nodes pull. Raises Unsealable."""
    account = account_of(row)
    if store.pulls_of(row) != "own":
        return account
    return replace(account, username=row.get("pull_username", ""), secret=store.pull_secret_of(row))


def checked(account: Account) -> Account:
    """The account with its host and prefix as they are compared. Raises InvalidInput for the field to change."""
    host, prefix = place_of(account.provider, account.host, account.path_prefix)
    username = fixed_username(account.provider) if account.secret else account.username.strip()
    username = username or account.username.strip()
    if account.secret and not username:
        raise AccountInvalid("username", "enter the user name that the password or token belongs to")
    if username and not account.secret:
        raise AccountInvalid("secret", "enter the password or token of this user, or leave the user name out as well")
    if not re.fullmatch(rf"[^:\x00-\x1f\x7f]{{0,{USERNAME_MAX}}}", username):
        raise AccountInvalid("username", f"a user name has no colon, and {USERNAME_MAX} characters at most")
    is_key = account.provider is Provider.ARTIFACT_REGISTRY
    if account.secret and is_key and not _is_service_account(account.secret):
        raise AccountInvalid("secret", "this is not the key of a service account; give the whole JSON file")
    if not is_key and not account.secret.isprintable():
        raise AccountInvalid("secret", "a password or token is one line; it was cut or copied with something else")
    if account.plain_http and account.provider not in _PLAIN:
        raise AccountInvalid("plain_http", "this provider always speaks TLS; switch this off")
    if account.plain_http and account.host.endswith(":443"):
        raise AccountInvalid("host", "port 443 is that of TLS; give the port where it is spoken to without TLS")
    if account.ca and account.plain_http:
        raise AccountInvalid("ca", "a certificate authority is of no use without TLS; leave one of both out")
    if account.ca and (not account.ca.isascii() or certificate_in(account.ca.encode()) is None):
        raise AccountInvalid("ca", "this is not a certificate in PEM format (-----BEGIN CERTIFICATE-----)")
    return replace(account, host=host, path_prefix=prefix, username=username)


@dataclass(frozen=True, slots=True)
class PullAccount:
    """As whom nodes pull; name and secret of an account of their own alone."""

    pulls: store.Pulls
    username: str = ""
    secret: str = field(default="", repr=False)


def pulls_given(given: Mapping[str, Any], *, of_instance: bool, has_secret: bool = False) -> PullAccount:
    """`has_secret`: one is stored already. Raises AccountInvalid for the field to change."""
    pulls: store.Pulls = given.get("pulls") or "none"
    if pulls == "same" and of_instance:
        raise AccountInvalid(
            "pulls", "what pushes the images of all teams goes to no team's clusters; give nodes one that only pulls"
        )
    if pulls != "own":
        if given.get("pull_secret"):
            raise AccountInvalid("pulls", "choose that nodes have an account of their own, or leave its password out")
        return PullAccount(pulls)
    username, secret = str(given.get("pull_username") or "").strip(), str(given.get("pull_secret") or "")
    if not re.fullmatch(rf"[^:\x00-\x1f\x7f]{{1,{USERNAME_MAX}}}", username):
        raise AccountInvalid("pull_username", f"name the account, without a colon, {USERNAME_MAX} characters at most")
    if not secret and not has_secret:
        raise AccountInvalid("pull_secret", "enter the password or token of the account that nodes have")
    if secret and not secret.isprintable() and not _is_service_account(secret):
        raise AccountInvalid("pull_secret", "a password or token is one line; it was cut or copied with something else")
    return PullAccount(pulls, username, secret)


def login_of(account: Account, *, fresh: bool = False) -> Login | None:
    """What it signs in with now; None without credentials. Amazon's is asked for there, and raises as `ecr_login`;
    `fresh` asks although an earlier answer still holds."""
    if account.provider is Provider.ECR and account.secret:
        key = AccessKey(account.username, account.secret)
        return fresh_login(account.host, key) if fresh else ecr_login(account.host, key)
    return Login(account.username, account.secret) if account.secret else None


def _is_service_account(text: str) -> bool:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("type") == "service_account" and "private_key" in found
