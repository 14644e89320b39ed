"""Plans as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubeorch.base.clock import iso
from workflows.plans.store import PlanObject


def plan_head_json(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan without its objects."""
    return {
        "id": str(plan["_id"]),
        "workflow": {"id": str(plan["workflow_id"]), "name": plan["workflow_name"]},
        "environment": {"id": str(plan["environment_id"]), "name": plan["environment_name"]},
        "version": plan["version"],
        "created_at": iso(plan["created_at"]),
        "by": {"id": str(plan["created_by"]), "name": plan["created_by_name"]},
        "hash": plan["hash"],
        "options": {name: plan["options"][name] for name in ("delete_volumes", "take_over")},
        "counts": plan["counts"],
    }


def plan_json(
    plan: Mapping[str, Any], objects: Sequence[PlanObject], moved: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """A plan with its objects; it is still true while nothing has `moved`."""
    return {
        **plan_head_json(plan),
        "still_true": not moved,
        "moved": list(moved),
        "objects": [one["planned"] for one in objects],
    }
