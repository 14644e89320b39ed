"""Which keys of a graph's Secrets have a value in an environment; never a value itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base.clock import iso
from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.secrets import secret_keys
from workflows.environments import inventory_store, secret_store


@dataclass(frozen=True, slots=True)
class SecretKey:
    key: str
    stored_at: datetime | None
    """When the value was given that is stored, sealed, for runs of the environment; None without one."""
    in_cluster: bool
    """A run has applied a value, to a Secret of the name that the node has now."""
    awaits_run: bool = False
    """The stored value is known to be another one than was applied last: the next run applies it."""
    earlier_until: datetime | None = None
    """Until when the value that was stored before can be put back."""

    @property
    def has_value(self) -> bool:
        return self.stored_at is not None or self.in_cluster

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "stored": self.stored_at is not None,
            "stored_at": iso(self.stored_at) if self.stored_at else None,
            "in_cluster": self.in_cluster,
            "awaits_run": self.awaits_run,
            "earlier_until": iso(self.earlier_until) if self.earlier_until else None,
        }


@dataclass(frozen=True, slots=True)
class SecretNode:
    """A node that asks for secret values."""

    node_id: str
    name: str
    keys: tuple[SecretKey, ...]

    def as_json(self) -> dict[str, Any]:
        return {"node_id": self.node_id, "name": self.name, "keys": [one.as_json() for one in self.keys]}


def secret_nodes(graph: Graph, environment_id: ObjectId, *, session: ClientSession | None = None) -> list[SecretNode]:
    """The nodes of the graph that ask for secret values, with what the environment knows of each key."""
    names = {node.id: node.name for node in graph.nodes}
    return nodes_taking(secret_keys(graph, catalog()), names, environment_id, session=session)


def unused_keys(graph: Graph, environment_id: ObjectId) -> list[tuple[str, str]]:
    """Node and key of the values that are stored, or could be put back, and that nothing drawn takes any more."""
    wanted = secret_keys(graph, catalog())
    kept = {
        (node_id, key)
        for found in (secret_store.stored_keys(environment_id), secret_store.earlier_keys(environment_id))
        for node_id, keys in found.items()
        for key in keys
    }
    return sorted(place for place in kept if place[1] not in wanted.get(place[0], ()))


def nodes_taking(
    wanted: Mapping[str, tuple[str, ...]],
    names: Mapping[str, str],
    environment_id: ObjectId,
    *,
    session: ClientSession | None = None,
) -> list[SecretNode]:
    """The same of the keys that are `wanted` by each node, and the names of their Secrets."""
    if not any(wanted.values()):  # nothing is to be known of any key
        return [SecretNode(node_id, names[node_id], ()) for node_id in wanted]
    stored = secret_store.stored_keys(environment_id, session=session)
    earlier = secret_store.earlier_keys(environment_id, session=session)
    applied = inventory_store.applied_secret_keys(environment_id, session=session)
    run = inventory_store.applied_secret_digests(environment_id, session=session)
    digests = secret_store.stored_digests(environment_id, session=session)
    return [
        SecretNode(
            node_id,
            names[node_id],
            tuple(
                SecretKey(
                    key,
                    stored_at=stored.get(node_id, {}).get(key),
                    in_cluster=key in applied.get((node_id, names[node_id]), ()),
                    awaits_run=key in digests.get(node_id, {})
                    and digests[node_id][key] != run.get((node_id, names[node_id]), {}).get(key),
                    earlier_until=earlier.get(node_id, {}).get(key),
                )
                for key in keys
            ),
        )
        for node_id, keys in wanted.items()
    ]
