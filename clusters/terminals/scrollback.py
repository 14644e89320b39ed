"""What a terminal has printed, by the number of its first byte; the oldest is forgotten."""

from __future__ import annotations

from collections import deque

KEPT_BYTES = 1024 * 1024


class Scrollback:
    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept = kept_bytes
        self._pieces: deque[bytes] = deque()
        self.start = 0
        """Of the oldest byte that is still there."""
        self.end = 0

    def add(self, data: bytes) -> None:
        if not data:
            return
        self._pieces.append(data)
        self.end += len(data)
        while self.end - self.start > self._kept and len(self._pieces) > 1:
            self.start += len(self._pieces.popleft())

    def after(self, offset: int, most_bytes: int) -> tuple[int, bytes]:
        """From that byte on, or from the oldest that is still there: its number, and about `most_bytes`."""
        offset = max(offset, self.start)
        found = bytearray()
        at = self.start
        for piece in self._pieces:
            if at + len(piece) > offset:
                found += piece[max(0, offset - at) :]
                if len(found) >= most_bytes:
                    break
            at += len(piece)
        return offset, bytes(found[:most_bytes])
