"""Which rows of a list are as they were, told by its JSON: what is sent again most often differs in a row or two."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from kubeorch.base.records import record


@record
class WrittenRows:
    """A list as JSON without blanks, and how many bytes each of its rows takes with what follows it: a comma, or the
    bracket that ends the list."""

    text: bytes
    lengths: tuple[int, ...]


def same_ends(before: WrittenRows, after: bytes, rows: int) -> tuple[int, int]:
    """(how many rows at the start, how many at the end) of a list of so many rows are probably those of `before`.

    Those at the start surely are. Those at the end are if the rows between make up the length: `is_whole` says.
    """
    most = min(len(before.lengths), rows)
    first = min(_rows_within(before.lengths, _same_start(before.text, after)), most)
    last = min(_rows_within(before.lengths[::-1], _same_end(before.text, after)), most - first)
    return first, last


def is_whole(lengths: Sequence[int], text: bytes) -> bool:
    """Whether rows of these lengths make up the list."""
    return 1 + sum(lengths) == len(text)


def _rows_within(lengths: Sequence[int], bytes_: int) -> int:
    """How many rows lie within so many bytes from a bracket."""
    return max(0, bisect_right(list(accumulate(lengths, initial=1)), bytes_) - 1)


def _same_start(one: bytes, other: bytes) -> int:
    """How many bytes they have in common from the start."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # those before `low` are the same, and no more than `high`
        middle = (low + high + 1) // 2
        if one.startswith(other[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low


def _same_end(one: bytes, other: bytes) -> int:
    """How many bytes they have in common from the end."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one.endswith(other[len(other) - middle : len(other) - low], 0, len(one) - low):
            low = middle
        else:
            high = middle - 1
    return low
