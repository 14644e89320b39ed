"""A server of Git LFS that gives what it is told to give, on loopback."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


def pointer_to(content: bytes) -> str:
    oid = sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"


@dataclass
class LfsServer:
    port: int = 0
    contents: dict[str, bytes] = field(default_factory=dict)
    """By oid, whatever these say."""
    href: str = ""
    """Where files are said to be; "" here."""
    batch_status: int = 200
    file_status: int = 200
    gives_parts: bool = True
    leads_to: str = ""
    """Where a question for a file is sent on to."""
    entry: dict[str, str] = field(default_factory=dict)
    """Headers that files are to be asked for with."""
    heads: list[dict[str, str]] = field(default_factory=list)
    """Of questions for files, with names in lower case."""
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Method, path, credential and range of each request."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, content: bytes, given: bytes | None = None) -> str:
        """Have a file, which comes as `given`; the text of its pointer."""
        self.contents[sha256(content).hexdigest()] = content if given is None else given
        return pointer_to(content)


@contextmanager
def an_lfs_server() -> Iterator[LfsServer]:
    told = LfsServer()
    server = _Server(("127.0.0.1", 0), _handler(told))
    told.port = server.server_port
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asks may hang up."""


def _handler(told: LfsServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._note()
            wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["objects"]
            rows = [
                {**one, "actions": {"download": {"href": self._href(one["oid"]), "header": told.entry}}}
                for one in wanted
            ]
            self._answer(told.batch_status, json.dumps({"objects": rows}).encode())

        def do_GET(self) -> None:
            self._note()
            told.heads.append({name.lower(): value for name, value in self.headers.items()})
            if told.leads_to:
                self._answer(302, b"", f"{told.leads_to}{self.path}")
                return
            content, status = told.contents[self.path.rpartition("/")[2]], told.file_status
            if told.gives_parts and status == 200 and (found := _RANGE.fullmatch(self.headers.get("Range", ""))):
                content, status = content[int(found[1]) : int(found[2]) + 1], 206
            self._answer(status, content)

        def _href(self, oid: str) -> str:
            return f"{told.href or told.url}/files/{oid}"

        def _note(self) -> None:
            credential, part = self.headers.get("Authorization", ""), self.headers.get("Range", "")
            told.asked.append((self.command, urlsplit(self.path).path, credential, part))

        def _answer(self, status: int, content: bytes, location: str = "") -> None:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
