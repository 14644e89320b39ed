"""The graph people draw: nodes, edges, and their stored form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from kubeorch.base.errors import InvalidInput
from kubeorch.base.records import field, record
from workflows.domain.kinds.parameter_fill import parse_yaml_value

PATCH = "$patch"
"""The name of the patch where names of parameters are used; no parameter can have it."""
LAYOUT = frozenset({"position", "group"})
"""Keys of a node that say where it stands on the canvas, and nothing of its object."""

T = TypeVar("T")


@record
class Node:
    """One Kubernetes object to be. `dynamic` is False when no value holds `${`, which spares the search."""

    id: str
    kind: str
    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    patch: str | Mapping[str, Any] | None = None
    x: float = 0
    y: float = 0
    dynamic: bool = field(default=True, compare=False)
    group: str = ""
    """The title of the frame in which it stands on the canvas, "" for none: nodes of one title share one."""
    _found: dict[str, Any] = field(default_factory=dict, init=False, compare=False)

    def yaml(self, name: str) -> dict[str, Any]:
        """A `yaml` parameter (or PATCH) as an object; text is parsed at the first call. Raises InvalidInput."""
        given = self.patch if name == PATCH else self.parameters.get(name)
        if not isinstance(given, str):
            return parse_yaml_value(given)
        found: dict[str, Any] | InvalidInput = self.once(name, _parsed, given)
        if isinstance(found, InvalidInput):
            raise found.with_traceback(None)
        return found

    def once(self, what: str, find: Callable[..., T], *given: Any) -> T:
        """`find(*given)`, which depends on this node alone: asked at the first call, known by the name `what` then."""
        if what not in self._found:
            self._found[what] = find(*given)
        found: T = self._found[what]
        return found


@record
class Edge:
    """A relation from one node to another."""

    id: str
    source: str
    target: str
    relation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    _found: dict[str, Any] = field(default_factory=dict, init=False, compare=False)

    def once(self, what: str, find: Callable[..., T], *given: Any) -> T:
        """As of a node."""
        if what not in self._found:
            self._found[what] = find(*given)
        found: T = self._found[what]
        return found


@record
class Graph:
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


def graph_to_dict(graph: Graph) -> dict[str, Any]:
    """The wire and stored form: `{nodes, edges}`."""
    return {
        "nodes": [node_to_dict(node) for node in graph.nodes],
        "edges": [edge_to_dict(edge) for edge in graph.edges],
    }


def node_to_dict(node: Node) -> dict[str, Any]:
    found = {
        "id": node.id,
        "kind": node.kind,
        "name": node.name,
        "position": {"x": node.x, "y": node.y},
        "parameters": dict(node.parameters),
        "patch": node.patch,
    }
    if node.group:
        found["group"] = node.group
    return found


def edge_to_dict(edge: Edge) -> dict[str, Any]:
    return {
        "id": edge.id,
        "source": edge.source,
        "target": edge.target,
        "relation": edge.relation,
        "parameters": dict(edge.parameters),
    }


def graph_from_stored(document: Mapping[str, Any]) -> Graph:
    """A graph that `parse_graph` accepted when it was stored; nothing is checked again."""
    return Graph(
        tuple(
            Node(
                one["id"],
                one["kind"],
                one["name"],
                one.get("parameters") or {},
                one.get("patch"),
                (one.get("position") or {}).get("x", 0),
                (one.get("position") or {}).get("y", 0),
                group=one.get("group", ""),
            )
            for one in document.get("nodes", ())
        ),
        tuple(
            Edge(one["id"], one["source"], one["target"], one["relation"], one.get("parameters") or {})
            for one in document.get("edges", ())
        ),
    )


def _parsed(text: str) -> dict[str, Any] | InvalidInput:
    try:
        return parse_yaml_value(text)
    except InvalidInput as error:
        return error


def namespace_of(node: Node) -> str | None:
    """The namespace a node asks for itself; None means the environment's."""
    own = node.parameters.get("namespace")
    return own if isinstance(own, str) and own else None
