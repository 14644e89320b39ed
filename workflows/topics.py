"""The live topics of workflows, environments and runs: who may follow one, and how it looks now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.accounts.store import names_of_people
from kubeorch.base.errors import NotFound
from kubeorch.realtime.live_topic import WithRev
from kubeorch.realtime.topics import Topic
from workflows import store
from workflows.approvals.representations import decision_json
from workflows.approvals.store import decided_in
from workflows.drift import store as drift_store
from workflows.environments import store as environment_store
from workflows.plans import store as plan_store
from workflows.plans.judged_store import judged_json
from workflows.representations import log_line_json, named_json, run_json, step_json, workflow_head_json
from workflows.runs import log_store, step_store
from workflows.runs import store as run_store
from workflows.statuses import store as status_store
from workflows.triggers import store as trigger_store
from workflows.triggers.representations import trigger_json

LOG_LINES = 500
TEAM_KEYS = ("workflow:", "run:", "environment:", "approval:", "build:")
TEAM_ROWS = 100
"""So many changed entities of a team, of each sort, are remembered for those who come back after a break."""


def may_see_environment(principal: Principal, rest: str) -> None:
    """Raises EnvironmentNotFound or Forbidden."""
    found = environment_store.find(ObjectId(rest), team_filter(principal))
    require(principal, "environment.read", found["team_id"])


def environment(rest: str, principal: Principal) -> Mapping[str, Any]:
    """`node:<id>` → NodeStatus, `trigger:<id>` → what starts runs by itself, `drift:<id>` → what others changed of a
    node's objects, `plan:<id>` → who approved or refused it, and `run`: the newest run that does not wait behind
    another one."""
    environment_id = ObjectId(rest)
    values = status_store.snapshot(environment_id)
    for node_id, summary in drift_store.summaries(environment_id).items():
        values[f"drift:{node_id}"] = WithRev(summary.as_json(), summary.rev)
    run = run_store.newest_shown(environment_id, team_filter(principal))
    if run is not None:
        values["run"] = WithRev(run_json(run), run_store.shown_rev(run))
    for trigger in trigger_store.of_environment(environment_id):
        values[f"trigger:{trigger['_id']}"] = WithRev(trigger_json(trigger), trigger.get("rev", 0))
    for plan in decided_in(environment_id):
        values[f"plan:{plan['_id']}"] = WithRev(decision_json(plan), plan["approval"]["rev"])
    return values


def may_see_run(principal: Principal, rest: str) -> None:
    """Raises RunNotFound or Forbidden."""
    found = run_store.find(ObjectId(rest), team_filter(principal))
    require(principal, "run.read", found["team_id"])


def run(rest: str, principal: Principal) -> Mapping[str, Any]:
    """`run`, `step:<index>` and the last of `log:<number>`."""
    found = run_store.find(ObjectId(rest), team_filter(principal))
    values: dict[str, Any] = {"run": run_json(found)}
    for step in step_store.steps_of(found["_id"]):
        values[f"step:{step['index']}"] = WithRev(step_json(step), step["rev"])
    for number, row in log_store.last_lines(found["_id"], LOG_LINES):
        values[f"log:{number}"] = WithRev(log_line_json(row), 1)
    return values


def may_see_plan(principal: Principal, rest: str) -> None:
    """Raises PlanNotFound or Forbidden."""
    found = plan_store.find(ObjectId(rest), team_filter(principal))
    require(principal, "workflow.read", found["team_id"])


def plan(rest: str, principal: Principal) -> Mapping[str, Any]:
    """`plan`: whether it is still true, what has moved, and when that was looked at last."""
    judged = plan_store.find(ObjectId(rest), team_filter(principal)).get("judged")
    return {"plan": WithRev(judged_json(judged), judged["rev"] if judged else 0)}


def may_see_workflow(principal: Principal, rest: str) -> None:
    """Raises WorkflowNotFound or Forbidden."""
    found = store.find(ObjectId(rest), team_filter(principal), projection={"team_id": 1})
    require(principal, "workflow.read", found["team_id"])


def workflow(rest: str, principal: Principal) -> Mapping[str, Any]:
    """`workflow`: its head, without the graph."""
    fields = dict.fromkeys(("team_id", "rev", "event_rev", "state", "name", "updated_by", "updated_at"), 1)
    found = store.find(ObjectId(rest), team_filter(principal), projection=fields)
    updated_by = named_json(found["updated_by"], names_of_people([found["updated_by"]]))
    return {"workflow": WithRev(workflow_head_json(found, updated_by), found["event_rev"])}


def may_see_team(principal: Principal, rest: str) -> None:
    """Raises NotFound or Forbidden."""
    if principal.role_in(rest) is None:
        raise NotFound("there is no such team")
    require(principal, "workflow.read", rest)


def team(rest: str, principal: Principal) -> Mapping[str, Any]:
    """Nothing: lists are read page by page. What changes from then on comes as `workflow:<id>`, `run:<id>`,
    `environment:<id>` (how it does) and `approval:<plan id>` (one is asked for, or was given or refused)."""
    return {}


TOPICS: Mapping[str, Topic] = {
    "environment": Topic(may_see_environment, environment),
    "run": Topic(may_see_run, run, caps={"log:": LOG_LINES}),
    "plan": Topic(may_see_plan, plan),
    "workflow": Topic(may_see_workflow, workflow),
    "team": Topic(may_see_team, team, caps=dict.fromkeys(TEAM_KEYS, TEAM_ROWS)),
}
