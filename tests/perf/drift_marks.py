"""What it costs to know who owns the fields of 10,000 objects: memory when others have touched every one of them, and
the time that an event takes more.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from typing import Any

from tests.perf._rows import report
from tests.support.django_setup import configure

configure()

OBJECTS = 10_000
ROUNDS = 7
ALLOWED_MB = 40.0
ALLOWED_US = 100.0


def a_deployment(number: int) -> dict[str, Any]:
    """As an API server sends one of ours: 20 fields of ours, and what its controller wrote."""
    labels = {"app": f"web-{number}", "kubeorch.dev/environment": "e" * 24, "kubeorch.dev/node": f"web-{number}"}
    container = {"name": "web", "image": "nginx:1.27", "ports": [{"containerPort": 80, "protocol": "TCP"}]}
    ours = {f"f:field{one}": {"f:below": {}} for one in range(20)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": f"web-{number}",
            "namespace": "shop",
            "uid": f"{number:032x}",
            "resourceVersion": str(number + 1),
            "generation": 1,
            "labels": labels,
            "managedFields": [
                {"manager": "kubeorch", "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": {"f:spec": ours}},
                {
                    "manager": "kube-controller-manager",
                    "operation": "Update",
                    "subresource": "status",
                    "fieldsV1": {"f:status": {"f:replicas": {}}},
                },
            ],
        },
        "spec": {"replicas": 1, "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}},
        "status": {"observedGeneration": 1, "replicas": 1, "readyReplicas": 1},
    }


def memory() -> None:
    from bson import ObjectId

    from clusters.domain.objects import Ref
    from clusters.domain.projection import project
    from clusters.watching.contract import NodeKey
    from workflows.drift.checker import DriftChecker
    from workflows.plans.following import PlanFollower
    from workflows.statuses.following import SeenNode, SeenObject
    from workflows.statuses.inventory_feed import Expected

    nodes = []
    for number in range(OBJECTS):
        seen = project("apps/v1", "Deployment", a_deployment(number))
        expected = Expected(
            Ref("apps/v1", "Deployment", "shop", seen.name), "applied", seen.uid, 1, None, None, False, number + 1
        )
        nodes.append(SeenNode(NodeKey("e" * 24, seen.name), (SeenObject(expected, seen, True),)))
    marks = OBJECTS * 3 * 36  # two of an object and one of its row, numbers of 36 bytes
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    followers = [DriftChecker(ObjectId()), PlanFollower(ObjectId())]
    for follower in followers:
        follower.see(nodes)
    used = tracemalloc.get_traced_memory()[0] - before + marks
    tracemalloc.stop()
    report("drift_memory", used / 1e6, unit="MB of 10,000 objects, all touched", must=ALLOWED_MB)


def pace() -> None:
    from clusters.domain.ownership.touches import content_mark, fingerprint_of, mark_of

    manifest = a_deployment(1)
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(1000):
            mark_of(fingerprint_of(manifest))
            content_mark(manifest)
        rounds.append((time.perf_counter() - began) * 1000)
    report("drift_marks", statistics.median(rounds), unit="µs an event", must=ALLOWED_US)


if __name__ == "__main__":
    memory()
    pace()
