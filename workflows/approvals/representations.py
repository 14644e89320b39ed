"""Decisions about plans as live topics show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.plans.representations import approval_json


def decision_json(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What the topic `environment:<id>` carries under the key `plan:<id>`; without whether one is required."""
    decided = approval_json(plan, required=False)
    del decided["required"]
    return {"id": str(plan["_id"]), "hash": plan["hash"], **decided}
