"""A fix of an object in the cluster is an edit of the drawing that it was rendered from."""

from __future__ import annotations

from typing import Any

from clusters.domain.diagnosing.finding import Fix, Setting
from clusters.domain.objects import Ref
from workflows.catalog import catalog
from workflows.diagnosis.fixes import Change, changes_of, parameter_of
from workflows.domain.graphs.graph import Edge, Graph, Node

SERVICE, WEB = Ref("v1", "Service", "shop", "web"), Ref("apps/v1", "Deployment", "shop", "web")


def a_fix(field: str, value: Any, *, ref: Ref = SERVICE, target: Ref | None = WEB) -> Fix:
    return Fix(ref, "mend it", (Setting(field, value),), target)


def changed(fix: Fix, node: Node, *edges: Edge, target: str | None = "web") -> list[Change]:
    return changes_of(fix, node, Graph((node, Node("web", "deployment", "web")), edges), catalog(), target)


def test_a_service_that_selects_nothing_is_connected() -> None:
    """The connection selects the pods, and follows renames; a selector of its own would not."""
    fix = a_fix("spec.selector", {"app": "web"})
    lost = Node("s", "service", "web", {"selector": {"app": "wbe"}})
    assert changed(fix, lost) == [Change("connect", "edge", "s", target="web", relation="exposes")]
    assert changed(fix, lost, target=None) == [Change("set", "node", "s", ("selector",), {"app": "web"})]
    edge = Edge("e", "s", "web", "exposes", {"selector": {"app": "wbe"}})
    assert changed(fix, lost, edge) == [Change("set", "edge", "e", ("selector",))]


def test_a_port_is_set_where_it_is_drawn() -> None:
    fix = a_fix("spec.ports[http].targetPort", 8080)
    assert changed(fix, Node("s", "service", "web")) == [Change("set", "node", "s", ("target_port",), 8080)]
    several = Node("s", "service", "web", {"ports": [{"name": "admin"}, {"name": "http"}]})
    assert changed(fix, several) == [Change("set", "node", "s", ("ports", 1, "target_port"), 8080)]
    edge = Edge("e", "s", "web", "exposes", {"target_port": 9090})
    assert changed(fix, Node("s", "service", "web"), edge) == [Change("set", "edge", "e", ("target_port",), 8080)]


def test_a_field_of_the_main_container_is_a_parameter_and_one_of_a_sidecar_is_none() -> None:
    node = Node("web", "deployment", "web", {"sidecars": [{"name": "proxy"}]})
    field = "spec.template.spec.containers[{}].resources.limits.memory"
    fix = a_fix(field.format("web"), "192Mi", ref=WEB, target=None)
    assert changed(fix, node) == [Change("set", "node", "web", ("resources", "limits", "memory"), "192Mi")]
    assert changed(a_fix(field.format("proxy"), "192Mi", ref=WEB), node) == []
    assert parameter_of("spec.template.spec.containers[web].image", node, catalog()) == "image"
    assert parameter_of("spec.template.spec.containers[web].readinessProbe.tcpSocket.port", node, catalog()) == (
        "readiness_probe.port"
    )
