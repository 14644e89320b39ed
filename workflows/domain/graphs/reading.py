"""The rows of a graph that comes from outside, each read by itself. Light: a command reads one graph, and ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from kubeorch.base.errors import InvalidInput, Problem
from kubeorch.base.names import shows_all
from workflows.domain.graphs.graph import Edge, Graph, Node
from workflows.domain.graphs.limits import MAX_EDGES, MAX_NODES, Size, bounded, yaml_texts
from workflows.domain.graphs.structure import structural_problems
from workflows.domain.graphs.unsafe_values import unsafe_values
from workflows.domain.graphs.variables import has_marks
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.field_problems import MAX_PROBLEMS

MAX_COORDINATE = 10_000_000
GROUP_MOST = 60
"""Characters of the title of a frame."""

_ID = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?\Z")
_NODE_KEYS = frozenset({"id", "kind", "name", "position", "parameters", "patch", "group"})
_EDGE_KEYS = frozenset({"id", "source", "target", "relation", "parameters"})

PlainText = Callable[[Any], "bytes | None"]
"""Gives a value as JSON if that shows at once that nothing in it is unsafe."""


def read_graph(raw: object, catalog: Catalog, plain: PlainText | None = None) -> Graph:
    """A graph as it is sent or imported.

    An edge without a relation gets the first one that its pair of kinds may have.
    Raises InvalidInput (`graph.invalid`) with every structural problem.
    """
    problems: list[Problem] = []
    size = Size()
    nodes, edges = rows_of(raw, problems)
    found = (read_node(one, i, catalog, size, problems, plain) for i, one in enumerate(nodes))
    read = tuple([node for node in found if node is not None])
    graph = Graph(read, read_edges(edges, read, catalog, size, problems))
    too_large = list(size.problems())
    refuse([*problems, *(too_large or structural_problems(graph, catalog))])
    return graph


def refuse(problems: Sequence[Problem]) -> None:
    """Raises InvalidInput where there is a problem."""
    if problems:
        count = len(problems)
        raise InvalidInput(
            f"the graph has {count} problem{'s' if count > 1 else ''}: {problems[0].detail}",
            code="graph.invalid",
            problems=bounded(problems),
        )


def rows_of(raw: object, problems: list[Problem]) -> tuple[list[Any], list[Any]]:
    """(the nodes, the edges) as they were sent."""
    if not isinstance(raw, dict):
        problems.append(Problem("graph.form", "a graph must be an object with nodes and edges"))
        return [], []
    return (
        _rows(raw.get("nodes"), "nodes", MAX_NODES, problems),
        _rows(raw.get("edges", []), "edges", MAX_EDGES, problems),
    )


def read_edges(
    rows: Iterable[object], nodes: Sequence[Node], catalog: Catalog, size: Size, problems: list[Problem]
) -> tuple[Edge, ...]:
    """Those without a problem."""
    kinds = {node.id: node.kind for node in nodes}
    found = (_read_edge(one, i, kinds, catalog, size, problems) for i, one in enumerate(rows))
    return tuple([edge for edge in found if edge is not None])


def _rows(value: object, name: str, most: int, problems: list[Problem]) -> list[Any]:
    if not isinstance(value, list):
        problems.append(Problem("graph.form", f"{name} must be a list", name))
        return []
    if len(value) > most:
        problems.append(
            Problem(f"graph.too_many_{name}", f"the graph has {len(value):,} {name}; the limit is {most:,}", name)
        )
        return []
    return value


def _read_id(one: dict[str, Any], what: str, index: int, problems: list[Problem]) -> str | None:
    id_ = one.get("id")
    if isinstance(id_, str) and _ID.match(id_):
        return id_
    problems.append(
        Problem(
            "graph.bad_id",
            f"{what} {index + 1} needs an id of lower-case letters, digits and dashes (max 40 characters)",
            f"{what}s.{index}.id",
        )
    )
    return None


def read_node(
    one: object, index: int, catalog: Catalog, size: Size, problems: list[Problem], plain: PlainText | None
) -> Node | None:
    """None where the node has a problem."""
    if not isinstance(one, dict):
        problems.append(Problem("graph.form", f"node {index + 1} must be an object", f"nodes.{index}"))
        return None
    id_ = _read_id(one, "node", index, problems)
    if id_ is None:
        return None
    before = len(problems)
    path = f"nodes.{id_}"

    def wrong(field_: str, detail: str) -> None:
        problems.append(Problem("graph.form", detail, f"{path}.{field_}", (id_,)))

    for key in islice((key for key in one if key not in _NODE_KEYS), MAX_PROBLEMS):
        wrong(str(key)[:60], f"a node cannot have {str(key)[:60]!r}; its keys are {', '.join(sorted(_NODE_KEYS))}")
    kind, name = one.get("kind"), one.get("name", "")
    if not isinstance(kind, str):
        wrong("kind", "the kind must be text")
    if not isinstance(name, str) or len(name) > 253 or "\0" in name:
        wrong("name", "the name must be text (max 253 characters)")
    parameters = one.get("parameters")
    parameters = {} if parameters is None else parameters
    patch = one.get("patch")
    if not isinstance(parameters, dict):
        wrong("parameters", "parameters must be an object")
    if patch is not None and not isinstance(patch, str):
        wrong("patch", "the patch must be YAML text")
    position = one.get("position") or {}
    x, y = (position.get("x", 0), position.get("y", 0)) if isinstance(position, dict) else (None, None)
    if not (_is_coordinate(x) and _is_coordinate(y)):
        wrong("position", "the position must have two numbers, x and y")
    group = one.get("group") or ""
    if not isinstance(group, str) or len(group) > GROUP_MOST or group != group.strip() or not shows_all(group):
        wrong("group", f"the group must be one line of text (max {GROUP_MOST} characters) without spaces around it")
    text = plain((name, parameters, patch or "")) if plain is not None else None
    if text is None:
        for part in ("name", "parameters", "patch"):
            if isinstance(one.get(part), (str, dict, list)):
                unsafe = islice(unsafe_values(one[part], f"{path}.{part}"), MAX_PROBLEMS)
                problems += [found.at(node_id=id_) for found in unsafe]
    if len(problems) > before:
        return None
    assert isinstance(kind, str)  # noqa: S101 - checked above
    size.add(parameters, text)
    if kind in catalog.kinds:
        for yaml in yaml_texts(catalog.kinds[kind], parameters, patch):
            size.add_yaml(yaml)
    dynamic = b"${" in text if text is not None else has_marks(parameters) or has_marks(patch)
    return Node(id_, kind, name, parameters, patch or None, x or 0, y or 0, dynamic, group)


def _is_coordinate(value: object) -> bool:
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and -MAX_COORDINATE <= value <= MAX_COORDINATE
    )


def _read_edge(
    one: object, index: int, kinds: Mapping[str, str], catalog: Catalog, size: Size, problems: list[Problem]
) -> Edge | None:
    if not isinstance(one, dict):
        problems.append(Problem("graph.form", f"edge {index + 1} must be an object", f"edges.{index}"))
        return None
    id_ = _read_id(one, "edge", index, problems)
    if id_ is None:
        return None
    path = f"edges.{id_}"
    before = len(problems)
    for key in islice((key for key in one if key not in _EDGE_KEYS), MAX_PROBLEMS):
        detail = f"an edge cannot have {str(key)[:60]!r}; its keys are {', '.join(sorted(_EDGE_KEYS))}"
        problems.append(Problem("graph.form", detail, f"{path}.{str(key)[:60]}", (), (id_,)))
    source, target = one.get("source"), one.get("target")
    if not isinstance(source, str) or not isinstance(target, str):
        problems.append(Problem("graph.form", "an edge must name its source and its target node", path, (), (id_,)))
        return None
    relation = one.get("relation")
    if relation is None:
        usual = catalog.pairs.get((kinds.get(source, ""), kinds.get(target, "")))
        relation = usual[0] if usual else ""
    parameters = one.get("parameters")
    parameters = {} if parameters is None else parameters
    if not isinstance(relation, str) or not isinstance(parameters, dict):
        problems.append(
            Problem("graph.form", "the relation must be text and the parameters an object", path, (), (id_,))
        )
        return None
    if parameters:
        unsafe = islice(unsafe_values(parameters, f"{path}.parameters"), MAX_PROBLEMS)
        problems += [found.at(edge_id=id_) for found in unsafe]
        size.add(parameters, None)
    return Edge(id_, source, target, relation, parameters) if len(problems) == before else None
