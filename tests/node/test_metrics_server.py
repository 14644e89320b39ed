"""metrics-server on a real node: what it measures is what lists and details show, and what a scaler goes by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.node.test_logs import a_pod
from tests.support.node import metrics_server
from tests.support.node.configuration import NODE
from tests.support.node.metrics_server import GROUP, measuring
from tests.support.node.product import Product
from tests.support.wait import until

MEASURED_S = 120
"""It measures every ten seconds, twice before it tells anything, and what it told is kept for fifteen."""
WORKS = "while true; do i=0; while [ $i -lt 4000 ]; do i=$((i+1)); done; sleep 0.05; done"


@pytest.fixture
def server(product: Product, tmp_path: Path) -> Iterator[None]:
    if missing := metrics_server.lacking():
        pytest.skip(f"no metrics-server: {missing}")
    with measuring(product.node, tmp_path):
        yield


def told(product: Product, path: str) -> list[dict[str, Any]]:
    status, body = product.node.call("GET", f"/apis/{GROUP}/v1beta1/{path}")
    return json.loads(body)["items"] if status == 200 else []


def test_the_metrics_api_is_asked_and_all_pages_show_its_figures(product: Product, server: None) -> None:
    namespace = product.node.namespace("measured")
    product.node.apply(a_workload(namespace))
    product.node.apply(a_scaler(namespace))
    until(lambda: told(product, f"namespaces/{namespace}/pods"), timeout_s=MEASURED_S, what="metrics-server tells")
    path = f"clusters/{product.cluster}/metrics"

    def usage(query: str) -> dict[str, Any]:
        answer = product.person.get(f"{path}?{query}")
        assert answer.status == 200, answer.body
        return dict(answer.body)

    def measured() -> Any:
        found = usage(f"kind=Deployment&namespace={namespace}&name=works")
        return found if found["source"] == GROUP and found["resources"][0]["used"] else None

    until(measured, timeout_s=MEASURED_S, every_s=1, what="the page shows its figures")

    def the_same() -> Any:
        """The list, the details and the metrics API, where nothing was measured anew between them."""
        nodes = product.person.get(f"{path}/nodes").body
        node, pods = usage(f"kind=Node&name={NODE}"), usage(f"kind=Deployment&namespace={namespace}&name=works")
        if not nodes["at"] == node["at"] == pods["at"]:
            return None
        [row] = nodes["results"]
        assert [row["cpu"], row["memory"]] == [one["used"] for one in node["resources"]]
        assert nodes["source"] == node["source"] == pods["source"] == GROUP
        parts = [part["resources"][0]["used"] for part in pods["parts"]]
        assert pods["resources"][0]["used"] == pytest.approx(sum(parts))
        assert 0 < sum(parts) <= row["cpu"] + 0.5, (
            "pods of a node use no more than it does, measured at nearly one time"
        )
        return True

    until(the_same, every_s=0.2, what="list and detail are of one measurement")

    def scaler() -> Any:
        answer = product.person.get(
            f"clusters/{product.cluster}/diagnosis?kind=autoscaling/HorizontalPodAutoscaler"
            f"&namespace={namespace}&name=works"
        )
        found = product.node.get("autoscaling/v2", "HorizontalPodAutoscaler", "works", namespace) or {}
        is_measured = bool(found.get("status", {}).get("currentMetrics"))
        codes = [one["code"] for one in answer.body["findings"]]
        return is_measured and "scaler.no_metrics" not in codes

    until(scaler, timeout_s=MEASURED_S, every_s=1, what="the scaler goes by it, and nothing is wrong with it")


def test_what_is_registered_and_answers_nothing_leaves_the_kubelets_to_be_asked(product: Product) -> None:
    """As after a metrics-server whose pods are gone."""
    for one in metrics_server.objects(port=9):
        product.node.apply(one)
    try:

        def source() -> Any:
            answer = product.person.get(f"clusters/{product.cluster}/metrics/nodes").body
            return answer["source"] == "kubelet" and [row["name"] for row in answer["results"]] == [NODE]

        until(source, timeout_s=60, every_s=1, what="the kubelet is asked in its place")
    finally:
        metrics_server.remove(product.node)


def a_workload(namespace: str) -> dict[str, Any]:
    pod = a_pod("", WORKS, restart="Always")["spec"]
    pod["containers"][0]["resources"] = {"requests": {"cpu": "50m", "memory": "16Mi"}, "limits": {"cpu": "100m"}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "works", "namespace": namespace},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "works"}},
            "template": {"metadata": {"labels": {"app": "works"}}, "spec": pod},
        },
    }


def a_scaler(namespace: str) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "works"}
    resource = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 500}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "works", "namespace": namespace},
        "spec": {
            "scaleTargetRef": target,
            "minReplicas": 2,
            "maxReplicas": 3,
            "metrics": [{"type": "Resource", "resource": resource}],
        },
    }
