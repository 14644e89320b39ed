"""Decisions about plans as live topics show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubeorch.accounts.principal import Principal
from workflows.plans.judged_store import judged_json
from workflows.plans.representations import approval_json, plan_head_json


def decision_json(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What the topic `environment:<id>` carries under the key `plan:<id>`; without whether one is required."""
    decided = approval_json(plan, required=False)
    del decided["required"]
    return {"id": str(plan["_id"]), "hash": plan["hash"], **decided}


def waiting_json(plan: Mapping[str, Any], principal: Principal) -> dict[str, Any]:
    """A plan in the list of those that wait, with what the caller may do about it."""
    is_mine = str(plan["created_by"]) == principal.user_id
    return {
        **plan_head_json(plan, protected=[plan["environment_id"]]),
        "team_id": str(plan["team_id"]),
        "looked_at": judged_json(plan.get("judged"))["looked_at"],
        "mine": is_mine,
        "may_decide": not is_mine and principal.may("plan.approve", plan["team_id"]),
    }
