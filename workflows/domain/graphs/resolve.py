"""From a drawn graph to one that templates can read: YAML text is parsed, references are replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubeorch.base.errors import InvalidInput, Problem
from workflows.domain.graphs.graph import PATCH, Edge, Graph, Node
from workflows.domain.graphs.variables import Value, has_marks, substitute, unescape
from workflows.domain.kinds.catalog import Catalog

MAX_UNKNOWN = 20
"""Unknown variables that are shown of one node or edge."""


def resolve(graph: Graph, catalog: Catalog, variables: Mapping[str, Value] | None) -> tuple[Graph, list[Problem]]:
    """The graph with YAML text as objects and references replaced, and a problem for each unknown variable.

    References are replaced after parsing, so a variable cannot become YAML syntax. Text that is not YAML
    stays as written; the check of its field reports it. Without variables, references stay as well, and
    only escapes are undone.
    """
    problems: list[Problem] = []
    nodes: list[Node] = []
    for node in graph.nodes:
        kind = catalog.kinds.get(node.kind)
        names = kind.yaml_parameters if kind is not None else ()
        if node.dynamic or isinstance(node.patch, str) or not node.parameters.keys().isdisjoint(names):
            node = _resolved_node(node, names, variables, problems)
        nodes.append(node)
    edges = tuple([_resolved_edge(edge, variables, problems) if edge.parameters else edge for edge in graph.edges])
    return Graph(tuple(nodes), edges), problems


def _resolved_node(
    node: Node, names: Sequence[str], variables: Mapping[str, Value] | None, problems: list[Problem]
) -> Node:
    """`names` are the parameters of its kind that are YAML."""
    unknown: set[str] = set()

    def replaced(value: Any) -> Any:
        if not node.dynamic:
            return value
        return unescape(value) if variables is None else substitute(value, variables, unknown)

    parameters = {
        name: _parsed(node, name, value, replaced) if name in names and isinstance(value, str) else replaced(value)
        for name, value in node.parameters.items()
    }
    patch = _parsed(node, PATCH, node.patch, replaced) if isinstance(node.patch, str) else replaced(node.patch)
    problems += [
        _unknown_variable(name, f"nodes.{node.id}", node_ids=(node.id,)) for name in sorted(unknown)[:MAX_UNKNOWN]
    ]
    return Node(node.id, node.kind, node.name, parameters, patch, node.x, node.y, node.dynamic, node.group)


def _parsed(node: Node, name: str, text: Any, replaced: Callable[[Any], Any]) -> Any:
    try:
        value = node.yaml(name)
    except InvalidInput:
        return text
    return replaced(value) if "${" in text else value


def _resolved_edge(edge: Edge, variables: Mapping[str, Value] | None, problems: list[Problem]) -> Edge:
    if not has_marks(edge.parameters):
        return edge
    unknown: set[str] = set()
    parameters = substitute(edge.parameters, variables or {}, unknown)
    if variables is not None:
        problems += [
            _unknown_variable(name, f"edges.{edge.id}", edge_ids=(edge.id,)) for name in sorted(unknown)[:MAX_UNKNOWN]
        ]
    return Edge(edge.id, edge.source, edge.target, edge.relation, parameters)


def _first(unknown: set[str]) -> list[str]:
    return sorted(unknown)[:MAX_UNKNOWN]


def _unknown_variable(name: str, path: str, node_ids: tuple[str, ...] = (), edge_ids: tuple[str, ...] = ()) -> Problem:
    return Problem(
        "variable.unknown",
        f"the environment has no variable {name}; add it, or write $${{{name}}} for the text itself",
        f"{path}.parameters",
        node_ids,
        edge_ids,
    )
