"""Logs of builds as they are read: a part of one, one that is followed, and the whole of one as text."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from bson import ObjectId
from pymongo.errors import PyMongoError

from builds.domain.states import ENDED
from builds.representations import line_json
from builds.running import log_store, store
from builds.running.log_store import Numbered
from kubeorch.base.backoff import Backoff
from kubeorch.base.errors import KubeOrchError
from kubeorch.mongo.encoding import dumps
from kubeorch.realtime.produced import Made

log = logging.getLogger(__name__)
PAGE_BYTES = 512 * 1024
LOOK = Backoff(first_s=0.04, most_s=1.0)
"""How long a log that is followed is left alone while nothing new comes."""
AWAY = Backoff(first_s=0.2, most_s=2.0)
AWAY_MOST_S = 20.0
"""How long a database that does not answer is asked again."""
WAITING_MOST = 4
"""Parts of a log that wait for a slow reader."""


def numbered_after(build_id: ObjectId, after: int, most_bytes: int) -> list[dict[str, Any]]:
    """Lines as the API shows them, with a word where some are left out."""
    return _shown(log_store.lines_after(build_id, after, most_bytes), after)


def _shown(found: Sequence[Numbered], after: int) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    for seq, line in found:
        if seq > after + 1:
            text = f"… {seq - after - 1:,} lines are left out: of a long log the beginning and the end are kept …"
            left_out = {**line, "step": None, "stream": "", "level": "warning", "text": text}
            shown.append(line_json(seq - 1, left_out))
        shown.append(line_json(seq, line))
        after = seq
    return shown


class _Reader:
    """Reads a log in a thread of its own, ahead of its reader by WAITING_MOST parts at most."""

    keep_alive = b""

    def __init__(self, build_id: ObjectId, after: int) -> None:
        self._build_id = build_id
        self._after = after
        self._parts: list[bytes] = []
        self._room = threading.Condition()
        self._is_over = self._stopped = False
        self._wake: Callable[[], None] = lambda: None

    def start(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        threading.Thread(target=self._run, name="build log", daemon=True).start()

    def take(self, most_bytes: int) -> Made:
        with self._room:
            parts, self._parts = self._parts, []
            self._room.notify_all()
            return Made(parts, self._is_over and not parts)

    def stop(self) -> None:
        with self._room:
            self._stopped = True
            self._room.notify_all()

    def refused(self, error: KubeOrchError) -> bytes:
        raise NotImplementedError

    def part(self, lines: Sequence[dict[str, Any]]) -> bytes:
        raise NotImplementedError

    def end(self) -> bytes:
        raise NotImplementedError

    def interrupted(self) -> bytes:
        """Said where the rest cannot be read now."""
        raise NotImplementedError

    def _run(self) -> None:
        try:
            idle = failures = 0
            away_since: float | None = None
            while not self._stopped:
                try:
                    is_last = store.states_of([self._build_id]).get(self._build_id) in (*ENDED, None)
                    lines = numbered_after(self._build_id, self._after, log_store.BATCH_BYTES)
                except PyMongoError as error:
                    away_since, failures = away_since or time.monotonic(), failures + 1
                    if time.monotonic() - away_since > AWAY_MOST_S:
                        log.warning("the log of build %s cannot be read: %s", self._build_id, error)
                        self._put(self.interrupted())
                        break
                    with self._room:
                        self._room.wait(AWAY.delay_s(failures))
                    continue
                away_since, failures = None, 0
                if lines:
                    idle = 0
                    self._after = lines[-1]["seq"]
                    self._put(self.part(lines))
                elif is_last:
                    self._put(self.end())
                    break
                else:
                    idle += 1
                    with self._room:
                        self._room.wait(LOOK.delay_s(idle))
        finally:
            with self._room:
                self._is_over = True
            self._wake()

    def _put(self, part: bytes) -> None:
        with self._room:
            while len(self._parts) >= WAITING_MOST and not self._stopped:
                self._room.wait(1.0)
            self._parts.append(part)
        self._wake()


class LogStream(_Reader):
    """Server-Sent Events; each one's id is the number of its last line."""

    keep_alive = b": still here\n\n"

    def part(self, lines: Sequence[dict[str, Any]]) -> bytes:
        return b"id: %d\nevent: lines\ndata: %s\n\n" % (lines[-1]["seq"], dumps({"lines": lines}))

    def end(self) -> bytes:
        return b"id: %d\nevent: ended\ndata: {}\n\n" % self._after

    def interrupted(self) -> bytes:
        return b"event: interrupted\ndata: {}\n\n"

    def refused(self, error: KubeOrchError) -> bytes:
        return b"event: refused\ndata: %s\n\n" % dumps({"code": error.code, "detail": error.detail})


class TextOfLog(_Reader):
    """The whole log as it is by now and becomes, one line a line."""

    def __init__(self, build_id: ObjectId) -> None:
        super().__init__(build_id, 0)

    def part(self, lines: Sequence[dict[str, Any]]) -> bytes:
        return "".join(f"{line['at']} {line['stage']} {line['text']}\n" for line in lines).encode()

    def end(self) -> bytes:
        return b""

    def interrupted(self) -> bytes:
        return b"\n[kubeorch] the rest could not be read now; load the log again\n"

    def refused(self, error: KubeOrchError) -> bytes:
        return f"\n[kubeorch] {error.detail}\n".encode()
