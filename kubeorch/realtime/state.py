"""What one topic looks like now, and what a reader at a given sequence has not seen yet. Pure; no I/O.

Every change of an entity takes the next sequence number and moves the entity to the end. So what a reader
lacks is the tail behind its number: a reader costs one integer, however far it lags, and always ends at
the latest value. Frames are encoded once per (position, now) and shared by all readers there.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import orjson

MAX_TOMBSTONES = 1000


class Entry(NamedTuple):
    seq: int
    rev: int
    body: bytes | None
    """JSON of the value; None marks a removal, kept so that readers are sent it."""


class Frame:
    """One message to send, encoded once. `wire` keeps its form on a WebSocket, where it is text unless `is_bytes`."""

    __slots__ = ("body", "is_bytes", "kind", "seq", "wire")

    def __init__(self, body: bytes, kind: str = "", seq: int = 0, *, is_bytes: bool = False) -> None:
        self.body = body
        self.is_bytes = is_bytes
        self.kind = kind
        self.seq = seq
        self.wire: bytes | None = None

    def __len__(self) -> int:
        return len(self.body)


class TopicState:
    """Latest value of every entity of one topic, with a sequence that only grows.

    `caps` bounds entities by key prefix: past the number, the oldest are dropped as if published gone.
    """

    __slots__ = ("_capped", "_caps", "_entries", "_frames", "_tombstones", "epoch", "floor", "name", "seq")

    def __init__(self, name: str, *, caps: Mapping[str, int] | None = None, epoch: str | None = None) -> None:
        self.name = name
        self.epoch = epoch or secrets.token_hex(6)
        self.seq = 0
        self.floor = 0
        """A reader below this may have missed a removal that is no longer kept: it needs a snapshot."""
        self._entries: dict[str, Entry] = {}
        self._tombstones: deque[tuple[str, int]] = deque()
        self._frames: dict[int, Frame] = {}
        self._caps = dict(caps or {})
        self._capped: dict[str, deque[str]] = {prefix: deque() for prefix in self._caps}

    def put(self, key: str, body: bytes | None, rev: int) -> bool:
        """Store a value if it is newer than the known one (a removal also wins a tie). True if anything changed."""
        known = self._entries.get(key)
        if known is not None:
            tie_goes_to_removal = rev == known.rev and body is None and known.body is not None
            if rev <= known.rev and not tie_goes_to_removal:
                return False
            if known.body is None and body is None:
                self._entries[key] = known._replace(rev=rev)
                return False
            del self._entries[key]
        self._advance(key, body, rev)
        if known is None or known.body is None:
            self._cap(key, body)
        return True

    def replace(self, values: Mapping[str, tuple[bytes, int]]) -> None:
        """Make the state equal to a snapshot just read: what it lacks is removed, what is newer here stays."""
        for key in [key for key, entry in self._entries.items() if entry.body is not None and key not in values]:
            self.put(key, None, self._entries[key].rev)
        for key, (body, rev) in values.items():
            known = self._entries.get(key)
            if known is not None and known.body != body and (known.rev == rev or known.body is None):
                del self._entries[key]  # the database decides a tie, and whether something removed exists again
                self._advance(key, body, rev)
            else:
                self.put(key, body, rev)

    def __contains__(self, key: str) -> bool:
        entry = self._entries.get(key)
        return entry is not None and entry.body is not None

    def values(self) -> dict[str, bytes]:
        return {key: entry.body for key, entry in self._entries.items() if entry.body is not None}

    def frame_for(self, seq: int | None, epoch: str | None = None) -> Frame | None:
        """What a reader at (`epoch`, `seq`) needs: None if nothing, a delta, or a snapshot.

        `seq` None, another epoch, a sequence from the future or one below `floor` asks for a snapshot.
        """
        if seq is None or (epoch is not None and epoch != self.epoch) or seq > self.seq or seq < self.floor:
            return self._frame(-1, self._snapshot_body)
        if seq == self.seq:
            return None
        return self._frame(seq, lambda: self._delta_body(seq))

    def _advance(self, key: str, body: bytes | None, rev: int) -> None:
        self.seq += 1
        self._frames.clear()
        self._entries[key] = Entry(self.seq, rev, body)
        if body is None:
            self._tombstones.append((key, self.seq))
            while len(self._tombstones) > MAX_TOMBSTONES:
                self._forget(*self._tombstones.popleft())

    def _forget(self, key: str, seq: int) -> None:
        entry = self._entries.get(key)
        if entry is not None and entry.seq == seq:
            del self._entries[key]
            self.floor = seq

    def _cap(self, key: str, body: bytes | None) -> None:
        if body is None:
            return
        for prefix, most in self._caps.items():
            if key.startswith(prefix):
                order = self._capped[prefix]
                order.append(key)
                while len(order) > most:
                    oldest = order.popleft()
                    if oldest in self._entries:
                        self.put(oldest, None, self._entries[oldest].rev)

    def _tail(self, seq: int) -> Iterator[tuple[str, Entry]]:
        for key in reversed(self._entries):
            entry = self._entries[key]
            if entry.seq <= seq:
                return
            yield key, entry

    def _frame(self, position: int, body: Callable[[], bytes]) -> Frame:
        frame = self._frames.get(position)
        if frame is None:
            kind = "snapshot" if position < 0 else "delta"
            frame = self._frames[position] = Frame(body(), kind, self.seq)
        return frame

    def _snapshot_body(self) -> bytes:
        head = orjson.dumps({"topic": self.name, "seq": self.seq, "epoch": self.epoch, "type": "snapshot"})
        return _with_data(head, ((key, body) for key, body in self.values().items()))

    def _delta_body(self, seq: int) -> bytes:
        head = orjson.dumps({"topic": self.name, "seq": self.seq, "type": "delta"})
        return _with_data(head, ((key, entry.body or b"null") for key, entry in self._tail(seq)))


def _with_data(head: bytes, pairs: Iterator[tuple[str, bytes]]) -> bytes:
    """Join already encoded values under `data`, without decoding them again."""
    inner = b",".join(orjson.dumps(key) + b":" + body for key, body in pairs)
    return head[:-1] + b',"data":{' + inner + b"}}"
