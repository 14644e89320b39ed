"""Workflows for tests: graphs in the API's shape, clusters as rows, objects as inventory."""

from __future__ import annotations

import itertools
from typing import Any

import yaml
from bson import ObjectId

from tests.support.people import Person

_numbers = itertools.count(1)


def a_node(
    node_id: str = "web", *, kind: str = "deployment", x: float = 0, y: float = 0, **parameters: Any
) -> dict[str, Any]:
    """A node as the page sends it; a deployment gets an image when none is given."""
    if kind == "deployment":
        parameters = {"image": "nginx:1.27", **parameters}
    return {
        "id": node_id,
        "kind": kind,
        "name": node_id,
        "position": {"x": x, "y": y},
        "parameters": parameters,
        "patch": None,
    }


def a_config_map(name: str, **data: str) -> dict[str, Any]:
    return a_node(name, kind="configmap", data=data or {"a": "1"})


def a_secret(name: str, *keys: str) -> dict[str, Any]:
    return a_node(name, kind="secret", keys=list(keys))


def a_manifest(name: str, **content: Any) -> dict[str, Any]:
    """A node of free YAML, given as the structure it holds."""
    return a_node(name, kind="manifest", manifest=yaml.safe_dump(content))


def a_held_config_map(name: str) -> dict[str, Any]:
    """A ConfigMap with a finalizer: once deleted it stays until somebody removes that (`Bench.release`)."""
    return a_manifest(name, apiVersion="v1", kind="ConfigMap", metadata={"finalizers": ["example.com/hold"]})


def an_edge(source: str, target: str, relation: str = "routes") -> dict[str, Any]:
    return {"id": f"{source}-{target}", "source": source, "target": target, "relation": relation, "parameters": {}}


def a_graph(*nodes: dict[str, Any], edges: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"nodes": list(nodes), "edges": list(edges)}


def a_workflow(person: Person, *nodes: dict[str, Any], name: str = "", **more: Any) -> dict[str, Any]:
    """A new workflow made over the API, as the API shows it."""
    body = {"name": name or f"Workflow {next(_numbers)}", "graph": a_graph(*nodes), **more}
    answer = person.post("workflows", body)
    assert answer.status == 201, answer.body
    return dict(answer.body)


def save(person: Person, workflow: dict[str, Any], rev: int, *nodes: dict[str, Any]) -> Any:
    return person.put(f"workflows/{workflow['id']}/graph", {"rev": rev, **a_graph(*nodes)})


def graph_of(person: Person, workflow: dict[str, Any]) -> dict[str, Any]:
    answer = person.get(f"workflows/{workflow['id']}/graph")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def a_cluster(team: ObjectId | None, name: str = "", *, shared: bool = False, is_sandbox: bool = False) -> str:
    """The id of a cluster's row; nothing answers at its address."""
    from kubeorch.base.clock import now
    from kubeorch.mongo.client import db

    row = {
        "_id": ObjectId(),
        "name": name or f"cluster-{next(_numbers)}",
        "team_id": team,
        "shared": shared,
        "is_sandbox": is_sandbox,
        "auth": "",
        "server": "https://127.0.0.1:1",
        "state": "ready",
        "created_at": now(),
        "rev": 1,
    }
    db().clusters.insert_one(row)
    return str(row["_id"])


def an_environment(
    person: Person, workflow: dict[str, Any], cluster: str, namespace: str = "shop", name: str = "prod"
) -> dict[str, Any]:
    answer = person.post(
        f"workflows/{workflow['id']}/environments", {"name": name, "cluster": cluster, "namespace": namespace}
    )
    assert answer.status == 201, answer.body
    return dict(answer.body)


def owns(
    environment: dict[str, Any],
    kind: str = "Deployment",
    name: str = "web",
    api_version: str = "apps/v1",
    *,
    holds_data: bool | None = None,
) -> None:
    """Write an object into the environment's inventory, as a run does. Claims hold data unless told otherwise."""
    from kubeorch.base.clock import now
    from kubeorch.mongo.client import db

    row = db().environments.find_one({"_id": ObjectId(environment["id"])})
    assert row is not None
    ref = {"api_version": api_version, "kind": kind, "namespace": row["namespace"], "name": name}
    db().inventory.insert_one(
        {
            "environment_id": row["_id"],
            "team_id": row["team_id"],
            "cluster_id": row["cluster_id"],
            "node_id": name,
            "ref": ref,
            "uid": "0000",
            "hash": "",
            "run_id": None,
            "state": "applied",
            "applied_at": now(),
            "wave": 0,
            "seq": 0,
            "holds_data": kind == "PersistentVolumeClaim" if holds_data is None else holds_data,
        }
    )


def a_plan(workflow: dict[str, Any], environment: str, team: ObjectId) -> str:
    """The id of a stored plan of nothing, whose cluster was not asked."""
    from kubeorch.base.clock import now
    from kubeorch.mongo.client import db

    row = db().environments.find_one({"_id": ObjectId(environment)})
    assert row is not None
    plan = {
        "_id": ObjectId(),
        "team_id": team,
        "workflow_id": ObjectId(workflow["id"]),
        "workflow_name": workflow["name"],
        "environment_id": row["_id"],
        "environment_name": row["name"],
        "cluster_id": row["cluster_id"],
        "namespace": row["namespace"],
        "version": 1,
        "content_hash": "",
        "variables": "",
        "secrets": "",
        "options": {"delete_volumes": False, "take_over": False, "confirm_deletions": 0},
        "hash": "0",
        "counts": dict.fromkeys(("create", "update", "unchanged", "recreate", "delete", "keep", "conflict"), 0),
        "created_at": now(),
        "created_by": ObjectId(),
        "created_by_name": "Somebody",
    }
    db().plans.insert_one(plan)
    return str(plan["_id"])
