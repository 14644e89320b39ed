"""Somebody else creates what a run is about to create, between the run's look and its write: it stays theirs, whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId

from tests.support.audit_proxy import AuditProxy
from tests.support.control_plane import ControlPlane
from tests.support.people import a_user
from tests.support.runs import Bench, states
from tests.support.wait import PATIENCE_S
from tests.support.workflows import a_config_map, a_manifest, a_node, a_secret

POD: dict[str, Any] = {
    "metadata": {"labels": {"app": "theirs"}},
    "spec": {"containers": [{"name": "theirs", "image": "nginx:1.25"}]},
}
SELECTOR = {"selector": {"matchLabels": {"app": "theirs"}}}
RACES: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "ServiceAccount": (a_node("one", kind="serviceaccount"), "v1", {}),
    "Role": (
        a_manifest("one", apiVersion="rbac.authorization.k8s.io/v1", kind="Role"),
        "rbac.authorization.k8s.io/v1",
        {"rules": []},
    ),
    "ConfigMap": (a_config_map("one", a="ours"), "v1", {"data": {"b": "theirs"}}),
    "ConfigMap without data": (a_manifest("one", apiVersion="v1", kind="ConfigMap"), "v1", {}),
    "Secret": (a_secret("one", "a"), "v1", {"data": {"b": "eA=="}}),
    "PersistentVolumeClaim": (
        a_node("one", kind="persistentvolumeclaim", storage="1Gi"),
        "v1",
        {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
    ),
    "Deployment": (a_node("one"), "apps/v1", {"spec": {**SELECTOR, "template": POD}}),
    "Job": (
        a_node("one", kind="job", image="nginx:1.27"),
        "batch/v1",
        {"spec": {"template": {"spec": {**POD["spec"], "restartPolicy": "Never"}}}},
    ),
    "Service": (
        a_node("one", kind="service", ports=[{"name": "http", "port": 80, "target_port": 80}], selector={"app": "x"}),
        "v1",
        {"spec": {"ports": [{"name": "other", "port": 81}]}},
    ),
    "Ingress": (
        a_manifest(
            "one",
            apiVersion="networking.k8s.io/v1",
            kind="Ingress",
            spec={"rules": [{"host": "ours.example.com"}]},
        ),
        "networking.k8s.io/v1",
        {"spec": {"defaultBackend": {"service": {"name": "theirs", "port": {"number": 80}}}}},
    ),
    "PodDisruptionBudget": (
        a_manifest("one", apiVersion="policy/v1", kind="PodDisruptionBudget", spec={"minAvailable": 1}),
        "policy/v1",
        {"spec": SELECTOR},
    ),
    "NetworkPolicy": (
        a_manifest("one", apiVersion="networking.k8s.io/v1", kind="NetworkPolicy", spec={"podSelector": {}}),
        "networking.k8s.io/v1",
        {"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}},
    ),
}
"""By kind: what is drawn, and what the other client creates in its place. One of each wave, and some more."""


@pytest.fixture(scope="module")
def proxy(control_plane: ControlPlane) -> Iterator[AuditProxy]:
    running = AuditProxy(control_plane.kubeconfig)
    yield running
    running.stop()


@pytest.fixture
def cluster(mongo: Any, proxy: AuditProxy) -> str:
    from clusters import actions

    return str(actions.register_sandbox(proxy.kubeconfig))


@pytest.mark.parametrize("race", RACES)
@pytest.mark.parametrize("take_over", [False, True], ids=["", "taking over"])
def test_an_object_that_appears_between_look_and_write_is_neither_merged_nor_deleted(
    bench: Bench, proxy: AuditProxy, race: str, take_over: bool
) -> None:
    kind = race.partition(" ")[0]
    node, api_version, content = RACES[race]
    theirs = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "one", "namespace": bench.namespace, "annotations": {"whose": "theirs"}},
        **content,
    }
    bench.draw(node)
    given = {"secrets": {"one": {"a": "ours"}}} if kind == "Secret" else {}
    with proxy.hold("one") as hold:
        run = bench.start(take_over=take_over, **given)
        assert hold.reached.wait(PATIENCE_S)
        bench.plane.apply(theirs)
        before = bench.get(api_version, kind, "one")
        hold.released.set()
        ended = bench.until(run, "failed")
    assert states(ended) == {"one": "failed"}
    assert ended["error"]["code"] == "object.foreign", ended["error"]
    check_untouched(bench, api_version, kind, before)
    bench.draw()
    bench.applied()
    check_untouched(bench, api_version, kind, before)


def check_untouched(bench: Bench, api_version: str, kind: str, before: dict[str, Any]) -> None:
    live = bench.get(api_version, kind, "one")
    assert live is not None
    assert live["metadata"]["uid"] == before["metadata"]["uid"]
    assert (live.get("spec") or {}).items() >= (before.get("spec") or {}).items()  # controllers may add to it
    assert live.get("data") == before.get("data")
    for part in ("labels", "annotations"):
        assert not any("kubeorch" in key for key in live["metadata"].get(part) or {}), live["metadata"]
    assert not any(entry["manager"] == "kubeorch" for entry in live["metadata"]["managedFields"])


def test_a_namespace_that_somebody_creates_first_stays_theirs(
    mongo: Any, cluster: str, control_plane: ControlPlane, proxy: AuditProxy
) -> None:
    bench = Bench(a_user("admin"), cluster, control_plane, f"raced-{ObjectId()}")
    bench.draw(a_config_map("conf"))
    with proxy.hold(bench.namespace) as hold:
        run = bench.start()
        assert hold.reached.wait(PATIENCE_S)
        control_plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": bench.namespace}})
        hold.released.set()
        bench.until(run, "verifying", "succeeded")
    labels = control_plane.get("v1", "Namespace", bench.namespace)["metadata"]["labels"]
    assert "kubeorch.dev/environment" not in labels
    assert bench.get("v1", "ConfigMap", "conf")


def test_an_object_of_ours_that_appears_between_look_and_write_is_applied(bench: Bench, proxy: AuditProxy) -> None:
    """As when the worker before was killed between its write and its record."""
    bench.draw(a_config_map("one", a="1"))
    labels = {"kubeorch.dev/environment": bench.environment["id"]}
    with proxy.hold("one") as hold:
        run = bench.start()
        assert hold.reached.wait(PATIENCE_S)
        metadata = {"name": "one", "namespace": bench.namespace, "labels": labels}
        bench.plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
        hold.released.set()
        bench.until(run, "verifying", "succeeded")
    assert bench.get("v1", "ConfigMap", "one")["data"] == {"a": "1"}


def test_what_a_run_created_is_owned_once_so_that_a_later_run_can_remove_a_field(bench: Bench) -> None:
    bench.draw(a_config_map("one", a="1", b="2"))
    bench.applied()
    managers = bench.get("v1", "ConfigMap", "one")["metadata"]["managedFields"]
    assert [(entry["manager"], entry["operation"]) for entry in managers] == [("kubeorch", "Apply")]
    bench.draw(a_config_map("one", a="1"))
    bench.applied()
    assert bench.get("v1", "ConfigMap", "one")["data"] == {"a": "1"}
