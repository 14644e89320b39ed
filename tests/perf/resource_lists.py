"""How soon the first screen of many pods is there, and how soon a change of one shows after a raw watch has it.

The pods are those of a real API server, on which nothing acts, and the web role is asked over HTTP, beside the same
question of kubectl to the API server. `--pods 50000` for the larger bar; making them takes most of the time.
"""

from __future__ import annotations

import argparse
import http.client
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

from tests.perf._product import database
from tests.perf._rows import percentile, report

SCREEN = 100
ASKED, CHANGED = 30, 60
PACE_S = 0.05
BARS_MS = {10_000: 300.0, 50_000: 600.0}
CHANGE_MS = 200.0
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=10_000)
    count = parser.parse_args().pods
    from tests.support.control_plane import ControlPlane

    with database() as found:
        plane = ControlPlane(found.folder / "plane")
        try:
            measure(plane, count)
        finally:
            plane.stop()


def measure(plane: Any, count: int) -> None:
    from clusters.domain.kubeconfig import parse_kubeconfig
    from clusters.kube.client import KubeClient
    from tests.support.narrow import a_narrow_cluster
    from tests.support.people import a_user
    from tests.support.web_role import Web

    namespace = plane.namespace("many")
    client = KubeClient(parse_kubeconfig(plane.kubeconfig, allow_http=True), connections=8)
    fill(client, namespace, count)
    person = a_user("admin")
    path = f"/api/v1/clusters/{a_narrow_cluster(plane.kubeconfig, 'sandbox')}/resources"
    web = Web()
    try:
        headers = {"Authorization": f"Bearer {person.token}"}
        ours = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
        ask(ours, f"{path}?{query()}", headers)  # what kinds there are is asked once
        screens = [timed(lambda: ask(ours, f"{path}?{query()}", headers)) for _ in range(ASKED)]
        theirs = [timed(lambda: first_table(client)) for _ in range(ASKED)]
        for name, share in (("p50", 0.5), ("p95", 0.95)):
            bar = f"first_screen_of_{count}_pods_{name}"
            more = {"kubectl_ms": round(percentile(theirs, share), 1)}
            bound = {"must" if name == "p50" else "aim": BARS_MS.get(count)}
            report(bar, percentile(screens, share), unit="ms", **bound, **more)
        page = ask(ours, f"{path}?{query()}", headers)
        late = changes(client, namespace, web.port, path, page["version"], headers)
        for name, share in (("p50", 0.5), ("p95", 0.95)):
            report(f"change_of_{count}_pods_after_raw_watch_{name}", percentile(late, share), unit="ms", must=CHANGE_MS)
    finally:
        web.stop()


def query(**more: str) -> str:
    return urlencode({"kind": "Pod", "limit": str(SCREEN), "system": "hide", **more})


def fill(client: Any, namespace: str, count: int) -> None:
    """For a scheduler that is not there, so that nobody acts on them."""
    container = {
        "name": "main",
        "image": "registry.test/shop:1",
        "env": [{"name": f"V{row}", "value": "value " * 8} for row in range(20)],
    }

    def create(number: int) -> None:
        metadata = {"name": f"web-6c9f7d5b8-{number:05d}", "labels": {"app": f"web-{number % 50}"}}
        spec = {"schedulerName": "nobody", "containers": [container]}
        body = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
        client.request("POST", f"/api/v1/namespaces/{namespace}/pods", body=body, timeout_s=60)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, range(count)))


def timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def ask(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> dict[str, Any]:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    found: dict[str, Any] = json.loads(answer.read())
    assert answer.status == 200, found
    assert len(found["results"]) == SCREEN
    return found


def first_table(client: Any) -> None:
    status, _, data = client.exchange("GET", "/api/v1/pods", query={"limit": str(SCREEN)}, headers={"Accept": TABLE})
    assert status == 200
    assert len(json.loads(data)["rows"]) == SCREEN


def changes(client: Any, namespace: str, port: int, path: str, version: str, headers: dict[str, str]) -> list[float]:
    """By how many milliseconds a page hears of a change later than a watch of the API server's own."""
    raw: dict[str, float] = {}
    shown: dict[str, float] = {}
    ready = threading.Event()

    def watch_raw() -> None:
        with client.stream(
            f"/api/v1/namespaces/{namespace}/pods", query={"watch": "1", "resourceVersion": version}
        ) as lines:
            ready.set()
            for line in lines:
                raw.setdefault(mark_of(json.loads(line)["object"]["metadata"].get("labels")), time.perf_counter())
                if len(raw) > CHANGED:
                    return

    def watch_ours() -> None:
        stream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        stream.request("GET", f"{path}/changes?{query(version=version)}", headers=headers)
        for data in events(stream.getresponse()):
            for row in data.get("rows", []):
                shown.setdefault(mark_of(row["labels"]), time.perf_counter())
            if len(shown) > CHANGED:
                return

    readers = [threading.Thread(target=work, daemon=True) for work in (watch_raw, watch_ours)]
    for reader in readers:
        reader.start()
    ready.wait(30)
    for number in range(CHANGED + 1):
        name = f"web-6c9f7d5b8-{number:05d}"
        patch = {"metadata": {"labels": {"mark": str(number)}}}
        client.request(
            "PATCH",
            f"/api/v1/namespaces/{namespace}/pods/{name}",
            body=patch,
            headers={"Content-Type": "application/merge-patch+json"},
        )
        time.sleep(PACE_S)  # the pace of the load; nothing is waited for
    for reader in readers:
        reader.join(60)
    known = [mark for mark in shown if mark and mark in raw]
    assert len(known) >= CHANGED, (len(raw), len(shown))
    return [(shown[mark] - raw[mark]) * 1000 for mark in known]


def mark_of(labels: dict[str, str] | None) -> str:
    return (labels or {}).get("mark", "")


def events(answer: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
    while line := answer.readline():
        if line.startswith(b"data:"):
            yield json.loads(line[5:])


if __name__ == "__main__":
    main()
