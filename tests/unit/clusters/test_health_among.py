"""A green light rests on what was read: an object that is well only if others are is judged together with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clusters.domain.diagnosing.healths import health_among, health_by_pods, is_in_doubt
from clusters.domain.diagnosing.surroundings import KIND_VERSIONS, Surroundings
from clusters.domain.health import Health, ObjectContext, health_of
from clusters.domain.observed import EndpointStatus
from clusters.domain.projection import project
from tests.unit.clusters.test_diagnosing import NOW, PULL, Facts, Manifest, event, pod, thing, waiting, web

FORBIDDEN = "these credentials may not list them"
SERVICE = thing("web", spec={"clusterIP": "10.0.0.7", "selector": {"app": "web"}, "ports": [{"port": 80}]})


def slices(*ready: bool, of: str = "web") -> Facts:
    endpoints = [{"addresses": [f"10.1.0.{number}"], "conditions": {"ready": one}} for number, one in enumerate(ready)]
    labels = {"kubernetes.io/service-name": of}
    return {"EndpointSlice": [thing(f"{of}-1", labels=labels, endpoints=endpoints, ports=[{"port": 80}])]}


def health(kind: str, one: Manifest, seen: Facts, *, partial: tuple[str, ...] = (), **unread: str) -> Health:
    own = health_of(project(KIND_VERSIONS[kind], kind, one), ObjectContext(NOW))
    return health_among(kind, one, own, Surroundings({kind: [one], **seen}, now=NOW, partial=partial), unread)


def service(seen: Facts, **more: Any) -> tuple[str, str]:
    found = health("Service", SERVICE, seen, **more)
    return found.state.value, found.reason


def ingress(*services: Manifest, around: Facts | None = None, **more: Any) -> tuple[str, str]:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    spec = {"rules": [{"http": {"paths": [{"path": "/", "backend": backend}]}}]}
    one = thing("site", spec=spec, status={"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}})
    seen: Facts = {} if more else {"Service": list(services), **(slices(True) if around is None else around)}
    found = health("Ingress", one, seen, **more)
    return found.state.value, found.reason


def cron_job(seen: Facts, **unread: Any) -> tuple[str, str]:
    found = health("CronJob", thing("nightly", spec={"schedule": "0 3 * * *"}), seen, **unread)
    return found.state.value, found.reason


def test_a_service_is_healthy_by_its_endpoints_alone() -> None:
    assert service(slices(True, False)) == ("healthy", "1 of 2 endpoints ready")
    assert service(slices(False)) == ("progressing", "none of its 1 endpoint is ready")
    assert service(slices()) == ("degraded", "no ready pod matches its selector")


def test_an_address_that_is_published_before_its_pod_is_ready_makes_no_service_healthy() -> None:
    ends = [{"conditions": {"ready": True, "serving": False}}, {"conditions": {"ready": True, "serving": True}}]
    labels = {"kubernetes.io/service-name": "web"}

    def seen(*endpoints: Any) -> Manifest:
        return thing("web-1", labels=labels, endpoints=list(endpoints), ports=[{"port": 80}])

    assert service({"EndpointSlice": [seen(*ends)]}) == ("healthy", "1 of 2 endpoints ready")
    assert service({"EndpointSlice": [seen(ends[0])]}) == ("progressing", "none of its 1 endpoint is ready")
    kept = project("discovery.k8s.io/v1", "EndpointSlice", seen(*ends)).status
    assert isinstance(kept, EndpointStatus)
    assert (kept.ready, kept.total) == (1, 2)
    leaving = {"conditions": {"ready": False, "serving": True, "terminating": True}}
    assert service({"EndpointSlice": [seen(leaving)]})[0] == "progressing", "it gets no new traffic"


def test_a_service_without_any_slice_is_judged_by_its_pods() -> None:
    said = "it has no EndpointSlice, so whether it reaches pods is not known"
    assert service({"EndpointSlice": []}) == ("present", said), "its pods may not be read either"
    nobody: Facts = {"EndpointSlice": [], "Pod": []}
    assert service(nobody) == ("degraded", "No pod has the labels that the Service selects: app=web")
    assert is_in_doubt(SERVICE, Surroundings({"EndpointSlice": []}, now=NOW))
    assert not is_in_doubt(SERVICE, Surroundings({}, now=NOW)), "what is not known either way is not looked into"


def test_a_service_that_selects_nothing_has_the_sentence_of_its_diagnosis() -> None:
    sentence = "No pod has the labels that the Service selects: app=web"
    assert service({**slices(), "Pod": []}) == ("degraded", sentence)
    asleep = {**web(replicas=0), "Pod": []}
    assert service({**slices(), **asleep}) == ("suspended", "its pods are scaled to 0")


def test_a_service_whose_endpoints_were_not_read_is_unknown_with_the_reason() -> None:
    told = ("unknown", f"its endpoints could not be read: {FORBIDDEN}")
    assert service({}, EndpointSlice=FORBIDDEN) == told
    some: dict[str, Any] = {"partial": ("EndpointSlice",)}
    assert service(slices(of="other"), **some) == (
        "unknown",
        "its endpoints could not be read: there are more of them than are read",
    )
    assert service(slices(True), **some) == ("healthy", "1 of 1 endpoints ready"), "one is enough"
    assert service(slices(False), **some)[0] == "unknown", "another slice may have a ready one"


def test_a_service_that_nobody_gave_endpoints_is_not_healthy() -> None:
    by_hand = thing("db", spec={"clusterIP": "10.0.0.9", "ports": [{"port": 5432}]})
    found = health("Service", by_hand, {"EndpointSlice": []})
    assert (found.state, found.reason) == ("degraded", "The Service has no selector, and nobody has given it endpoints")
    assert health("Service", by_hand, slices(True, of="db")).state == "healthy"
    assert health("Service", by_hand, {}, EndpointSlice=FORBIDDEN).state == "unknown"
    outside = thing("mail", spec={"type": "ExternalName", "externalName": "mail.example"})
    assert health("Service", outside, {}).state == "healthy", "no endpoints are wanted"


def test_an_ingress_with_an_address_is_healthy_only_before_services_that_are_there() -> None:
    assert ingress(SERVICE) == ("healthy", "at 192.0.2.1")
    assert ingress() == ("degraded", "The Service web that the Ingress routes to does not exist")
    other = thing("web", spec={"ports": [{"port": 81}]})
    assert ingress(other) == ("degraded", "The Service web has no port 80; it has 81")
    told = ("unknown", f"the Services that it routes to could not be read: {FORBIDDEN}")
    assert ingress(Service=FORBIDDEN) == told


def test_an_ingress_is_no_better_than_the_services_it_routes_to() -> None:
    nobody = "its Service web leads nowhere: "
    assert ingress(SERVICE, around=slices()) == ("degraded", f"{nobody}no ready pod matches its selector")
    astray = {**slices(), "Pod": []}
    told = "Its Service web leads nowhere: No pod has the labels that the Service selects: app=web"
    assert ingress(SERVICE, around=astray) == ("degraded", told)
    starting = ("progressing", "waiting for its Service web: none of its 1 endpoint is ready")
    assert ingress(SERVICE, around=slices(False)) == starting
    asleep = {**slices(), **web(replicas=0), "Pod": []}
    assert ingress(SERVICE, around=asleep) == ("suspended", "its Service web: its pods are scaled to 0")
    unread = "its Service web: its endpoints could not be read: there are more of them than are read"
    assert ingress(SERVICE, around={}) == ("unknown", unread)


def test_a_cron_job_is_not_healthy_whose_latest_job_failed() -> None:
    job = thing("nightly-1", owner="nightly", status={"conditions": [{"type": "Failed", "status": "True"}]})
    assert cron_job({"Job": [job]}) == ("degraded", "Its latest Job nightly-1 failed")
    assert cron_job({"Job": []}) == ("present", "scheduled; it has not run yet")
    assert cron_job({}, Job=FORBIDDEN) == ("unknown", f"its Jobs could not be read: {FORBIDDEN}")


@pytest.mark.parametrize(("phase", "state"), [("Pending", "degraded"), ("Bound", "healthy")])
def test_a_claim_without_its_class_waits_for_nobody(phase: str, state: str) -> None:
    claim = thing("data", spec={"storageClassName": "fast"}, status={"phase": phase})
    found = health("PersistentVolumeClaim", claim, {"StorageClass": []})
    assert found.state == state
    assert health("PersistentVolumeClaim", claim, {}).state == {"Pending": "progressing"}.get(phase, state)


def test_what_is_being_deleted_says_so() -> None:
    metadata = {**SERVICE["metadata"], "deletionTimestamp": "2026-11-26T11:59:00Z"}
    assert health("Service", {**SERVICE, "metadata": metadata}, slices()).reason == "being deleted"


def deployment(*pods: Manifest, **more: list[Manifest]) -> Health:
    facts = web()
    own = health_of(project("apps/v1", "Deployment", facts["Deployment"][0]), ObjectContext(NOW))
    assert (own.state, own.recheck_s) == ("progressing", None)
    return health_by_pods(
        "Deployment", facts["Deployment"][0], own, Surroundings({**facts, "Pod": pods, **more}, now=NOW)
    )


def test_a_workload_on_its_way_says_what_keeps_its_pods() -> None:
    broken = deployment(pod(waiting("ImagePullBackOff", PULL + "not found")))
    assert (broken.state, broken.reason) == ("degraded", "Image registry.example/web:2 cannot be pulled: not found")
    refused = event("web-1", "FailedCreate", 'pods "web-1-" is forbidden: exceeded quota: small, requested: pods=1')
    found = deployment(Event=[refused])
    assert (found.state, found.reason.startswith("Pods cannot be created")) == ("degraded", True)
    going = deployment(pod({"running": {}}))
    assert (going.state, going.reason) == ("progressing", "0 of 1 pods ready")
    assert going.recheck_s == 15, "its pods may get into trouble without a change of it"


@pytest.mark.parametrize(("seconds", "state"), [(5, "progressing"), (20, "degraded")])
def test_a_pod_may_look_for_a_node_for_a_moment(seconds: int, state: str) -> None:
    since = (NOW - timedelta(seconds=seconds)).isoformat()
    row = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}
    stuck = pod({}, phase="Pending", conditions=[{**row, "lastTransitionTime": since}])
    stuck["status"].pop("containerStatuses")
    found = deployment(stuck)
    assert (found.state, "cannot be scheduled" in found.reason) == (state, True)
    assert (found.recheck_s is not None) == (state == "progressing")
