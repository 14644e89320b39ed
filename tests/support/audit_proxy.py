"""Between our client and the API server: passes everything through and writes down every request that writes."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3

from tests.support.kubeconfigs import a_kubeconfig
from tests.support.wait import until

WRITES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Write:
    at: float
    method: str
    path: str
    """Without its query."""
    status: int


@dataclass(frozen=True, slots=True)
class Hold:
    reached: threading.Event = field(default_factory=threading.Event)
    """A write has come and waits."""
    released: threading.Event = field(default_factory=threading.Event)
    reads: bool = False
    """Whether reads wait as well."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that the API server does not give."""

    status: int
    message: str
    retry_after: str | None = None

    def body(self) -> bytes:
        return json.dumps(
            {"kind": "Status", "status": "Failure", "code": self.status, "message": self.message}
        ).encode()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    """With the usual 5, eight connections at once may overflow: the kernel then delivers what one of them sent a second
    later, when its sender may have been halted for long."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.connections: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # the one who asked was killed
            super().handle_error(request, client_address)


class AuditProxy:
    """A plain HTTP server on loopback; `kubeconfig` leads to it with the original's credentials behind it."""

    def __init__(self, kubeconfig: str) -> None:
        from clusters.domain.kubeconfig import parse_kubeconfig
        from clusters.kube.tls import tls_context

        credentials = parse_kubeconfig(kubeconfig)
        address = urllib3.util.parse_url(credentials.server)
        pool = urllib3.HTTPSConnectionPool(
            address.host or "", address.port, maxsize=16, ssl_context=tls_context(credentials), retries=False
        )
        token = {"Authorization": f"Bearer {credentials.token}"} if credentials.token else {}
        self.writes: list[Write] = []
        self.fault: Callable[[str, str], Fault | None] = lambda method, path: None
        """What is answered in place of the API server to a request (its path with the query), if anything."""
        self._holds: dict[str, Hold] = {}
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else None
                if len(body or b"") < length:
                    self.close_connection = True  # half a request is none
                    return
                headers = {
                    name: value
                    for name, value in self.headers.items()
                    if name.lower() not in ("host", "connection", "content-length", "authorization")
                }
                hold = proxy._holds.get(self.path.partition("?")[0].rpartition("/")[2])
                if hold is not None and (hold.reads or self.command in WRITES):
                    hold.reached.set()
                    hold.released.wait()
                if (fault := proxy.fault(self.command, self.path)) is not None:
                    self.answer(fault.status, {"Retry-After": fault.retry_after}, fault.body())
                    return
                answer = pool.urlopen(self.command, self.path, body=body, headers={**headers, **token})
                if self.command in WRITES:
                    proxy.writes.append(
                        Write(time.monotonic(), self.command, self.path.partition("?")[0], answer.status)
                    )
                self.answer(answer.status, answer.headers, answer.data)

            def answer(self, status: int, headers: Mapping[str, str | None], data: bytes) -> None:
                self.send_response(status)
                for name in ("Content-Type", "Retry-After"):
                    if value := headers.get(name):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                with suppress(OSError):  # the one who asked may be dead by now
                    self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

            def log_message(self, *_: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def connections(self) -> frozenset[socket.socket]:
        """Those that are open now; one that was made before this call is among them, or has ended."""
        with socket.create_connection(self._server.server_address[:2]) as last:
            last.sendall(b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n")
            while last.recv(65536):  # connections are accepted in their order
                pass
        return frozenset(self._server.connections)

    def wait_for_the_end_of_others(self, connections: frozenset[socket.socket]) -> None:
        """Wait until what came by any other connection than these was passed on: a client that is killed leaves
        requests behind that are on their way."""
        until(lambda: self.connections() <= connections, what="the requests of a killed client have arrived")

    @contextmanager
    def hold(self, name: str, *, reads: bool = False) -> Iterator[Hold]:
        """Let writes of the object of this name wait until the end of the block, or until the hold is released.

        With `reads` its reads wait, too; a collection goes by the name of its resource.
        """
        hold = self._holds[name] = Hold(reads=reads)
        try:
            yield hold
        finally:
            hold.released.set()
            del self._holds[name]

    @property
    def kubeconfig(self) -> str:
        server = f"http://127.0.0.1:{self._server.server_address[1]}"
        return a_kubeconfig(server, token="unused")

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
