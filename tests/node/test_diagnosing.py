"""What really does not start is diagnosed with its cause, its last words and a fix, and what runs is measured."""

from __future__ import annotations

from typing import Any

from tests.node.readers import STAY
from tests.node.test_failures import ABSENT, MISSING, SHELL
from tests.support.node.configuration import EMPTY_REGISTRY
from tests.support.node.node import IMAGES
from tests.support.node.product import RUN_S, Product
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node

STAYS = {"image": IMAGES[0], "command": [*SHELL, STAY], "termination_grace_s": 1}
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no-image": ({"image": f"{EMPTY_REGISTRY}/app:1"}, "image.not_found"),
    "crash": ({"command": [*SHELL, "echo no database; exit 3"]}, "container.crash_loop"),
    "memory": (
        {"command": ["tail", "/dev/zero"], "resources": {"limits": {"memory": "16Mi"}}},
        "container.out_of_memory",
    ),
    "not-ready": (
        {"readiness_probe": {"type": "exec", "command": ["cat", "/ready"], "period_s": 1}},
        "probe.readiness",
    ),
    "no-secret": ({"env_refs": ABSENT}, "missing.secret"),
    "no-key": ({"env_refs": MISSING}, "container.missing_key"),
    "huge": ({"resources": {"requests": {"cpu": "9000"}}}, "unschedulable.resources"),
    "far": ({"node_selector": {"disk": "ssd"}}, "unschedulable.affinity"),
    "stale": (
        {"liveness_probe": {"type": "exec", "command": ["cat", "/alive"], "period_s": 1, "failure_threshold": 1}},
        "probe.liveness",
    ),
    "greedy": ({"resources": {"requests": {"ephemeral_storage": "1Gi"}}}, "quota.exceeded"),
}
QUOTA = {"requests.ephemeral-storage": "1Mi"}
"""Of the namespace, for what only one of them asks for."""
CLASS = "nobody"
"""An IngressClass that has no controller."""
OTHERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "migrate": (
        "job",
        {"image": IMAGES[0], "command": [*SHELL, "echo no table; exit 4"], "backoff_limit": 0},
        "job.backoff_limit",
    ),
    "cut": ("service", {"selector": {"app": "well"}, "port": 80, "target_port": 8080}, "policy.cuts"),
    "fence": ("networkpolicy", {"pod_selector": {"app": "well"}}, ""),
    "scaler": ("hpa", {"target_name": "well", "cpu_utilization": 50}, "scaler.no_metrics"),
    "door": ("ingress", {"ingress_class": "nowhere", "default_service": "deaf"}, "ingress.class_missing"),
    "hatch": ("ingress", {"ingress_class": CLASS, "default_service": "gone"}, "ingress.backend_missing"),
    "lid": (
        "ingress",
        {"ingress_class": CLASS, "default_service": "deaf", "tls": True, "tls_secret": "absent", "host": "a.test"},
        "ingress.tls_missing",
    ),
    "data": ("persistentvolumeclaim", {"storage": "1Gi", "storage_class": "nowhere"}, "claim.class_missing"),
}


def rules_of(namespace: str) -> list[dict[str, Any]]:
    quota = {"metadata": {"name": "disk", "namespace": namespace}, "spec": {"hard": QUOTA}}
    ingress_class = {"metadata": {"name": CLASS}, "spec": {"controller": "example.test/nobody"}}
    return [
        {"apiVersion": "v1", "kind": "ResourceQuota", **quota},
        {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", **ingress_class},
    ]


def test_real_failures_are_diagnosed_and_real_use_is_measured(product: Product) -> None:
    bench = product.bench("diagnosed")
    for made in rules_of(bench.namespace):
        product.node.apply(made)
    services = [
        a_node("lost", kind="service", selector={"app": "nobody"}),
        a_node("deaf", kind="service", selector={"app": "well"}, port=80, target_port=9090),
    ]
    well = a_node("well", **STAYS, port=8080, labels={"app": "well"})
    workloads = [a_node(name, **STAYS | given) for name, (given, _) in BROKEN.items()]
    others = [a_node(name, kind=kind, **given) for name, (kind, given, _) in OTHERS.items()]
    bench.draw(a_config_map("settings", a="1"), well, *workloads, *others, *services)
    bench.until(bench.start(), "verifying", "failed", timeout_s=RUN_S)
    expected = {(name, code) for name, (_, code) in BROKEN.items()} | {("lost", "service.selects_nothing")}
    expected |= {(name, code) for name, (_, _, code) in OTHERS.items() if code}
    path = f"workflows/{bench.workflow['id']}/diagnosis"
    seen: list[Any] = []
    ever: dict[tuple[str, str], Any] = {}
    """A container that is started again and again runs for a moment between two ends."""

    def told() -> Any:
        answer = product.person.get(path)
        assert answer.status == 200, answer.body
        seen[:] = answer.body["findings"]
        ever.update(((one["node_id"], one["code"]), one) for one in seen)
        return ever.keys() >= expected

    try:
        until(told, timeout_s=RUN_S, every_s=1)
    except AssertionError:
        told_of = [(one["node_id"], one["code"], one["sentence"]) for one in seen]
        raise AssertionError(expected - ever.keys(), told_of) from None

    def has_log() -> bool:
        told()  # between two starts the log of a container is gone for a moment
        return any("no database" in (one["log"] or {"lines": []})["lines"] for one in seen if one["node_id"] == "crash")

    until(has_log, timeout_s=RUN_S, every_s=1, what="the last words of the container are told")
    assert ever["memory", "container.out_of_memory"]["changes"][0]["value"] == "32Mi"
    assert ever["no-image", "image.not_found"]["parameter"] == "image"
    assert "exceeded quota: disk" in ever["greedy", "quota.exceeded"]["evidence"][0]["message"]
    assert ever["door", "ingress.class_missing"]["changes"][0]["value"] == CLASS

    query = f"kind=Deployment&namespace={bench.namespace}&name=well"

    def measured() -> Any:
        usage = product.person.get(f"clusters/{product.cluster}/metrics?{query}").body
        return usage["resources"][1]["used"] and usage

    usage = until(measured, timeout_s=60, every_s=2)
    assert usage["source"] == "kubelet"
