"""Which nodes of a drawing reach one another in a circle."""

from __future__ import annotations

from collections.abc import Sequence


def loops(edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """A number for each node: two nodes with one number reach each other (Kosaraju's two passes)."""
    forth: dict[str, list[str]] = {}
    back: dict[str, list[str]] = {}
    for source, target in edges:
        forth.setdefault(source, []).append(target)
        forth.setdefault(target, [])
        back.setdefault(target, []).append(source)
    ended: list[str] = []
    seen: set[str] = set()
    for start in forth:
        waiting = [(start, iter(forth[start]))] if start not in seen else []
        seen.add(start)
        while waiting:
            node, further = waiting[-1]
            found = next((one for one in further if one not in seen), None)
            if found is None:
                ended.append(waiting.pop()[0])
            else:
                seen.add(found)
                waiting.append((found, iter(forth[found])))
    part_of: dict[str, int] = {}
    for number, start in enumerate(reversed(ended)):
        stack = [start]
        while stack:
            node = stack.pop()
            if node not in part_of:
                part_of[node] = number
                stack += back.get(node, ())
    return part_of
