"""Looking at one object, editing it and acting on it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from bson import ObjectId

from tests.cluster.resources.conftest import SECRET_VALUE
from tests.support.control_plane import ControlPlane
from tests.support.people import Answer, Person, a_user
from tests.support.wait import until
from tests.support.workflows import a_node, a_workflow


@pytest.fixture
def web(cluster: str, shop: str) -> str:
    return f"{cluster}/resources/Deployment.apps/{shop}/web"


def changed(text: str, change: Any) -> str:
    found = yaml.safe_load(text)
    change(found)
    return str(yaml.safe_dump(found))


def put(person: Person, path: str, base: str, edited: str, **more: Any) -> Answer:
    return person.put(f"{path}/yaml", {"base": base, "yaml": edited, **more})


def containers(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return manifest["spec"]["template"]["spec"]["containers"]


def test_an_edit_is_tried_rebased_and_asked_for_where_both_changed_a_field(
    anna: Person, web: str, shop: str, control_plane: ControlPlane, mongo: Any
) -> None:
    base = anna.get(f"{web}/yaml").body["yaml"]
    mine = changed(base, lambda m: containers(m)[0].update(image="nginx:1.28"))
    tried = put(anna, web, base, mine, dry_run=True).body
    assert [(row["path"], row["before"], row["after"]) for row in tried["fields"]] == [
        ("spec.template.spec.containers[name=web].image", "nginx:1.27", "nginx:1.28")
    ]
    assert (tried["written"], tried["clashes"], tried["moved"]) == (False, [], False)
    live = control_plane.get("apps/v1", "Deployment", "web", shop) or {}
    assert containers(live)[0]["image"] == "nginx:1.27"

    path = f"/apis/apps/v1/namespaces/{shop}/deployments/web"
    others = {"metadata": {"annotations": {"by": "others"}}, "spec": {"minReadySeconds": 3}}
    merge = "application/merge-patch+json"
    assert control_plane.call("PATCH", path, json.dumps(others).encode(), content_type=merge)[0] == 200
    written = put(anna, web, base, mine).body
    assert (written["written"], written["moved"]) == (True, True)
    live = control_plane.get("apps/v1", "Deployment", "web", shop) or {}
    assert (containers(live)[0]["image"], live["spec"]["minReadySeconds"]) == ("nginx:1.28", 3)
    assert live["metadata"]["annotations"]["by"] == "others"
    managers = {entry["manager"]: entry for entry in live["metadata"]["managedFields"]}
    edited = managers["kubeorch-edit"]
    assert edited["operation"] == "Update"
    assert json.dumps(edited["fieldsV1"]).count('"f:image"') == 1
    assert "f:minReadySeconds" not in json.dumps(edited["fieldsV1"])
    assert mongo.audit.find_one({"action": "object.edit"})["target"]["name"] == "web"

    again = changed(base, lambda m: containers(m)[0].update(image="nginx:1.26"))
    refused = put(anna, web, base, again)
    clash = {"path": "spec.template.spec.containers[name=web].image", "base": "nginx:1.27"}
    assert (refused.status, refused.body["code"]) == (409, "edit.clashes")
    assert refused.body["clashes"] == [{**clash, "mine": "nginx:1.26", "theirs": "nginx:1.28"}]
    decided = put(anna, web, base, again, decisions=[{"path": clash["path"], "keep": "mine"}])
    assert (decided.status, decided.body["written"]) == (200, True)

    status = changed(base, lambda m: m["status"].update(replicas=9))
    assert put(anna, web, base, status).body["code"] == "edit.fixed_field"
    wrong = changed(base, lambda m: m["spec"].update(replicaz=9))
    assert put(anna, web, base, wrong, dry_run=True).body["code"] == "cluster.invalid"


def test_values_of_a_secret_are_never_answered_and_survive_an_edit_of_another_key(
    anna: Person, cluster: str, shop: str, control_plane: ControlPlane
) -> None:
    keys = f"{cluster}/resources/Secret/{shop}/keys"
    detail, shown = anna.get(keys), anna.get(f"{keys}/yaml")
    assert detail.body["sizes"] == {"token": len(SECRET_VALUE)}
    edited = changed(shown.body["yaml"], lambda m: m["data"].update(added="YWRkZWQtdmFsdWU="))
    tried = put(anna, keys, shown.body["yaml"], edited, dry_run=True)
    written = put(anna, keys, shown.body["yaml"], edited)
    assert [row["path"] for row in written.body["fields"]] == ["data.added"]
    live = control_plane.get("v1", "Secret", "keys", shop) or {}
    assert set(live["data"]) == {"token", "added"}
    answers = json.dumps([one.body for one in (detail, shown, tried, written)])
    for value in (SECRET_VALUE, live["data"]["token"], "YWRkZWQtdmFsdWU="):
        assert value not in answers
    stale = changed(shown.body["yaml"], lambda m: m["data"].update(token="b3RoZXItdmFsdWU="))
    assert put(anna, keys, shown.body["yaml"], stale).body["code"] == "edit.clashes"


def test_whether_a_shell_can_be_opened_is_told_before_somebody_tries(
    anna: Person, web: str, cluster: str, shop: str, control_plane: ControlPlane
) -> None:
    pods = until(lambda: anna.get(f"{cluster}/resources?kind=Pod&namespace={shop}").body["results"], what="a pod")
    pod = f"{cluster}/resources/Pod/{shop}/{pods[0]['name']}"

    def shell(person: Person, path: str) -> list[tuple[bool, str]]:
        rows = person.get(f"{path}/actions").body["results"]
        return [(row["allowed"], row["reason"]) for row in rows if row["action"] == "shell"]

    assert shell(anna, web) == [], "a Deployment has no containers of its own"
    [(allowed, reason)] = shell(anna, pod)
    assert (allowed, "simulates its nodes" in reason) == (False, True)
    [(allowed, reason)] = shell(a_user("viewer", team=anna.team_id), pod)
    assert (allowed, "operator" in reason) == (False, True), reason
    uid = anna.get(pod).body["uid"]
    assert anna.post(f"{pod}/actions/shell", {"uid": uid}).body["code"] == "action.unknown"


def test_actions_are_offered_by_right_and_carried_out_on_the_very_object(
    anna: Person, web: str, cluster: str, shop: str, control_plane: ControlPlane, mongo: Any
) -> None:
    uid = anna.get(web).body["uid"]
    offered = anna.get(f"{web}/actions").body
    allowed = {row["action"]: row["allowed"] for row in offered["results"]}
    assert allowed == {"edit": True, "scale": True, "restart": True, "pause": True, "resume": False, "delete": True}
    viewer = a_user("viewer", team=anna.team_id)
    assert not any(row["allowed"] for row in viewer.get(f"{web}/actions").body["results"])
    assert viewer.post(f"{web}/actions/scale", {"uid": uid, "replicas": 3}).status == 403
    assert anna.post(f"{web}/actions/scale", {"uid": "another", "replicas": 3}).body["code"] == "object.replaced"

    for action, more in (("scale", {"replicas": 3}), ("restart", {}), ("pause", {})):
        done = anna.post(f"{web}/actions/{action}", {"uid": uid, **more})
        assert done.status == 200, done.body
    live = control_plane.get("apps/v1", "Deployment", "web", shop) or {}
    assert (live["spec"]["replicas"], live["spec"]["paused"]) == (3, True)
    assert live["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"]
    assert anna.post(f"{web}/actions/restart", {"uid": uid}).body["code"] == "action.not_now"
    assert anna.post(f"{web}/actions/resume", {"uid": uid}).status == 200
    assert anna.post(f"{web}/actions/retry", {"uid": uid}).body["code"] == "action.unknown"

    nightly = f"{cluster}/resources/CronJob.batch/{shop}/nightly"
    cron_uid = anna.get(nightly).body["uid"]
    assert anna.post(f"{nightly}/actions/suspend", {"uid": cron_uid}).status == 200
    made = anna.post(f"{nightly}/actions/trigger", {"uid": cron_uid}).body["made"]
    job = f"{cluster}/resources/Job.batch/{shop}/{made['name']}"
    until(lambda: anna.get(job).body["health"]["state"] == "healthy", what="the Job has ended", timeout_s=60)
    again = anna.post(f"{job}/actions/retry", {"uid": anna.get(job).body["uid"]}).body["made"]
    assert again["name"].startswith(made["name"][:20])
    tree = anna.get(f"{nightly}/relations").body["dependants"]
    assert [(one["kind"], one["name"]) for one in tree] == [("Job.batch", made["name"])]
    assert [one["kind"] for one in tree[0]["children"]] == ["Pod"]
    pod = tree[0]["children"][0]["name"]
    above = anna.get(f"{cluster}/resources/Pod/{shop}/{pod}/relations").body
    assert [one["kind"] for one in above["owners"]] == ["Job.batch", "CronJob.batch"]
    assert "Node" in {one["kind"] for one in above["uses"]}
    told = anna.get(f"{job}/events").body["results"]
    assert "SuccessfulCreate" in {row["reason"] for row in told}
    taken = anna.get(f"{nightly}/relations?kinds=all").body
    assert taken["dependants"][0]["name"] == made["name"]
    assert anna.post(f"{nightly}/actions/delete", {"uid": cron_uid}).status == 200
    until(lambda: anna.get(nightly).status == 404, what="the CronJob is gone")
    actions = {row["action"] for row in mongo.audit.find({"action": {"$regex": "^object"}})}
    assert actions >= {"object.scale", "object.trigger", "object.delete"}


def test_a_kind_that_is_written_as_kubectl_takes_it_is_told_by_its_name(anna: Person, cluster: str, shop: str) -> None:
    for written, called in {
        "deployments.apps": "Deployment.apps",
        "deploy": "Deployment.apps",
        "cm": "ConfigMap",
    }.items():
        answer = anna.get(f"{cluster}/resources/{written}/{shop}/web")
        assert (answer.status, answer.body["code"]) == (404, "cluster.kind_not_served")
        assert answer.body["kind"] == called
    assert "kind" not in anna.get(f"{cluster}/resources/Nothing/{shop}/web").body


def test_what_belongs_to_a_workflow_says_so_and_a_protected_one_is_left_alone(
    anna: Person, cluster: str, shop: str, control_plane: ControlPlane, mongo: Any
) -> None:
    place = {"name": "prod", "cluster": cluster.removeprefix("clusters/"), "namespace": shop}
    workflow = a_workflow(anna, a_node("web"), name="shop", environment=place)
    environment = workflow["environments"][0]["id"]
    labels = {"kubeorch.dev/environment": environment, "kubeorch.dev/node": "web"}
    metadata = {"name": "of-workflow", "namespace": shop, "labels": labels}
    control_plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b"}})
    conf = f"{cluster}/resources/ConfigMap/{shop}/of-workflow"
    found = anna.get(f"{conf}/actions").body["belongs_to"]
    assert (found["workflow"], found["environment"], found["owned"]) == ("shop", "prod", False)
    assert found["made_by"] == ""
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "of-workflow", "uid": anna.get(conf).body["uid"]}
    child = {**metadata, "name": "child", "ownerReferences": [{**owner, "controller": True}]}
    control_plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": child})
    made = anna.get(f"{cluster}/resources/ConfigMap/{shop}/child/actions").body["belongs_to"]
    assert (made["owned"], made["made_by"]) == (False, "ConfigMap of-workflow")
    mongo.environments.update_one({"_id": ObjectId(environment)}, {"$set": {"protected": True}})
    base = anna.get(f"{conf}/yaml").body["yaml"]
    refused = put(anna, conf, base, changed(base, lambda m: m["data"].update(a="c")))
    assert (refused.status, refused.body["code"]) == (409, "object.protected")
    reasons = {row["reason"] for row in anna.get(f"{conf}/actions").body["results"]}
    assert len(reasons) == 1
    assert "protected" in reasons.pop()


def test_a_namespace_that_does_not_go_says_what_is_left_and_who_holds_it(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("going")
    metadata = {"name": "held", "namespace": namespace, "finalizers": ["example.org/keeper"]}
    control_plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    quota = {"metadata": {"name": "small", "namespace": namespace}, "spec": {"hard": {"configmaps": "4"}}}
    control_plane.apply({"apiVersion": "v1", "kind": "ResourceQuota", **quota})

    def quotas() -> Any:
        rows = anna.get(f"{cluster}/namespaces/quotas").body["results"]
        return next(row for row in rows if row["name"] == namespace)["quotas"]

    until(lambda: [row["used"] for row in quotas()] == ["2"], what="the quota is counted", timeout_s=60)
    assert quotas()[0]["share"] == 0.5
    control_plane.delete("v1", "Namespace", namespace)
    path = f"{cluster}/resources/Namespace/-/{namespace}/deletion"
    until(
        lambda: [row["kind"] for row in anna.get(path).body["remaining"]] == ["ConfigMap"],
        what="only what is held is left",
        timeout_s=60,
    )
    why = anna.get(path).body
    assert why["remaining"][0]["finalizers"] == ["example.org/keeper"]
    # The sandbox's controller manager is alone, so it holds no lease that would tell.
    assert [(row["name"], row["known"], row["alive"]) for row in why["finalizers"]] == [("kubernetes", True, None)]
    held = anna.get(f"{cluster}/resources/ConfigMap/{namespace}/held/deletion").body
    finalizer = held["finalizers"][0]
    assert (finalizer["removed_by"], finalizer["alive"], finalizer["known"]) == ("kubeorch-sandbox", None, False)
    merge = json.dumps({"metadata": {"finalizers": None}}).encode()
    address = f"/api/v1/namespaces/{namespace}/configmaps/held"
    assert control_plane.call("PATCH", address, merge, content_type="application/merge-patch+json")[0] == 200
    until(
        lambda: anna.get(f"{cluster}/resources/Namespace/-/{namespace}").status == 404, what="it is gone", timeout_s=60
    )


def test_an_edit_is_of_the_very_object_that_was_shown(
    anna: Person, cluster: str, shop: str, control_plane: ControlPlane
) -> None:
    path = f"/api/v1/namespaces/{shop}/configmaps"
    made = json.dumps({"metadata": {"name": "flags"}, "data": {"a": "1"}}).encode()
    assert control_plane.call("POST", path, made)[0] == 201
    flags = f"{cluster}/resources/ConfigMap/{shop}/flags"
    base = anna.get(f"{flags}/yaml").body["yaml"]
    mine = changed(base, lambda m: m["data"].update(a="2"))
    assert control_plane.call("DELETE", f"{path}/flags")[0] == 200
    assert control_plane.call("POST", path, made)[0] == 201
    for more in ({"dry_run": True}, {}):
        refused = put(anna, flags, base, mine, **more)
        assert (refused.status, refused.body["code"]) == (409, "object.replaced")
    assert (control_plane.get("v1", "ConfigMap", "flags", shop) or {})["data"] == {"a": "1"}
