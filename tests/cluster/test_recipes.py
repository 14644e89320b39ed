"""Every recipe of the catalog runs to healthy on the sandbox as it is drawn, twice beside itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.examples import Played, Stage, is_well
from tests.support.people import a_user
from tests.support.recipes import drawn
from tests.support.watching import watching
from tests.support.workers import working
from tests.unit.kinds.samples import the_catalog
from workflows.domain.kinds.recipes import Recipe

RECIPES = the_catalog().recipes


@pytest.fixture(scope="module")
def stage(django_ready: str, control_plane: ControlPlane) -> Iterator[Stage]:
    from clusters import actions
    from kubeorch.mongo.client import db
    from tests.support.database import empty

    empty(db())
    cluster = str(actions.register_sandbox(control_plane.kubeconfig))
    with working(concurrency=len(RECIPES)), watching(ObjectId(cluster)):
        yield Stage(a_user("admin"), cluster, control_plane)


@pytest.fixture(scope="module")
def played(stage: Stage) -> dict[str, Played]:
    """All recipes, run side by side, each in a namespace of its own."""
    cast = {recipe.id: stage.draw(recipe.id, file_of(recipe)) for recipe in RECIPES}
    for one in cast.values():
        one.run = stage.start(one)
    for one in cast.values():
        one.run = stage.ended(one.run)
        stage.until_shown(one, lambda statuses: all(is_well(row) for row in statuses.values()))
        one.statuses = stage.statuses(one)
    return cast


def file_of(recipe: Recipe) -> str:
    """A workflow file of the recipe, added a second time beside itself."""
    first, second = drawn(recipe), drawn(recipe, "-2")
    return yaml.safe_dump({"workflow": 1, "name": recipe.id, **{key: [*first[key], *second[key]] for key in first}})


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)
def test_a_recipe_runs_to_healthy(played: dict[str, Played], recipe: Recipe) -> None:
    one = played[recipe.id]
    assert one.run["state"] == "succeeded", one.run
    assert {step["state"] for step in one.run["steps"]} == {"done"}
    assert len(one.statuses) == 2 * len(recipe.nodes)
    assert all(is_well(status) for status in one.statuses.values()), one.statuses


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)
def test_only_the_passwords_of_a_recipe_are_asked_for(played: dict[str, Played], recipe: Recipe) -> None:
    keys = [
        f"{node['id']}{suffix}/{key}"
        for suffix in ("", "-2")
        for node in recipe.nodes
        for key in node["parameters"].get("keys", ())
    ]
    assert played[recipe.id].asked_for == keys
