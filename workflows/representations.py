"""Documents as the API and the live topics show them. Nothing here asks the database: what a document does not
hold itself (names of people and teams, a cluster, the open run) is looked up by the caller and handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId

from kubeorch.base.clock import iso
from kubeorch.mongo.client import Document

Names = Mapping[ObjectId, str]


def workflow_json(
    workflow: Document, *, teams: Names, people: Names, environments: Sequence[dict[str, Any]]
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
        "environments": list(environments),
    }


def environment_json(
    environment: Document, *, cluster: Mapping[str, Any] | None, active_run: Document | None = None
) -> dict[str, Any]:
    """An environment with its cluster, None when that was removed, and the run that is open in it."""
    return {
        "id": str(environment["_id"]),
        "workflow_id": str(environment["workflow_id"]),
        "name": environment["name"],
        "cluster": _cluster_json(environment["cluster_id"], cluster),
        "namespace": environment["namespace"],
        "variables": environment["variables"],
        "deployed": _deployed_json(environment["deployed"]),
        "active_run": None if active_run is None else _run_reference_json(active_run["_id"], active_run),
    }


def version_json(version: Document, people: Names) -> dict[str, Any]:
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


def named_json(item_id: ObjectId | None, names: Names) -> dict[str, str] | None:
    """`{id, name}`; the name is empty when it is not known any more."""
    return None if item_id is None else {"id": str(item_id), "name": names.get(item_id, "")}


def _cluster_json(cluster_id: ObjectId, cluster: Mapping[str, Any] | None) -> dict[str, str]:
    if cluster is None:
        return {"id": str(cluster_id), "name": "removed cluster", "state": "failed"}
    return {"id": str(cluster_id), "name": cluster["name"], "state": cluster["state"]}


def _run_reference_json(run_id: ObjectId, run: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": str(run_id), "number": run["number"], "state": run["state"]}


def _last_run_json(run: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {**_run_reference_json(run["id"], run), "finished_at": iso(run.get("finished_at"))}


def _deployed_json(deployed: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if deployed is None:
        return None
    return {"version": deployed["version"], "run_id": str(deployed["run_id"]), "at": iso(deployed["at"])}
