"""Documents as the API and the live topics show them. Nothing here asks the database: what a document does not
hold itself (names of people and teams, a cluster, the open run) is looked up by the caller and handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from bson import ObjectId

from clusters.domain.objects import Ref, ref_from_json
from kubeorch.base.clock import iso
from workflows.domain.images import built_rows, pinned_images_json
from workflows.domain.rendering.budget import budget_of
from workflows.domain.rendering.plan import Action
from workflows.domain.run_options import RunOptions

Names = Mapping[ObjectId, str]
_NOTHING_COUNTED = dict.fromkeys(("total", "done", "changed", "deleted", "kept", "unchanged", "failed", "skipped"), 0)
"""A run that an earlier release planned lacks some of these."""


def workflow_json(
    workflow: Mapping[str, Any], *, teams: Names, people: Names, environments: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """A workflow (without its graph) with everything a card shows; `environments` as `environment_json` gives them."""
    return {
        "id": str(workflow["_id"]),
        "name": workflow["name"],
        "description": workflow["description"],
        "state": workflow["state"],
        "tags": workflow["tags"],
        "team": named_json(workflow["team_id"], teams),
        "rev": workflow["rev"],
        "version": workflow["version"],
        "node_count": workflow["node_count"],
        "created_at": iso(workflow["created_at"]),
        "created_by": named_json(workflow["created_by"], people),
        "updated_at": iso(workflow["updated_at"]),
        "updated_by": named_json(workflow["updated_by"], people),
        "last_run": _last_run_json(workflow["last_run"]),
        "removed_runs": workflow.get("removed_runs", 0),
        "environments": list(environments),
    }


def environment_json(
    environment: Mapping[str, Any],
    *,
    content: str,
    cluster: Mapping[str, Any] | None,
    health: Mapping[str, Any] | None,
    active_run: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """An environment with its cluster, None when that was removed, how its objects do, and the run that is open in it.

    `content` is the workflow's of now.
    """
    return {
        "id": str(environment["_id"]),
        "workflow_id": str(environment["workflow_id"]),
        "name": environment["name"],
        "cluster": _cluster_json(environment["cluster_id"], cluster),
        "namespace": environment["namespace"],
        "variables": environment["variables"],
        "deployed": _deployed_json(environment["deployed"], content),
        "undeployed_at": _undeployed_at(environment),
        "partly": _partly_json(environment.get("partly")),
        "health": health,
        "active_run": None if active_run is None else _run_reference_json(active_run["_id"], active_run),
        "auto_rollback": environment.get("auto_rollback", False),
        "quarantined": [_quarantined_json(one) for one in environment.get("quarantined", ())],
        "protected": environment.get("protected", False),
        "self_heal": environment.get("self_heal", False),
        "deletion_budget": budget_of(environment).as_json(),
    }


def version_json(version: Mapping[str, Any], people: Names) -> dict[str, Any]:
    """A version; one that was loaded with its graph shows it."""
    return {
        "number": version["number"],
        "name": version["name"],
        "tag": version["tag"],
        "description": version["description"],
        "automatic": version["automatic"],
        "run_id": str(version["run_id"]) if version["run_id"] else None,
        "restored_from": version["restored_from"],
        "node_count": version["node_count"],
        "content_hash": version["content_hash"],
        "created_at": iso(version["created_at"]),
        "created_by": named_json(version["created_by"], people),
        **({"nodes": version["nodes"], "edges": version["edges"]} if "nodes" in version else {}),
    }


def workflow_head_json(workflow: Mapping[str, Any], updated_by: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the topic `workflow:<id>` carries under the key `workflow`."""
    return {
        "rev": workflow["rev"],
        "state": workflow["state"],
        "name": workflow["name"],
        "updated_by": updated_by,
        "updated_at": iso(workflow["updated_at"]),
    }


def inventory_row_json(row: Mapping[str, Any], kept: Mapping[Ref, tuple[Action, str]]) -> dict[str, Any]:
    """An object that an environment owns in its cluster; `kept` says what destroying keeps, and why."""
    return {
        "node_id": row.get("node_id"),
        "ref": dict(row["ref"]),
        "uid": row.get("uid"),
        "state": row["state"],
        "run_id": str(row["run_id"]) if row.get("run_id") else None,
        "applied_at": iso(row.get("applied_at")),
        "holds_data": row["holds_data"],
        **_kept_json(row, kept),
    }


def owned_json(
    rows: Sequence[Mapping[str, Any]],
    environments: Sequence[Mapping[str, Any]],
    kept: Mapping[ObjectId, Mapping[Ref, tuple[Action, str]]],
) -> list[dict[str, Any]]:
    """Inventory rows for the question what becomes of them: where, what, whether deleting one loses data, and whether
    destroying keeps it; `kept` by environment.
    """
    names = {environment["_id"]: environment["name"] for environment in environments}
    return [
        {
            "environment": named_json(row["environment_id"], names),
            "node_id": row.get("node_id"),
            "ref": dict(row["ref"]),
            "holds_data": row["holds_data"],
            **_kept_json(row, kept[row["environment_id"]]),
        }
        for row in rows
    ]


def _kept_json(row: Mapping[str, Any], kept: Mapping[Ref, tuple[Action, str]]) -> dict[str, Any]:
    action, reason = kept.get(ref_from_json(row["ref"]), (None, ""))
    return {
        "is_kept_on_destroy": action is not None,
        "is_given_back": action is Action.GIVE_BACK,
        "reason": reason,
    }


def run_json(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run as the API and the topics show it; needs no other document."""
    started, finished, options = run["started_at"], run["finished_at"], RunOptions.of(run)
    return {
        "id": str(run["_id"]),
        "number": run["number"],
        "workflow": {"id": str(run["workflow_id"]), "name": run["workflow_name"]},
        "environment": {"id": str(run["environment_id"]), "name": run["environment_name"]},
        "kind": run["kind"],
        "options": {
            "delete_volumes": options.delete_volumes,
            "confirm_deletions": options.confirm_deletions,
            "take_over": options.take_over,
            "adopt": options.adopt,
            "deadline_s": options.deadline_s,
            "only": [ref.as_json() for ref in options.only],
        },
        "triggered_by": run.get("triggered_by", "person"),
        "trigger_name": run.get("trigger_name", ""),
        "to_run": _other_run_json(run.get("to_run")),
        "rolled_back_from": _other_run_json(run.get("rolled_back_from")),
        "rolled_back_by": _rolled_back_by_json(run.get("rolled_back_by")),
        "state": run["state"],
        "version": run["version"],
        "plan": {"id": str(run["plan"]["id"]), "hash": run["plan"]["hash"]} if run.get("plan") else None,
        "approval": _approval_json(run.get("approval")),
        "images": taken_images_json(run.get("images")),
        "pinned_images": pinned_images_json(run.get("images")),
        "created_at": iso(run["created_at"]),
        "created_by": {"id": str(run["created_by"]), "name": run["created_by_name"]},
        "started_at": iso(started),
        "applied_at": iso(run["applied_at"]),
        "finished_at": iso(finished),
        "deadline_at": iso(run["deadline_at"]),
        "duration_s": (finished - started).total_seconds() if started and finished else None,
        "error": _error_json(run),
        "counts": {**_NOTHING_COUNTED, **run["counts"]},
        "kept": run.get("kept", []),
        "waves": run["waves"],
        "rev": run["rev"],
        "cancel_requested": run["cancel_requested_at"] is not None,
    }


def taken_images_json(images: Mapping[str, Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """The images that a run or a plan takes, by name of their source."""
    rows = [{"node_id": key, **image} for key, image in built_rows(images).items()]
    return sorted(rows, key=itemgetter("source", "node_id"))


def step_json(step: Mapping[str, Any]) -> dict[str, Any]:
    """One object of a run's plan, and how far it is."""
    return {
        "index": step["index"],
        "wave": step["wave"],
        "node_id": step["node_id"] or None,
        "ref": step["ref"],
        "action": step["action"],
        "reason": step.get("reason", ""),
        "state": step["state"],
        "error": step["error"],
        "health_at_end": step.get("health_at_end"),
        "differs": step.get("differs"),
        "waits_for": step.get("waits_for") if step["state"] in ("pending", "running") else None,
        "started_at": iso(step["started_at"]),
        "finished_at": iso(step["finished_at"]),
    }


def log_line_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a run's log."""
    return {"at": iso(row["at"]), "level": row["level"], "node_id": row["node_id"], "message": row["message"]}


def destroy_run_json(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run that deletes what an environment owns, as the answer to a removal names it."""
    return {
        **_run_reference_json(run["_id"], run),
        "environment_id": str(run["environment_id"]),
        "kept": run.get("kept", []),
    }


def named_json(item_id: ObjectId | None, names: Names) -> dict[str, str] | None:
    """`{id, name}`; the name is empty when it is not known any more."""
    return None if item_id is None else {"id": str(item_id), "name": names.get(item_id, "")}


def _cluster_json(cluster_id: ObjectId, cluster: Mapping[str, Any] | None) -> dict[str, str]:
    if cluster is None:
        return {"id": str(cluster_id), "name": "removed cluster", "state": "failed"}
    return {"id": str(cluster_id), "name": cluster["name"], "state": cluster["state"]}


def _run_reference_json(run_id: ObjectId, run: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": str(run_id), "number": run["number"], "state": run["state"]}


def _quarantined_json(one: Mapping[str, Any]) -> dict[str, Any]:
    run = {"id": str(one["run"]["id"]), "number": one["run"]["number"]}
    rolled_back = one.get("rolled_back", False)
    return {
        "version": one["version"],
        "run": run,
        "reason": one["reason"],
        "at": iso(one["at"]),
        "rolled_back": rolled_back,
    }


def _other_run_json(run: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if run is None else {"id": str(run["id"]), "number": run["number"], "version": run["version"]}


def _rolled_back_by_json(run: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if run is None else {"id": str(run["id"]), "number": run["number"]}


def _error_json(run: Mapping[str, Any]) -> dict[str, Any] | None:
    """Why the run failed, and why its rollback did."""
    error: dict[str, Any] | None = run["error"]
    failure = (run.get("rolled_back_by") or {}).get("failure")
    return {**error, "detail": f"{error['detail']}. {failure}"} if error and failure else error


def _last_run_json(run: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {**_run_reference_json(run["id"], run), "finished_at": iso(run.get("finished_at"))}


def _deployed_json(deployed: Mapping[str, Any] | None, content: str) -> dict[str, Any] | None:
    if deployed is None:
        return None
    return {
        "version": deployed["version"],
        "run_id": str(deployed["run_id"]),
        "at": iso(deployed["at"]),
        "edited_since": deployed["content"] != content,
    }


def _undeployed_at(environment: Mapping[str, Any]) -> str | None:
    undeployed = environment.get("undeployed")
    return iso(undeployed["at"]) if undeployed and environment["deployed"] is None else None


def _partly_json(partly: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if partly is None:
        return None
    return {"run": {**partly["run"], "id": str(partly["run"]["id"])}, "objects": partly["objects"]}


def _approval_json(approval: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Who approved the plan of a run."""
    if approval is None:
        return None
    return {"by": {"id": str(approval["by"]), "name": approval["by_name"]}, "at": iso(approval["at"])}
