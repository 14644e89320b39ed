"""/ws/live and its event stream through a real daphne: who may listen, what they get, what a bad client costs."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets
from bson import ObjectId

from clusters import store as clusters
from kubeorch.realtime import events
from kubeorch.realtime.events import Event
from tests.support.people import Person, a_user
from tests.support.wait import until

ROOT = Path(__file__).resolve().parents[2]


class Web:
    """The web role as a process of its own."""

    def __init__(self, first: str = "") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        changed = [
            "-c",
            f"import kubeorch.asgi; {first}; from django.core.management import call_command as c; c('web')",
        ]
        self.process = subprocess.Popen(
            [sys.executable, *(changed if first else [str(ROOT / "manage.py"), "web"])],
            cwd=ROOT,
            env={**os.environ, "PORT": str(self.port), "HOST": "127.0.0.1"},
            stdout=subprocess.DEVNULL,
            stderr=None if os.environ.get("SHOW_WEB") else subprocess.DEVNULL,
        )
        until(self.is_up, timeout_s=30, what="the web role answers")

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
        url = f"ws://127.0.0.1:{self.port}/ws/live{options.pop('query', '')}"
        async with websockets.connect(
            url, additional_headers=headers, origin=origin, max_size=None, compression=None, **options
        ) as found:
            yield found

    @property
    def rss_bytes(self) -> int:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    @property
    def sockets(self) -> int:
        folder = Path(f"/proc/{self.process.pid}/fd")
        return sum(str(os.readlink(entry)).startswith("socket:") for entry in folder.iterdir() if entry.is_symlink())

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(autouse=True)
def _people_are_made_beside_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(scope="module")
def web(django_ready: str) -> Iterator[Web]:
    running = Web()
    yield running
    running.stop()


class Place:
    """An environment with statuses, kept as the watcher keeps them: stored, then told."""

    def __init__(self, mongo: Any, person: Person) -> None:
        self.mongo = mongo
        self.id = ObjectId()
        self.topic = f"environment:{self.id}"
        self.rev = 0
        self.values: dict[str, Any] = {}
        mongo.environments.insert_one(
            {
                "_id": self.id,
                "team_id": person.team_id,
                "workflow_id": ObjectId(),
                "name": f"dev-{self.id}",
                "cluster_id": ObjectId(),
                "namespace": "x",
            }
        )

    def change(self, *nodes: str, gone: bool = False, padding: int = 0) -> None:
        told = []
        for node in nodes:
            self.rev += 1
            row_id = f"{self.id}/{node}"
            if gone:
                self.values.pop(f"node:{node}", None)
                self.mongo.node_statuses.delete_one({"_id": row_id})
                told.append(Event(self.topic, f"node:{node}", None, self.rev))
                continue
            status = {"node_id": node, "rev": self.rev, "reason": "x" * padding}
            self.values[f"node:{node}"] = status
            row = {"environment_id": self.id, "node_id": node, "status": status, "rev": self.rev}
            self.mongo.node_statuses.update_one({"_id": row_id}, {"$set": row}, upsert=True)
            told.append(Event(self.topic, f"node:{node}", status, self.rev))
        events.publish_many(told)


class Browser:
    """What a page keeps of one topic."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.seq: int | None = None
        self.epoch: str | None = None
        self.types: list[str] = []

    def take(self, message: dict[str, Any]) -> None:
        self.types.append(message["type"])
        if message["type"] == "snapshot":
            self.data, self.epoch = dict(message["data"]), message["epoch"]
        elif message["type"] == "delta":
            for key, value in message["data"].items():
                if value is None:
                    self.data.pop(key, None)
                else:
                    self.data[key] = value
        self.seq = message["seq"]

    async def follow(self, live: Any, wanted: dict[str, Any], *, timeout_s: float = 15.0) -> None:
        async with asyncio.timeout(timeout_s):
            while self.data != wanted:
                self.take(json.loads(await live.recv()))


async def ask(live: Any, **message: Any) -> dict[str, Any]:
    await live.send(json.dumps(message))
    async with asyncio.timeout(10):
        found: dict[str, Any] = json.loads(await live.recv())
        return found


async def test_a_page_gets_a_snapshot_then_changes_then_only_what_it_missed(mongo: Any, web: Web) -> None:
    person = a_user("viewer")
    place = Place(mongo, person)
    place.change("a", "b", "c")
    page = Browser()
    async with web.live(person.token) as live:
        page.take(await ask(live, subscribe=place.topic))
        assert page.types == ["snapshot"]
        await asyncio.to_thread(place.change, "b")
        await asyncio.to_thread(place.change, "c", gone=True)
        await page.follow(live, place.values)
    await asyncio.to_thread(place.change, "a")
    async with web.live(person.token) as live:
        # The topic stays in memory for a while, so the same epoch is still known.
        again = await ask(live, subscribe=place.topic, epoch=page.epoch, seq=page.seq)
        assert again["type"] == "delta"
        assert list(again["data"]) == ["node:a"]
        page.take(again)
        assert page.data == place.values
        assert await ask(live, ping=1) == {"type": "pong"}


async def test_refused_topics_say_why_and_tell_nothing(mongo: Any, web: Web) -> None:
    person, stranger = a_user("viewer"), a_user("admin")
    place = Place(mongo, person)
    async with web.live(stranger.token) as live:
        foreign, unknown = [await ask(live, subscribe=name) for name in (place.topic, f"environment:{ObjectId()}")]
        assert foreign["type"] == unknown["type"] == "error"
        assert foreign["data"] == unknown["data"]
        assert foreign["data"]["code"] == "environment.not_found"
        for name in ("environment:1", "secrets", "clusters:x", {"$ne": 1}, 7):
            answer = await ask(live, subscribe=name)
            assert answer["type"] == "error"
            assert answer["data"]["code"] == "live.no_topic", answer
        assert (await ask(live, subscribe="clusters"))["type"] == "snapshot"
        assert (await ask(live, something=1))["data"]["code"] == "live.bad_message"


def session_cookie(web: Web, person: Person) -> str:
    with urllib.request.urlopen(f"{web.http}/api/v1/auth/session") as answer:
        csrf = cookies_of(answer)
    body = json.dumps({"email": person.email, "password": person.password, "session": True}).encode()
    headers = {"Content-Type": "application/json", "Cookie": csrf, "X-CSRFToken": csrf.partition("=")[2]}
    request = urllib.request.Request(f"{web.http}/api/v1/auth/login", body, {**headers, "Origin": web.http})
    with urllib.request.urlopen(request) as answer:
        return cookies_of(answer)


def cookies_of(answer: Any) -> str:
    return "; ".join(value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie")


async def test_only_our_own_pages_may_use_a_session(mongo: Any, web: Web) -> None:
    person = a_user("viewer")
    cookie = await asyncio.to_thread(session_cookie, web, person)
    async with web.live(cookie=cookie, origin=web.http) as live:
        assert (await ask(live, subscribe="clusters"))["type"] == "snapshot"
    cases: list[dict[str, Any]] = [
        {"cookie": cookie, "origin": "https://evil.example"},
        {"cookie": cookie, "origin": "null"},
        {"cookie": cookie},
        {"cookie": cookie, "origin": f"http://127.0.0.1:{web.port}.evil.example"},
        {"token": person.token, "origin": "https://evil.example"},
        {"origin": web.http},
        {},
        {"token": "nothing"},
        {"cookie": "kubeorch_session=nothing", "origin": web.http},
        {"query": f"?token={person.token}"},
    ]
    for case in cases:
        with pytest.raises(websockets.exceptions.InvalidStatus):
            async with web.live(**case):
                pass


@pytest.mark.parametrize("how", ["token", "membership", "account"])
async def test_what_is_revoked_closes_what_is_open_within_five_seconds(mongo: Any, web: Web, how: str) -> None:
    person = a_user("viewer")
    place = Place(mongo, person)
    async with web.live(person.token) as live:
        assert (await ask(live, subscribe=place.topic))["type"] == "snapshot"
        if how == "token":
            mongo.api_tokens.delete_many({"user_id": ObjectId(person.user_id)})
        elif how == "membership":
            mongo.memberships.delete_many({"user_id": ObjectId(person.user_id)})
        else:
            mongo.users.update_one({"_id": ObjectId(person.user_id)}, {"$set": {"is_active": False}})
        async with asyncio.timeout(5.5):
            with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
                await live.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code in (4401, 4403)


@pytest.mark.parametrize(("bad", "code"), [("x" * 70_000, 4009), ("not json", 4007), (b"\x00", 4007), ("flood", 4008)])
async def test_a_client_that_misbehaves_is_closed_and_others_are_not(
    mongo: Any, web: Web, bad: str | bytes, code: int
) -> None:
    person = a_user("viewer")
    place = Place(mongo, person)
    async with web.live(person.token) as good, web.live(person.token) as live:
        page = Browser()
        page.take(await ask(good, subscribe=place.topic))
        with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
            await send_until_closed(live, ['{"ping":1}'] * 2000 if bad == "flood" else [bad])
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code
        await asyncio.to_thread(place.change, "a")
        await page.follow(good, place.values)


async def send_until_closed(live: Any, messages: list[Any]) -> None:
    for message in messages:
        await live.send(message)
    async with asyncio.timeout(10):
        while True:
            await live.recv()


async def test_one_connection_follows_64_topics_at_most(mongo: Any, web: Web) -> None:
    person = a_user("viewer")
    places = [Place(mongo, person) for _ in range(65)]
    async with web.live(person.token) as live:
        for place in places[:64]:
            assert (await ask(live, subscribe=place.topic))["type"] == "snapshot"
        assert (await ask(live, subscribe=places[64].topic))["data"]["code"] == "live.too_many_topics"
        await live.send(json.dumps({"unsubscribe": places[0].topic}))
        assert (await ask(live, subscribe=places[64].topic))["type"] == "snapshot"


async def test_a_stalled_page_costs_bounded_memory_and_ends_at_the_latest_values(mongo: Any, web: Web) -> None:
    person = a_user("viewer")
    place = Place(mongo, person)
    nodes = [f"n{number}" for number in range(50)]
    place.change(*nodes, padding=7000)
    async with web.live(person.token) as reading:
        page = Browser()
        page.take(await ask(reading, subscribe=place.topic))
        stalled = await stalled_socket(web, person, place.topic)
        before = web.rss_bytes
        sent = 0
        for _ in range(60):  # 350 KB each: 21 MB if it were kept; few rounds, since a silent page is dropped in time
            await asyncio.to_thread(place.change, *nodes, padding=7000)
            sent += 350_000
            await page.follow(reading, place.values)
        grown = web.rss_bytes - before
        assert grown < 12_000_000, f"{grown / 1e6:.1f} MB more after {sent / 1e6:.0f} MB of changes"
        late = Browser()
        await late.follow(Frames(*stalled), place.values, timeout_s=20)
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


def stream_lines(web: Web, person: Person | None, query: str, last_event_id: str = "") -> Any:
    headers = {"Authorization": f"Bearer {person.token}"} if person else {}
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id
    return urllib.request.urlopen(
        urllib.request.Request(f"{web.http}/api/v1/live?{query}", headers=headers), timeout=20
    )


def next_event(answer: Any) -> dict[str, Any]:
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


def test_the_event_stream_says_the_same_and_resumes_by_last_event_id(mongo: Any, web: Web) -> None:
    person = a_user("viewer")
    place = Place(mongo, person)
    place.change("a", "b")
    with stream_lines(web, person, f"topic={place.topic}") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        first = next_event(answer)
        assert first["event"] == first["data"]["type"] == "snapshot"
        assert first["id"] == f"{first['data']['epoch']}:{first['data']['seq']}"
        assert first["data"]["data"] == place.values
        place.change("b")
        second = next_event(answer)
        assert second["event"] == "delta"
        assert list(second["data"]["data"]) == ["node:b"]
    place.change("a")
    with stream_lines(web, person, f"topic={place.topic}", second["id"]) as answer:
        third = next_event(answer)
        assert third["event"] == "delta"
        assert list(third["data"]["data"]) == ["node:a"]


async def test_a_cluster_that_is_shared_no_more_leaves_the_pages_of_other_teams(mongo: Any, web: Web) -> None:
    owner, other = a_user(role="admin", is_admin=True), a_user()
    row = clusters.insert({**clusters.new_row("east", team_id=owner.team_id, created_by=None), "shared": True})
    path, key = f"clusters/{row['_id']}", f"cluster:{row['_id']}"
    async with web.live(other.token) as live, web.live(owner.token) as own:
        assert key in (await ask(live, subscribe="clusters"))["data"]
        assert key in (await ask(own, subscribe="clusters"))["data"]
        assert (await asyncio.to_thread(owner.patch, path, {"shared": False})).status == 200
        async with asyncio.timeout(10):
            assert json.loads(await live.recv())["data"] == {key: None}
            assert not json.loads(await own.recv())["data"][key]["shared"]
        assert (await asyncio.to_thread(owner.patch, path, {"name": "hidden"})).status == 200
        assert (await asyncio.to_thread(owner.patch, path, {"shared": True})).status == 200
        async with asyncio.timeout(10):
            assert json.loads(await live.recv())["data"][key]["shared"]  # and nothing of its time out of sight


class StalledStream:
    """An event stream by hand that asks and then reads nothing, with a small receive buffer."""

    def __init__(self, web: Web, person: Person, topic: str) -> None:
        self._raw = socket.socket()
        self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
        self._raw.settimeout(20)
        self._raw.connect(("127.0.0.1", web.port))
        self.last_id = ""
        self.page = Browser()
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


def test_a_stalled_event_stream_costs_bounded_memory_and_ends_at_the_latest_values(mongo: Any, web: Web) -> None:
    person = a_user("viewer")
    place = Place(mongo, person)
    nodes = [f"n{number}" for number in range(50)]
    place.change(*nodes, padding=7000)
    with stream_lines(web, person, f"topic={place.topic}") as reading:
        page = Browser()
        page.take(next_event(reading)["data"])
        stalled = StalledStream(web, person, place.topic)
        before = web.rss_bytes
        for _ in range(60):  # 350 KB each: 21 MB if it were kept
            place.change(*nodes, padding=7000)
            while page.data != place.values:
                page.take(next_event(reading)["data"])
        grown = web.rss_bytes - before
        assert grown < 12_000_000, f"{grown / 1e6:.1f} MB more after 21 MB of changes"
        stalled.read_until(place.values)
        assert len(stalled.page.types) < 30


def test_an_event_stream_nobody_reads_is_ended_and_goes_on_where_it_was(mongo: Any, django_ready: str) -> None:
    web = Web("from kubeorch.realtime import sse; sse.STALL_LIMIT_S, sse.KEEP_ALIVE_S = 1.0, 0.2")
    try:
        person = a_user("viewer")
        place = Place(mongo, person)
        nodes = [f"n{number}" for number in range(50)]
        place.change(*nodes, padding=7000)
        with stream_lines(web, person, f"topic={place.topic}") as reading:
            page = Browser()
            page.take(next_event(reading)["data"])
            alone = web.sockets
            stalled = StalledStream(web, person, place.topic)
            assert web.sockets == alone + 1
            for _ in range(20):
                place.change(*nodes, padding=7000)
                while page.data != place.values:
                    page.take(next_event(reading)["data"])
            until(lambda: web.sockets == alone, timeout_s=20, what="the server let go of it")
            place.change("n7", gone=True)
        stalled.read_to_the_end()
        assert stalled.page.data != place.values
        with stream_lines(web, person, f"topic={place.topic}", stalled.last_id) as again:
            while stalled.page.data != place.values:
                stalled.page.take(next_event(again)["data"])
    finally:
        web.stop()


@pytest.mark.parametrize(
    ("who", "query", "status"),
    [
        (None, "topic=clusters", 401),
        ("person", "", 400),
        ("person", "topic=nothing", 404),
        ("person", f"topic=environment:{ObjectId()}", 404),
        ("person", "&".join(f"topic=environment:{ObjectId()}" for _ in range(17)), 400),
    ],
)
def test_the_event_stream_refuses_with_a_problem(
    mongo: Any, web: Web, who: str | None, query: str, status: int
) -> None:
    person = a_user("viewer") if who else None
    with pytest.raises(urllib.error.HTTPError) as refused:
        stream_lines(web, person, query)
    assert refused.value.code == status
    assert refused.value.headers["Content-Type"] == "application/problem+json"
