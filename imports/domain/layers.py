"""The layers of one connected drawing: which column each node stands in, in which order, and how high.

Sugiyama's method: longest paths give columns, edges over several columns keep a lane free in those between, lanes and
nodes are ordered by where their neighbours stand, and heights follow the neighbours as far as order allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

_SWEEPS = 8
_LANES_MOST = 4_000
"""Of one drawing; edges beyond are drawn over whatever stands in between."""
_LANE = "\0"
"""Begins the name of a lane, which no node has."""


class Layers:
    """`targets` of nodes by id, without cycles; `order` has the source of each edge before its target."""

    def __init__(
        self,
        order: Sequence[str],
        targets: Mapping[str, Sequence[str]],
        column: Mapping[str, int],
    ) -> None:
        self._left: dict[str, list[str]] = {one: [] for one in order}
        self._right: dict[str, list[str]] = {one: [] for one in order}
        self._columns: list[list[str]] = [[] for _ in range(1 + max(column.values()))]
        for one in order:
            self._columns[column[one]].append(one)
        lanes = 0
        for one in order:
            for target in targets[one]:
                between = range(column[one] + 1, column[target])
                if lanes + len(between) > _LANES_MOST:
                    continue
                last = one
                for at in between:
                    lane = f"{_LANE}{lanes}"
                    lanes += 1
                    self._left[lane], self._right[lane] = [], []
                    self._columns[at].append(lane)
                    self._join(last, lane)
                    last = lane
                self._join(last, target)

    def _join(self, one: str, other: str) -> None:
        self._right[one].append(other)
        self._left[other].append(one)

    def rows(self) -> dict[str, float]:
        """The height of each node, in rows from the top."""
        self._sort()
        height = self._heights()
        least = min(height.values())
        return {one: at - least for one, at in height.items() if not one.startswith(_LANE)}

    def _sort(self) -> None:
        """Order the columns so that few edges cross: the best of some sweeps from left to right and back."""
        best, fewest = [list(column) for column in self._columns], self._crossings()
        for sweep in range(_SWEEPS):
            if not fewest:
                break
            forward = sweep % 2 == 0
            beside = self._left if forward else self._right
            for column, before in pairwise(self._columns if forward else self._columns[::-1]):
                place = {one: at for at, one in enumerate(column)}
                middle = {one: _middle([place[other] for other in beside[one] if other in place]) for one in before}
                _sort_by(before, middle)
            found = self._crossings()
            if found < fewest:
                best, fewest = [list(column) for column in self._columns], found
        self._columns = best

    def _crossings(self) -> int:
        return sum(self._crossings_between(one, other) for one, other in pairwise(self._columns))

    def _crossings_between(self, one: Sequence[str], other: Sequence[str]) -> int:
        """By counting, for each edge, those before it that end below it."""
        place = {node: at for at, node in enumerate(other)}
        counts = [0] * (len(other) + 1)
        found = seen = 0
        for node in one:
            ends = sorted(place[target] for target in self._right[node] if target in place)
            for end in ends:
                at, below = end + 1, 0
                while at:
                    below += counts[at]
                    at -= at & -at
                found += seen - below
            for end in ends:
                seen += 1
                at = end + 1
                while at < len(counts):
                    counts[at] += 1
                    at += at & -at
        return found

    def _heights(self) -> dict[str, float]:
        height: dict[str, float] = {}
        for column in self._columns:
            at = 0.0
            for one in column:
                height[one] = at
                at += 1
        for sweep in range(_SWEEPS):  # the last one from the right, so that the way in is straight
            forward = sweep % 2 == 0
            for column in self._columns if forward else self._columns[::-1]:
                wanted = []
                for one in column:
                    left, right = self._left[one], self._right[one]
                    near = (left or right) if forward else (right or left)
                    middle = _middle([height[other] for other in near])
                    wanted.append(height[one] if middle is None else middle)
                for one, at in zip(column, _apart(wanted), strict=True):
                    height[one] = at
        return height


def _middle(places: Sequence[float]) -> float | None:
    """The median, between the two in the middle where there is none."""
    if not places:
        return None
    ordered = sorted(places)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _sort_by(column: list[str], middle: Mapping[str, float | None]) -> None:
    """Sort in place; what has no neighbour there keeps its place."""
    ordered = iter(sorted((one for one in column if middle[one] is not None), key=lambda one: middle[one] or 0.0))
    column[:] = [one if middle[one] is None else next(ordered) for one in column]


def _apart(wanted: Sequence[float]) -> list[float]:
    """The heights nearest to those that are wanted, by least squares, in the same order and a row apart."""
    blocks: list[tuple[float, int]] = []  # what stands together: (sum of what is wanted of its first row, how many)
    for at, want in enumerate(wanted):
        total, count = want - at, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            before, many = blocks.pop()
            total, count = total + before, count + many
        blocks.append((total, count))
    firsts = [total / count for total, count in blocks for _ in range(count)]
    return [first + at for at, first in enumerate(firsts)]
