"""What nodes pull images with, asked of whoever keeps the accounts of registries, which stands above workflows."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from bson import ObjectId
from django.utils.module_loading import import_string

from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError
from workflows.domain.rendering.pulls import pulled_by_secret
from workflows.domain.rendering.render import Rendered

NEEDING_OF = "kubeorch.pulled.needing_of"
"""A team and images → those that nodes sign in for."""
ACCOUNTS_OF = "kubeorch.pulled.accounts_of"
"""A team and images → digest of the accounts that they are pulled with; no secret is opened."""
CONFIG_OF = "kubeorch.pulled.config_of"
"""A team, images, and whether others may be asked → a `PullConfig`; None where they would have to be."""


@dataclass(frozen=True, slots=True)
class PullConfig:
    """What stands in a pull secret."""

    content: bytes = field(repr=False)
    until: datetime | None
    """When some of it ends; None: it holds until an account changes."""


@dataclass(frozen=True, slots=True)
class Pull:
    """The pull secret of a namespace."""

    images: tuple[str, ...]
    accounts: str
    value: str = field(default="", repr=False)
    """Base64; "" where it is not known."""
    until: datetime | None = None
    error: KubeOrchError | None = None
    """Why it is not known."""

    def is_newer(self, noted: Noted | None) -> bool:
        """Whether something else stands in it than what was noted when it was applied last."""
        return noted is None or noted["accounts"] != self.accounts or _has_ended(noted)

    def noted(self) -> Noted:
        """For `is_newer`, and for who renews it."""
        return Noted(images=list(self.images), accounts=self.accounts, until=self.until)


class Noted(TypedDict):
    """What stood in a pull secret when it was applied last."""

    images: list[str]
    """That nodes pull with it."""
    accounts: str
    """Digest of the accounts of registries."""
    until: datetime | None
    """When some of it ends."""


def needing(team_id: ObjectId, images: frozenset[str]) -> frozenset[str]:
    """The images that nodes sign in for."""
    found: Callable[[ObjectId, Collection[str]], frozenset[str]] = import_string(NEEDING_OF)
    return found(team_id, images)


def pull_of(team_id: ObjectId, images: Collection[str], *, may_ask: bool) -> Pull:
    """What nodes sign in with for these images; `may_ask` lets a cloud be asked for a password of some hours."""
    accounts: Callable[[ObjectId, Collection[str]], str] = import_string(ACCOUNTS_OF)
    config: Callable[[ObjectId, Collection[str], bool], PullConfig | None] = import_string(CONFIG_OF)
    wanted, digest = tuple(sorted(images)), accounts(team_id, images)
    try:
        found = config(team_id, images, may_ask)
    except KubeOrchError as error:
        return Pull(wanted, digest, error=error)
    if found is None:
        return Pull(wanted, digest)
    return Pull(wanted, digest, base64.b64encode(found.content).decode(), found.until)


def is_renewed(team_id: ObjectId, noted: Noted) -> bool:
    """Whether something else belongs into it by now."""
    accounts: Callable[[ObjectId, Collection[str]], str] = import_string(ACCOUNTS_OF)
    return _has_ended(noted) or accounts(team_id, noted["images"]) != noted["accounts"]


def _has_ended(noted: Noted) -> bool:
    return noted["until"] is not None and noted["until"] <= now()


def pulls_of(team_id: ObjectId, items: Collection[Rendered], *, may_ask: bool) -> dict[str, Pull]:
    """By namespace, of the objects of an environment that have pull secrets."""
    by_namespace = pulled_by_secret(items)
    return {namespace: pull_of(team_id, images, may_ask=may_ask) for namespace, images in by_namespace.items()}
