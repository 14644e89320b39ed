"""The recipes of the catalog as they are drawn on an empty canvas."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from workflows.domain.kinds.recipes import Recipe


def drawn(recipe: Recipe, suffix: str = "") -> dict[str, Any]:
    """The graph as JSON; with a `suffix` at every name, as where the names are taken."""
    names = {node["id"]: f"{node['name']}{suffix}" for node in recipe.nodes}
    return {
        "nodes": [
            {
                **deepcopy(dict(node)),
                "id": f"{node['id']}{suffix}",
                "name": names[node["id"]],
                "parameters": _named(node["parameters"], names),
            }
            for node in recipe.nodes
        ],
        "edges": [
            {
                **deepcopy(dict(edge)),
                **{key: f"{edge[key]}{suffix}" for key in ("id", "source", "target")},
            }
            for edge in recipe.edges
        ],
    }


def _named(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _named(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_named(inner, names) for inner in value]
    if isinstance(value, str):
        for node_id, name in names.items():
            value = value.replace(f"<<{node_id}>>", name)
    return value
