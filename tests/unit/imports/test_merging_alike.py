"""A merge loses and mixes up nothing: objects of one name, what a kept node needs, lines that both have changed."""

from __future__ import annotations

from imports.domain.drawn import as_drawn, drawn_as
from imports.domain.merging import KEEP_ALL, merge
from tests.unit.imports.test_merging import graph, node, of
from workflows.domain.graphs.graph import Edge

MANIFEST = "apiVersion: {}\nkind: {}\nmetadata: {{name: shop}}\n"


def test_objects_of_one_name_that_no_kind_knows_stay_what_they_are() -> None:
    kinds = [
        ("monitoring.coreos.com/v1", "ServiceMonitor"),
        ("monitoring.coreos.com/v1", "PrometheusRule"),
        ("cert-manager.io/v1", "Certificate"),
    ]
    drawn = graph(*(node("shop", "manifest", id_=kind.lower(), manifest=MANIFEST.format(v, kind)) for v, kind in kinds))

    found = merge(drawn, drawn, drawn)

    assert found.graph == drawn
    assert found.conflicts == ()
    texts = [(one.id, one.parameters["manifest"].replace("/v1\n", "/v2\n")) for one in drawn.nodes]
    newer = graph(*(node("shop", "manifest", id_=f"new-{id_}", manifest=text) for id_, text in texts))
    later = merge(drawn, newer, drawn)
    assert [one.id for one in later.graph.nodes] == [one.id for one in drawn.nodes]
    assert all("/v2" in one.parameters["manifest"] for one in later.graph.nodes)


def test_what_a_kept_node_needs_stays_with_it() -> None:
    lines = (Edge("e", "db", "claim", "mounts", {"mount_path": "/data"}), Edge("f", "web", "db", "after"))
    web, claim = node("web", image="a"), node("claim", "persistentvolumeclaim")
    base = graph(web, node("db", image="pg"), claim, edges=lines)
    ours = graph(web, node("db", image="pg:16"), claim, edges=lines)

    kept = merge(ours, graph(web), base, {KEEP_ALL})
    assert {one.id for one in kept.graph.nodes} == {"web", "db", "claim"}
    assert kept.graph.edges == lines
    gone = merge(ours, graph(web), base)
    assert {one.id for one in gone.graph.nodes} == {"web"}


def test_a_line_whose_parameters_both_have_changed_is_one_line() -> None:
    nodes = (node("web", image="a"), node("claim", "persistentvolumeclaim"))

    def mounted(id_: str, **parameters: object) -> Edge:
        return Edge(id_, "web", "claim", "mounts", parameters)

    base = graph(*nodes, edges=(mounted("e", mount_path="/data"),))
    ours = graph(*nodes, edges=(mounted("e", mount_path="/data", read_only=True),))
    theirs = graph(*nodes, edges=(mounted("x", mount_path="/data", sub_path="x"),))

    found = merge(ours, theirs, base)
    assert found.graph.edges == (mounted("e", mount_path="/data", read_only=True, sub_path="x"),)
    assert found.conflicts == ()
    other = graph(*nodes, edges=(mounted("x", mount_path="/data", read_only="no"),))
    [conflict] = merge(ours, other, base).conflicts
    assert (conflict.node_id, conflict.ours, conflict.theirs) == ("web", True, "no")
    assert merge(ours, other, base, [conflict.id]).graph.edges == ours.edges
    assert of(found, "web") == nodes[0]


def test_what_was_drawn_under_another_id_is_found_under_it() -> None:
    first = graph(node("web", image="w:1"))
    ours = graph(node("web", image="w:1"), node("my-own-api", id_="api", image="mine:1"))
    second = graph(node("web", image="w:1"), node("api", image="a:1"))
    then = merge(ours, second, first)
    assert dict(then.ids) == {"web": "web", "api": "api-2"}
    drawn = drawn_as(second, then)

    third = graph(node("web", image="w:1"), node("api", image="a:2"))
    found = merge(then.graph, third, as_drawn(second, drawn, then.graph))
    assert [(one.id, one.parameters["image"]) for one in found.graph.nodes] == [
        ("web", "w:1"),
        ("api", "mine:1"),
        ("api-2", "a:2"),
    ]
    assert found.conflicts == ()
    gone = merge(then.graph, first, as_drawn(second, drawn, then.graph))
    assert [one.id for one in gone.graph.nodes] == ["web", "api"]


def test_what_was_not_drawn_is_nobody_elses_node() -> None:
    first = graph(node("web", image="w:1"), node("api", image="a:1"))
    without = graph(node("web", image="w:1"))
    then = merge(without, first, first)
    assert drawn_as(first, then) == [["api", None]]
    ours = graph(node("web", image="w:1"), node("my-own-api", id_="api", image="mine:1"))

    found = merge(ours, without, as_drawn(first, drawn_as(first, then), ours))
    assert found.graph == ours
    assert found.conflicts == ()
