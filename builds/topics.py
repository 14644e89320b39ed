"""The live topics of a build and of a detection: who may follow them, and how they look now.

The log of a build is a stream of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from builds.detecting import store as detection_store
from builds.detecting.representations import head_json
from builds.domain.log_lines import STEPS_MOST
from builds.representations import build_json, step_json
from builds.running import store
from builds.running.rows import rev_of_step
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
        values[f"step:{step['number']}"] = WithRev(step_json(step), rev_of_step(step, found["attempt"]))
    return values


def may_see_detection(principal: Principal, rest: str) -> None:
    """Raises DetectionNotFound or Forbidden."""
    found = detection_store.find(ObjectId(rest), team_filter(principal))
    require(principal, "source.read", found["team_id"])


def detection(rest: str, principal: Principal) -> Mapping[str, Any]:
    """`detection`: how it does, without what was found."""
    return {"detection": head_json(detection_store.find(ObjectId(rest), team_filter(principal)))}


TOPICS: Mapping[str, Topic] = {
    "build": Topic(may_see_build, build, caps={"step:": STEPS_MOST}),
    "detection": Topic(may_see_detection, detection),
}
