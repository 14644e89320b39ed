"""A proxy before an API server that knows its watches: it breaks them, and answers requests, as reality does.

It speaks plain HTTP on loopback, so that it can cut within a line or a chunk, and passes everything else through.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

import urllib3

from tests.support.audit_proxy import Server
from tests.support.kubeconfigs import a_kubeconfig

KEPT_LINES = 6
PATIENT = {"timeout": urllib3.Timeout(connect=10, read=600)}


class Stream:
    """One watch that is passed on."""

    def __init__(self, connection: socket.socket, path: str) -> None:
        self.path = path
        """What is watched, without its query."""
        self._connection = connection
        self._lock = threading.Lock()
        self._last: deque[bytes] = deque(maxlen=KEPT_LINES)
        self.is_muted = False

    def line(self, data: bytes) -> None:
        """Of the API server."""
        with self._lock:
            self._last.append(data)
            if not self.is_muted:
                self._send(data)

    def end(self) -> None:
        with self._lock, suppress(OSError):
            self._connection.sendall(b"0\r\n\r\n")
        self._close()

    # What goes wrong

    def mute(self) -> None:
        """Half-open: nothing comes any more, and nobody says so."""
        self.is_muted = True

    def reset(self) -> None:
        with suppress(OSError):
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._close()

    def cut(self) -> None:
        self._close()

    def cut_in_a_line(self) -> None:
        with self._lock, suppress(OSError):
            self._send(b'{"type":"MODIFIED","object":{"metadata":{"na')
        self._close()

    def cut_in_a_chunk(self) -> None:
        with self._lock, suppress(OSError):
            self._connection.sendall(b'fff\r\n{"type":"ADDED"')
        self._close()

    def babble(self) -> None:
        with self._lock, suppress(OSError):
            self._send(b"<html>not an event</html>\n")

    def tell(self, status: Mapping[str, Any]) -> None:
        """An event that says what is wrong, and the end."""
        with self._lock, suppress(OSError):
            self._send(json.dumps({"type": "ERROR", "object": status}).encode() + b"\n")
        self.end()

    def repeat(self, *, backwards: bool) -> None:
        with self._lock, suppress(OSError):
            for data in reversed(self._last) if backwards else tuple(self._last):
                self._send(data)

    def _send(self, data: bytes) -> None:
        self._connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))

    def _close(self) -> None:
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)


def status_of(code: int, reason: str, message: str, *causes: str) -> dict[str, Any]:
    details = {"causes": [{"reason": cause, "message": message} for cause in causes]}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": message,
        "details": details,
    }


class FaultyApi:
    """`answers` gives the status of a request in place of the API server's, None to pass it on; it gets the path and
    whether it is a watch. `before` is called for each, and may wait or raise OSError to cut the connection."""

    def __init__(self, kubeconfig: str) -> None:
        from clusters.domain.kubeconfig import parse_kubeconfig
        from clusters.kube.tls import tls_context

        credentials = parse_kubeconfig(kubeconfig)
        address = urllib3.util.parse_url(credentials.server)
        self._pool = urllib3.HTTPSConnectionPool(
            address.host or "", address.port, maxsize=32, ssl_context=tls_context(credentials), retries=False
        )
        self.streams: set[Stream] = set()
        self.requests = 0
        self.heal()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else None
                api.requests += 1
                is_watch = "watch=true" in self.path
                try:
                    api.before()
                except OSError:
                    self.close_connection = True
                    return
                if (refused := api.answers(self.path, is_watch)) is not None:
                    status, retry_after = refused
                    self.answer(status["code"], {"Retry-After": retry_after}, json.dumps(status).encode())
                    return
                headers = {
                    name: value
                    for name, value in self.headers.items()
                    if name.lower() not in ("host", "connection", "content-length", "authorization")
                }
                with suppress(OSError, urllib3.exceptions.HTTPError):
                    self.streamed(headers) if is_watch else self.whole(headers, body)

            def whole(self, headers: dict[str, str], body: bytes | None) -> None:
                answer = api._pool.urlopen(self.command, self.path, body=body, headers=headers, **PATIENT)
                self.answer(answer.status, answer.headers, answer.data)

            def streamed(self, headers: dict[str, str]) -> None:
                self.close_connection = True
                answer = api._pool.urlopen("GET", self.path, headers=headers, preload_content=False, **PATIENT)
                if answer.status != 200:
                    self.answer(answer.status, answer.headers, answer.read())
                    answer.release_conn()
                    return
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                stream = Stream(self.connection, self.path.partition("?")[0])
                api.streams.add(stream)
                try:
                    kept = b""
                    for piece in answer.stream(65_536, decode_content=False):
                        *lines, kept = (kept + piece).split(b"\n")
                        for line in lines:
                            stream.line(line + b"\n")
                    if not stream.is_muted:
                        stream.end()
                    else:
                        api.healed.wait(60)
                finally:
                    api.streams.discard(stream)
                    answer.close()

            def answer(self, status: int, headers: Mapping[str, str | None], data: bytes) -> None:
                self.send_response(status)
                for name in ("Content-Type", "Retry-After", "Date"):
                    if (value := headers.get(name)) and name != "Date":
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                for start in range(0, len(data), api.piece):
                    self.wfile.write(data[start : start + api.piece])
                    if api.piece < len(data):
                        time.sleep(api.pause_s)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

            def log_message(self, *_: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    healed = threading.Event()

    def heal(self) -> None:
        """Everything passes from now on; what is broken stays so."""
        self.before: Callable[[], None] = lambda: None
        self.answers: Callable[[str, bool], tuple[dict[str, Any], str | None] | None] = lambda path, is_watch: None
        self.piece, self.pause_s = 1 << 30, 0.0
        self.healed.set()

    def drop_connections(self) -> None:
        """Of all, at once."""
        for connection in tuple(self._server.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def connections(self) -> int:
        """That the product has open."""
        return len(self._server.connections)

    def some_streams(self, dice: random.Random) -> list[Stream]:
        found = list(self.streams)
        return found if dice.random() < 0.5 else dice.sample(found, max(1, len(found) // 2)) if found else []

    @property
    def kubeconfig(self) -> str:
        return a_kubeconfig(f"http://127.0.0.1:{self._server.server_address[1]}", token="unused")

    def stop(self) -> None:
        self.heal()
        self._server.shutdown()
        self._server.server_close()
        self.drop_connections()
        self._thread.join(10)
