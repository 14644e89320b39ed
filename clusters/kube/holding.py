"""What all watches of one cluster keep in this process and read from it: bounded, whatever the cluster sends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from clusters.kube.errors import ClusterUnavailable

HELD_BYTES = 128 * 1024 * 1024
"""Estimated size of the facts kept of one cluster's objects: those of 60,000 pods, or of five kinds of 14,000 objects
each. They take about half of it, since most of their words are the same, which only a cluster that lies avoids."""
OBJECTS_OF_A_KIND = 50_000
NAME_MOST = 253
READ_BYTES_PER_S = 4 * 1024 * 1024
READ_BURST_BYTES = 128 * 1024 * 1024
"""How fast one cluster is read in the long run, and how much at once: the first picture of 20,000 pods."""
LOGS_BYTES_PER_S = 32 * 1024 * 1024
LOGS_BURST_BYTES = 64 * 1024 * 1024
"""The same for logs, which somebody is looking at: 100,000 lines of 300 bytes a second."""
Key = tuple[str, str]
"""Namespace and name."""
V = TypeVar("V")
INT64 = range(-(2**63), 2**63)


class TooMuch(ClusterUnavailable):
    """The cluster has, or sends, more of a kind than is kept of it: what is known of the kind is out of date."""

    code = "cluster.too_much"


class Held:
    """A budget that the watches of one cluster share. Safe to share among threads."""

    def __init__(self, most_bytes: int = HELD_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._lock = threading.Lock()

    def change(self, by_bytes: int, path: str) -> None:
        """Raises TooMuch, and changes nothing, when that were too much."""
        with self._lock:
            if by_bytes > 0 and self._bytes + by_bytes > self._most_bytes:
                raise TooMuch(
                    f"the objects of this cluster take more than {self._most_bytes // 1_048_576} MB to watch; "
                    f"{path} is not followed any more"
                )
            self._bytes += by_bytes


class Pace:
    """Bytes a second that are read from one cluster: a flood waits in its own connection, and no one else does."""

    def __init__(self, per_s: float = READ_BYTES_PER_S, burst: float = READ_BURST_BYTES) -> None:
        self._per_s, self._burst = per_s, burst
        self._left = burst
        self._at = time.monotonic()
        self._lock = threading.Lock()

    def delay_s(self, count: int) -> float:
        """Count bytes that were read; how long to wait before reading on."""
        with self._lock:
            moment = time.monotonic()
            self._left = min(self._burst, self._left + (moment - self._at) * self._per_s) - count
            self._at = moment
            return max(0.0, -self._left / self._per_s)


def weight(value: Any) -> int:
    """About how many bytes a projected object takes. Raises ValueError for a number that no database holds."""
    if isinstance(value, str):
        return 56 + len(value)
    if isinstance(value, int):
        if value not in INT64:
            raise ValueError(f"it has a number of more than 64 bits: {value}")
        return 8
    if isinstance(value, (tuple, list, frozenset)):
        return 56 + sum(8 + weight(one) for one in value)
    fields = getattr(type(value), "__slots__", None)
    if fields:
        return 56 + sum(8 + weight(getattr(value, field)) for field in fields)
    return 16


def checked_name(text: str) -> str:
    """Raises ValueError for what cannot be the name of an object."""
    if len(text) > NAME_MOST or not text.isprintable():
        raise ValueError(f"its name is longer than {NAME_MOST} characters or holds characters that no name has")
    return text


ENTRY_BYTES = 250
"""Of a key with its namespace and name."""


class Objects(Mapping[Key, V]):
    """The objects of one collection by key, of which each name is kept once: a tuple for each takes 64 bytes more."""

    def __init__(self) -> None:
        self._in: dict[str, dict[str, V]] = {}
        self._count = 0

    def __getitem__(self, key: Key) -> V:
        return self._in[key[0]][key[1]]

    def __setitem__(self, key: Key, value: V) -> None:
        names = self._in.setdefault(key[0], {})
        self._count += key[1] not in names
        names[key[1]] = value

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Key]:
        return ((namespace, name) for namespace, names in self._in.items() for name in names)

    def now(self) -> list[V]:
        """All of them at this moment, whatever another thread changes meanwhile."""
        return [value for names in list(self._in.values()) for value in list(names.values())]

    def clear(self) -> None:
        self._in, self._count = {}, 0

    def pop(self, key: Key) -> V | None:
        """Take it out; None where it is not there."""
        names = self._in.get(key[0], {})
        old = names.pop(key[1], None)
        if old is not None:
            self._count -= 1
            if not names:
                del self._in[key[0]]
        return old


class Copy(Generic[V]):
    """The objects of one collection by key, counted in the budget of their cluster."""

    def __init__(self, held: Held, path: str, *, spare: int = 0) -> None:
        """`spare`: bytes that are free as soon as this copy takes over."""
        self.objects: Objects[V] = Objects()
        self._held = held
        self._path = path
        self._spare = spare
        self.is_current = False
        self._bytes = 0
        self._counted = 0

    def put(self, key: Key, value: V) -> None:
        """Raises TooMuch."""
        old = self.objects.get(key)
        if old is None and len(self.objects) >= OBJECTS_OF_A_KIND:
            raise TooMuch(f"the cluster has more than {OBJECTS_OF_A_KIND:,} objects at {self._path}")
        self._count(weight(value) - weight(old) if old is not None else weight(value) + ENTRY_BYTES)
        self.objects[key] = value

    def pop(self, key: Key) -> V | None:
        old = self.objects.pop(key)
        if old is not None:
            self._count(-weight(old) - ENTRY_BYTES)
        return old

    def clear(self) -> None:
        self.objects = Objects()
        self._count(-self._bytes)

    @contextmanager
    def successor(self) -> Iterator[Copy[V]]:
        """A new copy that is being made while this one still counts; it is given up unless it takes over."""
        fresh: Copy[V] = Copy(self._held, self._path, spare=self._bytes)
        try:
            yield fresh
        finally:
            if not fresh.is_current:
                fresh.give_back()

    def take_over(self) -> None:
        """From here on this copy is the one that counts."""
        self._held.change(self._bytes - self._counted - self._spare, self._path)
        self._counted, self._spare, self.is_current = self._bytes, 0, True

    def give_back(self) -> None:
        """Count no more; the objects stay readable."""
        self._held.change(-self._counted, self._path)
        self._counted = self._bytes = 0

    def _count(self, change: int) -> None:
        counted = max(0, self._bytes + change - self._spare)
        self._held.change(counted - self._counted, self._path)
        self._bytes += change
        self._counted = counted
