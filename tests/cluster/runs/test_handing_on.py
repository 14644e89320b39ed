"""What only one object can have is handed on: the former holder goes first when it is ours, a stranger's is named."""

from __future__ import annotations

from typing import Any

from tests.support.runs import Bench
from tests.support.workflows import a_manifest, a_node, an_edge


def a_service(name: str, port: int) -> tuple[dict[str, Any], ...]:
    service = {**a_node("s", kind="service", type="NodePort", node_port=port), "name": name}
    return a_node("web", port=80), service


EDGE = an_edge("s", "web", "exposes")


def test_a_renamed_service_takes_over_its_fixed_port(bench: Bench) -> None:
    bench.draw(*a_service("front", 30222), edges=(EDGE,))
    bench.applied()
    bench.draw(*a_service("storefront", 30222), edges=(EDGE,))

    asked = bench.ask()
    assert [row["ref"]["name"] for row in asked.body["deletions"]] == ["front"]
    run = bench.applied()

    assert next((step["action"], step["ref"]["name"]) for step in run["steps"]) == ("delete", "front")
    assert bench.get("v1", "Service", "front") is None
    assert bench.get("v1", "Service", "storefront")["spec"]["ports"][0]["nodePort"] == 30222
    bench.draw(a_node("web", port=80))
    bench.applied()


def test_a_port_that_the_cluster_chose_and_a_later_drawing_fixes_is_handed_on_too(bench: Bench) -> None:
    given = {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"name": "a", "port": 80}]}
    bench.draw(a_manifest("one", apiVersion="v1", kind="Service", spec=given))
    bench.applied()
    live = bench.get("v1", "Service", "one")["spec"]
    port, address = live["ports"][0]["nodePort"], live["clusterIP"]
    fixed = {**given, "clusterIP": address, "ports": [{"name": "a", "port": 80, "nodePort": port}]}
    bench.draw(a_manifest("two", apiVersion="v1", kind="Service", spec=fixed))

    bench.applied()

    now = bench.get("v1", "Service", "two")["spec"]
    assert (now["ports"][0]["nodePort"], now["clusterIP"]) == (port, address)


def test_a_port_of_somebody_elses_service_is_refused_with_its_name(bench: Bench) -> None:
    theirs = {"type": "NodePort", "selector": {"a": "b"}, "ports": [{"port": 80, "nodePort": 30333}]}
    metadata = {"name": "theirs", "namespace": bench.namespace}
    bench.plane.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": theirs})
    bench.draw(*a_service("front", 30333), edges=(EDGE,))

    failed = bench.until(bench.start(), "failed")

    detail = failed["error"]["detail"]
    assert f"Service theirs in namespace {bench.namespace} has the port 30333 of the nodes" in detail
    assert "choose another one" in detail
    assert bench.get("v1", "Service", "theirs") is not None
