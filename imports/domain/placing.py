"""New nodes beside what is drawn already."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kubeorch.base.records import replace
from workflows.domain.graphs.graph import Node

GAP = 120.0
"""Between what was drawn before and what comes below it."""


def free_id(wanted: str, taken: Collection[str]) -> str:
    """The id, with a number where it is taken."""
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found


def placed(new: Iterable[Node], drawn: Iterable[Node]) -> list[Node]:
    """New nodes as the import lays them out among themselves, below what is there already.

    Those of a group that is drawn already stand in no frame: it would reach over all that is between.
    """
    found, there = list(new), list(drawn)
    if not found or not there:
        return found
    down = max(node.y for node in there) + GAP - min(node.y for node in found)
    right = min(node.x for node in there) - min(node.x for node in found)
    frames = {node.group for node in there}
    return [
        replace(node, x=node.x + right, y=node.y + down, group="" if node.group in frames else node.group)
        for node in found
    ]
