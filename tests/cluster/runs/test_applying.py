"""A run applies what is drawn, wave by wave, one run of an environment at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from kubeorch.base.clock import now
from tests.support.control_plane import ControlPlane
from tests.support.people import Person, a_user
from tests.support.runs import Bench, states
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_manifest, a_node, an_edge


def patches_in_order(run: dict[str, Any]) -> list[str | None]:
    return [step["node_id"] for step in sorted(run["steps"], key=lambda step: step["started_at"] or "")]


def test_a_drawn_deployment_is_applied_and_the_run_waits_for_its_health(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=2))
    run = bench.until(bench.start(), "verifying")
    live = bench.get("apps/v1", "Deployment", "web")
    assert live["spec"]["replicas"] == 2
    assert live["metadata"]["labels"]["kubeorch.dev/environment"] == bench.environment["id"]
    assert run["counts"] == {
        "total": 1,
        "done": 1,
        "failed": 0,
        "skipped": 0,
        "unchanged": 0,
        "changed": 1,
        "deleted": 0,
        "kept": 0,
    }
    assert run["deadline_at"] is not None
    step = run["steps"][0]
    assert (step["state"], step["action"], step["node_id"]) == ("done", "apply", "web")
    bench.see_all_healthy()
    ended = bench.until(run, "succeeded")
    assert ended["duration_s"] > 0
    workflow = bench.person.get(f"workflows/{bench.workflow['id']}").body
    assert workflow["last_run"]["state"] == "succeeded"
    assert workflow["environments"][0]["deployed"]["version"] == 1
    assert workflow["environments"][0]["deployed"]["edited_since"] is False
    assert workflow["environments"][0]["health"]["health"] == "healthy"
    assert workflow["environments"][0]["active_run"] is None


def test_waves_are_applied_in_order_and_the_namespace_is_created_and_labelled(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    bench = Bench(person, cluster, control_plane, f"made-{ObjectId()}")
    bench.draw(
        a_node("way", kind="ingress", host="shop.example.com"),
        a_node("svc", kind="service", ports=[{"name": "http", "port": 80, "target_port": 80}]),
        a_node("web"),
        a_config_map("conf"),
        edges=(an_edge("svc", "web", "exposes"), an_edge("way", "svc"), an_edge("conf", "web", "mounts")),
    )
    run = bench.until(bench.start(), "verifying")
    assert patches_in_order(run) == [None, "conf", "web", "svc", "way"], "the namespace belongs to no node"
    assert run["waves"] == 4
    namespace = control_plane.get("v1", "Namespace", bench.namespace)
    assert namespace["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "kubeorch"
    assert bench.owned() == ["ConfigMap/conf", "Deployment/web", "Ingress/way", "Service/svc"]


def test_twenty_requests_with_one_idempotency_key_start_one_run(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("conf"))
    with ThreadPoolExecutor(20) as pool:
        runs = list(pool.map(lambda _: bench.start(idempotency_key="click"), range(20)))
    assert len({run["id"] for run in runs}) == 1
    assert mongo.runs.count_documents({}) == 1
    assert bench.start(idempotency_key="click")["id"] == runs[0]["id"]


def test_an_idempotency_key_is_bound_to_the_options_of_its_first_request(bench: Bench) -> None:
    bench.draw(a_config_map("conf"))
    path, body = f"workflows/{bench.workflow['id']}/runs", {"environment": bench.environment["id"]}
    first = bench.start(idempotency_key="click")
    for other in ({"take_over": True}, {"delete_volumes": True}, {"kind": "destroy"}):
        answer = bench.person.post(path, {**body, "idempotency_key": "click", **other})
        assert (answer.status, answer.body["code"]) == (409, "run.key_reused"), other
        assert next(iter(other)) in answer.body["detail"]
    assert bench.start(idempotency_key="click")["id"] == first["id"]


def test_a_second_run_waits_for_the_first_or_is_refused(bench: Bench) -> None:
    bench.draw(a_config_map("conf"))
    first = bench.until(bench.start(), "verifying")
    second = bench.start()
    third = bench.start()
    refused = bench.person.post(
        f"workflows/{bench.workflow['id']}/runs", {"environment": bench.environment["id"], "when_busy": "refuse"}
    )
    assert (refused.status, refused.body["code"]) == (409, "environment.busy")
    assert bench.run(second)["state"] == "queued"
    looks_again_at = until(lambda: (due := bench.due_at(second)) > datetime.now(UTC) and due)
    bench.see_all_healthy()
    bench.until(first, "succeeded")
    ended = bench.until(second, "succeeded")
    assert bench.due_at(second) < looks_again_at, "the end of the first has woken it"
    assert ended["counts"]["unchanged"] == 1
    assert bench.until(third, "succeeded")["started_at"] >= ended["finished_at"]
    assert [bench.run(run)["number"] for run in (first, second, third)] == [1, 2, 3]


def test_an_unchanged_graph_sends_nothing_and_a_deleted_object_is_applied_again(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=1), a_config_map("conf", a="1"))
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


def a_definition(group: str, *, served: bool = True) -> dict[str, Any]:
    """A node with the definition of the kind Thing."""
    crd = a_manifest(
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
                    "served": served,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                }
            ],
        },
    )
    crd["id"] = "crd"
    return crd


def test_a_custom_resource_can_be_applied_in_the_run_that_creates_its_definition(bench: Bench) -> None:
    group = f"g{ObjectId()}.example.com"
    bench.draw(a_definition(group), a_manifest("one", apiVersion=f"{group}/v1", kind="Thing", spec={"a": 1}))
    run = bench.until(bench.start(), "verifying")
    assert states(run) == {"crd": "done", "one": "done"}
    status, _ = bench.plane.call("GET", f"/apis/{group}/v1/namespaces/{bench.namespace}/things/one")
    assert status == 200
    bench.plane.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"things.{group}")


def test_a_run_that_waits_for_a_new_kind_keeps_no_worker_busy(bench: Bench, mongo: Any) -> None:
    group = f"g{ObjectId()}.example.com"
    bench.draw(a_definition(group, served=False), a_manifest("one", apiVersion=f"{group}/v1", kind="Thing"))
    run = bench.start()
    until(lambda: states(bench.run(run)).get("one") == "running")
    until(lambda: mongo.jobs.find_one({"payload.run_id": run["id"]})["state"] == "queued", what="the job waits")
    assert bench.run(run)["state"] == "applying"
    path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.{group}?fieldManager=somebody"
    served = b'[{"op": "replace", "path": "/spec/versions/0/served", "value": true}]'
    status, body = bench.plane.call("PATCH", path, served, content_type="application/json-patch+json")
    assert status == 200, body
    assert states(bench.until(run, "verifying")) == {"crd": "done", "one": "done"}
    bench.plane.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"things.{group}")


def test_a_kind_that_is_never_served_fails_its_step(bench: Bench, mongo: Any) -> None:
    group = f"g{ObjectId()}.example.com"
    bench.draw(a_definition(group, served=False), a_manifest("one", apiVersion=f"{group}/v1", kind="Thing"))
    run = bench.start()
    until(lambda: states(bench.run(run)).get("one") == "running")
    mongo.run_steps.update_one({"node_id": "one"}, {"$set": {"started_at": now() - timedelta(minutes=1)}})
    failed = bench.until(run, "failed")
    assert (failed["error"]["code"], failed["error"]["node_id"]) == ("cluster.unknown_kind", "one")
    lines = [row["message"] for row in bench.person.get(f"runs/{run['id']}/logs").body["results"]]
    assert lines.count(f"the API server does not serve Thing in {group}/v1 yet") == 1
    bench.plane.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"things.{group}")


def test_logs_events_and_the_api_agree_about_a_run(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("conf"))
    run = bench.applied()
    lines = [row["message"] for row in bench.person.get(f"runs/{run['id']}/logs").body["results"]]
    assert lines[:2] == ["planned 1 object in 1 wave", "applied ConfigMap conf"]
    told: dict[str, Any] = {}
    for event in mongo.events.find({"topic": f"run:{run['id']}"}).sort("_id", 1):
        if event["key"] not in told or event["rev"] >= told[event["key"]]["rev"]:
            told[event["key"]] = event
    assert told["run"]["data"]["state"] == "succeeded"
    assert told["run"]["data"] == {key: value for key, value in run.items() if key not in ("steps", "as_planned")}
    assert told["step:0"]["data"] == run["steps"][0]


def test_other_teams_cannot_see_a_run_and_a_viewer_cannot_start_one(bench: Bench) -> None:
    bench.draw(a_config_map("conf"))
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
