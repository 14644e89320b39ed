"""Recipes: several nodes and their edges, which are added to a workflow together.

A recipe is a file in k8s_templates/recipes, named after its id: `label`, `description`, `place` (in the list of all),
and `nodes` and `edges` as in a workflow file, edges without ids. `<<node id>>` in a text stands for the name that the
node gets, which is another one where its own is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from kubeorch.base.records import record
from workflows.domain.kinds.parameters import DeclarationInvalid

FOLDER = "recipes/"
_KEYS = frozenset(("label", "description", "place", "nodes", "edges"))


@record
class Recipe:
    """Nodes and edges as the JSON of a graph, at the places where they stand to one another."""

    id: str
    label: str
    description: str
    nodes: tuple[Mapping[str, Any], ...]
    edges: tuple[Mapping[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "label": self.label,
            "description": self.description,
            "nodes": list(self.nodes),
            "edges": list(self.edges),
        }


def read_recipes(
    names: Iterable[str], document: Callable[[str], Any], kinds: Collection[str], relations: Collection[str]
) -> tuple[Recipe, ...]:
    """The recipes among the files `names`, in their places.

    Raises DeclarationInvalid where one names a kind, a relation or a node that is not there.
    """
    rows = {name: document(name) for name in names if name.startswith(FOLDER)}
    for name, row in rows.items():
        if set(row) != _KEYS:
            raise DeclarationInvalid(name, f"a recipe has the keys {', '.join(sorted(_KEYS))}")
    ordered = sorted(rows, key=lambda name: int(rows[name]["place"]))
    return tuple(_recipe(name, rows[name], kinds, relations) for name in ordered)


def _recipe(name: str, row: Mapping[str, Any], kinds: Collection[str], relations: Collection[str]) -> Recipe:
    nodes = tuple({"parameters": {}, **node} for node in row["nodes"])
    edges = tuple({"id": f"edge-{at}", "parameters": {}, **edge} for at, edge in enumerate(row["edges"], 1))
    ids = {node["id"] for node in nodes}
    for node in nodes:
        if node["kind"] not in kinds:
            raise DeclarationInvalid(name, f"unknown kind {node['kind']!r}")
    for edge in edges:
        if edge["relation"] not in relations:
            raise DeclarationInvalid(name, f"unknown relation {edge['relation']!r}")
        for end in (edge["source"], edge["target"]):
            if end not in ids:
                raise DeclarationInvalid(name, f"an edge names the node {end!r}, which it does not have")
    id_ = name.removeprefix(FOLDER).removesuffix(".yaml")
    return Recipe(id_, row["label"], row["description"], nodes, edges)
