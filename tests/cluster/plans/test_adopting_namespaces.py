"""Objects that kubectl and Helm made become those of an environment: nothing of them changes, and nobody else has them.

Each test makes its objects by the requests that the tools send, under the managers by which they are known.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from clusters.domain.kubeconfig import parse_kubeconfig
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Ref
from clusters.kube.apply import ForeignObject, apply_object
from clusters.kube.client import KubeClient
from tests.support.control_plane import Manifest, folder_of, path_of
from tests.support.narrow import a_narrow_cluster
from tests.support.people import a_user
from tests.support.plans import ask, effects, looked_at, made, planned
from tests.support.runs import Bench, let_deadline_pass, observe
from tests.support.wait import until
from tests.support.workflows import a_config_map, an_edge
from tests.unit.kinds.samples import the_catalog
from workflows.domain.rendering.plan import GIVEN_BACK

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
RBAC = "rbac.authorization.k8s.io/v1"
KINDS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "Service": "v1",
    "ConfigMap": "v1",
    "Secret": "v1",
    "ServiceAccount": "v1",
    "Role": RBAC,
    "RoleBinding": RBAC,
}
TOOLS = (("Deployment", "web"), ("Secret", "keys"), ("Deployment", "api"), ("StatefulSet", "db"), ("ConfigMap", "conf"))
OURS = ("app", "app.kubernetes.io/name", "app.kubernetes.io/managed-by")


def a_pod(name: str, **container: Any) -> dict[str, Any]:
    containers = [{"name": "main", "image": "nginx:1.27", **container}]
    return {"metadata": {"labels": {"run": name}}, "spec": {"containers": containers}}


def a_workload(kind: str, name: str, *, replicas: int | None = None, **container: Any) -> Manifest:
    spec: dict[str, Any] = {"selector": {"matchLabels": {"run": name}}, "template": a_pod(name, **container)}
    spec |= {"replicas": replicas} if replicas is not None else {}
    spec |= {"serviceName": name} if kind == "StatefulSet" else {}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def an_object(kind: str, name: str, **content: Any) -> Manifest:
    return {"apiVersion": KINDS[kind], "kind": kind, "metadata": {"name": name}, **content}


def created(bench: Bench, manifest: Manifest, manager: str = "kubectl-create") -> None:
    own = {**manifest, "metadata": {**manifest["metadata"], "namespace": bench.namespace}}
    folder = folder_of(own["apiVersion"], own["kind"], bench.namespace)
    status, answer = bench.plane.call("POST", f"{folder}?fieldManager={manager}", json.dumps(own).encode())
    assert status == 201, answer


def applied_by_client(bench: Bench, manifest: Manifest) -> None:
    """As `kubectl apply` makes an object: with a copy of it in an annotation."""
    metadata = {**manifest["metadata"], "annotations": {LAST_APPLIED: json.dumps(manifest)}}
    created(bench, {**manifest, "metadata": metadata}, "kubectl-client-side-apply")


def applied_by_server(bench: Bench, manifest: Manifest) -> None:
    own = {**manifest, "metadata": {**manifest["metadata"], "namespace": bench.namespace}}
    status, answer = bench.plane.call(
        "PATCH",
        f"{path_of(own)}?fieldManager=kubectl",
        json.dumps(own).encode(),
        content_type="application/apply-patch+yaml",
    )
    assert status == 201, answer


def made_by_helm(bench: Bench, manifest: Manifest) -> None:
    metadata = {
        **manifest["metadata"],
        "labels": {"app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "shop-1.2.3"},
        "annotations": {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": bench.namespace},
    }
    created(bench, {**manifest, "metadata": metadata}, "helm")


def listed(bench: Bench) -> list[Manifest]:
    return [
        {"apiVersion": api_version, "kind": kind, **one}
        for kind, api_version in KINDS.items()
        for one in bench.plane.list(api_version, kind, bench.namespace)
    ]


def drawn_from_cluster(bench: Bench) -> None:
    """Draw what is in the namespace, as an import does."""
    from imports.domain.manifests.read import read
    from imports.domain.sources import SourceFile

    content = json.dumps({"apiVersion": "v1", "kind": "List", "items": listed(bench)}).encode()
    graph = read([SourceFile("live.json", content)], the_catalog(), namespace=bench.namespace).draft.graph({})
    bench.draw(*graph["nodes"], edges=tuple(graph["edges"]))


def standing(bench: Bench) -> dict[str, Any]:
    """What an adoption leaves as it is: objects without their owners and our labels, generations, and UIDs of pods."""
    found: dict[str, Any] = {}
    for one in listed(bench):
        metadata = {**one["metadata"]}
        for name in ("managedFields", "resourceVersion"):
            metadata.pop(name, None)
        for part in ("labels", "annotations"):
            values = metadata.pop(part, {})
            metadata[part] = {
                key: value for key, value in values.items() if not key.startswith("kubeorch.dev/") and key not in OURS
            }
        found[f"{one['kind']}/{metadata['name']}"] = {**one, "metadata": metadata, "status": None}
    for kind, api_version in (("ReplicaSet", "apps/v1"), ("Pod", "v1")):
        found[kind] = sorted(one["metadata"]["uid"] for one in bench.plane.list(api_version, kind, bench.namespace))
    return found


def managers_of(bench: Bench, kind: str, name: str) -> set[str]:
    """Who manages fields of the object, beside its status."""
    live = bench.get(KINDS[kind], kind, name)
    return {one["manager"] for one in live["metadata"]["managedFields"] if one.get("subresource") != "status"}


def a_namespace_of_tools(bench: Bench) -> None:
    """One object of each way to make one, with what they need of one another."""
    address = {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    from_keys = [{"secretRef": {"name": "keys"}}]
    applied_by_client(bench, a_workload("Deployment", "web", replicas=2, env=[address], envFrom=from_keys))
    ports = [{"port": 80, "targetPort": 8080, "nodePort": None}]
    service = {"type": "NodePort", "selector": {"run": "web"}, "ports": ports}
    applied_by_client(bench, an_object("Service", "web", spec=service))
    keystore = base64.b64encode(b"\xfe\xed\xfe\xed\x00\xff").decode()
    applied_by_client(bench, an_object("Secret", "keys", data={"token": "aGlkZGVu", "store.jks": keystore}))
    applied_by_server(bench, a_workload("Deployment", "api", replicas=1))
    database = a_workload("StatefulSet", "db")
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    database["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
    made_by_helm(bench, database)
    made_by_helm(bench, an_object("ConfigMap", "conf", data={"mode": "fast"}))
    created(bench, an_object("ServiceAccount", "robot"))
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    applied_by_client(bench, an_object("Role", "reader", rules=rules))
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    for name, own in (("unsaid", {}), ("said", {"namespace": bench.namespace})):  # both mean the same account
        subjects = [{"kind": "ServiceAccount", "name": "robot", **own}]
        applied_by_client(bench, an_object("RoleBinding", name, roleRef=role, subjects=subjects))


def test_what_kubectl_and_helm_made_is_taken_over_without_a_change(bench: Bench) -> None:
    a_namespace_of_tools(bench)
    until(lambda: len(bench.plane.list("v1", "Pod", bench.namespace)) == 4, what="each workload has its pods")
    drawn_from_cluster(bench)
    before = standing(bench)

    refused = made(bench)
    assert set(effects(refused).values()) == {"conflict"}
    plan = made(bench, adopt=True)
    for one in plan["objects"]:
        changed = {row["path"].replace("[", ".", 1).split(".", 2)[2].rstrip("]") for row in one["fields"]}
        assert all(key.startswith("kubeorch.dev/") or key in OURS for key in changed), one["fields"]
        assert (one["error"], one["proof"], one["effect"]) == (None, "proven", "update"), one
        assert all(move["leaves"] and not move["repeats"] for move in one["adopts"]["moves"]), one["adopts"]
    moves = {one["ref"]["name"]: one["adopts"]["moves"] for one in plan["objects"] if one["ref"]["kind"] != "Service"}
    assert {name: [move["name"] for move in found] for name, found in moves.items()} == {
        "web": ["kubectl apply"], "keys": ["kubectl apply"], "api": ["kubectl apply --server-side"],
        "db": ["Helm"], "conf": ["Helm"], "reader": ["kubectl apply"], "said": ["kubectl apply"],
        "unsaid": ["kubectl apply"], "robot": [],  # of an account without a field nobody has anything
    }  # fmt: skip
    [of_web] = moves["web"]
    assert "spec.template.spec.containers[name=main].image" in of_web["fields"]
    assert "hidden" not in json.dumps(plan)
    assert standing(bench) == before

    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    assert run["as_planned"] == {"equal": 10, "different": 0, "not_foreseen": 0}, run["steps"]
    assert standing(bench) == before
    for kind, name in (("Deployment", "web"), ("Deployment", "api"), ("StatefulSet", "db"), ("Secret", "keys")):
        assert managers_of(bench, kind, name) == {"kubeorch"}, (kind, name)
    assert len(bench.owned()) == 10
    bench.see_all_healthy()
    bench.until(run, "succeeded")

    assert set(effects(made(bench)).values()) == {"unchanged"}
    again = bench.applied()
    assert {step["state"] for step in again["steps"]} == {"unchanged"}
    assert standing(bench) == before


def test_after_an_adoption_a_change_meets_no_conflict_and_what_is_left_out_goes(bench: Bench) -> None:
    applied_by_client(bench, a_workload("Deployment", "web", replicas=1, env=[{"name": "A", "value": "1"}]))
    drawn_from_cluster(bench)
    bench.applied(plan=made(bench, adopt=True)["id"])
    graph = bench.person.get(f"workflows/{bench.workflow['id']}/graph").body
    [node] = graph["nodes"]
    parameters = {name: value for name, value in node["parameters"].items() if name != "env"}
    bench.draw({**node, "parameters": {**parameters, "image": "nginx:1.28", "replicas": 2}})
    plan = made(bench)
    assert effects(plan) == {"web": "update"}
    bench.until(bench.start(plan=plan["id"]), "verifying", "succeeded")
    live = bench.get("apps/v1", "Deployment", "web")
    [container] = live["spec"]["template"]["spec"]["containers"]
    assert (container["image"], live["spec"]["replicas"], container.get("env")) == ("nginx:1.28", 2, None)


def test_what_applies_again_and_again_stays_an_owner_and_is_named(bench: Bench) -> None:
    created(bench, an_object("ConfigMap", "conf", data={"a": "1"}), "argocd-controller")
    drawn_from_cluster(bench)
    plan = made(bench, adopt=True)
    [move] = planned(plan, "conf")["adopts"]["moves"]
    assert (move["name"], move["leaves"], move["repeats"]) == ("Argo CD", False, True)
    bench.until(bench.start(plan=plan["id"]), "verifying")
    assert managers_of(bench, "ConfigMap", "conf") == {"argocd-controller", "kubeorch"}


def test_an_object_that_was_made_anew_since_the_plan_is_not_taken_over(bench: Bench) -> None:
    created(bench, an_object("ConfigMap", "conf", data={"a": "1"}))
    drawn_from_cluster(bench)
    plan = made(bench, adopt=True)
    bench.plane.delete("v1", "ConfigMap", "conf", bench.namespace)
    created(bench, an_object("ConfigMap", "conf", data={"a": "1"}))
    assert looked_at(bench, plan)["still_true"] is False
    answer = bench.ask(plan=plan["id"])
    assert (answer.status, answer.body["code"]) == (409, "plan.moved"), answer.body
    assert managers_of(bench, "ConfigMap", "conf") == {"kubectl-create"}


def test_an_object_of_another_environment_is_never_taken_over(bench: Bench, cluster: str) -> None:
    other = Bench(a_user("admin"), cluster, bench.plane, bench.plane.namespace("other"))
    metadata = {"name": "conf", "labels": {"kubeorch.dev/environment": other.environment["id"]}}
    created(bench, {**an_object("ConfigMap", "conf", data={"a": "1"}), "metadata": metadata})
    drawn_from_cluster(bench)
    plan = made(bench, adopt=True)
    assert (effects(plan), planned(plan, "conf")["adopts"]) == ({"conf": "conflict"}, None)


@pytest.mark.parametrize("whose", ["another connection's", "another installation's"])
def test_what_another_connection_or_installation_has_on_the_cluster_is_not_taken_over(bench: Bench, whose: str) -> None:
    label = "5" * 24
    if whose == "another connection's":
        second = a_narrow_cluster(bench.plane.kubeconfig, "second", is_sandbox=False)
        label = Bench(a_user("admin"), second, bench.plane, bench.plane.namespace("other")).environment["id"]
    metadata = {"name": "conf", "labels": {ENVIRONMENT_LABEL: label}}
    created(bench, {**an_object("ConfigMap", "conf", data={"a": "1"}), "metadata": metadata})
    bench.draw(a_config_map("conf", a="1"))
    plan = made(bench, adopt=True)
    assert (effects(plan), planned(plan, "conf")["adopts"]) == ({"conf": "conflict"}, None)
    bench.until(bench.start(plan=plan["id"]), "failed")
    assert managers_of(bench, "ConfigMap", "conf") == {"kubectl-create"}


def test_whoever_may_not_run_sees_nothing_of_what_would_be_taken_over(bench: Bench) -> None:
    created(bench, an_object("ConfigMap", "conf", data={"a": "1"}))
    drawn_from_cluster(bench)
    bench.person = a_user("viewer", bench.person.team_id)
    answer = ask(bench, adopt=True)
    assert (answer.status, answer.body["code"]) == (403, "forbidden.role")


def with_base(bench: Bench, **replicas: int) -> None:
    """Draw a ConfigMap of our own and the Deployment web of the cluster, with another number of replicas if given."""
    from imports.domain.manifests.read import read
    from imports.domain.sources import SourceFile

    items = [one for one in listed(bench) if one["metadata"]["name"] == "web"]
    content = json.dumps({"apiVersion": "v1", "kind": "List", "items": items}).encode()
    [node] = read([SourceFile("live.json", content)], the_catalog(), namespace=bench.namespace).draft.graph({})["nodes"]
    bench.draw(a_config_map("base"), {**node, "parameters": {**node["parameters"], **replicas}})


def failed(bench: Bench, **options: Any) -> dict[str, Any]:
    """A run whose pods do not become ready in time."""
    run = bench.until(bench.start(**options), "verifying", "failed")  # by what was recorded of what stays as it is
    observe(bench.environment["id"], "failed", "ImagePullBackOff")
    let_deadline_pass(run["id"])
    return run


def test_nothing_that_was_there_before_is_deleted_by_a_rollback_that_nobody_started(bench: Bench) -> None:
    assert bench.person.patch(f"environments/{bench.environment['id']}", {"auto_rollback": True}).status == 200
    bench.draw(a_config_map("base"))
    bench.applied()
    created(bench, a_workload("Deployment", "web", replicas=1))
    with_base(bench)
    before = standing(bench)
    failed(bench, plan=made(bench, adopt=True)["id"])
    with_base(bench, replicas=2)
    run = failed(bench)
    until(lambda: bench.run(run)["rolled_back_by"], what="the run is rolled back")
    back = bench.run(run)["rolled_back_by"]
    # `base` stays as it is, and so does the health that `failed` has recorded of it: the rollback may fail by that.
    back = bench.until(back, "verifying", "succeeded", "failed")
    assert (back["counts"]["failed"], back["counts"]["deleted"]) == (0, 0)
    kept = [step for step in back["steps"] if step["ref"]["name"] == "web"]
    assert [(step["action"], step["reason"]) for step in kept] == [("keep", "it was there before it was taken over")]
    live = bench.get("apps/v1", "Deployment", "web")
    assert live["metadata"]["uid"] == before["Deployment/web"]["metadata"]["uid"]


def marks(bench: Bench) -> list[str]:
    """The keys of ours on what is in the namespace."""
    found = [{**one["metadata"].get("labels", {}), **one["metadata"].get("annotations", {})} for one in listed(bench)]
    return [key for keys in found for key, value in keys.items() if "kubeorch" in key or value == "kubeorch"]


def test_undeploying_gives_back_what_was_taken_over_without_a_change(bench: Bench, cluster: str) -> None:
    a_namespace_of_tools(bench)
    until(lambda: len(bench.plane.list("v1", "Pod", bench.namespace)) == 4, what="each workload has its pods")
    drawn_from_cluster(bench)
    before = standing(bench)
    bench.applied(plan=made(bench, adopt=True)["id"])

    run = bench.start(kind="destroy")
    assert {one["reason"] for one in run["kept"]} == {GIVEN_BACK}
    ended = bench.until(run, "succeeded")

    assert ({step["action"] for step in ended["steps"]}, ended["counts"]["kept"]) == ({"give_back"}, 10)
    assert (standing(bench), marks(bench), bench.owned()) == (before, [], [])
    assert {name: managers_of(bench, kind, name) for kind, name in TOOLS} == {
        "web": {"kubectl-client-side-apply"}, "keys": {"kubectl-client-side-apply"}, "api": {"kubectl"},
        "db": {"helm"}, "conf": {"helm"},
    }  # fmt: skip
    own = a_workload("Deployment", "api", replicas=1, args=["--quiet"])
    body = json.dumps({**own, "metadata": {"name": "api", "namespace": bench.namespace}}).encode()
    path = f"{path_of(json.loads(body))}?fieldManager=kubectl"
    status, answer = bench.plane.call("PATCH", path, body, content_type="application/apply-patch+yaml")
    assert status == 200, answer
    other = Bench(bench.person, cluster, bench.plane, bench.namespace)
    other.draw(a_config_map("conf", mode="fast"))
    assert planned(made(other, adopt=True), "conf")["adopts"] is not None, "another environment may have it"


def test_what_is_not_drawn_any_more_is_given_back_with_what_it_needs_unless_data_goes_too(bench: Bench) -> None:
    created(bench, a_workload("Deployment", "web", replicas=1))
    drawn_from_cluster(bench)
    [web] = bench.person.get(f"workflows/{bench.workflow['id']}/graph").body["nodes"]
    bench.draw(web, a_config_map("conf"), edges=(an_edge("conf", web["id"], "sets_env"),))
    bench.applied(plan=made(bench, adopt=True)["id"])
    bench.draw(a_config_map("other"))
    plan = made(bench)
    assert effects(plan) == {"other": "create", "web": "give_back", "conf": "give_back"}
    assert (planned(plan, "web")["reason"], plan["counts"]["give_back"]) == (GIVEN_BACK, 2)
    assert planned(plan, "conf")["reason"] == "Deployment web is given back and needs it"
    assert {row["path"] for row in planned(plan, "web")["fields"]} == {
        f"metadata.labels[{key}]" for key in ("kubeorch.dev/environment", "kubeorch.dev/node", OURS[2])
    }
    assert {one["band"] for one in planned(plan, "web")["fields"]} == {"bookkeeping"}
    assert effects(made(bench, delete_volumes=True)) == effects(plan)
    run = bench.until(bench.start(plan=plan["id"]), "verifying", "succeeded")
    assert run["as_planned"] == {"equal": 3, "different": 0, "not_foreseen": 0}
    assert (bench.owned(), len(marks(bench))) == (["ConfigMap/other"], 3)
    assert bench.get("v1", "ConfigMap", "conf") is not None


def test_what_another_environment_owns_is_not_taken_over_once_its_label_is_off(bench: Bench, cluster: str) -> None:
    bench.draw(a_config_map("conf", a="1"))
    bench.applied()
    path = f"/api/v1/namespaces/{bench.namespace}/configmaps/conf?fieldManager=kubectl-label"
    off = b'{"metadata":{"labels":{"kubeorch.dev/environment":null}}}'
    bench.plane.call("PATCH", path, off, content_type="application/merge-patch+json")
    other = Bench(bench.person, cluster, bench.plane, bench.namespace)
    other.draw(a_config_map("conf", a="1"))
    plan = made(other, adopt=True)
    assert (effects(plan), planned(plan, "conf")["adopts"]) == ({"conf": "conflict"}, None)


def test_who_writes_between_the_plan_and_its_run_stays_an_owner(bench: Bench) -> None:
    created(bench, an_object("ConfigMap", "conf", data={"a": "1"}))
    drawn_from_cluster(bench)
    plan = made(bench, adopt=True)
    path = f"/api/v1/namespaces/{bench.namespace}/configmaps/conf?fieldManager=kubectl-edit"
    bench.plane.call("PATCH", path, b'{"data":{"b":"2"}}', content_type="application/merge-patch+json")
    bench.until(bench.start(plan=plan["id"]), "verifying")
    assert managers_of(bench, "ConfigMap", "conf") == {"kubectl-edit", "kubeorch"}


def test_of_two_that_take_an_object_over_at_once_only_the_first_has_it(bench: Bench) -> None:
    """Both apply by the same manager, so no conflict of fields tells the second one."""
    created(bench, an_object("ConfigMap", "conf", data={"a": "1"}))
    client = KubeClient(parse_kubeconfig(bench.plane.kubeconfig))
    ref = Ref("v1", "ConfigMap", bench.namespace, "conf")
    seen = client.get(ref)
    assert seen is not None

    def take_over(environment_id: str) -> Manifest:
        metadata = {"name": "conf", "namespace": bench.namespace, "labels": {ENVIRONMENT_LABEL: environment_id}}
        return apply_object(
            client,
            ref,
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "1"}},
            seen,
            environment_id=environment_id,
            known_uid=seen["metadata"]["uid"],
            adopts=frozenset({("kubectl-create", "Update", seen["metadata"]["managedFields"][0]["time"])}),
            guard=lambda: None,
        )[0]

    first, second = "a" * 24, "b" * 24
    assert [one["manager"] for one in take_over(first)["metadata"]["managedFields"]] == ["kubeorch"]
    with pytest.raises(ForeignObject):
        take_over(second)
    assert bench.get("v1", "ConfigMap", "conf")["metadata"]["labels"] == {ENVIRONMENT_LABEL: first}
