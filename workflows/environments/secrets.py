"""Which keys of a graph's Secrets have a value in an environment; never a value itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.secrets import secret_keys
from workflows.environments import inventory_store, secret_store


@dataclass(frozen=True, slots=True)
class SecretKey:
    key: str
    stored: bool
    """A value is stored, sealed, for runs of the environment."""
    in_cluster: bool
    """A run has applied a value, to a Secret of the name that the node has now."""

    @property
    def has_value(self) -> bool:
        return self.stored or self.in_cluster


@dataclass(frozen=True, slots=True)
class SecretNode:
    """A node that asks for secret values."""

    node_id: str
    name: str
    keys: tuple[SecretKey, ...]

    def as_json(self) -> dict[str, Any]:
        rows = [{"key": one.key, "stored": one.stored, "in_cluster": one.in_cluster} for one in self.keys]
        return {"node_id": self.node_id, "name": self.name, "keys": rows}


def secret_nodes(graph: Graph, environment_id: ObjectId, *, session: ClientSession | None = None) -> list[SecretNode]:
    """The nodes of the graph that ask for secret values, with what the environment knows of each key."""
    names = {node.id: node.name for node in graph.nodes}
    return nodes_taking(secret_keys(graph, catalog()), names, environment_id, session=session)


def nodes_taking(
    wanted: Mapping[str, tuple[str, ...]],
    names: Mapping[str, str],
    environment_id: ObjectId,
    *,
    session: ClientSession | None = None,
) -> list[SecretNode]:
    """The same of the keys that are `wanted` by each node, and the names of their Secrets."""
    if not wanted:
        return []
    stored = secret_store.stored_keys(environment_id, session=session)
    applied = inventory_store.applied_secret_keys(environment_id, session=session)
    return [
        SecretNode(
            node_id,
            names[node_id],
            tuple(
                SecretKey(
                    key,
                    stored=key in stored.get(node_id, ()),
                    in_cluster=key in applied.get((node_id, names[node_id]), ()),
                )
                for key in keys
            ),
        )
        for node_id, keys in wanted.items()
    ]
