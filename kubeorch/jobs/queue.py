"""The durable queue: jobs in one collection, claimed under a lease.

The rules, each of which a mature queue has broken once:
- only the server's clock counts (`$$NOW`); a worker's own clock is never compared with a stored time;
- a claim is one update: lease, fresh random token, `fence`+1, `attempt`+1;
- every later write names `_id`, `state` and `lease_token`, so that whoever lost the lease changes nothing;
- the sweep judges state and lease in the very update that takes a job away from its worker;
- a claim takes its places in the lanes of the job in that one update (see `lanes`).
Relies on the indexes `claim`, `lease`, `lane_slots` and `open_key` of `jobs`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from kubeorch.jobs import lanes
from kubeorch.mongo.client import db

LEASE_S = 10.0
"""How long a worker may be silent before its jobs go to another."""
MAX_ATTEMPTS = 5
LANE_LIMIT = 3
NOW = "$$NOW"
ORDER = [("priority", -1), ("run_at", 1), ("_id", 1)]
OPEN = ("queued", "running")

Document = dict[str, Any]
Outcome = Literal["succeeded", "failed", "canceled"]


class LeaseLost(Exception):
    """The job belongs to another worker, or to none: stop before the next side effect."""


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job as its worker holds it."""

    id: ObjectId
    type: str
    key: str | None
    payload: Mapping[str, Any]
    attempt: int
    max_attempts: int
    fence: int
    lease_token: str
    lease_s: float
    """How long a claim and each heartbeat hold the job."""
    error: Mapping[str, Any] | None

    @property
    def held(self) -> Document:
        """The filter of a write by the worker that holds the job; it matches nothing once the lease is lost."""
        return {"_id": self.id, "state": "running", "lease_token": self.lease_token}


def enqueue(
    job_type: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    run_at: datetime | None = None,
    delay_s: float = 0,
    priority: int = 0,
    max_attempts: int = MAX_ATTEMPTS,
    in_lanes: Sequence[str] = (),
    is_first: bool = False,
    session: ClientSession | None = None,
) -> ObjectId:
    """Queue a job for `run_at`, or for `delay_s` from now; higher `priority` goes first.

    `in_lanes` (as `cluster:<id>`, without `#`) are what may hold the job up: few jobs of one lane run at once.

    One open job stands for each (`job_type`, `key`): a second one is not made, its id comes back.
    With `session` the job appears when the transaction commits; `is_first` says that no other can have the key, and
    raises DuplicateKeyError where that is wrong.
    """
    jobs = _jobs()
    asks_first = session is not None and not is_first  # what fails in a transaction ends it
    if key is not None and asks_first and (open_id := _open_id(job_type, key, session)):
        return open_id
    job_id = ObjectId()
    due: Any = run_at if run_at is not None else {"$add": [NOW, int(delay_s * 1000)]}
    values: Document = {
        "type": job_type,
        "payload": {"$literal": dict(payload)},
        "state": "queued",
        "run_at": due,
        "priority": priority,
        "attempt": 0,
        "max_attempts": max_attempts,
        "fence": 0,
        "lease_until": None,
        "lease_token": None,
        "worker_id": None,
        "error": None,
        "created_at": NOW,
        "cancel_requested": False,
    }
    if key is not None:
        values["key"] = key
    if in_lanes:
        values["lanes"] = {"$literal": list(in_lanes)}
    try:
        # An upsert of a new id is an insert that may use the server's clock.
        jobs.update_one({"_id": job_id}, [{"$set": values}], upsert=True, session=session)
    except DuplicateKeyError:
        if key is None or session is not None:
            raise
        return _open_id(job_type, key, None) or enqueue(
            job_type,
            payload,
            key=key,
            run_at=run_at,
            delay_s=delay_s,
            priority=priority,
            max_attempts=max_attempts,
            in_lanes=in_lanes,
        )
    return job_id


def claim(
    worker_id: str, types: Sequence[str], *, lease_s: float = LEASE_S, lane_limit: int = LANE_LIMIT
) -> Job | None:
    """Take the most urgent due job of these types that has a free place in each of its lanes, or None.

    `lane_limit` is how many jobs of one lane run at once, in all workers. The caller heartbeats the job and ends with
    exactly one of `finish`, `retry`, `snooze`, `release`.
    """
    due = {"state": "queued", "type": {"$in": list(types)}, "$expr": {"$lte": ["$run_at", NOW]}}
    values = {
        "state": "running",
        "worker_id": worker_id,
        "lease_token": str(uuid.uuid4()),
        "lease_until": {"$add": [NOW, int(lease_s * 1000)]},
        "fence": {"$add": ["$fence", 1]},
        "attempt": {"$add": ["$attempt", 1]},
    }
    found = lanes.take(_jobs(), due, values, ORDER, lane_limit)
    if found is None:
        return None
    return Job(
        id=found["_id"],
        type=found["type"],
        key=found.get("key"),
        payload=found["payload"],
        attempt=found["attempt"],
        max_attempts=found["max_attempts"],
        fence=found["fence"],
        lease_token=found["lease_token"],
        lease_s=lease_s,
        error=found.get("error"),
    )


def heartbeat(job: Job) -> bool:
    """Prolong the lease; True when cancellation was asked for. Raises LeaseLost."""
    found = _jobs().find_one_and_update(
        job.held,
        [{"$set": {"lease_until": {"$add": [NOW, int(job.lease_s * 1000)]}}}],
        projection={"cancel_requested": 1},
    )
    if found is None:
        raise LeaseLost(str(job.id))
    return bool(found.get("cancel_requested"))


def verify(job: Job) -> tuple[bool, float]:
    """(whether cancellation was asked for, how many seconds of our lease are left). Raises LeaseLost."""
    found = _jobs().find_one(
        {**job.held, "$expr": {"$gt": ["$lease_until", NOW]}},
        {"_id": 0, "cancel_requested": 1, "left_ms": {"$subtract": ["$lease_until", NOW]}},
    )
    if found is None:
        raise LeaseLost(str(job.id))
    return bool(found.get("cancel_requested")), found["left_ms"] / 1000


def finish(
    job: Job, outcome: Outcome = "succeeded", *, error: Document | None = None, session: ClientSession | None = None
) -> None:
    """End the job for good. Raises LeaseLost."""
    _write(job, {"state": outcome, "finished_at": NOW, "error": {"$literal": error}, **_NO_LEASE}, session)


def retry(job: Job, *, delay_s: float, error: Document) -> None:
    """Queue it again after a failure that may pass. Raises LeaseLost."""
    _write(job, {**_due_in(delay_s), "error": {"$literal": error}, **_NO_LEASE})


def snooze(job: Job, *, delay_s: float) -> None:
    """Call again later; this was not an attempt. Raises LeaseLost."""
    _write(job, {**_due_in(delay_s), "attempt": {"$max": [0, {"$subtract": ["$attempt", 1]}]}, **_NO_LEASE})


def release(job: Job) -> None:
    """Give it back at once, as a worker that stops does; this was not an attempt. Raises LeaseLost."""
    snooze(job, delay_s=0)


def wake(job_type: str, key: str, *, session: ClientSession | None = None) -> bool:
    """Make the open job of this key due now if it is waiting; returns whether it was."""
    found = _jobs().update_one(
        {"type": job_type, "key": key, "state": "queued"}, [{"$set": {"run_at": NOW}}], session=session
    )
    return found.matched_count == 1


def drop(job_type: str, key: str, *, session: ClientSession | None = None) -> None:
    """Cancel the waiting job of this key; a running one is left alone."""
    _jobs().update_one(
        {"type": job_type, "key": key, "state": "queued"},
        [{"$set": {"state": "canceled", "finished_at": NOW}}],
        session=session,
    )


def request_cancel(job_type: str, key: str) -> bool:
    """Ask the worker that holds the open job of this key to cancel it; a waiting one becomes due at once.

    Returns whether nobody had asked before.
    """
    asked = _jobs().update_one(
        {"type": job_type, "key": key, "state": {"$in": list(OPEN)}}, {"$set": {"cancel_requested": True}}
    )
    wake(job_type, key)
    return asked.modified_count == 1


def sweep() -> int:
    """Queue again every job whose worker let its lease expire; returns how many.

    A job that has used up its attempts is queued too: the worker that claims it then records the failure.
    """
    swept = _jobs().update_many(
        {"state": "running", "$expr": {"$lt": ["$lease_until", NOW]}},
        [
            {
                "$set": {
                    "state": "queued",
                    "run_at": NOW,
                    "error": {
                        "code": "job.worker_lost",
                        "detail": "the worker stopped responding and its lease expired",
                    },
                    **_NO_LEASE,
                }
            }
        ],
    )
    return swept.modified_count


def next_due_s(types: Sequence[str], *, lane_limit: int = LANE_LIMIT) -> float | None:
    """Seconds until something can happen: a waiting job falls due or a lease runs out. None: nothing in sight.

    Jobs in full lanes wait for the end of another job.
    """
    is_running = {"$eq": ["$state", "running"]}
    is_ours = {"$and": [{"$eq": ["$state", "queued"]}, {"$in": ["$type", list(types)]}]}
    of_lanes = {
        "_id": "$lanes",
        "due": {"$min": {"$cond": [is_ours, "$run_at", None]}},
        "ends": {"$min": {"$cond": [is_running, "$lease_until", None]}},
        "places": {"$push": {"$cond": [is_running, "$lane_slots", "$$REMOVE"]}},
    }
    left_ms = {name: {"$subtract": [f"${name}", NOW]} for name in ("due", "ends")}
    rows = list(
        _jobs().aggregate(
            [{"$match": {"state": {"$in": list(OPEN)}}}, {"$group": of_lanes}, {"$project": {"places": 1, **left_ms}}]
        )
    )
    crowded = set(lanes.full((place for row in rows for held in row["places"] for place in held or ()), lane_limit))
    moments = [row["ends"] for row in rows] + [row["due"] for row in rows if crowded.isdisjoint(row["_id"] or ())]
    return min((max(0.0, float(moment) / 1000) for moment in moments if moment is not None), default=None)


def news(within_s: float) -> list[Document]:
    """What a change stream of the jobs tells to whoever reads the queue each `within_s` anyway: that a job falls due
    before the next look, or that a place of a lane is free. With `documentKey` and, where it has changed, `state`."""

    def soon(run_at: str) -> Document:
        written_at = {"$ifNull": ["$wallTime", run_at]}  # by the server's clock; servers before 6.0 do not say
        return {"$expr": {"$lte": [run_at, {"$add": [written_at, int(within_s * 1000)]}]}}

    moved = "updateDescription.updatedFields"
    wanted: list[Document] = [
        {"operationType": "insert", **soon("$fullDocument.run_at")},
        {f"{moved}.run_at": {"$exists": True}, **soon(f"${moved}.run_at")},
        {f"{moved}.lane_slots": {"$type": "null"}, f"{moved}.lease_until": {"$type": "null"}},
    ]
    return [
        {"$match": {"$or": wanted}},
        {"$project": {"documentKey": 1, "state": "$updateDescription.updatedFields.state"}},
    ]


_NO_LEASE: Document = {"lease_until": None, "lease_token": None, "worker_id": None, **lanes.NO_PLACES}


def _due_in(delay_s: float) -> Document:
    return {"state": "queued", "run_at": {"$add": [NOW, int(delay_s * 1000)]}}


def _write(job: Job, values: Document, session: ClientSession | None = None) -> None:
    if _jobs().update_one(job.held, [{"$set": values}], session=session).matched_count == 0:
        raise LeaseLost(str(job.id))


def _open_id(job_type: str, key: str, session: ClientSession | None) -> ObjectId | None:
    found = _jobs().find_one({"type": job_type, "key": key, "state": {"$in": list(OPEN)}}, {"_id": 1}, session=session)
    return found["_id"] if found else None


def _jobs() -> Collection[Document]:
    return db()["jobs"]
