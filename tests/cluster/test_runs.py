"""Runs on a real API server, end to end: request → job → worker → server-side apply → health."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from kubeorch.base.clock import now
from tests.support.control_plane import ControlPlane
from tests.support.people import Person, a_user
from tests.support.runs import Bench, observe
from tests.support.wait import until
from tests.support.workflows import a_node, an_edge


@pytest.fixture
def person(mongo: Any) -> Person:
    return a_user("admin")


@pytest.fixture
def cluster(mongo: Any, control_plane: ControlPlane) -> str:
    """The control plane, registered as the sandbox cluster; its id."""
    from clusters import actions

    return str(actions.register_sandbox(control_plane.kubeconfig))


@pytest.fixture
def bench(person: Person, cluster: str, control_plane: ControlPlane) -> Bench:
    return Bench(person, cluster, control_plane, control_plane.namespace("runs"))


@pytest.fixture(autouse=True)
def worker(mongo: Any) -> Iterator[None]:
    """The product's own worker, in a thread."""
    from kubeorch.handlers import HANDLERS
    from kubeorch.jobs.worker import Worker

    running = Worker(HANDLERS)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield
    running.stop()
    thread.join(30)


def config(name: str, **data: str) -> dict[str, Any]:
    return a_node(name, kind="configmap", data=data or {"a": "1"})


def secret(name: str, *keys: str) -> dict[str, Any]:
    return a_node(name, kind="secret", keys=list(keys))


def manifest(name: str, **content: Any) -> dict[str, Any]:
    """A node of free YAML, given as the structure it holds."""
    import yaml

    return a_node(name, kind="manifest", manifest=yaml.safe_dump(content))


def decoded(data: dict[str, str] | None) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in (data or {}).items()}


def states(run: dict[str, Any]) -> dict[str, str]:
    return {step["node_id"]: step["state"] for step in run["steps"]}


def patches_in_order(run: dict[str, Any]) -> list[str]:
    return [step["node_id"] for step in sorted(run["steps"], key=lambda step: step["started_at"] or "")]


def test_a_drawn_deployment_stands_in_the_cluster_and_the_run_awaits_its_health(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=2))
    run = bench.until(bench.start(), "verifying")
    live = bench.get("apps/v1", "Deployment", "web")
    assert live["spec"]["replicas"] == 2
    assert live["metadata"]["labels"]["kubeorch.dev/environment"] == bench.environment["id"]
    assert run["counts"] == {"total": 1, "done": 1, "failed": 0, "skipped": 0, "unchanged": 0}
    assert run["deadline_at"] is not None
    step = run["steps"][0]
    assert (step["state"], step["action"], step["node_id"]) == ("done", "apply", "web")
    bench.see_all_healthy()
    ended = bench.until(run, "succeeded")
    assert ended["duration_s"] > 0
    workflow = bench.person.get(f"workflows/{bench.workflow['id']}").body
    assert workflow["last_run"]["state"] == "succeeded"
    assert workflow["state"] == "published"
    assert workflow["environments"][0]["deployed"]["version"] == 1
    assert workflow["environments"][0]["active_run"] is None


def test_waves_go_one_after_another_and_the_namespace_is_made_and_labelled(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    bench = Bench(person, cluster, control_plane, f"made-{ObjectId()}")
    bench.draw(
        a_node("way", kind="ingress", host="shop.example.com"),
        a_node("svc", kind="service", ports=[{"name": "http", "port": 80, "target_port": 80}]),
        a_node("web"),
        config("conf"),
        edges=(an_edge("svc", "web", "exposes"), an_edge("way", "svc"), an_edge("conf", "web", "mounts")),
    )
    run = bench.until(bench.start(), "verifying")
    assert patches_in_order(run) == ["conf", "web", "svc", "way"]
    assert run["waves"] == 4
    namespace = control_plane.get("v1", "Namespace", bench.namespace)
    assert namespace["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "kubeorch"
    assert bench.owned() == ["ConfigMap/conf", "Deployment/web", "Ingress/way", "Service/svc"]


def test_twenty_clicks_with_one_key_are_one_run(bench: Bench, mongo: Any) -> None:
    bench.draw(config("conf"))
    with ThreadPoolExecutor(20) as pool:
        runs = list(pool.map(lambda _: bench.start(idempotency_key="click"), range(20)))
    assert len({run["id"] for run in runs}) == 1
    assert mongo.runs.count_documents({}) == 1
    assert bench.start(idempotency_key="click")["id"] == runs[0]["id"]


def test_a_second_run_waits_for_the_first_or_is_refused(bench: Bench) -> None:
    bench.draw(config("conf"))
    first = bench.until(bench.start(), "verifying")
    second = bench.start()
    third = bench.start()
    refused = bench.person.post(
        f"workflows/{bench.workflow['id']}/runs", {"environment": bench.environment["id"], "when_busy": "refuse"}
    )
    assert (refused.status, refused.body["code"]) == (409, "run.environment_busy")
    assert bench.run(second)["state"] == "queued"
    bench.see_all_healthy()
    bench.until(first, "succeeded")
    ended = bench.until(second, "succeeded", timeout_s=8)
    assert ended["counts"]["unchanged"] == 1
    assert bench.until(third, "succeeded", timeout_s=8)["started_at"] >= ended["finished_at"]
    assert [bench.run(run)["number"] for run in (first, second, third)] == [1, 2, 3]


def test_an_unchanged_graph_sends_nothing_and_an_outside_edit_is_put_right(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=1), config("conf", a="1"))
    bench.applied()
    before = bench.get("v1", "ConfigMap", "conf")["metadata"]["resourceVersion"]
    again = bench.applied()
    assert states(again) == {"web": "unchanged", "conf": "unchanged"}
    assert again["version"] == 1, "the same content is the same version"
    assert bench.get("v1", "ConfigMap", "conf")["metadata"]["resourceVersion"] == before

    bench.plane.call(
        "PATCH",
        f"/api/v1/namespaces/{bench.namespace}/configmaps/conf?fieldManager=somebody",
        b'{"data":{"b":"theirs"}}',
        content_type="application/merge-patch+json",
    )
    assert states(bench.applied())["conf"] == "unchanged", "a field that is not ours may be somebody's"

    bench.plane.delete("v1", "ConfigMap", "conf", bench.namespace)
    run = bench.applied()
    assert states(run) == {"web": "unchanged", "conf": "done"}
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "1"}


def test_a_field_somebody_else_took_is_shown_as_a_conflict_and_never_forced(bench: Bench) -> None:
    bench.draw(config("conf", a="1"))
    bench.applied()
    bench.plane.call(
        "PATCH",
        f"/api/v1/namespaces/{bench.namespace}/configmaps/conf?fieldManager=somebody",
        b'{"data":{"a":"theirs"}}',
        content_type="application/merge-patch+json",
    )
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "cluster.field_conflict"
    assert ".data.a" in run["error"]["detail"]
    assert "somebody" in run["error"]["detail"]
    assert run["error"]["node_id"] == "conf"
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "theirs"}


def scaled_from_outside(bench: Bench, name: str, replicas: int) -> None:
    """As `kubectl scale` does it."""
    status, body = bench.plane.call(
        "PATCH",
        f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/{name}/scale?fieldManager=kubectl",
        b'{"spec":{"replicas":%d}}' % replicas,
        content_type="application/merge-patch+json",
    )
    assert status == 200, body


def test_a_field_scaled_from_outside_is_taken_over_when_a_person_says_so(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=2))
    bench.applied()
    scaled_from_outside(bench, "web", 5)
    refused = bench.until(bench.start(), "failed")
    (step,) = refused["steps"]
    assert step["error"]["code"] == refused["error"]["code"] == "cluster.field_conflict"
    assert "kubectl manages .spec.replicas" in step["error"]["detail"]
    assert step["error"]["owners"] == [{"manager": "kubectl", "paths": [".spec.replicas"]}]
    assert refused["options"]["take_over"] is False
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 5

    forced = bench.applied(take_over=True)
    assert forced["options"]["take_over"] is True
    assert states(forced) == {"web": "done"}
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 2
    bench.draw(a_node("web", replicas=3))
    assert states(bench.applied()) == {"web": "done"}, "the field is ours again"
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 3


def test_a_secrets_value_changed_from_outside_is_taken_over_as_well(bench: Bench) -> None:
    bench.draw(secret("keys", "token"))
    bench.applied(secrets={"keys": {"token": "ours"}})
    bench.plane.call(
        "PATCH",
        f"/api/v1/namespaces/{bench.namespace}/secrets/keys?fieldManager=kubectl",
        b'{"stringData":{"token":"theirs"}}',
        content_type="application/merge-patch+json",
    )
    values = {"keys": {"token": "newer"}}
    refused = bench.until(bench.start(secrets=values), "failed")
    assert "kubectl manages .data.token" in refused["error"]["detail"]
    bench.applied(secrets=values, take_over=True)
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "newer"}


def test_taking_over_never_reaches_an_object_of_somebody_else(bench: Bench) -> None:
    theirs = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "conf", "namespace": bench.namespace},
        "data": {"a": "theirs"},
    }
    bench.plane.apply(theirs)
    before = bench.get("v1", "ConfigMap", "conf")
    bench.draw(config("conf", a="1"))
    run = bench.until(bench.start(take_over=True), "failed")
    assert run["error"]["code"] == "object.foreign"
    assert bench.get("v1", "ConfigMap", "conf") == before


def test_a_key_stands_for_one_request_with_its_options(bench: Bench) -> None:
    bench.draw(config("conf"))
    path, body = f"workflows/{bench.workflow['id']}/runs", {"environment": bench.environment["id"]}
    first = bench.start(idempotency_key="click")
    for other in ({"take_over": True}, {"delete_volumes": True}, {"kind": "destroy"}):
        answer = bench.person.post(path, {**body, "idempotency_key": "click", **other})
        assert (answer.status, answer.body["code"]) == (409, "run.key_reused"), other
        assert next(iter(other)) in answer.body["detail"]
    assert bench.start(idempotency_key="click")["id"] == first["id"]


def test_an_object_of_somebody_else_is_never_touched(bench: Bench) -> None:
    bench.plane.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "conf", "namespace": bench.namespace},
            "data": {"x": "y"},
        }
    )
    before = bench.get("v1", "ConfigMap", "conf")
    bench.draw(config("conf", a="1"))
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "object.foreign"
    assert "rename the node" in run["error"]["detail"].lower()
    assert bench.get("v1", "ConfigMap", "conf") == before
    bench.draw()
    bench.applied()
    assert bench.get("v1", "ConfigMap", "conf") == before, "nor is it pruned"


def test_a_failing_node_lets_its_siblings_end_and_skips_the_rest_and_retry_goes_on(bench: Bench) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "none", "namespace": bench.namespace},
        "spec": {"hard": {"count/deployments.apps": "0"}},
    }
    bench.plane.apply(quota)
    until(lambda: bench.get("v1", "ResourceQuota", "none").get("status", {}).get("hard"), timeout_s=20)
    bench.draw(
        config("conf"),
        a_node("web"),
        a_node("agent", kind="daemonset", image="nginx:1.27"),
        a_node("svc", kind="service", ports=[{"name": "http", "port": 80, "target_port": 80}]),
        edges=(an_edge("svc", "web", "exposes"),),
    )
    run = bench.until(bench.start(), "failed")
    assert states(run) == {"conf": "done", "web": "failed", "agent": "done", "svc": "skipped"}
    assert "exceeded quota: none" in run["error"]["detail"]
    assert run["error"]["node_id"] == "web"
    assert run["finished_at"]
    assert run["counts"] == {"total": 4, "done": 2, "failed": 1, "skipped": 1, "unchanged": 0}

    bench.plane.delete("v1", "ResourceQuota", "none", bench.namespace)
    made_at = bench.get("v1", "ConfigMap", "conf")["metadata"]["resourceVersion"]
    answer = bench.person.post(f"runs/{run['id']}/retry")
    assert (answer.status, answer.body["id"]) == (202, run["id"])
    run = bench.until(run, "verifying")
    assert set(states(run).values()) == {"done"}
    assert bench.get("v1", "ConfigMap", "conf")["metadata"]["resourceVersion"] == made_at
    assert bench.get("v1", "Service", "svc")
    bench.see_all_healthy()
    bench.until(run, "succeeded")
    refused = bench.person.post(f"runs/{run['id']}/retry")
    assert (refused.status, refused.body["code"]) == (409, "run.not_retryable")


def test_retry_refuses_when_the_graph_has_changed_since(bench: Bench) -> None:
    bench.plane.apply(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf", "namespace": bench.namespace}}
    )
    bench.draw(config("conf"))
    run = bench.until(bench.start(), "failed")
    bench.draw(config("other"))
    answer = bench.person.post(f"runs/{run['id']}/retry")
    assert (answer.status, answer.body["code"]) == (409, "run.not_retryable")


def test_all_problems_of_the_graph_are_told_and_nothing_runs(bench: Bench, mongo: Any) -> None:
    bench.draw(a_node("web", image=""), a_node("other", image="", replicas=-1))
    answer = bench.person.post(f"workflows/{bench.workflow['id']}/runs", {"environment": bench.environment["id"]})
    assert (answer.status, answer.body["code"]) == (400, "run.graph_invalid")
    assert {node for row in answer.body["errors"] for node in row["node_ids"]} == {"web", "other"}
    assert len(answer.body["errors"]) >= 3
    assert mongo.runs.count_documents({}) == 0
    assert mongo.versions.count_documents({}) == 0, "a run refused leaves no version"


def test_removing_a_node_deletes_its_object_and_keeps_what_holds_data(bench: Bench) -> None:
    claim = a_node("disk", kind="persistentvolumeclaim", storage="1Gi")
    bench.draw(config("conf"), config("old"), claim)
    bench.applied()
    bench.draw(config("conf"))
    run = bench.applied()
    actions = {step["node_id"]: (step["action"], step["state"]) for step in run["steps"]}
    assert actions == {"conf": ("apply", "unchanged"), "old": ("delete", "done"), "disk": ("keep", "unchanged")}
    assert bench.get("v1", "ConfigMap", "old") is None
    assert bench.get("v1", "PersistentVolumeClaim", "disk") is not None
    assert bench.owned() == ["ConfigMap/conf", "PersistentVolumeClaim/disk"]

    bench.until(bench.start(delete_volumes=True), "verifying", "succeeded", timeout_s=60)
    until(lambda: bench.get("v1", "PersistentVolumeClaim", "disk") is None, timeout_s=30)
    assert bench.owned() == ["ConfigMap/conf"]


def test_pruning_spares_a_namesake_that_is_not_the_object_we_made(bench: Bench) -> None:
    bench.draw(config("conf"), config("old"))
    bench.applied()
    bench.plane.delete("v1", "ConfigMap", "old", bench.namespace)
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old", "namespace": bench.namespace}}
    bench.plane.apply(theirs)
    bench.draw(config("conf"))
    bench.applied()
    assert bench.get("v1", "ConfigMap", "old") is not None
    assert bench.owned() == ["ConfigMap/conf"]


def test_an_object_held_by_a_finalizer_is_waited_for_without_losing_sight_of_it(bench: Bench) -> None:
    held = manifest("held", apiVersion="v1", kind="ConfigMap", metadata={"finalizers": ["example.com/hold"]})
    bench.draw(config("conf"), held)
    bench.applied()
    bench.draw(config("conf"))
    run = bench.start()
    until(lambda: (bench.get("v1", "ConfigMap", "held") or {})["metadata"].get("deletionTimestamp"), timeout_s=10)
    assert "ConfigMap/held" in bench.owned()
    assert bench.run(run)["state"] == "applying"
    bench.plane.call(
        "PATCH",
        f"/api/v1/namespaces/{bench.namespace}/configmaps/held?fieldManager=holder",
        b'{"metadata":{"finalizers":null}}',
        content_type="application/merge-patch+json",
    )
    bench.until(run, "succeeded", timeout_s=15)
    assert bench.owned() == ["ConfigMap/conf"]


def test_a_changed_job_is_replaced_and_an_unchanged_one_left_alone(bench: Bench) -> None:
    bench.draw(a_node("migrate", kind="job", image="busybox:1"))
    bench.applied()
    first = bench.get("batch/v1", "Job", "migrate")["metadata"]["uid"]
    assert states(bench.applied()) == {"migrate": "unchanged"}
    assert bench.get("batch/v1", "Job", "migrate")["metadata"]["uid"] == first
    bench.draw(a_node("migrate", kind="job", image="busybox:2"))
    run = bench.applied()
    assert [(step["action"], step["state"]) for step in run["steps"]] == [("replace", "done")]
    live = bench.get("batch/v1", "Job", "migrate")
    assert live["metadata"]["uid"] != first
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "busybox:2"


def test_an_immutable_field_is_named_with_its_cure(bench: Bench) -> None:
    bench.draw(a_node("disk", kind="persistentvolumeclaim", storage="1Gi", access_modes=["ReadWriteOnce"]))
    bench.applied()
    bench.draw(a_node("disk", kind="persistentvolumeclaim", storage="1Gi", access_modes=["ReadWriteMany"]))
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "object.immutable"
    assert "rename the node" in run["error"]["detail"]
    assert "PersistentVolumeClaim disk" in run["error"]["detail"]


def test_destroy_takes_everything_backwards_and_keeps_claims_unless_told(bench: Bench, mongo: Any) -> None:
    bench.draw(
        config("conf"),
        a_node("web"),
        a_node("svc", kind="service", ports=[{"name": "http", "port": 80, "target_port": 80}]),
        a_node("disk", kind="persistentvolumeclaim", storage="1Gi"),
        edges=(an_edge("svc", "web", "exposes"),),
    )
    bench.applied()
    run = bench.until(bench.start(kind="destroy"), "succeeded", timeout_s=60)
    assert [step["node_id"] for step in run["steps"]] == ["svc", "web", "conf", "disk"]
    assert bench.owned() == ["PersistentVolumeClaim/disk"]
    for api_version, kind, name in (
        ("v1", "Service", "svc"),
        ("apps/v1", "Deployment", "web"),
        ("v1", "ConfigMap", "conf"),
    ):
        assert bench.get(api_version, kind, name) is None
    bench.until(bench.start(kind="destroy", delete_volumes=True), "succeeded", timeout_s=60)
    assert bench.owned() == []
    assert bench.person.get(f"environments/{bench.environment['id']}").body["deployed"] is None


def test_deleting_a_workflow_with_its_objects_removes_both(bench: Bench, mongo: Any) -> None:
    bench.draw(config("conf"))
    bench.applied()
    answer = bench.person.delete(f"workflows/{bench.workflow['id']}?objects=destroy")
    assert answer.status == 202, answer.body
    until(lambda: bench.person.get(f"workflows/{bench.workflow['id']}").status == 404, timeout_s=20)
    assert bench.get("v1", "ConfigMap", "conf") is None
    assert mongo.runs.count_documents({}) == 0
    assert mongo.inventory.count_documents({}) == 0


def test_cancel_stops_before_the_next_object(bench: Bench) -> None:
    """Each node stands in a wave of its own, so a cancellation in the middle leaves some untouched."""
    nodes = [config(f"c{n:03}") for n in range(100)]
    edges = tuple(an_edge(f"c{n:03}", f"c{n + 1:03}", "after") for n in range(99))
    bench.draw(*nodes, edges=edges)
    run = bench.start()
    until(lambda: bench.plane.list("v1", "ConfigMap", bench.namespace)[3:], timeout_s=20, every_s=0.002)
    answer = bench.person.post(f"runs/{run['id']}/cancel")
    assert answer.status == 202
    ended = bench.until(run, "canceled", timeout_s=10)
    after = {item["metadata"]["name"] for item in bench.plane.list("v1", "ConfigMap", bench.namespace)}
    assert "c000" not in after, "the last in the chain"
    assert ended["finished_at"]
    assert set(states(ended).values()) == {"done", "skipped"}
    done = {node for node, state in states(ended).items() if state == "done"}
    assert done <= after
    assert {name for name in after if name.startswith("c")} == done


def test_cancel_of_a_waiting_or_verifying_run_is_immediate_and_the_next_one_starts(bench: Bench) -> None:
    bench.draw(config("conf"))
    first = bench.until(bench.start(), "verifying")
    second, third = bench.start(), bench.start()
    assert bench.person.post(f"runs/{second['id']}/cancel").body["state"] == "canceled"
    assert bench.person.post(f"runs/{first['id']}/cancel").body["state"] == "canceled"
    bench.until(third, "verifying", timeout_s=8)
    assert bench.person.post(f"runs/{first['id']}/cancel").body["state"] == "canceled", "an ended run stays as it is"


def test_a_run_that_is_not_healthy_in_time_fails_with_the_reason(bench: Bench) -> None:
    bench.draw(a_node("web"))
    run = bench.until(bench.start(deadline_s=5), "verifying")
    ended = bench.until(run, "failed", timeout_s=15)
    assert ended["error"]["code"] == "run.unobserved"
    assert "no watcher" in ended["error"]["detail"]


def test_a_run_tried_again_has_its_whole_deadline_and_counts_its_own_time(bench: Bench, mongo: Any) -> None:
    from workflows.runs.actions import settle_from_health
    from workflows.runs.outcome import fail_at_deadline

    bench.draw(a_node("web"))
    run = bench.until(bench.start(), "verifying")
    run_id, environment_id = ObjectId(run["id"]), ObjectId(bench.environment["id"])
    observe(bench.environment["id"], "failed", "the rollout passed its deadline")
    settle_from_health(environment_id)
    mongo.runs.update_one({"_id": run_id}, {"$set": {"started_at": now() - timedelta(minutes=14)}})
    failed = bench.run(run)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "run.unhealthy")
    assert failed["duration_s"] > 800

    queued = bench.person.post(f"runs/{run['id']}/retry").body
    assert (queued["started_at"], queued["finished_at"], queued["deadline_at"]) == (None, None, None)
    again = bench.until(run, "verifying")
    assert again["started_at"] > failed["finished_at"]
    assert again["deadline_at"] > run["deadline_at"]
    settle_from_health(environment_id)
    assert bench.run(run)["state"] == "verifying", "what had failed may recover"
    assert fail_at_deadline(run_id) > 500, "a judge that was asked for the first time comes too soon"
    assert bench.run(run)["state"] == "verifying"
    bench.see_all_healthy()
    assert bench.until(run, "succeeded")["duration_s"] < 60


def test_a_run_tried_again_in_vain_fails_at_its_new_deadline_with_the_reason(bench: Bench, mongo: Any) -> None:
    from workflows.runs.outcome import fail_at_deadline

    bench.draw(a_node("web"))
    run = bench.until(bench.start(), "verifying")
    observe(bench.environment["id"], "failed", "the rollout passed its deadline")
    assert bench.person.post(f"runs/{run['id']}/cancel").body["state"] == "canceled"
    assert bench.person.post(f"runs/{run['id']}/retry").status == 202
    bench.until(run, "verifying")
    a_watcher = {"_id": f"watcher:{ObjectId(bench.environment['cluster']['id'])}"}
    mongo.leases.insert_one({**a_watcher, "until": now() + timedelta(minutes=1)})
    mongo.runs.update_one({"_id": ObjectId(run["id"])}, {"$set": {"deadline_at": now()}})
    assert fail_at_deadline(ObjectId(run["id"])) == 0
    failed = bench.run(run)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "run.deadline")
    assert "Deployment web: the rollout passed its deadline" in failed["error"]["detail"]


def test_a_job_that_failed_for_good_fails_the_run_tried_again_at_once(bench: Bench) -> None:
    from workflows.runs.actions import settle_from_health

    bench.draw(a_node("migrate", kind="job", image="busybox:1"))
    run = bench.until(bench.start(), "verifying")
    observe(bench.environment["id"], "failed", "the job failed")
    settle_from_health(ObjectId(bench.environment["id"]))
    bench.until(run, "failed")
    assert bench.person.post(f"runs/{run['id']}/retry").status == 202
    assert bench.until(run, "failed")["error"]["code"] == "run.unhealthy"


def test_health_decides_and_a_hopeless_object_fails_the_run_at_once(bench: Bench) -> None:
    from workflows.runs.actions import settle_from_health

    bench.draw(a_node("web"))
    run = bench.until(bench.start(), "verifying")
    environment_id = ObjectId(bench.environment["id"])
    observe(bench.environment["id"], "progressing")
    settle_from_health(environment_id)
    assert bench.run(run)["state"] == "verifying"
    observe(bench.environment["id"], "failed", "exceeded its progress deadline")
    settle_from_health(environment_id)
    ended = bench.run(run)
    assert (ended["state"], ended["error"]["code"]) == ("failed", "run.unhealthy")
    assert "Deployment web" in ended["error"]["detail"]
    assert "progress deadline" in ended["error"]["detail"]


def test_an_old_sight_of_an_object_proves_nothing(bench: Bench, mongo: Any) -> None:
    from workflows.runs.actions import settle_from_health

    bench.draw(config("conf"))
    run = bench.until(bench.start(), "verifying")
    environment_id = ObjectId(bench.environment["id"])
    observe(bench.environment["id"], "progressing")
    for wrong in ({"resource_version": "1"}, {"uid": "another"}, {"stale_since": run["created_at"]}):
        right = mongo.live_objects.find_one({"environment_id": environment_id})
        mongo.live_objects.update_one({"_id": right["_id"]}, {"$set": {"health": "healthy", **wrong}})
        settle_from_health(environment_id)
        assert bench.run(run)["state"] == "verifying", wrong
        mongo.live_objects.replace_one({"_id": right["_id"]}, right)
    observe(bench.environment["id"], "healthy")
    settle_from_health(environment_id)
    assert bench.run(run)["state"] == "succeeded"


def test_a_run_that_stays_ill_gives_way_to_the_one_behind_it(bench: Bench, mongo: Any) -> None:
    bench.draw(config("conf"))
    first = bench.until(bench.start(), "verifying")
    observe(bench.environment["id"], "degraded")
    a_while_ago = now() - timedelta(seconds=30)
    mongo.runs.update_one({"_id": ObjectId(first["id"])}, {"$set": {"applied_at": a_while_ago}})
    second = bench.until(bench.start(), "verifying")
    ended = bench.run(first)
    assert (ended["state"], ended["error"]["code"]) == ("failed", "run.superseded")
    assert f"run {second['number']} took over" in ended["error"]["detail"]


def test_secret_values_reach_the_cluster_and_nothing_else(bench: Bench, mongo: Any) -> None:
    canary = "c4n4ry-v4lue-of-a-secret"
    bench.draw(secret("keys", "password", "token"))
    path = f"workflows/{bench.workflow['id']}/runs"
    missing = bench.person.post(path, {"environment": bench.environment["id"], "secrets": {"keys": {"token": "t"}}})
    assert (missing.status, missing.body["code"]) == (400, "run.secrets_missing")
    assert [row["field"] for row in missing.body["errors"]] == ["secrets.keys.password"]

    bench.applied(secrets={"keys": {"password": canary, "token": "t"}})
    live = bench.get("v1", "Secret", "keys")
    assert decoded(live["data"]) == {"password": canary, "token": "t"}
    managers = {entry["manager"]: entry["fieldsV1"] for entry in live["metadata"]["managedFields"]}
    assert "f:data" not in managers["kubeorch"]
    assert "f:data" in managers["kubeorch-secrets"]
    assert mongo.run_secrets.count_documents({}) == 0, "sealed values go with the end of their run"
    encoded = base64.b64encode(canary.encode()).decode()
    for name in mongo.list_collection_names():
        for document in mongo[name].find({}):
            assert canary not in str(document), name
            assert encoded not in str(document), name

    bench.draw(secret("keys", "password", "token"), config("conf"))
    run = bench.applied()
    assert states(run) == {"keys": "unchanged", "conf": "done"}, "a run without values keeps them"
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"password": canary, "token": "t"}


def test_one_new_value_keeps_the_others_and_a_dropped_key_goes(bench: Bench) -> None:
    bench.draw(secret("keys", "a", "b"))
    bench.applied(secrets={"keys": {"a": "1", "b": "2"}})
    bench.applied(secrets={"keys": {"b": "3"}})
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"a": "1", "b": "3"}
    bench.draw(secret("keys", "a"))
    bench.applied()
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"a": "1"}


def test_kept_values_are_used_by_later_runs(bench: Bench, mongo: Any) -> None:
    bench.draw(secret("keys", "a"))
    bench.applied(secrets={"keys": {"a": "kept"}}, keep_secrets=True)
    bench.plane.delete("v1", "Secret", "keys", bench.namespace)
    mongo.inventory.update_many({}, {"$set": {"secret_keys": []}})
    bench.applied()
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"a": "kept"}


def test_a_value_lost_in_the_cluster_is_asked_for_by_name(bench: Bench) -> None:
    bench.draw(secret("keys", "a"))
    bench.applied(secrets={"keys": {"a": "1"}})
    bench.plane.delete("v1", "Secret", "keys", bench.namespace)
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "secret.value_missing"
    run_again = bench.person.post(f"runs/{run['id']}/retry", {"secrets": {"keys": {"a": "2"}}})
    assert run_again.status == 202, run_again.body
    bench.until(run, "verifying", "succeeded")
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"a": "2"}


def test_a_kind_made_in_the_same_run_is_served(bench: Bench) -> None:
    group = f"g{ObjectId()}.example.com"
    crd = manifest(
        f"things.{group}",
        apiVersion="apiextensions.k8s.io/v1",
        kind="CustomResourceDefinition",
        spec={
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": "Thing", "plural": "things"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                }
            ],
        },
    )
    crd["id"] = "crd"
    bench.draw(crd, manifest("one", apiVersion=f"{group}/v1", kind="Thing", spec={"a": 1}))
    run = bench.until(bench.start(), "verifying")
    assert states(run) == {"crd": "done", "one": "done"}
    status, _ = bench.plane.call("GET", f"/apis/{group}/v1/namespaces/{bench.namespace}/things/one")
    assert status == 200
    bench.plane.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"things.{group}")


def test_an_unknown_kind_is_said_in_a_sentence(bench: Bench) -> None:
    bench.draw(manifest("one", apiVersion="nowhere.example.com/v1", kind="Thing"))
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "cluster.unknown_kind"


def test_logs_and_events_tell_the_same_story(bench: Bench, mongo: Any) -> None:
    bench.draw(config("conf"))
    run = bench.applied()
    lines = [row["message"] for row in bench.person.get(f"runs/{run['id']}/logs").body["results"]]
    assert lines[:2] == ["planned 1 objects in 1 waves", "applied ConfigMap conf"]
    told: dict[str, Any] = {}
    for event in mongo.events.find({"topic": f"run:{run['id']}"}).sort("_id", 1):
        if event["key"] not in told or event["rev"] >= told[event["key"]]["rev"]:
            told[event["key"]] = event
    assert told["run"]["data"]["state"] == "succeeded"
    assert told["run"]["data"] == {key: value for key, value in run.items() if key != "steps"}
    assert told["step:0"]["data"] == run["steps"][0]


def test_a_stranger_finds_no_run_and_a_viewer_starts_none(bench: Bench) -> None:
    bench.draw(config("conf"))
    run = bench.start()
    stranger, viewer = a_user("admin"), a_user("viewer", bench.person.team_id)
    for method, path in (("GET", ""), ("GET", "/logs"), ("POST", "/cancel"), ("POST", "/retry")):
        body = None if method == "GET" else {}
        assert stranger.call(method, f"runs/{run['id']}{path}", body).status == 404
    start = {"environment": bench.environment["id"]}
    assert stranger.post(f"workflows/{bench.workflow['id']}/runs", start).status == 404
    assert viewer.post(f"workflows/{bench.workflow['id']}/runs", start).status == 403
    assert viewer.get(f"runs/{run['id']}").status == 200
    assert viewer.post(f"runs/{run['id']}/cancel").status == 403


def test_a_cluster_that_does_not_answer_is_tried_again_and_never_leaves_the_run_running(
    bench: Bench, mongo: Any
) -> None:
    from workflows.runs import ending as run_ends

    bench.draw(config("conf"))
    mongo.environments.update_one({}, {"$set": {"cluster_id": ObjectId()}})
    run = bench.start()
    until(lambda: mongo.jobs.find_one({"type": run_ends.RUN_JOB})["attempt"] >= 1, timeout_s=10)
    mongo.jobs.update_one({"type": run_ends.RUN_JOB}, {"$set": {"max_attempts": 1}})
    ended = bench.until(run, "failed", timeout_s=20)
    assert ended["error"]["detail"]
    assert mongo.jobs.count_documents({"state": {"$in": ["queued", "running"]}}) == 0
