"""What the nodes of a cluster sign in with for the images that a team runs there.

Whoever may read Secrets of a namespace reads it. So a registry may have an account of its own for that, which only
pulls; one of the whole instance gives nodes no other, unless its administrator said so; and of the embedded registry
they get what opens the images of this team alone, for reading.
Source: Kubernetes docs, "Images", section "Interpretation of config.json" (a key may have the first parts of a path).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bson import ObjectId

from builds.domain.images import DOCKER_HUB, Image, ImageInvalid, image_of
from builds.domain.registries import Provider
from builds.domain.signing import AccessKey
from builds.registries import store
from builds.registries.access import HUB_KEY
from builds.registries.accounts import login_of, pull_account_of
from builds.registries.answers import Login
from builds.registries.ecr import ecr_login, kept_login, renewed_at
from builds.registries.embedded import known
from builds.registries.reach import is_of_another_team
from builds.registries.store import Registry


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration of Docker, as a Secret of type kubernetes.io/dockerconfigjson has it."""

    content: bytes = field(repr=False)
    until: datetime | None
    """When some of it is to be renewed; None: it holds until an account changes."""


@dataclass(frozen=True, slots=True)
class _Account:
    """Of the embedded registry without a row."""

    key: str
    """What the configuration has it under."""
    row: Registry | None


def needing_of(team_id: ObjectId, images: Collection[str]) -> frozenset[str]:
    """Those of the images that nodes sign in for. No secret is opened."""
    return frozenset(text for text, _ in _accounts(team_id, images))


def accounts_of(team_id: ObjectId, images: Collection[str]) -> str:
    """Another digest once another account is to be signed in with, or the same with another password."""
    lines = {_line(team_id, account) for _, account in _accounts(team_id, images)}
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def config_of(team_id: ObjectId, images: Collection[str], may_ask: bool) -> Config | None:
    """None where Amazon would have to be asked for a password, and may not be. Raises Unsealable, CredentialsRefused
    and others, as `ecr_login` does."""
    auths: dict[str, dict[str, str]] = {}
    ends: list[datetime] = []
    for account in {one.key: one for _, one in _accounts(team_id, images)}.values():
        login = _login(team_id, account, ends, may_ask=may_ask)
        if login is None:
            return None
        auths[account.key] = {"auth": login.encoded}
    return Config(json.dumps({"auths": auths}, sort_keys=True).encode(), min(ends, default=None))


def _login(team_id: ObjectId, account: _Account, ends: list[datetime], *, may_ask: bool) -> Login | None:
    if account.row is None:
        return known.login_of_team(team_id, "pull")
    found = pull_account_of(account.row)
    if found.provider is not Provider.ECR:
        return login_of(found)
    key = AccessKey(found.username, found.secret)
    login = ecr_login(found.host, key) if may_ask else kept_login(found.host, key)
    if (end := renewed_at(found.host, key)) is not None:
        ends.append(end)
    return login


def _accounts(team_id: ObjectId, images: Iterable[str]) -> Iterator[tuple[str, _Account]]:
    """With each image that an account is for."""
    rows = store.usable_by(team_id)
    for text in sorted(images):
        try:
            image = image_of(text)
        except ImageInvalid:
            continue  # the cluster says what is wrong with it
        if known.is_embedded(image):
            if image.path.startswith(f"{team_id}/"):
                yield text, _Account(f"{image.host}/{team_id}", None)
            continue
        if is_of_another_team(image, team_id):
            continue
        row = store.choose(team_id, image, rows)
        if row is not None and store.nodes_sign_in(row):
            yield text, _Account(_key(row, image), row)


def _key(row: Registry, image: Image) -> str:
    if row["path_prefix"]:
        return f"{image.host}/{row['path_prefix']}"
    return HUB_KEY if image.host == DOCKER_HUB else image.host


def _line(team_id: ObjectId, account: _Account) -> str:
    if account.row is None:
        secret = known.login_of_team(team_id, "pull").secret
        return f"{account.key} {hashlib.sha256(secret.encode()).hexdigest()}"
    return f"{account.key} {account.row['_id']} {account.row['rev']}"
