"""Why pods do not start, one row for each usual reason: the sentence names what is missing and where to look."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.diagnosis import NodeContext, ObservedNode, diagnose
from clusters.domain.observed import ObservedObject, WarningEvent
from clusters.domain.projection import project
from clusters.domain.refusals import plainly, refusal_words, schedule_words
from clusters.watching.object_index import ObjectIndex
from tests.support.cpu import takes_less_than
from tests.unit.clusters.test_diagnosis import AT, LONG_AGO, NOW, a_deployment, a_pod, waiting

NODE = {"kubeorch.dev/environment": "5f" * 12, "kubeorch.dev/node": "data"}
UNBOUND = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims."
PREEMPTION = (
    " no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
)


def a_claim(storage_class: str | None = "fast", **status: Any) -> ObservedObject:
    metadata = {"name": "data", "namespace": "shop", "uid": "uid-data", "labels": NODE}
    spec = {} if storage_class is None else {"storageClassName": storage_class}
    return project(
        "v1", "PersistentVolumeClaim", {"metadata": metadata, "spec": spec, "status": {"phase": "Pending", **status}}
    )


def a_class(provisioner: str, mode: str = "Immediate") -> ObservedObject:
    manifest = {"metadata": {"name": "fast", "uid": "uid-fast"}, "provisioner": provisioner, "volumeBindingMode": mode}
    return project("storage.k8s.io/v1", "StorageClass", manifest)


def unscheduled(message: str, *, reason: str = "Unschedulable", **spec: Any) -> ObservedObject:
    condition = {"type": "PodScheduled", "status": "False", "reason": reason, "message": message}
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    owner = [{"kind": "ReplicaSet", "name": "web-1", "uid": "rs", "controller": True}]
    return project(
        "v1",
        "Pod",
        {
            "metadata": {"name": "p0", "namespace": "shop", "uid": "uid-p0", "ownerReferences": owner},
            "spec": {"containers": [{"name": "main", "image": "a:1"}], "volumes": [claim], **spec},
            "status": {"phase": "Pending", "conditions": [{**condition, "lastTransitionTime": LONG_AGO}]},
        },
    )


def diagnosed(
    *objects: ObservedObject, known: tuple[ObservedObject, ...] = (), events: tuple[WarningEvent, ...] = ()
) -> ObservedNode:
    """As a watch judges it that knows these objects too."""
    index = ObjectIndex()
    for one in known:
        index.change(None, one)
    for event in events:
        index.warn(event)
    context = NodeContext(
        NOW,
        index.endpoints_of,
        index.storage.waits_for_consumer,
        index.warnings_about,
        why_no_volume=index.storage.why_no_volume,
        provisioner=index.storage.provisioner,
        claim=index.claim,
    )
    return diagnose(objects, context)


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ((a_claim(),), "PersistentVolumeClaim data has no volume: StorageClass fast does not exist"),
        (
            (a_claim(None),),
            "PersistentVolumeClaim data has no volume: it names no StorageClass, and the cluster has no default one",
        ),
        (
            (a_claim(""),),
            "PersistentVolumeClaim data has no volume: "
            "no PersistentVolume fits it, and it names no StorageClass that makes one",
        ),
        (
            (a_claim(), a_class("kubernetes.io/no-provisioner")),
            "PersistentVolumeClaim data has no volume: "
            "no PersistentVolume of StorageClass fast fits it, and nothing makes one",
        ),
        (
            (a_claim(), a_class("disk.example.com")),
            "PersistentVolumeClaim data has no volume: "
            "the provisioner disk.example.com of StorageClass fast has not made one yet",
        ),
        (
            (a_claim(), a_class("disk.example.com", "WaitForFirstConsumer")),
            "PersistentVolumeClaim data has no volume: the provisioner disk.example.com of StorageClass fast "
            "has not made one yet, which waits for the pod to be given a node",
        ),
        ((), "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims"),
        ((a_claim(phase="Bound"),), "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims"),
    ],
)
def test_a_pod_that_waits_for_a_volume_names_its_claim_and_who_is_to_make_one(
    known: tuple[ObservedObject, ...], sentence: str
) -> None:
    found = diagnosed(a_deployment(1), unscheduled(UNBOUND + PREEMPTION), known=known)
    assert found.health.reason == f"The pod cannot be scheduled: {sentence}"


def test_what_a_provisioner_says_is_told_where_its_volume_is_missing() -> None:
    event = WarningEvent("uid-data", "ProvisioningFailed", "rpc error: no space left in the pool", 3, AT)
    found = diagnosed(
        a_deployment(1), unscheduled(UNBOUND), known=(a_claim(), a_class("disk.example.com")), events=(event,)
    )
    assert found.health.reason == (
        "The pod cannot be scheduled: PersistentVolumeClaim data has no volume: rpc error: no space left in the pool"
    )


@pytest.mark.parametrize(
    ("message", "spec", "sentence"),
    [
        (
            "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector." + PREEMPTION,
            {"nodeSelector": {"disk": "ssd", "zone": "a"}},
            "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector "
            "(its nodeSelector is disk=ssd, zone=a)",
        ),
        (
            "0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: db}." + PREEMPTION,
            {"nodeSelector": {"disk": "ssd"}},
            "0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: db}",
        ),
        (
            "0/3 nodes are available: 3 Insufficient memory." + PREEMPTION,
            {},
            "0/3 nodes are available: 3 Insufficient memory",
        ),
        ('persistentvolumeclaim "data" not found', {}, "PersistentVolumeClaim data does not exist"),
        (
            '0/3 nodes are available: persistentvolumeclaim "data" not found. not found',
            {},
            "PersistentVolumeClaim data does not exist",
        ),
        (
            'running PreFilter plugin "VolumeBinding": storageclass.storage.k8s.io "quick" not found',
            {},
            "StorageClass quick does not exist",
        ),
        ("no nodes available to schedule pods", {}, "no nodes available to schedule pods"),
        ("", {}, "Unschedulable"),
    ],
)
def test_a_pod_that_no_node_can_take_says_why(message: str, spec: dict[str, Any], sentence: str) -> None:
    found = diagnosed(a_deployment(1), unscheduled(message, **spec))
    assert found.health.reason == f"The pod cannot be scheduled: {sentence}"


def test_a_pod_that_waits_behind_scheduling_gates_names_them() -> None:
    gates = [{"name": "example.com/quota"}, {"name": "example.com/dns"}]
    found = diagnosed(
        a_deployment(1), unscheduled("Scheduling is blocked", reason="SchedulingGated", schedulingGates=gates)
    )
    assert found.health.reason == (
        "The pod cannot be scheduled: it waits for its scheduling gates to be removed: "
        "example.com/quota, example.com/dns"
    )


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            'pods "web-1-" is forbidden: error looking up service account shop/runner: '
            'serviceaccount "runner" not found',
            "ServiceAccount runner does not exist",
        ),
        (
            'pods "web-1-" is forbidden: no PriorityClass with name high was found',
            "PriorityClass high does not exist",
        ),
        (
            'pods "web-1-" is forbidden: pod rejected: RuntimeClass "gvisor" not found',
            "RuntimeClass gvisor does not exist",
        ),
        (
            'pods "web-1-" is forbidden: pod rejected: runtimeclasses.node.k8s.io "gvisor" not found',
            "RuntimeClass gvisor does not exist",
        ),
        (
            'pods "web-1-a" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=2, limited: pods=2',
            "exceeded quota: compute, requested: pods=1, used: pods=2, limited: pods=2",
        ),
        (
            'pods "web-1-a" is forbidden: failed quota: compute: must specify limits.cpu for: main',
            "ResourceQuota compute: must specify limits.cpu for: main",
        ),
        (
            'pods "web-1-a" is forbidden: maximum cpu usage per Container is 100m, but limit is 200m',
            "a LimitRange of the namespace does not allow it: "
            "maximum cpu usage per Container is 100m, but limit is 200m",
        ),
        (
            'pods "web-1-a" is forbidden: [minimum memory usage per Container is 1Gi, but request is 1Mi, '
            "minimum cpu usage per Container is 1, but request is 1m]",
            "a LimitRange of the namespace does not allow it: "
            "[minimum memory usage per Container is 1Gi, but request is 1Mi, "
            "minimum cpu usage per Container is 1, but request is 1m]",
        ),
        (
            'pods "web-1-a" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false '
            '(container "main" must set securityContext.allowPrivilegeEscalation=false)',
            'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false '
            '(container "main" must set securityContext.allowPrivilegeEscalation=false)',
        ),
        (
            'pods "web-1-a" is forbidden: unable to create new content in namespace shop '
            "because it is being terminated",
            "the namespace shop is being deleted",
        ),
    ],
)
def test_a_pod_that_may_not_be_created_says_why(message: str, words: str) -> None:
    row = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
    assert diagnosed(a_deployment(1, conditions=[row])).health.reason.startswith(f"Pods cannot be created: {words}")
    assert refusal_words(f"Error creating: {message}") == words


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ('configmap "settings" not found', "ConfigMap settings does not exist"),
        ('secret "keys" not found', "Secret keys does not exist"),
        ("couldn't find key mode in ConfigMap shop/settings", "ConfigMap settings has no key mode"),
        ("couldn't find key a.b_c in Secret shop/keys", "Secret keys has no key a.b_c"),
        (
            "container has runAsNonRoot and image will run as root",
            "container has runAsNonRoot and image will run as root",
        ),
    ],
)
def test_a_container_that_cannot_be_configured_says_why(message: str, words: str) -> None:
    found = diagnosed(a_deployment(1), a_pod("p0", **waiting("CreateContainerConfigError", message)))
    assert found.health.reason == f"Container main cannot start: {words}"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            'MountVolume.SetUp failed for volume "conf" : configmap "settings" not found',
            "ConfigMap settings does not exist",
        ),
        ('MountVolume.SetUp failed for volume "keys" : secret "keys" not found', "Secret keys does not exist"),
        (
            'MountVolume.SetUp failed for volume "conf" : configmap references non-existent config key: mode',
            "the ConfigMap of volume conf has no key mode",
        ),
        (
            'MountVolume.SetUp failed for volume "keys" : references non-existent secret key: tls.crt',
            "the Secret of volume keys has no key tls.crt",
        ),
        (
            'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) web-0',
            'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) web-0',
        ),
    ],
)
def test_a_volume_that_cannot_be_mounted_says_why(message: str, words: str) -> None:
    pod = a_pod("p0", **waiting("ContainerCreating"))
    event = WarningEvent(pod.uid, "FailedMount", message, 2, AT)
    assert diagnosed(a_deployment(1), pod, events=(event,)).health.reason == f"A volume cannot be mounted: {words}"


def test_an_image_whose_pull_secret_is_missing_names_the_secret() -> None:
    pod = a_pod("p0", **waiting("ImagePullBackOff", "401 Unauthorized"))
    message = "Unable to retrieve some image pull secrets (registry); attempting to pull the image may not succeed."
    event = WarningEvent(pod.uid, "FailedToRetrieveImagePullSecret", message, 2, AT)
    found = diagnosed(a_deployment(1), pod, events=(event,))
    assert found.health.reason == (
        "Image shop/web:1.3 cannot be pulled: access denied; its image pull Secrets cannot be read: registry"
    )


def test_pods_that_were_never_created_are_not_counted() -> None:
    message = 'pods "web-1-" is forbidden: no PriorityClass with name high was found'
    row = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
    deployment = a_deployment(1, conditions=[row])
    event = WarningEvent(deployment.uid, "FailedCreate", f"Error creating: {message}", 7, AT)
    found = diagnosed(deployment, events=(event,))
    assert found.health.reason == "Pods cannot be created: PriorityClass high does not exist"


@pytest.mark.parametrize("reason", ["OutOfcpu", "NodeAffinity", "NodePorts", "Terminated", "Evicted"])
def test_a_pod_that_its_node_has_ended_says_so(reason: str) -> None:
    pod = a_pod("p0", phase="Failed", reason=reason, message="the node says why")
    assert "the node says why" in diagnosed(a_deployment(1), pod).health.reason


@pytest.mark.parametrize("piece", ['"', "a", " ", 'configmap "a', "for volume ", "a.", "maximum ", "(", "not found"])
def test_the_search_for_the_reason_takes_no_longer_than_the_message_is_long(piece: str) -> None:
    text = (piece * 100_000)[:100_000]

    def search() -> None:
        for read in (plainly, refusal_words, lambda one: schedule_words(one, (), "")):
            read(text)

    assert takes_less_than(1.0, search)
