"""Gives tokens for the embedded registry: one small HTTP server, for requests of one form.

What comes in is bounded: so many connections at once, each for so many seconds in all, heads of so many bytes (by
`http.server`), no body.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import secrets
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from builds.registries.embedded.accounts import Entry, Given, entry_of
from builds.registries.embedded.tokens import SCOPES_MOST, SERVICE, granted, life_of, token_of

CONNECTIONS_MOST = 64
OF_AN_ADDRESS_MOST = 16
"""Of these; nodes and people behind one address ask again."""
LIFE_OF_CONNECTION_S = 15.0
LOOK_EVERY_S = 0.5
PATH_MAX = 16_000
REALM = "KubeOrch's registry"


@dataclass(frozen=True, slots=True)
class Giver:
    """What tokens are made with, and who hears of them."""

    access_key: str
    given: Callable[[], Given]
    """Asked each time."""
    signing_key: ec.EllipticCurvePrivateKey
    chain: bytes
    is_full: Callable[[str], bool]
    """Whether a team pushes nothing more."""
    on_change: Callable[[bool], None]
    """Called when something may be pushed, or (True) deleted, from now on."""

    def entry(self, authorization: str) -> Entry | None:
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        if not colon:
            return None
        return entry_of(self.access_key, name, password, self.given(), at_s=time.time())

    def give(self, entry: Entry, scopes: list[str]) -> dict[str, Any]:
        grants = granted(entry, scopes, is_full=self.is_full(entry.team))
        actions = {action for one in grants for action in one.actions}
        if "push" in actions or "delete" in actions:
            self.on_change("delete" in actions)
        moment = datetime.now(UTC)
        token = token_of(
            entry,
            grants,
            key=self.signing_key,
            chain=self.chain,
            at_s=int(moment.timestamp()),
            token_id=secrets.token_hex(16),
        )
        issued_at = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
        return {"token": token, "access_token": token, "expires_in": life_of(grants), "issued_at": issued_at}


@contextlib.contextmanager
def serving(giver: Giver, host: str, port: int, tls: ssl.SSLContext | None) -> Iterator[None]:
    """Tokens are given while the block lasts. Raises OSError where the port is not free."""
    server = _Server((host, port), giver, tls)
    thread = threading.Thread(target=server.serve_forever, args=(LOOK_EVERY_S,), name="registry-tokens")
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = CONNECTIONS_MOST
    allow_reuse_address = True

    def __init__(self, place: tuple[str, int], giver: Giver, tls: ssl.SSLContext | None) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self.giver, self._tls = giver, tls
        self._lock = threading.Lock()
        self._open: dict[socket.socket, tuple[float, str]] = {}
        """Until when, and from where."""
        super().__init__(place, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, where = super().get_request()
        if self._tls is not None:  # shaken hands in the thread of the connection
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open[connection] = (time.monotonic() + LIFE_OF_CONNECTION_S, str(where[0]))
        return connection, where

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """False ends the connection."""
        with self._lock:
            of_each = Counter(address for _, address in self._open.values())
            return len(self._open) <= CONNECTIONS_MOST and of_each[str(client_address[0])] <= OF_AN_ADDRESS_MOST

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """End connections that have had their time; called twice a second."""
        now = time.monotonic()
        with self._lock:
            late = [connection for connection, (until, _) in self._open.items() if until < now]
        for connection in late:
            with contextlib.suppress(OSError):  # it has just ended
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke, or whose TLS is none, is no trouble of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "KubeOrch"
    sys_version = ""
    timeout = LIFE_OF_CONNECTION_S

    def do_GET(self) -> None:
        parts = urlsplit(self.path) if len(self.path) <= PATH_MAX else urlsplit("/")
        if parts.path != "/token":
            self._answer(404, {"errors": [{"code": "NOT_FOUND", "message": "tokens are at /token"}]})
            return
        giver = self.server.giver
        entry = giver.entry(self.headers.get("Authorization", ""))
        if entry is None:
            self._refuse("the name or the password is not one of this registry")
            return
        try:
            query = parse_qs(parts.query, max_num_fields=SCOPES_MOST + 10, errors="replace")
        except ValueError:
            self._answer(400, {"errors": [{"code": "UNSUPPORTED", "message": "too many parameters"}]})
            return
        if query.get("service", [SERVICE]) != [SERVICE]:
            self._answer(400, {"errors": [{"code": "UNSUPPORTED", "message": f"the service here is {SERVICE}"}]})
            return
        scopes = [scope for given in query.get("scope", []) for scope in given.split(" ")]
        self._answer(200, giver.give(entry, scopes))

    def do_POST(self) -> None:
        """Clients that try OAuth 2 first go on to GET after this status. Source: containerd, `remotes/docker`."""
        self.close_connection = True  # the body is left unread
        self._answer(405, {"errors": [{"code": "UNSUPPORTED", "message": "ask with GET"}]}, {"Allow": "GET"})

    def _refuse(self, message: str) -> None:
        self._answer(
            401,
            {"errors": [{"code": "UNAUTHORIZED", "message": message}]},
            {"WWW-Authenticate": f'Basic realm="{REALM}"'},
        )

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Cache-Control": "no-store", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name of the base class)
        """Nothing: requests carry passwords, and answers tokens."""
