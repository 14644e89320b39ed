"""What it costs to watch 10,000 pods: open watches, and memory of the watcher beyond watching none.

The pods stand on kwok's nodes of a real API server, a hundred a node of a hundred drawn nodes. The watcher is
the product's own in a process by itself; measured after taking every change one by one, and again after a
restart that lists them all. `--pods 2000` for a quicker look.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.perf._product import database
from tests.perf._rows import report

A_NODE = 100
ALLOWED_MB = 60.0
OF_ROLES = {"MALLOC_ARENA_MAX": "1", "PYTHONNODEBUGRANGES": "1"}
"""As the supervisor starts the role (`kubeorch/supervisor.py`)."""


class WatcherProcess:
    """The watcher role with a line of questions: `?` answers with its figures."""

    def __init__(self, cluster_id: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.perf.watch_10000", "--watch", cluster_id],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **OF_ROLES},
        )

    def ask(self) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def watch(cluster_id: str) -> None:
    from bson import ObjectId

    from clusters.watching.watcher import Watcher
    from tests.support.django_setup import configure
    from tests.support.watching import open_watches

    configure()
    from kubeorch.listening import listener_of
    from kubeorch.processes.garbage import give_memory_back, spare_what_is_loaded

    spare_what_is_loaded()
    give_memory_back()
    watcher = Watcher("perf", listener_of)
    thread = threading.Thread(target=watcher.run)
    thread.start()
    for _ in sys.stdin:
        runner = watcher.runners.get(ObjectId(cluster_id))
        running = runner.watch if runner is not None else None
        pods, objects, watches, ready = 0, 0, 0, False
        if running is not None:
            watches, ready = open_watches(running), running.is_ready
            informer = running.informers.informer(("v1", "Pod"))
            pods = sum(len(one.store) for one in informer.reflectors) if informer else 0
            objects = sum(len(one.store) for informer in running.informers.all for one in informer.reflectors)
        told = {"pods": pods, "objects": objects, "watches": watches, "ready": ready, "rss_mb": rss_mb()}
        print(json.dumps(told), flush=True)
    watcher.stop()
    thread.join()


def rss_mb() -> float:
    match = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match is not None
    return int(match.group(1)) / 1024


def main() -> None:
    if sys.argv[1:2] == ["--watch"]:
        watch(sys.argv[2])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=10_000)
    pods = parser.parse_args().pods
    from tests.support.control_plane import ControlPlane
    from tests.support.wait import until

    with database() as found:
        plane = ControlPlane(found.folder / "plane")
        watcher = None
        try:
            from clusters import actions
            from clusters.domain.kubeconfig import parse_kubeconfig
            from clusters.kube.client import KubeClient
            from clusters.kube.informers import BUILT_IN
            from tests.support.watching import an_environment

            cluster_id = actions.register_sandbox(plane.kubeconfig)
            environment = an_environment(cluster_id, plane.namespace("many"))
            client = KubeClient(parse_kubeconfig(plane.kubeconfig, allow_http=True), connections=8)
            watcher = WatcherProcess(str(cluster_id))
            until(lambda: watcher.ask()["ready"], timeout_s=60, every_s=0.2)
            empty = watcher.ask()["rss_mb"]
            fill(client, environment, pods)
            until(lambda: watcher.ask()["pods"] >= pods, timeout_s=600, every_s=1, what="every pod is seen")
            grown = watcher.ask()["rss_mb"] - empty
            watcher.stop()
            watcher = WatcherProcess(str(cluster_id))
            until(lambda: watcher.ask()["pods"] >= pods, timeout_s=120, every_s=0.5, what="every pod is listed")
            until(lambda: watcher.ask()["ready"], timeout_s=60, every_s=0.2)
            found = watcher.ask()
            listed = found["rss_mb"] - empty
            for name, value in (("changes", grown), ("list", listed)):
                report(f"watch_{pods}_rss_after_{name}", value, unit="MB", must=ALLOWED_MB)
            report(f"watch_{pods}_open_watches", found["watches"], unit="watches", must=len(BUILT_IN))
        finally:
            if watcher is not None:
                watcher.stop()
            plane.stop()


def fill(client: Any, environment: dict[str, Any], count: int) -> None:
    """ConfigMaps as owners, so that neither a ReplicaSet nor the garbage collector has a say about the pods."""
    namespace = environment["namespace"]
    names = [item["metadata"]["name"] for item in client.list("v1", "Node")[0]]
    owners = []
    for number in range((count + A_NODE - 1) // A_NODE):
        metadata = {"name": f"n{number}", "labels": labels_of(environment, number)}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
        owners.append(client.request("POST", f"/api/v1/namespaces/{namespace}/configmaps", body=body)[1])

    def create(number: int) -> None:
        owner = owners[number // A_NODE]["metadata"]
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": owner["name"], "uid": owner["uid"]}
        labels = labels_of(environment, number // A_NODE)
        container = {
            "name": "main",
            "image": "registry.test/shop:1",
            "env": [{"name": f"V{row}", "value": "value " * 8} for row in range(20)],
            "ports": [{"containerPort": 8080}],
        }
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"n{number // A_NODE}-6c9f7d5b8-{number:05d}",
                "labels": labels,
                "ownerReferences": [{**reference, "controller": True}],
            },
            "spec": {"nodeName": names[number % len(names)], "containers": [container]},
        }
        client.request("POST", f"/api/v1/namespaces/{namespace}/pods", body=body, timeout_s=60)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, range(count)))


def labels_of(environment: dict[str, Any], number: int) -> dict[str, str]:
    return {"kubeorch.dev/environment": str(environment["_id"]), "kubeorch.dev/node": f"n{number}"}


if __name__ == "__main__":
    main()
