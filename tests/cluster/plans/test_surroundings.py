"""A plan rests on more than its objects: on the version of the API server, its admission policies, and what a namespace
limits. What of it changes is named, and matters only where a fresh dry run says something else."""

from __future__ import annotations

import json
from collections.abc import Iterator
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

    def is_forbidden() -> bool:
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "tried"}, "data": {"mode": "fast"}}
        path = f"/api/v1/namespaces/{bench.namespace}/configmaps?dryRun=All"
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
