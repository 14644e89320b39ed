"""What was found of plans since they were made, and when each is looked at again.

Indexes: `plans.environment_created`, `look_due`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from bson import ObjectId

from kubeorch.base.clock import iso, now
from kubeorch.mongo.client import db
from kubeorch.realtime.events import Event, told
from workflows.plans.store import Judged, Plan, approval_of
from workflows.runs.history_store import plans_run

LOOKED_AT = 200
"""Plans of one environment among which those are looked for that are followed."""
FRESH = timedelta(minutes=10)
"""A plan that was made or read so lately is being looked at by somebody."""
FRESH_EVERY = timedelta(seconds=30)
EVERY = timedelta(minutes=5)
"""So often plans are looked at though nothing was seen that moves them."""
SAME = timedelta(seconds=5)
"""That a look found the same is not written down more often,"""
OPENED = timedelta(minutes=1)
"""nor that somebody reads a plan."""


def unrun_plans(environment_id: ObjectId, since: datetime, newest: int, most: int) -> list[Plan]:
    """The plans of the environment of which no run was started: those that wait for an approval or have one, whenever
    they were made, those that somebody is looking at, and the `newest` of those made since then; `most` at all, newest
    first.

    Index: `environment_created`.
    """
    fields = {"created_at": 1, "opened_at": 1, "asked": 1, "approval": 1, "hash": 1}
    rows = [
        cast("Plan", row)
        for row in db().plans.find({"environment_id": environment_id}, fields).sort("created_at", -1).limit(LOOKED_AT)
    ]
    done = plans_run(environment_id, [row["_id"] for row in rows]) if rows else set()
    rows = [row for row in rows if row["_id"] not in done]
    waiting = [row["_id"] for row in rows if row.get("asked") or approval_of(row) is not None]
    fresh = [row["_id"] for row in rows if is_fresh(row)]
    young = [row["_id"] for row in rows if row["created_at"] >= since][:newest]
    counts = list(dict.fromkeys([*waiting, *fresh, *young]))[:most]
    found = db().plans.find({"_id": {"$in": counts}}).sort("created_at", -1)
    return [cast("Plan", row) for row in found]


def is_fresh(plan: Plan) -> bool:
    return max(plan["created_at"], plan.get("opened_at", plan["created_at"])) >= now() - FRESH


def due_environments(cluster_id: ObjectId, most: int) -> list[ObjectId]:
    """Those with plans that are to be looked at again; the longest due first. `most` is of plans. Index: `look_due`."""
    query = {"cluster_id": cluster_id, "look_at": {"$lte": now()}}
    found = db().plans.find(query, {"environment_id": 1}).sort("look_at", 1).limit(most)
    return list(dict.fromkeys(row["environment_id"] for row in found))


def note_followed(
    cluster_id: ObjectId, environment_id: ObjectId, followed: Sequence[Plan], looked: Sequence[Plan]
) -> None:
    """Say when those that were looked at are looked at again; those that are due and not followed are not any more."""
    moment = now()
    fresh = [plan["_id"] for plan in looked if is_fresh(plan)]
    others = [plan["_id"] for plan in looked if plan["_id"] not in fresh]
    for ids, every in ((fresh, FRESH_EVERY), (others, EVERY)):
        if ids:
            db().plans.update_many({"_id": {"$in": ids}}, {"$set": {"look_at": moment + every}})
    over = {
        "cluster_id": cluster_id,
        "environment_id": environment_id,
        "look_at": {"$lte": moment},
        "_id": {"$nin": [plan["_id"] for plan in followed]},
    }
    db().plans.update_many(over, {"$unset": {"look_at": ""}})


def note_opened(plan: Plan) -> None:
    """Somebody reads the plan, who wants to know when it moves."""
    moment = now()
    if plan.get("opened_at", plan["created_at"]) <= moment - OPENED:
        change = {"$set": {"opened_at": moment, "look_at": moment + FRESH_EVERY}}
        db().plans.update_one({"_id": plan["_id"]}, change)


def note_judged(plan: Plan, moved: Sequence[Mapping[str, Any]]) -> None:
    """Write down what has moved since the plan was made, and tell it to who follows the plan."""
    judged, moment = plan.get("judged"), now()
    is_news = judged is None or judged["moved"] != list(moved)
    if judged is not None and not is_news and moment - judged.get("looked_at", judged["at"]) < SAME:
        return
    at = moment if judged is None or is_news else judged["at"]
    after: Judged = {"moved": list(moved), "at": at, "looked_at": moment, "rev": (judged["rev"] if judged else 0) + 1}
    events = [Event(f"plan:{plan['_id']}", "plan", judged_json(after), after["rev"])]
    if plan.get("asked") and bool(moved) != bool(judged and judged["moved"]):
        # Whether it can be approved has changed, and so the list of what waits for that.
        told_of = {"id": str(plan["_id"]), "still_true": not after["moved"]}
        events.append(Event(f"team:{plan['team_id']}", f"approval:{plan['_id']}:judged", told_of, after["rev"]))
    query = {"_id": plan["_id"], "judged.rev": judged["rev"] if judged else None}
    db().plans.update_one(query, {"$set": {"judged": after, **told(events)}})


def note_surroundings(plan: Plan, surroundings: list[list[Any]]) -> None:
    """Write down that the plan is proved with these, too; `plan` says so as well."""
    plan["surroundings"] = surroundings
    db().plans.update_one({"_id": plan["_id"]}, {"$set": {"surroundings": surroundings}})


def judged_json(judged: Judged | None) -> dict[str, Any]:
    """As the topic of the plan shows it: whether it was still true when it was `looked_at` last, and since `at`; None
    before it was looked at."""
    if judged is None:
        return {"still_true": None, "moved": [], "at": None, "looked_at": None}
    looked_at = judged.get("looked_at", judged["at"])
    return {
        "still_true": not judged["moved"],
        "moved": judged["moved"],
        "at": iso(judged["at"]),
        "looked_at": iso(looked_at),
    }
