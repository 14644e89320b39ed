"""Objects whose fields are missing, null or of another type: each is kept, judged and indexed, or left out in silence.

API servers leave out what is empty, operators write what they like into their own kinds, and Events need no more than
a name. Nothing of that may end a watch, be logged as an error, or make a light green.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.domain.diagnosis import NodeContext, diagnose
from clusters.domain.health import State
from clusters.domain.observed import UnreadableStatus
from clusters.domain.projection import project
from clusters.kube.holding import weight
from clusters.kube.informer import decoder_of
from clusters.kube.watched_kinds import BUILT_IN, EVENT, KindOf
from clusters.watching.object_index import ObjectIndex
from tests.support.searches import searched

AT = "2026-03-01T11:59:00Z"
LABELS = {"kubeorch.dev/environment": "5f" * 12, "kubeorch.dev/node": "web", "app": "web"}
POD = {
    "initContainers": [{"name": "migrate", "image": "busybox:1"}],
    "containers": [
        {
            "name": "main",
            "image": "nginx:1",
            "env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}],
            "envFrom": [{"secretRef": {"name": "s"}}],
            "volumeMounts": [{"name": "data", "subPath": "x"}],
        }
    ],
    "serviceAccountName": "runner",
    "imagePullSecrets": [{"name": "registry"}],
    "priorityClassName": "high",
    "nodeSelector": {"disk": "ssd"},
    "volumes": [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "conf", "configMap": {"name": "c"}},
        {"name": "keys", "secret": {"secretName": "s"}},
    ],
}
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": POD}
CONDITION = {"type": "Ready", "status": "False", "reason": "R", "message": "m", "lastTransitionTime": AT}
COUNTERS = {
    "observedGeneration": 1,
    "replicas": 2,
    "updatedReplicas": 1,
    "readyReplicas": 1,
    "availableReplicas": 1,
    "fullyLabeledReplicas": 1,
    "currentRevision": "a",
    "updateRevision": "b",
    "desiredNumberScheduled": 2,
    "currentNumberScheduled": 2,
    "updatedNumberScheduled": 1,
    "numberReady": 1,
    "numberAvailable": 1,
    "conditions": [CONDITION],
}
WORKLOAD = {
    "spec": {
        "replicas": 2,
        "paused": False,
        "progressDeadlineSeconds": 600,
        "template": TEMPLATE,
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
    },
    "status": COUNTERS,
}
CONTAINER = {
    "name": "main",
    "image": "nginx:1",
    "ready": False,
    "restartCount": 2,
    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "m"}, "running": {"startedAt": AT}},
    "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "message": "m"}},
}
BODIES: dict[str, dict[str, Any]] = {
    "Deployment": WORKLOAD,
    "ReplicaSet": WORKLOAD,
    "StatefulSet": WORKLOAD,
    "DaemonSet": WORKLOAD,
    "Job": {
        "spec": {"completions": 1, "suspend": False, "ttlSecondsAfterFinished": 5, "template": TEMPLATE},
        "status": {
            "active": 1,
            "succeeded": 0,
            "failed": 1,
            "startTime": AT,
            "completionTime": AT,
            "conditions": [{**CONDITION, "type": "Failed", "status": "True"}],
        },
    },
    "CronJob": {
        "spec": {"schedule": "* * * * *", "suspend": False, "jobTemplate": {"spec": {"template": TEMPLATE}}},
        "status": {"active": [{"name": "j"}], "lastScheduleTime": AT},
    },
    "Pod": {
        "spec": POD,
        "status": {
            "phase": "Pending",
            "reason": "Evicted",
            "message": "m",
            "conditions": [{**CONDITION, "type": "PodScheduled", "reason": "Unschedulable"}, CONDITION],
            "initContainerStatuses": [{**CONTAINER, "name": "migrate"}],
            "containerStatuses": [CONTAINER],
        },
    },
    "Service": {
        "spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.1", "selector": {"app": "web"}, "ports": [{"port": 80}]},
        "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4", "hostname": "a"}]}, "conditions": [CONDITION]},
    },
    "EndpointSlice": {"endpoints": [{"addresses": ["1.2.3.4"], "conditions": {"ready": True}}]},
    "Ingress": {"spec": {"rules": [{"host": "a.b"}]}, "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}},
    "PersistentVolumeClaim": {
        "spec": {"storageClassName": "fast", "volumeName": "v"},
        "status": {"phase": "Pending", "capacity": {"storage": "1Gi"}, "conditions": [CONDITION]},
    },
    "StorageClass": {"provisioner": "p", "volumeBindingMode": "WaitForFirstConsumer"},
    "HorizontalPodAutoscaler": {
        "spec": {"minReplicas": 1, "maxReplicas": 3},
        "status": {"currentReplicas": 1, "desiredReplicas": 2, "conditions": [CONDITION]},
    },
    "Event": {
        "type": "Warning",
        "involvedObject": {"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "web", "uid": "u-web"},
        "reason": "FailedMount",
        "message": "m",
        "count": 2,
        "series": {"count": 3, "lastObservedTime": AT},
        "lastTimestamp": AT,
        "eventTime": AT,
    },
    "Widget": {
        "spec": {"replicas": 1, "suspend": False, "template": TEMPLATE},
        "status": {
            **COUNTERS,
            "phase": "Running",
            "state": {"phase": "x"},
            "health": {"status": "x"},
            "error": {"message": "m"},
            "ready": True,
            "parents": [{"parentRef": {"name": "g"}, "conditions": [CONDITION]}],
        },
    },
}
KINDS = [*BUILT_IN, KindOf("example.com/v1", "Widget")]
ODD: list[Any] = [
    None,
    "",
    "x",
    0,
    -1,
    1.5,
    2**70,
    True,
    [],
    {},
    [None],
    [[]],
    ["x"],
    [{}],
    {"a": None},
    {"": {"": []}},
]


def a_manifest(kind: KindOf) -> dict[str, Any]:
    metadata = {
        "name": "web",
        "namespace": "shop",
        "uid": "u-web",
        "resourceVersion": "7",
        "generation": 2,
        "creationTimestamp": AT,
        "labels": {**LABELS, "kubernetes.io/service-name": "web"},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "r", "uid": "u-r", "controller": True}],
        "managedFields": [
            {"manager": "kubeorch", "operation": "Apply", "time": AT, "fieldsV1": {"f:spec": {}}},
            {"manager": "kubectl", "operation": "Update", "time": AT, "fieldsV1": {"f:data": {}}, "subresource": "x"},
        ],
    }
    body = copy.deepcopy(BODIES.get(kind.kind, {"data": {"a": "b"}}))
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **body}


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from paths_in(member, (*path, key))


def changed(manifest: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    """Put the value there, or take the place out for `...`, as far as it is still there."""
    at: Any = manifest
    for key in path[:-1]:
        try:
            at = at[key]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(at, dict) and value is ...:
        at.pop(path[-1], None)
    elif isinstance(at, dict) or (isinstance(at, list) and isinstance(path[-1], int) and path[-1] < len(at)):
        at[path[-1]] = None if value is ... else value


def follow(kind: KindOf, manifest: dict[str, Any]) -> Any:
    """What a watch does with the object: decode, weigh, index, judge. The decoded value; None where it is left out."""
    index = ObjectIndex()
    value = decoder_of(kind)(manifest)
    if value is None:
        return None
    weight(value)
    hash(value)
    if kind == EVENT:
        index.warn(value.warning)
        return value
    for key in index.change(None, value):
        context = NodeContext(
            datetime(2026, 3, 1, 12, tzinfo=UTC),
            index.endpoints_of,
            index.storage.waits_for_consumer,
            index.warnings_about,
            backends=index.backends_of,
            why_no_volume=index.storage.why_no_volume,
            changed_at=index.changed_at,
        )
        diagnose(index.objects_of(key, "shop"), context)
        index.ended_of(key)
    index.change(value, None)
    return value


def has_identity(manifest: dict[str, Any]) -> bool:
    metadata = manifest.get("metadata")
    fields = ("name", "uid")
    return isinstance(metadata, dict) and all(isinstance(metadata.get(one), str) and metadata[one] for one in fields)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_an_object_is_kept_whichever_of_its_fields_is_missing_null_or_of_another_type(
    kind: KindOf, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for path in paths_in(a_manifest(kind)):
        for odd in (..., *ODD):
            manifest = a_manifest(kind)
            changed(manifest, path, odd)
            if kind != EVENT and not has_identity(manifest):
                with pytest.raises(ValueError, match="name or uid"):
                    follow(kind, manifest)
                continue
            value = follow(kind, manifest)
            if kind != EVENT:
                assert not isinstance(value.status, UnreadableStatus), (path, odd, value.status)
    assert caplog.records == []


@searched(300)
@given(
    st.sampled_from(KINDS),
    st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from([..., *ODD])), min_size=1, max_size=8),
)
def test_an_object_is_kept_whatever_many_of_its_fields_are(kind: KindOf, edits: list[tuple[int, Any]]) -> None:
    manifest = a_manifest(kind)
    paths = list(paths_in(manifest))
    for number, odd in edits:
        changed(manifest, paths[number % len(paths)], odd)
    if kind == EVENT or has_identity(manifest):
        value = follow(kind, manifest)
        assert kind == EVENT or not isinstance(value.status, UnreadableStatus), value.status


@pytest.mark.parametrize("kind", [one for one in KINDS if one != EVENT], ids=lambda kind: kind.kind)
def test_an_object_that_says_nothing_is_not_green_unless_being_there_is_all_it_does(kind: KindOf) -> None:
    metadata = {"name": "web", "namespace": "shop", "uid": "u", "labels": LABELS, "generation": 1}
    value = project(kind.api_version, kind.kind, {"metadata": metadata})
    context = NodeContext(datetime(2026, 3, 1, 12, tzinfo=UTC), lambda _: None, lambda _: False, lambda _: [])
    health = diagnose([value], context).health
    passive = {"ConfigMap", "Secret", "ServiceAccount", "NetworkPolicy", "StorageClass", "EndpointSlice", "CronJob"}
    if kind.kind not in passive:
        assert health.state != State.HEALTHY, health


@pytest.mark.parametrize(
    "involved", [None, {}, {"kind": "Pod", "name": "web"}, {"uid": ""}, {"uid": None}, {"uid": 7}, "x"]
)
def test_a_warning_that_names_no_object_is_left_out_in_silence(involved: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert decoder_of(EVENT)({**a_manifest(EVENT), "involvedObject": involved}) is None
    assert caplog.records == []
