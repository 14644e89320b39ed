"""New nodes beside what is drawn already."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from imports.domain.layout import CARD_X, CARD_Y, STEP_X, STEP_Y
from kubeorch.base.records import replace
from workflows.domain.graphs.graph import Edge, Node

GAP = 120.0
"""Between what was drawn before and what comes below it."""
ROOM = 20.0
"""That two cards need between them."""
BESIDE_MOST = 50
"""Nodes that a place is looked for; the rest comes below."""
ROWS_MOST = 20


def free_id(wanted: str, taken: Collection[str]) -> str:
    """The id, with a number where it is taken."""
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found


def placed(new: Iterable[Node], drawn: Iterable[Node], edges: Iterable[Edge] = ()) -> list[Node]:
    """New nodes as the import lays them out among themselves, below what is there already; one that is connected only
    with what is there stands beside that.

    Those of a group that is drawn already stand in no frame: it would reach over all that is between.
    """
    found, there = list(new), list(drawn)
    if not found or not there:
        return found
    beside = _beside(found, there, edges)
    below = [node for node in found if node.id not in beside]
    down = max(node.y for node in there) + GAP - min((node.y for node in below), default=0)
    right = min(node.x for node in there) - min((node.x for node in below), default=0)
    frames = {node.group for node in there}
    moved = []
    for node in found:
        x, y = beside.get(node.id, (node.x + right, node.y + down))
        moved.append(replace(node, x=x, y=y, group="" if node.group in frames else node.group))
    return moved


def _beside(new: Sequence[Node], drawn: Sequence[Node], edges: Iterable[Edge]) -> dict[str, tuple[float, float]]:
    """Free places left of what new nodes lead to, else right of what leads to them."""
    known = {node.id: node for node in drawn}
    sources: dict[str, list[str]] = {node.id: [] for node in new}
    targets: dict[str, list[str]] = {node.id: [] for node in new}
    for edge in edges:
        if edge.source in targets:
            targets[edge.source].append(edge.target)
        if edge.target in sources:
            sources[edge.target].append(edge.source)
    taken = [(node.x, node.y) for node in drawn]
    found: dict[str, tuple[float, float]] = {}
    for node in new:
        ends = [*targets[node.id], *sources[node.id]]
        if not ends or not known.keys() >= set(ends) or len(found) == BESIDE_MOST:
            continue
        near = [known[one] for one in targets[node.id] or sources[node.id]]
        x = min(one.x for one in near) - STEP_X if targets[node.id] else max(one.x for one in near) + STEP_X
        y = near[0].y
        rows = [y, *(y + sign * row * STEP_Y for row in range(1, ROWS_MOST) for sign in (1, -1))]
        spot = next(((x, at) for at in rows if not any(_meets(x, at, *one) for one in taken)), None)
        if spot is not None:
            found[node.id] = spot
            taken.append(spot)
    return found


def _meets(x: float, y: float, other_x: float, other_y: float) -> bool:
    return abs(x - other_x) < CARD_X + ROOM and abs(y - other_y) < CARD_Y + ROOM
