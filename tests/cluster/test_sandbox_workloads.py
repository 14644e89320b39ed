"""What a person draws turns healthy in the sandbox, and fails in it when the image says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.control_plane import ControlPlane
from tests.support.wait import until

Manifest = dict[str, Any]


def a_deployment(name: str, namespace: str, image: str, replicas: int = 1) -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "main", "image": image}]},
            },
        },
    }


def a_job(name: str, namespace: str, image: str) -> Manifest:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "backoffLimit": 0,
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": image}]}},
        },
    }


def conditions(found: Manifest | None) -> dict[str, str]:
    return {each["type"]: each["status"] for each in ((found or {}).get("status") or {}).get("conditions") or []}


def first_container(control_plane: ControlPlane, namespace: str) -> Manifest:
    pods = control_plane.list("v1", "Pod", namespace)
    statuses = pods[0].get("status", {}).get("containerStatuses", []) if pods else []
    return statuses[0] if statuses else {}


@pytest.fixture(scope="module", autouse=True)
def slow(control_plane: ControlPlane) -> str:
    """The namespace of a container that takes ten seconds, begun before the other tests."""
    namespace = control_plane.namespace()
    control_plane.apply(a_deployment("web", namespace, "fail.kubeorch.dev/slow"))
    until(
        lambda: (
            first_container(control_plane, namespace).get("state", {}).get("waiting", {}).get("reason")
            == "ContainerCreating"
        ),
        what="the container is being created",
    )
    return namespace


def test_pods_in_the_network_of_their_nodes_have_the_addresses_of_those(control_plane: ControlPlane) -> None:
    """As agents of each node have: a Service before them has endpoints."""
    namespace = control_plane.namespace()
    addresses = {
        one["address"]
        for node in control_plane.list("v1", "Node")
        for one in node["status"]["addresses"]
        if one["type"] == "InternalIP" and node["metadata"]["name"].startswith("sandbox-")
    }
    assert len(addresses) == 3
    agents = a_deployment("agent", namespace, "prom/node-exporter:v1.9.0")
    agents["kind"] = "DaemonSet"
    del agents["spec"]["replicas"]
    agents["spec"]["template"]["spec"] |= {"hostNetwork": True}
    control_plane.apply(agents)
    service = {"selector": {"app": "agent"}, "ports": [{"port": 9100}]}
    metadata = {"name": "agent", "namespace": namespace}
    control_plane.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service})

    def reached() -> set[str]:
        slices = control_plane.list("discovery.k8s.io/v1", "EndpointSlice", namespace)
        return {
            address
            for one in slices
            for endpoint in one.get("endpoints") or ()
            if endpoint["conditions"]["ready"]
            for address in endpoint["addresses"]
        }

    until(lambda: reached() == addresses, what="the Service leads to each node")


def test_a_deployment_with_three_replicas_rolls_out(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    control_plane.apply(a_deployment("web", namespace, "nginx:1.29", replicas=3))

    def available() -> int:
        found = control_plane.get("apps/v1", "Deployment", "web", namespace) or {}
        return int(found.get("status", {}).get("availableReplicas", 0))

    until(lambda: available() == 3, what="three available replicas")
    pods = control_plane.list("v1", "Pod", namespace)
    assert len({pod["status"]["podIP"] for pod in pods}) == 3
    assert {pod["spec"]["nodeName"] for pod in pods} <= {"sandbox-1", "sandbox-2", "sandbox-3"}
    assert all(conditions(pod)["Ready"] == conditions(pod)["PodScheduled"] == "True" for pod in pods)


def test_pods_that_the_node_controller_took_for_lost_are_ready_again(control_plane: ControlPlane) -> None:
    """It does so after a pause in which no node was heard of; a kubelet reports its pods anew."""
    namespace = control_plane.namespace()
    control_plane.apply(a_deployment("web", namespace, "nginx:1.29"))

    def the_pod() -> Manifest | None:
        return next(iter(control_plane.list("v1", "Pod", namespace)), None)

    def is_ready() -> bool:
        pod = the_pod()
        return pod is not None and conditions(pod).get("Ready") == "True"

    until(is_ready, what="the pod is ready")
    pod = the_pod()
    assert pod is not None
    began = pod["status"]["containerStatuses"]
    lost = [{**one, "status": "False"} if one["type"] == "Ready" else one for one in pod["status"]["conditions"]]
    status, answer = control_plane.call(
        "PATCH",
        f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}/status",
        json.dumps({"status": {"conditions": lost}}).encode(),
        content_type="application/merge-patch+json",
    )
    assert status == 200, answer
    until(is_ready, what="the pod is ready again")
    pod = the_pod()
    assert pod is not None
    assert pod["status"]["containerStatuses"] == began


def test_a_deleted_deployment_leaves_no_pods(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    control_plane.apply(a_deployment("web", namespace, "nginx:1.29", replicas=2))
    until(lambda: len(control_plane.list("v1", "Pod", namespace)) == 2)
    control_plane.delete("apps/v1", "Deployment", "web", namespace)
    until(lambda: not control_plane.list("v1", "Pod", namespace), what="the pods are gone")


def test_a_claim_without_a_class_is_bound_and_its_volume_is_deleted_with_it(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": namespace},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    control_plane.apply(claim)

    def bound() -> Manifest | None:
        found = control_plane.get("v1", "PersistentVolumeClaim", "data", namespace) or {}
        return found if found.get("status", {}).get("phase") == "Bound" else None

    found = until(bound, what="the claim is bound")
    assert found["spec"]["storageClassName"] == "standard"
    assert found["status"]["capacity"] == {"storage": "1Gi"}
    volume = found["spec"]["volumeName"]
    control_plane.delete("v1", "PersistentVolumeClaim", "data", namespace)
    until(lambda: control_plane.get("v1", "PersistentVolume", volume) is None, what="the volume is gone")


def test_a_job_completes(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    control_plane.apply(a_job("once", namespace, "busybox"))
    until(
        lambda: conditions(control_plane.get("batch/v1", "Job", "once", namespace)).get("Complete") == "True",
        what="the job is complete",
    )


def test_a_job_whose_container_fails_is_failed(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    control_plane.apply(a_job("once", namespace, "fail.kubeorch.dev/exit"))
    until(
        lambda: conditions(control_plane.get("batch/v1", "Job", "once", namespace)).get("Failed") == "True",
        what="the job has failed",
    )


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("fail.kubeorch.dev/imagepull:1", "ImagePullBackOff"),
        ("nginx:does-not-exist", "ImagePullBackOff"),
        ("registry.example/errimagepull", "ImagePullBackOff"),
        ("fail.kubeorch.dev/crashloop", "CrashLoopBackOff"),
        ("fail.kubeorch.dev/oom", "CrashLoopBackOff"),
    ],
)
def test_an_image_that_simulates_a_failure_waits_with_its_reason(
    control_plane: ControlPlane, image: str, reason: str
) -> None:
    namespace = control_plane.namespace()
    control_plane.apply(a_deployment("web", namespace, image))
    until(
        lambda: first_container(control_plane, namespace).get("state", {}).get("waiting", {}).get("reason") == reason,
        what=f"the container waits for {reason}",
    )
    container = first_container(control_plane, namespace)
    assert container["state"]["waiting"]["message"]
    assert not container["ready"]
    events = until(lambda: control_plane.list("v1", "Event", namespace, "fieldSelector=type=Warning"))
    assert any(event["involvedObject"]["kind"] == "Pod" and event["message"] for event in events)
    if reason == "CrashLoopBackOff":
        ended = container["lastState"]["terminated"]
        expected = ("OOMKilled", 137) if "oom" in image else ("Error", 1)
        assert (ended["reason"], ended["exitCode"]) == expected
        assert container["restartCount"] >= 1


def test_a_container_that_never_becomes_ready_is_running(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    control_plane.apply(a_deployment("web", namespace, "fail.kubeorch.dev/notready"))
    until(lambda: "running" in first_container(control_plane, namespace).get("state", {}))
    [pod] = control_plane.list("v1", "Pod", namespace)
    assert pod["status"]["phase"] == "Running"
    assert conditions(pod)["Ready"] == "False"


def test_a_failing_init_container_blocks_the_other_containers(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    manifest = a_deployment("web", namespace, "nginx")
    manifest["spec"]["template"]["spec"]["initContainers"] = [{"name": "prepare", "image": "x:does-not-exist"}]
    control_plane.apply(manifest)

    def init_reason() -> str:
        pods = control_plane.list("v1", "Pod", namespace)
        statuses = pods[0].get("status", {}).get("initContainerStatuses", []) if pods else []
        return str(statuses[0]["state"].get("waiting", {}).get("reason", "")) if statuses else ""

    until(lambda: init_reason() == "ImagePullBackOff", what="the init container cannot be pulled")
    [pod] = control_plane.list("v1", "Pod", namespace)
    assert first_container(control_plane, namespace)["state"]["waiting"]["reason"] == "PodInitializing"
    assert conditions(pod)["Initialized"] == "False"


def test_a_pod_that_fits_on_no_node_is_not_scheduled(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    manifest = a_deployment("web", namespace, "nginx")
    manifest["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "1000"}}
    control_plane.apply(manifest)

    def reason() -> str:
        pods = control_plane.list("v1", "Pod", namespace)
        scheduled = [c for pod in pods for c in pod["status"].get("conditions", []) if c["type"] == "PodScheduled"]
        return str(scheduled[0]["reason"]) if scheduled else ""

    until(lambda: reason() == "Unschedulable", what="the pod is unschedulable")


def test_ingresses_and_load_balancers_get_an_address(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "namespace": namespace},
            "spec": {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}]},
        }
    )
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    control_plane.apply(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "web", "namespace": namespace},
            "spec": {"rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]},
        }
    )

    def addresses(api_version: str, kind: str) -> list[str]:
        found = control_plane.get(api_version, kind, "web", namespace) or {}
        balancer = found.get("status", {}).get("loadBalancer", {})
        return [each["ip"] for each in balancer.get("ingress") or []]

    until(lambda: addresses("v1", "Service") == ["127.0.0.1"], what="the Service has an address")
    until(lambda: addresses("networking.k8s.io/v1", "Ingress") == ["127.0.0.1"], what="so has the Ingress")


def test_an_autoscaler_keeps_its_minimum_and_reports_that_nothing_is_measured(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    control_plane.apply(a_deployment("web", namespace, "nginx"))
    resource = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
    control_plane.apply(
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "web", "namespace": namespace},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
                "minReplicas": 2,
                "maxReplicas": 3,
                "metrics": [{"type": "Resource", "resource": resource}],
            },
        }
    )

    def autoscaler() -> Manifest:
        return control_plane.get("autoscaling/v2", "HorizontalPodAutoscaler", "web", namespace) or {}

    until(lambda: autoscaler().get("status", {}).get("currentReplicas") == 2, what="two replicas")
    assert conditions(autoscaler()) == {"AbleToScale": "True", "ScalingActive": "True", "ScalingLimited": "False"}
    until(lambda: len(control_plane.list("v1", "Pod", namespace)) == 2, what="two pods")
    settled = autoscaler()["metadata"]["resourceVersion"]
    control_plane.namespace()  # takes a moment in which a needless write would show
    assert autoscaler()["metadata"]["resourceVersion"] == settled


def test_a_slow_container_is_creating_first_and_ready_later(control_plane: ControlPlane, slow: str) -> None:
    until(lambda: first_container(control_plane, slow).get("ready"), what="the container is ready")
