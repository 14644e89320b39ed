"""Runs as documents: every write of a state guarded as `states` says, and by the fence where a worker writes.

A run's `fence` is that of the worker holding it: the run's epoch (one more with each retry) before the job's own
fence, so it only grows. Indexes: `runs.environment_active` (one active run an environment), `environment_turn`,
`workflow_idempotency`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection as MongoCollection

from kubeorch.mongo.client import Document, db
from kubeorch.mongo.pages import Page, find_page
from kubeorch.realtime import events
from workflows import store
from workflows.environments import standing_store
from workflows.environments.inventory_store import turn_at, turn_of
from workflows.representations import run_json
from workflows.runs import log_store, states, step_store
from workflows.runs.run import RolledBackBy, Run, RunNotFound, fence_of
from workflows.runs.states import ENDED, HELD, OPEN, RunState, Who

REVS_A_RUN = 1_000_000
"""The environment's topic shows one run after another under one key; the revs of a later run are higher."""
_TURNS = [("turn", 1), ("number", 1)]
"""Runs of an earlier release have no `turn`; they are older than all that have one."""
LAST_FIRST = [("turn", -1), ("number", -1)]
Scope = Mapping[str, Any]


# What is published


def run_events(run: Run, type: str = "update") -> list[events.Event]:  # noqa: A002  (as on the wire)
    """The run's own topic, its team's; and its environment's, unless the run still waits behind another one."""
    data = run_json(run)
    rows = [
        events.Event(f"run:{run['_id']}", "run", data, run["rev"], type),
        events.Event(f"team:{run['team_id']}", f"run:{run['_id']}", data, run["rev"], type),
    ]
    if run["state"] != RunState.QUEUED or not run["waits"]:
        rows.append(events.Event(f"environment:{run['environment_id']}", "run", data, shown_rev(run), type))
    return rows


def shown_rev(run: Run) -> int:
    """The rev of a run on its environment's topic."""
    return turn_of(run) * REVS_A_RUN + run["rev"]


# Reading


def page(base: Mapping[str, Any], query: Mapping[str, str], *, sorts: Mapping[str, str], default: str) -> Page:
    """One page of the runs; see `find_page`."""
    return find_page(_runs(), base, query, sorts=sorts, default=default)


def _runs() -> MongoCollection[Run]:
    return cast("MongoCollection[Run]", db().runs)


def find(run_id: ObjectId, scope: Scope, *, session: ClientSession | None = None) -> Run:
    """One run. Raises RunNotFound."""
    found = _runs().find_one({"_id": run_id, **scope}, session=session)
    if found is None:
        raise RunNotFound
    return found


def numbers_and_states(run_ids: Collection[ObjectId]) -> dict[ObjectId, Run]:
    """Number and state by id, of those that exist."""
    if not run_ids:
        return {}
    return {run["_id"]: run for run in _runs().find({"_id": {"$in": list(run_ids)}}, {"number": 1, "state": 1})}


def by_ids(run_ids: Collection[ObjectId], *, session: ClientSession | None = None) -> dict[ObjectId, Run]:
    """Runs by id, of those that are kept."""
    return {run["_id"]: run for run in _runs().find({"_id": {"$in": list(run_ids)}}, session=session)}


def first_open(environment_id: ObjectId, *, session: ClientSession | None = None) -> Run | None:
    """`_id` and `epoch` of the run whose turn it is; None when all have ended. Index: `runs.environment_turn`."""
    query = {"environment_id": environment_id, "state": {"$in": list(OPEN)}}
    return _runs().find_one(query, {"epoch": 1}, sort=_TURNS, session=session)


def behind(run: Run) -> Run | None:
    """`number` of the run that waits right behind this one, which has its turn."""
    query = {"environment_id": run["environment_id"], "state": RunState.QUEUED.value}
    return _runs().find_one(query, {"number": 1}, sort=_TURNS)


def waiting_in(environment_id: ObjectId, session: ClientSession, *, before: int | None = None) -> list[Run]:
    """The runs of the environment that have not ended, in their turn; only those whose turn is `before` that."""
    query: Document = {"environment_id": environment_id, "state": {"$in": list(OPEN)}}
    if before is not None:
        query["$or"] = [{"turn": {"$lt": before}}, {"turn": None}]
    return list(_runs().find(query, session=session).sort(_TURNS))


def count_open(team_id: ObjectId, session: ClientSession) -> int:
    """How many runs of the team have not ended. Index: `state_created`."""
    return _runs().count_documents({"state": {"$in": list(OPEN)}, "team_id": team_id}, session=session)


def newest_shown(environment_id: ObjectId, scope: Scope) -> Run | None:
    """The environment's run whose turn came last, leaving out those that wait behind another one."""
    shown = {"environment_id": environment_id, "$or": [{"state": {"$ne": RunState.QUEUED}}, {"waits": False}]}
    return _runs().find_one({**shown, **scope}, sort=LAST_FIRST)


def verifying(environment_id: ObjectId) -> Run | None:
    """The environment's run that awaits health, of which there is one at most. Index: `runs.environment_active`."""
    return _runs().find_one({"environment_id": environment_id, "state": RunState.VERIFYING})


def judged_by_health(environment_id: ObjectId) -> Run | None:
    """The environment's run that awaits health: that of all its objects, or of some before it applies the others."""
    states_ = [RunState.VERIFYING.value, RunState.APPLYING.value]
    return _runs().find_one({"environment_id": environment_id, "state": {"$in": states_}})


def forget(run_ids: Collection[ObjectId]) -> int:
    """Remove runs that have ended; how many there were."""
    return _runs().delete_many({"_id": {"$in": list(run_ids)}, "state": {"$in": list(ENDED)}}).deleted_count


# Writing: people's side


def insert(run: Run, session: ClientSession) -> Run:
    """Number and store a new run, and publish it."""
    counter = db().counters.find_one_and_update(
        {"_id": f"runs:{run['workflow_id']}"},
        {"$inc": {"n": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    run["number"] = counter["n"] if counter else 1
    run["turn"] = run.get("turn") or turn_at(run["number"])
    _runs().insert_one(run, session=session)
    note_queued(run, session, "run.created")
    return run


def requeue(
    run: Run, session: ClientSession, *, confirm_deletions: int, newly_confirmed: Sequence[dict[str, str]] = ()
) -> Run | None:
    """Give an ended run another epoch and its unfinished steps another turn; None when it cannot be tried again now.

    `confirm_deletions` is how many deletions are confirmed from now on, `newly_confirmed` the refs of those that were
    not before.
    """
    left = step_store.repeat_unfinished(run["_id"], session)
    epoch = run["epoch"] + 1
    after = move(
        run["_id"],
        RunState.QUEUED,
        Who.PERSON,
        {
            "error": None,
            "started_at": None,
            "finished_at": None,
            "applied_at": None,
            "deadline_at": None,
            "gives_up_early": False,
            "hopeless_since": None,
            "cancel_requested_at": None,
            "epoch": epoch,
            "fence": fence_of(epoch, 0),
            "counts.failed": 0,
            "counts.skipped": 0,
            "options.confirm_deletions": confirm_deletions,
            **(
                {"confirmed_deletions": [*run.get("confirmed_deletions", ()), *newly_confirmed]}
                if newly_confirmed
                else {}
            ),
        },
        session=session,
    )
    if after is None:
        return None
    log_store.add(run["_id"], "info", f"started again: {left} objects are left", session=session)
    note_queued(after, session, "update")
    steps = step_store.steps_of(run["_id"], session)  # who follows the run still sees its end in them
    events.publish_many(step_store.step_events(run["_id"], steps), session=session)
    return after


def note_queued(run: Run, session: ClientSession, event: str) -> None:
    """Show a queued run in its environment, in its workflow and to those who listen."""
    standing_store.set_active_run(run["environment_id"], run["_id"], session, unless_taken=True)
    note_last_run(run, session)
    events.publish_many(run_events(run, event), session=session)


def newest(environment_id: ObjectId, session: ClientSession | None = None) -> Run | None:
    """`number` and `turn` of the run of the environment whose turn is last."""
    fields = {"number": 1, "turn": 1}
    return _runs().find_one({"environment_id": environment_id}, fields, sort=LAST_FIRST, session=session)


def with_key(workflow_id: ObjectId, key: str, scope: Scope, session: ClientSession | None) -> Run | None:
    """The run started with this idempotency key. Index: `runs.workflow_idempotency`."""
    return _runs().find_one({"workflow_id": workflow_id, "idempotency_key": key, **scope}, session=session)


def move(
    run_id: ObjectId,
    after: RunState,
    who: Who,
    values: Mapping[str, Any] | None = None,
    *,
    fence: int | None = None,
    session: ClientSession | None = None,
) -> Run | None:
    """Move the run to another state and set `values`; the run after it, or None where the table does not allow it.

    `fence` is that of the worker that asks.
    """
    query, moved = states.move(after, who, fence=fence)
    return _update({"_id": run_id, **query}, {**(values or {}), **moved}, session)


def ask_to_stop(run_id: ObjectId, at: datetime, session: ClientSession | None = None) -> Run | None:
    """Note for the worker at the run that a person canceled it; None when no worker is at it."""
    return _update({"_id": run_id, "state": {"$in": list(HELD)}}, {"cancel_requested_at": at}, session)


def note_awaits(run: Run, node_ids: Sequence[str], hopeless_since: datetime | None) -> Run | None:
    """Note whose health the run waits for before it applies the rest; None when another worker holds it by now."""
    held = {"_id": run["_id"], "state": RunState.APPLYING.value, "fence": run["fence"]}
    return _update(held, {"awaits": list(node_ids), "hopeless_since": hopeless_since}, None)


def move_deadline(run: Run, at: datetime, *, is_early: bool) -> Run | None:
    """Have a run that awaits health end at another time; None when somebody moved it meanwhile, or it has ended."""
    query = {"_id": run["_id"], "state": RunState.VERIFYING.value, "deadline_at": run["deadline_at"]}
    return _update(query, {"deadline_at": at, "gives_up_early": is_early}, None)


def note_rollback(run_id: ObjectId, by: RolledBackBy, session: ClientSession) -> Run | None:
    """Note the automatic rollback of a failed run; None when that is in another state by now."""
    return _update({"_id": run_id, "state": RunState.FAILED.value}, {"rolled_back_by": by}, session)


def set_counts(run: Run, counts: Mapping[str, int], session: ClientSession | None = None) -> Run | None:
    """Count the run's steps anew; None when it is in another state by now, or claimed by another worker."""
    return _update({"_id": run["_id"], "state": run["state"], "fence": run["fence"]}, {"counts": dict(counts)}, session)


def _update(query: dict[str, Any], values: Mapping[str, Any], session: ClientSession | None) -> Run | None:
    return _runs().find_one_and_update(
        query, {"$set": dict(values), "$inc": {"rev": 1}}, return_document=ReturnDocument.AFTER, session=session
    )


def note_last_run(run: Run, session: ClientSession | None = None) -> None:
    """Copy into the workflow what lists show of its newest run."""
    last_run: store.LastRun = {
        "id": run["_id"],
        "number": run["number"],
        "state": run["state"],
        "finished_at": run["finished_at"],
    }
    store.note_last_run(run["workflow_id"], last_run, session)
