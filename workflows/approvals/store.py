"""Decisions about plans. One stands in its plan's document, so that it ends with the plan; a run keeps a copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from kubeorch.mongo.client import db
from workflows.plans.store import Approval, Plan, PlanNotFound


def decide(plan_id: ObjectId, scope: Mapping[str, Any], decision: Approval, session: ClientSession) -> Plan:
    """Store a decision in place of the one before; the plan with it. Raises PlanNotFound."""
    fields = {f"approval.{name}": value for name, value in decision.items() if name != "rev"}
    found = db().plans.find_one_and_update(
        {"_id": plan_id, **scope},
        {"$set": fields, "$unset": {"asked": ""}, "$inc": {"approval.rev": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if found is None:
        raise PlanNotFound
    return cast("Plan", found)


def waiting(environment_ids: Sequence[ObjectId]) -> dict[str, Any]:
    """The query for plans that wait for an approval in these environments and are true as far as the watch knows."""
    return {"asked": True, "environment_id": {"$in": list(environment_ids)}, "judged.moved.0": {"$exists": False}}


def decided_in(environment_id: ObjectId) -> list[Plan]:
    """The plans of an environment that somebody has approved or refused."""
    query = {"environment_id": environment_id, "approval.rev": {"$gte": 1}}
    return cast("list[Plan]", list(db().plans.find(query)))
