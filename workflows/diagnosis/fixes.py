"""What mends an object in the cluster, as a change of the drawing that it was rendered from.

The fields of the fix are led back to the parameters that the template writes there (`api_paths`), or to the edge that
does. What no parameter writes has no change: the finding says what to do, and the YAML of the node takes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from clusters.domain.diagnosing.finding import Fix, Setting
from workflows.domain.graphs.graph import Edge, Graph, Node
from workflows.domain.kinds.catalog import Catalog

_ENTRY = re.compile(r"\[([^\]]*)\]")
_PORT = re.compile(r"spec\.ports\[([^\]]*)\]\.targetPort")
EXPOSES, ROUTES = "exposes", "routes"
OTHER_CONTAINERS = ("sidecars", "init_containers")


class Change(NamedTuple):
    """One edit of the drawing."""

    type: Literal["set", "connect"]
    record: Literal["node", "edge"]
    id: str
    """Of the node or edge; of a connection, its source."""
    path: tuple[str | int, ...] = ()
    """Of a parameter."""
    value: Any = None
    """None takes the parameter out."""
    target: str = ""
    relation: str = ""

    def as_json(self) -> dict[str, Any]:
        return {**self._asdict(), "path": list(self.path)}


def changes_of(fix: Fix, node: Node, graph: Graph, catalog: Catalog, target_id: str | None) -> list[Change]:
    """The edits that carry out the fix, [] where the drawing cannot say it; `target_id` is the node of `fix.target`."""
    found: list[Change] = []
    for setting in fix.settings:
        change = _change(setting, fix, node, graph, catalog, target_id)
        if change is None:
            return []
        found.append(change)
    return found


def parameter_of(field: str, node: Node, catalog: Catalog) -> str | None:
    """The parameter that writes a field of the node's object, as `image` or `resources.limits.memory`."""
    kind = catalog.kinds.get(node.kind)
    if kind is None or not field or _in_another_container(field, node):
        return None
    path = _ENTRY.sub("[]", field).replace(".tcpSocket.", ".httpGet.")
    by_path: dict[str, str] = {}
    for name, where in sorted(kind.api_paths.items(), key=lambda row: len(row[0])):
        by_path.setdefault(where, name)
    return by_path.get(path)


def _change(
    setting: Setting, fix: Fix, node: Node, graph: Graph, catalog: Catalog, target_id: str | None
) -> Change | None:
    if setting.field == "spec.selector":
        return _selector(setting, node, graph, target_id)
    if setting.field.endswith(".backend.service.port"):
        return _backend(setting, node, graph, target_id)
    port = _PORT.fullmatch(setting.field)
    if port is not None:
        return _target_port(port[1], setting.value, node, graph)
    name = parameter_of(setting.field, node, catalog)
    return None if name is None else Change("set", "node", node.id, tuple(name.split(".")), setting.value)


def _selector(setting: Setting, node: Node, graph: Graph, target_id: str | None) -> Change | None:
    edge = _edge(graph, EXPOSES, node.id)
    if edge is not None:  # what it exposes decides, unless the edge says otherwise
        return Change("set", "edge", edge.id, ("selector",)) if "selector" in edge.parameters else None
    if target_id is not None:
        return Change("connect", "edge", node.id, target=target_id, relation=EXPOSES)
    return Change("set", "node", node.id, ("selector",), setting.value)


def _target_port(name: str, value: Any, node: Node, graph: Graph) -> Change | None:
    ports = node.parameters.get("ports")
    if isinstance(ports, list) and ports:
        for index, row in enumerate(ports):
            if isinstance(row, Mapping) and name in (row.get("name"), str(index)):
                return Change("set", "node", node.id, ("ports", index, "target_port"), value)
        return None
    edge = _edge(graph, EXPOSES, node.id)
    if edge is not None and "target_port" in edge.parameters:
        return Change("set", "edge", edge.id, ("target_port",), value)
    return Change("set", "node", node.id, ("target_port",), value)


def _backend(setting: Setting, node: Node, graph: Graph, target_id: str | None) -> Change | None:
    edge = _edge(graph, ROUTES, node.id, target_id) if target_id else None
    number = setting.value.get("number") if isinstance(setting.value, Mapping) else None
    return Change("set", "edge", edge.id, ("port",), number) if edge is not None and number else None


def _edge(graph: Graph, relation: str, source: str, target: str | None = None) -> Edge | None:
    found = [
        edge
        for edge in graph.edges
        if edge.relation == relation and edge.source == source and target in (None, edge.target)
    ]
    return found[0] if len(found) == 1 else None


def _in_another_container(field: str, node: Node) -> bool:
    """Whether the field is one of a sidecar or an init container: their parameters stand elsewhere."""
    names = {row.get("name") for key in OTHER_CONTAINERS for row in _rows(node.parameters.get(key))}
    return ".initContainers[" in field or any(entry in names for entry in _ENTRY.findall(field))


def _rows(value: object) -> Sequence[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
