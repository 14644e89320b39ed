"""Values of Secrets on their way into a cluster: given with a run, stored before, or already there."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base.errors import Conflict, InvalidInput, Problem
from workflows.domain.rendering.secrets import is_secret, value_problems
from workflows.environments import secret_store as environment_secrets
from workflows.environments.secrets import SecretNode, nodes_taking
from workflows.runs import secret_store as run_secrets
from workflows.runs.drawn import Drawn
from workflows.runs.run import Run
from workflows.runs.secret_store import Values


class SecretsMissing(InvalidInput):
    """Some keys have no value anywhere.

    `missing` of the problem document has the nodes with just these keys, as the secrets of a workflow are listed.
    """

    code = "run.secrets_missing"

    def __init__(self, nodes: Sequence[SecretNode]) -> None:
        problems = [
            Problem(
                "secret.value_missing",
                f"give a value for the key {one.key} of the Secret {node.name}",
                f"secrets.{node.node_id}.{one.key}",
                (node.node_id,),
            )
            for node in nodes
            for one in node.keys
        ]
        super().__init__(
            "some keys of Secrets have no value yet; give them with the run",
            problems=problems,
            extra={"missing": [node.as_json() for node in nodes]},
        )


class ValuesSetSince(Conflict):
    """A run of a plan applies the values with which it was started."""

    code = "run.values_set_since"

    def __init__(self) -> None:
        super().__init__(
            "a value was set for a Secret while the run of the plan was on its way; nothing more was changed. Make a "
            "new plan"
        )


class SecretsWrong(InvalidInput):
    """Values that no node takes, or that its Secret cannot hold."""

    code = "run.secrets_invalid"


def check_values(
    drawn: Drawn, environment_id: ObjectId, given: Values, session: ClientSession, *, adopted: Collection[str] = ()
) -> None:
    """Raise SecretsWrong for values that no node takes, SecretsMissing for keys without any value.

    A key has a value when one is given, is stored for the environment, or was applied before; those of the nodes
    `adopted` are in the cluster, as a plan has seen.
    """
    secrets = {item.node_id: item for item in drawn.items if is_secret(item.manifest)}
    names = {node_id: item.ref.name for node_id, item in secrets.items()}
    wanted = {node_id: keys for node_id, keys in drawn.secret_keys.items() if node_id in secrets}
    nodes = {node.node_id: node for node in nodes_taking(wanted, names, environment_id, session=session)}
    types = {node_id: str(item.manifest.get("type") or "Opaque") for node_id, item in secrets.items()}
    wrong: list[Problem] = []
    for node_id, values in given.items():
        if node_id in nodes:
            wrong += value_problems(node_id, types[node_id], [one.key for one in nodes[node_id].keys], values)
        else:
            shown = node_id[:60]
            wrong.append(Problem("secret.unknown_node", f"no Secret node has the id {shown!r}", f"secrets.{shown}"))
    if wrong:
        raise SecretsWrong(wrong[0].detail, problems=wrong)
    missing = [
        _without_value(node, given.get(node.node_id, {})) for node in nodes.values() if node.node_id not in adopted
    ]
    if any(node.keys for node in missing):
        raise SecretsMissing([node for node in missing if node.keys])


def check_stored(run: Run) -> None:
    """Raise ValuesSetSince where the run of a plan has opened other values than it was proved and approved with."""
    planned = (run.get("plan") or {}).get("secrets")
    if planned is not None and planned != environment_secrets.moments_digest(run["environment_id"]):
        raise ValuesSetSince


def values_for(run: Run) -> dict[str, dict[str, str]]:
    """Stored values under those given with the run, base64 as the API server wants them, by node and key."""
    stored = environment_secrets.clear_values(run["environment_id"])
    found = {node_id: {key: _base64(value) for key, value in keys.items()} for node_id, keys in stored.items()}
    for node_id, given in run_secrets.clear_values(run["_id"]).items():
        found.setdefault(node_id, {}).update({key: _base64(value.encode()) for key, value in given.items()})
    return found


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _without_value(node: SecretNode, given: Mapping[str, str]) -> SecretNode:
    return replace(node, keys=tuple(one for one in node.keys if not one.has_value and one.key not in given))
