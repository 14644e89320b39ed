"""Servers that answer as registries of others do, or as none does: token servers, refusals, pages of a portal."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def login(self) -> str:
        """`user:password` of Basic, or the token."""
        scheme, _, rest = self.headers.get("Authorization", "").partition(" ")
        return base64.b64decode(rest).decode() if scheme == "Basic" else rest


@dataclass(frozen=True)
class Said:
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Answers = Callable[[Asked], Said]


@dataclass
class OddRegistry:
    host: str
    asked: list[Asked] = field(default_factory=list)
    answers: Answers = lambda _: Said(404)

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def logins(self) -> set[str]:
        return {one.login for one in self.asked if one.login}


@contextmanager
def an_odd_registry(answers: Answers = lambda _: Said(404), *, address: str = "127.0.0.1") -> Iterator[OddRegistry]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
            running.asked.append(asked)
            said = running.answers(asked)
            raw = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode() if said.body else b""
            self.send_response(said.status)
            for name, value in {"Content-Length": str(len(raw)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(raw)

        do_GET = do_POST = do_HEAD = do_DELETE = do_PUT = answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer((address, 0), Handler)
    running = OddRegistry(f"{address}:{server.server_address[1]}", answers=answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()


class TokenRegistry:
    """One that asks for tokens, as Docker Hub does: `rights` says what an account may do in a repository."""

    def __init__(self, *, password: str = "right", rights: str = "pull,push", realm: str = "") -> None:
        self.password, self.rights, self.realm = password, rights, realm
        self.uploads: set[str] = set()
        self.host = ""

    def __call__(self, asked: Asked) -> Said:
        path, _, query = asked.path.partition("?")
        if path == "/token":
            if asked.login and asked.login != f"me:{self.password}":
                return Said(401, {"errors": [{"code": "UNAUTHORIZED", "message": "incorrect username or password"}]})
            return Said(200, {"token": f"token {query}".replace(" ", "-").replace("&", "."), "expires_in": 300})
        if not asked.login:
            realm = self.realm or f"http://{self.host}/token"
            return Said(401, headers={"WWW-Authenticate": f'Bearer realm="{realm}",service="odd"'})
        if path == "/v2/":
            return Said(200, {})
        action = "push" if asked.method in ("POST", "DELETE") else "pull"
        if action not in self.rights:
            return Said(401, {"errors": [{"code": "DENIED", "message": "requested access is denied"}]})
        if asked.method == "POST":
            self.uploads.add("/v2/x/blobs/uploads/1")
            return Said(202, headers={"Location": "/v2/x/blobs/uploads/1?_state=a"})
        if asked.method == "DELETE":
            self.uploads.discard(path)
            return Said(204)
        return Said(200, {"name": "x", "tags": ["1"]})
