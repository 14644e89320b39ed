"""Runs as documents: every write guarded by state, and by fence where a worker writes.

A run's `fence` is that of the worker holding it: `epoch` (one for each retry) before the job's own fence, so
it only grows. Indexes: `runs.environment_active` (one active run an environment), `environment_number`,
`workflow_idempotency`; `run_steps.run_index`; `inventory.environment_ref`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from clusters.domain.objects import Ref, ref_from_json
from kubeorch.base.clock import iso, now
from kubeorch.base.errors import Conflict, NotFound
from kubeorch.jobs.queue import LeaseLost
from kubeorch.mongo.client import Document, db
from kubeorch.realtime import events
from workflows.domain.rendering.plan import Owned, Plan, Step

ACTIVE = ("planning", "applying", "verifying")
OPEN = ("queued", *ACTIVE)
DEFAULT_DEADLINE_S = 600
ENDED = ("succeeded", "failed", "canceled", "rolled_back")
FENCES_AN_EPOCH = 1_000_000
REVS_A_RUN = 1_000_000
"""The environment's topic shows one run after another under one key; a later run's revs lie above."""
Scope = Mapping[str, Any]


class RunNotFound(NotFound):
    """No such run in the caller's teams."""

    code = "run.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such run")


class EnvironmentTaken(Conflict):
    """Another run is at work in the environment; this one's turn comes when that one ends."""

    code = "run.environment_busy"

    def __init__(self, environment: str) -> None:
        super().__init__(f"a run is in progress in “{environment}”; wait for it to end, or cancel it")


def options_of(run: Document) -> dict[str, Any]:
    """The run's options, whole: those it was stored without have their defaults."""
    return {
        "delete_volumes": False,
        "take_over": False,
        "deadline_s": DEFAULT_DEADLINE_S,
        **(run.get("options") or {}),
    }


# What people see


def run_json(run: Document) -> dict[str, Any]:
    """A run as the API and the topics show it; needs no other document."""
    started, finished = run["started_at"], run["finished_at"]
    return {
        "id": str(run["_id"]),
        "number": run["number"],
        "workflow": {"id": str(run["workflow_id"]), "name": run["workflow_name"]},
        "environment": {"id": str(run["environment_id"]), "name": run["environment_name"]},
        "kind": run["kind"],
        "options": {name: options_of(run)[name] for name in ("delete_volumes", "take_over", "deadline_s")},
        "state": run["state"],
        "version": run["version"],
        "created_at": iso(run["created_at"]),
        "created_by": {"id": str(run["created_by"]), "name": run["created_by_name"]},
        "started_at": iso(started),
        "applied_at": iso(run["applied_at"]),
        "finished_at": iso(finished),
        "deadline_at": iso(run["deadline_at"]),
        "duration_s": (finished - started).total_seconds() if started and finished else None,
        "error": run["error"],
        "counts": run["counts"],
        "waves": run["waves"],
        "rev": run["rev"],
        "cancel_requested": run["cancel_requested_at"] is not None,
    }


def step_json(step: Document) -> dict[str, Any]:
    return {
        "index": step["index"],
        "wave": step["wave"],
        "node_id": step["node_id"],
        "ref": step["ref"],
        "action": step["action"],
        "state": step["state"],
        "error": step["error"],
        "started_at": iso(step["started_at"]),
        "finished_at": iso(step["finished_at"]),
    }


def run_events(run: Document, type: str = "update") -> list[events.Event]:  # noqa: A002  (as on the wire)
    """The run's own topic; and its environment's, unless the run still waits behind another one."""
    data = run_json(run)
    told = [events.Event(f"run:{run['_id']}", "run", data, run["rev"], type)]
    if run["state"] != "queued" or not run["waits"]:
        rev = run["number"] * REVS_A_RUN + run["rev"]
        told.append(events.Event(f"environment:{run['environment_id']}", "run", data, rev, type))
    return told


# Reading


def find(run_id: ObjectId, scope: Scope, *, session: ClientSession | None = None) -> Document:
    """One run. Raises RunNotFound."""
    found = db().runs.find_one({"_id": run_id, **scope}, session=session)
    if found is None:
        raise RunNotFound
    return found


def numbers_and_states(run_ids: Collection[ObjectId]) -> dict[ObjectId, Document]:
    """Number and state by id, of those that exist."""
    if not run_ids:
        return {}
    return {run["_id"]: run for run in db().runs.find({"_id": {"$in": list(run_ids)}}, {"number": 1, "state": 1})}


def steps_of(run_id: ObjectId) -> list[Document]:
    return list(db().run_steps.find({"run_id": run_id}).sort("index", 1))


def open_runs(environment_id: ObjectId, *, session: ClientSession | None = None) -> list[Document]:
    """Runs of the environment that have not ended, in the order of their turn."""
    query = {"environment_id": environment_id, "state": {"$in": list(OPEN)}}
    return list(db().runs.find(query, session=session).sort("number", 1))


def newest_shown(environment_id: ObjectId, scope: Scope) -> Document | None:
    """The environment's newest run, leaving out those that wait behind another one."""
    shown = {"environment_id": environment_id, "$or": [{"state": {"$ne": "queued"}}, {"waits": False}]}
    return db().runs.find_one({**shown, **scope}, sort=[("number", -1)])


def last_log_lines(run_id: ObjectId, most: int) -> list[tuple[int, Document]]:
    """The end of the run's log, oldest first, each line with its number; the log's first line has number 0."""
    rows = list(db().run_logs.find({"run_id": run_id}).sort("_id", -1).limit(most))
    first = db().run_logs.count_documents({"run_id": run_id}) - len(rows) if len(rows) == most else 0
    return list(enumerate(reversed(rows), first))


def inventory_of(environment_id: ObjectId) -> list[Document]:
    return list(db().inventory.find({"environment_id": environment_id}).sort("_id", 1))


def owned_of(row: Document) -> Owned:
    return Owned(
        ref_from_json(row["ref"]), row["node_id"], row["uid"], row.get("wave", 0), row.get("holds_data", False)
    )


# Writing: people's side


def insert(run: Document, session: ClientSession) -> Document:
    """Number and store a new run, and tell about it."""
    counter = db().counters.find_one_and_update(
        {"_id": f"runs:{run['workflow_id']}"},
        {"$inc": {"n": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    run["number"] = counter["n"] if counter else 1
    db().runs.insert_one(run, session=session)
    db().environments.update_one(
        {"_id": run["environment_id"], "active_run_id": None}, {"$set": {"active_run_id": run["_id"]}}, session=session
    )
    note_last_run(run, session)
    events.publish_many(run_events(run, "run.created"), session=session)
    return run


def change(
    run_id: ObjectId,
    states: Sequence[str],
    values: Mapping[str, Any],
    *,
    fence: int | None = None,
    session: ClientSession | None = None,
) -> Document | None:
    """Change a run that is in one of `states` (and held by `fence`); the run after it, or None."""
    query: Document = {"_id": run_id, "state": {"$in": list(states)}}
    if fence is not None:
        query["fence"] = fence
    return db().runs.find_one_and_update(
        query, {"$set": dict(values), "$inc": {"rev": 1}}, return_document=ReturnDocument.AFTER, session=session
    )


def note_last_run(run: Document, session: ClientSession | None = None) -> None:
    """Copy what workflow lists show of their newest run."""
    db().workflows.update_one(
        {
            "_id": run["workflow_id"],
            "$or": [{"last_run": None}, {"last_run.number": {"$lte": run["number"]}}],
        },
        {
            "$set": {
                "last_run": {
                    "id": run["_id"],
                    "number": run["number"],
                    "state": run["state"],
                    "finished_at": run["finished_at"],
                }
            }
        },
        session=session,
    )


# Writing: a worker's side


def take(run: Document, job_fence: int) -> Document | None:
    """Hold the run under this job's fence and give it as it stands; None when there is nothing left to do.

    Raises EnvironmentTaken while another run of the environment is active or waits in front, LeaseLost when a
    later worker holds the run.
    """
    fence = run["epoch"] * FENCES_AN_EPOCH + job_fence
    if run["state"] not in ("queued", "planning", "applying"):
        return None
    first = db().runs.find_one(
        {
            "environment_id": run["environment_id"],
            "state": {"$in": list(OPEN)},
            "number": {"$lt": run["number"]},
        },
        {"_id": 1},
    )
    if first is not None:
        raise EnvironmentTaken(run["environment_name"])
    try:
        taken = db().runs.find_one_and_update(
            {"_id": run["_id"], "state": {"$in": ["queued", "planning", "applying"]}, "fence": {"$lte": fence}},
            [
                {
                    "$set": {
                        "state": {"$cond": [{"$eq": ["$state", "queued"]}, "planning", "$state"]},
                        "started_at": {"$ifNull": ["$started_at", "$$NOW"]},
                        "fence": fence,
                        "waits": False,
                        "attempt": {"$add": ["$attempt", 1]},
                        "rev": {"$add": ["$rev", 1]},
                    }
                }
            ],
            return_document=ReturnDocument.AFTER,
        )
    except DuplicateKeyError as error:
        raise EnvironmentTaken(run["environment_name"]) from error
    if taken is None:
        current = db().runs.find_one({"_id": run["_id"]}, {"state": 1})
        if current is not None and current["state"] in ("planning", "applying"):
            raise LeaseLost(str(run["_id"]))
        return None
    db().environments.update_one({"_id": run["environment_id"]}, {"$set": {"active_run_id": run["_id"]}})
    events.publish_many(run_events(taken))
    return taken


def begin(run: Document, plan: Plan, session: ClientSession) -> Document:
    """Store the plan's steps and move the run to `applying`. Raises LeaseLost.

    A former worker's unfinished planning is replaced whole.
    """
    kept = [step for step in plan.steps if step.action == "keep"]
    after = change(
        run["_id"],
        ["planning"],
        {
            "state": "applying",
            "waves": plan.waves,
            "counts": {"total": len(plan.steps), "done": 0, "failed": 0, "skipped": 0, "unchanged": len(kept)},
        },
        fence=run["fence"],
        session=session,
    )
    if after is None:
        raise LeaseLost(str(run["_id"]))
    db().run_steps.delete_many({"run_id": run["_id"]}, session=session)
    documents = [_step_document(run, step) for step in plan.steps]
    if documents:
        db().run_steps.insert_many(documents, ordered=False, session=session)
    return after


def _step_document(run: Document, step: Step) -> Document:
    keeps = step.action == "keep"
    return {
        "run_id": run["_id"],
        "team_id": run["team_id"],
        "index": step.index,
        "wave": step.wave,
        "node_id": step.node_id,
        "ref": step.ref.as_json(),
        "action": step.action.value,
        "state": "unchanged" if keeps else "pending",
        "error": None,
        "uid": step.uid,
        "started_at": None,
        "finished_at": None,
        "fence": run["fence"],
        "rev": 1,
    }


def intend(run: Document, wanted: Iterable[tuple[Ref, str, int, bool]], known: Mapping[Ref, Document]) -> None:
    """Write the inventory before the cluster is touched: what may exist from now on, we can find again.

    `wanted` gives (ref, node id, wave, holds data). Rows of objects already applied keep what is known of them.
    """
    writes: list[UpdateOne] = []
    for ref, node_id, wave, keeps_data in wanted:
        row = known.get(ref)
        shown = {"node_id": node_id, "wave": wave, "holds_data": keeps_data}
        if row is not None and all(row.get(name) == value for name, value in shown.items()):
            continue
        writes.append(
            UpdateOne(
                {"environment_id": run["environment_id"], **{f"ref.{k}": v for k, v in ref.as_json().items()}},
                {
                    "$set": shown,
                    "$setOnInsert": {  # `ref` itself comes from the filter, which names its parts as the index does
                        "team_id": run["team_id"],
                        "cluster_id": run["cluster_id"],
                        "uid": None,
                        "hash": None,
                        "run_id": run["_id"],
                        "state": "intended",
                        "applied_at": None,
                        "seq": 0,
                    },
                },
                upsert=True,
            )
        )
    if writes:
        db().inventory.bulk_write(writes, ordered=False)


def log_row(run_id: ObjectId, at: datetime, level: str, message: str, node_id: str | None = None) -> Document:
    return {"run_id": run_id, "at": at, "level": level, "node_id": node_id, "message": message[:2000]}


def add_log(run_id: ObjectId, level: str, message: str, *, session: ClientSession | None = None) -> None:
    db().run_logs.insert_one(log_row(run_id, now(), level, message), session=session)
