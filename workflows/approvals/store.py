"""Decisions about plans. The last one stands in its plan's document, so that it ends with the plan; a run keeps a copy.
Each is a row of `decisions`, too, which outlives the plan: whoever asked finds the answer, and others what was decided.

Indexes: `plans.asked_created` and `decided_created`; `decisions.team_at` and `environment_at`, kept for a year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.mongo.client import Document, db
from workflows.plans.store import Approval, ApprovalState, Plan
from workflows.runs.history_store import runs_of_plans
from workflows.runs.run import OtherRun

DECIDED = {"approval.rev": {"$gte": 1}}


class Decision(TypedDict):
    """A document of `decisions`: what was said of a plan, with what is to be known of the plan when it is gone."""

    _id: ObjectId
    team_id: ObjectId
    plan_id: ObjectId
    hash: str
    workflow_id: ObjectId
    workflow_name: str
    environment_id: ObjectId
    environment_name: str
    version: int | None
    to_run: NotRequired[OtherRun]
    counts: dict[str, int]
    created_by: ObjectId
    """Who made the plan."""
    created_by_name: str
    state: ApprovalState
    by: ObjectId
    by_name: str
    at: datetime
    reason: str


def decide(
    plan_id: ObjectId, scope: Mapping[str, Any], decision: Approval, known_rev: int, session: ClientSession
) -> Plan | None:
    """Store a decision in place of the one before, and as a row; the plan with it. None where the plan is gone, or
    where somebody decided since it was read at `known_rev`."""
    fields: Document = {f"approval.{name}": value for name, value in decision.items() if name != "rev"}
    change: Document = {"$set": fields, "$inc": {"approval.rev": 1}}
    if decision["state"] == "none":
        fields |= {"asked": True, "look_at": decision["at"]}
    else:
        change["$unset"] = {"asked": ""}
    known: Document = {"approval.rev": known_rev} if known_rev else {"approval.rev": None}
    found = db().plans.find_one_and_update(
        {"_id": plan_id, **scope, **known},
        change,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if found is None:
        return None
    plan = cast("Plan", found)
    if decision["state"] != "none":
        db().decisions.insert_one(cast("Document", _row(plan, decision)), session=session)
    return plan


def take_back_others(plan: Plan, session: ClientSession) -> None:
    """Of each person the latest request in an environment waits: this one takes the place of theirs before."""
    theirs = {"environment_id": plan["environment_id"], "created_by": plan["created_by"], "asked": True}
    db().plans.update_many({**theirs, "_id": {"$ne": plan["_id"]}}, {"$unset": {"asked": ""}}, session=session)


def decisions() -> Collection[Document]:
    """The collection, for pages of it."""
    return db().decisions


def waiting(environment_ids: Sequence[ObjectId]) -> dict[str, Any]:
    """The query for plans that wait for an approval in these environments and are true as far as the watch knows."""
    return {"asked": True, "environment_id": {"$in": list(environment_ids)}, "judged.moved.0": {"$exists": False}}


def to_run(scope: Mapping[str, Any], environment_ids: Sequence[ObjectId]) -> dict[str, Any]:
    """The query for plans in these environments that were approved, are true as far as the watch knows, and of which no
    run was started."""
    query = {
        **DECIDED,
        "approval.state": "approved",
        "environment_id": {"$in": list(environment_ids)},
        "judged.moved.0": {"$exists": False},
    }
    found = [row["_id"] for row in db().plans.find({**scope, **query}, {"_id": 1})]
    return {**query, "_id": {"$nin": list(runs_of_plans(found))}} if found else query


def asked_or_decided(environment_ids: Sequence[ObjectId]) -> dict[str, Any]:
    """The query for all plans in these environments that wait for an approval or were decided about, true or not."""
    return {"environment_id": {"$in": list(environment_ids)}, "$or": [{"asked": True}, DECIDED]}


def decided_in(environment_id: ObjectId) -> list[Plan]:
    """The plans of an environment about which somebody has decided."""
    return cast("list[Plan]", list(db().plans.find({"environment_id": environment_id, **DECIDED})))


def kept(plan_ids: Sequence[ObjectId]) -> set[ObjectId]:
    """Those of the plans that are not forgotten yet."""
    return {row["_id"] for row in db().plans.find({"_id": {"$in": list(plan_ids)}}, {"_id": 1})}


def _row(plan: Plan, decision: Approval) -> Decision:
    row: Decision = {
        "_id": ObjectId(),
        "team_id": plan["team_id"],
        "plan_id": plan["_id"],
        "hash": decision["hash"],
        "workflow_id": plan["workflow_id"],
        "workflow_name": plan["workflow_name"],
        "environment_id": plan["environment_id"],
        "environment_name": plan["environment_name"],
        "version": plan["version"],
        "counts": plan["counts"],
        "created_by": plan["created_by"],
        "created_by_name": plan["created_by_name"],
        "state": decision["state"],
        "by": decision["by"],
        "by_name": decision["by_name"],
        "at": decision["at"],
        "reason": decision["reason"],
    }
    if target := plan.get("to_run"):
        row["to_run"] = target
    return row
