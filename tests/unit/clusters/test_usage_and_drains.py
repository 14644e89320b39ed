"""What kubelets and the metrics API say of use, and which pods leave a node."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.draining import Fate, leaves, pods_on_node
from clusters.domain.node_facts import node_facts
from clusters.domain.usage import Used, nodes_of_metrics_api, of_pod, of_summary, pods_of_metrics_api


def test_a_kubelets_summary_and_the_metrics_api_say_the_same_of_a_pod() -> None:
    cpu, memory = {"usageNanoCores": 250_000_000}, {"workingSetBytes": 2**20}
    container = {"name": "main", "cpu": cpu, "memory": memory}
    summary = {
        "node": {"cpu": {"usageNanoCores": 1_500_000_000}, "memory": {"workingSetBytes": 2**30}},
        "pods": [{"podRef": {"name": "web", "namespace": "shop"}, "containers": [container]}],
    }
    node, pods = of_summary(summary)
    metadata = {"name": "web", "namespace": "shop"}
    usage = {"cpu": "250m", "memory": "1Mi"}
    told = pods_of_metrics_api([{"metadata": metadata, "containers": [{"name": "main", "usage": usage}]}])
    assert node == Used(1.5, float(2**30))
    assert nodes_of_metrics_api([{"metadata": {"name": "n"}, "usage": {"cpu": "1500m", "memory": "1Gi"}}]) == {
        "n": node
    }
    assert pods == told == {("shop", "web"): {"main": Used(0.25, float(2**20))}}
    assert of_pod({}) == Used(0.0, 0.0)


@pytest.mark.parametrize("odd", [None, 3, "x", [], {"cpu": 1}, {"podRef": []}])
def test_no_shape_of_a_measurement_breaks_its_reading(odd: Any) -> None:
    of_summary({"node": odd, "pods": [odd]})
    pods_of_metrics_api([{"metadata": odd, "containers": odd, "usage": odd}])


@pytest.mark.parametrize(
    ("cpu", "memory"),
    [("-1", "1Mi"), ("1", "-1Mi"), ("9000000", "1Mi"), ("1", "8E"), ("NaN", "1Mi"), ("1", None), (None, "1Mi")],
)
def test_what_no_machine_uses_is_not_known_and_not_nothing(cpu: Any, memory: Any) -> None:
    usage = {"cpu": cpu, "memory": memory}
    metadata = {"name": "web", "namespace": "shop"}
    assert nodes_of_metrics_api([{"metadata": metadata, "usage": usage}]) == {}
    assert pods_of_metrics_api([{"metadata": metadata, "containers": [{"name": "main", "usage": usage}]}]) == {}


def test_a_kubelet_that_tells_of_very_many_pods_and_very_long_names_is_heard_in_part() -> None:
    container = {"name": "main", "cpu": {"usageNanoCores": 1}, "memory": {"workingSetBytes": 1}}
    rows = [{"podRef": {"name": f"p{n}", "namespace": "shop"}, "containers": [container]} for n in range(5_000)]
    long = {"podRef": {"name": "p" * 300, "namespace": "shop"}, "containers": [container]}
    node, pods = of_summary({"node": {"cpu": {"usageNanoCores": -5}}, "pods": [long, *rows]})
    assert (node, len(pods)) == (None, 999)


def a_pod(name: str, owner: str = "", **parts: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "namespace": "shop", "uid": name, **parts.pop("metadata", {})}
    if owner:
        metadata["ownerReferences"] = [{"kind": owner, "name": "x", "controller": True}]
    return {"metadata": metadata, **parts}


def test_pods_of_the_node_stay_and_what_would_be_lost_is_asked_about() -> None:
    volume = {"volumes": [{"name": "tmp", "emptyDir": {}}]}
    found = pods_on_node(
        [
            a_pod("web", "ReplicaSet"),
            a_pod("proxy", "DaemonSet", spec=volume),
            a_pod("static", metadata={"annotations": {"kubernetes.io/config.mirror": "x"}}),
            a_pod("cache", "ReplicaSet", spec=volume),
            a_pod("alone"),
            a_pod("alone-with-data", spec=volume),
            a_pod("over", status={"phase": "Succeeded"}),
        ]
    )
    fates = {pod.name: pod.fate for pod in found}
    assert fates == {
        "web": Fate.GOES,
        "proxy": Fate.STAYS,
        "static": Fate.STAYS,
        "cache": Fate.ASKS_DATA,
        "alone": Fate.ASKS_UNMANAGED,
        "alone-with-data": Fate.ASKS_BOTH,
    }

    def gone(**said: bool) -> set[str]:
        return {pod.name for pod in found if leaves(pod, **said)}

    assert gone(delete_data=False, delete_unmanaged=False) == {"web"}
    assert gone(delete_data=True, delete_unmanaged=False) == {"web", "cache"}
    assert gone(delete_data=False, delete_unmanaged=True) == {"web", "alone"}, "its emptyDir was not allowed to be lost"
    assert gone(delete_data=True, delete_unmanaged=True) == {"web", "cache", "alone", "alone-with-data"}


def test_what_pods_request_of_a_node_is_added_up() -> None:
    """A sidecar counts beside the others; an init container where it wants more than all of them."""
    requests = {"requests": {"cpu": "100m", "memory": "64Mi"}}
    sidecar = {"restartPolicy": "Always", "resources": {"requests": {"cpu": "50m"}}}
    first = {"resources": {"requests": {"cpu": "1"}}}
    pods = [
        a_pod("a", spec={"containers": [{"resources": requests}], "initContainers": [sidecar]}),
        a_pod("b", spec={"containers": [{"resources": requests}], "initContainers": [first]}),
    ]
    status = {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}, "capacity": {"cpu": "4"}}
    found = node_facts({"metadata": {"name": "n"}, "status": status}, pods)
    cpu, memory, count = (found.amounts[name] for name in ("cpu", "memory", "pods"))
    assert (cpu.requested, cpu.allocatable, memory.requested) == (1.15, 4.0, 128 * 2**20)
    assert (count.requested, count.allocatable, found.ready) == (2.0, 110.0, None)
    assert node_facts({"metadata": {"name": "n"}}, None).amounts["cpu"].requested is None
