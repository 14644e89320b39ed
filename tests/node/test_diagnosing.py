"""What really does not start is diagnosed with its cause, its last words and a fix, and what runs is measured."""

from __future__ import annotations

from typing import Any

from tests.node.readers import STAY
from tests.node.test_failures import SHELL
from tests.support.node.configuration import EMPTY_REGISTRY
from tests.support.node.node import IMAGES
from tests.support.node.product import RUN_S, Product
from tests.support.wait import until
from tests.support.workflows import a_node

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
}


def test_real_failures_are_diagnosed_and_real_use_is_measured(product: Product) -> None:
    bench = product.bench("diagnosed")
    services = [
        a_node("lost", kind="service", selector={"app": "nobody"}),
        a_node("deaf", kind="service", selector={"app": "well"}, port=80, target_port=9090),
    ]
    well = a_node("well", **STAYS, port=8080, labels={"app": "well"})
    bench.draw(well, *(a_node(name, **STAYS | given) for name, (given, _) in BROKEN.items()), *services)
    bench.until(bench.start(), "verifying", timeout_s=RUN_S)
    expected = {(name, code) for name, (_, code) in BROKEN.items()} | {("lost", "service.selects_nothing")}
    path = f"workflows/{bench.workflow['id']}/diagnosis"
    seen: list[Any] = []

    def told() -> Any:
        answer = product.person.get(path)
        assert answer.status == 200, answer.body
        seen[:] = answer.body["findings"]
        return {(one["node_id"], one["code"]) for one in seen} >= expected

    try:
        until(told, timeout_s=RUN_S, every_s=1)
    except AssertionError:
        raise AssertionError([(one["node_id"], one["code"], one["sentence"]) for one in seen]) from None

    def has_log() -> bool:
        told()  # between two starts the log of a container is gone for a moment
        return any("no database" in (one["log"] or {"lines": []})["lines"] for one in seen if one["node_id"] == "crash")

    until(has_log, timeout_s=RUN_S, every_s=1, what="the last words of the container are told")
    by_node = {one["node_id"]: one for one in seen}
    assert by_node["memory"]["changes"][0]["value"] == "32Mi"
    assert by_node["no-image"]["parameter"] == "image"

    query = f"kind=Deployment&namespace={bench.namespace}&name=well"

    def measured() -> Any:
        usage = product.person.get(f"clusters/{product.cluster}/metrics?{query}").body
        return usage["resources"][1]["used"] and usage

    usage = until(measured, timeout_s=60, every_s=2)
    assert usage["source"] == "kubelet"
