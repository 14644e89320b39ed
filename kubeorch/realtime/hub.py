"""One per web process: keeps the topics that have subscribers, and sends each client what it lacks.

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
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import Error as DatabaseError
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from kubeorch.realtime.bus_reader import BusReader
from kubeorch.realtime.live_topic import Client, IsVisible, LiveTopic, Shown, Snapshot, Subscription
from kubeorch.realtime.periodic import Periodic, periodic_tasks
from kubeorch.realtime.timing import HubTiming

log = logging.getLogger(__name__)

COALESCE_LIMIT_S = 0.05
COALESCE_FACTOR = 3.0
PATIENT = HubTiming()


class Hub:
    """Belongs to one event loop; every method is called from it."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]] | None = None,
        *,
        periodic: Iterable[Periodic] = (),
        timing: HubTiming = PATIENT,
    ) -> None:
        self._timing = timing
        self._periodic = tuple(periodic)
        self._topics: dict[tuple[str, str], LiveTopic] = {}
        self._by_name: dict[str, list[LiveTopic]] = {}
        self._clients: weakref.WeakSet[Client] = weakref.WeakSet()
        self._bus = BusReader(database, take=self.ingest, lost=self._reload_all)
        self._tasks: list[asyncio.Task[None]] = []

    # For consumers

    def start(self) -> None:
        if not self._tasks:
            self._tasks = [asyncio.ensure_future(self._bus.run()), asyncio.ensure_future(self._tend())]
            self._tasks += [asyncio.ensure_future(self._run_periodically(task)) for task in self._periodic]

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
        shown: Shown | None = None,
        caps: Mapping[str, int] | None = None,
        epoch: str | None = None,
        seq: int | None = None,
    ) -> Subscription:
        """Add a reader; it is sent a snapshot, or only what changed since (`epoch`, `seq`) if that is still known.

        `audience` names what part of the topic the person may see: people of the same audience share a state,
        `is_visible(key, value)` says what belongs to it, and `shown(key, value)` gives a value as they see it. Raises
        TimeoutError when the bus is not there, and what `snapshot` raises.
        """
        async with asyncio.timeout(self._timing.silence_limit_s):
            await self._bus.open.wait()
        live = self._topics.get((topic, audience))
        if live is None:
            live = LiveTopic(topic, audience, snapshot, is_visible, caps or {}, shown)
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

    def ingest(self, event: Mapping[str, Any]) -> None:
        """Take one event of the bus; frames leave after the batch it came in."""
        for live in self._by_name.get(event["topic"], ()):
            if live.loading is not None:
                live.early.append(event)
            elif live.take(event):
                self._schedule(live)

    def _reload_all(self) -> None:
        log.warning("history of the bus was lost; reading %d topics again", len(self._topics))
        for live in list(self._topics.values()):
            live.loaded.clear()
            live.has_missed = True
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
                live.has_missed = False
                try:
                    snapshot = await live.snapshot()
                except PyMongoError:
                    if not until_it_works:
                        raise
                    await asyncio.sleep(1)
                    continue
                if not live.has_missed:
                    break
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
            if self._bus.open.is_set() and time.monotonic() - self._bus.heard_at > self._timing.silence_limit_s:
                for client in list(self._clients):
                    with contextlib.suppress(Exception):
                        client.bus_lost()

    def _drop_idle(self, now: float) -> None:
        for live in list(self._topics.values()):
            is_idle = not live.subscriptions and live.loading is None
            if is_idle and now - live.idle_since > self._timing.idle_topic_s:
                self._drop(live)

    async def _run_periodically(self, task: Periodic) -> None:
        """Work that any web process may do for all, as noting that a watcher is gone."""
        while True:
            await asyncio.sleep(task.every_s)
            try:
                await asyncio.to_thread(task.run)
            except (PyMongoError, DatabaseError) as error:
                log.warning("%s has to wait: %s", task.name, error)
            except Exception:
                log.exception("%s has to wait", task.name)


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def hub() -> Hub:
    """The running loop's hub, started at first use."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        found = _hubs[loop] = Hub(periodic=periodic_tasks())
    found.start()
    return found
