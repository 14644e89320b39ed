"""Two thousand objects become a graph: from a stream of manifests, and from a namespace of a real API server.

The graph is the one that would be saved, laid out and checked, with the ledger of every field.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kubeorch.base.yaml_writing import dump_all
from kubeorch.processes.garbage import spare_what_is_loaded
from tests.perf._product import database
from tests.perf._rows import report

APPS = 500
"""Of four objects each."""
ROUNDS = 3


def main() -> None:
    with database(KUBEORCH_LOG_LEVEL="WARNING") as found:
        from tests.support.control_plane import ControlPlane

        plane = ControlPlane(found.folder / "plane")
        try:
            measure(plane)
        finally:
            plane.stop()


def measure(plane: Any) -> None:
    from clusters.domain.kubeconfig import parse_kubeconfig
    from clusters.kube.client import KubeClient
    from clusters.kube.namespace_reading import read_namespace
    from imports.domain.manifests.listing import written
    from imports.domain.sources import SourceFile
    from imports.live.namespaces import WANTED

    stream = dump_all([one for number in range(APPS) for one in an_app(number)]).encode()
    namespace = plane.namespace("large")
    create(plane, namespace)
    client = KubeClient(parse_kubeconfig(plane.kubeconfig))

    def from_stream() -> int:
        return converted("manifests", SourceFile("app.yaml", stream))

    def from_namespace() -> int:
        live = read_namespace(client, namespace, WANTED, selector="", check=lambda: None, said=lambda done, total: None)
        return converted("namespace", SourceFile("live.json", written([*live.objects, *live.children])))

    assert (from_stream(), from_namespace()) == (4 * APPS, 4 * APPS)
    spare_what_is_loaded()  # as every role does that converts
    report("2,000 manifests to a graph", seconds(from_stream), unit="s", must=2.0)
    report("namespace of 2,000 objects to a graph", seconds(from_namespace), unit="s", must=3.0)


def converted(type_: Any, file: Any) -> int:
    """The number of nodes."""
    from imports.converting import convert_source
    from imports.outcomes import Converted, Source

    outcome = convert_source(Source(type_, [file], (), (), (), {}, {}, "large"))
    assert isinstance(outcome, Converted), outcome
    return len(outcome.graph["nodes"])


def seconds(work: Callable[[], object]) -> float:
    took: list[float] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def an_app(number: int) -> list[dict[str, Any]]:
    """A Deployment that makes no pods, its Service, and the ConfigMap and Secret that it reads."""
    name, labels = f"app-{number}", {"run": f"app-{number}", "tier": "web"}
    reads = [{"configMapRef": {"name": f"{name}-conf"}}, {"secretRef": {"name": f"{name}-keys"}}]
    container = {
        "name": "web",
        "image": "nginx:1.27",
        "ports": [{"containerPort": 8080}],
        "envFrom": reads,
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    deployment = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    service = {"selector": labels, "ports": [{"port": 80, "targetPort": 8080}]}
    return [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": deployment},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": service},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{name}-conf"}, "data": {"MODE": "fast"}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{name}-keys"}, "stringData": {"TOKEN": name}},
    ]


def create(plane: Any, namespace: str) -> None:
    from tests.support.control_plane import folder_of

    def one(manifest: dict[str, Any]) -> None:
        folder = folder_of(manifest["apiVersion"], manifest["kind"], namespace)
        status, body = plane.call("POST", f"{folder}?fieldManager=kubectl-create", json.dumps(manifest).encode())
        assert status == 201, body

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, (manifest for number in range(APPS) for manifest in an_app(number))))


if __name__ == "__main__":
    main()
