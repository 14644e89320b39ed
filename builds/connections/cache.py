"""Answers of git servers, kept for a minute, and asked for again only where they have changed (ETag)."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace

from builds.registries.exchanges import Answer

FRESH_S = 60.0
KEPT_BYTES = 16_000_000
ONE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    answer: Answer
    etag: str
    at_s: float

    @property
    def bytes(self) -> int:
        return len(self.answer.content) + len(self.answer.url) + 500


@dataclass(slots=True)
class Answers:
    """Of this process. A key names whose credential was used, so that nobody is shown what another may see."""

    clock: Callable[[], float] = time.monotonic
    _by_key: OrderedDict[Hashable, Kept] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, key: Hashable) -> Kept | None:
        with self._lock:
            return self._by_key.get(key)

    def is_fresh(self, kept: Kept) -> bool:
        return self.clock() - kept.at_s < FRESH_S

    def keep(self, key: Hashable, answer: Answer, etag: str) -> None:
        kept = Kept(answer, etag, self.clock())
        if kept.bytes > ONE_BYTES:
            return
        with self._lock:
            before = self._by_key.pop(key, None)
            self._bytes += kept.bytes - (before.bytes if before else 0)
            self._by_key[key] = kept
            while self._bytes > KEPT_BYTES:
                _, oldest = self._by_key.popitem(last=False)
                self._bytes -= oldest.bytes

    def confirm(self, key: Hashable, kept: Kept) -> None:
        """The server says that it has not changed."""
        with self._lock:
            if key in self._by_key:
                self._by_key[key] = replace(kept, at_s=self.clock())
                self._by_key.move_to_end(key)


ANSWERS = Answers()
