"""Entries of several logs in the order of their times, while they keep coming. Pure: the caller hands the time in."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

SETTLE_S = 0.15
"""So long an entry waits for earlier ones of sources that were heard of just now."""
HELD_S = 0.4
"""So long at most it waits for anything."""
FULL_BYTES = 64 * 1024
"""Of one source, that wait for no other one: what is held back longer keeps its container's log from being read."""
E = TypeVar("E")


class Entry(NamedTuple, Generic[E]):
    """A line or a note of one source."""

    at: str
    source: int
    number: int
    """Counts the entries of its source."""
    value: E
    size: int


class _Waiting(Generic[E]):
    __slots__ = ("bytes", "count", "entries", "heard_at", "held_since", "is_open", "latest")

    def __init__(self, now: float) -> None:
        self.entries: list[Entry[E]] = []
        self.bytes = 0
        self.count = 0
        self.heard_at = now
        self.held_since = now
        self.is_open = True
        self.latest = ""


class Merger(Generic[E]):
    """Sources are numbered by the caller. `exact`: nothing leaves before every open source has said what it has."""

    def __init__(self, *, exact: bool = False) -> None:
        self._sources: dict[int, _Waiting[E]] = {}
        self._exact = exact

    def open(self, source: int, now: float) -> None:
        """It may have entries soon, so others wait for it a moment."""
        waiting = self._sources.setdefault(source, _Waiting(now))
        waiting.is_open, waiting.heard_at = True, now

    def close(self, source: int) -> None:
        """It has none for now, or no more: nobody waits for it."""
        if waiting := self._sources.get(source):
            waiting.is_open = False

    def forget(self, source: int) -> None:
        if (waiting := self._sources.get(source)) and not waiting.entries:
            del self._sources[source]

    def bytes_of(self, source: int) -> int:
        waiting = self._sources.get(source)
        return waiting.bytes if waiting else 0

    def add(self, source: int, at: str, value: E, size: int, now: float) -> None:
        """An entry; one without a time stands behind the one before it, as does one that claims to be earlier."""
        waiting = self._sources.get(source)
        if waiting is None:
            waiting = self._sources[source] = _Waiting(now)
        if at > waiting.latest:
            waiting.latest = at
        if not waiting.entries:
            waiting.held_since = now
        waiting.entries.append(Entry(waiting.latest, source, waiting.count, value, size))
        waiting.count += 1
        waiting.bytes += size
        waiting.heard_at = now

    def take(self, now: float, most_bytes: int) -> list[Entry[E]]:
        """What may leave now, in order: about `most_bytes`, one entry at least."""
        filled = [one for one in self._sources.values() if one.entries]
        if not filled:
            return []
        limit = self._limit(now)
        if limit == "":
            return []
        ready = [entry for one in filled for entry in one.entries if entry.at <= limit]
        if len(filled) > 1:
            ready.sort(key=lambda entry: entry[:3])
        size = 0
        for number, entry in enumerate(ready, start=1):
            size += entry.size
            if size >= most_bytes:
                del ready[number:]
                break
        self._remove(ready, now)
        return ready

    def due_s(self, now: float) -> float | None:
        """After how long to look again though nothing is added; None when only what is added changes something."""
        if self._exact or not any(one.entries for one in self._sources.values()):
            return None
        return SETTLE_S / 2

    def _limit(self, now: float) -> str:
        """Entries up to this time may leave; "" for none."""
        limit = "~"
        for one in self._sources.values():
            if not self._exact and one.entries and (now - one.held_since > HELD_S or one.bytes >= FULL_BYTES):
                return "~"
            if not one.is_open or (len(self._sources) == 1 and one.entries):
                continue
            if one.entries:
                limit = min(limit, one.latest)
            elif self._exact or now - one.heard_at < SETTLE_S:
                return ""
        return limit

    def _remove(self, taken: list[Entry[E]], now: float) -> None:
        counts: dict[int, int] = {}
        for entry in taken:
            counts[entry.source] = counts.get(entry.source, 0) + 1
            self._sources[entry.source].bytes -= entry.size
        for source, count in counts.items():
            waiting = self._sources[source]
            del waiting.entries[:count]
            waiting.held_since = now
