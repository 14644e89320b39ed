"""Positions of imported nodes: edges run from left to right, nothing stands on anything else, no chance.

What is connected forms a group, in layers from left to right; groups are set beside one another, about as wide as a
screen.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from imports.domain.layers import Layers
from kubeorch.base.records import draft, field

STEP_X, STEP_Y = 300, 100
"""From one card to the next; a card is 220 by 64. Source: `frontend/src/model/place.ts`."""
_GAP_X = 120
"""Between two groups that stand beside one another, beside the step."""
_HALF = STEP_Y // 2
FRAME_SIDE, FRAME_TOP = 20, 40
"""Room between a frame and the cards in it. Source: `frontend/src/model/groups.ts`."""
CARD_X, CARD_Y = 220, 64
_GAP_Y = 40
"""Between two frames, one above the other."""
_WIDE = 1.6
"""Width of a screen for its height."""
_TRIED = (1, 1.25, 1.5, 2)
"""Heights of columns, for that of a screen which the groups would fill."""
_TOGETHER = {
    kind: at
    for at, kinds in enumerate(
        ("Service", "ConfigMap", "Secret", "PersistentVolumeClaim ServiceAccount", "NetworkPolicy"), 1
    )
    for kind in kinds.split()
}
"""Kinds of the Kubernetes API that stand beside one another below workloads, where edges do not say otherwise."""
Positions = dict[str, tuple[int, int]]


def layout(
    nodes: Sequence[tuple[str, str]], edges: Iterable[tuple[str, str]], groups: Mapping[str, str] | None = None
) -> Positions:
    """The position of each node, given as (id, kind of the Kubernetes API) in a fixed order, by its edges.

    `groups` are titles of frames by id: nodes of one title stand together, with room for a frame in which no other
    stands. No edge runs from right to left, save one of each cycle of nodes, or of frames. Equal input gives equal
    positions, in about linear time.
    """
    if groups:
        return _framed(nodes, list(edges), groups)
    ids = [id_ for id_, _ in sorted(nodes, key=lambda node: _TOGETHER.get(node[1], 0))]
    graph = _Directed.of(ids, edges)
    parts, alone = [], []
    for group in graph.groups():
        if len(group) > 1:
            parts.append(_placed(group, graph))
        else:
            alone += group
    if alone:
        width = math.ceil(math.sqrt(len(alone) * STEP_Y * _WIDE / STEP_X))
        parts.append({id_: (at % width * STEP_X, at // width * STEP_Y) for at, id_ in enumerate(alone)})
    return _beside(parts)


@draft
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


def _columns(order: Sequence[str], graph: _Directed) -> dict[str, int]:
    """The column of each node: right of all its sources, and beside its targets where it has more of those."""
    found: dict[str, int] = {}
    for one in order:
        found[one] = max((found[source] + 1 for source in graph.sources[one]), default=0)
    for one in reversed(order):
        targets = graph.targets[one]
        if targets and len(graph.sources[one]) <= len(targets):
            found[one] = min(found[target] for target in targets) - 1
    return found


def _placed(group: Iterable[str], graph: _Directed) -> Positions:
    members = set(group)
    order = [one for one in graph.order if one in members]
    columns = _columns(order, graph)
    left = min(columns.values())
    columns = {one: at - left for one, at in columns.items()}
    rows = Layers(order, graph.targets, columns).rows()
    found: Positions = {}
    lowest: dict[int, int] = {}
    for one in sorted(order, key=rows.__getitem__):
        column, half_rows = columns[one], round(rows[one] * 2)
        # Sums of fractions are off by a hair, which may round two rows that are one apart to half of that.
        lowest[column] = max(half_rows, lowest.get(column, half_rows - 2) + 2)
        found[one] = (column * STEP_X, lowest[column] * _HALF)
    return found


def _framed(nodes: Sequence[tuple[str, str]], edges: Sequence[tuple[str, str]], groups: Mapping[str, str]) -> Positions:
    """Positions of frames as those of nodes: what is in one, or connected outside of all, is laid out by itself."""
    blocks = _blocks(nodes, edges, groups)
    block_of = {id_: name for name, block in blocks.items() for id_, _ in block}
    inner: dict[str, list[tuple[str, str]]] = {name: [] for name in blocks}
    between = []
    for source, target in edges:
        if source in block_of and target in block_of:
            if block_of[source] == block_of[target]:
                inner[block_of[source]].append((source, target))
            else:
                between.append((block_of[source], block_of[target]))
    placed = {}
    for name, block in blocks.items():
        side, top = (FRAME_SIDE, FRAME_TOP) if block[0][0] in groups else (0, 0)
        placed[name] = _Block(layout(block, inner[name]), side, top)
    graph = _Directed.of(list(blocks), between)
    return _beside([_in_columns(part, graph, placed) for part in graph.groups()], room=_GAP_Y - FRAME_SIDE)


def _blocks(
    nodes: Sequence[tuple[str, str]], edges: Sequence[tuple[str, str]], groups: Mapping[str, str]
) -> dict[str, list[tuple[str, str]]]:
    """Nodes by frame, and those outside of all by what connects them without a frame; what nothing connects last."""
    found: dict[str, list[tuple[str, str]]] = {}
    for node in nodes:
        if node[0] in groups:
            found.setdefault(f"in {groups[node[0]]}", []).append(node)
    outside = {id_: kind for id_, kind in nodes if id_ not in groups}
    joined = {id_ for pair in edges for id_ in pair if pair[0] != pair[1]}
    for at, part in enumerate(_Directed.of(list(outside), edges).groups()):
        name = f"out {at}" if part[0] in joined else "alone"
        found.setdefault(name, []).extend((id_, outside[id_]) for id_ in part)
    return found


@draft
class _Block:
    """A frame, or nodes that stand together without one: positions with the corner of it at 0, 0."""

    positions: Positions
    side: int
    top: int

    @property
    def width(self) -> int:
        return max(x for x, _ in self.positions.values()) + CARD_X + 2 * self.side

    @property
    def height(self) -> int:
        return max(y for _, y in self.positions.values()) + CARD_Y + self.top + self.side

    def at(self, left: int, top: int) -> Positions:
        return {id_: (left + self.side + x, top + self.top + y) for id_, (x, y) in self.positions.items()}


def _in_columns(part: Sequence[str], graph: _Directed, placed: Mapping[str, _Block]) -> Positions:
    """Connected frames, in columns along their edges, each column in the middle of the tallest."""
    members = set(part)
    columns = _columns([one for one in graph.order if one in members], graph)
    by_column: dict[int, list[_Block]] = {}
    for name in placed:
        if name in members:
            by_column.setdefault(columns[name], []).append(placed[name])
    heights = {at: sum(one.height + _GAP_Y for one in blocks) - _GAP_Y for at, blocks in by_column.items()}
    found: Positions = {}
    left = 0
    for column in sorted(by_column):
        top = (max(heights.values()) - heights[column]) // 2
        for block in by_column[column]:
            found |= block.at(left, top)
            top += block.height + _GAP_Y
        left += max(one.width for one in by_column[column]) + _GAP_X
    return found


def _beside(groups: Sequence[Positions], room: int = 0) -> Positions:
    """Positions of groups, which are filled into columns from above: of some heights of columns that with which all of
    it is shown largest. `room` is left below each."""
    sizes = [
        (max(x for x, _ in group.values()) + STEP_X, max(y for _, y in group.values()) + STEP_Y + room)
        for group in groups
    ]
    area = sum((width + _GAP_X) * height for width, height in sizes)
    tallest = max((height for _, height in sizes), default=0)
    heights = [max(math.sqrt(area / _WIDE) * more, tallest) for more in _TRIED]
    corners = min((_corners(sizes, most) for most in heights), key=lambda tried: _extent(sizes, tried))
    return {
        id_: (left + x, top + y)
        for group, (left, top) in zip(groups, corners, strict=True)
        for id_, (x, y) in group.items()
    }


def _corners(sizes: Sequence[tuple[int, int]], most: float) -> list[tuple[int, int]]:
    """Where each group begins, with columns of that height at most."""
    found = []
    left = widest = top = 0
    for width, height in sizes:
        if top and top + height > most:
            left, widest, top = left + widest + _GAP_X, 0, 0
        found.append((left, top))
        widest, top = max(widest, width), top + height
    return found


def _extent(sizes: Sequence[tuple[int, int]], corners: Sequence[tuple[int, int]]) -> float:
    """How high a screen has to be that shows all of it."""
    rows = [(left + width, top + height) for (width, height), (left, top) in zip(sizes, corners, strict=True)]
    return max((max(right / _WIDE, bottom) for right, bottom in rows), default=0)
