"""Writes the log of one build: lines are gathered for a tenth of a second, and the middle of a long log goes."""

from __future__ import annotations

import time
from collections.abc import Iterable

from bson import ObjectId

from builds.domain.log_lines import Line, cut
from builds.domain.masking import Masks
from builds.running import log_store
from builds.running.log_store import BATCH_BYTES, HEAD_BYTES, LINE_BYTES, TAIL_BYTES, LineRow
from kubeorch.base.clock import now

EVERY_S = 0.1


class Logbook:
    """Used from one thread. What was written before it, by a worker that died, stays."""

    def __init__(self, build_id: ObjectId, masks: Masks) -> None:
        self.masks = masks
        self.stage = ""
        self.error_seq: int | None = None
        """The number of the first line that says an error."""
        self._build_id = build_id
        kept = log_store.kept_of(build_id)
        self._last = kept.last
        self._head_bytes = kept.head_bytes
        self._tail = list(kept.tail)
        self._waiting: list[LineRow] = []
        self._waiting_bytes = 0
        self._since = time.monotonic()

    @property
    def lines(self) -> int:
        """How many there are, with those that are not kept any more."""
        return self._last + len(self._waiting)

    def say(self, text: str, *, level: str = "info") -> None:
        """A line of our own."""
        self.add([Line(cut(self.masks.hide(text)), level=level)])  # type: ignore[arg-type]

    def add(self, lines: Iterable[Line]) -> None:
        """Lines whose secrets are hidden already."""
        at = now()
        for line in lines:
            if not self._waiting:
                self._since = time.monotonic()
            self._waiting.append(
                {
                    "at": at,
                    "stage": self.stage,
                    "step": line.step,
                    "stream": line.stream,
                    "level": line.level,
                    "text": line.text,
                }
            )
            if line.level == "error" and self.error_seq is None:
                self.error_seq = self.lines
            self._waiting_bytes += len(line.text.encode()) + LINE_BYTES
            if self._waiting_bytes >= BATCH_BYTES:
                self.flush()
        self.tick()

    def tick(self) -> bool:
        """Write what has waited long enough; whether that was something. Call it several times a second."""
        if not self._waiting or time.monotonic() - self._since < EVERY_S:
            return False
        self.flush()
        return True

    def flush(self) -> None:
        if not self._waiting:
            return
        lines, size, first = self._waiting, self._waiting_bytes, self._last + 1
        self._waiting, self._waiting_bytes = [], 0
        is_head = not self._tail and self._head_bytes + size <= HEAD_BYTES
        log_store.add(self._build_id, first, lines, size, is_head=is_head)
        self._last += len(lines)
        if is_head:
            self._head_bytes += size
            return
        self._tail.append((first, size))
        self._drop_middle()

    def _drop_middle(self) -> None:
        over = sum(size for _, size in self._tail) - TAIL_BYTES
        gone = []
        while over > 0 and len(self._tail) > 1:
            first, size = self._tail.pop(0)
            gone.append(first)
            over -= size
        if gone:
            log_store.drop(self._build_id, gone)
