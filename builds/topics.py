"""The live topic of a build: who may follow it, and how it looks now. Its log is a stream of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from builds.representations import build_json, step_json
from builds.running import store
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.realtime.live_topic import WithRev
from kubeorch.realtime.topics import Topic


def may_see_build(principal: Principal, rest: str) -> None:
    """Raises BuildNotFound or Forbidden."""
    found = store.find(ObjectId(rest), team_filter(principal))
    require(principal, "build.read", found["team_id"])


def build(rest: str, principal: Principal) -> Mapping[str, Any]:
    """`build`, and `step:<number>` for each step of its last attempt."""
    found = store.find(ObjectId(rest), team_filter(principal))
    values: dict[str, Any] = {"build": build_json(found)}
    for step in found["steps"]:
        values[f"step:{step['number']}"] = WithRev(step_json(step), store.rev_of_step(step, found["attempt"]))
    return values


TOPICS: Mapping[str, Topic] = {"build": Topic(may_see_build, build, caps={"step:": store.STEPS_MOST})}
