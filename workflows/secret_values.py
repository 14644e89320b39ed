"""Values of Secrets for the next runs of an environment: set, put back and removed; no run or cluster is asked.

A value that comes in here leaves only into the environment's cluster, with a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput, Problem
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store
from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.render import preview_graph
from workflows.domain.rendering.secrets import is_secret, secret_keys, value_problems
from workflows.environments import secret_store
from workflows.environments import store as environment_store
from workflows.environments.secret_store import Values
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of

Place = tuple[str, str]
"""Node and key."""


class SecretValuesWrong(InvalidInput):
    """Values that nothing drawn takes, or that its Secret cannot hold. No message repeats a value."""

    code = "secret.invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].detail, problems=problems)


@dataclass(frozen=True, slots=True)
class Changed:
    """What has changed of the values that are stored for an environment."""

    environment: Environment
    places: Sequence[Place]


Note = Callable[[Changed, ClientSession], None]
"""Writes down what was done, in the transaction in which it is."""


def set_values(
    principal: Principal, workflow_id: ObjectId, environment_id: ObjectId, values: Values, note: Note
) -> None:
    """Store values for the keys of the saved graph, over those that are stored; other keys stay.

    Raises WorkflowNotFound, WorkflowArchived, EnvironmentNotFound, Forbidden, SecretValuesWrong or TooMuchStored.
    """

    def work(session: ClientSession) -> None:
        workflow, here = _opened(principal, workflow_id, environment_id, session)
        store.require_editable(workflow)
        beside = secret_store.stored_bytes(environment_id, session=session)
        if wrong := _problems(graph_of(workflow), here, values, beside):
            raise SecretValuesWrong(wrong)
        secret_store.store_values(workflow_id, environment_id, values, at=now(), session=session)
        note(Changed(here, [(node_id, key) for node_id, keys in values.items() for key in keys]), session)

    run_in_transaction(work)


def put_back(
    principal: Principal,
    workflow_id: ObjectId,
    environment_id: ObjectId,
    node_id: str,
    key: str,
    *,
    until: datetime,
    note: Note,
) -> None:
    """Store again what was replaced or removed last of a key; that can be taken back in the same way.

    `until` says which value is meant, by when it ends. Raises WorkflowNotFound, WorkflowArchived, EnvironmentNotFound,
    Forbidden, NoEarlierValue, SecretValuesWrong or TooMuchStored.
    """

    def work(session: ClientSession) -> None:
        workflow, here = _opened(principal, workflow_id, environment_id, session)
        store.require_editable(workflow)
        value = secret_store.put_back(environment_id, node_id, key, until=until, at=now(), session=session)
        if key in secret_keys(graph_of(workflow), catalog()).get(node_id, ()):
            beside = secret_store.stored_bytes(environment_id, session=session)
            if wrong := _problems(graph_of(workflow), here, {node_id: {key: value}}, beside):
                raise SecretValuesWrong(wrong)
        note(Changed(here, [(node_id, key)]), session)

    run_in_transaction(work)


def remove_values(
    principal: Principal,
    workflow_id: ObjectId,
    environment_id: ObjectId,
    *,
    node_id: str | None,
    key: str | None,
    for_good: bool,
    note: Note,
) -> None:
    """Remove stored values: all of the environment, of one node, or of one key. The cluster is not touched.

    Raises WorkflowNotFound, EnvironmentNotFound or Forbidden.
    """

    def work(session: ClientSession) -> None:
        _, here = _opened(principal, workflow_id, environment_id, session)
        places = secret_store.forget(
            environment_id, node_id=node_id, key=key, for_good=for_good, at=now(), session=session
        )
        note(Changed(here, places), session)

    run_in_transaction(work)


def _opened(
    principal: Principal, workflow_id: ObjectId, environment_id: ObjectId, session: ClientSession
) -> tuple[store.Workflow, Environment]:
    """Both, the environment held so that it is not removed, and no run of it starts, in between."""
    workflow = store.find(workflow_id, team_filter(principal), projection=store.GRAPH, session=session)
    require(principal, "secret.edit", workflow["team_id"])
    here = environment_store.find(environment_id, {"workflow_id": workflow_id}, session=session)
    environment_store.lock(environment_id, session)
    return workflow, here


def _problems(
    graph: Graph, environment: Environment, values: Values, beside: Mapping[str, Mapping[str, int]]
) -> list[Problem]:
    """What is wrong with the values; `beside` has the bytes of those that are stored."""
    wanted = secret_keys(graph, catalog())
    asking = Graph(tuple(node for node in graph.nodes if node.id in wanted), ())
    rendered, _ = preview_graph(asking, catalog(), namespace=environment["namespace"])
    types = {one.node_id: str(one.manifest.get("type") or "") for one in rendered if is_secret(one.manifest)}
    found: list[Problem] = []
    for node_id, given in values.items():
        if node_id not in wanted:
            shown = node_id[:60]
            detail = f"no Secret node has the id {shown!r} in the saved graph; draw it first"
            found.append(Problem("secret.unknown_node", detail, f"values.{shown}"))
            continue
        stays = sum(
            size for key, size in beside.get(node_id, {}).items() if key in wanted[node_id] and key not in given
        )
        found += value_problems(
            node_id, types.get(node_id, ""), wanted[node_id], given, beside_bytes=stays, place="values"
        )
    return found
