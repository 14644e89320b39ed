"""Why pods do not start, in the words of a real API server, its controllers and its scheduler.

A pod has 15 s to find a node, so all of them are put up at once, and each test waits for its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.control_plane import ControlPlane
from tests.support.django_setup import configure
from tests.support.wait import until
from tests.support.watching import Watching, a_deployment, all_differences, an_environment, labelled, put, watching

configure()

ABSENT: list[tuple[dict[str, Any], str]] = [
    ({"serviceAccountName": "runner"}, "Pods cannot be created: ServiceAccount runner does not exist"),
    ({"priorityClassName": "high"}, "Pods cannot be created: PriorityClass high does not exist"),
    ({"runtimeClassName": "gvisor"}, "Pods cannot be created: RuntimeClass gvisor does not exist"),
    ({"nodeSelector": {"disk": "ssd"}}, "(its nodeSelector is disk=ssd)"),
    ({"schedulingGates": [{"name": "example.com/dns"}]}, "scheduling gates to be removed: example.com/dns"),
    (
        {"containers": [{"name": "main", "image": "a:1", "resources": {"requests": {"cpu": "900"}}}]},
        "The pod cannot be scheduled: 0/3 nodes are available: 3 Insufficient cpu",
    ),
    (
        {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]},
        "The pod cannot be scheduled: PersistentVolumeClaim data does not exist",
    ),
]
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
LIMITS = {"limits": [{"type": "Container", "max": {"cpu": "100m"}, "default": {"cpu": "100m"}}]}
BIG = {"containers": [{"name": "main", "image": "a:1", "resources": {"limits": {"cpu": "1"}}}]}
RULES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("ResourceQuota", {"hard": {"pods": "0"}}, {}, "exceeded quota: rule, requested: pods=1"),
    ("ResourceQuota", {"hard": {"limits.cpu": "1"}}, {}, "ResourceQuota rule: must specify limits.cpu for: main"),
    ("LimitRange", LIMITS, BIG, "a LimitRange of the namespace does not allow it: maximum cpu usage per Container"),
    ("Namespace", RESTRICTED, {}, 'violates PodSecurity "restricted'),
]
UNBOUND: list[tuple[dict[str, str], str]] = [
    ({"storageClassName": "nope"}, "StorageClass nope does not exist"),
    ({"storageClassName": ""}, "no PersistentVolume fits it, and it names no StorageClass that makes one"),
]
SERVICE = "a Service without pods"


@dataclass(frozen=True, slots=True)
class Watched:
    live: Watching
    environments: dict[str, dict[str, Any]]
    """By the words that its node `web` is to say."""


@pytest.fixture(scope="module")
def watched(django_ready: str, control_plane: ControlPlane) -> Iterator[Watched]:
    """Everything that does not start, each in a namespace of its own; the local picture has to be the server's."""
    from clusters import actions
    from kubeorch.mongo.client import db
    from tests.support.database import empty

    empty(db())
    cluster_id = actions.register_sandbox(control_plane.kubeconfig)
    words = [words for *_, words in [*ABSENT, *RULES, *UNBOUND]]
    environments = {name: an_environment(cluster_id, control_plane.namespace("watch")) for name in [*words, SERVICE]}
    with watching(cluster_id) as live:
        put_up(control_plane, environments)
        yield Watched(live, environments)
        until(lambda: not all_differences(live), what="the local picture equals the server's")


def put_up(plane: ControlPlane, environments: dict[str, dict[str, Any]]) -> None:
    for spec, words in ABSENT:
        put(plane, environments[words], "web", a_workload(environments[words], **spec))
    for kind, rule, pod, words in RULES:
        make_rule(plane, environments[words]["namespace"], kind, rule)
        put(plane, environments[words], "web", a_workload(environments[words], **pod))
    for storage_class, words in UNBOUND:
        request = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}
        put(plane, environments[words], "data", {**claim, "spec": {**request, **storage_class}})
        volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
        put(plane, environments[words], "web", a_workload(environments[words], volumes=[volume]))
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "svc"}, "spec": spec}
    plane.apply(labelled(environments[SERVICE], "svc", service))


def make_rule(plane: ControlPlane, namespace: str, kind: str, rule: dict[str, Any]) -> None:
    if kind == "Namespace":
        plane.apply({"apiVersion": "v1", "kind": kind, "metadata": {"name": namespace, "labels": rule}})
        return
    metadata = {"name": "rule", "namespace": namespace}
    plane.apply({"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": rule})
    if kind == "ResourceQuota":
        until(
            lambda: (plane.get("v1", kind, "rule", namespace) or {}).get("status", {}).get("hard"),
            what="the quota counts",
        )


def a_workload(environment: dict[str, Any], **spec: Any) -> dict[str, Any]:
    manifest = a_deployment(environment, "web", replicas=1)
    manifest["spec"]["template"]["spec"].update(spec)
    return manifest


def the_reason(watched: Watched, case: str, words: str) -> str:
    """The reason of the node `web`, once it is degraded for these words."""
    live, environment = watched.live, watched.environments[case]

    def look() -> dict[str, Any] | None:
        status = live.status(environment, "web")
        return status if status and status["health"] == "degraded" and words in status["reason"] else None

    try:
        found = until(look)
    except AssertionError:
        raise AssertionError(f"it never says {words!r}; it is {live.status(environment, 'web')}") from None
    assert found is not None
    return str(found["reason"])


@pytest.mark.parametrize("words", [words for _, words in ABSENT])
def test_what_a_pod_asks_for_and_the_cluster_has_not_is_named(watched: Watched, words: str) -> None:
    assert words in the_reason(watched, words, words)


@pytest.mark.parametrize("words", [words for *_, words in RULES])
def test_what_the_rules_of_a_namespace_refuse_is_told_with_the_rule(watched: Watched, words: str) -> None:
    assert the_reason(watched, words, words).startswith("Pods cannot be created: ")


@pytest.mark.parametrize("words", [words for _, words in UNBOUND])
def test_a_pod_that_waits_for_a_volume_names_the_claim_and_why_there_is_none(watched: Watched, words: str) -> None:
    sentence = f"The pod cannot be scheduled: PersistentVolumeClaim data has no volume: {words}"
    assert the_reason(watched, words, sentence) == sentence


def test_a_service_without_pods_becomes_degraded_and_with_pods_healthy(
    control_plane: ControlPlane, watched: Watched
) -> None:
    live, environment = watched.live, watched.environments[SERVICE]
    live.until(environment, "svc", health="degraded")
    control_plane.apply(a_deployment(environment, "web", replicas=2))
    live.until(environment, "svc", health="healthy", reason="2 of 2 endpoints ready")
