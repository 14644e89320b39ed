"""The hub over a real change stream: what clients hold in the end equals what the source holds."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson
import pytest
from bson import ObjectId

from kubeorch.realtime import events
from kubeorch.realtime import hub as hub_module
from kubeorch.realtime.events import Event
from kubeorch.realtime.hub import Hub, WithRev
from kubeorch.realtime.state import Frame

TOPIC = f"environment:{ObjectId()}"


class Browser:
    """Keeps what it is sent; `ready` is switched off to play one that does not read."""

    def __init__(self) -> None:
        self.ready = True
        self.data: dict[str, Any] = {}
        self.kinds: list[str] = []
        self.seq: int | None = None
        self.epoch: str | None = None
        self.is_lost = False

    def write(self, frame: Frame) -> None:
        assert self.ready
        message = orjson.loads(frame.body)
        self.kinds.append(message["type"])
        if message["type"] == "snapshot":
            self.data, self.epoch = dict(message["data"]), message["epoch"]
        else:
            assert message["seq"] > (self.seq or 0)
            for key, value in message["data"].items():
                if value is None:
                    self.data.pop(key, None)
                else:
                    self.data[key] = value
        self.seq = message["seq"]

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


@pytest.fixture
async def hub(mongo: Any) -> AsyncIterator[Hub]:
    running = Hub()
    running.start()
    yield running
    await running.stop()


async def until(condition: Callable[[], Any], *, timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  (a deadline stands around it)
            await asyncio.sleep(0.01)


async def publish(*found: Event) -> None:
    await asyncio.to_thread(events.publish_many, list(found))


async def test_a_new_reader_gets_a_snapshot_and_then_deltas(hub: Hub) -> None:
    source, browser = Source(), Browser()
    source.change("node:a", "node:b")
    await hub.subscribe(browser, TOPIC, snapshot=source.snapshot)
    assert browser.data == source.values
    await publish(*source.change("node:b"), *source.change("node:a", gone=True))
    await until(lambda: browser.data == source.values)
    assert browser.kinds[0] == "snapshot"
    assert set(browser.kinds[1:]) == {"delta"}


async def test_a_reader_that_stalls_costs_no_memory_and_ends_at_the_latest_values(hub: Hub) -> None:
    source, stalled, reading = Source(), Browser(), Browser()
    keys = [f"node:{n}" for n in range(20)]
    source.change(*keys)
    subscription = await hub.subscribe(stalled, TOPIC, snapshot=source.snapshot)
    await hub.subscribe(reading, TOPIC, snapshot=source.snapshot)
    stalled.ready = False
    for _ in range(30):
        await publish(*source.change(*keys))
    await until(lambda: reading.data == source.values)
    assert stalled.kinds == ["snapshot"]
    stalled.ready = True
    subscription.send()
    assert stalled.kinds == ["snapshot", "delta"]
    assert stalled.data == source.values


async def test_a_reader_that_comes_back_is_sent_only_what_changed(hub: Hub) -> None:
    source, first = Source(), Browser()
    source.change(*(f"node:{n}" for n in range(50)))
    subscription = await hub.subscribe(first, TOPIC, snapshot=source.snapshot)
    hub.unsubscribe(subscription)
    await publish(*source.change("node:7"))
    other = Browser()
    await hub.subscribe(other, TOPIC, snapshot=source.snapshot)
    await until(lambda: other.data == source.values)
    sizes: list[int] = []
    back = Browser()
    back.data, back.seq, back.epoch = first.data, first.seq, first.epoch
    write = back.write
    back.write = lambda frame: (sizes.append(len(frame)), write(frame))  # type: ignore[method-assign,assignment]
    await hub.subscribe(back, TOPIC, snapshot=source.snapshot, epoch=first.epoch, seq=first.seq)
    assert back.kinds == ["delta"]
    assert back.data == source.values
    assert sizes[0] < 300
    stranger = Browser()
    await hub.subscribe(stranger, TOPIC, snapshot=source.snapshot, epoch="of another process", seq=3)
    assert stranger.kinds == ["snapshot"]


async def test_events_that_come_while_the_snapshot_is_read_are_not_lost(hub: Hub) -> None:
    source, browser = Source(), Browser()
    source.change("node:a")
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def slow_snapshot() -> Mapping[str, Any]:
        seen = dict(source.values)
        reading.set()
        await go_on.wait()
        return seen

    task = asyncio.ensure_future(hub.subscribe(browser, TOPIC, snapshot=slow_snapshot))
    await reading.wait()
    await publish(*source.change("node:a", "node:b"))
    probe = Browser()
    await publish(Event("environment:probe", "x", {"rev": 1}, 1))

    async def nothing() -> Mapping[str, Any]:
        return {"x": {"rev": 1}}

    await hub.subscribe(probe, "environment:probe", snapshot=nothing)
    await publish(Event("environment:probe", "x", {"rev": 2}, 2))
    await until(lambda: probe.data.get("x") == {"rev": 2})  # the bus has passed what came before
    go_on.set()
    await task
    await until(lambda: browser.data == source.values)


async def test_an_older_event_never_replaces_what_the_snapshot_knew(hub: Hub) -> None:
    source, browser = Source(), Browser()
    old = source.change("node:a")
    source.change("node:a")
    await hub.subscribe(browser, TOPIC, snapshot=source.snapshot)
    await publish(*old)
    await publish(*source.change("node:b"))
    await until(lambda: "node:b" in browser.data)
    assert browser.data == source.values


async def test_a_stamped_snapshot_is_compared_by_its_stamp(hub: Hub) -> None:
    browser = Browser()

    async def snapshot() -> Mapping[str, Any]:
        return {"workflow": WithRev({"rev": 3, "name": "new"}, 41)}

    await hub.subscribe(browser, "workflow:1", snapshot=snapshot)
    await publish(Event("workflow:1", "workflow", {"rev": 3, "name": "old"}, 40))
    await publish(Event("workflow:1", "workflow", {"rev": 3, "name": "newest"}, 42))
    await until(lambda: browser.data["workflow"]["name"] == "newest")
    assert len(browser.kinds) == 2


async def test_people_with_another_view_see_only_their_part(hub: Hub) -> None:
    ours, theirs = Browser(), Browser()
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


async def test_a_rolled_back_change_is_never_told(hub: Hub) -> None:
    from kubeorch.mongo.transaction import transaction

    source, browser = Source(), Browser()
    await hub.subscribe(browser, TOPIC, snapshot=source.snapshot)

    def fail() -> None:
        with transaction() as session:
            events.publish(TOPIC, "node:lost", {"rev": 9}, rev=9, session=session)
            raise KeyError

    with pytest.raises(KeyError):
        await asyncio.to_thread(fail)
    await publish(*source.change("node:kept"))
    await until(lambda: browser.data == source.values)


async def test_topics_nobody_looks_at_leave_memory(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "IDLE_TOPIC_S", 0.2)
    source = Source()
    subscription = await hub.subscribe(Browser(), TOPIC, snapshot=source.snapshot)
    hub.unsubscribe(subscription)
    await until(lambda: not hub._topics and not hub._by_name)


async def test_after_lost_history_every_topic_is_read_again(hub: Hub) -> None:
    source, browser = Source(), Browser()
    source.change("node:a", "node:b")
    await hub.subscribe(browser, TOPIC, snapshot=source.snapshot)
    source.change("node:a")
    source.change("node:b", gone=True)  # stored, but the events never arrive
    hub._reload_all()
    await until(lambda: browser.data == source.values)
    assert source.reads == 2


@pytest.mark.parametrize("seed", range(4))
async def test_readers_that_come_go_and_stall_all_end_at_the_truth(hub: Hub, seed: int) -> None:
    dice = random.Random(seed)
    source = Source()
    keys = [f"node:{n}" for n in range(12)]
    browsers: list[tuple[Browser, Any]] = []
    for _ in range(120):
        step = dice.random()
        if step < 0.55:
            found = source.change(*dice.sample(keys, dice.randint(1, 4)), gone=dice.random() < 0.3)
            dice.shuffle(found)
            await publish(*found)
        elif step < 0.7 and len(browsers) < 6:
            browser = Browser()
            browsers.append((browser, await hub.subscribe(browser, TOPIC, snapshot=source.snapshot)))
        elif step < 0.85 and browsers:
            browser, subscription = dice.choice(browsers)
            browser.ready = not browser.ready
            subscription.send()
        elif browsers:
            index = dice.randrange(len(browsers))
            browser, subscription = browsers[index]
            hub.unsubscribe(subscription)
            browser.ready = True
            again = await hub.subscribe(browser, TOPIC, snapshot=source.snapshot, epoch=browser.epoch, seq=browser.seq)
            browsers[index] = (browser, again)
    for browser, subscription in browsers:
        browser.ready = True
        subscription.send()
    await until(lambda: all(browser.data == source.values for browser, _ in browsers))
