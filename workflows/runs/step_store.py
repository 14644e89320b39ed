"""The steps of runs: one for each object that a run applies, deletes or keeps.

Index: `run_steps.run_index` (unique).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

from bson import Binary, ObjectId
from pymongo import UpdateMany, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection as MongoCollection

from clusters.domain.objects import Manifest, Ref, ref_from_json
from kubeorch.jobs.queue import LeaseLost
from kubeorch.mongo.client import Document, db
from kubeorch.realtime.events import Event
from workflows.domain.rendering.plan import Action, Step
from workflows.representations import step_json
from workflows.runs.states import COUNTED_STEPS, REPEATED_STEPS, UNFINISHED_STEPS, StepState

_WRITTEN = ("state", "action", "error", "started_at", "finished_at", "waits_for", "differs", "rev")
"""What changes while a step is done."""
REASON_MOST = 500
_APPLIES = {"action": {"$in": [Action.APPLY.value, Action.REPLACE.value]}}


class HealthAtEnd(TypedDict):
    """How an applied object was when its run ended, so that the run goes on to say what was true then."""

    health: str
    """See `clusters.domain.health.State`."""
    reason: str
    """One sentence, of at most REASON_MOST characters."""


class RunStep(TypedDict):
    """A document of `run_steps`. Times are UTC with milliseconds."""

    _id: ObjectId
    run_id: ObjectId
    team_id: ObjectId
    index: int
    """From 0, in the order of the plan."""
    wave: int
    """From 0; the steps of a wave are done at once, and waves one after another."""
    node_id: str
    ref: dict[str, str]
    """`{api_version, kind, namespace, name}`."""
    action: str
    """`apply`, `replace`, `delete`, `keep` or `give_back`."""
    reason: str
    """Why it stays; "" for what is applied or deleted."""
    state: str
    """See StepState."""
    error: dict[str, Any] | None
    """`{code, detail}`, and `owners` where others manage fields."""
    holds_data: bool
    """Of what is deleted or kept: deleting it loses data."""
    uid: str | None
    """Of the object that is to be deleted, kept or given back, where it is known."""
    started_at: datetime | None
    finished_at: datetime | None
    begun_before: NotRequired[bool]
    """The run has been tried again since, and what an earlier try had begun of the step may have gone out."""
    health_at_end: NotRequired[HealthAtEnd | None]
    """Of an object that was applied; None until the run has ended, and again once it is tried again."""
    waits_for: NotRequired[str | None]
    """What was logged last about why it waits."""
    differs: NotRequired[list[str] | None]
    """Of a run of a plan: where the applied object is not as foreseen; None where nothing was foreseen."""
    kept_body: NotRequired[bytes]
    """What was applied of an object that has to be made anew, compressed: made again where the new one is refused."""
    fence: int
    """Of the worker that wrote last."""
    rev: int
    """Grows with every change that is published."""


def steps_of(run_id: ObjectId, session: ClientSession | None = None) -> list[RunStep]:
    """In the order of the plan."""
    return list(_steps().find({"run_id": run_id}, session=session).sort("index", 1))


def outcomes_of(run_ids: Collection[ObjectId]) -> list[RunStep]:
    """Run, node, action and state of each step of these runs."""
    fields = {"_id": 0, "run_id": 1, "node_id": 1, "action": 1, "state": 1}
    return list(_steps().find({"run_id": {"$in": list(run_ids)}}, fields))


def keep_body(step: RunStep, body: Manifest) -> None:
    """Keep an object that is about to be deleted, so that it can be made again. Written before the caller goes on."""
    content = Binary(zlib.compress(json.dumps(body).encode(), 1))
    step["kept_body"] = content
    _steps().update_one({"run_id": step["run_id"], "index": step["index"]}, {"$set": {"kept_body": content}})


def body_kept(step: RunStep) -> Manifest | None:
    content = step.get("kept_body")
    if content is None:
        return None
    body: Manifest = json.loads(zlib.decompress(content))
    return body


def has_steps(run_id: ObjectId) -> bool:
    return _steps().find_one({"run_id": run_id}, {"_id": 1}) is not None


def may_have_written(run_id: ObjectId, refused: Collection[str], session: ClientSession) -> bool:
    """Whether an object may have been changed: its turn had come, and neither was it as it should be, nor was it
    refused with one of the codes in `refused`, which leave everything as it is."""
    begun = {"started_at": {"$ne": None}, "state": {"$ne": StepState.UNCHANGED.value}}
    is_refused = {"state": StepState.FAILED.value, "error.code": {"$in": list(refused)}, "kept_body": None}
    query = {"run_id": run_id, **begun, "$nor": [is_refused]}
    return _steps().find_one(query, {"_id": 1}, session=session) is not None


def never_begun(run_id: ObjectId, session: ClientSession) -> list[Ref]:
    """The objects that the run was to apply, and whose turn has not come."""
    query = {"run_id": run_id, **_APPLIES, "state": StepState.SKIPPED.value, "started_at": None}
    return [ref_from_json(step["ref"]) for step in _steps().find(query, {"ref": 1}, session=session)]


def never_finished(run_id: ObjectId, *, begun: bool, session: ClientSession) -> list[Ref]:
    """The objects whose apply was not recorded to its end: of steps that have `begun`, or of all."""
    query = {"run_id": run_id, **_APPLIES, "state": {"$in": [StepState.SKIPPED.value, StepState.FAILED.value]}}
    if begun:
        query["started_at"] = {"$ne": None}
    return [ref_from_json(step["ref"]) for step in _steps().find(query, {"ref": 1}, session=session)]


def applied(run_id: ObjectId) -> list[tuple[int, Ref]]:
    """(index, object) of the steps that have applied one, or found it as it should be."""
    query = {"run_id": run_id, **_APPLIES, "state": {"$in": [StepState.DONE.value, StepState.UNCHANGED.value]}}
    rows = _steps().find(query, {"_id": 0, "index": 1, "ref": 1}).sort("index", 1)
    return [(step["index"], ref_from_json(step["ref"])) for step in rows]


def step_events(run_id: ObjectId, steps: Iterable[Mapping[str, Any]]) -> list[Event]:
    """For the run's own topic."""
    return [Event(f"run:{run_id}", f"step:{step['index']}", step_json(step), step["rev"]) for step in steps]


def store(run: Mapping[str, Any], steps: Sequence[Step], session: ClientSession) -> list[RunStep]:
    """Store the steps of a plan; the run has none yet. In the order of the plan."""
    stored = [_document(run, step) for step in steps]
    if stored:
        db().run_steps.insert_many(stored, ordered=False, session=session)
    return cast("list[RunStep]", stored)


def write(run: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], session: ClientSession | None = None) -> None:
    """Write the steps as the run's worker knows them. Raises LeaseLost when a later worker has written one.

    Steps of equal outcome are one write, as those are that are found unchanged together.
    """
    alike: dict[str, tuple[Document, list[Mapping[str, Any]]]] = {}
    for step in steps:
        values = {name: step.get(name) for name in _WRITTEN}
        alike.setdefault(repr(values), (values, []))[1].append(step)
    fence = run["fence"]
    held = {"fence": {"$lte": fence}}
    writes: list[UpdateOne | UpdateMany] = []
    for values, found in alike.values():
        update = {"$set": {**values, "fence": fence}}
        if len(found) == 1:  # by its id, which MongoDB finds quickest
            writes.append(UpdateOne({"_id": found[0]["_id"], **held}, update))
        else:
            of_these = {"run_id": run["_id"], "index": {"$in": [step["index"] for step in found]}, **held}
            writes.append(UpdateMany(of_these, update))
    written = db().run_steps.bulk_write(writes, ordered=False, session=session)
    if written.matched_count < len(steps):
        raise LeaseLost(str(run["_id"]))


def forget(run_ids: Collection[ObjectId]) -> None:
    """Remove the steps of these runs."""
    db().run_steps.delete_many({"run_id": {"$in": list(run_ids)}})


def skip_unfinished(run: Mapping[str, Any], at: datetime, session: ClientSession) -> list[RunStep]:
    """Mark the steps that will not be done any more; those steps."""
    left = {"run_id": run["_id"], "state": {"$in": list(UNFINISHED_STEPS)}}
    indexes = [step["index"] for step in _steps().find(left, {"index": 1}, session=session)]
    if not indexes:
        return []
    query = {"run_id": run["_id"], "index": {"$in": indexes}}
    skipped = {"state": StepState.SKIPPED.value, "finished_at": at, "fence": run["fence"]}
    db().run_steps.update_many(query, {"$set": skipped, "$inc": {"rev": 1}}, session=session)
    return list(_steps().find(query, session=session))


def note_health(run_id: ObjectId, found: Iterable[tuple[int, str, str]], session: ClientSession) -> list[RunStep]:
    """Keep (index, health, reason) of the objects that an ended run has applied; those steps."""
    alike: dict[tuple[str, str], list[int]] = {}
    for index, health, reason in found:
        alike.setdefault((health, reason[:REASON_MOST]), []).append(index)
    if not alike:
        return []
    writes = [
        UpdateMany(
            {"run_id": run_id, "index": {"$in": indexes}},
            {"$set": {"health_at_end": {"health": health, "reason": reason}}, "$inc": {"rev": 1}},
        )
        for (health, reason), indexes in alike.items()
    ]
    _steps().bulk_write(writes, ordered=False, session=session)
    noted = {"$in": [index for indexes in alike.values() for index in indexes]}
    return list(_steps().find({"run_id": run_id, "index": noted}, session=session))


def repeat_unfinished(run_id: ObjectId, session: ClientSession) -> int:
    """Give the steps that did not come to a good end another turn; how many there are.

    What was noted of any object at the end of the run is not true any more.
    """
    noted = {"run_id": run_id, "health_at_end": {"$ne": None}}
    _steps().update_many(noted, {"$set": {"health_at_end": None}, "$inc": {"rev": 1}}, session=session)
    again = {"run_id": run_id, "state": {"$in": list(REPEATED_STEPS)}}
    begun = {"$set": {"begun_before": True}}
    _steps().update_many({**again, "started_at": {"$ne": None}}, begun, session=session)
    return _repeat(again, session)


def repeat_secrets(run_id: ObjectId, node_ids: Collection[str], session: ClientSession) -> int:
    """Give the Secrets of these nodes another turn, also those that are done; how many there are."""
    return _repeat({"run_id": run_id, **_APPLIES, "node_id": {"$in": list(node_ids)}, "ref.kind": "Secret"}, session)


def _repeat(query: Document, session: ClientSession) -> int:
    fresh = {
        "state": StepState.PENDING.value,
        "error": None,
        "started_at": None,
        "finished_at": None,
        "waits_for": None,
    }
    return db().run_steps.update_many(query, {"$set": fresh, "$inc": {"rev": 1}}, session=session).modified_count


def counts_of(run_id: ObjectId, session: ClientSession) -> dict[str, int]:
    """The run's steps, counted as `counted` does."""
    rows = _steps().find({"run_id": run_id}, {"_id": 0, "action": 1, "state": 1}, session=session)
    return counted((row["action"], row["state"]) for row in rows)


def changed_objects(run_ids: Sequence[ObjectId], session: ClientSession) -> int:
    """How many objects any of these runs changed or deleted, each counted once. Index: `run_steps.run_index`."""
    query = {"run_id": {"$in": list(run_ids)}, "state": StepState.DONE, "action": {"$ne": Action.KEEP}}
    return len(_steps().distinct("ref", query, session=session))


def counted(steps: Iterable[tuple[str, str]]) -> dict[str, int]:
    """How many (action, state) there are of each outcome.

    `total` = `done` + `unchanged` + `failed` + `skipped` + those to come; `done` = `changed` + `deleted` + `kept`.
    """
    counts = dict.fromkeys(("total", "done", "changed", "deleted", "kept", "unchanged", "failed", "skipped"), 0)
    for action, state in steps:
        counts["total"] += 1
        if action == Action.KEEP or (action == Action.GIVE_BACK and state == StepState.DONE):
            outcomes: tuple[str, ...] = ("done", "kept")
        elif state == StepState.DONE:
            outcomes = ("done", "deleted" if action == Action.DELETE else "changed")
        else:
            outcomes = (state,) if state in COUNTED_STEPS else ()
        for outcome in outcomes:
            counts[outcome] += 1
    return counts


def deletions_left(run_id: ObjectId, session: ClientSession | None = None) -> list[RunStep]:
    """The deletions of a stored plan that are not done yet."""
    query = {"run_id": run_id, "action": Action.DELETE, "state": {"$nin": [StepState.DONE, StepState.UNCHANGED]}}
    return list(_steps().find(query, session=session).sort("index", 1))


def _steps() -> MongoCollection[RunStep]:
    return cast("MongoCollection[RunStep]", db().run_steps)


def _document(run: Mapping[str, Any], step: Step) -> Document:
    state = StepState.UNCHANGED if step.action == Action.KEEP else StepState.PENDING
    return {
        "run_id": run["_id"],
        "team_id": run["team_id"],
        "index": step.index,
        "wave": step.wave,
        "node_id": step.node_id,
        "ref": step.ref.as_json(),
        "action": step.action.value,
        "reason": step.reason,
        "holds_data": step.holds_data,
        "state": state.value,
        "error": None,
        "uid": step.uid,
        "started_at": None,
        "finished_at": None,
        "fence": run["fence"],
        "rev": 1,
    }
