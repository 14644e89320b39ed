"""Positions of imported nodes: tiers from left to right (entry, Services, workloads, data), no overlaps, no chance.

A workload stands in one row with what belongs to it. Workloads that need one another stand below each other, those that
nobody needs first. Many rows are set in several columns, about as wide as a screen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

STEP_X, STEP_Y = 300, 100
"""From one card to the next; a card is 220 by 64. Source: `frontend/src/model/place.ts`."""
_GAP_X = 120
"""Between two columns of rows, beside the step."""
_WORKLOAD, _DATA = 2, 3
_TIERS: Mapping[str, int] = {
    **dict.fromkeys(("Ingress", "Gateway", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "VirtualService"), 0),
    **dict.fromkeys(("Service", "EndpointSlice", "Endpoints"), 1),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet", "ReplicationController"),
        _WORKLOAD,
    ),
}
"""Kinds of the Kubernetes API; all others are data."""
_WIDE = 1.6
"""Width of a screen for its height."""


def layout(nodes: Sequence[tuple[str, str]], edges: Iterable[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """The position of each node, given as (id, kind of the Kubernetes API) in a fixed order, by its edges.

    Linear in nodes and edges. Equal input gives equal positions.
    """
    tier = {id_: _TIERS.get(kind, _DATA) for id_, kind in nodes}
    near: dict[str, list[str]] = {id_: [] for id_, _ in nodes}
    needs: dict[str, list[str]] = {id_: [] for id_, _ in nodes}
    needed: set[str] = set()
    for source, target in edges:
        if source not in tier or target not in tier:
            continue
        if tier[source] == tier[target] == _WORKLOAD:
            needs[source].append(target)
            needed.add(target)
        else:
            near[source].append(target)
            near[target].append(source)
    workloads = list(_in_order([id_ for id_, _ in nodes if tier[id_] == _WORKLOAD], needs, needed))
    blocks = [*_blocks(workloads, near, tier)]
    placed = {id_ for block in blocks for id_ in block}
    if rest := [id_ for id_, _ in nodes if id_ not in placed]:
        blocks.append(rest)
    return _positions(blocks, tier)


def _in_order(workloads: list[str], needs: Mapping[str, list[str]], needed: set[str]) -> Iterator[str]:
    """Each workload, and after it those that it needs; those that nobody needs first."""
    seen: set[str] = set()
    for start in [*(one for one in workloads if one not in needed), *workloads]:
        waiting = [start]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                yield one
                waiting += reversed(needs[one])


def _blocks(workloads: list[str], near: Mapping[str, list[str]], tier: Mapping[str, int]) -> Iterator[list[str]]:
    """A workload with what is connected to it, also through others, and has no place yet."""
    placed: set[str] = set(workloads)
    for workload in workloads:
        block, waiting = [workload], [workload]
        while waiting:
            for other in near[waiting.pop(0)]:
                if other not in placed:
                    placed.add(other)
                    block.append(other)
                    if tier[other] < _WORKLOAD:
                        waiting.append(other)
        yield block


def _positions(blocks: list[list[str]], tier: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    heights = [_height(block, tier) for block in blocks]
    total = sum(heights)
    width = (_DATA + 1) * STEP_X + _GAP_X
    columns = max(1, round(math.sqrt(_WIDE * total * STEP_Y / width)))
    most = math.ceil(total / columns)
    found: dict[str, tuple[int, int]] = {}
    column = row = 0
    for block, height in zip(blocks, heights, strict=True):
        if row and row + height > most:
            column, row = column + 1, 0
        used = [row] * (_DATA + 1)
        for id_ in block:
            found[id_] = (column * width + tier[id_] * STEP_X, used[tier[id_]] * STEP_Y)
            used[tier[id_]] += 1
        row += height
    return found


def _height(block: list[str], tier: Mapping[str, int]) -> int:
    counts = [0] * (_DATA + 1)
    for id_ in block:
        counts[tier[id_]] += 1
    return max(counts)
