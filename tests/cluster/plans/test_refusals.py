"""What stands against a plan, on a real API server: a refusal is a result of its object, and nothing is half known."""

from __future__ import annotations

import json
from typing import Any

from tests.support.people import Person, a_user
from tests.support.plans import ask, effects, fields_of, looked_at, made, planned
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_manifest, a_node, a_secret


def test_a_quota_that_is_used_up_is_the_result_of_the_object_it_refuses(bench: Bench) -> None:
    quota: dict[str, Any] = {"name": "few", "namespace": bench.namespace}
    bench.plane.apply(
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": quota, "spec": {"hard": {"count/configmaps": "1"}}}
    )
    until(
        lambda: (bench.get("v1", "ResourceQuota", "few") or {}).get("status", {}).get("hard"),
        what="the quota counts",
    )
    bench.draw(a_config_map("one"), a_node("web"))
    plan = made(bench)
    refused = planned(plan, "one")
    assert (refused["effect"], refused["error"]["code"]) == ("create", "cluster.forbidden")
    assert "exceeded quota" in refused["error"]["detail"]
    assert planned(plan, "web")["error"] is None


def test_a_pod_that_pod_security_forbids_is_refused_with_its_message(bench: Bench) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    bench.plane.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": bench.namespace, "labels": labels}}
    )
    container = {"name": "main", "image": "busybox:1.36", "securityContext": {"privileged": True}}
    bench.draw(a_manifest("bare", apiVersion="v1", kind="Pod", spec={"containers": [container]}))
    one = planned(made(bench), "bare")
    assert (one["effect"], one["error"]["code"]) == ("create", "cluster.forbidden")
    assert "PodSecurity" in one["error"]["detail"]


def test_a_policy_of_the_cluster_refuses_one_object_in_its_own_words(bench: Bench) -> None:
    name = f"no-slow-{bench.namespace}"
    group = "admissionregistration.k8s.io/v1"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"]}
    says = {"expression": "object.data.mode != 'slow'", "message": "slow is not allowed here"}
    only = {"matchLabels": {"kubernetes.io/metadata.name": bench.namespace}}
    policy = {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [rule]}, "validations": [says]}
    binding = {"policyName": name, "validationActions": ["Deny"], "matchResources": {"namespaceSelector": only}}
    for kind, spec in (("ValidatingAdmissionPolicy", policy), ("ValidatingAdmissionPolicyBinding", binding)):
        path = f"/apis/{group}/{kind.lower()[:-1]}{'ies' if kind.endswith('y') else 'gs'}/{name}?fieldManager=admin"
        body = {"apiVersion": group, "kind": kind, "metadata": {"name": name}, "spec": spec}
        status, answer = bench.plane.call(
            "PATCH", path, json.dumps(body).encode(), content_type="application/apply-patch+yaml"
        )
        assert status in (200, 201), answer
    bench.draw(a_config_map("settings", mode="slow"), a_config_map("other", mode="fast"))
    plan = dict(until(lambda: refused_in(made(bench)), what="the policy is in force"))
    assert "slow is not allowed here" in planned(plan, "settings")["error"]["detail"]
    assert planned(plan, "other")["error"] is None


def refused_in(plan: dict[str, Any]) -> dict[str, Any] | None:
    return plan if any(one["error"] for one in plan["objects"]) else None


def test_what_lives_in_a_namespace_of_the_same_plan_is_proven_at_the_apply(bench: Bench) -> None:
    bench.plane.delete("v1", "Namespace", bench.namespace)
    until(lambda: bench.plane.get("v1", "Namespace", bench.namespace) is None, what="the namespace is gone")
    bench.draw(a_config_map("settings"), a_node("web", replicas=3))
    plan = made(bench)
    assert effects(plan) == {bench.namespace: "create", "settings": "create", "web": "create"}
    assert {one["proof"] for one in plan["objects"]} == {"at_apply"}
    assert planned(plan, "web")["impact"]["reason"] == "it is new: 3 pods start"
    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    assert run["as_planned"]["not_foreseen"] == 3


def test_an_object_of_a_kind_that_the_plan_defines_is_proven_at_the_apply(bench: Bench) -> None:
    group = f"{bench.namespace}.example.com"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    spec = {
        "group": group,
        "scope": "Namespaced",
        "names": {"kind": "Gadget", "plural": "gadgets", "singular": "gadget"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
    }
    definition = a_manifest(
        f"gadgets.{group}", apiVersion="apiextensions.k8s.io/v1", kind="CustomResourceDefinition", spec=spec
    )
    definition["id"] = "definition"
    bench.draw(definition, a_manifest("one", apiVersion=f"{group}/v1", kind="Gadget", spec={"size": 1}))
    plan = made(bench)
    assert effects(plan) == {f"gadgets.{group}": "create", "one": "create"}
    assert planned(plan, f"gadgets.{group}")["proof"] == "proven"
    one = planned(plan, "one")
    assert (one["proof"], one["error"]) == ("at_apply", None)


def test_a_secret_without_a_stored_value_is_proven_at_the_apply(bench: Bench) -> None:
    bench.draw(a_secret("keys", "token"))
    one = planned(made(bench), "keys")
    assert (one["effect"], one["proof"], one["error"]) == ("create", "at_apply", None)
    assert "given with the run" in one["reason"]


def test_a_field_that_cannot_change_says_so_and_what_to_do(bench: Bench) -> None:
    bench.draw(a_node("web", kind="service", ports=[{"port": 80}]))
    bench.applied()
    bench.draw(a_node("web", kind="service", ports=[{"port": 80}], headless=True))
    one = planned(made(bench), "web")
    assert (one["effect"], one["error"]["code"]) == ("recreate", "object.immutable")
    assert "rename the node" in one["error"]["detail"]


def test_who_may_only_read_may_plan_and_see_plans_and_not_run_them(bench: Bench) -> None:
    viewer: Person = a_user("viewer", team=bench.person.team_id)
    bench.draw(a_config_map("settings"))
    answer = viewer.post(f"workflows/{bench.workflow['id']}/plans", {"environment": bench.environment["id"]})
    assert answer.status == 201, answer.body
    assert viewer.get(f"plans/{answer.body['id']}").body["still_true"] is True
    started = viewer.post(f"workflows/{bench.workflow['id']}/runs", {"plan": answer.body["id"]})
    assert started.status == 403
    stranger = a_user("admin")
    assert stranger.get(f"plans/{answer.body['id']}").status == 404


def test_a_graph_that_cannot_run_gets_no_plan(bench: Bench) -> None:
    bench.draw(a_node("web", image=""))
    answer = ask(bench)
    assert (answer.status, answer.body["code"]) == (400, "run.graph_invalid")


def test_a_variable_that_changes_what_is_drawn_moves_the_plan_and_another_one_does_not(bench: Bench) -> None:
    path = f"environments/{bench.environment['id']}"
    variables: dict[str, Any] = {"MODE": {"type": "string", "value": "fast"}, "OTHER": {"type": "string", "value": "1"}}
    assert bench.person.patch(path, {"variables": variables}).status == 200
    bench.draw(a_config_map("settings", mode="${MODE}"))
    plan = made(bench)
    variables["OTHER"]["value"] = "2"
    assert bench.person.patch(path, {"variables": variables}).status == 200
    assert looked_at(bench, plan)["still_true"] is True
    variables["MODE"]["value"] = "slow"
    assert bench.person.patch(path, {"variables": variables}).status == 200
    [moved] = looked_at(bench, plan)["moved"]
    assert moved["ref"]["name"] == "settings"


def test_a_filled_in_field_that_changes_along_is_foreseen(bench: Bench) -> None:
    bench.draw(a_node("web", image="nginx:latest"))
    bench.applied()
    bench.draw(a_node("web", image="nginx:1.27"))
    plan = made(bench)
    policy = "spec.template.spec.containers[name=web].imagePullPolicy"
    assert fields_of(planned(plan, "web"))[policy] == ("Always", "IfNotPresent")
    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    assert run["as_planned"] == {"equal": 1, "different": 0, "not_foreseen": 0}, run["steps"]


def test_filled_in_fields_that_go_with_a_change_are_proven_at_the_apply(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=1, strategy="RollingUpdate"))
    bench.applied()
    bench.draw(a_node("web", replicas=1, strategy="Recreate"))
    plan = made(bench)
    one = planned(plan, "web")
    assert (one["effect"], one["proof"], one["error"]) == ("update", "at_apply", None)
    assert fields_of(one)["spec.strategy.type"] == ("RollingUpdate", "Recreate")
    assert looked_at(bench, plan)["still_true"] is True
    bench.until(bench.start(plan=plan["id"]), "verifying")
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["strategy"] == {"type": "Recreate"}


def test_what_the_api_server_breaks_off_is_the_result_of_its_object(bench: Bench) -> None:
    """Kubernetes 1.36 panics on both, and cuts the connection."""
    container = {"name": "main", "image": "busybox:1.36", "command": ["true"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    policy = {"rules": [{"succeededIndexes": "0"}]}
    job = {"completionMode": "Indexed", "successPolicy": policy, "template": template}
    bench.draw(
        a_manifest("once", apiVersion="batch/v1", kind="Job", spec=job),
        a_manifest(
            "front",
            apiVersion="v1",
            kind="Service",
            spec={"clusterIP": "None", "ipFamilies": ["IPv4"], "selector": {"app": "web"}, "ports": [{"port": 80}]},
        ),
        a_config_map("settings"),
    )
    plan = made(bench)
    assert effects(plan) == {"once": "create", "front": "create", "settings": "create"}
    assert planned(plan, "settings")["proof"] == "proven"
    for name in ("once", "front"):
        one = planned(plan, name)
        assert one["error"] is None or one["error"]["detail"], one
