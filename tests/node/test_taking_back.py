"""A release that real containers cannot run is rolled back by itself, and what runs then is what ran before."""

from __future__ import annotations

from typing import Any

from tests.node.readers import STAY, TELL, the_pod
from tests.support.node.configuration import EMPTY_REGISTRY
from tests.support.node.node import IMAGES
from tests.support.node.product import RUN_S, NodeBench, Product
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node, an_edge

DEADLINE_S = 20
"""Long enough for the good release on a busy machine, since it bounds only how long the bad one is waited for."""
READY = {"readiness_probe": {"type": "exec", "command": ["true"], "period_s": 10}}


def drawn(image: str, level: str) -> list[dict[str, Any]]:
    common = {"image": image, "command": ["sh", "-c", STAY], "termination_grace_s": 1, **READY}
    return [
        a_node("rolling", replicas=2, **common),
        a_node("recreated", strategy="Recreate", **common),
        a_config_map("settings", LEVEL=level),
    ]


def uids(bench: NodeBench, node: str) -> set[str]:
    return {pod["metadata"]["uid"] for pod in bench.pods(node)}


def test_a_release_whose_image_nobody_has_is_taken_back_and_the_old_pods_go_on(product: Product) -> None:
    bench = product.bench("back")
    environment = f"environments/{bench.environment['id']}"
    assert bench.person.patch(environment, {"auto_rollback": True}).status == 200
    edges = (an_edge("settings", "recreated", "sets_env"),)
    bench.draw(*drawn(IMAGES[0], "info"), edges=edges)
    bench.deployed()
    serving = uids(bench, "rolling")
    assert len(serving) == 2

    bench.draw(*drawn(f"{EMPTY_REGISTRY}/app:2", "debug"), edges=edges)
    run = bench.start(deadline_s=DEADLINE_S)
    until(lambda: bench.run(run)["state"] == "rolled_back", timeout_s=RUN_S, every_s=0.3, what="it is rolled back")

    error = bench.run(run)["error"]
    assert "cannot be pulled" in error["detail"], error
    until(lambda: bench.status("recreated").get("health") == "healthy", timeout_s=RUN_S, every_s=0.3)
    until(lambda: uids(bench, "rolling") == serving, timeout_s=RUN_S, every_s=0.3, what="the old pods alone are there")
    pod = the_pod(bench, "recreated")
    assert pod["spec"]["containers"][0]["image"] == IMAGES[0]
    inside = pod["status"]["containerStatuses"][0]["containerID"]
    assert "LEVEL=info" in bench.plane.execute(inside, "sh", "-c", TELL, "tell").splitlines()
    assert [one["run"]["id"] for one in bench.person.get(environment).body["quarantined"]] == [run["id"]]
