"""Pods are replaced when what they read at their start has changed, unless the edge says otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from kubeorch.base.seal import KeyRing
from tests.unit.kinds.samples import a_graph, a_node, an_edge, the_catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.render import Rendered, render_graph
from workflows.domain.rendering.restarts import CONFIG_ANNOTATION, SECRETS_ANNOTATION, Read, with_secrets_digest


def the_workload(graph: Graph) -> Rendered:
    rendered = render_graph(graph, the_catalog(), namespace="shop")
    [found] = [one for one in rendered if one.node_id == "w" and one.ref.kind != "Service"]
    return found


def digest_of(one: Rendered, annotation: str = CONFIG_ANNOTATION) -> Any:
    spec = one.manifest["spec"]
    template = spec.get("template") or spec["jobTemplate"]["spec"]["template"]
    return (template["metadata"].get("annotations") or {}).get(annotation)


def a_drawing(
    data: dict[str, str], relation: str = "sets_env", kind: str = "deployment", patch: str | None = None, **edge: Any
) -> Graph:
    config = a_node("configmap", "settings", id="c", data=data, patch=patch)
    return a_graph(config, a_node(kind, "web", id="w"), edges=[an_edge("c", "w", relation, **edge)])


def restarts(one: Graph, other: Graph) -> bool:
    return bool(digest_of(the_workload(one)) != digest_of(the_workload(other)))


@pytest.mark.parametrize("kind", ["deployment", "statefulset", "daemonset"])
@pytest.mark.parametrize(
    ("relation", "edge"),
    [
        ("sets_env", {}),
        ("sets_env", {"keys": [{"key": "LEVEL", "name": "L"}]}),
        ("sets_env", {"restart": True}),
        ("mounts", {"sub_path": "LEVEL"}),
        ("mounts", {"restart": True}),
    ],
)
def test_other_content_is_another_pod_template(kind: str, relation: str, edge: dict[str, Any]):
    now, then = ({"LEVEL": level, "OTHER": "x"} for level in ("info", "debug"))
    assert restarts(a_drawing(now, relation, kind, **edge), a_drawing(then, relation, kind, **edge))
    assert not restarts(a_drawing(now, relation, kind, **edge), a_drawing(now, relation, kind, **edge))


@pytest.mark.parametrize(
    ("relation", "edge"),
    [("sets_env", {"restart": False}), ("mounts", {}), ("mounts", {"sub_path": "LEVEL", "restart": False})],
)
def test_pods_stay_when_the_edge_says_so_or_the_files_follow_by_themselves(relation: str, edge: dict[str, Any]):
    one = the_workload(a_drawing({"LEVEL": "info"}, relation, **edge))
    assert digest_of(one) is None


@pytest.mark.parametrize("kind", ["job", "cronjob"])
def test_a_job_is_not_run_again_because_its_configuration_changed(kind: str):
    assert digest_of(the_workload(a_drawing({"LEVEL": "info"}, kind=kind))) is None


def test_keys_that_the_pods_do_not_read_replace_nothing():
    keys = [{"key": "LEVEL", "name": "LEVEL"}]
    assert not restarts(a_drawing({"LEVEL": "a", "X": "1"}, keys=keys), a_drawing({"LEVEL": "a", "X": "2"}, keys=keys))


def test_content_that_a_patch_sets_counts():
    assert restarts(a_drawing({"A": "1"}), a_drawing({"A": "1"}, patch="data: {A: '2'}"))


def test_the_order_of_keys_and_of_edges_does_not_count():
    assert not restarts(a_drawing({"A": "1", "B": "2"}), a_drawing({"B": "2", "A": "1"}))


def test_several_edges_to_one_workload_count_together():
    def drawing(of_a: str, of_b: str) -> Graph:
        nodes = [a_node("configmap", name, id=name, data={"K": value}) for name, value in (("a", of_a), ("b", of_b))]
        edges = [an_edge(name, "w", "sets_env", prefix=name) for name in "ab"]
        return a_graph(*nodes, a_node("deployment", "web", id="w"), edges=edges)

    digests = {digest_of(the_workload(drawing(*values))) for values in (("1", "2"), ("1", "3"), ("2", "2"), ("2", "1"))}
    assert len(digests) == 4


def of_secret(**edge: Any) -> Rendered:
    secret = a_node("secret", "db", id="s", keys=["password", "tls.crt"])
    return the_workload(a_graph(secret, a_node("deployment", "web", id="w"), edges=[an_edge("s", "w", **edge)]))


def test_digests_of_secrets_are_handed_in_at_a_run():
    one = of_secret(relation="sets_env")
    assert one.reads == (Read("s", None),)
    assert digest_of(one, SECRETS_ANNOTATION) is None

    def with_values(password: str) -> Any:
        digests = {"s": {"password": password, "tls.crt": "x"}}
        manifest = with_secrets_digest(one.manifest, one.reads, digests)
        return manifest["spec"]["template"]["metadata"]["annotations"][SECRETS_ANNOTATION]

    assert with_values("1") == with_values("1") != with_values("2")
    assert with_secrets_digest(one.manifest, one.reads, {}) == one.manifest, "values applied before there were digests"
    assert of_secret(relation="sets_env", restart=False).reads == ()
    assert of_secret(relation="mounts").reads == ()


def test_a_fingerprint_needs_the_key_and_the_place():
    ring, other = KeyRing((b"a" * 32,)), KeyRing((b"b" * 32,))
    made = ring.fingerprint(b"hunter2", aad="env/s/password")
    assert made == ring.fingerprint(b"hunter2", aad="env/s/password")
    others = {other.fingerprint(b"hunter2", aad="env/s/password"), ring.fingerprint(b"hunter2", aad="env/s/key")}
    assert made not in others | {ring.fingerprint(b"hunter3", aad="env/s/password")}
