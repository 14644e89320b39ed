"""A run that cannot be applied: what it reports, what it leaves, and how a retry continues."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.runs import Bench, states
from tests.support.wait import until
from tests.support.workflows import a_cluster, a_config_map, a_manifest, a_node, an_edge


def test_when_a_node_fails_its_wave_is_finished_the_rest_is_skipped_and_a_retry_continues(bench: Bench) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "none", "namespace": bench.namespace},
        "spec": {"hard": {"count/deployments.apps": "0"}},
    }
    bench.plane.apply(quota)
    until(lambda: bench.get("v1", "ResourceQuota", "none").get("status", {}).get("hard"))
    bench.draw(
        a_config_map("conf"),
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
    assert run["counts"] == {
        "total": 4,
        "done": 2,
        "failed": 1,
        "skipped": 1,
        "unchanged": 0,
        "changed": 2,
        "deleted": 0,
        "kept": 0,
    }

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


def test_a_retry_is_refused_when_the_graph_has_changed(bench: Bench) -> None:
    bench.plane.apply(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf", "namespace": bench.namespace}}
    )
    bench.draw(a_config_map("conf"))
    run = bench.until(bench.start(), "failed")
    bench.draw(a_config_map("other"))
    answer = bench.person.post(f"runs/{run['id']}/retry")
    assert (answer.status, answer.body["code"]) == (409, "run.not_retryable")


def test_an_invalid_graph_is_refused_with_every_problem_and_no_run_is_created(bench: Bench, mongo: Any) -> None:
    bench.draw(a_node("web", image=""), a_node("other", image="", replicas=-1))
    answer = bench.person.post(f"workflows/{bench.workflow['id']}/runs", {"environment": bench.environment["id"]})
    assert (answer.status, answer.body["code"]) == (400, "run.graph_invalid")
    assert {node for row in answer.body["errors"] for node in row["node_ids"]} == {"web", "other"}
    assert len(answer.body["errors"]) >= 3
    assert mongo.runs.count_documents({}) == 0
    assert mongo.versions.count_documents({}) == 0, "a run refused leaves no version"


def test_changing_an_immutable_field_fails_with_advice(bench: Bench) -> None:
    bench.draw(a_node("disk", kind="persistentvolumeclaim", storage="1Gi", access_modes=["ReadWriteOnce"]))
    bench.applied()
    bench.draw(a_node("disk", kind="persistentvolumeclaim", storage="1Gi", access_modes=["ReadWriteMany"]))
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "object.immutable"
    assert "rename the node" in run["error"]["detail"]
    assert "PersistentVolumeClaim disk" in run["error"]["detail"]


@pytest.mark.parametrize(
    ("change", "named", "cure"),
    [
        ({"volume_claims": [{"name": "data", "storage": "2Gi"}]}, "volumeClaimTemplates", "the storage of the claims"),
        ({"volume_claims": []}, "volumeClaimTemplates", "those of the old set stay"),
        ({"pod_management": "Parallel"}, "podManagementPolicy", "rename the node"),
    ],
)
def test_a_set_that_cannot_change_names_the_field_and_what_to_do(
    bench: Bench, change: dict[str, Any], named: str, cure: str
) -> None:
    given: dict[str, Any] = {"image": "nginx:1.27", "volume_claims": [{"name": "data", "storage": "1Gi"}]}
    bench.draw(a_node("db", kind="statefulset", **given))
    bench.applied()
    bench.draw(a_node("db", kind="statefulset", **given | change, replicas=2))

    run = bench.until(bench.start(), "failed")

    assert run["error"]["code"] == "object.immutable"
    assert run["error"]["detail"].startswith(f"StatefulSet db cannot change {named} once it exists. Undo that change")
    assert cure in run["error"]["detail"]


def test_a_kind_the_cluster_does_not_serve_fails_the_run(bench: Bench) -> None:
    bench.draw(a_manifest("one", apiVersion="nowhere.example.com/v1", kind="Thing"))
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "cluster.unknown_kind"


def test_a_run_whose_cluster_does_not_answer_is_retried_and_then_fails(bench: Bench, mongo: Any) -> None:
    from workflows.runs import scheduling

    bench.draw(a_config_map("conf"))
    silent = ObjectId(a_cluster(bench.person.team_id))
    mongo.environments.update_one({}, {"$set": {"cluster_id": silent}})
    run = bench.start()
    until(lambda: mongo.jobs.find_one({"type": scheduling.RUN_JOB})["attempt"] >= 1)
    mongo.jobs.update_one({"type": scheduling.RUN_JOB}, {"$set": {"max_attempts": 1}})
    ended = bench.until(run, "failed")
    assert ended["error"]["detail"]
    opened: dict[str, Any] = {"state": {"$in": ["queued", "running"]}}
    until(lambda: mongo.jobs.count_documents(opened) == 0, what="no job is left")
