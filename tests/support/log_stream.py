"""A reader of logs over the product's API, which goes on from the id of the last event, as a browser does."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.support.stack import Stack
from tests.support.wait import PATIENCE_S


class Event(NamedTuple):
    name: str
    data: dict[str, Any]


class LogReader:
    """`events` reads one connection; `last_id` is kept from one to the next."""

    def __init__(self, stack: Stack, path: str, dial: Callable[[], socket.socket] | None = None) -> None:
        """`dial` makes each connection, where it is not the usual one."""
        self._dial = dial
        self._stack = stack
        self._path = f"/api/v1/{path}"
        self.last_id = ""
        self.entries: list[dict[str, Any]] = []
        self.sources: dict[int, dict[str, Any]] = {}
        self.connections = 0

    @property
    def texts(self) -> list[str]:
        return [entry["text"] for entry in self.entries if "text" in entry]

    def notes(self, *names: str) -> list[dict[str, Any]]:
        return [entry for entry in self.entries if entry.get("note") in names]

    def events(self) -> Generator[Event]:
        """Until the server ends it, or whoever iterates stops: then the connection is cut."""
        self.connections += 1
        self.sources.clear()
        connection = http.client.HTTPConnection(urlsplit(self._stack.url).netloc, timeout=PATIENCE_S)
        headers = {"Authorization": f"Bearer {self._stack.token}", "Accept": "text/event-stream"}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        if self._dial is not None:
            connection.sock = self._dial()
        try:
            connection.request("GET", self._path, headers=headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise AssertionError(f"{answer.status}: {answer.read(2000)!r}")
            yield from self._read(answer)
        finally:
            connection.close()

    def until(self, is_enough: Any, *, timeout_s: float = PATIENCE_S) -> None:
        """Read until that is true of this reader. Raises AssertionError when it takes too long or the stream ends."""
        deadline = time.monotonic() + timeout_s
        for _ in self.events():
            if is_enough():
                return
            assert time.monotonic() < deadline, f"not in time; last: {self.entries[-5:]}"
        assert is_enough(), f"the stream has ended; last: {self.entries[-5:]}"

    def _read(self, answer: http.client.HTTPResponse) -> Iterator[Event]:
        fields: dict[str, str] = {}
        while line := answer.readline():
            text = line.decode().rstrip("\n")
            if text and not text.startswith(":"):
                name, _, value = text.partition(": ")
                fields[name] = value
                continue
            if "data" in fields:
                event = Event(fields.get("event", ""), json.loads(fields["data"]))
                self.last_id = fields.get("id", self.last_id)
                self.entries += event.data.get("entries", [])
                self.sources |= {one["source"]: one for one in event.data.get("sources", [])}
                fields = {}
                yield event
            elif not text:
                fields = {}
                yield Event("", {})
            else:
                yield Event("comment", {})
