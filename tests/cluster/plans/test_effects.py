"""What a plan says of each object, on a real API server."""

from __future__ import annotations

from typing import Any

from tests.support.plans import effects, fields_of, made, planned
from tests.support.runs import Bench
from tests.support.workflows import a_config_map, a_node


def test_a_first_plan_creates_every_object_and_touches_nothing(bench: Bench) -> None:
    bench.draw(a_config_map("settings", mode="fast"), a_node("web", replicas=2))
    plan = made(bench)
    assert effects(plan) == {"settings": "create", "web": "create"}
    assert {one["proof"] for one in plan["objects"]} == {"proven"}
    assert plan["counts"] == {
        "create": 2,
        "update": 0,
        "unchanged": 0,
        "recreate": 0,
        "delete": 0,
        "keep": 0,
        "give_back": 0,
        "conflict": 0,
    }
    assert fields_of(planned(plan, "settings"))["data.mode"] == (None, "fast")
    assert bench.get("v1", "ConfigMap", "settings") is None
    assert bench.get("apps/v1", "Deployment", "web") is None


def test_a_plan_of_what_runs_already_changes_nothing(bench: Bench) -> None:
    bench.draw(a_config_map("settings", mode="fast"), a_node("web", replicas=2))
    bench.applied()
    plan = made(bench)
    assert effects(plan) == {"settings": "unchanged", "web": "unchanged"}
    assert [one["fields"] for one in plan["objects"]] == [[], []]


def test_a_changed_parameter_is_one_field_with_its_values(bench: Bench) -> None:
    bench.draw(a_config_map("settings", mode="fast"), a_node("web", replicas=1))
    bench.applied()
    bench.draw(a_config_map("settings", mode="fast"), a_node("web", replicas=3))
    plan = made(bench)
    assert effects(plan) == {"settings": "unchanged", "web": "update"}
    assert fields_of(planned(plan, "web")) == {"spec.replicas": (1, 3)}


def test_what_is_drawn_no_more_is_deleted_and_what_holds_data_is_kept(bench: Bench) -> None:
    claim = a_node("data", kind="persistentvolumeclaim", storage="1Gi")
    bench.draw(a_config_map("settings", mode="fast"), claim, a_node("web"))
    bench.applied()
    bench.draw(a_node("web"))
    plan = made(bench)
    assert effects(plan) == {"settings": "delete", "data": "keep", "web": "unchanged"}
    assert "data" in planned(plan, "data")["reason"]


def test_a_field_of_somebody_else_is_a_conflict_with_the_manager_named(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=1))
    bench.applied()
    path = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web?fieldManager=kubectl-scale"
    bench.plane.call("PATCH", path, b'{"spec":{"replicas":5}}', content_type="application/merge-patch+json")
    one = planned(made(bench), "web")
    assert (one["effect"], one["conflicts"]) == (
        "conflict",
        [{"path": "spec.replicas", "manager": "kubectl-scale"}],
    )
    assert one["error"]["code"] == "cluster.field_conflict"


def test_a_changed_job_is_made_again(bench: Bench) -> None:
    bench.draw(a_node("once", kind="job", image="busybox:1.36", command=["true"]))
    bench.applied()
    bench.draw(a_node("once", kind="job", image="busybox:1.37", command=["true"]))
    one = planned(made(bench), "once")
    assert one["effect"] == "recreate"
    image = "spec.template.spec.containers[name=once].image"
    assert fields_of(one)[image] == ("busybox:1.36", "busybox:1.37")


def test_an_object_of_somebody_else_is_a_conflict_and_nothing_of_it_is_shown(bench: Bench) -> None:
    theirs: dict[str, Any] = {"name": "settings", "namespace": bench.namespace}
    bench.plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": theirs, "data": {"mode": "private"}})
    bench.draw(a_config_map("settings", mode="fast"))
    plan = made(bench)
    one = planned(plan, "settings")
    assert (one["effect"], one["error"]["code"]) == ("conflict", "object.foreign")
    assert "private" not in str(plan)
