"""A topic that has readers, as one audience sees it, and how far each reader is in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol

from kubeorch.mongo.encoding import dumps
from kubeorch.realtime.state import Frame, TopicState

Snapshot = Callable[[], Awaitable[Mapping[str, Any]]]
IsVisible = Callable[[str, Any], bool]
Shown = Callable[[str, Any], Any]


class WithRev(NamedTuple):
    """A value of a snapshot, with the revision its events are compared by when that is not its own `rev`."""

    data: Mapping[str, Any]
    rev: int


class Client(Protocol):
    """A connected browser or script, as the hub sees it."""

    @property
    def ready(self) -> bool: ...

    def write(self, frame: Frame) -> None: ...

    def bus_lost(self) -> None:
        """The bus has been silent for too long, so what was sent may be outdated. End the connection."""


class Subscription:
    """How far one client is in one topic. `seq` None: it needs a snapshot."""

    __slots__ = ("client", "live", "seq")

    def __init__(self, client: Client, live: LiveTopic, seq: int | None) -> None:
        self.client = client
        self.live = live
        self.seq = seq

    def send(self) -> None:
        """Bring the client up to now, if it takes frames; else it is done when it has drained."""
        if not self.client.ready or not self.live.loaded.is_set():
            return
        frame = self.live.state.frame_for(self.seq)
        if frame is not None:
            self.client.write(frame)
            self.seq = self.live.state.seq


class LiveTopic:
    """A topic with subscribers, as one audience sees it."""

    __slots__ = (
        *("is_visible", "early", "flush_cost_s", "flushed_at", "has_missed", "idle_since", "loaded"),
        *("loading", "name", "shown", "snapshot", "state", "subscriptions", "timer", "audience"),
    )

    def __init__(
        self,
        name: str,
        audience: str,
        snapshot: Snapshot,
        is_visible: IsVisible | None,
        caps: Mapping[str, int],
        shown: Shown | None = None,
    ) -> None:
        self.name = name
        self.audience = audience
        self.snapshot = snapshot
        self.is_visible = is_visible
        self.shown = shown
        self.state = TopicState(name, caps=caps)
        self.subscriptions: set[Subscription] = set()
        self.loaded = asyncio.Event()
        self.loading: asyncio.Task[None] | None = None
        self.early: list[Mapping[str, Any]] = []
        """Events that arrived while a snapshot was being read; applied after it."""
        self.has_missed = False
        """History was lost since a snapshot began to be read: it may be older than the stream."""
        self.timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self.flushed_at = 0.0
        self.flush_cost_s = 0.0
        self.idle_since = time.monotonic()

    def take(self, event: Mapping[str, Any]) -> bool:
        """Whether the event changed what this audience sees."""
        key, value = event["key"], event["data"]
        if value is not None and self.is_visible is not None and not self.is_visible(key, value):
            value = None
            if key not in self.state:
                return False
        if value is not None and self.shown is not None:
            value = self.shown(key, value)
        return self.state.put(key, None if value is None else dumps(value), int(event["rev"]))

    def values(self, snapshot: Mapping[str, Any]) -> dict[str, tuple[bytes, int]]:
        found = {}
        for key, value in snapshot.items():
            data, rev = value if isinstance(value, WithRev) else (value, int(value.get("rev") or 0))
            if self.is_visible is None or self.is_visible(key, data):
                found[key] = (dumps(data if self.shown is None else self.shown(key, data)), rev)
        return found
