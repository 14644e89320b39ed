"""What readers of the bus are told, heard as every web process hears it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kubeorch.realtime.bus_reader import BusReader
from tests.support.wait import until


class Heard:
    def __init__(self) -> None:
        self.events: list[Any] = []

    def of(self, topic: str, count: int) -> list[Any]:
        """The events of a topic, in the order they came, once there are `count` of them."""

        def found() -> list[Any]:
            events = [event for event in self.events if event["topic"] == topic]
            return events if len(events) >= count else []

        return until(found, what=f"{count} events of {topic}")


@contextmanager
def heard() -> Iterator[Heard]:
    """Hear all events from here on, until the block ends."""
    hears, loop = Heard(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncio.Task[None]:
        reader = BusReader(None, take=hears.events.append, lost=hears.events.clear)
        task = asyncio.ensure_future(reader.run())
        await reader.open.wait()
        return task

    async def end(task: asyncio.Task[None]) -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    task = asyncio.run_coroutine_threadsafe(listen(), loop).result(60)
    try:
        yield hears
    finally:
        asyncio.run_coroutine_threadsafe(end(task), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
