"""What a terminal has printed, by the number of its first byte; the oldest is forgotten."""

from __future__ import annotations

KEPT_BYTES = 1024 * 1024


class Scrollback:
    """In one piece, so that a program that prints byte by byte takes no more memory or time than another."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept = kept_bytes
        self._bytes = bytearray()
        self.start = 0
        """Of the oldest byte that is still there."""

    @property
    def end(self) -> int:
        return self.start + len(self._bytes)

    def add(self, data: bytes) -> None:
        self._bytes += data
        over = len(self._bytes) - self._kept
        if over > 0:
            del self._bytes[:over]
            self.start += over

    def after(self, offset: int, most_bytes: int) -> tuple[int, bytes]:
        """From that byte on, or from the oldest that is still there: its number, and `most_bytes` at most."""
        offset = max(offset, self.start)
        first = offset - self.start
        return offset, bytes(self._bytes[first : first + most_bytes])
