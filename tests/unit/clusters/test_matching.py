"""Which Services, workloads and ConfigMaps belong together, after any change of what they say."""

from __future__ import annotations

import random
from typing import Any

from clusters.domain.observed import ObservedObject, ServiceStatus, WorkloadStatus
from clusters.domain.projection import project
from clusters.watching.object_index import ObjectIndex

NAMES = ("a", "b", "c")


def an_object(kind: str, name: str, spec: dict[str, Any]) -> ObservedObject:
    labels = {"kubeorch.dev/environment": "env", "kubeorch.dev/node": name}
    metadata = {"name": name, "uid": f"{kind}-{name}", "namespace": "shop", "labels": labels}
    version = "apps/v1" if kind == "Deployment" else "v1"
    return project(version, kind, {"metadata": metadata, "spec": spec})


def a_service(name: str, selector: dict[str, str]) -> ObservedObject:
    return an_object("Service", name, {"selector": selector})


def a_workload(name: str, labels: dict[str, str], replicas: int, reads: str) -> ObservedObject:
    env = [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": reads, "key": "a"}}}]
    pod = {"containers": [{"name": "main", "image": "web:1", "env": env}]}
    return an_object(
        "Deployment", name, {"replicas": replicas, "template": {"metadata": {"labels": labels}, "spec": pod}}
    )


def test_what_belongs_together_is_what_the_labels_of_now_say() -> None:
    dice = random.Random(7)
    index = ObjectIndex()
    there: dict[str, ObservedObject] = {}
    for _ in range(400):
        pairs = {key: dice.choice("xy") for key in dice.sample(("app", "tier", "zone"), dice.randint(0, 3))}
        name = dice.choice(NAMES)
        made = (
            a_service(name, pairs)
            if dice.random() < 0.5
            else a_workload(name, pairs, dice.randint(0, 3), dice.choice(NAMES))
        )
        old = there.pop(made.uid, None)
        if old is not None and dice.random() < 0.3:
            index.change(old, None)
        else:
            index.change(old, made)
            there[made.uid] = made
        services = [one for one in there.values() if isinstance(one.status, ServiceStatus)]
        workloads = [one for one in there.values() if isinstance(one.status, WorkloadStatus)]
        for service in services:
            assert index.backends_of(service) == _backends(service, workloads)
        for name in NAMES:
            touched = index.change(None, an_object("ConfigMap", name, {}))
            read = {one.name for one in workloads if ("ConfigMap", name) in one.status.reads}  # type: ignore[union-attr]
            assert {key.node_id for key in touched} == read | {name}
        for workload in workloads:
            touched = index.change(workload, workload)
            before = {one.name for one in services if _backends(one, [workload]) is not None}
            assert {key.node_id for key in touched} == before | {workload.name}


def _backends(service: ObservedObject, workloads: list[ObservedObject]) -> tuple[int, int] | None:
    """By looking at all of them."""
    assert isinstance(service.status, ServiceStatus)
    selector = set(service.status.selector)
    found = [one.status for one in workloads if isinstance(one.status, WorkloadStatus)]
    matched = [one for one in found if selector and selector <= set(one.pod_labels)]
    return (sum(one.desired or 0 for one in matched), sum(one.ready for one in matched)) if matched else None
