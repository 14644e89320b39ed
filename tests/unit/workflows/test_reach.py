"""Which rendered objects reach beyond the namespace of their environment."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.objects import Ref
from tests.unit.kinds.samples import a_graph, a_node, object_kinds, the_catalog
from workflows.domain.rendering.reach import Beyond, Reaching, reaching
from workflows.domain.rendering.render import Rendered, render_graph


def rendered(*nodes: dict[str, Any]) -> list[Rendered]:
    return render_graph(a_graph(*nodes), the_catalog(), namespace="shop")


def a_manifest(api_version: str, kind: str, name: str = "x", **more: Any) -> dict[str, Any]:
    content = {"apiVersion": api_version, "kind": kind, **more}
    return a_node("manifest", name, id=name, manifest=content)


def beyond(*nodes: dict[str, Any], **options: Any) -> dict[str, set[str]]:
    return {one.node_id: set(one.beyond) for one in reaching(rendered(*nodes), "shop", **options)}


@pytest.mark.parametrize("kind", [one for one in object_kinds() if one != "manifest"])
def test_a_typed_node_stays_in_the_namespace_unless_it_names_another(kind: str):
    assert beyond(a_node(kind, "one", id="one")) == {}
    assert beyond(a_node(kind, "one", id="one", namespace="shop")) == {}
    assert beyond(a_node(kind, "one", id="one", namespace="other")) == {"one": {"namespace"}}


@pytest.mark.parametrize(
    ("api_version", "kind", "expected"),
    [
        ("v1", "ConfigMap", set()),
        ("batch/v1", "Job", set()),
        ("v1", "Namespace", {"cluster"}),
        ("v1", "PersistentVolume", {"cluster"}),
        ("storage.k8s.io/v1", "StorageClass", {"cluster"}),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", {"cluster"}),
        ("rbac.authorization.k8s.io/v1", "Role", {"rbac"}),
        ("rbac.authorization.k8s.io/v1beta1", "RoleBinding", {"rbac"}),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", {"cluster", "rbac"}),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", {"cluster", "rbac"}),
        ("serving.knative.dev/v1", "ClusterRole", set()),
    ],
)
def test_cluster_scoped_kinds_and_kinds_that_give_rights_are_found(api_version: str, kind: str, expected: set[str]):
    assert beyond(a_manifest(api_version, kind)).get("x", set()) == expected


def test_a_manifest_in_another_namespace_is_found_with_that_namespace():
    node = a_node("manifest", "x", id="x", namespace="kube-system", manifest={"apiVersion": "v1", "kind": "ConfigMap"})
    [found] = reaching(rendered(node), "shop")
    assert found == Reaching("x", Ref("v1", "ConfigMap", "kube-system", "x"), frozenset({Beyond.NAMESPACE}))


def test_a_custom_kind_is_cluster_scoped_when_its_drawn_definition_or_the_cluster_says_so():
    spec = {"group": "example.com", "scope": "Cluster", "names": {"kind": "Gadget"}}
    definition = a_manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition", "gadgets.example.com", spec=spec)
    definition["id"] = "crd"
    gadget = a_manifest("example.com/v1", "Gadget", "g")

    assert beyond(gadget) == {}
    assert beyond(definition, gadget) == {"crd": {"cluster"}, "g": {"cluster"}}
    assert beyond(gadget, scope=lambda ref: ref.kind == "Gadget") == {"g": {"cluster"}}
    assert beyond(gadget, scope=lambda ref: None) == {}
