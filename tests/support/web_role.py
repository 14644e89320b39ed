"""The web role as a process of its own, and clients of its live updates."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import websockets

from tests.support.people import Person
from tests.support.ports import free_port
from tests.support.wait import PATIENCE_S, until

ROOT = Path(__file__).resolve().parents[2]


class Web:
    """The web role on the test's database. `environ` is added to its environment."""

    def __init__(self, **environ: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "web"],
            cwd=ROOT,
            env={**os.environ, "PORT": str(self.port), "HOST": "127.0.0.1", **environ},
            stdout=subprocess.DEVNULL,
            stderr=None if os.environ.get("SHOW_WEB") else subprocess.DEVNULL,
        )
        until(self.is_up, what="the web role answers")

    def is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.http}/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def live(
        self, token: str | None = None, *, cookie: str | None = None, origin: str | None = None, **options: Any
    ) -> AsyncIterator[Any]:
        headers = {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if cookie:
            headers["Cookie"] = cookie
        url = f"ws://127.0.0.1:{self.port}{options.pop('path', '/ws/live')}{options.pop('query', '')}"
        async with websockets.connect(
            url,
            additional_headers=headers,
            origin=origin,
            max_size=None,
            compression=None,
            open_timeout=PATIENCE_S,
            ping_interval=None,
            **options,
        ) as found:
            yield found

    def is_connected_to(self, port: int) -> bool:
        """Whether the server's side of the connection from this port of ours is open."""
        ours, theirs = (f"0100007F:{one:04X}" for one in (self.port, port))
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return any(row[1:3] == [ours, theirs] and row[3] == "01" for row in rows)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def session_cookie(web: Web, person: Person) -> str:
    """The cookies of a browser in which this person has just signed in."""
    with urllib.request.urlopen(f"{web.http}/api/v1/auth/session") as answer:
        csrf = cookies_of(answer)
    body = json.dumps({"email": person.email, "password": person.password, "session": True}).encode()
    headers = {"Content-Type": "application/json", "Cookie": csrf, "X-CSRFToken": csrf.partition("=")[2]}
    request = urllib.request.Request(f"{web.http}/api/v1/auth/login", body, {**headers, "Origin": web.http})
    with urllib.request.urlopen(request) as answer:
        return cookies_of(answer)


def cookies_of(answer: Any) -> str:
    return "; ".join(value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie")


async def ask(live: Any, **message: Any) -> dict[str, Any]:
    """Send a message over the socket; the next one that comes back."""
    await live.send(json.dumps(message))
    async with asyncio.timeout(PATIENCE_S):
        found: dict[str, Any] = json.loads(await live.recv())
        return found


def open_stream(web: Web, person: Person | None, query: str, last_event_id: str = "") -> Any:
    """The open answer of the event stream; raises HTTPError when it is refused."""
    headers = {"Authorization": f"Bearer {person.token}"} if person else {}
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id
    return urllib.request.urlopen(
        urllib.request.Request(f"{web.http}/api/v1/live?{query}", headers=headers), timeout=PATIENCE_S
    )


def next_event(answer: Any) -> dict[str, Any]:
    """The next event as {id, event, data}, `data` parsed; comments are skipped."""
    found: dict[str, Any] = {}
    while True:
        line = answer.readline().decode()
        if not line:
            raise http.client.IncompleteRead(b"")
        line = line.rstrip("\n")
        if not line and "data" in found:
            return {**found, "data": json.loads(found["data"])}
        name, _, value = line.partition(": ")
        if name:
            found[name] = value
