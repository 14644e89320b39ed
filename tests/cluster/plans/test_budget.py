"""A plan above the deletion budget runs only with its number; within it, the plan is enough."""

from __future__ import annotations

from tests.support.plans import made, planned
from tests.support.runs import Bench
from tests.support.workflows import a_config_map, a_manifest, a_node


def test_a_plan_above_the_budget_asks_for_its_number(bench: Bench) -> None:
    bench.draw(*(a_config_map(f"c{number}") for number in range(3)), a_config_map("stays"))
    bench.applied()
    bench.draw(a_config_map("stays"))
    assert made(bench)["deletions"] == {"count": 3, "budget": 10, "above": False}

    environment = f"environments/{bench.environment['id']}"
    assert bench.person.patch(environment, {"deletion_budget": {"objects": 1, "percent": 50}}).status == 200
    assert bench.person.patch(environment, {"deletion_budget": {"objects": 1, "percent": 101}}).status == 400
    plan = made(bench)
    assert plan["deletions"] == {"count": 3, "budget": 2, "above": True}
    for given in ({}, {"confirm_deletions": 2}):
        answer = bench.ask(plan=plan["id"], **given)
        assert (answer.status, answer.body["code"]) == (409, "plan.above_budget"), answer.body
        assert (answer.body["count"], answer.body["budget"]) == (3, 2)
    run = bench.until(bench.start(plan=plan["id"], confirm_deletions=3), "verifying", "succeeded")
    assert run["counts"]["deleted"] == 3
    assert bench.owned() == ["ConfigMap/stays"]


def test_a_rename_is_a_new_object_and_the_end_of_the_old_one(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=1))
    bench.applied()
    bench.draw({**a_node("web", replicas=1), "name": "shop"})
    plan = made(bench)
    meaning = "web was renamed to shop: a new Deployment is made, the old one is deleted"
    for name, effect in (("shop", "create"), ("web", "delete")):
        assert (planned(plan, name)["effect"], planned(plan, name)["reason"]) == (effect, meaning)
    bench.until(bench.start(plan=plan["id"]), "verifying")
    assert bench.owned() == ["Deployment/shop"]


def test_what_is_held_stays_behind_and_the_plan_says_so(bench: Bench) -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    pod = {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "db", "image": "postgres"}]}}
    database = {
        "serviceName": "db",
        "replicas": 0,
        "selector": {"matchLabels": {"app": "db"}},
        "template": pod,
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
    }
    names = {"plural": "gizmos", "kind": "Gizmo"}
    open_schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": open_schema}
    group = f"{bench.namespace}.example.com"
    definition = a_manifest(
        "definition",
        apiVersion="apiextensions.k8s.io/v1",
        kind="CustomResourceDefinition",
        spec={"group": group, "names": names, "scope": "Namespaced", "versions": [version]},
    )
    bench.draw(
        a_manifest("disk", apiVersion="v1", kind="PersistentVolumeClaim", spec=claim),
        a_manifest("db", apiVersion="apps/v1", kind="StatefulSet", spec=database),
        {**a_manifest("place", apiVersion="v1", kind="Namespace"), "name": f"{bench.namespace}-more"},
        {**definition, "name": f"gizmos.{group}"},
        a_config_map("goes"),
    )
    bench.applied()
    bench.draw()
    plan = made(bench)
    found = {one["ref"]["kind"]: (one["effect"], bool(one["reason"])) for one in plan["objects"]}
    assert found == {
        "PersistentVolumeClaim": ("keep", True),
        "StatefulSet": ("keep", True),
        "Namespace": ("keep", True),
        "CustomResourceDefinition": ("keep", True),
        "ConfigMap": ("delete", False),
    }
    assert plan["deletions"]["count"] == 1
