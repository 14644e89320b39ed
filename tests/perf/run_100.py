"""A run of 100 nodes: accept → last object applied, and the same run again with nothing changed.

Beside `kubectl apply --server-side` of the identical manifests and a bare loop of 8 connections that PATCHes them.
Each round takes fresh namespaces.

The bars compare what is put on the API server, so its controllers, scheduler and kwok are halted while it is timed:
all of them share this machine's cores, where a real cluster's have their own. The rows that end in "controllers
working" are the same with nothing halted; there the API server is busy with pods, whoever applies.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kubeorch.processes.garbage import spare_what_is_loaded
from tests.perf._product import database, role
from tests.perf._rows import report

ROUNDS = 5
SHOPS = 20
CONTROLLERS = ("kube-controller-manager", "kube-scheduler", "kwok")


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
    spare_what_is_loaded()  # runs are asked for in this process, as in the web role
    for halting, suffix in ((True, ""), (False, ", controllers working")):
        rounds = []
        for number in range(-1, ROUNDS):
            bench = OneRound(person, cluster, plane, f"{number}{suffix}")
            floor, beside = plane.namespace("floor"), plane.namespace("kubectl")
            with halted(plane, halting):
                timed = [bench.run(), bench.run(), bare_loop(plane, bench.manifests(floor))]
                if kubectl:
                    with tempfile.TemporaryDirectory(dir=folder) as files:
                        for index, manifest in enumerate(bench.manifests(beside)):
                            (Path(files) / f"{index:03}.json").write_text(json.dumps(manifest))
                        timed += [kubectl_apply(kubectl, plane, files), kubectl_apply(kubectl, plane, files)]
            if number >= 0:  # the first one warms up
                rounds.append(timed)
        ours, again, loop, *theirs = (list(column) for column in zip(*rounds, strict=True))
        compare(f"run_100 vs bare loop{suffix}", ours, loop, **{"must": 1.4, "aim": 1.2} if halting else {})
        if kubectl:
            compare(f"run_100 vs kubectl{suffix}", ours, theirs[0], **{"must": 0.13, "aim": 0.10} if halting else {})
            compare(f"rerun_100 vs kubectl{suffix}", again, theirs[1], **{"must": 0.03, "aim": 0.02} if halting else {})


@contextmanager
def halted(plane: Any, really: bool) -> Iterator[None]:
    """The control plane without what works behind the API server."""
    pids = [plane.sandbox.pids[name] for name in CONTROLLERS] if really else []
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


class OneRound:
    """A workflow of 100 nodes in a fresh namespace."""

    def __init__(self, person: Any, cluster: str, plane: Any, name: str) -> None:
        from tests.support.workflows import an_environment

        self.person = person
        self.namespace = plane.namespace("ours")
        answer = person.post("workflows", {"name": f"Round {name}", "graph": a_graph()})
        assert answer.status == 201, answer.body
        self.workflow = answer.body
        self.environment = an_environment(person, self.workflow, cluster, self.namespace)

    def run(self) -> float:
        """Seconds from the request until the last object was applied."""
        from bson import ObjectId

        from kubeorch.mongo.client import db
        from tests.support.wait import until

        began = time.time()
        answer = self.person.post(f"workflows/{self.workflow['id']}/runs", {"environment": self.environment["id"]})
        assert answer.status == 202, answer.body
        run_id = ObjectId(answer.body["id"])
        run = until(
            lambda: db().runs.find_one({"_id": run_id, "state": {"$in": ["verifying", "succeeded", "failed"]}}),
            timeout_s=60,
            every_s=0.02,
        )
        assert run["state"] != "failed", run["error"]
        assert run["counts"]["total"] == 5 * SHOPS, run["counts"]
        applied = run["applied_at"].timestamp() - began
        self.person.post(f"runs/{run_id}/cancel")
        return float(applied)

    def manifests(self, namespace: str) -> list[dict[str, Any]]:
        from workflows.catalog import catalog
        from workflows.domain.graphs.read_graph import parse_graph
        from workflows.domain.rendering.render import render_graph

        graph = parse_graph(a_graph(), catalog())
        rendered = render_graph(graph, catalog(), namespace=namespace, environment_id="e" * 24)
        return [item.manifest for item in rendered]


def a_graph() -> dict[str, Any]:
    """20 shops of Ingress → Service → Deployment with ConfigMap and Secret."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for shop in range(SHOPS):
        for kind, parameters in (
            ("deployment", {"image": "nginx:1.27", "replicas": 1, "port": 8080}),
            ("service", {"ports": [{"name": "http", "port": 80, "target_port": 8080}]}),
            ("configmap", {"data": {f"KEY_{n}": f"value {n}" for n in range(8)}}),
            ("secret", {"keys": []}),
            ("ingress", {"host": f"shop{shop}.example.com"}),
        ):
            node_id = f"s{shop}-{kind}"
            nodes.append(
                {
                    "id": node_id,
                    "kind": kind,
                    "name": node_id,
                    "position": {"x": 0, "y": 0},
                    "parameters": parameters,
                    "patch": None,
                }
            )
        for source, target, relation in (
            ("ingress", "service", "routes"),
            ("service", "deployment", "exposes"),
            ("configmap", "deployment", "mounts"),
        ):
            ends = (f"s{shop}-{source}", f"s{shop}-{target}")
            edges.append(
                {"id": "--".join(ends), "source": ends[0], "target": ends[1], "relation": relation, "parameters": {}}
            )
    return {"nodes": nodes, "edges": edges}


def bare_loop(plane: Any, manifests: list[dict[str, Any]]) -> float:
    """All manifests PATCHed over 8 connections, in no order and with nothing around it."""
    import urllib3

    from clusters.domain.kubeconfig import parse_kubeconfig
    from clusters.kube.tls import tls_context
    from tests.support.control_plane import path_of

    credentials = parse_kubeconfig(plane.kubeconfig)
    address = urllib3.util.parse_url(credentials.server)
    pool = urllib3.HTTPSConnectionPool(
        address.host or "", address.port, maxsize=8, ssl_context=tls_context(credentials), retries=False
    )
    token = {"Authorization": f"Bearer {credentials.token}"} if credentials.token else {}

    def patch(manifest: dict[str, Any]) -> None:
        answer = pool.urlopen(
            "PATCH",
            f"{path_of(manifest)}?fieldManager=bare",
            body=json.dumps(manifest).encode(),
            headers={"Content-Type": "application/apply-patch+yaml", **token},
        )
        assert answer.status in (200, 201), answer.data

    began = time.perf_counter()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(patch, manifests))
    return time.perf_counter() - began


def kubectl_apply(kubectl: str, plane: Any, folder: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        [kubectl, "--kubeconfig", str(plane.kubeconfig_path), "apply", "--server-side", "-f", folder],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - began


def find_kubectl() -> str | None:
    cache = Path(os.environ.get("KUBEORCH_CACHE") or Path.home() / ".cache" / "kubeorch") / "sandbox" / "bin"
    found = shutil.which("kubectl") or next((str(path) for path in sorted(cache.glob("**/kubectl"))), None)
    if found is None:
        print("no kubectl on PATH or in the sandbox's cache: the figures beside it are left out", file=sys.stderr)
    return found


def compare(bar: str, ours: list[float], theirs: list[float], **limits: float) -> None:
    report(bar, statistics.median(ours), statistics.median(theirs), unit="s", **limits)


if __name__ == "__main__":
    main()
