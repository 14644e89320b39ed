"""Checking graphs, and not checking again what has not changed.

A save of a large graph changes a node or two. Problems of fields, links and rules never reach beyond the nodes that
edges join, so a graph is checked by its connected parts, and a part that was checked before is looked up by its
content. What holds between parts (names, ids) `parse_graph` checks each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from kubeorch.base.errors import Problem
from workflows.catalog import catalog
from workflows.domain.graphs.check import check_fields
from workflows.domain.graphs.graph import Edge, Graph, graph_from_stored
from workflows.domain.graphs.limits import bounded
from workflows.domain.graphs.read_graph import MEMORY, ReadNode, SoundGraph, parse_graph, parse_json_graph
from workflows.domain.graphs.rows import content
from workflows.domain.graphs.same_objects import same_objects
from workflows.domain.graphs.structure import structural_problems
from workflows.domain.graphs.written import WrittenGraph
from workflows.domain.kinds.field_problems import MAX_PROBLEMS
from workflows.domain.rendering.digest import GraphContent, graph_content
from workflows.graphs.recently_used import RecentlyUsed
from workflows.graphs.store import graph_bytes, written_graph


@dataclass(frozen=True, slots=True)
class CheckedGraph:
    """A graph that may be stored: structurally sound, with the problems that only refuse a run."""

    graph: Graph
    written: WrittenGraph
    content: GraphContent
    problems: tuple[Problem, ...]
    seen: Seen | None = None
    """Where it was read from JSON: what spares the next check of it work."""

    @property
    def weight_bytes(self) -> int:
        return self.written.weight_bytes + ((MEMORY + 1) * len(self.written.blob) if self.seen else 0)


@dataclass(frozen=True, slots=True)
class Part:
    """A connected part of a graph."""

    nodes: tuple[int, ...]
    """Their places in the graph."""
    edges: tuple[Edge, ...]
    problems: tuple[Problem, ...] | None
    """None where so many were found before that it was not checked."""


@dataclass(frozen=True, slots=True)
class Seen:
    sound: SoundGraph
    parts: tuple[Part, ...]
    same: tuple[Problem, ...]
    """Of nodes that draw one object."""


def check_graph(raw: Mapping[str, Any]) -> CheckedGraph:
    """Parse and check a graph from outside. Raises InvalidInput with every structural problem."""
    graph = parse_graph(raw, catalog())
    return CheckedGraph(graph, written_graph(graph), graph_content(graph), _field_problems(graph))


def check_json_graph(raw: Mapping[str, Any], before: CheckedGraph | None) -> CheckedGraph:
    """As `check_graph`, of a graph that was read from JSON: what was read and checked before is not again.

    `before` is any other graph; the more this one has in common with it, the less is done.
    """
    seen = before.seen if before is not None else None
    sound = parse_json_graph(raw, catalog(), _nodes, seen.sound if seen else None)
    graph = sound.graph
    if before is not None and seen is not None and seen.sound.shape is sound.shape:
        changed = _changed(graph, before.graph)
        written, content_ = written_graph(graph, before.written, changed), graph_content(graph, before.content, changed)
        parts = tuple(_checked_parts(graph, seen.parts, changed))
        is_same = all(catalog().kinds[graph.nodes[place].kind].kind for place in changed)
        same = seen.same if is_same else tuple(same_objects(graph, catalog()))
    else:
        written, content_ = written_graph(graph), graph_content(graph)
        parts, same = tuple(_checked_parts(graph)), tuple(same_objects(graph, catalog()))
    problems = bounded([*[problem for part in parts for problem in part.problems or ()], *same])
    return CheckedGraph(graph, written, content_, tuple(problems), Seen(sound, parts, same))


def _changed(graph: Graph, before: Graph) -> frozenset[int]:
    """The places of the nodes that are not those of a graph of the same shape."""
    pairs = enumerate(zip(graph.nodes, before.nodes, strict=True))
    return frozenset([place for place, (node, old) in pairs if node is not old])


def problems_of(document: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Problems of a stored graph, looked up by its digest when this process has checked that content.

    A stored graph that today's catalog would refuse (a kind was removed) is still served, and says why.
    """
    found = _by_digest.get(document["digest"])
    if found is None:
        found = problems_of_graph(graph_from_stored(document))
        _by_digest.put(document["digest"], found)
    return found


def problems_of_graph(graph: Graph) -> tuple[Problem, ...]:
    """As `check` finds them."""
    return tuple(bounded([*structural_problems(graph, catalog()), *_field_problems(graph)]))


def _field_problems(graph: Graph) -> tuple[Problem, ...]:
    """As `check_fields` finds them, part by part. The structure has been checked of the whole."""
    found = [problem for part in _checked_parts(graph) for problem in part.problems or ()]
    return tuple(bounded([*found, *same_objects(graph, catalog())]))


def _checked_parts(
    graph: Graph, known: Sequence[Part] | None = None, changed: frozenset[int] = frozenset()
) -> Iterator[Part]:
    """The parts of the graph. `known` are those of one of the same shape, and `changed` the places of other nodes."""
    errors = 0
    for part in known if known is not None else _parts(graph):
        problems = part.problems
        if errors > MAX_PROBLEMS:
            problems = None
        elif problems is None or not changed.isdisjoint(part.nodes):
            problems = _problems_of_part(Graph(tuple([graph.nodes[place] for place in part.nodes]), part.edges))
        if problems:
            errors += sum(one.severity == "error" for one in problems)
        yield part if problems is part.problems else Part(part.nodes, part.edges, problems)


def _problems_of_part(part: Graph) -> tuple[Problem, ...]:
    key = b"\n".join([*[content(node) for node in part.nodes], *[content(edge) for edge in part.edges]])
    problems = _by_part.get(key)
    if problems is None:
        problems = tuple(check_fields(part, catalog()))
        _by_part.put(key, problems)
    return problems


def cache(checked: CheckedGraph) -> None:
    """Hold the result of a check for the reads that follow the save."""
    digest = checked.written.digest
    _by_digest.put(digest, checked.problems)
    _json.put(digest, _as_json(checked.written.blob, checked.problems))


def cached_json(digest: str) -> bytes | None:
    """What `graph_json` gives for that content, if this process holds it."""
    return _json.get(digest)


def graph_json(document: Mapping[str, Any]) -> bytes:
    """Nodes, edges and problems of a stored graph, as the inside of a JSON object."""
    written = _as_json(graph_bytes(document["nodes"], document["edges"]), problems_of(document))
    _json.put(document["digest"], written)
    return written


def _as_json(blob: bytes, problems: tuple[Problem, ...]) -> bytes:
    return blob[1:-1] + b',"problems":' + orjson.dumps([problem.as_json() for problem in problems])


def _parts(graph: Graph) -> Iterator[Part]:
    """The connected parts of the graph, not checked yet."""
    leader = {node.id: node.id for node in graph.nodes}

    def find(node_id: str) -> str:
        while leader[node_id] != node_id:
            leader[node_id] = node_id = leader[leader[node_id]]
        return node_id

    for edge in graph.edges:
        if edge.source in leader and edge.target in leader:
            leader[find(edge.source)] = find(edge.target)
    nodes: dict[str, list[int]] = {}
    edges: dict[str, list[Edge]] = {}
    for place, node in enumerate(graph.nodes):
        nodes.setdefault(find(node.id), []).append(place)
    for edge in graph.edges:
        if edge.source in leader:
            edges.setdefault(find(edge.source), []).append(edge)
    for part, places in nodes.items():
        yield Part(tuple(places), tuple(edges.get(part, ())), None)


_by_digest: RecentlyUsed[str, tuple[Problem, ...]] = RecentlyUsed(512, 1024 * 1024)
_json: RecentlyUsed[str, bytes] = RecentlyUsed(512, 16 * 1024 * 1024)
_by_part: RecentlyUsed[bytes, tuple[Problem, ...]] = RecentlyUsed(8192, 16 * 1024 * 1024)
_nodes: RecentlyUsed[bytes, ReadNode] = RecentlyUsed(8192, 16 * 1024 * 1024)
