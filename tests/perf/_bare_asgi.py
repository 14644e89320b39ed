"""The least that a web process can do with MongoDB, as a measure of what ours adds: run as a program under daphne.

`GET /graph/ID` finds a document and answers it as JSON; `PUT /graph/ID` parses a body and updates the document;
a WebSocket gets every event that is inserted into a collection, through one change stream. No rights, no checks, no
revision, no history.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from pymongo import MongoClient

GRAPHS, EVENTS = "bare_graphs", "bare_events"
SUBSCRIBED = '{"type":"snapshot"}'
"""What a socket gets when it will miss nothing any more."""

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Bare:
    def __init__(self) -> None:
        self.db: Any = MongoClient(os.environ["MONGODB_URI"])[os.environ["MONGODB_DB"]]
        self.sockets: set[Send] = set()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.socket(receive, send)
        elif scope["type"] == "http":
            await self.request(scope, receive, send)

    async def request(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        name = scope["path"].rpartition("/")[2]
        answer = await asyncio.to_thread(self.put if scope["method"] == "PUT" else self.get, name, body)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def get(self, name: str, _: bytes) -> bytes:
        found = self.db[GRAPHS].find_one({"_id": name}) or {}
        return orjson.dumps(found)

    def put(self, name: str, body: bytes) -> bytes:
        self.db[GRAPHS].update_one({"_id": name}, {"$set": orjson.loads(body)}, upsert=True)
        return b"{}"

    async def socket(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()  # what it subscribes to
        self.sockets.add(send)
        await send({"type": "websocket.send", "text": SUBSCRIBED})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self.sockets.discard(send)

    def follow(self, loop: asyncio.AbstractEventLoop) -> None:
        with self.db[EVENTS].watch([{"$match": {"operationType": "insert"}}], max_await_time_ms=1000) as stream:
            for change in stream:
                text = orjson.dumps(change["fullDocument"]["data"]).decode()
                asyncio.run_coroutine_threadsafe(self.tell(text), loop)

    async def tell(self, text: str) -> None:
        for send in list(self.sockets):
            await send({"type": "websocket.send", "text": text})


def main() -> None:
    from daphne.server import Server
    from twisted.internet import reactor  # the asyncio one, which daphne has just installed

    bare = Bare()
    any_reactor: Any = reactor
    any_reactor.callWhenRunning(
        lambda: threading.Thread(target=bare.follow, args=(asyncio.get_event_loop(),), daemon=True).start()
    )
    Server(
        application=bare,
        endpoints=[f"tcp:port={sys.argv[1]}:interface=127.0.0.1"],
        http_timeout=None,
        websocket_timeout=-1,
        verbosity=0,
    ).run()


if __name__ == "__main__":
    main()
