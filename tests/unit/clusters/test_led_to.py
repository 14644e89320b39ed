"""An Ingress on the canvas is no better than what it routes to: the watch knows these Services, whoever made them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clusters.domain.diagnosis import NodeContext, diagnose
from clusters.domain.health import Health, State
from clusters.domain.observed import Backend, ObservedObject
from clusters.domain.projection import project
from clusters.watching.contract import NodeKey
from clusters.watching.groups import Maker
from clusters.watching.object_index import ObjectIndex

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
OLD = "2026-03-01T11:00:00Z"
SITE, WEB = NodeKey("env", "site"), NodeKey("env", "web")
VERSIONS = {
    "Ingress": "networking.k8s.io/v1",
    "EndpointSlice": "discovery.k8s.io/v1",
    "Deployment": "apps/v1",
    "Service": "v1",
}


def thing(kind: str, name: str, node: str = "", **more: Any) -> ObservedObject:
    labels = {
        **more.pop("labels", {}),
        **({"kubeorch.dev/environment": "env", "kubeorch.dev/node": node} if node else {}),
    }
    created = more.pop("created", OLD)
    metadata = {
        "name": name,
        "uid": f"{kind}-{name}",
        "namespace": "shop",
        "labels": labels,
        "creationTimestamp": created,
    }
    return project(VERSIONS[kind], kind, {"metadata": metadata, **more})


def an_ingress(*backends: tuple[str, int | str], address: str = "192.0.2.1", **more: Any) -> ObservedObject:
    paths = [
        {"backend": {"service": {"name": name, "port": {"number" if isinstance(port, int) else "name": port}}}}
        for name, port in backends
    ]
    status = {"loadBalancer": {"ingress": [{"ip": address}]}} if address else {}
    return thing("Ingress", "site", "site", spec={"rules": [{"http": {"paths": paths}}]}, status=status, **more)


def a_service(name: str = "web", node: str = "web", **spec: Any) -> ObservedObject:
    ports = [{"port": 80, "name": "http"}]
    return thing(
        "Service", name, node, spec={"clusterIP": "10.0.0.1", "selector": {"app": name}, "ports": ports, **spec}
    )


def slices(ready: bool | None, of: str = "web", node: str = "web") -> ObservedObject:
    endpoints = [] if ready is None else [{"addresses": ["10.1.0.1"], "conditions": {"ready": ready}}]
    return thing("EndpointSlice", f"{of}-1", node, labels={"kubernetes.io/service-name": of}, endpoints=endpoints)


def an_index(*objects: ObservedObject) -> ObjectIndex:
    index = ObjectIndex()
    for one in objects:
        index.change(None, one)
    return index


def health(ingress: ObservedObject, *others: ObservedObject, unseen: Health | None = None) -> Health:
    index = an_index(ingress, *others)

    def service(namespace: str, name: str) -> ObservedObject | Health | None:
        return index.service(namespace, name) or unseen

    context = NodeContext(NOW, index.endpoints_of, lambda name: False, index.warnings_about, service=service)
    return diagnose([ingress], context).health


def said(*objects: ObservedObject, **more: Any) -> tuple[str, str]:
    found = health(*objects, **more)
    return found.state.value, found.reason


def test_an_address_alone_is_not_green() -> None:
    site = an_ingress(("web", 80))
    assert said(site, a_service(), slices(True)) == ("healthy", "at 192.0.2.1")
    assert said(site) == ("degraded", "The Service web that the Ingress routes to does not exist")
    nobody = ("degraded", "its Service web leads nowhere: no ready pod matches its selector")
    assert said(site, a_service(), slices(None)) == nobody
    unseen = ("present", "its Service web: it has no EndpointSlice, so whether it reaches pods is not known")
    assert said(site, a_service()) == unseen
    starting = ("progressing", "waiting for its Service web: none of its 1 endpoint is ready")
    assert said(site, a_service(), slices(False)) == starting


@pytest.mark.parametrize(
    ("port", "state"), [(80, "healthy"), ("http", "healthy"), (81, "degraded"), ("grpc", "degraded")]
)
def test_the_port_of_a_backend_has_to_be_one_of_the_service(port: int | str, state: str) -> None:
    found = said(an_ingress(("web", port)), a_service(), slices(True))
    assert found[0] == state
    assert state == "healthy" or found[1] == f"The Service web has no port {port}; it has 80"


def test_the_worst_of_its_services_counts_and_one_of_others_counts_as_well() -> None:
    site = an_ingress(("web", 80), ("mail", 80))
    there = [a_service(), slices(True)]
    assert said(site, *there)[1] == "The Service mail that the Ingress routes to does not exist"
    theirs = [a_service("mail", ""), slices(True, "mail", "")]
    assert said(site, *there, *theirs) == ("healthy", "at 192.0.2.1")


def test_what_is_not_known_of_a_service_is_not_called_missing() -> None:
    unseen = Health(State.PRESENT, "whether its Service web exists is not known: forbidden")
    assert said(an_ingress(("web", 80)), unseen=unseen) == ("present", unseen.reason)


def test_a_new_ingress_may_wait_a_little_for_its_service() -> None:
    new = an_ingress(("web", 80), created=(NOW - timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    found = health(new)
    assert (found.state, found.recheck_s) == (State.PROGRESSING, 10)
    waiting = an_ingress(("web", 80), address="")
    assert health(waiting, a_service(), slices(True)).state == State.PROGRESSING
    assert health(waiting).state == State.DEGRADED, "what is wrong goes before what is waited for"


def test_an_ingress_without_services_is_judged_by_its_address() -> None:
    assert said(an_ingress()) == ("healthy", "at 192.0.2.1")


def test_each_backend_is_kept_once_and_not_without_bound() -> None:
    seen = an_ingress(("web", 80), ("web", 80), ("web", "http"), *((f"s{number}", 80) for number in range(99)))
    backends = seen.status.backends  # type: ignore[union-attr]
    assert backends[:2] == (Backend("web", "80"), Backend("web", "http"))
    assert len(backends) == 50


def test_what_changes_a_service_concerns_the_ingresses_that_route_to_it() -> None:
    index = an_index(an_ingress(("web", 80)))
    service = a_service()
    assert set(index.change(None, service)) == {SITE, WEB}
    assert set(index.change(None, slices(True))) == {SITE, WEB}
    pods = {"replicas": 0, "template": {"metadata": {"labels": {"app": "web"}}}}
    assert set(index.change(None, thing("Deployment", "web", "deployment", spec=pods))) == {
        SITE,
        WEB,
        NodeKey("env", "deployment"),
    }
    assert set(index.change(service, None)) == {SITE, WEB}
    assert index.service("shop", "web") is None
    theirs = a_service("web", "")
    assert index.change(None, theirs) == [SITE], "it belongs to no node"


def test_services_of_others_are_watched_only_where_an_ingress_of_ours_routes_to_them() -> None:
    site = an_ingress(("web", 80))
    index = an_index(site)
    assert index.strays() == {Maker("env", "shop")}, "it may be somebody else's"
    service = a_service()
    index.change(None, service)
    assert index.strays() == frozenset()
    other = an_ingress(("mail", 80))
    index.change(site, other)
    assert index.strays() == {Maker("env", "shop")}
    index.change(other, None)
    assert index.strays() == frozenset()
