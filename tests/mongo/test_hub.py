"""The hub over a real change stream: what clients hold in the end equals what the source holds."""

from __future__ import annotations

import asyncio
import gc
import random
import weakref
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import orjson
import pytest
from bson import ObjectId
from django.core.management import call_command
from pymongo.errors import OperationFailure

from kubeorch.mongo.client import aio_client, aio_db
from kubeorch.realtime import events
from kubeorch.realtime.events import Event
from kubeorch.realtime.hub import Hub
from kubeorch.realtime.live_topic import WithRev
from kubeorch.realtime.state import Frame
from kubeorch.realtime.timing import HubTiming
from tests.support.live_page import Page
from tests.support.wait import PATIENCE_S
from tests.support.wait import until_in_loop as until

TOPIC = f"environment:{ObjectId()}"


class Reader(Page):
    """A page as the hub's client; `ready` is switched off to play one that does not read."""

    def __init__(self) -> None:
        super().__init__()
        self.ready = True
        self.sizes: list[int] = []
        self.is_lost = False

    def write(self, frame: Frame) -> None:
        assert self.ready
        message = orjson.loads(frame.body)
        assert message["type"] == "snapshot" or message["seq"] > (self.seq or 0)
        self.sizes.append(len(frame))
        self.take(message)

    def bus_lost(self) -> None:
        self.is_lost = True


class Source:
    """Statuses as the watcher keeps them: stored first, then published."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, Any]] = {}
        self.reads = 0
        self.rev = 0

    async def snapshot(self) -> Mapping[str, Any]:
        self.reads += 1
        return dict(self.values)

    def change(self, *keys: str, gone: bool = False) -> list[Event]:
        found = []
        for key in keys:
            self.rev += 1
            if gone:
                self.values.pop(key, None)
                found.append(Event(TOPIC, key, None, self.rev))
            else:
                self.values[key] = {"node": key, "rev": self.rev}
                found.append(Event(TOPIC, key, self.values[key], self.rev))
        return found


@asynccontextmanager
async def running(hub: Hub) -> AsyncIterator[Hub]:
    hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


@pytest.fixture
async def hub(mongo: Any) -> AsyncIterator[Hub]:
    async with running(Hub()) as found:
        yield found


async def publish(*found: Event) -> None:
    await asyncio.to_thread(events.publish_many, list(found))


async def test_a_new_reader_gets_a_snapshot_and_then_deltas(hub: Hub) -> None:
    source, reader = Source(), Reader()
    source.change("node:a", "node:b")
    await hub.subscribe(reader, TOPIC, snapshot=source.snapshot)
    assert reader.data == source.values
    await publish(*source.change("node:b"), *source.change("node:a", gone=True))
    await until(lambda: reader.data == source.values)
    assert reader.types[0] == "snapshot"
    assert set(reader.types[1:]) == {"delta"}


async def test_a_stalled_reader_is_sent_nothing_and_then_one_delta_with_the_latest_values(hub: Hub) -> None:
    source, stalled, reading = Source(), Reader(), Reader()
    keys = [f"node:{n}" for n in range(20)]
    source.change(*keys)
    subscription = await hub.subscribe(stalled, TOPIC, snapshot=source.snapshot)
    await hub.subscribe(reading, TOPIC, snapshot=source.snapshot)
    stalled.ready = False
    for _ in range(30):
        await publish(*source.change(*keys))
    await until(lambda: reading.data == source.values)
    assert stalled.types == ["snapshot"]
    stalled.ready = True
    subscription.send()
    assert stalled.types == ["snapshot", "delta"]
    assert stalled.data == source.values


async def test_a_reader_that_comes_back_is_sent_only_what_changed(hub: Hub) -> None:
    source, first = Source(), Reader()
    source.change(*(f"node:{n}" for n in range(50)))
    subscription = await hub.subscribe(first, TOPIC, snapshot=source.snapshot)
    hub.unsubscribe(subscription)
    await publish(*source.change("node:7"))
    other = Reader()
    await hub.subscribe(other, TOPIC, snapshot=source.snapshot)
    await until(lambda: other.data == source.values)
    back = Reader()
    back.data, back.seq, back.epoch = first.data, first.seq, first.epoch
    await hub.subscribe(back, TOPIC, snapshot=source.snapshot, epoch=first.epoch, seq=first.seq)
    assert back.types == ["delta"]
    assert back.data == source.values
    assert back.sizes[0] < 300
    stranger = Reader()
    await hub.subscribe(stranger, TOPIC, snapshot=source.snapshot, epoch="of another process", seq=3)
    assert stranger.types == ["snapshot"]


async def test_events_that_come_while_the_snapshot_is_read_are_not_lost(hub: Hub) -> None:
    source, reader = Source(), Reader()
    source.change("node:a")
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def slow_snapshot() -> Mapping[str, Any]:
        seen = dict(source.values)
        reading.set()
        await go_on.wait()
        return seen

    task = asyncio.ensure_future(hub.subscribe(reader, TOPIC, snapshot=slow_snapshot))
    await reading.wait()
    await publish(*source.change("node:a", "node:b"))
    probe = Reader()
    await publish(Event("environment:probe", "x", {"rev": 1}, 1))

    async def nothing() -> Mapping[str, Any]:
        return {"x": {"rev": 1}}

    await hub.subscribe(probe, "environment:probe", snapshot=nothing)
    await publish(Event("environment:probe", "x", {"rev": 2}, 2))
    await until(lambda: probe.data.get("x") == {"rev": 2})  # the bus has passed what came before
    go_on.set()
    await task
    await until(lambda: reader.data == source.values)


async def test_an_older_event_never_replaces_a_value_of_the_snapshot(hub: Hub) -> None:
    source, reader = Source(), Reader()
    old = source.change("node:a")
    source.change("node:a")
    await hub.subscribe(reader, TOPIC, snapshot=source.snapshot)
    await publish(*old)
    await publish(*source.change("node:b"))
    await until(lambda: "node:b" in reader.data)
    assert reader.data == source.values


async def test_a_snapshot_with_a_revision_of_its_own_is_compared_by_that(hub: Hub) -> None:
    reader = Reader()

    async def snapshot() -> Mapping[str, Any]:
        return {"workflow": WithRev({"rev": 3, "name": "new"}, 41)}

    await hub.subscribe(reader, "workflow:1", snapshot=snapshot)
    await publish(Event("workflow:1", "workflow", {"rev": 3, "name": "old"}, 40))
    await publish(Event("workflow:1", "workflow", {"rev": 3, "name": "newest"}, 42))
    await until(lambda: reader.data["workflow"]["name"] == "newest")
    assert len(reader.types) == 2


async def test_each_audience_sees_only_what_is_visible_to_it(hub: Hub) -> None:
    ours, theirs = Reader(), Reader()
    values = {"cluster:1": {"team": "a", "rev": 1}, "cluster:2": {"team": "b", "rev": 1}}

    async def snapshot() -> Mapping[str, Any]:
        return values

    def is_visible(team: str) -> Callable[[str, Any], bool]:
        return lambda key, value: value["team"] == team

    await hub.subscribe(ours, "clusters", audience="a", is_visible=is_visible("a"), snapshot=snapshot)
    await hub.subscribe(theirs, "clusters", audience="b", is_visible=is_visible("b"), snapshot=snapshot)
    assert (list(ours.data), list(theirs.data)) == (["cluster:1"], ["cluster:2"])
    await publish(Event("clusters", "cluster:1", {"team": "b", "rev": 2}, 2))
    await until(lambda: set(theirs.data) == {"cluster:1", "cluster:2"} and not ours.data)


async def test_an_audience_is_shown_values_as_it_sees_them(hub: Hub) -> None:
    guest = Reader()

    async def snapshot() -> Mapping[str, Any]:
        return {"cluster:1": {"server": "10.1.2.3", "rev": 1}}

    def shown(key: str, value: Any) -> Any:
        return {**value, "server": ""}

    await hub.subscribe(guest, "clusters", audience="a", shown=shown, snapshot=snapshot)
    assert guest.data == {"cluster:1": {"server": "", "rev": 1}}
    await publish(Event("clusters", "cluster:1", {"server": "10.4.5.6", "rev": 2}, 2))
    await until(lambda: guest.data == {"cluster:1": {"server": "", "rev": 2}})


async def test_a_rolled_back_change_is_never_published(hub: Hub) -> None:
    from kubeorch.mongo.transaction import transaction

    source, reader = Source(), Reader()
    await hub.subscribe(reader, TOPIC, snapshot=source.snapshot)

    def fail() -> None:
        with transaction() as session:
            events.publish(TOPIC, "node:lost", {"rev": 9}, rev=9, session=session)
            raise KeyError

    with pytest.raises(KeyError):
        await asyncio.to_thread(fail)
    await publish(*source.change("node:kept"))
    await until(lambda: reader.data == source.values)


async def test_a_topic_without_subscribers_is_dropped_from_memory(mongo: Any) -> None:
    async with running(Hub(timing=HubTiming(idle_topic_s=0.1, tend_every_s=0.05))) as hub:
        source = Source()
        hub.unsubscribe(await hub.subscribe(Reader(), TOPIC, snapshot=source.snapshot))
        memory = weakref.ref(source)
        del source

        def is_free() -> bool:
            gc.collect()
            return memory() is None

        await until(is_free)


class Bus:
    """The database as the hub sees it, on the real one; its history can be lost as when the server dropped the rest."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._loss: Exception | None = None
        self.resumed: list[Any] = []
        """The tokens that the stream was opened with."""
        self.is_read = False
        """Whether the stream that was opened last is read."""

    async def watch(self, pipeline: Any, *, resume_after: Any, **options: Any) -> Bus:
        self.resumed.append(resume_after)
        self.is_read = False
        self._stream = await self._database.watch(pipeline, resume_after=resume_after, **options)
        return self

    async def __aenter__(self) -> Bus:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stream.close()

    def lose_history(self) -> None:
        self._loss = OperationFailure("the resume point may no longer be in the oplog", 286)

    async def try_next(self) -> Any:
        self.is_read = True
        loss, self._loss = self._loss, None
        if loss is not None:
            raise loss
        return await self._stream.try_next()

    @property
    def alive(self) -> bool:
        return bool(self._stream.alive)

    @property
    def resume_token(self) -> Any:
        return self._stream.resume_token


async def test_after_lost_history_every_topic_is_read_again(mongo: Any) -> None:
    client = aio_client()
    bus = Bus(aio_db(client))
    try:
        async with running(Hub(cast(Any, bus))) as hub:
            source, reader = Source(), Reader()
            source.change("node:a", "node:b")
            await hub.subscribe(reader, TOPIC, snapshot=source.snapshot)
            source.change("node:a")
            source.change("node:b", gone=True)  # stored, but the events never arrive
            bus.lose_history()
            await until(lambda: reader.data == source.values)
        assert source.reads == 2
        assert bus.resumed == [None, None], "an old token would only be refused again"
    finally:
        await client.close()


async def test_a_snapshot_that_was_being_read_when_history_was_lost_is_read_again(mongo: Any) -> None:
    client = aio_client()
    bus = Bus(aio_db(client))
    try:
        async with running(Hub(cast(Any, bus))) as hub:
            source, reader = Source(), Reader()
            source.change("node:a")
            reading, go_on = asyncio.Event(), asyncio.Event()

            async def slow_snapshot() -> Mapping[str, Any]:
                seen = await source.snapshot()
                reading.set()
                await go_on.wait()
                return seen

            task = asyncio.ensure_future(hub.subscribe(reader, TOPIC, snapshot=slow_snapshot))
            await reading.wait()
            source.change("node:a", "node:b")  # stored, but the events never arrive
            bus.lose_history()
            await until(lambda: len(bus.resumed) == 2 and bus.is_read, what="the loss was told before it is read on")
            go_on.set()
            await task
            await until(lambda: reader.data == source.values)
    finally:
        await client.close()


class BusThatDropsACancellation(Bus):
    """As `asyncio.wait_for` of Python 3.11 does when the answer comes at the same moment."""

    async def try_next(self) -> Any:
        answer = asyncio.ensure_future(super().try_next())
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            return await answer


async def test_a_hub_stops_although_its_cancellation_was_dropped_while_it_read(mongo: Any) -> None:
    client = aio_client()
    try:
        hub = Hub(cast(Any, BusThatDropsACancellation(aio_db(client))))
        hub.start()
        source = Source()
        await hub.subscribe(Reader(), TOPIC, snapshot=source.snapshot)
        async with asyncio.timeout(PATIENCE_S):
            await hub.stop()
    finally:
        await client.close()


async def test_after_the_collection_of_events_was_dropped_every_topic_is_read_again(hub: Hub, mongo: Any) -> None:
    source, reader = Source(), Reader()
    source.change("node:a")
    await hub.subscribe(reader, TOPIC, snapshot=source.snapshot)
    await asyncio.to_thread(mongo.drop_collection, "events")
    source.change("node:a", "node:b")
    await until(lambda: reader.data == source.values)
    await asyncio.to_thread(call_command, "setup", verbosity=0)
    await publish(*source.change("node:a"))
    await until(lambda: reader.data == source.values)


@pytest.mark.parametrize("seed", range(4))
async def test_readers_that_come_go_and_stall_all_end_with_the_values_of_the_source(hub: Hub, seed: int) -> None:
    dice = random.Random(seed)
    source = Source()
    keys = [f"node:{n}" for n in range(12)]
    readers: list[tuple[Reader, Any]] = []
    for _ in range(120):
        step = dice.random()
        if step < 0.55:
            found = source.change(*dice.sample(keys, dice.randint(1, 4)), gone=dice.random() < 0.3)
            dice.shuffle(found)
            await publish(*found)
        elif step < 0.7 and len(readers) < 6:
            reader = Reader()
            readers.append((reader, await hub.subscribe(reader, TOPIC, snapshot=source.snapshot)))
        elif step < 0.85 and readers:
            reader, subscription = dice.choice(readers)
            reader.ready = not reader.ready
            subscription.send()
        elif readers:
            index = dice.randrange(len(readers))
            reader, subscription = readers[index]
            hub.unsubscribe(subscription)
            reader.ready = True
            again = await hub.subscribe(reader, TOPIC, snapshot=source.snapshot, epoch=reader.epoch, seq=reader.seq)
            readers[index] = (reader, again)
    for reader, subscription in readers:
        reader.ready = True
        subscription.send()
    await until(lambda: all(reader.data == source.values for reader, _ in readers))
