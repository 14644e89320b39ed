"""All live topics there are: prefix → who may follow it, and how it looks now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bson import ObjectId

from clusters import live as clusters_live
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import owned, team_filter
from kubeorch.base.clock import iso
from kubeorch.mongo.client import db
from kubeorch.realtime.hub import Stamped
from kubeorch.realtime.topics import Topic
from workflows.graphs import actions as graph_actions
from workflows.runs import store as run_store
from workflows.statuses import store as status_store
from workflows.statuses.unwatched import note_unwatched
from workflows.views import representations as present

LOG_LINES = 500


def _see_environment(principal: Principal, rest: str) -> None:
    owned(db().environments, principal, rest, verb="environment.read", what="environment", projection={"team_id": 1})


def _environment(rest: str, principal: Principal) -> Mapping[str, Any]:
    environment_id = ObjectId(rest)
    values = status_store.snapshot(environment_id)
    shown = {"environment_id": environment_id, "$or": [{"state": {"$ne": "queued"}}, {"waits": False}]}
    run = db().runs.find_one({**shown, **team_filter(principal)}, sort=[("number", -1)])
    if run is not None:
        values["run"] = Stamped(run_store.run_json(run), run["number"] * run_store.REVS_A_RUN + run["rev"])
    return values


def _see_run(principal: Principal, rest: str) -> None:
    owned(db().runs, principal, rest, verb="run.read", what="run", projection={"team_id": 1})


def _run(rest: str, principal: Principal) -> Mapping[str, Any]:
    run = run_store.find(ObjectId(rest), team_filter(principal))
    values: dict[str, Any] = {"run": run_store.run_json(run)}
    for step in run_store.steps_of(run["_id"]):
        values[f"step:{step['index']}"] = Stamped(run_store.step_json(step), step["rev"])
    return {**values, **_last_lines(run["_id"])}


def _last_lines(run_id: ObjectId) -> dict[str, Stamped]:
    """The end of the run's log, numbered as its worker numbers the lines it publishes: from its first, 0."""
    rows = list(db().run_logs.find({"run_id": run_id}).sort("_id", -1).limit(LOG_LINES))
    first = db().run_logs.count_documents({"run_id": run_id}) - len(rows) if len(rows) == LOG_LINES else 0
    lines = {}
    for number, row in enumerate(reversed(rows), first):
        line = {"level": row["level"], "node_id": row["node_id"], "message": row["message"], "at": iso(row["at"])}
        lines[f"log:{number}"] = Stamped(line, 1)
    return lines


def _see_workflow(principal: Principal, rest: str) -> None:
    owned(db().workflows, principal, rest, verb="workflow.read", what="workflow", projection={"team_id": 1})


def _workflow(rest: str, principal: Principal) -> Mapping[str, Any]:
    fields = dict.fromkeys(("team_id", "rev", "event_rev", "state", "name", "updated_by", "updated_at"), 1)
    document = owned(db().workflows, principal, rest, what="workflow", projection=fields)
    by = document["updated_by"]
    person = present.people_of([by]).get(by)
    updated_by = {"id": str(by), "name": person} if person is not None else None
    return {"workflow": Stamped(graph_actions.summary(document, updated_by), document["event_rev"])}


TOPICS: Mapping[str, Topic] = {
    "environment": Topic(_see_environment, _environment),
    "run": Topic(_see_run, _run, caps={"log:": LOG_LINES}),
    "workflow": Topic(_see_workflow, _workflow),
    "clusters": Topic(
        clusters_live.authorize, clusters_live.snapshot, view=clusters_live.view, admits=clusters_live.admits
    ),
}

TENDERS: tuple[Callable[[], None], ...] = (note_unwatched,)
"""Called every two seconds by each web process, in a thread."""
