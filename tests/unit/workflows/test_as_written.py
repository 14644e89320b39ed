"""What people write stays as they wrote it: labels, digits, names, pasted YAML, and variables that use others."""

from __future__ import annotations

from typing import Any

import pytest
from bson import Int64

from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml import load_strict
from kubeorch.base.yaml_writing import dump
from tests.unit.kinds.samples import a_graph, a_node, an_edge, codes_of, manifests_of, only, problems_of, the_catalog
from workflows.domain.graphs.file import parse_workflow_file, workflow_file
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.rendering.render import render_graph

POD = "apiVersion: v1\nkind: Pod\nmetadata: {labels: {app: web, app.kubernetes.io/managed-by: helm, team: a}}\nspec: {}"


def labels_of(manifest: dict[str, Any]) -> dict[str, str]:
    return dict(manifest["metadata"]["labels"])


def test_labels_in_yaml_stay_and_ours_are_added_where_absent():
    labels = labels_of(only(a_graph(a_node("manifest", "web-canary", id="p", manifest=POD)), "Pod"))
    assert labels == {
        "app": "web",
        "app.kubernetes.io/managed-by": "helm",
        "team": "a",
        "app.kubernetes.io/name": "web-canary",
        "kubeorch.dev/environment": "env1",
        "kubeorch.dev/node": "p",
    }


def test_labels_in_the_form_stay_and_go_before_those_in_yaml():
    own = {"app": "form", "app.kubernetes.io/name": "x"}
    labels = labels_of(only(a_graph(a_node("manifest", "p", id="p", manifest=POD, labels=own)), "Pod"))
    assert (labels["app"], labels["app.kubernetes.io/name"], labels["team"]) == ("form", "x", "a")


@pytest.mark.parametrize("kind", ["deployment", "statefulset", "daemonset"])
def test_the_selector_of_a_workload_finds_its_pods_and_no_others_when_the_label_app_is_a_persons_own(kind: str):
    graph = a_graph(
        a_node(kind, "web-canary", id="w", labels={"app": "web"}, port=80),
        a_node("service", "front", id="s"),
        a_node("networkpolicy", "guard", id="g"),
        edges=[an_edge("s", "w"), an_edge("g", "w", "selects")],
    )
    workload = next(one for one in manifests_of(graph) if one["metadata"]["name"] == "web-canary")
    selector = workload["spec"]["selector"]["matchLabels"]
    pods = workload["spec"]["template"]["metadata"]["labels"]
    assert pods["app"] == "web"
    assert selector == {"app": "web", "kubeorch.dev/node": "w"}
    assert selector.items() <= pods.items()
    assert only(graph, "Service", "front")["spec"]["selector"] == selector
    assert only(graph, "NetworkPolicy")["spec"]["podSelector"] == {"matchLabels": selector}


def test_the_selector_of_a_workload_without_an_own_label_is_its_name():
    deployment = only(a_graph(a_node("deployment", "web", labels={"team": "a"})), "Deployment")
    assert deployment["spec"]["selector"] == {"matchLabels": {"app": "web"}}


@pytest.mark.parametrize(
    "node",
    [
        a_node("deployment", labels={"kubeorch.dev/node": "x"}),
        a_node("deployment", annotations={"kubeorch.dev/workflow": "x"}),
        a_node("deployment", pod_annotations={"kubeorch.dev/x": "x"}),
        a_node("deployment", pod_labels={"kubeorch.dev/x": "x"}),
        a_node("manifest", manifest="apiVersion: v1\nkind: Pod\nmetadata: {labels: {kubeorch.dev/node: x}}"),
        a_node("manifest", manifest="apiVersion: v1\nkind: Pod\nmetadata: {annotations: {kubeorch.dev/a: x}}"),
        a_node(
            "manifest",
            manifest="apiVersion: v1\nkind: Deployment\nspec: {template: {metadata: {labels: {kubeorch.dev/a: b}}}}",
        ),
    ],
)
def test_labels_and_annotations_of_kubeorch_are_refused_with_the_cure(node: dict[str, Any]):
    [problem] = problems_of(a_graph(node))
    assert problem.code == "label.reserved"
    assert "kubeorch.dev/" in problem.detail
    assert "remove it" in problem.detail


@pytest.mark.parametrize("number", [Int64(5_368_709_120), Int64(2**31), Int64(2**63 - 1), Int64(-(2**63)), 2**40])
def test_numbers_as_the_database_gives_them_are_written_as_yaml(number: int):
    assert load_strict(dump({"a": [number]})) == {"a": [number]}


WRITTEN = [
    "1.10",
    "007",
    "1.20",
    "0755",
    "1e3",
    "1234e5",
    "0x1F",
    "0o17",
    "True",
    "FALSE",
    "+1",
    "1.0",
    ".5",
    "10",
    "-0",
    "1_000",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_text_in_a_workflow_file_keeps_its_digits_also_after_an_export(written: str):
    file = f"""
workflow: 1
name: digits
environment: {{name: prod, namespace: digits, variables: {{A: {{type: string, value: {written}}}}}}}
nodes:
- {{id: c, kind: configmap, name: c, parameters: {{data: {{a: {written}}}, labels: {{r: {written}}}}}}}
- id: w
  kind: deployment
  name: w
  parameters:
    image: nginx
    version: {written}
    env: {{V: {written}}}
    args: [{written}]
    sidecars: [{{name: s, image: a, env: {{V: {written}}}, args: [{written}]}}]
edges:
- {{id: e, source: c, target: w, relation: sets_env, parameters: {{prefix: {written}}}}}
"""
    for _ in range(2):
        meta, raw = parse_workflow_file(file, the_catalog())
        config, workload = (node["parameters"] for node in raw["nodes"])
        found = [
            *(config["data"]["a"], config["labels"]["r"], workload["version"], workload["env"]["V"]),
            *(workload["args"][0], workload["sidecars"][0]["env"]["V"], workload["sidecars"][0]["args"][0]),
            *(raw["edges"][0]["parameters"]["prefix"], meta["environment"]["variables"]["A"]["value"]),
        ]
        assert [str(one) for one in found] == [written] * 9
        assert all(type(one) in (str, int, float) for one in found)
        file = workflow_file(parse_graph(raw, the_catalog()), meta)


def test_numbers_that_are_no_text_are_numbers_in_a_workflow_file():
    file = "name: a\nnodes:\n- {id: w, kind: deployment, name: w, parameters: {replicas: 0x2, manifest: {a: 007}}}"
    _, raw = parse_workflow_file(file, the_catalog())
    assert raw["nodes"][0]["parameters"] == {"replicas": 2, "manifest": {"a": 7}}
    assert type(raw["nodes"][0]["parameters"]["replicas"]) is int


def env_of(*nodes: dict[str, Any], edges: list[dict[str, Any]] | None = None) -> list[str]:
    pod = only(a_graph(*nodes, edges=edges), "Deployment")["spec"]["template"]["spec"]
    return [one["name"] for one in pod["containers"][0]["env"]]


def test_a_variable_comes_after_those_that_its_value_names_whatever_sets_them():
    secret = a_node("secret", "cred", id="cred", keys=["password"])
    edge = an_edge("cred", "web", "sets_env", keys=[{"key": "password", "name": "DB_PASSWORD"}])
    env = {"URL": "postgres://$(DB_USER):$(DB_PASSWORD)@$(POD)/x", "B": "$(URL)", "DB_USER": "app", "C": "$$(Z)"}
    refs = [{"name": "POD", "source": "field", "field": "metadata.name"}]
    web = a_node("deployment", "web", id="web", env=env, env_refs=refs)
    assert env_of(web, secret, edges=[edge]) == ["DB_USER", "DB_PASSWORD", "POD", "URL", "B", "C"]
    assert codes_of(a_graph(web, secret, edges=[edge]), "warning") == []


def test_the_order_given_stays_where_nothing_uses_what_comes_later():
    assert env_of(a_node("deployment", env={"Z": "1", "A": "$(Z)", "M": "$$(Y)", "Y": "2"})) == ["Z", "A", "M", "Y"]


def test_variables_of_sidecars_and_init_containers_are_ordered_as_well():
    own = {"name": "s", "image": "a", "env": {"A": "$(B)", "B": "1"}}
    spec = only(a_graph(a_node("deployment", sidecars=[own], init_containers=[own])), "Deployment")["spec"]["template"]
    for container in (spec["spec"]["containers"][1], spec["spec"]["initContainers"][0]):
        assert [one["name"] for one in container["env"]] == ["B", "A"]


@pytest.mark.parametrize(
    ("env", "code"),
    [
        ({"A": "$(B)", "B": "$(A)"}, "env.circle"),
        ({"A": "$(A)"}, "env.circle"),
        ({"A": "$(B)", "B": "$(C)", "C": "$(A)", "D": "1"}, "env.circle"),
        ({"A": "$(NOBODY)"}, "env.unset"),
    ],
)
def test_a_variable_that_never_expands_is_warned_of(env: dict[str, str], code: str):
    graph = a_graph(a_node("deployment", env=env))
    assert codes_of(graph, "warning") == [code]
    assert sorted(env_of(a_node("deployment", env=env))) == sorted(env)


@pytest.mark.parametrize("env", [{"A": "$$(B)"}, {"A": "$(REDIS_SERVICE_HOST):$(REDIS_PORT_6379_TCP_PORT)"}])
def test_text_and_variables_of_services_are_no_cause_for_a_warning(env: dict[str, str]):
    assert codes_of(a_graph(a_node("deployment", env=env)), "warning") == []


PRINTED = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
  namespace: shop
  uid: 8a0c
  resourceVersion: "1"
  generation: 3
  creationTimestamp: "2026-01-01T00:00:00Z"
  selfLink: /x
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: x, uid: y}]
  managedFields: [{manager: kubectl}]
status: {a: 1}
data: {a: b}
"""


def test_what_the_cluster_writes_into_yaml_is_not_sent_and_a_warning_says_so():
    graph = a_graph(a_node("manifest", "c", manifest=PRINTED))
    manifest = only(graph, "ConfigMap")
    assert set(manifest["metadata"]) == {"name", "namespace", "labels"}
    assert "status" not in manifest
    assert codes_of(graph, "warning") == ["manifest.server_fields", "manifest.status"]
    assert codes_of(graph) == []


@pytest.mark.parametrize(
    ("api_version", "kind", "spec", "sent"),
    [
        (
            "v1",
            "Service",
            {"clusterIP": "10.0.0.9", "clusterIPs": ["10.0.0.9"], "type": "ClusterIP"},
            {"type": "ClusterIP"},
        ),
        ("v1", "Service", {"clusterIP": "None", "clusterIPs": ["None"]}, {"clusterIP": "None", "clusterIPs": ["None"]}),
        ("v1", "PersistentVolumeClaim", {"volumeName": "pvc-1", "storageClassName": "a"}, {"storageClassName": "a"}),
        ("v1", "Pod", {"nodeName": "n1", "hostNetwork": True}, {"hostNetwork": True}),
        (
            "batch/v1",
            "Job",
            {
                "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}},
                "template": {"metadata": {"labels": {"controller-uid": "u", "job-name": "j", "a": "b"}}, "spec": {}},
            },
            {"template": {"metadata": {"labels": {"a": "b"}}, "spec": {}}},
        ),
    ],
)
def test_what_a_cluster_assigned_is_not_sent_and_a_persons_own_choice_is(
    api_version: str, kind: str, spec: dict[str, Any], sent: dict[str, Any]
):
    def drawn(**metadata: Any) -> Any:
        manifest = {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}
        return a_graph(a_node("manifest", "x", manifest=manifest))

    assert only(drawn(uid="u"), kind)["spec"] == sent
    assert only(drawn(labels={"a": "b"}), kind)["spec"] == spec
    assert codes_of(drawn(labels={"a": "b"}), "warning") == []
    [warning] = problems_of(drawn(uid="u"), "warning")
    assert "metadata.uid" in warning.detail
    assert all(f"spec.{key}" in warning.detail for key in spec.keys() - sent.keys())


def test_annotations_of_kubectl_and_the_controllers_are_not_sent():
    annotations = {
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "deployment.kubernetes.io/revision": "3",
        "pv.kubernetes.io/bind-completed": "yes",
        "example.com/own": "x",
    }
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"annotations": annotations}}
    graph = a_graph(a_node("manifest", "x", manifest=manifest))
    assert only(graph, "ConfigMap")["metadata"]["annotations"] == {"example.com/own": "x"}
    assert codes_of(graph, "warning") == ["manifest.server_fields"]


def test_the_namespace_of_the_environment_is_accepted_in_yaml_and_another_one_is_not():
    graph = a_graph(a_node("manifest", "c", manifest=PRINTED))
    assert codes_of(graph) == []
    with pytest.raises(InvalidInput) as refused:
        render_graph(graph, the_catalog(), namespace="other")
    assert [one.code for one in refused.value.problems] == ["manifest.namespace"]
    assert codes_of(a_graph(a_node("manifest", "c", manifest=PRINTED, namespace="x"))) == ["manifest.namespace"]


@pytest.mark.parametrize(
    ("api_version", "kind", "name", "accepted"),
    [
        ("rbac.authorization.k8s.io/v1", "ClusterRole", "system:shop:Reader", True),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "a/b", False),
        ("rbac.authorization.k8s.io/v1", "Role", "..", False),
        ("v1", "ConfigMap", "a:b", False),
        ("v1", "Service", "1web", False),
        ("v1", "Namespace", "a.b", False),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "a" * 60 + "." + "b" * 60, True),
    ],
)
def test_the_name_of_an_object_given_as_yaml_follows_the_rule_of_its_own_kind(
    api_version: str, kind: str, name: str, accepted: bool
):
    node = a_node("manifest", name, id="n", manifest={"apiVersion": api_version, "kind": kind})
    assert (codes_of(a_graph(node)) == []) is accepted
