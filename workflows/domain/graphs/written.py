"""A graph as the JSON that is stored of it, row by row: so two are compared, and only what changed is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kubeorch.base.digests import content_digest
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.rows import stored

Rows = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class WrittenGraph:
    nodes: Rows
    edges: Rows
    blob: bytes
    """Nodes and edges as one JSON object, in the order people gave."""
    digest: str
    """Of `blob`: one stored form has one digest."""

    @property
    def weight_bytes(self) -> int:
        return 2 * len(self.blob)


def written(graph: Graph, before: WrittenGraph | None = None, changed: Collection[int] = ()) -> WrittenGraph:
    """Raises orjson.JSONEncodeError for a value that JSON cannot hold.

    `before` is what was written of a graph with the same edges, and the same nodes but in the places `changed`.
    """
    if before is None:
        nodes = tuple([stored(node) for node in graph.nodes])
        edges = tuple([stored(edge) for edge in graph.edges])
    else:
        nodes, edges = replaced(before.nodes, {place: stored(graph.nodes[place]) for place in changed}), before.edges
    blob = b'{"nodes":[' + b",".join(nodes) + b'],"edges":[' + b",".join(edges) + b"]}"
    return WrittenGraph(nodes, edges, blob, content_digest(blob))


def replaced(rows: Rows, by_place: Mapping[int, bytes]) -> Rows:
    """The rows with others in these places."""
    after = list(rows)
    for place, row in by_place.items():
        after[place] = row
    return tuple(after)


def changed_rows(before: Rows, after: Rows) -> list[int] | None:
    """The places whose rows are to be written to turn `before` into `after`; None if that is as good as all of them.

    A list that became shorter is written anew.
    """
    if len(after) < len(before):
        return None
    changed = [place for place, (old, new) in enumerate(zip(before, after, strict=False)) if old != new]
    changed += range(len(before), len(after))
    return changed if len(changed) * 4 <= len(after) else None
