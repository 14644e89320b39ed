"""What a feed has, as an event stream and as text to keep."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from clusters.domain.logs.merging import Entry
from clusters.domain.logs.positions import event_id
from clusters.logs.entries import Read, entry_json
from clusters.logs.feed import LEFT_OUT_COUNTED, SOURCES_MOST, Batch, Feed, Value
from kubeorch.base.errors import KubeOrchError
from kubeorch.mongo.encoding import dumps
from kubeorch.realtime.produced import Made


class EventStream:
    """Server-sent events of a feed.

    `sources`: the containers that are read, whenever one comes or looks otherwise. `entries`: lines and notes in order;
    its id says where each source is, and a client that sends it back as Last-Event-ID goes on right there.
    `limited`: how many containers are left out. `complete`: nothing more comes. `refused`: a problem document.
    """

    keep_alive = b": still here\n\n"
    gather_s = 0.03
    """A few lines at a time would cost an event each."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._left_out = 0
        self._has_begun = self._has_ended = False

    def start(self, wake: Callable[[], None]) -> None:
        self._feed.start(wake)

    def take(self, most_bytes: int) -> Made:
        pieces = []
        if not self._has_begun:
            self._has_begun = True
            pieces.append(b"retry: 1000\n\n")
        batch = self._feed.take(most_bytes)
        if batch.sources:
            pieces.append(_event("sources", {"sources": [one.as_json() for one in batch.sources]}))
        if self._feed.left_out != self._left_out:
            self._left_out = self._feed.left_out
            pieces.append(_event("limited", {"most": SOURCES_MOST, "left_out": self._left_out}))
        if batch.entries:
            entries = [entry_json(entry.source, entry.at, entry.value) for entry in batch.entries]
            pieces.append(_event("entries", {"entries": entries}, event_id(self._feed.read.values())))
        if batch.is_over and not self._has_ended:
            self._has_ended = True
            pieces.append(_event("complete", {}))
        is_full = sum(map(len, pieces)) > most_bytes // 2
        return Made(pieces, batch.is_over, self._feed.due_s(), gather_s=0.0 if is_full else self.gather_s)

    def refused(self, error: KubeOrchError) -> bytes:
        return _event("refused", {"code": error.code, "detail": error.detail})

    def stop(self) -> None:
        self._feed.stop()


class TextOfFeed:
    """Lines of several containers as text, each behind its pod and container; first which are left out."""

    keep_alive = b""

    def __init__(self, feed: Feed, *, timestamps: bool, most_bytes: int, has_more: bool) -> None:
        """`has_more`: there are pods that the feed does not know."""
        self._feed = feed
        self._has_more = has_more
        self._has_begun = False
        self._timestamps = timestamps
        self._left_bytes = most_bytes
        self._names: dict[int, bytes] = {}

    def start(self, wake: Callable[[], None]) -> None:
        self._feed.start(wake)

    def take(self, most_bytes: int) -> Made:
        batch = self._feed.take(most_bytes)
        for one in batch.sources:
            self._names[one.number] = f"[{one.pod.name}/{one.container.name}] ".encode()
        text = self._begun() + b"".join(map(self._line, batch.entries))
        self._left_bytes -= len(text)
        if self._left_bytes < 0:
            return Made([text, b"[kubeorch] there is more; it is left out here\n"], True)
        return Made([text] if text else [], batch.is_over, self._feed.due_s())

    def refused(self, error: KubeOrchError) -> bytes:
        return f"[kubeorch] {error.detail}\n".encode()

    def stop(self) -> None:
        self._feed.stop()

    def _begun(self) -> bytes:
        if self._has_begun:
            return b""
        self._has_begun = True
        names = self._feed.names_left_out
        said = [f"[kubeorch] at most {SOURCES_MOST} containers are read at once; left out are:"] if names else []
        said += [f"[kubeorch]   {name}" for name in names]
        if len(names) >= LEFT_OUT_COUNTED:
            said.append("[kubeorch]   and more")
        if self._has_more:
            said.append("[kubeorch] this has more pods than are looked at; those that come later by name are left out")
        return "".join(f"{line}\n" for line in said).encode()

    def _line(self, entry: Entry[Value]) -> bytes:
        name = self._names.get(entry.source, b"")
        if not isinstance(entry.value, Read):
            return b"%s[kubeorch] %s %s\n" % (name, entry.value.note.encode(), entry.value.detail.encode())
        line = entry.value.line
        at = f"{line.at} ".encode() if self._timestamps and line.at else b""
        return b"%s%s%s%s\n" % (name, at, line.raw, b" [kubeorch] the line goes on" if line.is_cut else b"")


def whole(feed: Feed, *, most_bytes: int, woken: threading.Event, within_s: float, has_more: bool) -> dict[str, Any]:
    """What a feed that is not followed has, as one answer: its last lines within `most_bytes`.

    Waits for `woken`, which the feed sets, `within_s` in all.
    """
    sources: dict[int, dict[str, Any]] = {}
    entries: list[Entry[Value]] = []
    size = 0
    is_cut = False
    until = time.monotonic() + within_s
    while True:
        woken.clear()
        batch: Batch = feed.take(most_bytes)
        sources.update((one.number, one.as_json()) for one in batch.sources)
        entries += batch.entries
        size += sum(entry.size for entry in batch.entries)
        dropped = 0
        while size > most_bytes and dropped < len(entries) - 1:
            size -= entries[dropped].size
            dropped += 1
            is_cut = True
        del entries[:dropped]
        if batch.is_over:
            break
        if not batch.entries and not woken.wait(max(0.0, until - time.monotonic())):
            is_cut = True
            break
    return {
        "sources": list(sources.values()),
        "results": [entry_json(entry.source, entry.at, entry.value) for entry in entries],
        "is_cut": is_cut,
        "left_out": feed.names_left_out,
        "has_more_pods": has_more,
        "position": event_id(feed.read.values()),
    }


def _event(name: str, data: Any, identity: str = "") -> bytes:
    head = f"id: {identity}\n" if identity else ""
    return b"%sevent: %s\ndata: %s\n\n" % (head.encode(), name.encode(), dumps(data))
