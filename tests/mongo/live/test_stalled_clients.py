"""Clients that do not read: bounded memory, and in the end they have the latest values."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import os
import socket
from typing import Any

from tests.support.live_environment import LiveEnvironment
from tests.support.live_page import Page
from tests.support.people import Person, a_user
from tests.support.processes import rss_bytes
from tests.support.wait import PATIENCE_S, until
from tests.support.web_role import Web, ask, next_event, open_stream

NODES = [f"n{number}" for number in range(50)]
PADDING = 7_000
ROUNDS = 60
"""Few enough that a silent page is not dropped meanwhile, which happens after 50 seconds."""
SENT_BYTES = len(NODES) * PADDING * ROUNDS
GROWTH_LIMIT_BYTES = 12_000_000


async def test_a_stalled_page_costs_bounded_memory_and_catches_up_with_the_latest_values(mongo: Any, web: Web) -> None:
    person = a_user("viewer")
    environment = LiveEnvironment(mongo, person)
    environment.change(*NODES, padding=PADDING)
    async with web.live(person.token) as reading:
        page = Page()
        page.take(await ask(reading, subscribe=environment.topic))
        stalled = await stalled_socket(web, person, environment.topic)
        before = rss_bytes(web.process.pid)
        for _ in range(ROUNDS):
            await asyncio.to_thread(environment.change, *NODES, padding=PADDING)
            await page.follow(reading, environment.values)
        grown = rss_bytes(web.process.pid) - before
        assert grown < GROWTH_LIMIT_BYTES, f"{grown / 1e6:.1f} MB more after {SENT_BYTES / 1e6:.0f} MB of changes"
        late = Page()
        await late.follow(Frames(*stalled), environment.values)
        assert len(late.types) < 30


async def stalled_socket(web: Web, person: Person, topic: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket by hand that subscribes and then reads nothing, with a small receive buffer."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", web.port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=16_384)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /ws/live HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {person.token}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head
    body = json.dumps({"subscribe": topic}).encode()
    writer.write(bytes([0x81, 0x80 | len(body), 0, 0, 0, 0]) + body)
    await writer.drain()
    return reader, writer


class Frames:
    """Server frames off a raw stream, pings answered."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def recv(self) -> bytes:
        while True:
            first, second = await self._reader.readexactly(2)
            size = second & 0x7F
            if size == 126:
                size = int.from_bytes(await self._reader.readexactly(2), "big")
            elif size == 127:
                size = int.from_bytes(await self._reader.readexactly(8), "big")
            body = await self._reader.readexactly(size)
            if first & 0x0F == 1:
                return body
            if first & 0x0F == 9:
                self._writer.write(bytes([0x8A, 0x80 | len(body), 0, 0, 0, 0]) + body)


class StalledStream:
    """An event stream by hand that asks and then reads nothing, with a small receive buffer."""

    def __init__(self, web: Web, person: Person, topic: str) -> None:
        self._raw = socket.socket()
        self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
        self._raw.settimeout(PATIENCE_S)
        self._raw.connect(("127.0.0.1", web.port))
        self.port = self._raw.getsockname()[1]
        self.last_id = ""
        self.page = Page()
        connection = http.client.HTTPConnection("127.0.0.1", web.port)
        connection.sock = self._raw
        connection.request("GET", f"/api/v1/live?topic={topic}", headers={"Authorization": f"Bearer {person.token}"})
        self._answer = connection.getresponse()

    def read_until(self, wanted: dict[str, Any]) -> None:
        while self.page.data != wanted:
            self._take(next_event(self._answer))

    def read_to_the_end(self) -> None:
        """What was on its way when the server gave up."""
        with contextlib.suppress(http.client.IncompleteRead, ConnectionError):
            while True:
                self._take(next_event(self._answer))

    def _take(self, event: dict[str, Any]) -> None:
        self.page.take(event["data"])
        self.last_id = event["id"]


def test_a_stalled_event_stream_costs_bounded_memory_and_catches_up_with_the_latest_values(
    mongo: Any, web: Web
) -> None:
    person = a_user("viewer")
    environment = LiveEnvironment(mongo, person)
    environment.change(*NODES, padding=PADDING)
    with open_stream(web, person, f"topic={environment.topic}") as reading:
        page = Page()
        page.take(next_event(reading)["data"])
        stalled = StalledStream(web, person, environment.topic)
        before = rss_bytes(web.process.pid)
        for _ in range(ROUNDS):
            environment.change(*NODES, padding=PADDING)
            while page.data != environment.values:
                page.take(next_event(reading)["data"])
        grown = rss_bytes(web.process.pid) - before
        assert grown < GROWTH_LIMIT_BYTES, f"{grown / 1e6:.1f} MB more after {SENT_BYTES / 1e6:.0f} MB of changes"
        stalled.read_until(environment.values)
        assert len(stalled.page.types) < 30


def test_a_stalled_event_stream_is_closed_and_can_be_resumed_where_it_was(mongo: Any, django_ready: str) -> None:
    web = Web(DJANGO_SETTINGS_MODULE="tests.support.impatient_settings")
    try:
        person = a_user("viewer")
        environment = LiveEnvironment(mongo, person)
        environment.change(*NODES, padding=PADDING)
        with open_stream(web, person, f"topic={environment.topic}") as reading:
            page = Page()
            page.take(next_event(reading)["data"])
            stalled = StalledStream(web, person, environment.topic)
            assert web.is_connected_to(stalled.port)
            for _ in range(20):
                environment.change(*NODES, padding=PADDING)
                while page.data != environment.values:
                    page.take(next_event(reading)["data"])
            until(lambda: not web.is_connected_to(stalled.port), what="the server closes it")
            environment.change("n7", gone=True)
        stalled.read_to_the_end()
        assert stalled.page.data != environment.values
        with open_stream(web, person, f"topic={environment.topic}", stalled.last_id) as again:
            while stalled.page.data != environment.values:
                stalled.page.take(next_event(again)["data"])
    finally:
        web.stop()
