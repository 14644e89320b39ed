"""What waits for what in a workflow, and what other tools do not keep of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.render import Rendered

_ONCE = {
    "after": "after {}",
    "after_completion": "once {} has completed",
    "after_health": "once {} is healthy",
}
"""What a run does for an edge of order."""


def order_of(graph: Graph, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(id of the node that waits, `once db is healthy`) for each edge of order; `names` are those of nodes, by id."""
    for edge in graph.edges:
        if edge.relation in _ONCE and edge.source in names and edge.target in names:
            yield edge.source, _ONCE[edge.relation].format(names[edge.target])


def names_of(rendered: Sequence[Rendered]) -> dict[str, str]:
    """`Deployment web` by the id of the node: its workload, or the first of its objects."""
    found: dict[str, str] = {}
    for one in sorted(rendered, key=lambda one: "spec" not in one.manifest):
        found.setdefault(one.node_id, f"{one.ref.kind} {one.ref.name}")
    return found


def tried_once(rendered: Sequence[Rendered]) -> frozenset[str]:
    """The nodes of Jobs that fail for good at their first failure."""
    return frozenset(
        one.node_id
        for one in rendered
        if one.ref.kind == "Job" and (one.manifest.get("spec") or {}).get("backoffLimit") == 0
    )
