"""Health by kind: tables of what an API server shows and what we make of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.domain.health import ObjectContext, State, health_of
from clusters.domain.observed import ObservedObject
from clusters.domain.projection import project
from tests.support.searches import searched

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
VERSIONS = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), "apps/v1"),
    **dict.fromkeys(("Job", "CronJob"), "batch/v1"),
    "Ingress": "networking.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    "CertificateSigningRequest": "certificates.k8s.io/v1",
    "StorageClass": "storage.k8s.io/v1",
    "Widget": "example.com/v1",
}


def an_object(kind: str, *, spec: Any = None, status: Any = None, **metadata: Any) -> ObservedObject:
    manifest = {
        "metadata": {"name": "web", "namespace": "shop", "uid": "u1", "resourceVersion": "7", **metadata},
        "spec": spec or {},
        "status": status or {},
    }
    return project(VERSIONS.get(kind, "v1"), kind, manifest)


def condition(kind: str, status: str = "True", reason: str = "", message: str = "") -> dict[str, str]:
    return {"type": kind, "status": status, "reason": reason, "message": message}


AVAILABLE = condition("Available")
ROLLED = condition("Progressing", reason="NewReplicaSetAvailable")
ABLE = condition("AbleToScale")
LAST_RUN = {"lastScheduleTime": "2026-03-01T03:00:00Z"}


def a_deployment(
    desired: int | None = 3, *, current: int = 3, updated: int = 3, ready: int = 3, available: int = 3, **more: Any
) -> ObservedObject:
    spec = {
        "progressDeadlineSeconds": 600,
        **({} if desired is None else {"replicas": desired}),
        **more.get("spec", {}),
    }
    status = {
        "replicas": current,
        "updatedReplicas": updated,
        "readyReplicas": ready,
        "availableReplicas": available,
        "conditions": more.get("conditions", [AVAILABLE, ROLLED]),
    }
    return an_object("Deployment", spec=spec, status=status)


@pytest.mark.parametrize(
    ("seen", "state", "words"),
    [
        (a_deployment(), State.HEALTHY, "3 of 3 pods ready"),
        (a_deployment(None, current=1, updated=1, ready=1, available=1), State.HEALTHY, "1 of 1"),
        (a_deployment(0, current=0, updated=0, ready=0, available=0), State.HEALTHY, "scaled to 0"),
        (a_deployment(0, current=2, updated=0, ready=2, available=2), State.PROGRESSING, "2 old pods"),
        (a_deployment(updated=1), State.PROGRESSING, "1 of 3 pods updated"),
        (a_deployment(current=4), State.PROGRESSING, "waiting for 1 old pod to terminate"),
        (a_deployment(ready=2, available=2), State.PROGRESSING, "2 of 3 pods ready"),
        (a_deployment(available=2), State.PROGRESSING, "2 of 3 pods available"),
        (a_deployment(conditions=[ROLLED]), State.PROGRESSING, "ready but not available"),
        (
            a_deployment(conditions=[AVAILABLE, condition("Progressing", reason="ReplicaSetUpdated")]),
            State.PROGRESSING,
            "is finishing",
        ),
        (
            a_deployment(ready=0, conditions=[condition("Progressing", "False", "ProgressDeadlineExceeded")]),
            State.FAILED,
            "exceeded its progress deadline",
        ),
        (a_deployment(ready=0, spec={"paused": True}), State.SUSPENDED, "paused"),
        (
            a_deployment(
                current=0, conditions=[condition("ReplicaFailure", reason="FailedCreate", message="exceeded quota")]
            ),
            State.DEGRADED,
            "exceeded quota",
        ),
    ],
)
def test_health_of_deployments(seen: ObservedObject, state: State, words: str) -> None:
    health = health_of(seen)
    assert (health.state, words in health.reason) == (state, True), health


@pytest.mark.parametrize(
    ("kind", "spec", "status", "state"),
    [
        ("StatefulSet", {"replicas": 3}, {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3}, State.HEALTHY),
        (
            "StatefulSet",
            {"replicas": 3, "minReadySeconds": 600},
            {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "availableReplicas": 2},
            State.PROGRESSING,
        ),
        (
            "StatefulSet",
            {"replicas": 3, "minReadySeconds": 600},
            {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "availableReplicas": 3},
            State.HEALTHY,
        ),
        ("StatefulSet", {"replicas": 3}, {"replicas": 2, "readyReplicas": 2}, State.PROGRESSING),
        ("StatefulSet", {"replicas": 1}, {"replicas": 2, "readyReplicas": 2}, State.PROGRESSING),
        ("StatefulSet", {"replicas": 0}, {}, State.HEALTHY),
        (
            "StatefulSet",
            {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}},
            {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"},
            State.HEALTHY,
        ),
        (
            "StatefulSet",
            {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 1}}},
            {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"},
            State.PROGRESSING,
        ),
        (
            "StatefulSet",
            {"replicas": 3},
            {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"},
            State.PROGRESSING,
        ),
        (
            "StatefulSet",
            {"replicas": 3, "updateStrategy": {"type": "OnDelete"}},
            {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 0, "currentRevision": "a", "updateRevision": "b"},
            State.HEALTHY,
        ),
        ("DaemonSet", {}, {}, State.PROGRESSING),
        ("DaemonSet", {}, {"desiredNumberScheduled": 0}, State.PRESENT),
        (
            "DaemonSet",
            {},
            {
                "desiredNumberScheduled": 2,
                "currentNumberScheduled": 2,
                "updatedNumberScheduled": 1,
                "numberReady": 2,
                "numberAvailable": 2,
            },
            State.PROGRESSING,
        ),
        (
            "DaemonSet",
            {"updateStrategy": {"type": "OnDelete"}},
            {
                "desiredNumberScheduled": 2,
                "currentNumberScheduled": 2,
                "updatedNumberScheduled": 1,
                "numberReady": 2,
                "numberAvailable": 2,
            },
            State.HEALTHY,
        ),
        ("ReplicaSet", {"replicas": 1}, {"replicas": 1, "fullyLabeledReplicas": 1}, State.PROGRESSING),
        ("Job", {}, {"startTime": "t", "active": 1}, State.PROGRESSING),
        ("Job", {"completions": 5}, {"startTime": "t", "succeeded": 1}, State.PROGRESSING),
        ("Job", {}, {}, State.PROGRESSING),
        ("Job", {"suspend": True}, {}, State.SUSPENDED),
        ("Job", {}, {"startTime": "t", "conditions": [condition("Complete")]}, State.HEALTHY),
        (
            "Job",
            {},
            {"startTime": "t", "conditions": [condition("Failed", reason="BackoffLimitExceeded")]},
            State.FAILED,
        ),
        ("CronJob", {"schedule": "* * * * *"}, {}, State.PRESENT),
        ("CronJob", {}, {"active": [{"name": "web-1"}]}, State.HEALTHY),
        ("CronJob", {}, {"lastScheduleTime": "2026-03-01T03:00:00Z"}, State.PRESENT),
        ("CronJob", {}, LAST_RUN | {"lastSuccessfulTime": "2026-03-01T03:00:09Z"}, State.HEALTHY),
        ("CronJob", {}, {"lastSuccessfulTime": "2026-03-01T03:00:09Z"}, State.HEALTHY),
        ("CronJob", {}, LAST_RUN | {"lastSuccessfulTime": "2026-02-28T03:00:09Z"}, State.PRESENT),
        ("CronJob", {"suspend": True}, {}, State.SUSPENDED),
        ("Pod", {}, {"phase": "Succeeded"}, State.HEALTHY),
        ("Pod", {}, {"phase": "Failed", "reason": "Evicted"}, State.FAILED),
        ("Pod", {}, {"phase": "Running", "conditions": [condition("Ready")]}, State.HEALTHY),
        ("Pod", {}, {"phase": "Running", "conditions": [condition("Ready", "False")]}, State.PROGRESSING),
        (
            "Pod",
            {},
            {
                "phase": "Pending",
                "initContainerStatuses": [{"name": "i", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}],
            },
            State.DEGRADED,
        ),
        ("PersistentVolumeClaim", {}, {"phase": "Bound"}, State.HEALTHY),
        ("PersistentVolumeClaim", {}, {"phase": "Pending"}, State.PROGRESSING),
        ("PersistentVolumeClaim", {}, {"phase": "Lost"}, State.FAILED),
        ("Service", {"clusterIP": "10.0.0.1"}, {}, State.PRESENT),
        ("Service", {"type": "ExternalName", "externalName": "db.example"}, {}, State.HEALTHY),
        ("Service", {"type": "LoadBalancer", "clusterIP": "10.0.0.1"}, {}, State.PROGRESSING),
        ("Service", {"type": "LoadBalancer"}, {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}, State.PRESENT),
        ("Ingress", {}, {}, State.PROGRESSING),
        ("Ingress", {}, {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}, State.HEALTHY),
        ("HorizontalPodAutoscaler", {}, {}, State.PROGRESSING),
        ("HorizontalPodAutoscaler", {}, {"conditions": [condition("AbleToScale")]}, State.PROGRESSING),
        ("HorizontalPodAutoscaler", {}, {"conditions": [ABLE, condition("ScalingActive")]}, State.HEALTHY),
        ("HorizontalPodAutoscaler", {}, {"conditions": [ABLE, condition("ScalingLimited")]}, State.PROGRESSING),
        (
            "HorizontalPodAutoscaler",
            {},
            {"conditions": [ABLE, condition("ScalingActive", "Unknown"), condition("ScalingLimited")]},
            State.PROGRESSING,
        ),
        (
            "HorizontalPodAutoscaler",
            {},
            {"conditions": [ABLE, condition("ScalingActive"), condition("ScalingLimited")]},
            State.HEALTHY,
        ),
        ("HorizontalPodAutoscaler", {}, {"conditions": [ABLE, condition("ScalingActive", "False")]}, State.PROGRESSING),
        (
            "HorizontalPodAutoscaler",
            {},
            {
                "conditions": [
                    condition("AbleToScale"),
                    condition("ScalingActive", "False", "FailedGetResourceMetric", "no metrics"),
                ]
            },
            State.DEGRADED,
        ),
        (
            "HorizontalPodAutoscaler",
            {},
            {"conditions": [condition("AbleToScale"), condition("ScalingActive", "False", "ScalingDisabled")]},
            State.SUSPENDED,
        ),
        ("CertificateSigningRequest", {}, {"conditions": [condition("Approved")]}, State.PROGRESSING),
        (
            "CertificateSigningRequest",
            {},
            {"conditions": [condition("Approved")], "certificate": "LS0tLQ=="},
            State.HEALTHY,
        ),
        ("CustomResourceDefinition", {}, {"conditions": [condition("Established")]}, State.HEALTHY),
        ("CustomResourceDefinition", {}, {}, State.PROGRESSING),
        ("CustomResourceDefinition", {}, {"conditions": [condition("NamesAccepted", "False")]}, State.FAILED),
        (
            "CustomResourceDefinition",
            {},
            {"conditions": [condition("Established", "False", "Installing")]},
            State.PROGRESSING,
        ),
        ("ConfigMap", {}, {}, State.HEALTHY),
        ("Widget", {}, {"conditions": [condition("Ready")]}, State.HEALTHY),
        ("Widget", {}, {"conditions": [condition("Ready", "False")]}, State.PROGRESSING),
        ("Widget", {}, {"conditions": [condition("Ready", "Unknown")]}, State.PROGRESSING),
        ("Widget", {}, {"conditions": [condition("Ready"), condition("Stalled")]}, State.FAILED),
        ("Widget", {}, {"conditions": [condition("Ready"), condition("Reconciling")]}, State.PROGRESSING),
    ],
)
def test_health_of_other_kinds(kind: str, spec: Any, status: Any, state: State) -> None:
    health = health_of(an_object(kind, spec=spec, status=status))
    assert health.state == state, health
    assert health.reason


def test_an_object_being_deleted_is_progressing_whatever_its_status_says() -> None:
    seen = an_object("Widget", status={"conditions": [condition("Ready")]}, deletionTimestamp="2026-01-01T00:00:00Z")
    assert health_of(seen).state == State.PROGRESSING


def test_a_status_of_an_older_generation_is_ignored() -> None:
    seen = an_object("Deployment", status={"observedGeneration": 1}, generation=2)
    assert health_of(seen).state == State.PROGRESSING
    assert "has not processed the latest change" in health_of(seen).reason


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"])
def test_what_no_controller_has_looked_at_is_not_healthy_because_it_wants_no_pods(kind: str) -> None:
    unseen = an_object(kind, spec={"replicas": 0}, generation=1)
    assert health_of(unseen).state == State.PROGRESSING
    assert health_of(an_object(kind, spec={"replicas": 0}, status={"observedGeneration": 1}, generation=1)).state == (
        State.HEALTHY
    )


def test_a_claim_that_waits_for_its_first_consumer_does_not_block_a_run() -> None:
    seen = an_object("PersistentVolumeClaim", status={"phase": "Pending"})
    assert health_of(seen, ObjectContext(waits_for_consumer=True)).state == State.SUSPENDED


@pytest.mark.parametrize(
    ("endpoints", "age_s", "state"),
    [
        (None, 60, State.PRESENT),
        (None, 5, State.PROGRESSING),
        ((2, 2), 60, State.HEALTHY),
        ((0, 2), 60, State.PROGRESSING),
        ((0, 0), 5, State.PROGRESSING),
        ((0, 0), 60, State.DEGRADED),
    ],
)
def test_a_service_with_a_selector_needs_a_ready_endpoint(
    endpoints: tuple[int, int] | None, age_s: int, state: State
) -> None:
    created = (NOW - timedelta(seconds=age_s)).isoformat()
    seen = an_object("Service", spec={"selector": {"app": "web"}, "clusterIP": "10.0.0.1"}, creationTimestamp=created)
    health = health_of(seen, ObjectContext(now=NOW, endpoints=endpoints))
    assert health.state == state
    assert (health.recheck_s is not None) == (age_s == 5)


@pytest.mark.parametrize(
    ("context", "state", "said"),
    [
        (ObjectContext(NOW), State.PRESENT, "it has no EndpointSlice, so whether it reaches pods is not known"),
        (
            ObjectContext(NOW, unlisted="they may not be listed"),
            State.PRESENT,
            "its EndpointSlices cannot be seen: they may not be listed",
        ),
        (ObjectContext(NOW, backends=(3, 0)), State.PRESENT, "it has no EndpointSlice, so whether it reaches pods"),
        (ObjectContext(NOW, backends=(3, 2)), State.DEGRADED, "the cluster lists no address of its 2 ready pods"),
        (ObjectContext(NOW, unlisted="no right", backends=(3, 2)), State.PRESENT, "cannot be seen: no right"),
        (ObjectContext(NOW, backends=(0, 0)), State.SUSPENDED, "its pods are scaled to 0"),
    ],
)
def test_a_service_whose_endpoints_nobody_has_seen_is_not_healthy(
    context: ObjectContext, state: State, said: str
) -> None:
    created = (NOW - timedelta(hours=1)).isoformat()
    spec = {"selector": {"app": "web"}, "clusterIP": "10.0.0.1"}
    health = health_of(an_object("Service", spec=spec, creationTimestamp=created), context)
    assert (health.state, said in health.reason) == (state, True), health


def test_a_service_that_may_not_be_looked_behind_waits_for_nothing() -> None:
    seen = an_object("Service", spec={"selector": {"app": "web"}, "clusterIP": "10.0.0.1"}, creationTimestamp=str(NOW))
    assert health_of(seen, ObjectContext(NOW, unlisted="no right")).state == State.PRESENT


@pytest.mark.parametrize(
    ("endpoints", "state", "said"),
    [
        (None, State.PRESENT, "it has no selector, and no EndpointSlice of it is seen"),
        ((0, 0), State.PRESENT, "it has no selector, and no EndpointSlice of it is seen"),
        ((0, 1), State.PROGRESSING, "none of its 1 endpoint is ready"),
        ((1, 1), State.HEALTHY, "1 of 1 endpoints ready"),
    ],
)
def test_a_service_without_a_selector_is_judged_by_what_was_written_for_it(
    endpoints: tuple[int, int] | None, state: State, said: str
) -> None:
    health = health_of(an_object("Service", spec={"clusterIP": "10.0.0.1"}), ObjectContext(NOW, endpoints=endpoints))
    assert (health.state, health.reason) == (state, said)


@pytest.mark.parametrize(
    ("endpoints", "backends", "state"),
    [
        ((0, 0), (0, 0), State.SUSPENDED),
        ((0, 1), (0, 0), State.SUSPENDED),
        ((1, 1), (0, 0), State.HEALTHY),
        ((0, 0), (2, 0), State.DEGRADED),
        ((0, 0), None, State.DEGRADED),
    ],
)
def test_a_service_whose_pods_are_scaled_to_0_is_as_the_person_wants_it(
    endpoints: tuple[int, int], backends: tuple[int, int] | None, state: State
) -> None:
    created = (NOW - timedelta(seconds=60)).isoformat()
    seen = an_object("Service", spec={"selector": {"app": "web"}}, creationTimestamp=created)
    health = health_of(seen, ObjectContext(now=NOW, endpoints=endpoints, backends=backends))
    assert health.state == state
    assert (health.reason == "its pods are scaled to 0") == (state == State.SUSPENDED)


@pytest.mark.parametrize(
    ("backends", "said"),
    [
        (None, "no ready pod matches its selector"),
        ((3, 0), "no ready pod matches its selector"),
        ((3, 3), "the cluster lists no address of its 3 ready pods"),
    ],
)
def test_a_service_without_endpoints_says_whether_ready_pods_match(backends: tuple[int, int] | None, said: str) -> None:
    seen = an_object("Service", spec={"selector": {"app": "web"}})
    assert health_of(seen, ObjectContext(now=NOW, endpoints=(0, 0), backends=backends)).reason == said


@pytest.mark.parametrize(("age_s", "state"), [(3, State.PROGRESSING), (30, State.DEGRADED)])
def test_a_pod_may_be_unscheduled_for_a_moment(age_s: int, state: State) -> None:
    row = condition("PodScheduled", "False", "Unschedulable", "0/1 nodes are available")
    row["lastTransitionTime"] = (NOW - timedelta(seconds=age_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
    seen = an_object("Pod", status={"phase": "Pending", "conditions": [row]})
    assert health_of(seen, ObjectContext(now=NOW)).state == state


COUNTERS = {
    "Deployment": ("updatedReplicas", "readyReplicas", "availableReplicas"),
    "StatefulSet": ("updatedReplicas", "readyReplicas", "availableReplicas"),
    "DaemonSet": ("updatedNumberScheduled", "numberReady", "numberAvailable", "currentNumberScheduled"),
    "ReplicaSet": ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
}


@given(data=st.data(), kind=st.sampled_from(sorted(COUNTERS)))
@searched(400)
def test_one_more_ready_replica_never_makes_an_object_less_healthy(data: Any, kind: str) -> None:
    number = st.integers(0, 4)
    status = {
        counter: data.draw(number)
        for counter in (*COUNTERS[kind], "replicas", "desiredNumberScheduled", "currentNumberScheduled")
    }
    status["conditions"] = data.draw(st.lists(st.sampled_from([AVAILABLE, ROLLED]), max_size=2))
    spec = {"replicas": data.draw(number)}
    raised = {**status, (counter := data.draw(st.sampled_from(COUNTERS[kind]))): status[counter] + 1}
    if health_of(an_object(kind, spec=spec, status=status)).state == State.HEALTHY:
        assert health_of(an_object(kind, spec=spec, status=raised)).state == State.HEALTHY


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["replicas", "conditions", "loadBalancer", "phase", "containerStatuses", "template", "updateStrategy", "ports"]
)


@given(
    kind=st.sampled_from([*COUNTERS, "Pod", "Job", "CronJob", "Service", "Ingress", "HorizontalPodAutoscaler", "X"]),
    spec=st.one_of(JSON, st.dictionaries(FIELDS, JSON)),
    status=st.one_of(JSON, st.dictionaries(FIELDS, JSON)),
    owners=JSON,
    managed=JSON,
)
@searched(300)
def test_no_object_however_malformed_causes_an_error(
    kind: str, spec: Any, status: Any, owners: Any, managed: Any
) -> None:
    manifest = {
        "metadata": {"name": "a", "uid": "b", "ownerReferences": owners, "managedFields": managed, "labels": owners},
        "spec": spec,
        "status": status,
    }
    assert health_of(project(VERSIONS.get(kind, "example.com/v1"), kind, manifest)).state in State
