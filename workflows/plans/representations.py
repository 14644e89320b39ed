"""Plans as the API shows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from bson import ObjectId

from clusters.domain.objects import Ref
from clusters.domain.ownership.added import NOTHING_ADDED
from kubeorch.base.clock import iso
from kubeorch.base.yaml_writing import dump
from workflows.domain.images import pinned_images_json
from workflows.plans.store import NotPlanned, PlanBody, PlanObject
from workflows.plans.surroundings import surroundings_from, unseen
from workflows.representations import taken_images_json

FIELDS_BYTES = 4_000_000
"""Of all fields in one answer."""


def plan_head_json(plan: Mapping[str, Any], *, protected: Collection[ObjectId]) -> dict[str, Any]:
    """A plan without its objects; `protected` environments ask for an approval."""
    return {
        "id": str(plan["_id"]),
        "workflow": {"id": str(plan["workflow_id"]), "name": plan["workflow_name"]},
        "environment": {"id": str(plan["environment_id"]), "name": plan["environment_name"]},
        "version": plan["version"],
        "kind": "rollback" if plan.get("to_run") else "apply",
        "to_run": to_run_json(plan.get("to_run")),
        "created_at": iso(plan["created_at"]),
        "by": {"id": str(plan["created_by"]), "name": plan["created_by_name"]},
        "hash": plan["hash"],
        "images": taken_images_json(plan.get("images")),
        "pinned_images": pinned_images_json(plan.get("images")),
        "options": {name: plan["options"].get(name, False) for name in ("delete_volumes", "take_over", "adopt")},
        "choices": [{"value": None, **one} for one in plan.get("choices", ())],
        "counts": {"give_back": 0, **plan["counts"]},
        "deletions": plan.get("deletions") or {"count": plan["counts"]["delete"], "budget": 0, "above": False},
        "approval": approval_json(plan, required=plan["environment_id"] in protected),
    }


def plan_json(
    plan: Mapping[str, Any],
    objects: Sequence[PlanObject],
    moved: Sequence[dict[str, Any]],
    *,
    protected: Collection[ObjectId],
) -> dict[str, Any]:
    """A plan with its objects; it is still true while nothing has `moved`."""
    return {
        **plan_head_json(plan, protected=protected),
        "still_true": not moved,
        "moved": list(moved),
        "objects": bounded([_planned(one) for one in objects]),
        "lacking": plan.get("lacking", []),
        "unseen": unseen(surroundings_from(plan.get("surroundings", ()))),
        "undo": undo_json(plan, objects),
    }


def bounded(planned: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects; those beyond FIELDS_BYTES of fields without theirs, which `field_counts` still counts. Plans of an
    earlier release say nothing of what is left to others."""
    left, found = FIELDS_BYTES, list[dict[str, Any]]()
    for one in planned:
        size = len(orjson.dumps(one["fields"]))
        found.append(one if size <= left else {**one, "fields": []})
        left -= min(size, left)
    return found


def _planned(one: PlanObject) -> dict[str, Any]:
    """Plans of an earlier release say nothing of what is left to others, what others added and what is taken over."""
    return {"yielded": [], "added": NOTHING_ADDED.as_json(), "adopts": None, **one["planned"]}


def plan_object_json(objects: Sequence[PlanObject], ref: Ref, body: PlanBody | None) -> dict[str, Any]:
    """One object of a plan with all its fields, and whole as YAML. Raises NotPlanned."""
    wanted = ref.as_json()
    one = next((one for one in objects if one["planned"]["ref"] == wanted), None)
    if one is None:
        raise NotPlanned(ref)
    sides = (body["before"], body["after"]) if body is not None else (None, None)
    before, after = (None if side is None else dump(side) for side in sides)
    return {"object": _planned(one), "before": before, "after": after, "kept": body is not None}


def to_run_json(run: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if run is None else {"id": str(run["id"]), "number": run["number"], "version": run["version"]}


def undo_json(plan: Mapping[str, Any], objects: Sequence[PlanObject]) -> dict[str, Any]:
    """How a run of the plan is taken back, what that does to each object that it changes, and what stays done."""
    taken_back = plan.get("taken_back")
    to_run = taken_back["to_run"] if taken_back else None
    found = [(one["planned"]["ref"], undo) for one in objects if (undo := one.get("undo")) is not None]
    return {
        "way": "rollback" if to_run else "destroy" if taken_back else "unknown",
        "to_run": to_run_json(to_run),
        "partly": bool(taken_back and taken_back["partly"]),
        "objects": [{"ref": ref, "effect": one["effect"], "reason": one["reason"]} for ref, one in found],
        "cannot": [
            *(_staying(one) for one in plan.get("choices", ())),
            *({"ref": ref, "reason": reason} for ref, one in found for reason in one["cannot"]),
        ],
    }


def _staying(choice: Mapping[str, Any]) -> dict[str, Any]:
    return {"ref": choice["ref"], "reason": _STAYS[choice["choice"]].format(choice["path"])}


_STAYS = {
    "yield": "{} stays left to others, whatever is applied: take it back to have it set again",
    "take": "{} stays with KubeOrch: whoever had it before does not get it back",
    "share": "the value that {} had in the cluster stays in the graph: restore an earlier version to have it out again",
}
"""What was chosen with the plan is decided for all later runs, too."""


def asked_json(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What the topic `team:<id>` carries under `approval:<id>`: a plan that asks for an approval, was decided, or is
    withdrawn."""
    decided = plan.get("approval")
    return {
        "id": str(plan["_id"]),
        "workflow": {"id": str(plan["workflow_id"]), "name": plan["workflow_name"]},
        "environment": {"id": str(plan["environment_id"]), "name": plan["environment_name"]},
        "by": {"id": str(plan["created_by"]), "name": plan["created_by_name"]},
        "state": decided["state"] if decided else "none",
        "decided_by": decided["by_name"] if decided and decided["state"] != "none" else None,
    }


def approval_json(plan: Mapping[str, Any], *, required: bool) -> dict[str, Any]:
    """What another person has said of the plan, or that its maker does not ask any more."""
    approval = plan.get("approval")
    if not approval or approval["state"] == "none":
        return {"required": required, "state": "none", "by": None, "at": None, "reason": ""}
    return {
        "required": required,
        "state": approval["state"],
        "by": {"id": str(approval["by"]), "name": approval["by_name"]},
        "at": iso(approval["at"]),
        "reason": approval["reason"],
    }
