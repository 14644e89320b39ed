"""A plan rests on more than its objects: on the version of the API server, its admission policies, and what a namespace
limits. What of it changes is named, and matters only where a fresh dry run says something else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.support.control_plane import ControlPlane
from tests.support.narrow import RBAC, a_narrow_cluster, an_account, grant
from tests.support.people import Person
from tests.support.plans import Plan, looked_at, made, planned
from tests.support.requests import counted_requests
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_manifest, a_node

ADMISSION = "/apis/admissionregistration.k8s.io/v1"


def post(bench: Bench, path: str, body: dict[str, Any]) -> None:
    status, said = bench.plane.call("POST", path, json.dumps(body).encode(), content_type="application/json")
    assert status == 201, said


def patch(bench: Bench, path: str, body: dict[str, Any]) -> None:
    merge = "application/merge-patch+json"
    status, said = bench.plane.call("PATCH", path, json.dumps(body).encode(), content_type=merge)
    assert status == 200, said


def said(plan: Plan) -> list[tuple[str, str]]:
    return [(one["ref"]["name"], one["what"]) for one in plan["moved"]]


@pytest.fixture
def policy(bench: Bench) -> Iterator[str]:
    """The name of an admission policy that does not exist yet, and of its binding; both are gone afterwards."""
    name = f"policy-{bench.namespace}"
    yield name
    forget_policy(bench, name)


def forget_policy(bench: Bench, name: str) -> None:
    for kind in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
        bench.plane.call("DELETE", f"{ADMISSION}/{kind}/{name}")


def forbid_fast(bench: Bench, name: str) -> None:
    """From now on no ConfigMap of the namespace may be fast."""
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["CREATE", "UPDATE"]}
    own = {"matchLabels": {"kubernetes.io/metadata.name": bench.namespace}}
    constraints = {"resourceRules": [rule], "namespaceSelector": own}
    check = {"expression": "!has(object.data) || !('mode' in object.data) || object.data.mode != 'fast'"}
    kinds = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
    specs = (
        {"matchConstraints": constraints, "validations": [check], "failurePolicy": "Fail"},
        {"policyName": name, "validationActions": ["Deny"]},
    )
    for kind, spec, plural in zip(kinds, specs, ("policies", "policybindings"), strict=True):
        body = {"apiVersion": ADMISSION[6:], "kind": kind, "metadata": {"name": name}, "spec": spec}
        post(bench, f"{ADMISSION}/validatingadmission{plural}", body)

    judges_by_the_policy(bench, bench.namespace)


def judges_by_the_policy(bench: Bench, namespace: str) -> None:
    """Wait until the API server, which learns of policies and labels a moment later, refuses what is fast."""

    def is_forbidden() -> bool:
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "tried"}, "data": {"mode": "fast"}}
        path = f"/api/v1/namespaces/{namespace}/configmaps?dryRun=All"
        return bench.plane.call("POST", path, json.dumps(body).encode(), content_type="application/json")[0] == 422

    until(is_forbidden, what="the API server judges by the policy")


def test_a_policy_that_came_since_is_named_and_the_run_of_the_plan_is_refused(bench: Bench, policy: str) -> None:
    bench.draw(a_config_map("first"))
    bench.applied()
    bench.draw(a_config_map("first"), a_config_map("settings", mode="fast"), a_config_map("other", mode="slow"))
    plan = made(bench)
    assert looked_at(bench, plan)["still_true"] is True
    forbid_fast(bench, policy)

    seen = looked_at(bench, plan)

    policies = f"ValidatingAdmissionPolicy {policy} came, ValidatingAdmissionPolicyBinding {policy} came"
    assert said(seen) == [("settings", f"it would be refused now, since {policies}")]
    refused = bench.ask(plan=plan["id"])
    assert (refused.status, refused.body["code"]) == (409, "plan.moved")
    assert bench.get("v1", "ConfigMap", "settings") is None


def test_what_changes_around_and_does_not_matter_leaves_a_plan_true_and_is_proved_once(bench: Bench) -> None:
    bench.draw(
        a_config_map("settings", mode="fast"),
        a_node("web", replicas=0),
        a_node("front", kind="service", ports=[{"port": 80}]),
    )
    plan = made(bench)
    limit = {"type": "Container", "max": {"cpu": "64"}}
    body = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "wide"}, "spec": {"limits": [limit]}}
    post(bench, f"/api/v1/namespaces/{bench.namespace}/limitranges", body)

    with counted_requests() as again:
        assert looked_at(bench, plan)["still_true"] is True
    with counted_requests() as afterwards:
        assert looked_at(bench, plan)["still_true"] is True

    assert (again.dry_runs(), afterwards.dry_runs()) == (3, 0)
    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    assert run["as_planned"] == {"equal": 3, "different": 0, "not_foreseen": 0}


def test_what_came_moments_before_a_trial_is_not_called_proven_until_it_is_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.plans import surroundings

    bench.draw(a_config_map("settings", mode="fast"))
    limit = {"type": "Container", "max": {"cpu": "64"}}
    body = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "wide"}, "spec": {"limits": [limit]}}
    post(bench, f"/api/v1/namespaces/{bench.namespace}/limitranges", body)
    not_seen = "limits and quotas of the namespace"

    plan = made(bench)

    assert not_seen in plan["unseen"], "the API server's caches may be behind"
    assert not_seen in looked_at(bench, plan)["unseen"]
    monkeypatch.setattr(surroundings, "BEHIND", timedelta(seconds=-1))
    with counted_requests() as again:
        assert not_seen not in looked_at(bench, plan)["unseen"]
    with counted_requests() as afterwards:
        assert looked_at(bench, plan)["still_true"] is True
    assert (again.dry_runs(), afterwards.dry_runs()) == (1, 0)


def test_what_changes_while_a_plan_is_made_is_tried_once_more_and_else_said_to_be_unseen(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.plans import making, surroundings

    monkeypatch.setattr(surroundings, "BEHIND", timedelta(days=-1))
    bench.draw(a_config_map("settings", mode="fast"))
    tried, changes = making._try_all, [1, 2]
    times: list[int] = []

    def meanwhile(*args: Any) -> Any:
        found = tried(*args)
        times.append(len(times))
        if changes:
            limit = {"type": "Container", "max": {"cpu": "64"}}
            name = f"wide-{changes.pop()}"
            body = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": name}, "spec": {"limits": [limit]}}
            post(bench, f"/api/v1/namespaces/{bench.namespace}/limitranges", body)
        return found

    monkeypatch.setattr(making, "_try_all", meanwhile)
    assert "limits and quotas of the namespace" in made(bench)["unseen"]
    assert len(times) == 2
    changes.append(3)
    plan = made(bench)
    assert (plan["unseen"], len(times)) == ([], 4)
    assert looked_at(bench, plan)["still_true"] is True


def test_limits_quotas_and_pod_security_that_refuse_or_fill_in_are_named(bench: Bench) -> None:
    pod = a_manifest("one", apiVersion="v1", kind="Pod", spec={"containers": [{"name": "c", "image": "busybox"}]})
    bench.draw(a_config_map("first"))
    bench.applied()
    bench.draw(a_config_map("first"), a_config_map("second"), pod)
    folder = f"/api/v1/namespaces/{bench.namespace}"

    plan = made(bench)
    limit = {"type": "Container", "default": {"memory": "64Mi"}}
    body = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"}, "spec": {"limits": [limit]}}
    post(bench, f"{folder}/limitranges", body)
    since = f"since LimitRange small of {bench.namespace} came"
    until(lambda: said(looked_at(bench, plan)) == [("one", f"the cluster fills in other fields now, {since}")])

    plan = made(bench)
    patch(
        bench,
        f"/api/v1/namespaces/{bench.namespace}",
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}},
    )
    since = f"since pod security of the namespace {bench.namespace} was changed"
    until(lambda: said(looked_at(bench, plan)) == [("one", f"it would be refused now, {since}")])

    bench.draw(a_config_map("first"), a_config_map("second"))
    plan = made(bench)
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "few"},
        "spec": {"hard": {"configmaps": "1"}},
    }
    post(bench, f"{folder}/resourcequotas", quota)
    since = f"since ResourceQuota few of {bench.namespace} came"
    until(lambda: said(looked_at(bench, plan)) == [("second", f"it would be refused now, {since}")])


def test_an_upgrade_of_the_api_server_has_everything_proved_again(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("settings", mode="fast"))
    plan = made(bench)
    [row] = mongo.plans.find({})
    older = [[kind, [["version", "v1.2.3"]] if kind == "API server" else marks] for kind, marks in row["surroundings"]]
    mongo.plans.update_one({}, {"$set": {"surroundings": older}})
    with counted_requests() as requests:
        assert looked_at(bench, plan)["still_true"] is True
    assert requests.dry_runs() == 1
    assert mongo.plans.find_one({})["surroundings"] == row["surroundings"]
    assert planned(plan, "settings")["effect"] == "create"


def test_a_plan_of_nothing_to_change_asks_for_nothing_of_this(bench: Bench) -> None:
    bench.draw(a_config_map("settings", mode="fast"))
    bench.applied()
    with counted_requests() as requests:
        plan = made(bench)
        assert looked_at(bench, plan)["still_true"] is True
    assert not [one for one in requests.seen if "admissionregistration" in str(one) or "/version" in str(one)]


def test_what_the_credentials_do_not_show_is_said_and_proved_again_by_the_run(
    person: Person, control_plane: ControlPlane, mongo: Any
) -> None:
    namespace = control_plane.namespace("blind")
    account = an_account(control_plane, namespace)
    every = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    role = {"kind": "Role", "metadata": {"name": "all", "namespace": namespace}, "rules": [every]}
    grant(control_plane, [{"apiVersion": f"{RBAC}/v1", **role}], namespace)
    blind = Bench(person, a_narrow_cluster(account, "narrow"), control_plane, namespace)
    name = f"policy-{namespace}"
    blind.draw(a_config_map("settings", mode="fast"))
    plan = made(blind)
    assert plan["unseen"] == ["admission webhooks", "admission policies"]
    try:
        forbid_fast(blind, name)
        assert looked_at(blind, plan)["still_true"] is True
        run = blind.until(blind.start(plan=plan["id"]), "failed")
    finally:
        forget_policy(blind, name)
    assert run["error"]["code"] == "plan.moved"
    assert "it would be refused now" in run["error"]["detail"]
    assert run["steps"] == []


def a_class(bench: Bench, name: str, *, default: bool) -> None:
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    body = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "annotations": annotations},
        "provisioner": "example.com/none",
    }
    post(bench, "/apis/storage.k8s.io/v1/storageclasses", body)


def test_another_default_class_is_seen_by_plans_of_what_takes_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.plans import surroundings

    monkeypatch.setattr(surroundings, "BEHIND", timedelta(days=-1))
    first, second = f"standard-{bench.namespace}", f"fast-{bench.namespace}"
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = a_manifest("data", apiVersion="v1", kind="PersistentVolumeClaim", spec=spec)
    try:
        a_class(bench, first, default=True)
        bench.draw(claim, a_config_map("settings", mode="fast"))

        def is_written() -> bool:
            body = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "tried"}, "spec": spec}
            path = f"/api/v1/namespaces/{bench.namespace}/persistentvolumeclaims?dryRun=All"
            answer = bench.plane.call("POST", path, json.dumps(body).encode(), content_type="application/json")[1]
            return json.loads(answer)["spec"].get("storageClassName") == first

        until(is_written, what="the API server writes the default class")
        plan = made(bench)
        assert looked_at(bench, plan)["still_true"] is True
        a_class(bench, second, default=True)

        until(lambda: said(looked_at(bench, plan)), what="the plan is no longer true")

        now = f"since StorageClass {second} is the default now"
        assert said(looked_at(bench, plan)) == [("data", f"the cluster fills in other fields now, {now}")]
        refused = bench.ask(plan=plan["id"])
        assert (refused.status, refused.body["code"]) == (409, "plan.moved")
    finally:
        for name in (first, second):
            bench.plane.call("DELETE", f"/apis/storage.k8s.io/v1/storageclasses/{name}")


def test_plans_of_what_takes_no_class_ask_for_none(bench: Bench) -> None:
    bench.draw(a_config_map("settings", mode="fast"))
    with counted_requests() as requests:
        assert looked_at(bench, made(bench))["still_true"] is True
    assert not [one for one in requests.seen if "storageclasses" in str(one) or "ingressclasses" in str(one)]


def test_a_label_of_the_namespace_by_which_a_policy_selects_it_is_seen(bench: Bench, policy: str) -> None:
    forbid_fast(bench, policy)
    own = {"kubernetes.io/metadata.name": bench.namespace, "strict": "yes"}
    path = f"{ADMISSION}/validatingadmissionpolicies/{policy}"
    patch(bench, path, {"spec": {"matchConstraints": {"namespaceSelector": {"matchLabels": own}}}})
    bench.draw(a_config_map("settings", mode="fast"))
    until(lambda: planned(made(bench), "settings")["error"] is None, what="the policy leaves the namespace alone")
    plan = made(bench)
    assert looked_at(bench, plan)["still_true"] is True
    patch(bench, f"/api/v1/namespaces/{bench.namespace}", {"metadata": {"labels": {"strict": "yes"}}})
    judges_by_the_policy(bench, bench.namespace)

    until(lambda: said(looked_at(bench, plan)), what="the plan is no longer true")

    since = f"since labels of the namespace {bench.namespace} were changed"
    assert said(looked_at(bench, plan)) == [("settings", f"it would be refused now, {since}")]


def test_a_label_that_others_write_on_a_drawn_namespace_is_seen_as_well(bench: Bench, policy: str) -> None:
    name = f"{bench.namespace}-drawn"
    space = a_manifest(name, apiVersion="v1", kind="Namespace", metadata={"labels": {"own": "1"}})
    bench.draw(space)
    bench.applied()
    forbid_fast(bench, policy)
    strict = {"kubernetes.io/metadata.name": name, "strict": "yes"}
    path = f"{ADMISSION}/validatingadmissionpolicies/{policy}"
    patch(bench, path, {"spec": {"matchConstraints": {"namespaceSelector": {"matchLabels": strict}}}})
    bench.draw(space, a_node("settings", kind="configmap", data={"mode": "fast"}, namespace=name))
    until(lambda: planned(made(bench), "settings")["error"] is None, what="the policy leaves the namespace alone")
    plan = made(bench)
    with counted_requests() as quiet:
        assert looked_at(bench, plan)["still_true"] is True
    assert quiet.seen.count(("GET", f"/api/v1/namespaces/{name}")) == 1, "nothing more is asked for it"
    patch(bench, f"/api/v1/namespaces/{name}", {"metadata": {"labels": {"strict": "yes"}}})
    judges_by_the_policy(bench, name)

    until(lambda: said(looked_at(bench, plan)), what="the plan is no longer true")

    since = f"since labels of the namespace {name} were changed"
    assert said(looked_at(bench, plan)) == [("settings", f"it would be refused now, {since}")]


def test_what_policies_read_as_parameters_is_said_not_to_be_seen_and_tried_again_by_the_run(
    bench: Bench, policy: str
) -> None:
    forbid_fast(bench, policy)
    bench.draw(a_config_map("settings", mode="slow"))
    kind = {"apiVersion": "v1", "kind": "ConfigMap"}
    path = f"{ADMISSION}/validatingadmissionpolicies/{policy}"
    patch(bench, path, {"spec": {"paramKind": kind}})

    plan = made(bench)
    seen = looked_at(bench, plan)

    assert "what admission policies read as their parameters" in seen["unseen"]
    with counted_requests() as requests:
        bench.until(bench.start(plan=plan["id"]), "verifying", "failed")
    assert requests.dry_runs() >= 1


def test_a_right_that_was_taken_away_keeps_a_run_from_beginning(
    person: Person, control_plane: ControlPlane, mongo: Any
) -> None:
    namespace = control_plane.namespace("rights")
    account = an_account(control_plane, namespace)
    seen = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}
    sees = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": f"sees-{namespace}"}}
    role = {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": {"name": "all", "namespace": namespace}}
    every = {"apiGroups": ["*"], "resources": ["*"]}

    def may_delete(*rules: dict[str, Any]) -> None:
        rules = ({**every, "verbs": ["create", "patch"]}, *({**every, **rule, "verbs": ["delete"]} for rule in rules))
        grant(control_plane, [{**role, "rules": [*rules]}], namespace)

    grant(control_plane, [{**sees, "rules": [seen]}], namespace)
    may_delete({})
    narrow = Bench(person, a_narrow_cluster(account, "narrow"), control_plane, namespace)
    narrow.draw(a_config_map("old", a="1"), a_config_map("kept", a="1"))
    narrow.applied()
    narrow.draw(a_config_map("kept", a="1"), a_config_map("settings", mode="fast"))
    plan = made(narrow)
    assert plan["unseen"] == []
    may_delete()

    run = narrow.until(narrow.start(plan=plan["id"]), "failed")

    assert run["error"]["code"] == "plan.moved", run["error"]
    assert "old: the credentials may not delete it any more" in run["error"]["detail"]
    assert narrow.get("v1", "ConfigMap", "settings") is None
    may_delete({"resourceNames": ["old"]})
    narrow.until(narrow.start(plan=made(narrow)["id"]), "verifying", "succeeded")
    assert narrow.get("v1", "ConfigMap", "old") is None
