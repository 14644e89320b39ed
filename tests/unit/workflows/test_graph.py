"""Structure of a graph: everything that refuses a save, all at once, with node and edge ids."""

from __future__ import annotations

from typing import Any

import pytest

from kubeorch.base.errors import InvalidInput, Problem
from tests.support.steps import counted_steps
from tests.unit.kinds.samples import a_graph, a_node, an_edge, codes_of, problems_of, the_catalog
from workflows.domain.graphs.check import check
from workflows.domain.graphs.file import parse_workflow_file, workflow_file
from workflows.domain.graphs.graph import graph_from_stored, graph_to_dict
from workflows.domain.graphs.plain_secrets import COPY
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.rendering.digest import content_digest_of, content_hash, graph_content
from workflows.domain.rendering.render import render_graph


def refused(raw: Any) -> list[Problem]:
    with pytest.raises(InvalidInput) as caught:
        parse_graph(raw, the_catalog())
    assert caught.value.code == "graph.invalid"
    return list(caught.value.problems)


def codes(raw: Any) -> list[str]:
    return [problem.code for problem in refused(raw)]


def test_all_structural_problems_come_at_once():
    raw = {
        "nodes": [
            a_node("deployment", "web", id="a"),
            a_node("deployment", "web", id="b"),
            a_node("configmap", "web", id="c"),
            {"id": "d", "kind": "unknown", "name": "d", "parameters": {}},
            a_node("service", "far", id="far", namespace="other"),
        ],
        "edges": [
            an_edge("c", "a", "mounts") | {"id": "one"},
            an_edge("c", "a", "mounts") | {"id": "two"},
            an_edge("c", "gone", "mounts"),
            an_edge("a", "a", "after"),
            an_edge("a", "c", "mounts"),
            an_edge("far", "a", "exposes"),
        ],
    }

    found = {problem.code: problem for problem in refused(raw)}

    assert found.keys() == {
        "graph.unknown_kind",
        "graph.duplicate_name",
        "graph.duplicate_edge",
        "graph.dangling_edge",
        "graph.self_edge",
        "graph.wrong_pair",
        "graph.cross_namespace",
        "graph.cycle",
    }
    assert found["graph.duplicate_name"].node_ids == ("a", "b")
    assert found["graph.duplicate_edge"].edge_ids == ("one", "two")
    assert set(found["graph.cycle"].node_ids) == {"a", "c"}
    assert all(problem.node_ids or problem.edge_ids for problem in found.values())
    assert all(
        "remove" in one.detail or "rename" in one.detail or "cannot" in one.detail or "no kind" in one.detail
        for one in found.values()
    )


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "graph.form"),
        ([], "graph.form"),
        ({"nodes": {}}, "graph.form"),
        ({"nodes": [1]}, "graph.form"),
        ({"nodes": [{"id": "A b", "kind": "service", "name": "x"}]}, "graph.bad_id"),
        ({"nodes": [{"id": "-a", "kind": "service", "name": "x"}]}, "graph.bad_id"),
        ({"nodes": [{"id": "a" * 41, "kind": "service", "name": "x"}]}, "graph.bad_id"),
        ({"nodes": [{"id": "a", "kind": {"$ne": 1}, "name": "x"}]}, "graph.form"),
        ({"nodes": [{"id": "a", "kind": "service", "name": {"$ne": 1}}]}, "graph.form"),
        ({"nodes": [{"id": "a", "kind": "service", "name": "x", "parameters": {"$where": 1}}]}, "value.key"),
        ({"nodes": [{"id": "a", "kind": "service", "name": "x", "parameters": {"port": {"$ne": 1}}}]}, "value.key"),
        (
            {"nodes": [{"id": "a", "kind": "service", "name": "x", "parameters": {"a": float("nan")}}]},
            "value.not_finite",
        ),
        ({"nodes": [{"id": "a", "kind": "service", "name": "x", "parameters": {"a": "\0"}}]}, "value.nul"),
        (
            {"nodes": [{"id": "a", "kind": "service", "name": "x", "parameters": {"a": "x" * 600_000}}]},
            "value.too_long",
        ),
        ({"nodes": [{"id": "a", "kind": "service", "name": "x", "parameters": {"a": 2**64}}]}, "value.too_large"),
        ({"nodes": [{"id": "a", "kind": "service", "name": "x", "parameters": {"a": "\ud800"}}]}, "value.not_text"),
        (
            {"nodes": [{"id": "a", "kind": "service", "name": "x", "position": {"x": float("inf"), "y": 0}}]},
            "graph.form",
        ),
        ({"nodes": [{"id": "a", "kind": "service", "name": "x", "status": "ready"}]}, "graph.form"),
        ({"nodes": [{"id": "a", "kind": "service", "name": "x"}] * 5_001}, "graph.too_many_nodes"),
        ({"nodes": [], "edges": [{}] * 20_001}, "graph.too_many_edges"),
        ({"nodes": [{"id": "a", "kind": "service", "name": "x"}] * 2}, "graph.duplicate_id"),
    ],
)
def test_a_graph_that_cannot_be_stored_is_refused_with_the_code_of_each_problem(raw: Any, code: str):
    assert code in codes(raw)


def test_a_deeply_nested_value_is_refused():
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert codes({"nodes": [a_node("configmap", data=deep)]}) == ["value.too_deep"]


def test_a_field_problem_is_reported_with_advice_and_does_not_refuse_the_graph():
    graph = a_graph(a_node("deployment", "web", id="w", image="no spaces allowed", replicas=-1, replica=2))

    problems = {problem.field: problem for problem in problems_of(graph)}

    assert problems.keys() == {f"nodes.w.parameters.{name}" for name in ("image", "replicas", "replica")}
    assert "did you mean 'replicas'" in problems["nodes.w.parameters.replica"].detail


@pytest.mark.parametrize(
    ("kind", "parameters", "code"),
    [
        ("deployment", {"image": None}, "parameter.required"),
        ("deployment", {"image": " "}, "parameter.required"),
        ("deployment", {"replicas": "3"}, "parameter.type"),
        ("deployment", {"replicas": True}, "parameter.type"),
        ("deployment", {"replicas": 1.5}, "parameter.type"),
        ("deployment", {"replicas": {"ne": 1}}, "parameter.type"),
        ("deployment", {"port": 0}, "parameter.range"),
        ("deployment", {"port": 65536}, "parameter.range"),
        ("deployment", {"strategy": "Blue"}, "parameter.option"),
        ("deployment", {"resources": {"requests": {"cpu": "half"}}}, "parameter.format"),
        (
            "deployment",
            {"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1500m"}}},
            "resources.request_over_limit",
        ),
        ("deployment", {"env": {"1A": "x"}}, "parameter.format"),
        ("deployment", {"env": {"A": {"x": 1}}}, "parameter.type"),
        ("deployment", {"ports": [{"port": 1, "name": "a-name-too-long-for-a-port"}]}, "parameter.format"),
        ("deployment", {"ports": [{"port": 1}, {"port": 1}]}, "parameter.duplicate"),
        ("deployment", {"labels": {"a b": "x"}}, "parameter.format"),
        ("deployment", {"labels": {"a": "x" * 64}}, "parameter.format"),
        ("deployment", {"volumes": [{"name": "a", "type": "claim"}]}, "parameter.required"),
        ("deployment", {"liveness_probe": {"type": "http"}}, "probe.no_port"),
        ("service", {"load_balancer_source_ranges": ["10.0.0.0/33"], "type": "LoadBalancer"}, "parameter.format"),
        ("cronjob", {"schedule": "61 * * * *"}, "parameter.format"),
        ("hpa", {"target_name": "web"}, "hpa.no_metric"),
        ("hpa", {"target_name": "web", "cpu_utilization": 1, "min_replicas": 5, "max_replicas": 2}, "hpa.range"),
        ("ingress", {}, "ingress.no_rule"),
        ("secret", {"type": "kubernetes.io/tls", "keys": ["tls.crt"]}, "secret.keys_missing"),
        ("manifest", {"manifest": "kind: X"}, "manifest.api_version"),
        ("manifest", {"manifest": "a: 1\na: 2"}, "yaml.duplicate_key"),
        ("manifest", {"manifest": f"apiVersion: v1\nkind: X\na: {2**70}"}, "yaml.too_large"),
        ("networkpolicy", {"egress_rules": [{"to": [{"type": "pods"}]}]}, "networkpolicy.rules_without_type"),
    ],
)
def test_a_wrong_value_is_reported_with_a_code(kind: str, parameters: dict[str, Any], code: str):
    assert code in codes_of(a_graph(a_node(kind, **parameters)))


@pytest.mark.parametrize("given", [None, []])
def test_a_list_that_needs_an_entry_says_what_to_add(given: Any):
    graph = a_graph(a_node("gateway", "front", gateway_class="nginx", listeners=given))
    assert [one.detail for one in problems_of(graph) if "listeners" in (one.field or "")] == [
        "Listeners: add at least one listener"
    ]


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        ("service", "1web", "name.format"),
        ("service", "a" * 64, "name.too_long"),
        ("deployment", "Web", "name.format"),
        ("deployment", "", "name.required"),
        ("cronjob", "a" * 53, "name.too_long"),
        ("statefulset", "a.b", "name.format"),
    ],
)
def test_a_name_is_checked_by_the_rule_of_its_kind(kind: str, name: str, code: str):
    assert code in codes_of(a_graph(a_node(kind, name, id="n")))


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ("a: [", "patch.invalid"),
        ("- 1", "patch.invalid"),
        ("kind: Pod", "patch.identity"),
        ("metadata: {name: other}", "patch.identity"),
        ("metadata: null", "patch.identity"),
        ("metadata: {labels: {app: other}}", "patch.identity"),
        ("metadata: {labels: {kubeorch.dev/node: x}}", "patch.identity"),
        ("spec: {template: {metadata: {labels: {app: x}}}}", "patch.identity"),
        ("spec: null", "patch.identity"),
    ],
)
def test_a_patch_cannot_change_who_the_object_is(patch: str, code: str):
    assert code in codes_of(a_graph(a_node("deployment", patch=patch)))


SECRET = "apiVersion: v1\nkind: Secret\n"


@pytest.mark.parametrize(
    ("node", "place"),
    [
        (a_node("manifest", manifest=SECRET + "data: {a: Yg==}"), "parameters.manifest.data"),
        (a_node("manifest", manifest=SECRET + "stringData: {a: b}"), "parameters.manifest.stringData"),
        (a_node("manifest", manifest={"kind": "Secret", "data": {"a": "Yg=="}}), "parameters.manifest.data"),
        (a_node("manifest", manifest='"kind": "\\x53ecret"\n"data": {a: b}'), "parameters.manifest.data"),
        (
            a_node("manifest", manifest="kind: List\nitems: [{kind: Secret, data: {a: b}}]"),
            "parameters.manifest.items.0.data",
        ),
        (
            a_node("manifest", manifest=SECRET + "metadata: {annotations: {" + COPY + ": '{}'}}"),
            f"parameters.manifest.metadata.annotations.{COPY}",
        ),
        (a_node("manifest", manifest=SECRET + "stringData:\n  a: b\n bad"), "parameters.manifest"),
        (a_node("manifest", manifest="kind: ${KIND}\ndata: {a: b}"), "parameters.manifest.data"),
        (a_node("manifest", manifest="kind: Sec${REST}\ndata:\n  a: b\n bad"), "parameters.manifest"),
        (a_node("manifest", manifest=SECRET, patch="stringData: {a: b}"), "patch.stringData"),
        (a_node("secret", keys=["a"], patch="data: {a: Yg==}"), "patch.data"),
        (a_node("secret", keys=["a"], patch="data: {a: Yg=="), "patch"),
    ],
)
def test_a_graph_with_values_of_a_secret_is_refused(node: dict[str, Any], place: str):
    with pytest.raises(InvalidInput) as caught:
        a_graph(node)
    [problem] = caught.value.problems
    assert (problem.code, problem.field) == ("graph.secret_values", f"nodes.{node['id']}.{place}")
    assert place in problem.detail
    assert "give the values when you run" in problem.detail


@pytest.mark.parametrize(
    "node",
    [
        a_node("manifest", manifest=SECRET + "type: Opaque"),
        a_node("manifest", manifest=SECRET + "data: {}"),
        a_node("manifest", manifest="apiVersion: v1\nkind: ConfigMap\ndata: {kind: Secret}"),
        a_node("configmap", data={"kind": "Secret", "data": "x"}),
        a_node("configmap", patch="data: {a: b}"),
        a_node("manifest", manifest="apiVersion: v1\nkind: ConfigMap\ndata: {a: '${VALUE}'}"),
        a_node("secret", keys=["a"], patch="metadata: {annotations: {note: data}}"),
    ],
)
def test_a_node_without_values_of_a_secret_is_accepted(node: dict[str, Any]):
    a_graph(node)


def test_a_secret_that_a_variable_completes_is_refused_by_a_run_of_a_graph_stored_before_that_rule():
    node = a_node("manifest", manifest="apiVersion: v1\nkind: ${KIND}\ndata: {a: b}")
    graph = graph_from_stored({"nodes": [node], "edges": []})
    found = [one.code for one in check(graph, the_catalog(), variables={"KIND": "Secret"})]
    assert "manifest.secret" in found


def test_a_patch_is_merged_last_with_null_deleting():
    graph = a_graph(a_node("deployment", "web", port=80, patch="spec: {replicas: null, minReadySeconds: 3}"))
    [one] = render_graph(graph, the_catalog(), namespace="shop")
    assert "replicas" not in one.manifest["spec"]
    assert one.manifest["spec"]["minReadySeconds"] == 3


def test_an_edge_without_a_relation_takes_the_usual_one():
    graph = a_graph(a_node("configmap", id="c"), a_node("deployment", id="d"), edges=[an_edge("c", "d")])
    assert graph.edges[0].relation == "mounts"


def test_one_service_sends_traffic_to_one_workload():
    nodes = [a_node("service", id="s"), a_node("deployment", "a", id="a"), a_node("deployment", "b", id="b")]
    assert codes({"nodes": nodes, "edges": [an_edge("s", "a"), an_edge("s", "b")]}) == ["graph.one_link_only"]


def test_a_loop_in_the_order_of_applying_is_refused_even_if_the_arrows_form_none():
    nodes = [a_node("configmap", id="c"), a_node("deployment", id="d")]
    edges = [an_edge("c", "d", "mounts"), an_edge("c", "d", "after")]
    assert codes({"nodes": nodes, "edges": edges}) == ["graph.cycle"]


def test_warnings_are_not_errors():
    graph = a_graph(
        a_node("persistentvolumeclaim", id="p"),
        a_node("deployment", id="d", replicas=2, volumes=[{"name": "h", "type": "host_path", "path": "/x"}]),
        edges=[an_edge("p", "d")],
    )
    assert codes_of(graph) == []
    assert codes_of(graph, "warning") == ["claim.single_writer", "volume.host_path"]


@pytest.mark.parametrize("parameters", [{"image": None}, {"image": None, "labels": 1}])
def test_a_problem_of_one_node_causes_no_warning_at_the_node_connected_to_it(parameters: dict[str, Any]):
    nodes = [a_node("service", id="s"), a_node("deployment", id="d", **parameters), a_node("service", "lone", id="l")]
    graph = a_graph(*nodes, edges=[an_edge("s", "d")])
    warned = [one.node_ids for one in problems_of(graph, "warning")]
    assert warned == [("l",)]


def test_two_mounts_at_one_path_are_refused():
    graph = a_graph(
        a_node("configmap", id="c", mount_path="/x"),
        a_node("deployment", id="d", volumes=[{"name": "v", "mount_path": "/x"}]),
        edges=[an_edge("c", "d")],
    )
    assert codes_of(graph) == ["mount.collision"]


def test_two_nodes_for_one_object_are_refused_at_the_rendering():
    graph = a_graph(a_node("statefulset", "db"), a_node("service", "db-headless"))
    with pytest.raises(InvalidInput) as caught:
        render_graph(graph, the_catalog(), namespace="shop")
    assert [problem.code for problem in caught.value.problems] == ["graph.duplicate_name"]


def test_the_dict_form_and_the_graph_are_the_same():
    graph = a_graph(a_node("configmap", id="c"), a_node("deployment", id="d", patch="a: 1"), edges=[an_edge("c", "d")])
    assert parse_graph(graph_to_dict(graph), the_catalog()) == graph
    assert graph_from_stored(graph_to_dict(graph)) == graph


def a_large_graph(deployments: int) -> dict[str, Any]:
    """So many Deployments, four ConfigMaps for each, and five edges from each ConfigMap."""
    configs = deployments * 4
    nodes = [a_node("deployment", f"d{i}", id=f"d{i}", port=80) for i in range(deployments)]
    nodes += [a_node("configmap", f"c{i}", id=f"c{i}", data={"a": "b"}) for i in range(configs)]
    edges = [
        an_edge(f"c{i}", f"d{(i + step) % deployments}", "sets_env") | {"id": f"e{i}-{step}"}
        for i in range(configs)
        for step in range(5)
    ]
    return {"nodes": nodes, "edges": edges}


def test_the_largest_graph_is_accepted():
    graph = parse_graph(a_large_graph(1000), the_catalog())
    assert [one for one in check(graph, the_catalog()) if one.severity == "error"] == []


def test_reading_and_checking_a_graph_takes_steps_in_proportion_to_its_size():
    """`make bench` measures the seconds."""

    def steps(deployments: int) -> tuple[int, int]:
        raw = a_large_graph(deployments)
        with counted_steps() as reading:
            graph = parse_graph(raw, the_catalog())
        with counted_steps() as checking:
            check(graph, the_catalog())
        return reading.count, checking.count

    steps(5)  # what is compiled once
    for small, large in zip(steps(20), steps(80), strict=True):
        assert large < 4.5 * small


def test_the_title_of_a_frame_is_kept_with_a_node_and_means_nothing_to_the_cluster():
    plain = {"nodes": [a_node("deployment", "web", id="a", image="nginx")], "edges": []}
    framed = {"nodes": [{**plain["nodes"][0], "group": "front"}], "edges": []}
    graph, without = parse_graph(framed, the_catalog()), parse_graph(plain, the_catalog())
    assert graph_to_dict(graph)["nodes"][0]["group"] == "front"
    assert "group" not in graph_to_dict(without)["nodes"][0]
    assert graph_from_stored(graph_to_dict(graph)) == graph
    assert content_hash(graph) == content_hash(without)
    assert graph_content(graph).digest == graph_content(without).digest == content_digest_of(graph_to_dict(graph))
    rendered = [render_graph(one, the_catalog(), namespace="n", variables={}) for one in (graph, without)]
    assert [one.manifest for one in rendered[0]] == [one.manifest for one in rendered[1]]
    _, raw = parse_workflow_file(workflow_file(graph, {"name": "shop"}), the_catalog())
    assert parse_graph(raw, the_catalog()) == graph


@pytest.mark.parametrize("group", ["x" * 61, "a\nb", " a", "a ", "\u202ea", "\0", 7, ["a"], {"a": 1}, True])
def test_the_title_of_a_frame_is_one_line_of_bounded_text(group: Any):
    [problem] = refused({"nodes": [{**a_node("deployment", "web", id="a", image="nginx"), "group": group}]})
    assert (problem.code, problem.field, problem.node_ids) == ("graph.form", "nodes.a.group", ("a",))
    assert "one line of text (max 60 characters)" in problem.detail


@pytest.mark.parametrize("group", [None, ""])
def test_no_title_is_no_frame(group: Any):
    raw = {"nodes": [{**a_node("deployment", "web", id="a", image="nginx"), "group": group}]}
    assert "group" not in graph_to_dict(parse_graph(raw, the_catalog()))["nodes"][0]
