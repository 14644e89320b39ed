"""Decisions about plans as the API and live topics show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bson import ObjectId

from kubeorch.accounts.principal import Principal
from kubeorch.base.clock import iso
from workflows.plans.judged_store import judged_json
from workflows.plans.representations import approval_json, plan_head_json, to_run_json
from workflows.runs.run import Run


def decision_json(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What the topic `environment:<id>` carries under the key `plan:<id>`; without whether one is required."""
    decided = approval_json(plan, required=False)
    del decided["required"]
    return {"id": str(plan["_id"]), "hash": plan["hash"], **decided}


def approval_row_json(
    plan: Mapping[str, Any], principal: Principal, protected: Collection[ObjectId], run: Run | None
) -> dict[str, Any]:
    """A plan in the list of those that wait or were decided about, with what the caller may do about it; `run` is the
    newest one of the plan."""
    is_mine = str(plan["created_by"]) == principal.user_id
    judged, waits = plan.get("judged"), bool(plan.get("asked"))
    return {
        **plan_head_json(plan, protected=protected),
        "team_id": str(plan["team_id"]),
        "looked_at": judged_json(plan.get("judged"))["looked_at"],
        "mine": is_mine,
        "waits": waits,
        "may_decide": waits and not is_mine and principal.may("plan.approve", plan["team_id"]),
        "still_true": None if judged is None else not judged["moved"],
        "run": _run_json(run),
    }


def decision_row_json(row: Mapping[str, Any], principal: Principal, *, kept: bool, run: Run | None) -> dict[str, Any]:
    """A row of the history; its plan may be `kept` or forgotten."""
    return {
        "id": str(row["_id"]),
        "plan": str(row["plan_id"]) if kept else None,
        "hash": row["hash"],
        "team_id": str(row["team_id"]),
        "workflow": {"id": str(row["workflow_id"]), "name": row["workflow_name"]},
        "environment": {"id": str(row["environment_id"]), "name": row["environment_name"]},
        "version": row["version"],
        "to_run": to_run_json(row.get("to_run")),
        "counts": {"give_back": 0, **row["counts"]},
        "by": {"id": str(row["created_by"]), "name": row["created_by_name"]},
        "mine": str(row["created_by"]) == principal.user_id,
        "state": row["state"],
        "decided_by": {"id": str(row["by"]), "name": row["by_name"]},
        "at": iso(row["at"]),
        "reason": row["reason"],
        "run": _run_json(run),
    }


def _run_json(run: Run | None) -> dict[str, Any] | None:
    return None if run is None else {"id": str(run["_id"]), "number": run["number"], "state": run["state"]}
