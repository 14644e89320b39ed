"""A plan of 100 unchanged and 20 changed objects, beside `kubectl diff --server-side` of the same, and one of 201 new
objects, in one request each.

Each round takes fresh namespaces. The controllers, the scheduler and kwok are halted while it is timed, as in run_100.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from kubeorch.processes.garbage import spare_what_is_loaded
from tests.perf._product import database, role
from tests.perf._rows import report
from tests.perf.run_100 import find_kubectl, halted, kubectl_apply

ROUNDS = 5
SHOPS = 40
CHANGED = 20
LARGE = 67


def main() -> None:
    kubectl = find_kubectl()
    with database(KUBEORCH_LOG_LEVEL="WARNING") as found:
        from tests.support.control_plane import ControlPlane

        plane = ControlPlane(found.folder / "plane")
        try:
            with role("worker"):
                measure(plane, kubectl, found.folder)
        finally:
            plane.stop()


def measure(plane: Any, kubectl: str | None, folder: Path) -> None:
    from clusters import actions
    from tests.support.people import a_user

    person = a_user("admin")
    cluster = str(actions.register_sandbox(plane.kubeconfig))
    ours: list[float] = []
    first: list[float] = []
    theirs: list[float] = []
    spare_what_is_loaded()  # plans are made in this process, as the web role makes them
    for number in range(-1, ROUNDS):
        bench = Planned(person, cluster, plane, f"Round {number}")
        large = Planned(person, cluster, plane, f"Large {number}", shops=LARGE)
        beside = plane.namespace("kubectl")
        with halted(plane, True), tempfile.TemporaryDirectory(dir=folder) as files:
            fresh = large.plan()
            bench.run()
            bench.draw(changed=True)
            again = bench.plan()
            if kubectl:
                write(Path(files), manifests(a_graph(changed=False), beside))
                kubectl_apply(kubectl, plane, files)
                write(Path(files), manifests(a_graph(changed=True), beside))
                diff_s = kubectl_diff(kubectl, plane, files)
        if number >= 0:  # the first one warms up
            first.append(fresh)
            ours.append(again)
            if kubectl:
                theirs.append(diff_s)
    report("plan of 201 new objects", statistics.median(first), unit="s", must=2.0)
    if theirs:
        report(
            "plan of 100 unchanged, 20 changed vs kubectl diff",
            statistics.median(ours),
            statistics.median(theirs),
            unit="s",
            must=0.15,
            aim=0.05,
        )


class Planned:
    """A workflow of three objects a shop in a fresh namespace."""

    def __init__(self, person: Any, cluster: str, plane: Any, name: str, shops: int = SHOPS) -> None:
        from tests.support.workflows import an_environment

        self.person, self.shops = person, shops
        answer = person.post("workflows", {"name": name, "graph": a_graph(changed=False, shops=shops)})
        assert answer.status == 201, answer.body
        self.workflow = answer.body
        self.environment = an_environment(person, self.workflow, cluster, plane.namespace("ours"))

    def draw(self, *, changed: bool) -> None:
        path = f"workflows/{self.workflow['id']}/graph"
        rev = self.person.get(path).body["rev"]
        assert self.person.put(path, {"rev": rev, **a_graph(changed=changed)}).status == 200

    def plan(self) -> float:
        began = time.perf_counter()
        body = {"environment": self.environment["id"]}
        answer = self.person.post(f"workflows/{self.workflow['id']}/plans", body)
        took_s = time.perf_counter() - began
        assert answer.status == 201, answer.body
        counts = answer.body["counts"]
        assert counts["create"] == 3 * self.shops or (counts["update"], counts["unchanged"]) == (
            CHANGED,
            3 * SHOPS - CHANGED,
        ), counts
        return took_s

    def run(self) -> None:
        from bson import ObjectId

        from kubeorch.mongo.client import db
        from tests.support.wait import until

        answer = self.person.post(f"workflows/{self.workflow['id']}/runs", {"environment": self.environment["id"]})
        assert answer.status == 202, answer.body
        run_id = ObjectId(answer.body["id"])
        until(lambda: db().runs.find_one({"_id": run_id, "state": "verifying"}), timeout_s=60, every_s=0.05)
        self.person.post(f"runs/{run_id}/cancel")


def a_graph(*, changed: bool, shops: int = SHOPS) -> dict[str, Any]:
    """Shops of Service, Deployment and ConfigMap; in 20 of them the number of pods changes."""
    nodes: list[dict[str, Any]] = []
    for shop in range(shops):
        replicas = 2 if changed and shop < CHANGED else 1
        for kind, parameters in (
            ("deployment", {"image": "nginx:1.27", "replicas": replicas, "port": 8080}),
            ("service", {"ports": [{"name": "http", "port": 80, "target_port": 8080}]}),
            ("configmap", {"data": {f"KEY_{n}": f"value {n}" for n in range(8)}}),
        ):
            name = f"s{shop}-{kind}"
            place = {"id": name, "kind": kind, "name": name, "position": {"x": 0, "y": 0}}
            nodes.append({**place, "parameters": parameters, "patch": None})
    return {"nodes": nodes, "edges": []}


def manifests(graph: dict[str, Any], namespace: str) -> list[dict[str, Any]]:
    from workflows.catalog import catalog
    from workflows.domain.graphs.read_graph import parse_graph
    from workflows.domain.rendering.render import render_graph

    parsed = parse_graph(graph, catalog())
    rendered = render_graph(parsed, catalog(), namespace=namespace, environment_id="e" * 24)
    return [item.manifest for item in rendered]


def write(folder: Path, found: list[dict[str, Any]]) -> None:
    for index, manifest in enumerate(found):
        (folder / f"{index:03}.json").write_text(json.dumps(manifest))


def kubectl_diff(kubectl: str, plane: Any, folder: str) -> float:
    began = time.perf_counter()
    config = str(plane.kubeconfig_path)
    done = subprocess.run(
        [kubectl, "--kubeconfig", config, "diff", "--server-side", "-f", folder],
        check=False,
        capture_output=True,
    )
    assert done.returncode == 1, done.stderr  # there are differences
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
