"""Recipes: each is a whole application that passes every check, alone and beside itself."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from kubeorch.base.errors import Problem
from tests.support.recipes import drawn
from tests.unit.kinds.samples import manifests_of, the_catalog
from workflows.domain.graphs.check import check
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.kinds.parameters import DeclarationInvalid
from workflows.domain.kinds.recipes import Recipe, read_recipes

RECIPES = the_catalog().recipes
CARD_WIDTH, CARD_HEIGHT, GRID = 220, 64, 20


def problems_of(graph: dict[str, Any]) -> list[Problem]:
    """Warnings, too; but that a Secret has no values yet is for the run to ask."""
    return check(parse_graph(graph, the_catalog()), the_catalog())


def each() -> Any:
    return pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)


def test_the_recipes_that_people_expect_are_there_in_their_order() -> None:
    assert [recipe.label for recipe in RECIPES] == [
        "Web app with Service and Ingress",
        "Web app with autoscaler",
        "Web app with PostgreSQL",
        "PostgreSQL with headless Service",
        "Worker with Redis queue",
        "CronJob with ConfigMap",
        "Web app with migration Job",
    ]


@each()
def test_a_recipe_is_drawn_without_a_problem(recipe: Recipe) -> None:
    assert problems_of(drawn(recipe)) == []


@each()
def test_a_recipe_can_be_added_beside_itself(recipe: Recipe) -> None:
    first, second = drawn(recipe), drawn(recipe, "-2")
    both = {key: [*first[key], *second[key]] for key in first}
    assert problems_of(both) == []
    made = [f"{one['kind']}/{one['metadata']['name']}" for one in manifests_of(parse_graph(both, the_catalog()))]
    assert len(made) == len(set(made)) >= 2 * len(recipe.nodes)


@each()
def test_every_node_becomes_an_object_and_is_joined_to_another(recipe: Recipe) -> None:
    graph = parse_graph(drawn(recipe), the_catalog())
    made = {(one["kind"], one["metadata"]["name"]) for one in manifests_of(graph)}
    assert made == {(the_catalog().kinds[node.kind].kind, node.name) for node in graph.nodes}
    reached = {recipe.nodes[0]["id"]}
    for _ in recipe.nodes:
        reached |= {
            edge[b]
            for edge in recipe.edges
            for a, b in (("source", "target"), ("target", "source"))
            if edge[a] in reached
        }
    assert reached == {node["id"] for node in recipe.nodes}


@each()
def test_what_runs_says_what_it_needs(recipe: Recipe) -> None:
    """Requests, so that it can be scheduled and scaled; a limit of memory; a fixed version; a probe where it serves."""
    for one in manifests_of(parse_graph(drawn(recipe), the_catalog())):
        spec = one.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        for container in template["spec"]["containers"] if template else ():
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]
            assert re.search(r":\d", container["image"])
            assert ("readinessProbe" in container) == ("ports" in container)


@each()
def test_texts_name_nodes_of_the_recipe_and_never_a_name_that_may_be_taken(recipe: Recipe) -> None:
    ids = {node["id"] for node in recipe.nodes}
    named = set(re.findall(r"<<(.*?)>>", json.dumps([node["parameters"] for node in recipe.nodes])))
    assert named <= ids
    for node in recipe.nodes:
        for value in (node["parameters"].get("env") or node["parameters"].get("data") or {}).values():
            assert value not in {one["name"] for one in recipe.nodes}


@each()
def test_the_cards_stand_on_the_grid_beside_one_another(recipe: Recipe) -> None:
    places = [(node["position"]["x"], node["position"]["y"]) for node in recipe.nodes]
    assert min(x for x, _ in places) == min(y for _, y in places) == 0
    assert all(x % GRID == y % GRID == 0 for x, y in places)
    for at, (x, y) in enumerate(places):
        assert all(abs(x - a) > CARD_WIDTH or abs(y - b) > CARD_HEIGHT for a, b in places[at + 1 :])


@each()
def test_a_recipe_is_described_in_one_sentence(recipe: Recipe) -> None:
    assert recipe.description.endswith(".")
    assert len(recipe.description) <= 110
    assert len(recipe.label) <= 34


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": None, "more": 1}, "a recipe has the keys"),
        ({"nodes": [{"id": "web", "kind": "pod"}]}, "unknown kind 'pod'"),
        ({"edges": [{"source": "web", "target": "web", "relation": "likes"}]}, "unknown relation 'likes'"),
        ({"edges": [{"source": "web", "target": "db", "relation": "after"}]}, "an edge names the node 'db'"),
    ],
)
def test_a_broken_recipe_is_named(change: dict[str, Any], said: str) -> None:
    row = {"label": "Web", "description": "A web app.", "place": 1, "nodes": [{"id": "web", "kind": "deployment"}]}
    with pytest.raises(DeclarationInvalid, match=rf"^recipes/one\.yaml: {re.escape(said)}"):
        read_recipes(
            ["groups.yaml", "recipes/one.yaml"],
            lambda _name: {"edges": [], **row, **change},
            the_catalog().kinds,
            the_catalog().relations,
        )
