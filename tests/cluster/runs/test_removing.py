"""Objects that are no longer drawn: pruned, destroyed, and what holds data is kept."""

from __future__ import annotations

from typing import Any

from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_held_config_map, a_node, an_edge


def test_removing_a_node_deletes_its_object_and_keeps_what_holds_data(bench: Bench) -> None:
    claim = a_node("disk", kind="persistentvolumeclaim", storage="1Gi")
    bench.draw(a_config_map("conf"), a_config_map("old"), claim)
    bench.applied()
    bench.draw(a_config_map("conf"))
    run = bench.applied()
    actions = {step["node_id"]: (step["action"], step["state"]) for step in run["steps"]}
    assert actions == {"conf": ("apply", "unchanged"), "old": ("delete", "done"), "disk": ("keep", "unchanged")}
    assert bench.get("v1", "ConfigMap", "old") is None
    assert bench.get("v1", "PersistentVolumeClaim", "disk") is not None
    assert bench.owned() == ["ConfigMap/conf", "PersistentVolumeClaim/disk"]

    bench.until(bench.start(delete_volumes=True), "verifying", "succeeded")
    until(lambda: bench.get("v1", "PersistentVolumeClaim", "disk") is None)
    assert bench.owned() == ["ConfigMap/conf"]


def test_pruning_spares_an_object_of_the_same_name_with_another_uid(bench: Bench) -> None:
    bench.draw(a_config_map("conf"), a_config_map("old"))
    bench.applied()
    bench.plane.delete("v1", "ConfigMap", "old", bench.namespace)
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old", "namespace": bench.namespace}}
    bench.plane.apply(theirs)
    bench.draw(a_config_map("conf"))
    bench.applied()
    assert bench.get("v1", "ConfigMap", "old") is not None
    assert bench.owned() == ["ConfigMap/conf"]


def test_an_object_held_by_a_finalizer_stays_in_the_inventory_until_it_is_gone(bench: Bench) -> None:
    bench.draw(a_config_map("conf"), a_held_config_map("held"))
    bench.applied()
    bench.draw(a_config_map("conf"))
    run = bench.start()
    until(lambda: (bench.get("v1", "ConfigMap", "held") or {})["metadata"].get("deletionTimestamp"))
    assert "ConfigMap/held" in bench.owned()
    assert bench.run(run)["state"] == "applying"
    bench.release("held")
    bench.until(run, "succeeded")
    assert bench.owned() == ["ConfigMap/conf"]


def test_destroy_deletes_in_reverse_order_and_keeps_claims_unless_asked(bench: Bench, mongo: Any) -> None:
    bench.draw(
        a_config_map("conf"),
        a_node("web"),
        a_node("svc", kind="service", ports=[{"name": "http", "port": 80, "target_port": 80}]),
        a_node("disk", kind="persistentvolumeclaim", storage="1Gi"),
        edges=(an_edge("svc", "web", "exposes"),),
    )
    bench.applied()
    run = bench.until(bench.start(kind="destroy"), "succeeded")
    assert [step["node_id"] for step in run["steps"]] == ["svc", "web", "conf", "disk"]
    assert bench.owned() == ["PersistentVolumeClaim/disk"]
    for api_version, kind, name in (
        ("v1", "Service", "svc"),
        ("apps/v1", "Deployment", "web"),
        ("v1", "ConfigMap", "conf"),
    ):
        assert bench.get(api_version, kind, name) is None
    bench.until(bench.start(kind="destroy", delete_volumes=True), "succeeded")
    assert bench.owned() == []
    assert bench.person.get(f"environments/{bench.environment['id']}").body["deployed"] is None


def test_deleting_a_workflow_with_its_objects_removes_both(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("conf"))
    bench.applied()
    answer = bench.person.delete(f"workflows/{bench.workflow['id']}?objects=destroy")
    assert answer.status == 202, answer.body
    until(lambda: bench.person.get(f"workflows/{bench.workflow['id']}").status == 404)
    assert bench.get("v1", "ConfigMap", "conf") is None
    assert mongo.runs.count_documents({}) == 0
    assert mongo.inventory.count_documents({}) == 0


def test_a_run_counts_what_it_changed_deleted_left_alone_and_kept_and_says_why(bench: Bench) -> None:
    claim = a_node("disk", kind="persistentvolumeclaim", storage="1Gi")
    bench.draw(a_config_map("same"), a_config_map("other"), a_config_map("old"), claim)
    bench.applied()
    bench.draw(a_config_map("same"), a_config_map("other", a="2"), a_config_map("new"))

    run = bench.applied()

    counts = {"total": 5, "done": 4, "changed": 2, "deleted": 1, "kept": 1, "unchanged": 1, "failed": 0, "skipped": 0}
    assert run["counts"] == counts
    [kept] = run["kept"]
    assert (kept["ref"]["kind"], kept["ref"]["name"], kept["node_id"]) == ("PersistentVolumeClaim", "disk", "disk")
    assert kept["reason"] == "it holds data"
    assert [step["reason"] for step in run["steps"] if step["node_id"] == "disk"] == ["it holds data"]


def test_a_run_that_finds_more_to_delete_than_was_confirmed_fails_and_changes_nothing(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("conf"), a_config_map("one"), a_config_map("two"))
    first = bench.until(bench.start(), "verifying")
    bench.draw(a_config_map("conf", a="2"), a_config_map("two"))
    second = bench.start(confirm_deletions=1)
    # The run before it ended otherwise than was foreseen.
    mongo.inventory.update_one({"ref.name": "two"}, {"$set": {"ref.name": "three"}})
    bench.person.post(f"runs/{first['id']}/cancel")

    failed = bench.until(second, "failed")

    assert failed["error"]["code"] == "run.deletions_grown"
    assert "ConfigMap one, ConfigMap three: 2 in all, but 1 confirmed" in failed["error"]["detail"]
    assert bench.get("v1", "ConfigMap", "one") is not None
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "1"}


def test_a_run_that_finds_another_object_to_delete_than_was_confirmed_fails_and_changes_nothing(
    bench: Bench, mongo: Any
) -> None:
    bench.draw(a_config_map("conf"), a_config_map("one"))
    first = bench.until(bench.start(), "verifying")
    bench.draw(a_config_map("conf", a="2"))
    second = bench.start(confirm_deletions=1)
    mongo.inventory.update_one({"ref.name": "one"}, {"$set": {"ref.name": "two"}})
    bench.person.post(f"runs/{first['id']}/cancel")

    failed = bench.until(second, "failed")

    assert failed["error"]["code"] == "run.deletions_grown"
    assert "ConfigMap two: 1 in all, but 0 confirmed" in failed["error"]["detail"]
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "1"}


def test_a_deletion_that_waits_is_logged_once(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("conf"), a_held_config_map("held"))
    bench.applied()
    bench.draw(a_config_map("conf"))
    run = bench.start()
    until(lambda: (mongo.runs.find_one({"number": run["number"]}) or {}).get("attempt", 0) >= 4)
    bench.release("held")
    bench.until(run, "succeeded")
    lines = [row["message"] for row in mongo.run_logs.find({}) if "still being deleted" in row["message"]]
    assert lines == ["ConfigMap held is still being deleted; it is waiting for finalizers: example.com/hold"]
