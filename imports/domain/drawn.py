"""Under which ids the nodes of an import were drawn, so that the next import of the same project finds them again."""

from __future__ import annotations

from collections.abc import Sequence

from imports.domain.merging import Merged
from imports.domain.placing import free_id
from kubeorch.base.records import replace
from workflows.domain.graphs.graph import Graph

Drawn = Sequence[Sequence[str | None]]
"""Ids of an import's nodes, each with its id in the workflow; None where it was not drawn."""


def drawn_as(theirs: Graph, merged: Merged) -> list[list[str | None]]:
    """What was drawn under another id than the import's own, or not at all."""
    return [[one.id, merged.ids.get(one.id)] for one in theirs.nodes if merged.ids.get(one.id) != one.id]


def as_drawn(base: Graph, drawn: Drawn, ours: Graph) -> Graph:
    """What an import gave, with the ids under which it was drawn; what was not drawn gets one that nothing has."""
    ids = {node.id: node.id for node in base.nodes} | {one: mine for one, mine in drawn if one is not None and mine}
    taken = {*ids.values(), *(node.id for node in ours.nodes)}
    for one, mine in drawn:
        if one in ids and one is not None and mine is None:
            ids[one] = free_id(one, taken)
            taken.add(ids[one])
    return Graph(
        tuple(replace(node, id=ids[node.id]) for node in base.nodes),
        tuple(replace(edge, source=ids[edge.source], target=ids[edge.target]) for edge in base.edges),
    )
