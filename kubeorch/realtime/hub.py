"""One per web process: reads the bus once, keeps the topics that have subscribers, and sends each client what it lacks.

A topic is loaded by a snapshot at its first subscriber and kept up by events; a minute after the last one
left it is dropped. The change stream is open before any snapshot is read, and of two values of an entity
the higher `rev` wins, so it does not matter which of them arrives first. When history is lost (the stream cannot
resume), every snapshot is read again.

Under load frames are coalesced: after a flush, the next of that topic waits three times what the flush
cost, 50 ms at most. The first event after a quiet moment leaves at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import weakref
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from django.db import Error as DatabaseError
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError

from kubeorch.base.backoff import Backoff
from kubeorch.mongo.client import aio_client, aio_db
from kubeorch.mongo.encoding import dumps
from kubeorch.realtime import topics
from kubeorch.realtime.state import Frame, TopicState
from kubeorch.realtime.timing import HubTiming

log = logging.getLogger(__name__)

COALESCE_LIMIT_S = 0.05
COALESCE_FACTOR = 3.0
AWAIT_MS = 1000
PERIODIC_EVERY_S = 2.0
PATIENT = HubTiming()
RECONNECT = Backoff(first_s=0.1, most_s=5.0)
HISTORY_LOST = frozenset({136, 280, 286})
"""CappedPositionLost, ChangeStreamFatalError, ChangeStreamHistoryLost."""

Snapshot = Callable[[], Awaitable[Mapping[str, Any]]]
IsVisible = Callable[[str, Any], bool]


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
        *("is_visible", "early", "flush_cost_s", "flushed_at", "idle_since", "loaded", "loading"),
        *("name", "snapshot", "state", "subscriptions", "timer", "audience"),
    )

    def __init__(
        self, name: str, audience: str, snapshot: Snapshot, is_visible: IsVisible | None, caps: Mapping[str, int]
    ) -> None:
        self.name = name
        self.audience = audience
        self.snapshot = snapshot
        self.is_visible = is_visible
        self.state = TopicState(name, caps=caps)
        self.subscriptions: set[Subscription] = set()
        self.loaded = asyncio.Event()
        self.loading: asyncio.Task[None] | None = None
        self.early: list[Mapping[str, Any]] = []
        """Events that arrived while a snapshot was being read; applied after it."""
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
        return self.state.put(key, None if value is None else dumps(value), int(event["rev"]))

    def values(self, snapshot: Mapping[str, Any]) -> dict[str, tuple[bytes, int]]:
        found = {}
        for key, value in snapshot.items():
            data, rev = value if isinstance(value, WithRev) else (value, int(value.get("rev") or 0))
            if self.is_visible is None or self.is_visible(key, data):
                found[key] = (dumps(data), rev)
        return found


class Hub:
    """Belongs to one event loop; every method is called from it."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]] | None = None,
        *,
        periodic_tasks: Iterable[Callable[[], None]] = (),
        timing: HubTiming = PATIENT,
    ) -> None:
        self._database = database
        self._timing = timing
        self._periodic_tasks = tuple(periodic_tasks)
        self._topics: dict[tuple[str, str], LiveTopic] = {}
        self._by_name: dict[str, list[LiveTopic]] = {}
        self._clients: weakref.WeakSet[Client] = weakref.WeakSet()
        self._open = asyncio.Event()
        self._heard_at = time.monotonic()
        self._tasks: list[asyncio.Task[None]] = []

    # For consumers

    def start(self) -> None:
        if not self._tasks:
            self._tasks = [asyncio.ensure_future(self._read_bus()), asyncio.ensure_future(self._tend())]
            self._tasks += [asyncio.ensure_future(self._run_periodically(task)) for task in self._periodic_tasks]

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        for live in self._topics.values():
            if live.loading is not None:
                tasks.append(live.loading)
            if live.timer is not None:
                live.timer.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def subscribe(
        self,
        client: Client,
        topic: str,
        *,
        snapshot: Snapshot,
        audience: str = "",
        is_visible: IsVisible | None = None,
        caps: Mapping[str, int] | None = None,
        epoch: str | None = None,
        seq: int | None = None,
    ) -> Subscription:
        """Add a reader; it is sent a snapshot, or only what changed since (`epoch`, `seq`) if that is still known.

        `audience` names what part of the topic the person may see: people of the same audience share a state, and
        `is_visible(key, value)` says what belongs to it. Raises TimeoutError when the bus is not there, and what
        `snapshot` raises.
        """
        async with asyncio.timeout(self._timing.silence_limit_s):
            await self._open.wait()
        live = self._topics.get((topic, audience))
        if live is None:
            live = LiveTopic(topic, audience, snapshot, is_visible, caps or {})
            self._topics[(topic, audience)] = live
            self._by_name.setdefault(topic, []).append(live)
        known = seq if seq is not None and epoch == live.state.epoch and seq >= 0 else None
        subscription = Subscription(client, live, known)
        live.subscriptions.add(subscription)
        self._clients.add(client)
        try:
            await self._load(live)
        except BaseException:
            self.unsubscribe(subscription)
            if not live.loaded.is_set() and not live.subscriptions:
                self._drop(live)
            raise
        subscription.send()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        live = subscription.live
        live.subscriptions.discard(subscription)
        if not live.subscriptions:
            live.idle_since = time.monotonic()

    # The bus

    def ingest(self, event: Mapping[str, Any]) -> None:
        """Take one event of the bus; frames leave after the batch it came in."""
        for live in self._by_name.get(event["topic"], ()):
            if live.loading is not None:
                live.early.append(event)
            elif live.take(event):
                self._schedule(live)

    async def _read_bus(self) -> None:
        client, database = None, self._database
        if database is None:
            client = aio_client()
            database = aio_db(client)
        token: Mapping[str, Any] | None = None
        broken = 0
        try:
            while True:
                try:
                    async with await self._watch(database, token) as stream:
                        if token is None and self._open.is_set():
                            self._reload_all()
                        self._open.set()
                        broken = 0
                        while stream.alive:
                            change = await stream.try_next()
                            self._heard_at = time.monotonic()
                            token = stream.resume_token
                            if change is not None:
                                self._ingest_safely(change.get("fullDocument"))
                    log.warning("the collection of events was dropped, as a restored backup does it")
                    token = None
                except OperationFailure as error:
                    log.warning("the change stream broke: %s", error)
                    if error.code in HISTORY_LOST or error.has_error_label("NonResumableChangeStreamError"):
                        token = None
                except PyMongoError as error:
                    log.warning("the change stream broke: %s", error)
                except Exception:
                    log.exception("the change stream broke")
                    token = None
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    return  # what broke was broken by the end of this very task
                broken += 1
                await asyncio.sleep(RECONNECT.delay_s(broken))
        finally:
            if client is not None:
                await client.close()

    async def _watch(
        self, database: AsyncDatabase[dict[str, Any]], token: Mapping[str, Any] | None
    ) -> AsyncChangeStream[dict[str, Any]]:
        return await database["events"].watch(
            [
                {"$match": {"operationType": "insert"}},
                {"$project": {f"fullDocument.{field}": 1 for field in ("topic", "key", "data", "rev")}},
            ],
            resume_after=token,
            max_await_time_ms=AWAIT_MS,
        )

    def _ingest_safely(self, event: Any) -> None:
        try:
            self.ingest(event)
        except (KeyError, TypeError, ValueError):
            log.exception("an event on the bus cannot be read; skipped")

    def _reload_all(self) -> None:
        log.warning("history of the bus was lost; reading %d topics again", len(self._topics))
        for live in list(self._topics.values()):
            live.loaded.clear()
            if live.loading is None:
                live.loading = asyncio.ensure_future(self._read_snapshot(live, until_it_works=True))

    # Topics

    async def _load(self, live: LiveTopic) -> None:
        if live.loaded.is_set():
            return
        if live.loading is None:
            live.loading = asyncio.ensure_future(self._read_snapshot(live))
        await asyncio.shield(live.loading)

    async def _read_snapshot(self, live: LiveTopic, *, until_it_works: bool = False) -> None:
        try:
            while True:
                try:
                    snapshot = await live.snapshot()
                    break
                except PyMongoError:
                    if not until_it_works:
                        raise
                    await asyncio.sleep(1)
            live.state.replace(live.values(snapshot))
            live.loaded.set()
        finally:
            live.loading = None
            early, live.early = live.early, []
            for event in early:
                live.take(event)
        self._schedule(live)

    def _schedule(self, live: LiveTopic) -> None:
        if live.timer is not None or not live.subscriptions:
            return
        loop = asyncio.get_running_loop()
        rest_s = min(COALESCE_LIMIT_S, live.flush_cost_s * COALESCE_FACTOR)
        wait_s = live.flushed_at + rest_s - time.monotonic()
        flush = self._flush
        live.timer = loop.call_later(wait_s, flush, live) if wait_s > 0 else loop.call_soon(flush, live)

    def _flush(self, live: LiveTopic) -> None:
        live.timer = None
        started = time.monotonic()
        for subscription in list(live.subscriptions):
            subscription.send()
        live.flushed_at = time.monotonic()
        live.flush_cost_s = live.flushed_at - started

    def _drop(self, live: LiveTopic) -> None:
        if live.timer is not None:
            live.timer.cancel()
        self._topics.pop((live.name, live.audience), None)
        same_name = self._by_name.get(live.name, [])
        if live in same_name:
            same_name.remove(live)
        if not same_name:
            self._by_name.pop(live.name, None)

    async def _tend(self) -> None:
        """Drop topics nobody looks at; end connections when the bus is silent."""
        while True:
            await asyncio.sleep(self._timing.tend_every_s)
            with contextlib.suppress(Exception):
                self._drop_idle(time.monotonic())
            if self._open.is_set() and time.monotonic() - self._heard_at > self._timing.silence_limit_s:
                for client in list(self._clients):
                    with contextlib.suppress(Exception):
                        client.bus_lost()

    def _drop_idle(self, now: float) -> None:
        for live in list(self._topics.values()):
            is_idle = not live.subscriptions and live.loading is None
            if is_idle and now - live.idle_since > self._timing.idle_topic_s:
                self._drop(live)

    async def _run_periodically(self, task: Callable[[], None]) -> None:
        """Work that any web process may do for all, as noting that a watcher is gone."""
        while True:
            await asyncio.sleep(PERIODIC_EVERY_S)
            try:
                await asyncio.to_thread(task)
            except (PyMongoError, DatabaseError) as error:
                log.warning("%s has to wait: %s", getattr(task, "__name__", task), error)
            except Exception:
                log.exception("%s has to wait", getattr(task, "__name__", task))


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def hub() -> Hub:
    """The running loop's hub, started at first use."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        found = _hubs[loop] = Hub(periodic_tasks=topics.periodic_tasks())
    found.start()
    return found
