"""Kinds beside the usual ones on a real API server: they come and go, have no namespace, several versions, no rule."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.django_setup import configure
from tests.support.wait import until
from tests.support.watching import Watching, a_deployment, expect, labelled, put, watching

configure()


def define(plane: ControlPlane, group: str, kind: str, *, scope: str = "Namespaced", versions: Any = ("v1",)) -> None:
    """Serve a kind, and wait until it is."""
    plural = f"{kind.lower()}s"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    plane.apply(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {
                "group": group,
                "scope": scope,
                "names": {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"},
                "versions": [
                    {
                        "name": version,
                        "served": True,
                        "storage": version == versions[0],
                        "schema": {"openAPIV3Schema": schema},
                        "subresources": {"status": {}},
                    }
                    for version in versions
                ],
            },
        }
    )
    until(lambda: plane.call("GET", f"/apis/{group}/{versions[0]}/{plural}")[0] == 200, what=f"{kind} is served")


def undefine(plane: ControlPlane, group: str, kind: str) -> None:
    plane.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{kind.lower()}s.{group}")
    until(lambda: plane.call("GET", f"/apis/{group}/v1/{kind.lower()}s")[0] == 404, what=f"{kind} is gone")


def say(plane: ControlPlane, path: str, status: dict[str, Any]) -> None:
    """What an operator would say of its object."""
    body = json.dumps({"status": status}).encode()
    code, answer = plane.call("PATCH", f"{path}/status", body, content_type="application/merge-patch+json")
    assert code == 200, answer


@pytest.fixture
def waits_for_no_status(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object without a status counts at once as one that never has one."""
    monkeypatch.setattr("clusters.domain.rules.generic.FIRST_STATUS_S", 0)


@pytest.fixture
def waits_long_for_a_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clusters.domain.rules.generic.FIRST_STATUS_S", 3600)


@pytest.fixture
def looks_only_at_what_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No node is judged again only because time has passed."""
    monkeypatch.setattr("clusters.watching.cluster_watch.RECONCILE_EVERY_S", 3600.0)
    monkeypatch.setattr("clusters.watching.wanted.FOLLOW_EVERY_S", 3600.0)


def a_config(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}


@pytest.mark.usefixtures("waits_for_no_status", "looks_only_at_what_changes")
def test_a_kind_that_goes_away_concerns_its_own_nodes_alone_until_it_is_back(
    control_plane: ControlPlane, environment: dict[str, Any], cluster_id: ObjectId
) -> None:
    group = "stale.example.com"
    define(control_plane, group, "Thing")
    thing = {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": "one"}, "spec": {}}
    with watching(cluster_id) as live:
        put(control_plane, environment, "thing", thing)
        put(control_plane, environment, "conf", a_config("conf"))
        live.until(environment, "thing", health="present")
        live.until(environment, "conf", health="healthy")
        undefine(control_plane, group, "Thing")
        status = live.until(environment, "thing", health="unknown")
        assert "no kind Thing" in status["reason"]
        put(control_plane, environment, "later", a_config("later"))
        live.until(environment, "later", health="healthy", stale_since=None)
        assert live.status(environment, "conf")["stale_since"] is None
    with watching(cluster_id) as live:
        put(control_plane, environment, "latest", a_config("latest"))
        live.until(environment, "latest", health="healthy", stale_since=None)
        status = live.until(environment, "thing", health="unknown", stale_since=None)
        assert "no kind Thing" in status["reason"]
        define(control_plane, group, "Thing")
        control_plane.apply(labelled(environment, "thing", thing))
        live.until(environment, "thing", health="present", stale_since=None)
        control_plane.delete(f"{group}/v1", "Thing", "one", environment["namespace"])
        live.until(environment, "thing", health="missing")
    undefine(control_plane, group, "Thing")


@pytest.mark.usefixtures("waits_for_no_status")
def test_a_version_of_a_kind_that_is_not_served_any_more_is_followed_in_another_one(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    group = "moving.example.com"
    define(control_plane, group, "Part", versions=("v1", "v1beta1"))
    part = {"apiVersion": f"{group}/v1beta1", "kind": "Part", "metadata": {"name": "one"}, "spec": {}}
    put(control_plane, environment, "part", part)
    live.until(environment, "part", health="present")
    define(control_plane, group, "Part", versions=("v1",))
    say(control_plane, f"/apis/{group}/v1/namespaces/{environment['namespace']}/parts/one", {"phase": "Failed"})
    live.until(environment, "part", health="failed", stale_since=None)
    undefine(control_plane, group, "Part")


@pytest.mark.usefixtures("waits_for_no_status", "looks_only_at_what_changes")
def test_a_kind_that_comes_back_with_another_scope_while_it_is_watched_is_followed_in_that_scope(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    group = "scopes.example.com"
    name = f"one-{environment['namespace']}"
    part = {"apiVersion": f"{group}/v1", "kind": "Area", "metadata": {"name": name}, "spec": {}}
    for scope in ("Namespaced", "Cluster", "Namespaced"):
        define(control_plane, group, "Area", scope=scope)
        manifest = labelled(environment, "area", part)
        if scope == "Namespaced":
            folder = f"/apis/{group}/v1/namespaces/{environment['namespace']}/areas"
            expect_once(environment, manifest)
        else:
            folder = f"/apis/{group}/v1/areas"
            del manifest["metadata"]["namespace"]
        body, path = json.dumps(manifest).encode(), f"{folder}/{name}?fieldManager=kubeorch"
        status, answer = control_plane.call("PATCH", path, body, content_type="application/apply-patch+yaml")
        assert status in (200, 201), answer
        live.until(environment, "area", health="present", stale_since=None)
        say(control_plane, f"{folder}/{name}", {"conditions": [{"type": "Ready", "status": "True"}]})
        live.until(environment, "area", health="healthy", stale_since=None)
        undefine(control_plane, group, "Area")
        live.until(environment, "area", health="unknown", stale_since=None)


def expect_once(environment: dict[str, Any], manifest: dict[str, Any]) -> None:
    """An inventory row, unless there is one."""
    from kubeorch.mongo.client import db

    if db().inventory.find_one({"environment_id": environment["_id"]}) is None:
        expect(environment, "area", manifest)


@pytest.mark.usefixtures("waits_for_no_status")
def test_an_object_outside_namespaces_is_found_whatever_its_row_says(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    define(control_plane, "wide.example.com", "Zone", scope="Cluster")
    name = f"north-{environment['namespace']}"
    labels = {"kubeorch.dev/environment": str(environment["_id"]), "kubeorch.dev/node": "zone"}
    zone = {"apiVersion": "wide.example.com/v1", "kind": "Zone", "metadata": {"name": name, "labels": labels}}
    control_plane.apply(zone)
    placed = {**zone, "metadata": {**zone["metadata"], "namespace": environment["namespace"]}}
    expect(environment, "zone", placed)
    status = live.until(environment, "zone", health="present")
    assert len(status["objects"]) == 1
    say(control_plane, f"/apis/wide.example.com/v1/zones/{name}", {"conditions": [{"type": "Ready", "status": "True"}]})
    live.until(environment, "zone", health="healthy")
    control_plane.delete("wide.example.com/v1", "Zone", name)
    live.until(environment, "zone", health="missing")


def test_an_object_in_another_namespace_counts_where_the_environment_owns_it(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    elsewhere = {**environment, "namespace": control_plane.namespace("elsewhere")}
    put(
        control_plane,
        elsewhere,
        "web",
        a_deployment(elsewhere, "web", image="fail.kubeorch.dev/imagepull:1", replicas=1),
    )
    status = live.until(environment, "web", health="degraded")
    assert status["reason"].startswith("Image fail.kubeorch.dev/imagepull:1 cannot be pulled")
    control_plane.apply(a_deployment(elsewhere, "web", replicas=1))
    live.until(environment, "web", health="healthy")
    stranger = labelled(elsewhere, "web", a_config("stranger"))
    control_plane.apply(stranger)
    control_plane.apply(a_deployment(elsewhere, "web", replicas=2))
    status = live.until(environment, "web", health="healthy", reason="2 of 2 pods ready")
    assert [one["ref"]["name"] for one in status["objects"]] == ["web"]


def test_an_object_is_followed_once_whatever_version_its_row_names(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching, mongo: Any
) -> None:
    put(control_plane, environment, "web", a_deployment(environment, "web", replicas=1))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = {
        "apiVersion": "autoscaling/v1",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": target, "maxReplicas": 3},
    }
    newer = {**scaler, "apiVersion": "autoscaling/v2", "metadata": {"name": "newer"}}
    put(control_plane, environment, "old", scaler)
    put(control_plane, environment, "new", newer)

    def versions(node_id: str) -> list[str]:
        """Before the row is known, an object is found by its label alone, in the version that is watched."""
        status = live.status(environment, node_id)
        return [one["ref"]["api_version"] for one in status["objects"]] if status else []

    for node_id, version in (("old", "autoscaling/v1"), ("new", "autoscaling/v2")):
        until(lambda node_id=node_id, version=version: versions(node_id) == [version], what="the version of the row")
    watches = live.open_watches
    mongo.inventory.delete_one({"node_id": "old"})
    control_plane.delete("autoscaling/v1", "HorizontalPodAutoscaler", "web", environment["namespace"])
    until(lambda: live.status(environment, "old") is None, what="the node of the older version is gone")
    control_plane.apply(labelled(environment, "new", {**newer, "spec": {**newer["spec"], "maxReplicas": 5}}))
    status = until(lambda: (found := live.status(environment, "new")) and found["facts"]["max"] == 5 and found)
    assert status["health"] not in ("missing", "unknown")
    assert live.open_watches == watches


@pytest.mark.usefixtures("waits_long_for_a_status")
def test_a_namesake_of_a_usual_kind_is_judged_by_what_it_says_itself(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    define(control_plane, "serving.knative.dev", "Service")
    put(
        control_plane,
        environment,
        "hello",
        {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "hello"}, "spec": {}},
    )
    live.until(environment, "hello", health="progressing")
    path = f"/apis/serving.knative.dev/v1/namespaces/{environment['namespace']}/services/hello"
    row = {"type": "Ready", "status": "False", "reason": "RevisionFailed", "message": "image cannot be pulled"}
    say(control_plane, path, {"conditions": [row]})
    live.until(environment, "hello", health="degraded", reason="image cannot be pulled")
    say(control_plane, path, {"conditions": [{"type": "Ready", "status": "True"}]})
    live.until(environment, "hello", health="healthy")


def without_our_labels(environment: dict[str, Any], node_id: str, image: str) -> dict[str, Any]:
    """As people write it: the pod template knows nothing of us."""
    manifest = a_deployment(environment, node_id, image=image, replicas=1)
    manifest["spec"]["template"]["metadata"]["labels"] = {"app": node_id}
    return manifest


def test_a_workload_given_as_yaml_shows_the_same_reason_as_any_other(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    image = "fail.kubeorch.dev/imagepull:1"
    put(control_plane, environment, "typed", a_deployment(environment, "typed", image=image, replicas=1))
    put(control_plane, environment, "free", without_our_labels(environment, "free", image))
    typed = live.until(environment, "typed", health="degraded")
    free = live.until(environment, "free", health="degraded")
    assert free["reason"] == typed["reason"]
    assert {row["reason"] for row in free["evidence"]} & {"ErrImagePull", "ImagePullBackOff"}
    control_plane.apply(without_our_labels(environment, "free", "nginx:1"))
    live.until(environment, "free", health="healthy")


def test_pods_that_an_operator_makes_are_the_reason_of_its_object(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    define(control_plane, "db.example.com", "Database")
    database = {"apiVersion": "db.example.com/v1", "kind": "Database", "metadata": {"name": "main"}, "spec": {}}
    put(control_plane, environment, "db", database)
    owner = control_plane.get("db.example.com/v1", "Database", "main", environment["namespace"])
    assert owner is not None
    reference = {"apiVersion": "db.example.com/v1", "kind": "Database", "name": "main", "uid": owner["metadata"]["uid"]}
    made = without_our_labels(environment, "db-0", "fail.kubeorch.dev/crashloop:1")
    made["metadata"] = {
        "name": "db-0",
        "namespace": environment["namespace"],
        "ownerReferences": [{**reference, "controller": True}],
    }
    control_plane.apply(made)
    status = live.until(environment, "db", health="degraded")
    assert "keeps crashing" in status["reason"]
    assert [one["ref"]["kind"] for one in status["objects"]] == ["Database"]


def test_a_replication_controller_is_judged_by_its_pods(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    def controller(image: str) -> dict[str, Any]:
        pod = {"metadata": {"labels": {"app": "rc"}}, "spec": {"containers": [{"name": "main", "image": image}]}}
        spec = {"replicas": 2, "selector": {"app": "rc"}, "template": pod}
        return {"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "rc"}, "spec": spec}

    put(control_plane, environment, "rc", controller("fail.kubeorch.dev/imagepull:1"))
    status = live.until(environment, "rc", health="degraded")
    assert "cannot be pulled" in status["reason"]
    assert status["facts"]["ready"] == 0


def test_a_service_whose_pods_are_scaled_to_0_is_suspended_until_they_are_back(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "svc"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    }
    put(control_plane, environment, "web", a_deployment(environment, "web", replicas=0))
    put(control_plane, environment, "svc", service)
    live.until(environment, "svc", health="suspended", reason="its pods are scaled to 0")
    assert live.until(environment, "web", health="healthy")["reason"] == "scaled to 0"
    control_plane.apply(a_deployment(environment, "web", replicas=1))
    live.until(environment, "svc", health="healthy")
    control_plane.apply(a_deployment(environment, "web", replicas=0))
    live.until(environment, "svc", health="suspended")


def test_a_claim_that_nobody_can_serve_says_why(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "storageClassName": "nope",
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    put(control_plane, environment, "data", claim)
    status = live.until(environment, "data", health="degraded")
    assert "nope" in status["reason"]
