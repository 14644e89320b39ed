"""Read a graph that comes from outside, so that all other code gets values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

import orjson

from kubeorch.base.errors import InvalidInput, Problem
from kubeorch.base.records import record
from workflows.domain.graphs.graph import Edge, Graph, Node, namespace_of
from workflows.domain.graphs.limits import MAX_EDGES, MAX_NODES, Size, bounded, yaml_texts
from workflows.domain.graphs.structure import secret_of, structural_problems
from workflows.domain.graphs.unsafe_values import plain_text, unsafe_values
from workflows.domain.graphs.variables import has_marks
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.parameter_checks import MAX_PROBLEMS

MAX_COORDINATE = 10_000_000

MEMORY, YAML_MEMORY = 10, 64
"""Bytes that a character of JSON, and of YAML, may take when it is read and kept with what is written of it."""

_ID = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?\Z")
_NODE_KEYS = frozenset({"id", "kind", "name", "position", "parameters", "patch"})
_EDGE_KEYS = frozenset({"id", "source", "target", "relation", "parameters"})


@record
class ReadNode:
    """A node that was read without a problem, and what it added to the size of its graph."""

    node: Node
    values: int
    yaml_characters: int
    yaml_values: int
    weight_bytes: int
    """About what it takes in memory, its YAML parsed."""


class KnownNodes(Protocol):
    """Nodes that were read before, by the JSON they came as. It may forget any."""

    def get(self, key: bytes, /) -> ReadNode | None: ...
    def put(self, key: bytes, value: ReadNode, /) -> None: ...


@record
class SoundGraph:
    """A graph that was read from JSON without a problem. What is sent next is most often the same but for a node."""

    graph: Graph
    edges_json: bytes
    edges_values: int
    """What the edges added to the size of the graph."""
    shape: object
    """The same object for graphs of the same edges, and of nodes that are the same but for what no structure rests on.
    """


def parse_graph(raw: object, catalog: Catalog) -> Graph:
    """A graph as it is sent or imported.

    An edge without a relation gets the first one that its pair of kinds may have.
    Raises InvalidInput (`graph.invalid`) with every structural problem.
    """
    problems: list[Problem] = []
    graph, _, _ = _read_graph(raw, catalog, problems, None)
    _refuse([*problems, *structural_problems(graph, catalog)])
    return graph


def parse_json_graph(raw: object, catalog: Catalog, known: KnownNodes, before: SoundGraph | None) -> SoundGraph:
    """As `parse_graph`, of a graph that was read from JSON, which has one text for one value.

    A node that was read before is not read again. `before` is any graph that was read: where its edges are these, and
    its nodes are these but for what no structure rests on, its structure is not checked again.
    """
    problems: list[Problem] = []
    edges_json = orjson.dumps(raw.get("edges", [])) if isinstance(raw, dict) else b""
    like = before if before is not None and before.edges_json == edges_json else None
    graph, edges_values, is_like = _read_graph(raw, catalog, problems, known, like)
    if problems or like is None or not is_like or _has_secret(graph, like.graph, catalog):
        _refuse([*problems, *structural_problems(graph, catalog)])
    return SoundGraph(graph, edges_json, edges_values, like.shape if like is not None and is_like else object())


def _has_shape_of(nodes: Sequence[Node], before: Sequence[Node]) -> bool:
    """Whether each node is the one in its place `before`, or one on which the structure of a graph rests as well."""
    return len(nodes) == len(before) and all(
        node is old
        or (
            (node.id == old.id and node.kind == old.kind and node.name == old.name)
            and namespace_of(node) == namespace_of(old)
        )
        for node, old in zip(nodes, before, strict=True)
    )


def _has_secret(graph: Graph, before: Graph, catalog: Catalog) -> bool:
    return any(
        node is not old and secret_of(node, catalog.kinds[node.kind]) is not None
        for node, old in zip(graph.nodes, before.nodes, strict=True)
    )


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        count = len(problems)
        raise InvalidInput(
            f"the graph has {count} problem{'s' if count > 1 else ''}: {problems[0].detail}",
            code="graph.invalid",
            problems=bounded(problems),
        )


def _read_graph(
    raw: object, catalog: Catalog, problems: list[Problem], known: KnownNodes | None, like: SoundGraph | None = None
) -> tuple[Graph, int, bool]:
    """(the graph, the values of its edges, whether the edges are those of `like`, whose nodes have this shape)."""
    if not isinstance(raw, dict):
        problems.append(Problem("graph.form", "a graph must be an object with nodes and edges"))
        return Graph(), 0, False
    nodes = _rows(raw.get("nodes"), "nodes", MAX_NODES, problems)
    edges = _rows(raw.get("edges", []), "edges", MAX_EDGES, problems)
    size = Size()
    read_nodes = [
        node
        for i, one in enumerate(nodes)
        if (
            node := _read_node(one, i, catalog, size, problems)
            if known is None
            else _known_or_read(one, i, catalog, size, problems, known)
        )
        is not None
    ]
    nodes_values = size.values
    is_like = like is not None and not problems and _has_shape_of(read_nodes, like.graph.nodes)
    read_edges: tuple[Edge, ...]
    if like is not None and is_like:
        read_edges = like.graph.edges
        size.values += like.edges_values
    else:
        kinds = {node.id: node.kind for node in read_nodes}
        found = (_read_edge(one, i, kinds, catalog, size, problems) for i, one in enumerate(edges))
        read_edges = tuple([edge for edge in found if edge is not None])
    if too_large := list(size.problems()):
        problems += too_large
        return Graph(), 0, False
    return Graph(tuple(read_nodes), read_edges), size.values - nodes_values, is_like


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


def _known_or_read(
    one: object, index: int, catalog: Catalog, size: Size, problems: list[Problem], known: KnownNodes
) -> Node | None:
    key = orjson.dumps(one)
    found = known.get(key)
    if found is not None:
        size.values += found.values
        size.yaml_characters += found.yaml_characters
        size.yaml_values += found.yaml_values
        return found.node
    values, characters, yaml_values = size.values, size.yaml_characters, size.yaml_values
    node = _read_node(one, index, catalog, size, problems)
    if node is not None and size.is_within():
        values, characters, yaml_values = (
            size.values - values,
            size.yaml_characters - characters,
            size.yaml_values - yaml_values,
        )
        known.put(key, ReadNode(node, values, characters, yaml_values, MEMORY * len(key) + YAML_MEMORY * characters))
    return node


def _read_node(one: object, index: int, catalog: Catalog, size: Size, problems: list[Problem]) -> Node | None:
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
    text = plain_text((name, parameters, patch or ""))
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
    return Node(id_, kind, name, parameters, patch or None, x or 0, y or 0, dynamic)


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
