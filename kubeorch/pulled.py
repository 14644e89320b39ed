"""What nodes pull images with: which images they sign in for, and as whom."""

from __future__ import annotations

from collections.abc import Collection

from bson import ObjectId

from builds.registries import pulling
from workflows.pulling import PullConfig


def needing_of(team_id: ObjectId, images: Collection[str]) -> frozenset[str]:
    return pulling.needing_of(team_id, images)


def accounts_of(team_id: ObjectId, images: Collection[str]) -> str:
    return pulling.accounts_of(team_id, images)


def config_of(team_id: ObjectId, images: Collection[str], may_ask: bool) -> PullConfig | None:
    found = pulling.config_of(team_id, images, may_ask)
    return PullConfig(found.content, found.until) if found is not None else None
