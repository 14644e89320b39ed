"""Get and save a graph of 200 nodes over HTTP, through daphne with a bearer token, on an own mongod.

`must` is the p50 that the Go program before this one reached on such a machine and the same mongod.
`--where` prints where the server's time goes instead (a profile of saves and gets in this process).
"""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.perf._product import database
from tests.perf._rows import percentile, report
from tests.support.web_role import Web

NODES = 200
ROUNDS = 300
MUST_MS = {"graph_get_200": 7.9, "graph_save_200": 23.4}


def a_graph(changed: int) -> dict[str, Any]:
    """40 shops of five nodes each; the `changed`-th edit touches one shop, so two differ from one save to the next."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for shop in range(NODES // 5):
        for row, (kind, parameters) in enumerate(
            (
                ("deployment", _deployment(shop, changed if shop == changed % (NODES // 5) else 1)),
                ("service", {"ports": [{"name": "http", "port": 80, "target_port": 8080}]}),
                ("configmap", {"data": {f"KEY_{number}": f"value {number}" for number in range(8)}}),
                ("deployment", _deployment(shop, 1)),
                ("configmap", {"data": {"app.conf": "listen 8080\n" * 10}}),
            )
        ):
            nodes.append(
                {
                    "id": f"s{shop}-{row}",
                    "kind": kind,
                    "name": f"s{shop}-{row}",
                    "position": {"x": 240.5 * row, "y": 120.25 * shop},
                    "parameters": parameters,
                    "patch": None,
                }
            )
        edges.append(_edge(shop, 1, 0, "exposes"))
        edges.append(_edge(shop, 2, 0, "sets_env"))
    return {"nodes": nodes, "edges": edges}


def _deployment(shop: int, replicas: int) -> dict[str, Any]:
    return {
        "image": f"registry.test/shop-{shop}:1.27",
        "replicas": replicas,
        "env": {f"VAR_{number}": f"value {number}" for number in range(5)},
        "labels": {"team": "shop", "tier": "front"},
    }


def _edge(shop: int, source: int, target: int, relation: str) -> dict[str, Any]:
    return {
        "id": f"e{shop}-{source}-{target}",
        "source": f"s{shop}-{source}",
        "target": f"s{shop}-{target}",
        "relation": relation,
        "parameters": {},
    }


class Client:
    """One kept connection with a bearer token."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.token = ""

    def close(self) -> None:
        self._connection.close()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        raw = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Connection": "keep-alive"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        self._connection.request(method, f"/api/v1/{path}", raw, headers)
        response = self._connection.getresponse()
        data = response.read()
        if response.status >= 400:
            raise SystemExit(f"{method} {path}: {response.status} {data[:2000]!r}")
        return json.loads(data) if data else None


def timed(work: Callable[[int], Any]) -> list[float]:
    """Milliseconds of each round; the first twenty warm up."""
    took: list[float] = []
    for number in range(ROUNDS + 20):
        started = time.perf_counter()
        work(number)
        took.append((time.perf_counter() - started) * 1000)
    return took[20:]


def show(bar: str, took: list[float]) -> None:
    report(bar, percentile(took, 0.5), unit="ms", must=MUST_MS[bar], p99=round(percentile(took, 0.99), 2))


def over_http(port: int) -> None:
    client = Client(port)
    account = {"email": "perf@example.test", "password": "a long walk by the river", "name": "Perf"}
    client.token = client.call("POST", "auth/register", account)["token"]
    workflow = client.call("POST", "workflows", {"name": "Perf", "graph": a_graph(0)})["id"]
    path = f"workflows/{workflow}/graph"
    bodies = [json.dumps({"rev": number + 1, **a_graph(number + 1)}).encode() for number in range(ROUNDS + 20)]
    show("graph_get_200", timed(lambda _: client.call("GET", path)))
    show("graph_save_200", timed(lambda number: client.call("PUT", path, bodies[number])))


def in_process() -> None:
    """A profile of the same two requests without HTTP, by function."""
    import cProfile
    import pstats

    from tests.support.people import a_user

    person = a_user("editor")
    made = person.post("workflows", {"name": "Perf", "graph": a_graph(0)})
    path = f"workflows/{made.body['id']}/graph"
    for what, work in (
        ("get", lambda number: person.get(path)),
        ("save", lambda number: person.put(path, {"rev": number + 1, **a_graph(number + 1)})),
    ):
        profile = cProfile.Profile()
        profile.enable()
        took = timed(work)
        profile.disable()
        print(f"== {what}: p50 {statistics.median(took):.2f} ms, profiled")
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


def main() -> None:
    with database():
        if "--where" in sys.argv:
            in_process()
            return
        web = Web()
        try:
            over_http(web.port)
        finally:
            web.stop()


if __name__ == "__main__":
    main()
