"""A cluster over loopback whose containers talk at a steady pace and whose shells say back what they hear.

`python -m tests.perf._streaming_cluster` prints its two ports, for logs and for shells. It knows what kubectl asks
first, and answers kubectl and us alike. A process of its own, since it must not take time from whoever reads.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

PODS, LINES, LINES_PER_S = 10, 200_000, 20_000
TICK_S = 0.02
TEXT = "INFO request served method=GET path=/api/v1/orders status=200 bytes=5120 duration_ms=12 trace=4bf92f3577b34da6"
EPOCH = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)


def a_pod(name: str) -> dict[str, Any]:
    running = {"name": "main", "containerID": f"cri://{name}", "ready": True, "state": {"running": {}}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": f"u{name}",
            "resourceVersion": "5",
            "labels": {"app": "web"},
        },
        "spec": {"containers": [{"name": "main", "image": "web", "stdin": True, "tty": True}]},
        "status": {"phase": "Running", "containerStatuses": [running]},
    }


NAMES = [f"web-{number}" for number in range(PODS)]
_POD_RESOURCE = {
    "name": "pods",
    "singularName": "pod",
    "namespaced": True,
    "kind": "Pod",
    "verbs": ["get", "list", "watch"],
}
_WORKLOAD = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "uid": "d"},
    "spec": {"selector": {"matchLabels": {"app": "web"}}},
}


def answer(path: str) -> dict[str, Any] | None:
    """What is not a stream."""
    match path.strip("/").split("/"):
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"]}
        case ["apis"]:
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": []}
        case ["api", "v1"]:
            return {"kind": "APIResourceList", "groupVersion": "v1", "resources": [_POD_RESOURCE]}
        case ["version"]:
            return {"gitVersion": "v1.36.3", "major": "1", "minor": "36"}
        case ["apis", "apps", "v1", "namespaces", "shop", "deployments", "web"]:
            return _WORKLOAD
        case ["api", "v1", "namespaces", "shop", "pods"]:
            pods = [a_pod(name) for name in NAMES]
            return {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "5"}, "items": pods}
        case ["api", "v1", "namespaces", "shop", "pods", name] if name in NAMES:
            return a_pod(name)
    return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        with suppress(OSError):  # whoever reads has had enough
            self._answer()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.endswith("/log"):
            self._begin("text/plain")
            self._talk("timestamps=true" in parts.query)
        elif "watch=" in parts.query:
            self._begin("application/json")
            for name in NAMES:
                self._chunk(json.dumps({"type": "ADDED", "object": a_pod(name)}).encode() + b"\n")
            metadata = {"resourceVersion": "5", "annotations": {"k8s.io/initial-events-end": "true"}}
            self._chunk(json.dumps({"type": "BOOKMARK", "object": {"metadata": metadata}}).encode() + b"\n")
            threading.Event().wait()
        else:
            found = answer(parts.path)
            body = json.dumps(found or {"kind": "Status", "code": 404, "reason": "NotFound"}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def _begin(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _talk(self, timestamps: bool) -> None:
        """Its share of the lines, each tick those that are due by then; then silence."""
        began, written = time.monotonic(), 0
        while written < LINES // PODS:
            due = min(LINES // PODS, int((time.monotonic() - began) * LINES_PER_S / PODS))
            lines = [line(number, timestamps) for number in range(written, due)]
            if lines:
                self._chunk("".join(lines).encode())
            written = due
            time.sleep(TICK_S)
        threading.Event().wait()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        pass


def line(number: int, timestamps: bool) -> str:
    at = EPOCH + timedelta(microseconds=number * 500)
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}000Z {TEXT} {number}\n" if timestamps else f"{TEXT} {number}\n"


def _plain(connection: ServerConnection, request: Request) -> Response | None:
    path = urlsplit(request.path).path
    if path.endswith("/exec"):
        return None
    found = answer(path)
    body = json.dumps(found or {"kind": "Status", "code": 404, "reason": "NotFound"}).encode()
    headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"})
    return Response(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND, "", headers, body)


def _echo(connection: ServerConnection) -> None:
    try:
        for message in connection:
            if isinstance(message, bytes) and message[:1] == b"\x00":
                connection.send(b"\x01" + message[1:])
    except ConnectionClosed:
        return


def main() -> None:
    logs = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    logs.daemon_threads = True
    threading.Thread(target=logs.serve_forever, daemon=True).start()
    protocols: Any = ["v5.channel.k8s.io", "v4.channel.k8s.io"]
    with serve(_echo, "127.0.0.1", 0, process_request=_plain, subprotocols=protocols, compression=None) as shells:
        print(logs.server_address[1], shells.socket.getsockname()[1], flush=True)
        shells.serve_forever()


if __name__ == "__main__":
    main()
