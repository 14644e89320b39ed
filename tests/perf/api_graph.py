"""Get and save a graph of 200 nodes over HTTP, through daphne with a bearer token, on an own mongod.

`theirs` is a bare ASGI handler under the same daphne that does one find, or one update, of the same document: no
rights, no checks, no revision, no versions. Ours and theirs take turns, request by request.
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

from kubeorch.processes.ports import is_free
from tests.perf._product import database, program
from tests.perf._rows import percentile, report
from tests.support.ports import free_port
from tests.support.wait import until
from tests.support.web_role import Web

NODES = 200
ROUNDS = 300
MUST = {"graph_get_200": 1.6, "graph_save_200": 2.2}
AIM = {"graph_get_200": 1.3, "graph_save_200": 1.6}


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
    """One kept connection, with a bearer token once it has one."""

    def __init__(self, port: int, root: str = "/api/v1/") -> None:
        self._root = root
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.token = ""

    def close(self) -> None:
        self._connection.close()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        raw = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Connection": "keep-alive"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        self._connection.request(method, self._root + path, raw, headers)
        response = self._connection.getresponse()
        data = response.read()
        if response.status >= 400:
            raise SystemExit(f"{method} {path}: {response.status} {data[:2000]!r}")
        return json.loads(data) if data else None


def timed(*works: Callable[[int], Any]) -> list[list[float]]:
    """Milliseconds of each round of each work, which take turns; the first twenty rounds warm up."""
    took: list[list[float]] = [[] for _ in works]
    for number in range(ROUNDS + 20):
        for work, row in zip(works, took, strict=True):
            started = time.perf_counter()
            work(number)
            row.append((time.perf_counter() - started) * 1000)
    return [row[20:] for row in took]


def show(bar: str, took: list[list[float]]) -> None:
    ours, theirs = took
    rest = {"p99": round(percentile(ours, 0.99), 2), "p99_theirs": round(percentile(theirs, 0.99), 2)}
    report(bar, percentile(ours, 0.5), percentile(theirs, 0.5), unit="ms", must=MUST[bar], aim=AIM[bar], **rest)


def over_http(client: Client, bare: Client) -> None:
    account = {"email": "perf@example.test", "password": "a long walk by the river", "name": "Perf"}
    client.token = client.call("POST", "auth/register", account)["token"]
    workflow = client.call("POST", "workflows", {"name": "Perf", "graph": a_graph(0)})["id"]
    path = f"workflows/{workflow}/graph"
    bodies = [json.dumps({"rev": number + 1, **a_graph(number + 1)}).encode() for number in range(ROUNDS + 20)]
    bare.call("PUT", "graph/perf", json.dumps(client.call("GET", path)).encode())
    show("graph_get_200", timed(lambda _: client.call("GET", path), lambda _: bare.call("GET", "graph/perf")))
    show(
        "graph_save_200",
        timed(
            lambda number: client.call("PUT", path, bodies[number]),
            lambda number: bare.call("PUT", "graph/perf", bodies[number]),
        ),
    )


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
        (took,) = timed(work)
        profile.disable()
        print(f"== {what}: p50 {statistics.median(took):.2f} ms, profiled")
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


def main() -> None:
    with database():
        if "--where" in sys.argv:
            in_process()
            return
        web = Web()
        port = free_port()
        try:
            with program("tests.perf._bare_asgi", str(port)):
                until(lambda: not is_free(port), what="the bare handler listens")
                over_http(Client(web.port), Client(port, "/"))
        finally:
            web.stop()


if __name__ == "__main__":
    main()
