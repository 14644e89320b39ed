"""Who takes a finalizer away, and whether they run: False only where it is sure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest

from clusters.domain.finalizers import PROVISIONER, finalizers_of
from clusters.domain.removers import by_lease, by_workloads, is_nameless, lease_of_driver, of_cloud, of_provisioner
from clusters.kube.skew import ClusterClock
from clusters.resources.removers import whether_it_runs

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DRIVER = "ebs.csi.aws.com"


def deployment(name: str, ready: int, *, namespace: str = "system", account: str = "", image: str = "") -> Any:
    pod = {"serviceAccountName": account, "containers": [{"name": "c", "image": image}]}
    metadata = {"name": name, "namespace": namespace}
    return {"metadata": metadata, "spec": {"template": {"spec": pod}}, "status": {"readyReplicas": ready}}


def lease(seconds_ago: float, namespace: str = "system") -> Any:
    at = (NOW - timedelta(seconds=seconds_ago)).isoformat()
    return {"metadata": {"name": "l", "namespace": namespace}, "spec": {"renewTime": at}}


@pytest.mark.parametrize(
    ("rows", "whole", "alive"),
    [
        ([deployment("keeper", 1)], True, True),
        ([deployment("keeper", 0)], True, False),
        ([deployment("other", 0, account="keeper")], True, False),
        ([deployment("keeper", 0), deployment("keeper", 2, namespace="b")], True, True),
        ([deployment("keeper", 0)], False, None),
        ([deployment("its-keeper", 0, image="example.com:5000/keeper:v1@sha256:1")], True, None),
        ([deployment("its-keeper", 3, image="example.com:5000/keeper:v1")], True, True),
        ([deployment("keeper-redis", 3)], True, None),
        ([deployment("keeper-redis", 0)], True, None),
        ([], True, None),
    ],
)
def test_a_controller_is_dead_only_where_a_workload_of_exactly_its_name_has_no_ready_pod(
    rows: list[Any], whole: bool, alive: bool | None
) -> None:
    known = by_workloads("keeper", {"Deployment": rows, "StatefulSet": []}, whole=whole)
    assert known.alive is alive
    assert "nobody" not in known.evidence


@pytest.mark.parametrize(
    "manager",
    ["Go-http-client", "okhttp", "OpenAPI-Generator", "controller", "manager", "kubectl-edit", "Mozilla", "helm"],
)
def test_names_of_tools_and_client_libraries_name_no_controller(manager: str) -> None:
    assert is_nameless(manager)
    assert not is_nameless("cert-manager")


def test_a_cloud_is_alive_by_its_lease_and_else_not_known() -> None:
    late, fresh = by_lease("ccm", lease(900), NOW), by_lease("ccm", lease(5), NOW)
    assert of_cloud("cloud-controller-manager", fresh, {}, whole=True).alive is True
    for told in (None, late):
        known = of_cloud("cloud-controller-manager", told, {"Deployment": [deployment("web", 1)]}, whole=True)
        assert known.alive is None
        assert "not known" in known.evidence
    own = {"DaemonSet": [{**deployment("cloud-controller-manager", 0), "status": {"numberReady": 0}}]}
    assert of_cloud("cloud-controller-manager", None, own, whole=True).alive is False


def test_a_volume_waits_for_the_provisioner_of_its_driver() -> None:
    name = "external-provisioner.volume.kubernetes.io/finalizer"
    volume = {"kind": "PersistentVolume", "metadata": {"finalizers": [name]}, "spec": {"csi": {"driver": DRIVER}}}
    [finalizer] = finalizers_of(volume)
    assert (finalizer.removed_by, finalizer.driver) == (PROVISIONER, DRIVER)
    assert lease_of_driver(DRIVER) == "ebs-csi-aws-com"


@pytest.mark.parametrize(
    ("leases", "ready", "alive"),
    [
        ([lease(5)], 0, True),
        ([lease(900)], 0, False),
        ([lease(900)], 2, None),
        ([lease(900, "b")], 0, None),
        ([], 2, None),
    ],
)
def test_a_provisioner_is_judged_by_its_lease_and_by_the_workload_beside_it(
    leases: list[Any], ready: int, alive: bool | None
) -> None:
    image = "registry.k8s.io/sig-storage/csi-provisioner:v5.0.1"
    makers = {"Deployment": [deployment("ebs-csi-controller", ready, image=image)]}
    assert of_provisioner(DRIVER, leases, makers, NOW).alive is alive


@pytest.mark.parametrize("ahead_s", [-90.0, 0.0, 90.0])
def test_leases_are_judged_by_the_clock_of_the_cluster(ahead_s: float) -> None:
    """Ours is that much ahead."""
    theirs = datetime.now(UTC) - timedelta(seconds=ahead_s)
    renewed = {"spec": {"renewTime": (theirs - timedelta(seconds=2)).isoformat()}}
    clock = ClusterClock()
    clock.hear(format_datetime(theirs, usegmt=True))
    client = SimpleNamespace(request=lambda *given, **more: (200, renewed), clock=clock)
    question = SimpleNamespace(client=client, allowance=None, namespaces=None)
    claim = {"kind": "PersistentVolumeClaim", "metadata": {"finalizers": ["kubernetes.io/pvc-protection"]}}
    [finalizer] = finalizers_of(claim)
    known = whether_it_runs(question, finalizer)  # type: ignore[arg-type]
    assert known.alive is True, known.evidence
