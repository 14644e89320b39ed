"""What is the same object of a cluster: whatever the API version, whoever draws it, wherever its kind lives."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.objects import Ref
from kubeorch.base.errors import InvalidInput
from tests.unit.kinds.samples import a_graph, a_node, problems_of, the_catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.identity import finder
from workflows.domain.rendering.plan import Action, Owned, make_plan
from workflows.domain.rendering.render import render_graph

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec: {group: example.com, scope: SCOPE, names: {kind: Zone, plural: zones}}
"""


def yaml_node(id_: str, api_version: str, kind: str, name: str = "web", **more: Any) -> dict[str, Any]:
    return a_node("manifest", name, id=id_, manifest=f"apiVersion: {api_version}\nkind: {kind}\n", **more)


HPA = "HorizontalPodAutoscaler"
AS_OBJECT, AS_JSON = {"apiVersion": "v1", "kind": "ConfigMap"}, '{"kind": "ConfigMap", "apiVersion": "v1"}'


def refs(graph: Graph, **options: Any) -> set[Ref]:
    return {one.ref for one in render_graph(graph, the_catalog(), namespace="shop", **options)}


ZONE = yaml_node("z", "example.com/v1", "Zone", "north")


@pytest.mark.parametrize(("scope", "namespace"), [("Cluster", ""), ("Namespaced", "shop")])
def test_the_drawn_definition_says_whether_its_objects_have_a_namespace(scope: str, namespace: str):
    definition = a_node("manifest", "zones.example.com", id="crd", manifest=CRD.replace("SCOPE", scope))
    assert Ref("example.com/v1", "Zone", namespace, "north") in refs(a_graph(definition, ZONE))


@pytest.mark.parametrize(("said", "namespace"), [(True, ""), (False, "shop"), (None, "shop")])
def test_the_cluster_says_whether_a_kind_has_a_namespace(said: bool | None, namespace: str):
    assert refs(a_graph(ZONE), scope=lambda ref: said) == {Ref("example.com/v1", "Zone", namespace, "north")}


def test_a_manifest_of_a_cluster_wide_kind_has_no_namespace_even_if_its_node_has_one():
    node = {**ZONE, "parameters": {**ZONE["parameters"], "namespace": "other"}}
    [one] = render_graph(a_graph(node), the_catalog(), namespace="shop", scope=lambda ref: True)
    assert "namespace" not in one.manifest["metadata"]
    assert one.ref.namespace == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (yaml_node("a", "autoscaling/v1", HPA), a_node("hpa", "web", id="b")),
        (yaml_node("a", "autoscaling/v1", HPA), yaml_node("b", "autoscaling/v2", HPA)),
        (yaml_node("a", "v1", "ConfigMap"), a_node("configmap", "web", id="b")),
        (yaml_node("a", "v1", "ConfigMap"), a_node("manifest", "web", id="b", manifest=AS_OBJECT)),
        (
            yaml_node("a", "rbac.authorization.k8s.io/v1", "ClusterRole", namespace="x"),
            yaml_node("b", "rbac.authorization.k8s.io/v1", "ClusterRole"),
        ),
        (yaml_node("a", "v1", "ConfigMap"), a_node("manifest", "web", id="b", manifest=AS_JSON)),
    ],
)
def test_two_nodes_for_one_object_are_a_problem_that_names_both(one: dict[str, Any], other: dict[str, Any]):
    found = [problem for problem in problems_of(a_graph(one, other)) if problem.code == "graph.duplicate_name"]
    assert [problem.node_ids for problem in found] == [("a", "b")]
    with pytest.raises(InvalidInput) as refused:
        render_graph(a_graph(one, other), the_catalog(), namespace="shop")
    assert "graph.duplicate_name" in [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (yaml_node("a", "v1", "ConfigMap"), yaml_node("b", "v1", "Service")),
        (yaml_node("a", "serving.knative.dev/v1", "Service"), a_node("service", "web", id="b")),
        (yaml_node("a", "v1", "ConfigMap", namespace="x"), yaml_node("b", "v1", "ConfigMap")),
        (yaml_node("a", "v1", "ConfigMap", "one"), yaml_node("b", "v1", "ConfigMap", "two")),
        (yaml_node("a", "v1", "${KIND}"), yaml_node("b", "v1", "${KIND}")),
        (yaml_node("a", "v1", "[Config"), yaml_node("b", "v1", "ConfigMap")),
    ],
)
def test_other_objects_may_share_a_name(one: dict[str, Any], other: dict[str, Any]):
    assert "graph.duplicate_name" not in [problem.code for problem in problems_of(a_graph(one, other))]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Ref("a/v1", "K", "x", "n"), Ref("a/v2", "K", "x", "n"), True),
        (Ref("a/v1", "K", "", "n"), Ref("a/v1", "K", "guess", "n"), True),
        (Ref("a/v1", "K", "guess", "n"), Ref("a/v1", "K", "", "n"), True),
        (Ref("a/v1", "K", "x", "n"), Ref("a/v1", "K", "y", "n"), False),
        (Ref("a/v1", "K", "x", "n"), Ref("b/v1", "K", "x", "n"), False),
        (Ref("v1", "K", "x", "n"), Ref("v1", "L", "x", "n"), False),
    ],
)
def test_an_object_is_found_by_group_kind_namespace_and_name(one: Ref, other: Ref, same: bool):
    assert (finder([one])(other) == one) is same


def test_an_object_whose_namespace_was_guessed_is_not_deleted_when_its_scope_is_known():
    [drawn] = render_graph(a_graph(ZONE), the_catalog(), namespace="shop", scope=lambda ref: True)
    owned = Owned(Ref("example.com/v1", "Zone", "shop", "north"), "z", "uid", 2)
    assert [step.action for step in make_plan([drawn], [owned]).steps] == [Action.APPLY]


@pytest.mark.parametrize(("kind", "unsaid"), [("RoleBinding", None), ("ClusterRoleBinding", "shop")])
def test_a_binding_names_the_namespace_of_accounts_where_it_has_to(kind: str, unsaid: str | None):
    """A RoleBinding may leave it out, and the API server keeps it so; the empty text stands for the environment's."""
    text = f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}}
subjects:
- {{kind: ServiceAccount, name: unsaid}}
- {{kind: ServiceAccount, name: own, namespace: ""}}
- {{kind: ServiceAccount, name: theirs, namespace: other}}
- {{kind: User, name: ann}}
"""
    [one] = render_graph(a_graph(a_node("manifest", "reads", manifest=text)), the_catalog(), namespace="shop")
    found = [(subject["name"], subject.get("namespace")) for subject in one.manifest["subjects"]]
    assert found == [("unsaid", unsaid), ("own", "shop"), ("theirs", "other"), ("ann", None)]
