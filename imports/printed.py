"""What printed objects lack that a run of the workflow would have."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.domain.graphs.graph import Graph
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.rendering.secrets import secret_keys

_APPLY_ONCE = {
    "after": "after {}",
    "after_completion": "once the Job {} has completed",
    "after_health": "once {} is healthy",
}
"""What a run does for an edge of order, and whoever applies the objects has to do."""


def lacking(graph: Graph, catalog: Catalog) -> Iterator[str]:
    """A sentence for each: values of Secrets, and the order that edges ask for."""
    names = {node.id: node.name for node in graph.nodes}
    for node_id, keys in secret_keys(graph, catalog).items():
        if keys:
            yield f"Secret {names[node_id]} is printed without the values of {', '.join(sorted(keys))}; add them"
    for edge in graph.edges:
        if edge.relation in _APPLY_ONCE:
            when = _APPLY_ONCE[edge.relation].format(names[edge.target])
            yield f"apply {names[edge.source]} {when}; kubectl does not wait"
