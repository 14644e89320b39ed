"""The end of a run: once, with everything that hangs on it in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base.clock import now
from kubeorch.jobs import queue
from kubeorch.mongo.client import Document, db
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows.runs import secrets as run_secrets
from workflows.runs import store as run_store

RUN_JOB = "workflows.run"
DEADLINE_JOB = "workflows.run_deadline"
RUN_ATTEMPTS = 12


def end_run(
    run: Document,
    state: Literal["succeeded", "failed", "canceled"],
    *,
    from_states: Sequence[str],
    fence: int | None = None,
    error: Mapping[str, Any] | None = None,
    then: Callable[[Document, ClientSession], object] | None = None,
) -> Document | None:
    """Give the run its last state; None when it is in none of `from_states`, or held by another worker.

    In the same transaction: steps that were left are skipped, sealed values go, the environment is free, the next
    waiting run wakes, and `then(run, session)` does what else belongs to this end.
    """

    def work(session: ClientSession) -> Document | None:
        ended = run_store.change(
            run["_id"],
            from_states,
            {"state": state, "finished_at": now(), "error": dict(error) if error else None},
            fence=fence,
            session=session,
        )
        if ended is None:
            return None
        if state != "succeeded":
            ended = _skip_rest(ended, session)
        run_secrets.forget(run["_id"], session)
        if error:
            run_store.add_log(run["_id"], "error", str(error["detail"]), session=session)
        elif state == "canceled":
            run_store.add_log(run["_id"], "warning", "canceled", session=session)
        run_store.note_last_run(ended, session)
        _pass_on(run["environment_id"], session)
        queue.drop(DEADLINE_JOB, str(run["_id"]), session=session)
        events.publish_many(run_store.run_events(ended), session=session)
        if then is not None:
            then(ended, session)
        return ended

    return run_in_transaction(work)


def await_health(run: Document, session: ClientSession) -> None:
    """Queue the judge of the run's deadline."""
    queue.enqueue(
        DEADLINE_JOB,
        {"run_id": str(run["_id"])},
        key=str(run["_id"]),
        run_at=run["deadline_at"],
        max_attempts=RUN_ATTEMPTS,
        session=session,
    )


def deadline_of(run: Document) -> timedelta:
    return timedelta(seconds=run_store.options_of(run)["deadline_s"])


def _skip_rest(run: Document, session: ClientSession) -> Document:
    """Mark the steps that will not come any more, and count anew."""
    steps = db().run_steps
    left = {"run_id": run["_id"], "state": {"$in": ["pending", "running"]}}
    indexes = [row["index"] for row in steps.find(left, {"index": 1}, session=session)]
    if indexes:
        steps.update_many(
            {"run_id": run["_id"], "index": {"$in": indexes}},
            {"$set": {"state": "skipped", "finished_at": now(), "fence": run["fence"]}, "$inc": {"rev": 1}},
            session=session,
        )
        skipped = steps.find({"run_id": run["_id"], "index": {"$in": indexes}}, session=session)
        topic = f"run:{run['_id']}"
        events.publish_many(
            [events.Event(topic, f"step:{step['index']}", run_store.step_json(step), step["rev"]) for step in skipped],
            session=session,
        )
    by_state: dict[str, int] = {
        row["_id"]: row["n"]
        for row in steps.aggregate(
            [{"$match": {"run_id": run["_id"]}}, {"$group": {"_id": "$state", "n": {"$sum": 1}}}], session=session
        )
    }
    counts = {name: by_state.get(name, 0) for name in ("done", "failed", "skipped", "unchanged")}
    counts["total"] = sum(by_state.values())
    return run_store.change(run["_id"], [run["state"]], {"counts": counts}, session=session) or run


def _pass_on(environment_id: ObjectId, session: ClientSession) -> None:
    """Show and wake the run whose turn it is now."""
    waiting = run_store.open_runs(environment_id, session=session)
    following = waiting[0]["_id"] if waiting else None
    db().environments.update_one({"_id": environment_id}, {"$set": {"active_run_id": following}}, session=session)
    if following is not None:
        queue.wake(RUN_JOB, str(following), session=session)
