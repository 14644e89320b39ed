"""A server that answers as Prometheus' HTTP API does, for one pod and one node; or as something else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class PrometheusServer:
    port: int
    container: dict[str, str] = field(default_factory=dict)
    """The labels of the only container that it has figures of."""
    clusters: list[str] = field(default_factory=lambda: [""])
    """What its figures have for the label `cluster`; those of others than the first are told by their label alone."""
    body: bytes | None = None
    """Answered to everything, in the place of what Prometheus would."""
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, query: dict[str, str]) -> dict[str, Any]:
        words = query.get("query", "")
        cpu, of_node = "cpu_usage" in words, 'id="/"' in words
        if "start" in query:
            value = "0.5" if cpu else "2048"
            start, step = float(query["start"]), float(query["step"])
            rows = [{"metric": {}, "values": [[start, value], [start + step, value]]}] if self.container else []
        elif "count by (cluster)" in words:
            named = [name for name in self.clusters if 'cluster="' not in words or f'cluster="{name}"' in words]
            rows = [{"metric": {"cluster": name} if name else {}, "value": [1.0, "3"]} for name in named]
        else:
            labels = {"node": "one"} if of_node else self.container
            rows = [{"metric": labels, "value": [1.0, "0.25" if cpu else "1048576"]}] if labels else []
        return {"status": "success", "data": {"resultType": "matrix" if "start" in query else "vector", "result": rows}}


@contextmanager
def prometheus_server() -> Iterator[PrometheusServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            fake.asked.append(query)
            data = fake.body if fake.body is not None else json.dumps(fake.answer(query)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = PrometheusServer(server.server_address[1])
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
