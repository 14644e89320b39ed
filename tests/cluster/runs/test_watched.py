"""Runs with the product's own watcher beside them: the health that the cluster shows decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from kubeorch.base.clock import now
from tests.support.control_plane import ControlPlane
from tests.support.runs import Bench, let_deadline_pass
from tests.support.wait import until
from tests.support.watching import Watching, watching
from tests.support.workflows import a_config_map, a_manifest, a_node, a_secret, an_edge

BAD_IMAGE = "fail.kubeorch.dev/imagepull:1"


@pytest.fixture
def watcher(cluster: str) -> Iterator[Watching]:
    with watching(ObjectId(cluster)) as running:
        yield running


def status(bench: Bench, node_id: str) -> Any:
    """The node's status as the API shows it."""
    return bench.person.get(f"environments/{bench.environment['id']}/status").body["data"].get(f"node:{node_id}")


def healthy(bench: Bench, node_id: str) -> bool:
    return (status(bench, node_id) or {}).get("health") == "healthy"


def test_a_run_succeeds_once_the_cluster_shows_every_object_healthy(bench: Bench, watcher: Watching) -> None:
    bench.draw(
        a_node("web", replicas=2),
        a_node("svc", kind="service", ports=[{"name": "http", "port": 80, "target_port": 80}]),
        a_config_map("conf"),
        a_secret("keys", "token"),
        edges=(an_edge("svc", "web", "exposes"), an_edge("conf", "web", "mounts")),
    )
    run = bench.until(bench.start(secrets={"keys": {"token": "t"}}), "succeeded")
    assert run["counts"]["done"] == 4
    for node_id in ("web", "svc", "conf", "keys"):
        assert healthy(bench, node_id), status(bench, node_id)
    assert status(bench, "web")["facts"]["ready"] == 2


def test_a_change_that_nobody_can_see_is_proven_too(bench: Bench, watcher: Watching) -> None:
    """The status of a ConfigMap looks the same before and after: only its version shows that the apply was observed."""
    for value in ("1", "2", "3"):
        bench.draw(a_config_map("conf", a=value))
        bench.until(bench.start(), "succeeded")
        assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": value}


def test_a_run_that_changes_nothing_succeeds(bench: Bench, watcher: Watching) -> None:
    bench.draw(a_config_map("conf"), a_node("web"))
    bench.until(bench.start(), "succeeded")
    again = bench.until(bench.start(), "succeeded")
    assert again["counts"]["unchanged"] == 2


def test_a_kind_that_was_not_watched_before_is_watched_at_once(
    bench: Bench, watcher: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clusters.watching.cluster_watch.RECONCILE_EVERY_S", 3600.0)
    monkeypatch.setattr("clusters.watching.wanted.FOLLOW_EVERY_S", 3600.0)
    budget = a_manifest(
        "pdb",
        apiVersion="policy/v1",
        kind="PodDisruptionBudget",
        spec={"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}},
    )
    bench.draw(budget)
    bench.until(bench.start(), "succeeded")
    assert (status(bench, "pdb") or {}).get("health") == "present"  # it guards no pod


def test_a_rollout_is_not_proven_by_the_health_from_before_it(bench: Bench, watcher: Watching) -> None:
    bench.draw(a_node("web"))
    bench.until(bench.start(), "succeeded")
    bench.draw(a_node("web", image=BAD_IMAGE))
    run = bench.until(bench.start(), "verifying")
    until(lambda: status(bench, "web")["health"] == "degraded")
    assert bench.run(run)["state"] == "verifying"
    assert BAD_IMAGE in status(bench, "web")["reason"]


def test_an_unhealthy_run_is_superseded_by_the_one_that_fixes_it(bench: Bench, watcher: Watching, mongo: Any) -> None:
    bench.draw(a_node("web", image=BAD_IMAGE))
    first = bench.until(bench.start(), "verifying")
    until(lambda: (status(bench, "web") or {}).get("health") == "degraded")
    a_while_ago = now() - timedelta(seconds=30)
    mongo.runs.update_one({"_id": ObjectId(first["id"])}, {"$set": {"applied_at": a_while_ago}})
    bench.draw(a_node("web"))
    second = bench.until(bench.start(), "succeeded")
    ended = bench.run(first)
    assert (ended["state"], ended["error"]["code"]) == ("superseded", "run.superseded")
    assert f"run {second['number']} took over" in ended["error"]["detail"]
    assert BAD_IMAGE in ended["error"]["detail"]


def test_a_job_that_fails_fails_its_run_at_once(bench: Bench, watcher: Watching) -> None:
    bench.draw(a_node("migrate", kind="job", image="fail.kubeorch.dev/exit:1", backoff_limit=0))
    ended = bench.until(bench.start(), "failed")
    assert ended["error"]["code"] == "run.unhealthy"
    assert ended["error"]["node_id"] == "migrate"
    assert "Job migrate failed: the job failed" in ended["error"]["detail"]


def test_an_object_that_is_deleted_while_its_run_waits_is_named_at_the_deadline(
    bench: Bench, watcher: Watching, control_plane: ControlPlane
) -> None:
    bench.draw(a_node("web", image=BAD_IMAGE))
    run = bench.until(bench.start(), "verifying")
    until(lambda: status(bench, "web"))
    control_plane.delete("apps/v1", "Deployment", "web", bench.namespace)
    until(lambda: status(bench, "web")["health"] == "missing")
    let_deadline_pass(run["id"])
    ended = bench.until(run, "failed")
    assert ended["error"]["code"] == "run.deadline"
    assert "Deployment web is not in the cluster any more" in ended["error"]["detail"]
    assert status(bench, "web")["health"] == "missing"


def has_s(bench: Bench, run: dict[str, Any]) -> float:
    """How long a run that waits for health may take until it gives up."""
    now = bench.run(run)
    return (datetime.fromisoformat(now["deadline_at"]) - datetime.fromisoformat(now["applied_at"])).total_seconds()


def test_a_run_gives_up_on_an_image_that_does_not_exist_long_before_its_deadline_and_says_when(
    bench: Bench, watcher: Watching, monkeypatch: pytest.MonkeyPatch, control_plane: ControlPlane
) -> None:
    from clusters.domain import hopeless

    bench.draw(a_node("web", image=BAD_IMAGE))
    run = bench.until(bench.start(), "verifying")
    until(lambda: has_s(bench, run) < 300, what="the run says that it gives up early")
    slow = {"containers": [{"name": "web", "image": "fail.kubeorch.dev/notready:1"}]}
    recreate = {"type": "Recreate", "rollingUpdate": None}  # so that no pod of the bad image stays beside the other
    patch = json.dumps({"spec": {"strategy": recreate, "template": {"spec": slow}}}).encode()
    path = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web?fieldManager=kubectl"
    answer, _ = control_plane.call("PATCH", path, patch, content_type="application/strategic-merge-patch+json")
    assert answer == 200
    until(lambda: has_s(bench, run) == 600, what="it has its whole time again once the cause has passed")
    bench.person.post(f"runs/{run['id']}/cancel")

    monkeypatch.setattr(hopeless, "RULES", tuple(rule._replace(grace_s=1.0) for rule in hopeless.RULES))
    failed = bench.until(bench.start(take_over=True), "failed")
    assert failed["error"]["code"] == "run.unhealthy"
    assert "will not become healthy by itself" in failed["error"]["detail"]
    assert "not found" in failed["error"]["detail"]
    assert "before its deadline of 600 s" in failed["error"]["detail"]


def test_a_node_that_is_not_drawn_any_more_leaves_with_its_object(bench: Bench, watcher: Watching) -> None:
    bench.draw(a_config_map("stays"), a_config_map("goes"))
    bench.until(bench.start(), "succeeded")
    assert healthy(bench, "goes")
    bench.draw(a_config_map("stays"))
    bench.until(bench.start(), "succeeded")
    until(lambda: status(bench, "goes") is None, what="the node has left")
    assert healthy(bench, "stays")


def test_an_object_that_moves_to_another_node_is_proven_there(bench: Bench, watcher: Watching) -> None:
    bench.draw({**a_config_map("before"), "name": "conf"})
    bench.until(bench.start(), "succeeded")
    bench.draw({**a_config_map("after"), "name": "conf"})
    bench.until(bench.start(), "succeeded")
    until(lambda: status(bench, "before") is None)
    assert healthy(bench, "after")


def test_a_watcher_that_comes_later_settles_the_run(bench: Bench, cluster: str) -> None:
    bench.draw(a_node("web"), a_config_map("conf"))
    run = bench.until(bench.start(), "verifying")
    with watching(ObjectId(cluster)):
        bench.until(run, "succeeded")


def test_a_watcher_that_starts_again_settles_by_what_the_one_before_it_wrote(
    bench: Bench, cluster: str, mongo: Any
) -> None:
    """The one before wrote the last status and ended before it could settle: nothing changes any more."""
    bench.draw(a_config_map("conf"))
    with watching(ObjectId(cluster)):
        run = bench.until(bench.start(), "succeeded")
    statuses = list(mongo.node_statuses.find())
    mongo.runs.update_one(
        {"_id": ObjectId(run["id"])}, {"$set": {"state": "verifying", "finished_at": None}, "$inc": {"rev": 1}}
    )
    with watching(ObjectId(cluster)):
        bench.until(run, "succeeded")
    after = list(mongo.node_statuses.find())
    assert after == statuses, "and it wrote nothing anew"


def test_a_job_that_its_time_to_live_removes_at_once_completes_its_run_and_stays_complete(
    bench: Bench, watcher: Watching, mongo: Any
) -> None:
    bench.draw(a_node("migrate", kind="job", image="busybox:1", ttl_after_finished_s=0))
    bench.until(bench.start(), "succeeded")
    until(lambda: bench.get("batch/v1", "Job", "migrate") is None, what="the Job is gone")
    until(lambda: "completed at" in status(bench, "migrate")["reason"], what="the node says so")
    assert healthy(bench, "migrate")
    assert mongo.inventory.find_one({"node_id": "migrate"})["completed_at"]


def test_a_run_with_a_service_before_pods_that_are_scaled_to_0_succeeds(bench: Bench, watcher: Watching) -> None:
    bench.draw(
        a_node("web", replicas=0),
        a_node("svc", kind="service", ports=[{"name": "http", "port": 80, "target_port": 80}]),
        edges=(an_edge("svc", "web", "exposes"),),
    )
    bench.until(bench.start(), "succeeded")
    assert status(bench, "svc")["reason"] == "its pods are scaled to 0"


def test_an_object_of_a_kind_that_tells_nothing_of_its_health_is_present_and_done(
    bench: Bench, watcher: Watching, control_plane: ControlPlane
) -> None:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    names = {"plural": "quiets", "singular": "quiet", "kind": "Quiet", "listKind": "QuietList"}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    spec = {"group": "quiet.example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    metadata = {"name": "quiets.quiet.example.com"}
    control_plane.apply(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": metadata,
            "spec": spec,
        }
    )
    until(lambda: control_plane.call("GET", "/apis/quiet.example.com/v1/quiets")[0] == 200)
    bench.draw(a_manifest("quiet", apiVersion="quiet.example.com/v1", kind="Quiet", spec={"loud": False}))
    bench.until(bench.start(), "succeeded")
    assert status(bench, "quiet")["health"] == "present"
