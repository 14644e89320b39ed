"""The live topic of a build: who may follow it, and how it looks now. Its log is a stream of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from builds.representations import build_json
from builds.running import store
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.realtime.topics import Topic


def may_see_build(principal: Principal, rest: str) -> None:
    """Raises BuildNotFound or Forbidden."""
    found = store.find(ObjectId(rest), team_filter(principal))
    require(principal, "build.read", found["team_id"])


def build(rest: str, principal: Principal) -> Mapping[str, Any]:
    """`build`: the build without its steps."""
    return {"build": build_json(store.find(ObjectId(rest), team_filter(principal)))}


TOPICS: Mapping[str, Topic] = {"build": Topic(may_see_build, build)}
