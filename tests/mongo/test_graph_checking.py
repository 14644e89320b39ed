"""Checking a graph by its connected parts finds what checking the whole finds, the first time and again."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.catalog import catalog
from workflows.domain.graphs.check import check
from workflows.domain.graphs.graph import Graph, graph_from_stored
from workflows.graphs.checking import problems_of_graph

KINDS = [
    ("deployment", {"image": "nginx:1.27", "replicas": 2}),
    ("deployment", {"replicas": -1}),
    ("service", {"port": 80}),
    ("service", {}),
    ("configmap", {"data": {"A": "1"}}),
    ("hpa", {"max_replicas": 3}),
    ("ingress", {"host": "not a host"}),
]
JOINED = {
    ("service", "deployment"): "exposes",
    ("configmap", "deployment"): "sets_env",
    ("hpa", "deployment"): "scales",
}


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(KINDS), max_size=10))
    nodes = [
        {
            "id": f"n{i}",
            "kind": kind,
            "name": f"n{i}",
            "position": {"x": 0, "y": 0},
            "parameters": dict(given),
            "patch": None,
        }
        for i, (kind, given) in enumerate(chosen)
    ]
    pairs = [
        (one["id"], other["id"], JOINED[one["kind"], other["kind"]])
        for one in nodes
        for other in nodes
        if (one["kind"], other["kind"]) in JOINED
    ]
    drawn = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=8)) if pairs else []
    edges = [
        {"id": f"e{i}", "source": source, "target": target, "relation": relation, "parameters": {}}
        for i, (source, target, relation) in enumerate(drawn)
    ]
    return {"nodes": nodes, "edges": edges}


def told(problems: Any) -> list[str]:
    return sorted(repr(problem) for problem in problems)


@settings(max_examples=150, deadline=None)
@given(rows=graphs())
def test_checking_by_parts_finds_what_checking_the_whole_finds(rows: dict[str, Any]):
    graph: Graph = graph_from_stored(rows)
    whole = told(check(graph, catalog()))

    assert told(problems_of_graph(graph)) == whole
    assert told(problems_of_graph(graph)) == whole, "looked up, it is the same"


def test_a_change_in_a_neighbour_is_checked_again():
    def graph(image: str | None) -> dict[str, Any]:
        parameters = {"image": image} if image else {}
        return {
            "nodes": [
                {"id": "w", "kind": "deployment", "name": "w", "position": {}, "parameters": parameters, "patch": None},
                {"id": "s", "kind": "service", "name": "s", "position": {}, "parameters": {"port": 80}, "patch": None},
            ],
            "edges": [{"id": "e", "source": "s", "target": "w", "relation": "exposes", "parameters": {}}],
        }

    sound, broken = graph("nginx"), graph(None)

    assert problems_of_graph(graph_from_stored(sound)) == tuple(check(graph_from_stored(sound), catalog()))
    assert [one.code for one in problems_of_graph(graph_from_stored(broken)) if one.severity == "error"]
