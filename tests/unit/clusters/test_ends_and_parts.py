"""What says that it has ended may have ended badly, or go on; and what waits for several waits for each."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.health import Health, ObjectContext, health_of
from clusters.domain.objects import group_of
from clusters.domain.rules.vocabulary import DONE
from clusters.resources.healths import is_judged
from tests.unit.clusters.test_health_of_any_kind import GATEWAY, NOW, ROLLOUT, an_object, conditions, row

KUEUE, JOBSET, KATIB = "kueue.x-k8s.io/v1beta1", "jobset.x-k8s.io/v1alpha2", "kubeflow.org/v1beta1"


def judged(api_version: str, kind: str, status: Any, **more: Any) -> Health:
    return health_of(an_object(api_version, kind, status, **more), ObjectContext(now=NOW))


def rollout(*rows: dict[str, Any], ready: int, **more: Any) -> Health:
    counted = {"replicas": 3, "readyReplicas": ready, "updatedReplicas": 3, **conditions(*rows), **more}
    return judged(ROLLOUT, "Rollout", counted, spec={"replicas": 3})


@pytest.mark.parametrize("kind", ["Backup", "Workload"])
@pytest.mark.parametrize("name", DONE)
def test_what_ended_badly_is_never_green(name: str, kind: str) -> None:
    said = conditions(row(name))
    assert judged("db.example/v1", kind, {"phase": "Failed", **said}).state == "failed"
    assert judged("db.example/v1", kind, {"phase": "Degraded", **said}).state == "degraded"
    assert judged("db.example/v1", kind, conditions(row(name, reason="Failed", message="Job failed"))) == Health(
        "failed",  # type: ignore[arg-type]
        "Job failed",
    )
    assert judged("db.example/v1", kind, conditions(row(name), row("Failed", message="full"))).state == "failed"
    assert judged("db.example/v1", kind, conditions(row(name), row("Degraded"))).state == "degraded"
    assert judged("db.example/v1", kind, conditions(row(name), row("Ready", "False", "BackOff"))).state == "degraded"
    assert judged("db.example/v1", kind, said).state == "healthy"


@pytest.mark.parametrize("name", DONE)
def test_an_end_is_one_only_where_nothing_goes_on(name: str) -> None:
    assert judged("db.example/v1", "Backup", conditions(row(name), row("Ready", "False"))).state == "healthy"
    assert judged("db.example/v1", "Database", conditions(row(name), row("Ready", "False"))).state == "progressing"
    assert judged("db.example/v1", "Database", conditions(row(name), row("Ready", "Unknown"))).state == "progressing"
    assert judged("db.example/v1", "Database", {"phase": "Updating", **conditions(row(name))}).state == "progressing"
    assert judged("db.example/v1", "Database", conditions(row(name), row("Suspended"))).state == "suspended"


def test_a_rollout_that_was_promoted_once_is_judged_by_its_pods() -> None:
    promoted = row("Completed", reason="RolloutCompleted", message="RolloutCompleted")
    down = (row("Available", "False", "AvailableReason"), row("Healthy", "False", "RolloutHealthy"))
    assert rollout(promoted, *down, ready=0, phase="Degraded", message="crash").state == "degraded"
    assert rollout(promoted, *down, ready=0) == Health("progressing", "0 of 3 pods ready")  # type: ignore[arg-type]
    assert rollout(promoted, row("Available"), ready=3, phase="Healthy").state == "healthy"


def test_what_ran_to_its_end_well_is_healthy_whatever_no_longer_holds() -> None:
    ended = (row("Running", "False", "ExperimentSucceeded"), row("Succeeded", reason="ExperimentGoalReached"))
    assert judged(KATIB, "Experiment", conditions(row("Created"), *ended)).state == "healthy"
    ended = (row("Running", "False", "PyTorchJobSucceeded"), row("Succeeded", reason="PyTorchJobSucceeded"))
    assert judged("kubeflow.org/v1", "PyTorchJob", conditions(row("Created"), *ended)).state == "healthy"
    over = (row("PodRunning", "False"), row("Completed"))
    assert judged(ROLLOUT, "Workflow", {"phase": "Succeeded", **conditions(*over)}).state == "healthy"
    assert judged(ROLLOUT, "Workflow", {"phase": "Failed", **conditions(*over)}).state == "failed"
    assert judged(JOBSET, "JobSet", conditions(row("Completed", reason="AllJobsCompleted"))).state == "healthy"
    admitted = (row("QuotaReserved"), row("Admitted"), row("PodsReady", "False"))
    for reason, state in (("Succeeded", "healthy"), ("Failed", "failed"), ("Rejected", "failed")):
        assert judged(KUEUE, "Workload", conditions(*admitted, row("Finished", reason=reason))).state == state
    ready = row("Ready", "False", "PodCompleted")
    assert judged("db.example/v1", "Importer", conditions(ready, row("Complete"))).state == "healthy"


def route(*accepted: str, wanted: tuple[dict[str, Any], ...]) -> Health:
    told = [
        {"parentRef": {"name": name}, "controllerName": "x", "conditions": [row("Accepted"), row("ResolvedRefs")]}
        for name in accepted
    ]
    return judged(GATEWAY, "HTTPRoute", {"parents": told}, spec={"parentRefs": list(wanted)}, namespace="shop")


def test_a_route_is_accepted_by_each_gateway_that_it_names() -> None:
    a, b = {"name": "a"}, {"name": "b", "sectionName": "https"}
    assert route("a", wanted=(a, b)) == Health("progressing", "Gateway b has not accepted it yet")  # type: ignore[arg-type]
    assert route(wanted=(a, b)).state == "progressing"
    assert route("a", "b", wanted=(a, b)).state == "healthy"
    assert route(
        "a", wanted=({**a, "group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": "shop"},)
    ) == (route("a", wanted=(a,)))
    assert route("a", wanted=(a, {**a, "namespace": "infra"})).reason == "Gateway infra/a has not accepted it yet"
    mesh = {"group": "", "kind": "Service", "name": "a"}
    assert route("a", wanted=(a, mesh)).reason == "Service a has not accepted it yet"


def test_an_entry_without_a_word_accepts_nothing() -> None:
    parents = [{"parentRef": {"name": "a"}, "conditions": []}]
    seen = judged(GATEWAY, "HTTPRoute", {"parents": parents}, spec={"parentRefs": [{"name": "a"}]})
    assert seen == Health("progressing", "Gateway a has not accepted it yet")  # type: ignore[arg-type]


def test_each_of_as_many_parts_as_there_may_be_is_looked_at() -> None:
    listeners = [{"name": f"l{number}", "conditions": [row("Programmed")]} for number in range(63)]
    listeners.append({"name": "last", "conditions": [row("Programmed", "False", "Invalid")]})
    status = {**conditions(row("Programmed")), "listeners": listeners}
    assert judged(GATEWAY, "Gateway", status) == Health("degraded", "last: Invalid")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        (GATEWAY, "Gateway"),
        (GATEWAY, "GatewayClass"),
        (GATEWAY, "HTTPRoute"),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshot"),
        ("apiregistration.k8s.io/v1", "APIService"),
        ("v1", "Node"),
        ("v1", "Namespace"),
        ("networking.k8s.io/v1", "ServiceCIDR"),
        ("db.example/v1", "Database"),
    ],
)
def test_a_kind_that_says_how_it_is_is_judged_in_lists_too(api_version: str, kind: str) -> None:
    assert is_judged(group_of(api_version), kind)


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("", "ConfigMap"),
        ("", "Event"),
        ("events.k8s.io", "Event"),
        ("gateway.networking.k8s.io", "ReferenceGrant"),
        ("metrics.k8s.io", "PodMetrics"),
        ("certificates.k8s.io", "ClusterTrustBundle"),
        ("resource.k8s.io", "ResourceSlice"),
    ],
)
def test_a_kind_without_a_status_is_not_judged(group: str, kind: str) -> None:
    assert not is_judged(group, kind)
    health = judged(f"{group}/v1" if group else "v1", kind, None)
    assert (health.state, health.reason) == ("healthy", "present")
