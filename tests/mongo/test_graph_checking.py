"""Checking a graph by its connected parts finds what checking the whole finds, the first time and again."""

from __future__ import annotations

import copy
import json
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeorch.base.errors import InvalidInput
from tests.support.searches import searched
from tests.support.seeds import SEED
from workflows.catalog import catalog
from workflows.domain.graphs.check import check
from workflows.domain.graphs.graph import Graph, graph_from_stored
from workflows.graphs.checking import CheckedGraph, check_graph, check_json_graph, problems_of_graph

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


@searched(150)
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


EDITS = 400
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  password: hunter2\n"
CHANGES: list[tuple[str, Any]] = [
    ("kind", "configmap"),
    ("kind", "deployment"),
    ("name", "n1"),
    ("name", "other"),
    ("name", ""),
    ("position", {"x": 4.5, "y": 1}),
    ("patch", "spec:\n  paused: true\n"),
    ("patch", SECRET),
    ("parameters", {"image": "nginx:1.27", "namespace": "elsewhere"}),
    ("parameters", {"image": "nginx:1.27", "replicas": 1}),
    ("parameters", {"image": "nginx:1.27", "replicas": 1.0}),
    ("parameters", {"image": "nginx:1.27", "replicas": True}),
    ("parameters", {"data": {"A": "1"}}),
    ("parameters", {"yaml": SECRET}),
    ("parameters", {"replicas": "${COUNT}"}),
    ("id", "n1"),
    ("id", "Not an id"),
    ("unknown", 1),
]


def edit(raw: dict[str, Any], chance: Random) -> None:
    """What a person, or a program, may change between two saves."""
    nodes, edges = raw["nodes"], raw["edges"]
    what = chance.choice(["node", "node", "node", "node", "add", "remove", "join", "cut", "turn", "edge"])
    if what == "node" and nodes:
        name, value = chance.choice(CHANGES)
        chance.choice(nodes)[name] = copy.deepcopy(value)
    elif what == "add":
        kind, parameters = chance.choice(KINDS)
        new = {"id": f"m{chance.randrange(10**6)}", "kind": kind, "name": f"m{chance.randrange(99)}"}
        nodes.insert(chance.randint(0, len(nodes)), {**new, "parameters": dict(parameters)})
    elif what == "remove" and nodes:
        nodes.pop(chance.randrange(len(nodes)))
    elif what == "join" and nodes:
        ends = (chance.choice(nodes)["id"], chance.choice(nodes)["id"])
        edges.append({"id": f"j{chance.randrange(10**6)}", "source": ends[0], "target": ends[1]})
    elif what == "cut" and edges:
        edges.pop(chance.randrange(len(edges)))
    elif what == "turn" and edges:
        chance.shuffle(edges)
    elif what == "edge" and edges:
        chance.choice(edges)["relation"] = chance.choice(["exposes", "mounts", "scales", "nothing"])


def outcome(check_it: Any) -> tuple[CheckedGraph | None, Any]:
    try:
        found = check_it()
    except InvalidInput as error:
        return None, (error.code, error.detail, told(error.problems))
    return found, (
        found.graph,
        found.written,
        found.content,
        told(found.problems),
        [repr(node) for node in found.graph.nodes],
    )


@pytest.mark.parametrize("number", range(4))
def test_a_graph_checked_after_any_other_is_as_if_it_were_checked_alone(number: int) -> None:
    chance = Random(f"{SEED}:{number}")
    raw: dict[str, Any] = {"nodes": [], "edges": []}
    before: CheckedGraph | None = None
    good = copy.deepcopy(raw)
    refused = 0
    for _ in range(EDITS):
        edit(raw, chance)
        now, again = outcome(partial(check_json_graph, json.loads(json.dumps(raw)), before))
        _, alone = outcome(partial(check_graph, copy.deepcopy(raw)))
        assert again == alone
        if now is not None:
            before, good = now, copy.deepcopy(raw)
        else:
            refused += 1
            raw = copy.deepcopy(good)
    assert 0 < refused < EDITS * 0.8, "both sound and unsound graphs were met"


def test_a_connected_node_that_moves_to_another_namespace_is_refused_as_ever() -> None:
    def graph(namespace: str | None) -> dict[str, Any]:
        service: dict[str, Any] = {"id": "s", "kind": "service", "name": "s", "parameters": {"port": 80}}
        web = {"id": "w", "kind": "deployment", "name": "w", "parameters": {"image": "nginx:1.27"}}
        if namespace:
            service["parameters"] = {**service["parameters"], "namespace": namespace}
        return {"nodes": [web, service], "edges": [{"id": "e", "source": "s", "target": "w", "relation": "exposes"}]}

    before = check_json_graph(graph(None), None)
    with pytest.raises(InvalidInput) as refused:
        check_json_graph(graph("elsewhere"), before)
    assert "graph.cross_namespace" in {one.code for one in refused.value.problems}
