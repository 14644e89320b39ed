"""Servers that answer a client's requests with whatever bytes a test wants, as slowly as it wants; on loopback."""

from __future__ import annotations

import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from clusters.domain.credentials import Credentials

Answer = Callable[["Visit"], None]


class Visit:
    """One connection that was made to the server."""

    def __init__(self, connection: socket.socket, number: int, stop: threading.Event) -> None:
        self.connection = connection
        self.number = number
        """1 for the first."""
        self.stop = stop
        self.head = b""
        """Of the last request."""

    def read_request(self) -> bool:
        """The head of the next request is read; False when the client has gone."""
        self.head = b""
        while b"\r\n\r\n" not in self.head:
            if not (data := self.connection.recv(65_536)):
                return False
            self.head += data
        return True

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self, body: bytes, *, status: str = "200 OK", kind: str = "application/json") -> None:
        self.send(head(status, kind, f"Content-Length: {len(body)}") + body)

    def drip(self, data: Iterator[bytes], *, every_s: float = 0.02) -> None:
        """Send piece after piece until the client or the test has had enough."""
        for piece in data:
            self.send(piece)
            if self.stop.wait(every_s):
                return

    def flood(self, piece: bytes) -> None:
        while not self.stop.is_set():
            self.send(piece)


class HostileApiServer:
    def __init__(self, port: int) -> None:
        self.port = port
        self.server = f"http://127.0.0.1:{port}"
        self.visits: list[Visit] = []
        self.stopping = threading.Event()

    def stop(self) -> None:
        """End every connection."""
        self.stopping.set()
        for visit in self.visits:
            with suppress(OSError):
                visit.connection.shutdown(socket.SHUT_RDWR)


def head(status: str = "200 OK", kind: str = "application/json", *more: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Type: {kind}", *more, "", ""]).encode()


def endless(piece: bytes) -> Iterator[bytes]:
    return itertools.repeat(piece)


@contextmanager
def hostile_api_server(answer: Answer, *, tls: ssl.SSLContext | None = None) -> Iterator[HostileApiServer]:
    """Runs while the block lasts; `answer` is called for every connection, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    found = HostileApiServer(listener.getsockname()[1])

    def serve(visit: Visit) -> None:
        with suppress(OSError), visit.connection:
            if tls is not None:
                visit.connection = tls.wrap_socket(visit.connection, server_side=True)
            answer(visit)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            visit = Visit(connection, len(found.visits) + 1, found.stopping)
            found.visits.append(visit)
            threading.Thread(target=serve, args=(visit,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield found
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        found.stop()


def credentials_for(server: str, *, ca_data: bytes | None = None) -> Credentials:
    return Credentials(server=server, token="t", ca_data=ca_data)
