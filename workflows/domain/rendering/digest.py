"""When two graphs are the same: digests of their content."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any

import orjson

from kubeorch.base import digests
from workflows.domain.graphs.graph import LAYOUT, Graph, Node, edge_to_dict, node_to_dict
from workflows.domain.graphs.rows import content
from workflows.domain.graphs.written import Rows, replaced
from workflows.domain.rendering.json_digest import content_digest

_BY_ID = attrgetter("id")


def content_hash(graph: Graph) -> str:
    """Equal for two graphs that mean the same. Order does not count, nor do positions and frames, which are layout."""
    return content_digest(
        {
            "nodes": [_node_content(node) for node in sorted(graph.nodes, key=lambda node: node.id)],
            "edges": [edge_to_dict(edge) for edge in sorted(graph.edges, key=lambda edge: edge.id)],
        }
    )


def content_digest_of(rows: Mapping[str, Any]) -> str:
    """As `content_hash`, of a graph in its stored form; forty times faster, since every save asks for it. The two
    cannot be compared with each other.
    """
    nodes = [{key: value for key, value in row.items() if key not in LAYOUT} for row in rows["nodes"]]
    whole = {"nodes": sorted(nodes, key=itemgetter("id")), "edges": sorted(rows["edges"], key=itemgetter("id"))}
    return digests.content_digest(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS))


@dataclass(frozen=True, slots=True)
class GraphContent:
    """What a run reads of a graph."""

    nodes: Rows
    """By their places in the graph."""
    order: tuple[int, ...]
    """The places of the nodes in the order of their ids."""
    edges: bytes
    digest: str
    """As `content_digest_of` of the graph's stored form."""


def graph_content(graph: Graph, before: GraphContent | None = None, changed: Collection[int] = ()) -> GraphContent:
    """`before` is that of a graph with the same edges, and the same nodes but in the places `changed`, where they have
    the same ids."""
    if before is None:
        nodes = tuple([content(node) for node in graph.nodes])
        order = tuple(sorted(range(len(nodes)), key=[node.id for node in graph.nodes].__getitem__))
        edges = b",".join([content(edge) for edge in sorted(graph.edges, key=_BY_ID)])
    else:
        nodes = replaced(before.nodes, {place: content(graph.nodes[place]) for place in changed})
        order, edges = before.order, before.edges
    whole = b'{"edges":[' + edges + b'],"nodes":[' + b",".join([nodes[place] for place in order]) + b"]}"
    return GraphContent(nodes, order, edges, digests.content_digest(whole))


def _node_content(node: Node) -> dict[str, Any]:
    return {key: value for key, value in node_to_dict(node).items() if key not in LAYOUT}
