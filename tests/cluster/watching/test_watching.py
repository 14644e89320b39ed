"""Live status of nodes on a real API server: rollouts, reasons, deletions, edits, outages, lost history."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from typing import Any

import pytest
import yaml

from tests.support.control_plane import ControlPlane
from tests.support.django_setup import configure
from tests.support.fault_proxy import HOLE, OPEN, REFUSED, door_to
from tests.support.wait import until
from tests.support.watching import Watching, a_deployment, all_differences, an_environment, expect, labelled, watching

configure()


def apply_as_ours(control_plane: ControlPlane, manifest: dict[str, Any]) -> None:
    folder = f"/apis/apps/v1/namespaces/{manifest['metadata']['namespace']}/deployments"
    status, body = control_plane.call(
        "PATCH",
        f"{folder}/{manifest['metadata']['name']}?fieldManager=kubeorch&force=true",
        json.dumps(manifest).encode(),
        content_type="application/apply-patch+yaml",
    )
    assert status in (200, 201), body


def test_a_rollout_goes_from_progressing_to_healthy(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    control_plane.apply(a_deployment(environment, "web", replicas=3))
    status = live.until(environment, "web", health="healthy")
    assert status["facts"]["ready"] == status["facts"]["desired"] == 3
    assert status["reason"] == "3 of 3 pods ready"
    assert status["objects"][0]["ref"]["kind"] == "Deployment"
    assert status["stale_since"] is None


def test_an_image_pull_failure_is_shown_on_the_node_until_it_is_fixed(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    control_plane.apply(a_deployment(environment, "web", image="fail.kubeorch.dev/imagepull:1", replicas=2))
    status = live.until(environment, "web", health="degraded")
    assert status["reason"].startswith("Image fail.kubeorch.dev/imagepull:1 cannot be pulled")
    assert any(row["reason"] in ("ErrImagePull", "ImagePullBackOff") for row in status["evidence"])
    control_plane.apply(a_deployment(environment, "web", replicas=2))
    live.until(environment, "web", health="healthy")


@pytest.mark.parametrize(
    ("image", "words"),
    [("fail.kubeorch.dev/crashloop:1", "keeps crashing"), ("fail.kubeorch.dev/oom:1", "OOMKilled")],
)
def test_crashes_are_shown_with_their_reason(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching, image: str, words: str
) -> None:
    control_plane.apply(a_deployment(environment, "web", image=image, replicas=1))
    status = live.until(environment, "web", health="degraded")
    assert words in status["reason"]


def test_an_object_deleted_by_others_is_missing_until_it_is_applied_again(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    manifest = a_deployment(environment, "web", replicas=1)
    control_plane.apply(manifest)
    expect(environment, "web", manifest)
    live.until(environment, "web", health="healthy")
    control_plane.delete("apps/v1", "Deployment", "web", environment["namespace"])
    status = live.until(environment, "web", health="missing")
    assert "not in the cluster any more" in status["reason"]
    control_plane.apply(manifest)
    live.until(environment, "web", health="healthy")


def test_an_object_removed_from_the_inventory_leaves_the_topic(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching, mongo: Any
) -> None:
    config = labelled(environment, "conf", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}})
    control_plane.apply(config)
    row_id = expect(environment, "conf", config)
    live.until(environment, "conf", health="healthy")
    mongo.inventory.update_one({"_id": row_id}, {"$set": {"state": "deleting"}})
    control_plane.delete("v1", "ConfigMap", "conf", environment["namespace"])
    mongo.inventory.delete_one({"_id": row_id})
    until(lambda: live.status(environment, "conf") is None, what="the node left the topic")


def test_an_edit_by_another_manager_is_shown_as_drift_until_we_apply_again(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    manifest = a_deployment(environment, "web", replicas=1)
    apply_as_ours(control_plane, manifest)
    live.until(environment, "web", health="healthy", drifted=False)
    until(lambda: edit_replicas(control_plane, environment, 2))
    status = live.until(environment, "web", drifted=True)
    assert any(row["reason"] == "ChangedOutside" and "kubectl-edit" in row["message"] for row in status["evidence"])
    until(lambda: apply_as_ours(control_plane, manifest) or not live.status(environment, "web")["drifted"], every_s=0.5)


def edit_replicas(control_plane: ControlPlane, environment: dict[str, Any], replicas: int) -> bool:
    path = f"/apis/apps/v1/namespaces/{environment['namespace']}/deployments/web?fieldManager=kubectl-edit"
    body = json.dumps({"spec": {"replicas": replicas + 1 if replicas == 1 else replicas}}).encode()
    _, answer = control_plane.call("PATCH", path, body, content_type="application/merge-patch+json")
    entries = json.loads(answer)["metadata"]["managedFields"]
    times = {row["manager"]: row["time"] for row in entries if row.get("subresource") != "status"}
    if times.get("kubectl-edit", "") > times["kubeorch"]:
        return True
    control_plane.call(
        "PATCH", path, json.dumps({"spec": {"replicas": 7}}).encode(), content_type="application/merge-patch+json"
    )
    return False


def test_our_labels_count_only_in_the_namespace_of_the_environment(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    elsewhere = {**environment, "namespace": control_plane.namespace("other")}
    control_plane.apply(a_deployment(elsewhere, "stranger", replicas=1))
    control_plane.apply(a_deployment(environment, "web", replicas=1))
    live.until(environment, "web", health="healthy")
    assert live.status(environment, "stranger") is None or not live.status(environment, "stranger")["objects"]


def test_there_is_one_watch_per_kind_however_many_nodes(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    from clusters.kube.informers import BUILT_IN

    for number in range(6):
        control_plane.apply(a_deployment(environment, f"n{number}", replicas=1))
    for number in range(6):
        live.until(environment, f"n{number}", health="healthy")
    assert live.open_watches == len(BUILT_IN)


def test_an_api_server_that_restarts_makes_statuses_stale_and_then_fresh(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    control_plane.apply(a_deployment(environment, "web", replicas=1))
    live.until(environment, "web", health="healthy")
    lists = [reflector.mirror.lists for informer in live.watch.informers.all for reflector in informer.reflectors]

    def down_and_stale() -> Any:
        with contextlib.suppress(ProcessLookupError):  # a quick machine has it back before anything counts as stale
            os.kill(control_plane.sandbox.pids["kube-apiserver"], signal.SIGKILL)
        return stale(live, environment, "web")

    status = until(down_and_stale, what="the status is stale")
    assert status["health"] == "healthy"
    until(control_plane.is_ready, what="the API server is back")
    live.until(environment, "web", stale_since=None)
    control_plane.apply(a_deployment(environment, "web", image="fail.kubeorch.dev/imagepull:1", replicas=1))
    live.until(environment, "web", health="degraded")
    again = [reflector.mirror.lists for informer in live.watch.informers.all for reflector in informer.reflectors]
    assert all(after - before <= 2 for before, after in zip(lists, again, strict=True))


def test_an_api_server_that_goes_silent_makes_statuses_stale(
    control_plane: ControlPlane, environment: dict[str, Any], live: Watching
) -> None:
    control_plane.apply(a_deployment(environment, "web", replicas=1))
    live.until(environment, "web", health="healthy")
    pid = control_plane.sandbox.pids["kube-apiserver"]
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: stale(live, environment, "web"), what="the status is stale")
    finally:
        os.kill(pid, signal.SIGCONT)
    live.until(environment, "web", stale_since=None)


def test_after_lost_history_objects_are_listed_again_and_deleted_ones_are_missing(
    mongo: Any, control_plane: ControlPlane
) -> None:
    from clusters import actions

    with door_to(control_plane) as (door, kubeconfig):
        cluster_id = actions.register_sandbox(kubeconfig)
        environment = an_environment(cluster_id, control_plane.namespace("history"))
        manifest = a_deployment(environment, "web", replicas=1)
        with watching(cluster_id) as live:
            control_plane.apply(manifest)
            expect(environment, "web", manifest)
            live.until(environment, "web", health="healthy")
            reflector = live.watch.informers.informer(("apps/v1", "Deployment")).reflectors[0]
            lists = reflector.mirror.lists
            door.become(REFUSED)
            control_plane.delete("apps/v1", "Deployment", "web", environment["namespace"])
            os.kill(control_plane.sandbox.pids["kube-apiserver"], signal.SIGKILL)
            until(control_plane.is_ready, what="an API server that knows nothing of the time before it")
            door.become(OPEN)
            live.until(environment, "web", health="missing")
            assert reflector.mirror.lists == lists + 1
            until(lambda: not all_differences(live))


@pytest.mark.parametrize("fault", [REFUSED, HOLE])
def test_a_watcher_that_starts_while_the_api_server_is_away_makes_statuses_stale_until_it_is_back(
    mongo: Any, control_plane: ControlPlane, fault: str
) -> None:
    from clusters import actions

    with door_to(control_plane) as (door, kubeconfig):
        cluster_id = actions.register_sandbox(kubeconfig)
        environment = an_environment(cluster_id, control_plane.namespace("away"))
        control_plane.apply(a_deployment(environment, "web", replicas=1))
        with watching(cluster_id) as live:
            live.until(environment, "web", health="healthy", stale_since=None)
        door.become(fault)
        with watching(cluster_id, ready=False) as live:
            status = until(lambda: stale(live, environment, "web"), what="the status is stale")
            assert status["health"] == "healthy"
            assert status["stale_reason"].startswith("the cluster is not watched: ")
            door.become(OPEN)
            live.until(environment, "web", health="healthy", stale_since=None)


def test_a_quick_restart_of_the_watcher_makes_nothing_stale(mongo: Any, control_plane: ControlPlane) -> None:
    from clusters import actions

    cluster_id = actions.register_sandbox(control_plane.kubeconfig)
    environment = an_environment(cluster_id, control_plane.namespace("quick"))
    control_plane.apply(a_deployment(environment, "web", replicas=1))
    with watching(cluster_id) as live:
        live.until(environment, "web", health="healthy", stale_since=None)
    with watching(cluster_id) as live:
        live.until(environment, "web", health="healthy", stale_since=None)
    reasons = mongo.events.distinct("data.stale_reason", {"data.stale_since": {"$ne": None}})
    assert not [reason for reason in reasons if "not watched" in reason], reasons


def test_new_credentials_that_lead_nowhere_make_statuses_stale_until_others_lead_there(
    mongo: Any, control_plane: ControlPlane
) -> None:
    from clusters import actions

    with door_to(control_plane) as (door, kubeconfig):
        door.become(REFUSED)
        cluster_id = actions.register_sandbox(control_plane.kubeconfig)
        environment = an_environment(cluster_id, control_plane.namespace("nowhere"))
        control_plane.apply(a_deployment(environment, "web", replicas=1))
        with watching(cluster_id) as live:
            live.until(environment, "web", health="healthy", stale_since=None)
            actions.register_sandbox(kubeconfig)
            until(lambda: stale(live, environment, "web"), what="the status is stale")
            actions.register_sandbox(control_plane.kubeconfig)
            live.until(environment, "web", health="healthy", stale_since=None)


def stale(live: Watching, environment: dict[str, Any], node_id: str) -> dict[str, Any] | None:
    status = live.status(environment, node_id)
    return status if status is not None and status["stale_since"] is not None else None


def test_with_credentials_for_one_namespace_only_that_namespace_is_watched(
    mongo: Any, control_plane: ControlPlane
) -> None:
    from clusters import store, trying
    from clusters.credentials import sealed
    from clusters.domain.kubeconfig import parse_kubeconfig

    namespace = control_plane.namespace("narrow")
    kubeconfig = narrow_kubeconfig(control_plane, namespace)

    row = store.new_cluster("narrow", team_id=None, created_by=None)
    store.insert({**row, **sealed(row["_id"], parse_kubeconfig(kubeconfig, allow_http=True)), "is_sandbox": True})
    assert trying.test_cluster(row["_id"])["state"] == "ready"
    environment = an_environment(row["_id"], namespace)
    with watching(row["_id"]) as live:
        control_plane.apply(a_deployment(environment, "web", replicas=1))
        live.until(environment, "web", health="healthy")
        deployments = live.watch.informers.informer(("apps/v1", "Deployment"))
        assert [one.listing.path for one in deployments.reflectors] == [
            f"/apis/apps/v1/namespaces/{namespace}/deployments"
        ]
        assert live.watch.informers.broken_since is None, "the watch of the whole cluster is not missed"
        assert live.status(environment, "web")["stale_since"] is None


def narrow_kubeconfig(control_plane: ControlPlane, namespace: str) -> str:
    """A service account that may read everything in its namespace, and nothing elsewhere."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "narrow", "namespace": namespace}}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "narrow", "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "narrow", "namespace": namespace}],
    }
    control_plane.apply(account)
    control_plane.apply(binding)
    _, body = control_plane.call(
        "POST",
        f"/api/v1/namespaces/{namespace}/serviceaccounts/narrow/token",
        json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}).encode(),
    )
    found = yaml.safe_load(control_plane.kubeconfig)
    found["users"][0]["user"] = {"token": json.loads(body)["status"]["token"]}
    return yaml.safe_dump(found)


def test_a_cluster_whose_token_is_rejected_is_failed(mongo: Any, control_plane: ControlPlane) -> None:
    from clusters import store
    from clusters.credentials import sealed
    from clusters.domain.kubeconfig import parse_kubeconfig

    found = yaml.safe_load(control_plane.kubeconfig)
    found["users"][0]["user"] = {"token": "revoked"}
    credentials = parse_kubeconfig(yaml.safe_dump(found), allow_http=True)
    row = store.new_cluster("revoked", team_id=None, created_by=None)
    store.insert({**row, **sealed(row["_id"], credentials), "is_sandbox": True, "state": "ready"})
    with watching(row["_id"], ready=False):
        until(lambda: store.find(row["_id"])["state"] == "failed")
    assert "credentials" in store.find(row["_id"])["error"]["detail"]
