"""Why pods do not start, in the words of a real API server, its controllers and its scheduler."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.control_plane import ControlPlane
from tests.support.django_setup import configure
from tests.support.wait import until
from tests.support.watching import Watching, a_deployment, put

configure()


def a_workload(environment: dict[str, Any], **spec: Any) -> dict[str, Any]:
    manifest = a_deployment(environment, "web", replicas=1)
    manifest["spec"]["template"]["spec"].update(spec)
    return manifest


def the_reason(live: Watching, environment: dict[str, Any], words: str) -> str:
    """The reason of the node `web`, once it is degraded for these words."""

    def look() -> dict[str, Any] | None:
        status = live.status(environment, "web")
        return status if status and status["health"] == "degraded" and words in status["reason"] else None

    try:
        found = until(look)
    except AssertionError:
        raise AssertionError(f"it never says {words!r}; it is {live.status(environment, 'web')}") from None
    assert found is not None
    return str(found["reason"])


@pytest.mark.parametrize(
    ("spec", "words"),
    [
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
    ],
)
def test_what_a_pod_asks_for_and_the_cluster_has_not_is_named(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching, spec: dict[str, Any], words: str
) -> None:
    put(control_plane, environment, "web", a_workload(environment, **spec))
    assert words in the_reason(live, environment, words)


RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
LIMITS = {"limits": [{"type": "Container", "max": {"cpu": "100m"}, "default": {"cpu": "100m"}}]}
BIG = {"containers": [{"name": "main", "image": "a:1", "resources": {"limits": {"cpu": "1"}}}]}


@pytest.mark.parametrize(
    ("kind", "rule", "pod", "words"),
    [
        ("ResourceQuota", {"hard": {"pods": "0"}}, {}, "exceeded quota: rule, requested: pods=1"),
        ("ResourceQuota", {"hard": {"limits.cpu": "1"}}, {}, "ResourceQuota rule: must specify limits.cpu for: main"),
        ("LimitRange", LIMITS, BIG, "a LimitRange of the namespace does not allow it: maximum cpu usage per Container"),
        ("Namespace", RESTRICTED, {}, 'violates PodSecurity "restricted'),
    ],
)
def test_what_the_rules_of_a_namespace_refuse_is_told_with_the_rule(
    control_plane: ControlPlane,
    environment: dict[str, Any],
    live: Watching,
    kind: str,
    rule: dict[str, Any],
    pod: dict[str, Any],
    words: str,
) -> None:
    namespace = environment["namespace"]
    if kind == "Namespace":
        control_plane.apply({"apiVersion": "v1", "kind": kind, "metadata": {"name": namespace, "labels": rule}})
    else:
        metadata = {"name": "rule", "namespace": namespace}
        control_plane.apply({"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": rule})
        if kind == "ResourceQuota":
            until(
                lambda: (control_plane.get("v1", kind, "rule", namespace) or {}).get("status", {}).get("hard"),
                what="the quota counts",
            )
    put(control_plane, environment, "web", a_workload(environment, **pod))
    assert the_reason(live, environment, words).startswith("Pods cannot be created: ")


@pytest.mark.parametrize(
    ("storage_class", "words"),
    [
        ({"storageClassName": "nope"}, "StorageClass nope does not exist"),
        ({"storageClassName": ""}, "no PersistentVolume fits it, and it names no StorageClass that makes one"),
    ],
)
def test_a_pod_that_waits_for_a_volume_names_the_claim_and_why_there_is_none(
    control_plane: ControlPlane,
    environment: dict[str, Any],
    live: Watching,
    storage_class: dict[str, str],
    words: str,
) -> None:
    request = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}
    put(control_plane, environment, "data", {**claim, "spec": {**request, **storage_class}})
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    put(control_plane, environment, "web", a_workload(environment, volumes=[volume]))
    sentence = f"The pod cannot be scheduled: PersistentVolumeClaim data has no volume: {words}"
    assert the_reason(live, environment, sentence) == sentence
