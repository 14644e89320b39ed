"""What a template read backwards binds: values to paths below names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

NONE, PARTIAL, COMPLETE = 0, 1, 2
"""How much of a value a pattern explains."""


class How(Enum):
    SET = "set"
    APPEND = "append"
    PUT = "put"
    JOIN = "join"


class Bound(NamedTuple):
    """A value for a path below a name: "" is the parameters, others are the variables of loops."""

    root: str
    path: tuple[str, ...]
    value: Any
    how: How = How.SET
    key: str = ""


Answer = tuple[int, list[Bound]]


@dataclass(slots=True)
class Seen:
    """Entries of lists by their key: those that are there, and those that another list has completed."""

    names: dict[tuple[str, ...], set[Any]] = field(default_factory=dict)
    joined: dict[tuple[str, ...], set[Any]] = field(default_factory=dict)


Pattern = Callable[[Any, Seen], Answer]
MISS: Answer = (NONE, [])


def built(bounds: Iterable[Bound], name: str = "") -> Any:
    """The value of a name from all that was bound below it."""
    out: Any = {}
    for root, path, value, how, key in bounds:
        if root != name:
            continue
        if not path:
            if how is How.SET:
                out = value
            continue
        inner = out
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        last = path[-1]
        if how is How.SET:
            inner.setdefault(last, value)
        elif how is How.PUT:
            inner.setdefault(last, {})[value[0]] = value[1]
        elif how is How.APPEND:
            inner.setdefault(last, []).append(value)
        else:
            entry = next(one for one in inner[last] if one.get(key) == value[key])
            entry |= {**value, **entry}
    return out
