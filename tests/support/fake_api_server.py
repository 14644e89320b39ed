"""An API server over loopback that shows whatever a test wants, also what no real one would show.

It knows the kinds of `clusters.kube.discovery.KNOWN`, streams lists and watches, and looks at no selector.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from clusters.kube.discovery import KNOWN
from tests.support.kubeconfigs import a_kubeconfig

Manifest = dict[str, Any]


class FakeApiServer:
    """`put` and `delete` change what is watched; `refuse(path, status)` answers a collection with an error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = 100
        self._objects: dict[str, dict[tuple[str, str], Manifest]] = {}
        self._watchers: dict[str, list[queue.Queue[bytes | None]]] = {}
        self._history: dict[str, list[tuple[int, bytes]]] = {}
        self._refused: dict[str, int] = {}
        self.port = 0
        self.ahead_s = 0.0
        """How far its clock is ahead of ours."""
        self.answers = threading.Event()
        """Cleared by `hang`: requests are taken, and wait until it is set again."""
        self.answers.set()

    @property
    def kubeconfig(self) -> str:
        return a_kubeconfig(f"http://127.0.0.1:{self.port}", token="fake")

    # What happens in the cluster

    def put(self, manifest: Manifest) -> Manifest:
        """The object as it is now, with a uid and the next resourceVersion unless it brings its own."""
        path = path_of(manifest)
        with self._lock:
            self._version += 1
            metadata = {"uid": f"uid-{manifest['metadata']['name']}", **manifest["metadata"]}
            metadata["resourceVersion"] = str(self._version)
            found = {**manifest, "metadata": metadata}
            members = self._objects.setdefault(path, {})
            key = (metadata.get("namespace", ""), metadata["name"])
            kind = "MODIFIED" if key in members else "ADDED"
            members[key] = found
            self._tell(path, kind, found)
        return found

    def delete(self, manifest: Manifest) -> None:
        path = path_of(manifest)
        with self._lock:
            self._version += 1
            metadata = manifest["metadata"]
            found = self._objects.get(path, {}).pop((metadata.get("namespace", ""), metadata["name"]), None)
            if found is not None:
                gone = {**found, "metadata": {**found["metadata"], "resourceVersion": str(self._version)}}
                self._tell(path, "DELETED", gone)

    def refuse(self, path: str, status: int | None) -> None:
        """Answer everything about a collection with `status`, and end its watches; None: answer again."""
        with self._lock:
            if status is None:
                self._refused.pop(path, None)
            else:
                self._refused[path] = status
                for watcher in self._watchers.pop(path, []):
                    watcher.put(None)

    def hang(self) -> None:
        """Take requests and answer none, until `answers` is set."""
        self.answers.clear()

    def end_watches(self) -> None:
        with self._lock:
            for watchers in self._watchers.values():
                for watcher in watchers:
                    watcher.put(None)
            self._watchers.clear()

    def _tell(self, path: str, kind: str, found: Manifest) -> None:
        self._history.setdefault(path, []).append((self._version, _line(kind, found)))
        for watcher in self._watchers.get(path, ()):
            watcher.put(_line(kind, found))

    # What a client sees

    def answer(self, path: str) -> tuple[int, Manifest]:
        if path == "/version":
            return 200, {"gitVersion": "v1.36.3", "major": "1", "minor": "36"}
        with self._lock:
            if path in self._refused:
                return self._refused[path], _status(self._refused[path])
            if path in _PATHS:
                items = list(self._objects.get(path, {}).values())
                return 200, {"metadata": {"resourceVersion": str(self._version)}, "items": items}
        return 404, _status(404)

    def watch(self, path: str, after: int | None) -> Iterator[bytes] | None:
        """Lines of a watch, from every object there is or from what came `after`; None: the collection is refused."""
        if path in self._refused or path not in _PATHS:
            return None
        mine: queue.Queue[bytes | None] = queue.Queue()
        with self._lock:
            if after is not None:
                for version, line in self._history.get(path, ()):
                    if version > after:
                        mine.put(line)
            else:
                for found in self._objects.get(path, {}).values():
                    mine.put(_line("ADDED", found))
                mine.put(bookmark(path, str(self._version)))
            self._watchers.setdefault(path, []).append(mine)
        return iter(mine.get, None)


def bookmark(path: str, version: str) -> bytes:
    """The line that ends the objects there were when a watch began."""
    api_version, kind = next(known for known, resource in KNOWN.items() if resource.path() == path)
    metadata = {"resourceVersion": version, "annotations": {"k8s.io/initial-events-end": "true"}}
    return _line("BOOKMARK", {"apiVersion": api_version, "kind": kind, "metadata": metadata})


def path_of(manifest: Manifest) -> str:
    """The collection, in all namespaces, that holds the object."""
    return KNOWN[(manifest["apiVersion"], manifest["kind"])].path()


@contextmanager
def fake_api_server(fake: FakeApiServer | None = None) -> Iterator[FakeApiServer]:
    """Run it, or a new one, on loopback while the block lasts."""
    fake = fake or FakeApiServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            fake.answers.wait()
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            after = None if "sendInitialEvents" in query else int(query.get("resourceVersion") or 0)
            lines = fake.watch(parts.path, after) if query.get("watch") else None
            if lines is None:
                status, body = fake.answer(parts.path)
                if query.get("watch") and status == 200:
                    status, body = 404, _status(404)
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                with suppress(OSError):  # the client may have given up meanwhile
                    self.wfile.write(data)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                for line in lines:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                self.wfile.write(b"0\r\n\r\n")
            except OSError:
                self.close_connection = True

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(time.time() + fake.ahead_s)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.answers.set()
        fake.end_watches()
        server.shutdown()
        server.server_close()


_PATHS = frozenset(resource.path() for resource in KNOWN.values())


def _line(kind: str, found: Manifest) -> bytes:
    return json.dumps({"type": kind, "object": found}).encode() + b"\n"


def _status(code: int) -> Manifest:
    reason = {404: "NotFound", 403: "Forbidden", 503: "ServiceUnavailable"}.get(code, "InternalError")
    return {"kind": "Status", "code": code, "reason": reason, "message": f"the fake answers {code}"}
