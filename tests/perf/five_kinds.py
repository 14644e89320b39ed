"""What it costs to hold five kinds of 10,000 objects each, beside client-go's own informers of the same cluster.

Pods, Services, ConfigMaps, Deployments and StatefulSets of a real API server, on which next to nothing acts. `ours` is
the watcher role as a whole after a restart that lists them, Python and all; `theirs` a Go program with shared informers
of the same five kinds and nothing else, after it has given back to the system what it can. Ours keeps of each object
what health is judged by and two marks of its fields, and of ConfigMaps their metadata alone; theirs keeps the objects.
`--objects 1000` for a quicker look; making them takes most of the time. With `--cloned` the API server makes one object
of each kind, and both read as many of the same size from a stand-in, in a minute.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.perf._clones import NUMBER, Clones
from tests.perf._product import database
from tests.perf._rows import report
from tests.perf.watch_10000 import A_NODE, WatcherProcess, labels_of

MUST, AIM = 0.3, 0.15
KINDS = ("Pod", "Service", "ConfigMap", "Deployment", "StatefulSet")
BASE = {"v1": "/api/v1", "apps/v1": "/apis/apps/v1"}
VALUES = {f"V{row}": "value " * 8 for row in range(20)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--cloned", action="store_true")
    given = parser.parse_args()
    from tests.support.go_informer import find_program

    program = find_program()
    if program is None:
        raise SystemExit("client-go's informer cannot be built: there is no Go")
    from tests.support.control_plane import ControlPlane

    with database() as found:
        plane = ControlPlane(found.folder / "plane")
        try:
            measure(plane, program, given.objects, cloned=given.cloned)
        finally:
            plane.stop()


def measure(plane: Any, program: Any, count: int, *, cloned: bool) -> None:
    from clusters import actions
    from clusters.domain.kubeconfig import parse_kubeconfig
    from clusters.kube.client import KubeClient
    from tests.support.fake_api_server import fake_api_server
    from tests.support.watching import an_environment

    cluster_id = actions.register_sandbox(plane.kubeconfig)
    environment = an_environment(cluster_id, plane.namespace("many"))
    client = KubeClient(parse_kubeconfig(plane.kubeconfig, allow_http=True), connections=8)
    if not cloned:
        fill(client, environment, range(count))
        compare(plane.kubeconfig, program, cluster_id, count)
        return
    fill(client, environment, [NUMBER])
    made = [found(client, environment, kind) for kind in KINDS]
    with fake_api_server(Clones(made, count)) as stand_in:
        actions.register_sandbox(stand_in.kubeconfig)  # which is the same row
        compare(stand_in.kubeconfig, program, cluster_id, count)


def compare(kubeconfig: str, program: Any, cluster_id: Any, count: int) -> None:
    from tests.support.go_informer import GoInformer
    from tests.support.wait import until

    everything = count * len(KINDS)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(kubeconfig)
        file.flush()
        theirs = GoInformer(program, Path(file.name))
        try:
            until(lambda: theirs.ask()["objects"] >= everything, timeout_s=60, every_s=0.5)
            held = theirs.ask()
        finally:
            theirs.stop()
    watcher = WatcherProcess(str(cluster_id))
    try:
        until(lambda: watcher.ask()["objects"] >= everything, timeout_s=300, every_s=0.5, what="all are listed")
        until(lambda: watcher.ask()["ready"], timeout_s=180, every_s=0.2)
        ours = watcher.ask()
    finally:
        watcher.stop()
    report(
        f"five_kinds_{count}_rss",
        ours["rss_mb"],
        held["rss_mb"],
        unit="MB",
        must=MUST,
        aim=AIM,
        objects=ours["objects"],
        objects_of_theirs=held["objects"],
    )


def found(client: Any, environment: dict[str, Any], kind: str) -> dict[str, Any]:
    """The one that was made, as a list of its collection would show it."""
    body = an_object(environment, kind, NUMBER)
    path = f"{BASE[body['apiVersion']]}/namespaces/{environment['namespace']}/{kind.lower()}s"
    return dict(client.request("GET", f"{path}/{body['metadata']['name']}")[1])


def fill(client: Any, environment: dict[str, Any], numbers: Iterable[int]) -> None:
    def create(row: tuple[int, str]) -> None:
        number, kind = row
        body = an_object(environment, kind, number)
        path = f"{BASE[body['apiVersion']]}/namespaces/{environment['namespace']}/{kind.lower()}s"
        client.request("POST", path, body=body, timeout_s=60)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, ((number, kind) for number in numbers for kind in KINDS)))


def an_object(environment: dict[str, Any], kind: str, number: int) -> dict[str, Any]:
    """As charts make them: with what a container is usually told, and nothing that makes a controller act."""
    labels = {"app": f"web-{number}"}
    metadata = {
        "name": f"n{number // A_NODE}-{kind.lower()}-{number:05d}",
        "labels": {**labels_of(environment, number // A_NODE), **labels, "app.kubernetes.io/managed-by": "bench"},
        "annotations": {"example.org/owner": "a team", "example.org/revision": "f" * 40},
    }
    container = {
        "name": "main",
        "image": "registry.test/shop:1",
        "env": [{"name": name, "value": value} for name, value in VALUES.items()],
        "ports": [{"containerPort": 8080}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "128Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
    }
    pod: dict[str, Any] = {"schedulerName": "nobody", "containers": [container]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    workload = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    rest: dict[str, dict[str, Any]] = {
        "Pod": {"apiVersion": "v1", "spec": pod},
        "Service": {"apiVersion": "v1", "spec": {"clusterIP": "None", "ports": [{"name": "http", "port": 8080}]}},
        "ConfigMap": {"apiVersion": "v1", "data": VALUES},
        "Deployment": {"apiVersion": "apps/v1", "spec": {**workload, "paused": True}},
        "StatefulSet": {"apiVersion": "apps/v1", "spec": {**workload, "serviceName": "web"}},
    }
    return {"kind": kind, "metadata": metadata, **rest[kind]}


if __name__ == "__main__":
    main()
