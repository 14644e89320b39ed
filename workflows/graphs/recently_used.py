"""A cache of the values used last. It only ever saves work, so processes need not agree on it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RecentlyUsed(Generic[K, V]):
    """At most `most` values, whose keys and values together weigh at most `most_bytes`. Safe to share by threads.

    Texts and bytes weigh their length, other things what their `weight_bytes` says, else nothing: bound what is held
    by its number then.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self._rows: OrderedDict[K, V] = OrderedDict()
        self._most, self._most_bytes, self._bytes = most, most_bytes, 0
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            found = self._rows.get(key)
            if found is not None:
                self._rows.move_to_end(key)
            return found

    def put(self, key: K, value: V) -> None:
        with self._lock:
            before = self._rows.pop(key, None)
            if before is not None:
                self._bytes -= _weight(key) + _weight(before)
            self._rows[key] = value
            self._bytes += _weight(key) + _weight(value)
            while len(self._rows) > self._most or self._bytes > self._most_bytes:
                gone, gone_value = self._rows.popitem(last=False)
                self._bytes -= _weight(gone) + _weight(gone_value)


def _weight(thing: object) -> int:
    return len(thing) if isinstance(thing, bytes | str) else getattr(thing, "weight_bytes", 0)
