"""Positions of imported nodes: edges run from left to right, nothing stands on anything else, no chance.

What a workload is reached by and what it reads (Services, ConfigMaps, Secrets, claims, policies) stands left of it, the
workloads that it needs right of it. What is connected forms a group; groups are set beside one another, about as wide
as a screen.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

STEP_X, STEP_Y = 300, 100
"""From one card to the next; a card is 220 by 64. Source: `frontend/src/model/place.ts`."""
_GAP_X = 120
"""Between two groups that stand beside one another, beside the step."""
_WORKLOADS = frozenset(
    ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet", "ReplicationController")
)
"""Kinds of the Kubernetes API."""
_WIDE = 1.6
"""Width of a screen for its height."""


def layout(nodes: Sequence[tuple[str, str]], edges: Iterable[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """The position of each node, given as (id, kind of the Kubernetes API) in a fixed order, by its edges.

    No edge runs from right to left, save one of each cycle. Linear in nodes and edges. Equal input gives equal
    positions.
    """
    ids = [id_ for id_, _ in nodes]
    graph = _Directed.of(ids, edges)
    workloads = {id_ for id_, kind in nodes if kind in _WORKLOADS}
    columns = _columns(graph, workloads)
    blocks = _blocks(graph, workloads, columns)
    groups, alone = [], []
    for group in graph.groups():
        if len(group) > 1:
            groups.append(_placed(group, graph, blocks, columns))
        else:
            alone += group
    if alone:
        width = math.ceil(math.sqrt(len(alone) * STEP_Y * _WIDE / STEP_X))
        groups.append({id_: (at % width, 2 * (at // width)) for at, id_ in enumerate(alone)})
    return _beside(groups)


@dataclass(slots=True)
class _Directed:
    """The edges of nodes without loops: `order` has the source of each before its target."""

    targets: dict[str, list[str]]
    sources: dict[str, list[str]]
    order: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, ids: Sequence[str], edges: Iterable[tuple[str, str]]) -> _Directed:
        known = set(ids)
        pairs = [pair for pair in dict.fromkeys(edges) if pair[0] != pair[1] and known.issuperset(pair)]
        targets: dict[str, list[str]] = {id_: [] for id_ in ids}
        waits = dict.fromkeys(ids, 0)
        for source, target in pairs:
            targets[source].append(target)
            waits[target] += 1
        order: dict[str, None] = {}
        ready = deque(id_ for id_ in ids if not waits[id_])
        for start in [None, *ids]:  # a node of a cycle is taken where nothing else is left
            if start is not None and start not in order:
                ready.append(start)
            while ready:
                one = ready.popleft()
                if one in order:
                    continue
                order[one] = None
                for target in targets[one]:
                    waits[target] -= 1
                    if not waits[target] and target not in order:
                        ready.append(target)
        rank = {id_: at for at, id_ in enumerate(order)}
        found = cls({id_: [] for id_ in ids}, {id_: [] for id_ in ids}, list(order))
        for source, target in pairs:
            if rank[source] < rank[target]:
                found.targets[source].append(target)
                found.sources[target].append(source)
        return found

    def groups(self) -> Iterator[list[str]]:
        """The nodes that are connected, also through others."""
        seen: set[str] = set()
        for start in self.targets:
            group, waiting = [], [start]
            while waiting:
                one = waiting.pop()
                if one not in seen:
                    seen.add(one)
                    group.append(one)
                    waiting += [*self.targets[one], *self.sources[one]]
            if group:
                yield group


def _columns(graph: _Directed, workloads: set[str]) -> dict[str, int]:
    """The column of each node. Between workloads that need one another is one for what they read."""

    def apart(source: str, target: str) -> int:
        return 2 if source in workloads and target in workloads else 1

    found: dict[str, int] = {}
    for one in graph.order:
        found[one] = max((found[source] + apart(source, one) for source in graph.sources[one]), default=0)
    for one in reversed(graph.order):
        if one not in workloads and graph.targets[one]:
            found[one] = min(found[target] for target in graph.targets[one]) - 1
    return found


def _blocks(graph: _Directed, workloads: set[str], columns: Mapping[str, int]) -> dict[str, list[str]]:
    """The nodes that stand together, by the workload, or other last node, that they lead to first."""
    owner: dict[str, str] = {}
    for one in reversed(graph.order):
        targets = graph.targets[one]
        owner[one] = one if one in workloads or not targets else owner[min(targets, key=columns.__getitem__)]
    for one in graph.order:
        if owner[one] == one and one not in workloads and graph.sources[one]:
            owner[one] = owner[max(graph.sources[one], key=columns.__getitem__)]
    found: dict[str, list[str]] = {}
    for one in graph.targets:
        end = one
        while owner[end] != end:
            end = owner[end]
        owner[one] = end
        found.setdefault(end, []).append(one)
    return found


def _placed(
    group: list[str], graph: _Directed, blocks: Mapping[str, list[str]], columns: Mapping[str, int]
) -> dict[str, tuple[int, int]]:
    """Column and half row of each node of a group: a block beside those that need it, as high as there is room."""
    members = set(group)
    heads = [one for one in blocks if one in members]
    first = [one for one in heads if not any(source in blocks for source in graph.sources[one])]
    left = min(columns[one] for one in group)
    used = [0] * (max(columns[one] for one in group) - left + 1)
    found: dict[str, tuple[int, int]] = {}
    waiting = [(one, 0) for one in reversed([*first, *heads])]
    seen: set[str] = set()
    while waiting:
        head, least = waiting.pop()
        if head in seen:
            continue
        seen.add(head)
        by_column: dict[int, list[str]] = {}
        for one in blocks[head]:
            by_column.setdefault(columns[one] - left, []).append(one)
        span = range(min(by_column), max(by_column) + 1)
        start = max(least, *(used[column] for column in span))
        height = max(map(len, by_column.values()))
        for column, ones in by_column.items():
            for at, one in enumerate(ones):
                found[one] = (column, 2 * start + height - len(ones) + 2 * at)
        for column in span:
            used[column] = start + height
        waiting += [(target, start) for target in reversed(graph.targets[head]) if target in blocks]
    return found


def _beside(groups: list[dict[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    """Positions of groups, which are filled into columns from above."""
    sizes = [
        (
            1 + max(column for column, _ in group.values()),
            1 + math.ceil(max(row for _, row in group.values()) / 2),
        )
        for group in groups
    ]
    area = sum((width * STEP_X + _GAP_X) * height * STEP_Y for width, height in sizes)
    most = max([math.sqrt(area / _WIDE) / STEP_Y, *(height for _, height in sizes)], default=0)
    found: dict[str, tuple[int, int]] = {}
    left = widest = row = 0
    for group, (width, height) in zip(groups, sizes, strict=True):
        if row and row + height > most:
            left, widest, row = left + widest * STEP_X + _GAP_X, 0, 0
        for id_, (column, half) in group.items():
            found[id_] = (left + column * STEP_X, row * STEP_Y + half * STEP_Y // 2)
        widest, row = max(widest, width), row + height
    return found
