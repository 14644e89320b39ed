"""Documents as the API shows them; names of people, teams and clusters are looked up once a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bson import ObjectId

from kubeorch.base.clock import iso
from kubeorch.mongo.client import Document, db
from workflows.environments import store as environment_store
from workflows.environments.clusters import cluster_labels


def workflows_json(workflows: Sequence[Document]) -> list[dict[str, Any]]:
    """Workflows (without their graphs) with everything a card shows."""
    environments: dict[ObjectId, list[dict[str, Any]]] = {workflow["_id"]: [] for workflow in workflows}
    rows = environment_store.of_workflows(environments)
    for row, shown in zip(rows, environments_json(rows), strict=True):
        environments[row["workflow_id"]].append(shown)
    people = people_of(workflow[field] for workflow in workflows for field in ("created_by", "updated_by"))
    teams = _names("teams", (workflow["team_id"] for workflow in workflows))
    return [
        {
            "id": str(workflow["_id"]),
            "name": workflow["name"],
            "description": workflow["description"],
            "state": workflow["state"],
            "tags": workflow["tags"],
            "team": _named(workflow["team_id"], teams),
            "rev": workflow["rev"],
            "version": workflow["version"],
            "node_count": workflow["node_count"],
            "created_at": iso(workflow["created_at"]),
            "created_by": _named(workflow["created_by"], people),
            "updated_at": iso(workflow["updated_at"]),
            "updated_by": _named(workflow["updated_by"], people),
            "last_run": _last_run(workflow["last_run"]),
            "environments": environments[workflow["_id"]],
        }
        for workflow in workflows
    ]


def workflow_json(workflow: Document) -> dict[str, Any]:
    return workflows_json([workflow])[0]


def environments_json(environments: Sequence[Document]) -> list[dict[str, Any]]:
    """Environments with their cluster's name and state, and the run that is open."""
    clusters = cluster_labels({environment["cluster_id"] for environment in environments})
    run_ids = [environment["active_run_id"] for environment in environments if environment["active_run_id"]]
    runs = (
        {run["_id"]: run for run in db().runs.find({"_id": {"$in": run_ids}}, {"number": 1, "state": 1})}
        if run_ids
        else {}
    )
    return [
        {
            "id": str(environment["_id"]),
            "workflow_id": str(environment["workflow_id"]),
            "name": environment["name"],
            "cluster": clusters[environment["cluster_id"]],
            "namespace": environment["namespace"],
            "variables": environment["variables"],
            "deployed": _deployed(environment["deployed"]),
            "active_run": _run(runs.get(environment["active_run_id"])),
        }
        for environment in environments
    ]


def environment_json(environment: Document) -> dict[str, Any]:
    return environments_json([environment])[0]


def versions_json(versions: Sequence[Document]) -> list[dict[str, Any]]:
    """Versions; those loaded with their graph show it."""
    people = people_of(version["created_by"] for version in versions)
    return [
        {
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
            "created_by": _named(version["created_by"], people),
            **({"nodes": version["nodes"], "edges": version["edges"]} if "nodes" in version else {}),
        }
        for version in versions
    ]


def version_json(version: Document) -> dict[str, Any]:
    return versions_json([version])[0]


def people_of(user_ids: Iterable[ObjectId | None]) -> dict[ObjectId, str]:
    """Names by user id; the e-mail address of those who gave no name."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    if not wanted:
        return {}
    found = db().users.find({"_id": {"$in": list(wanted)}}, {"name": 1, "email": 1})
    return {row["_id"]: row["name"] or row["email"] for row in found}


def _names(collection: str, ids: Iterable[ObjectId]) -> dict[ObjectId, str]:
    wanted = list(set(ids))
    if not wanted:
        return {}
    return {row["_id"]: row["name"] for row in db()[collection].find({"_id": {"$in": wanted}}, {"name": 1})}


def _named(item_id: ObjectId | None, names: Mapping[ObjectId, str]) -> dict[str, str] | None:
    return None if item_id is None else {"id": str(item_id), "name": names.get(item_id, "")}


def _last_run(run: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "id": str(run["id"]),
        "number": run["number"],
        "state": run["state"],
        "finished_at": iso(run.get("finished_at")),
    }


def _run(run: Document | None) -> dict[str, Any] | None:
    return None if run is None else {"id": str(run["_id"]), "number": run["number"], "state": run["state"]}


def _deployed(deployed: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if deployed is None:
        return None
    return {"version": deployed["version"], "run_id": str(deployed["run_id"]), "at": iso(deployed["at"])}
