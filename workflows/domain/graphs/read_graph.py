"""Read a graph that comes from outside, so that all other code gets values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import orjson

from kubeorch.base.errors import Problem
from kubeorch.base.records import record
from workflows.domain.graphs.graph import Graph, Node, namespace_of
from workflows.domain.graphs.limits import Size
from workflows.domain.graphs.plain_text import plain_text
from workflows.domain.graphs.reading import read_edges, read_graph, read_node, refuse, rows_of
from workflows.domain.graphs.same_rows import WrittenRows, is_whole, same_ends
from workflows.domain.graphs.structure import secret_of, structural_problems
from workflows.domain.kinds.catalog import Catalog

MEMORY, YAML_MEMORY = 10, 64
"""Bytes that a character of JSON, and of YAML, may take when it is read and kept with what is written of it."""


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
    nodes: tuple[ReadNode, ...]
    nodes_json: WrittenRows
    nodes_size: tuple[int, int, int]
    """What the nodes added to the size of the graph, as of a ReadNode."""
    edges_json: bytes
    edges_values: int
    """What the edges added to the size of the graph."""
    shape: object
    """The same object for graphs of the same edges, and of nodes that are the same but for what no structure rests on.
    """


def parse_graph(raw: object, catalog: Catalog) -> Graph:
    """As `read_graph`, and in half the time where it is large."""
    return read_graph(raw, catalog, plain_text)


def parse_json_graph(raw: object, catalog: Catalog, known: KnownNodes, before: SoundGraph | None) -> SoundGraph:
    """As `parse_graph`, of a graph that was read from JSON, which has one text for one value.

    A node that was read before is not read again. `before` is any graph that was read: where its edges are these, and
    its nodes are these but for what no structure rests on, its structure is not checked again.
    """
    problems: list[Problem] = []
    nodes, edges = rows_of(raw, problems)
    edges_json = orjson.dumps(edges)
    size = Size()
    read, nodes_json = _read_nodes(nodes, catalog, size, problems, known, before)
    own = tuple([one.node for one in read])
    nodes_size = (size.values, size.yaml_characters, size.yaml_values)
    like = before if before is not None and not problems and before.edges_json == edges_json else None
    changed = _changed(own, like.graph.nodes) if like is not None else None
    if like is None or changed is None:
        graph = Graph(own, read_edges(edges, own, catalog, size, problems))
        shape = object()
    else:
        graph, shape = Graph(own, like.graph.edges), like.shape
        size.values += like.edges_values
    too_large = list(size.problems())
    if too_large:
        refuse([*problems, *too_large])
    if problems or changed is None or any(secret_of(node, catalog.kinds[node.kind]) is not None for node in changed):
        refuse([*problems, *structural_problems(graph, catalog)])
    return SoundGraph(graph, read, nodes_json, nodes_size, edges_json, size.values - nodes_size[0], shape)


def _changed(nodes: Sequence[Node], before: Sequence[Node]) -> list[Node] | None:
    """The nodes that are not the ones in their places `before`; None where the structure of a graph rests on one."""
    if len(nodes) != len(before):
        return None
    pairs = [(node, old) for node, old in zip(nodes, before, strict=True) if node is not old]
    is_like = all(
        (node.id == old.id and node.kind == old.kind and node.name == old.name)
        and namespace_of(node) == namespace_of(old)
        for node, old in pairs
    )
    return [node for node, _ in pairs] if is_like else None


def _read_nodes(
    rows: Sequence[object],
    catalog: Catalog,
    size: Size,
    problems: list[Problem],
    known: KnownNodes,
    before: SoundGraph | None,
) -> tuple[tuple[ReadNode, ...], WrittenRows]:
    """(the nodes without a problem, what was sent). Those that are sent where `before` has them are not looked at."""
    if before is not None and before.nodes and rows:
        text = orjson.dumps(rows)
        first, last = same_ends(before.nodes_json, text, len(rows))
        until = len(before.nodes) - last
        keys = [orjson.dumps(one) for one in rows[first : len(rows) - last]]
        lengths = (*before.nodes_json.lengths[:first], *_lengths(keys), *before.nodes_json.lengths[until:])
        if is_whole(lengths, text):
            _count_again(size, before, before.nodes[first:until])
            read = _known_or_read(rows, keys, first, catalog, size, problems, known)
            return (*before.nodes[:first], *read, *before.nodes[until:]), WrittenRows(text, lengths)
    keys = [orjson.dumps(one) for one in rows]
    sent = WrittenRows(b"[" + b",".join(keys) + b"]", tuple(_lengths(keys)))
    return tuple(_known_or_read(rows, keys, 0, catalog, size, problems, known)), sent


def _lengths(rows: Sequence[bytes]) -> list[int]:
    return [len(row) + 1 for row in rows]


def _count_again(size: Size, before: SoundGraph, gone: Sequence[ReadNode]) -> None:
    """Count the nodes of `before` without these."""
    values, characters, yaml_values = before.nodes_size
    size.values += values - sum(node.values for node in gone)
    size.yaml_characters += characters - sum(node.yaml_characters for node in gone)
    size.yaml_values += yaml_values - sum(node.yaml_values for node in gone)


def _known_or_read(
    rows: Sequence[object],
    keys: Sequence[bytes],
    first: int,
    catalog: Catalog,
    size: Size,
    problems: list[Problem],
    known: KnownNodes,
) -> Iterator[ReadNode]:
    """The nodes without a problem of the rows from `first` on, whose JSON is in `keys`."""
    for index, key in enumerate(keys, first):
        found = known.get(key)
        if found is not None:
            size.values += found.values
            size.yaml_characters += found.yaml_characters
            size.yaml_values += found.yaml_values
            yield found
            continue
        values, characters, yaml_values = size.values, size.yaml_characters, size.yaml_values
        node = read_node(rows[index], index, catalog, size, problems, plain_text)
        if node is not None:
            characters, yaml_values = size.yaml_characters - characters, size.yaml_values - yaml_values
            weight = MEMORY * len(key) + YAML_MEMORY * characters
            found = ReadNode(node, size.values - values, characters, yaml_values, weight)
            if size.is_within():
                known.put(key, found)
            yield found
