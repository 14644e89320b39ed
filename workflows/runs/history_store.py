"""What ran in an environment before: what it can go back to, what broke off, what is kept, and what has grown old.

Index: `runs.environment_turn`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection as MongoCollection

from clusters.domain.objects import Ref, Refs, ref_from_json
from kubeorch.mongo.client import Document, db
from workflows.domain.images import built_rows
from workflows.environments.store import Environment
from workflows.runs.run import Run
from workflows.runs.states import ENDED, OPEN, RunState
from workflows.runs.store import LAST_FIRST

RETURNABLE = 100
"""Of the runs that succeeded, so many are looked at for one to return to."""
WHOLE: Document = {"options.only": {"$in": [None, []]}}
"""Matches the runs of all objects; those of some leave what is deployed as it was."""


def healed(environment_id: ObjectId, ref: Ref, since: datetime) -> list[datetime]:
    """When runs were started by themselves since then to put this very object back, oldest first."""
    query = {"environment_id": environment_id, "triggered_by": "self_heal", "created_at": {"$gte": since}}
    found = _runs().find({**query, "options.only": ref.as_json()}, {"created_at": 1})
    return sorted(run["created_at"] for run in found)


def plans_run(environment_id: ObjectId, plan_ids: Collection[ObjectId]) -> set[ObjectId]:
    """Those of these plans that a run of the environment carries out, or has."""
    query = {"environment_id": environment_id, "plan.id": {"$in": list(plan_ids)}}
    return {run["plan"]["id"] for run in _runs().find(query, {"plan.id": 1})}


def runs_of_plans(plan_ids: Collection[ObjectId]) -> dict[ObjectId, Run]:
    """Of each of these plans the newest run that carries it out, or has: its number and state. Index: `plan`."""
    fields = {"number": 1, "state": 1, "plan.id": 1}
    query = {"plan.id": {"$in": list(plan_ids), "$type": "objectId"}}
    return {run["plan"]["id"]: run for run in _runs().find(query, fields).sort("number", 1)}


def succeeded_in(environment: Environment, session: ClientSession, *, before: int | None = None) -> list[Run]:
    """The runs that applied everything where the environment is now, and succeeded; the last ones first, only those
    whose turn is `before` that. Index: `runs.environment_turn`.
    """
    query: Document = {
        "environment_id": environment["_id"],
        "cluster_id": environment["cluster_id"],
        "namespace": environment["namespace"],
        "state": RunState.SUCCEEDED.value,
        "kind": {"$ne": "destroy"},
        **WHOLE,
        **({} if before is None else {"turn": {"$lt": before}}),
    }
    return list(_runs().find(query, session=session).sort(LAST_FIRST).limit(RETURNABLE))


def newest_by_person(environment: Environment) -> Run | None:
    """The last run of all objects here that a person started and that succeeded. Index: `runs.environment_turn`."""
    query: Document = {
        "environment_id": environment["_id"],
        "state": RunState.SUCCEEDED.value,
        "kind": {"$ne": "destroy"},
        "triggered_by": {"$in": [None, "person"]},
        **WHOLE,
    }
    return _runs().find_one(query, {"version": 1}, sort=LAST_FIRST)


def kept_last(environment_id: ObjectId, session: ClientSession) -> Refs:
    """What the last run of all objects kept although it was not drawn any more. Index: `runs.environment_turn`."""
    query = {"environment_id": environment_id, **WHOLE}
    last = _runs().find_one(query, {"kept": 1}, sort=LAST_FIRST, session=session)
    return Refs(ref_from_json(one["ref"]) for one in (last.get("kept", ()) if last else ()))


def last_broken_off(
    environment_id: ObjectId, after: int, session: ClientSession | None, *, of_all: bool = False
) -> Run | None:
    """The last run `after` that turn, `of_all` objects or of any, which ended before it had done all, and may have
    changed something by then."""
    query: Document = {
        **(WHOLE if of_all else {}),
        "environment_id": environment_id,
        "turn": {"$gt": after},
        "state": {"$in": [RunState.FAILED.value, RunState.CANCELED.value]},
        "applied_at": None,
        "$or": [{f"counts.{outcome}": {"$gt": 0}} for outcome in ("changed", "deleted", "failed")],
    }
    return _runs().find_one(query, sort=LAST_FIRST, session=session)


def unsuccessful_since(environment_id: ObjectId, turn: int, session: ClientSession | None) -> list[Run]:
    """The runs of all objects after that turn that ended without success and were not rolled back, the last ones first.
    Index: `runs.environment_turn`.
    """
    states_of_them = [RunState.FAILED.value, RunState.CANCELED.value, RunState.SUPERSEDED.value]
    query: Document = {"environment_id": environment_id, "turn": {"$gt": turn}, "state": {"$in": states_of_them}}
    fields = dict.fromkeys(("number", "version", "state", "kind", "counts", "turn"), 1)
    found = _runs().find({**query, **WHOLE}, fields, session=session)
    return list(found.sort(LAST_FIRST).limit(RETURNABLE))


def needed_of(environment_id: ObjectId, session: ClientSession | None = None) -> set[ObjectId]:
    """The runs that may still be carried out, tried again or returned to by default, and those whose objects they
    apply: the open ones, the last one, and the last that succeeded. Index: `runs.environment_turn`.
    """
    of_environment: Document = {"environment_id": environment_id}
    fields = {"release_of": 1}
    succeeded = {**of_environment, "state": RunState.SUCCEEDED.value, "kind": {"$ne": "destroy"}, **WHOLE}
    open_runs = {**of_environment, "state": {"$in": list(OPEN)}}
    found = list(_runs().find(open_runs, fields, session=session))
    found += _runs().find(of_environment, fields, session=session).sort(LAST_FIRST).limit(1)
    found += _runs().find(succeeded, fields, session=session).sort(LAST_FIRST).limit(1)
    return {run["_id"] for run in found} | {run["release_of"] for run in found if "release_of" in run}


def builds_taken(team_id: ObjectId) -> set[str]:
    """Ids of the builds whose images the team's runs have taken, as far as the runs are kept."""
    query = {"team_id": team_id, "images": {"$exists": True}}
    found = _runs().find(query, {"images": 1})
    return {str(image["build_id"]) for run in found for image in built_rows(run.get("images")).values()}


def images_of_open(team_id: ObjectId | Mapping[str, ObjectId]) -> set[str]:
    """Images (`repository@digest`) that open runs of the team have taken, or of the teams that match."""
    query = {"team_id": team_id, "state": {"$in": list(OPEN)}, "images": {"$exists": True}}
    found = _runs().find(query, {"images": 1})
    return {str(image["image"]) for run in found for image in (run.get("images") or {}).values()}


def old_runs(
    workflow_id: ObjectId, *, newest: int, ended_before: datetime, kept: Collection[ObjectId], at_most: int
) -> list[ObjectId]:
    """Ended runs beyond the `newest` ones or from before, without those in `kept`, oldest first."""
    of_workflow: Document = {"workflow_id": workflow_id}
    beyond = _runs().find(of_workflow, {"number": 1}).sort("number", -1).skip(newest).limit(1)
    number = next((run["number"] for run in beyond), 0)
    is_old: Document = {"$or": [{"number": {"$lte": number}}, {"finished_at": {"$lt": ended_before}}]}
    query = {**of_workflow, **is_old, "state": {"$in": list(ENDED)}, "_id": {"$nin": list(kept)}}
    return [run["_id"] for run in _runs().find(query, {"_id": 1}).sort("number", 1).limit(at_most)]


def _runs() -> MongoCollection[Run]:
    return cast("MongoCollection[Run]", db().runs)
