"""A value that the cluster has is taken into a parameter where one gives just that, else into the patch."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from clusters.domain.ownership.paths import read_path
from tests.support.edits import NOTHING, edits_of
from tests.support.seeds import SEED
from tests.unit.kinds.samples import SAMPLES, a_graph, a_node, an_edge, object_kinds, sample_node, the_catalog
from workflows.domain.graphs.graph import Graph, graph_to_dict
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.rendering.adopting import ABSENT, CannotAdopt, adopt, with_value
from workflows.domain.rendering.render import Rendered, render_graph


def render(graph: Graph) -> list[Rendered]:
    return render_graph(graph, the_catalog(), namespace="shop", environment_id="env1", variables={"TAG": "1"})


def taken(graph: Graph, node_id: str, **values: Any) -> tuple[dict[str, Any], list[str | None]]:
    """(the node as it is drawn then, the parameters that took the values); paths with `__` for dots."""
    ref = next(one.ref for one in render(graph) if one.node_id == node_id)
    wanted = [(read_path(path.replace("__", ".")), value) for path, value in values.items()]
    after, changes = adopt(graph, the_catalog().kinds, node_id, ref, wanted, render)
    drawn = parse_graph(graph_to_dict(after), the_catalog())
    [node] = [one for one in graph_to_dict(drawn)["nodes"] if one["id"] == node_id]
    return node, [one.parameter for one in changes]


def test_a_parameter_takes_the_value_where_the_kind_writes_the_field_from_one() -> None:
    graph = a_graph(
        a_node("deployment", "web", id="w", image="nginx:${TAG}", replicas=2, labels={"team": "a"}),
        a_node("configmap", "conf", id="c", data={"color": "blue", "size": "1"}),
        edges=[an_edge("c", "w", "sets_env")],
    )
    node, where = taken(graph, "w", spec__replicas=5)
    assert (node["parameters"]["replicas"], where, node["patch"]) == (5, ["replicas"], None)
    node, where = taken(graph, "w", **{"spec.template.spec.containers[name=web].image": "nginx:2"})
    assert (node["parameters"]["image"], where) == ("nginx:2", ["image"])
    node, where = taken(graph, "c", data__color="red", data__size=ABSENT)
    assert (node["parameters"]["data"], where) == ({"color": "red"}, ["data", "data"])


def test_what_no_parameter_gives_becomes_a_patch_beside_what_is_patched_already() -> None:
    graph = a_graph(a_node("deployment", "web", id="w", patch="spec: {paused: true}\n"))
    node, where = taken(graph, "w", spec__minReadySeconds=3, spec__revisionHistoryLimit=2)
    assert where == [None, None] or "revisionHistoryLimit" not in str(node["patch"])
    assert "paused: true" in node["patch"]
    assert "minReadySeconds: 3" in node["patch"] or where[0] is not None


def test_an_object_that_is_not_drawn_any_more_takes_nothing() -> None:
    graph = a_graph(a_node("deployment", "web", id="w"))
    ref = render(graph)[0].ref
    with pytest.raises(Exception, match="not in the graph any more"):
        adopt(a_graph(), the_catalog().kinds, "w", ref, [(read_path("spec.replicas"), 3)], render)


def test_of_every_kind_any_value_is_taken_in_and_nothing_else_of_the_object_changes() -> None:
    dice = random.Random(SEED)
    outcome: Counter[str] = Counter()
    for kind in sorted({*object_kinds()} - {"secret"}):
        graph = a_graph({**sample_node(kind, SAMPLES[-1]), "name": f"{kind}-x"})
        first = render(graph)[0]
        content = {name: one for name, one in first.manifest.items() if name not in ("apiVersion", "kind", "metadata")}
        possible = list(edits_of(content))
        for edit, *_ in dice.sample(possible, min(len(possible), 4)):
            value = ABSENT if edit.value is NOTHING else edit.value
            try:
                after, [change] = adopt(
                    graph, the_catalog().kinds, first.node_id, first.ref, [(edit.path, value)], render
                )
            except CannotAdopt:
                outcome["refused"] += 1
                continue
            outcome["parameter" if change.parameter else "patch"] += 1
            [now] = [one.manifest for one in render(after) if one.ref == first.ref]
            assert now == with_value(first.manifest, edit.path, value), edit
            parse_graph(graph_to_dict(after), the_catalog())
    assert outcome["parameter"] >= 10, outcome
    assert outcome["refused"] <= sum(outcome.values()) * 0.3, outcome
