"""Values of Secrets on their way into a cluster: given with a run, kept, or already there.

A value lies sealed in `run_secrets` while its run is open; it is opened in the worker, right before it is sent.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime

import orjson
from bson import Binary, ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base import seal
from kubeorch.base.errors import InvalidInput, Problem
from kubeorch.mongo.client import db
from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.secrets import secret_keys, value_problems
from workflows.environments import secrets as secrets_store

Values = Mapping[str, Mapping[str, str]]
"""Values by node id, then by key."""


class SecretsMissing(InvalidInput):
    """Some keys have no value anywhere; `problems` names each node and key."""

    code = "run.secrets_missing"


class SecretsWrong(InvalidInput):
    code = "run.secrets_invalid"


def check_values(graph: Graph, environment_id: ObjectId, given: Values, *, session: ClientSession | None) -> None:
    """Raise SecretsWrong for values that no node takes, SecretsMissing for keys without any value.

    A key has a value when one is given, kept, or was applied before (by name, in the inventory).
    """
    wanted = secret_keys(graph, catalog())
    nodes = {node.id: node for node in graph.nodes}
    wrong: list[Problem] = []
    for node_id, values in given.items():
        if node_id not in wanted:
            wrong.append(
                Problem("secret.unknown_node", f"no Secret node has the id {node_id[:60]!r}", f"secrets.{node_id[:60]}")
            )
        else:
            secret_type = str(nodes[node_id].parameters.get("type") or "Opaque")
            wrong += value_problems(node_id, secret_type, wanted[node_id], values)
    if wrong:
        raise SecretsWrong(wrong[0].detail, problems=wrong)
    if not wanted:
        return
    kept = secrets_store.kept_keys(environment_id, session=session)
    applied = {
        (row["node_id"], row["ref"]["name"]): set(row.get("secret_keys") or ())
        for row in db().inventory.find({"environment_id": environment_id, "ref.kind": "Secret"}, session=session)
    }
    missing = [
        Problem(
            "secret.value_missing",
            f"give a value for the key {key} of the Secret {nodes[node_id].name}",
            f"secrets.{node_id}.{key}",
            (node_id,),
        )
        for node_id, keys in wanted.items()
        for key in keys
        if key not in given.get(node_id, {})
        and key not in kept.get(node_id, set())
        and key not in applied.get((node_id, nodes[node_id].name), set())
    ]
    if missing:
        raise SecretsMissing("some keys of Secrets have no value yet; give them with the run", problems=missing)


def store_values(run_id: ObjectId, given: Values, session: ClientSession) -> None:
    """Seal the values given with a run, over those of an earlier try."""
    if not any(given.values()):
        return
    before = run_values(run_id, session=session)
    merged = {node_id: {**before.get(node_id, {}), **given.get(node_id, {})} for node_id in {*before, *given}}
    sealed = Binary(seal.seal(orjson.dumps(merged), aad=_aad(run_id)))
    db().run_secrets.update_one({"run_id": run_id}, {"$set": {"sealed": sealed}}, upsert=True, session=session)


def run_values(run_id: ObjectId, *, session: ClientSession | None = None) -> dict[str, dict[str, str]]:
    """Values given with the run, in clear: for applying alone."""
    row = db().run_secrets.find_one({"run_id": run_id}, session=session)
    if row is None:
        return {}
    opened: dict[str, dict[str, str]] = orjson.loads(seal.unseal(bytes(row["sealed"]), aad=_aad(run_id)))
    return opened


def values_for(run_id: ObjectId, environment_id: ObjectId) -> dict[str, dict[str, str]]:
    """Kept values under those given with the run, base64 as the API wants them, by node and key."""
    clear = secrets_store.kept(environment_id)
    for node_id, values in run_values(run_id).items():
        clear[node_id] = {**clear.get(node_id, {}), **values}
    return {
        node_id: {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        for node_id, values in clear.items()
    }


def changed_at(run_id: ObjectId, environment_id: ObjectId) -> dict[str, datetime]:
    """When values of each node were last given: what was applied after that needs them no more."""
    moments: dict[str, datetime] = {}
    for row in db().secret_values.find({"environment_id": environment_id}, {"_id": 0, "node_id": 1, "updated_at": 1}):
        moments[row["node_id"]] = max(row["updated_at"], moments.get(row["node_id"], row["updated_at"]))
    run = db().runs.find_one({"_id": run_id}, {"_id": 0, "created_at": 1})
    for node_id in run_values(run_id):
        moments[node_id] = run["created_at"] if run else moments[node_id]
    return moments


def forget(run_id: ObjectId, session: ClientSession | None = None) -> None:
    db().run_secrets.delete_many({"run_id": run_id}, session=session)


def _aad(run_id: ObjectId) -> str:
    return f"run_secrets/{run_id}"
