"""Whole applications from recipes: on an empty canvas, by a right click, from the palette, by drag and by Ctrl+K."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stack import Stack


@pytest.fixture
def empty(page: Page, stack: Stack) -> Editor:
    name = f"recipes-{len(stack.api('GET', '/api/v1/workflows').body['results'])}"
    return Editor(page, stack, a_workflow(stack, name, [])["id"]).open()


def names(editor: Editor) -> list[str]:
    return sorted(f"{node['kind']} {node['name']}" for node in editor.graph()["nodes"])


def on_screen(editor: Editor, name: str, kind: str) -> tuple[float, float]:
    box = editor.card(name, kind).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_an_empty_canvas_starts_with_an_application_that_runs(empty: Editor) -> None:
    empty.page.get_by_role("button", name="Web app with Service and Ingress").click()
    empty.wait_size((0, 0), nodes=3, edges=2)
    expect(empty.drawer).to_contain_text("No problems")
    empty.run()
    empty.health("web", "Deployment", "healthy")
    empty.health("web", "Ingress", "healthy")


def test_a_right_click_adds_a_recipe_there_as_one_step_of_undo_under_free_names(empty: Editor) -> None:
    page = empty.page
    page.get_by_role("button", name="Web app with Service and Ingress").click()
    empty.wait_size((0, 0), nodes=3, edges=2)
    before, drawn = empty.graph(), names(empty)
    box = empty.canvas.bounding_box()
    assert box is not None
    at = box["x"] + box["width"] / 2, box["y"] + 0.75 * box["height"]
    page.mouse.click(*at, button="right")
    page.get_by_role("menuitem", name="Add a recipe here…").click()
    page.get_by_role("searchbox", name="Find a recipe to add").fill("autoscaler")
    expect(page.get_by_role("list", name="Recipes").get_by_role("button")).to_have_count(1)
    page.keyboard.press("Enter")
    empty.wait_size((3, 2), nodes=4, edges=3)
    assert set(names(empty)) - set(drawn) == {"ingress web-2", "service web-2", "deployment web-2", "hpa web-2"}
    hosts = {node["parameters"].get("host") for node in empty.graph()["nodes"]} - {None}
    assert hosts == {"web.example.com", "web-2.example.com"}
    expect(empty.inspector).to_contain_text("4 nodes")
    empty.focus_canvas()
    page.keyboard.press("Control+z")
    empty.wait_size((3, 2))
    assert empty.graph() == before


def test_recipes_are_found_among_the_kinds_behind_a_button_by_drag_and_by_command(empty: Editor) -> None:
    page = empty.page
    page.set_viewport_size({"width": 1920, "height": 1080})
    kinds = page.get_by_role("navigation", name="Kinds")
    recipe = kinds.get_by_role("button", name="CronJob with ConfigMap")
    recipe.drag_to(empty.canvas, target_position={"x": 500, "y": 300})
    empty.wait_size((0, 0), nodes=2, edges=1)
    kinds.get_by_role("button", name="Recipes", exact=True).click()
    page.get_by_role("list", name="Recipes").get_by_role("button", name="PostgreSQL with headless Service").click()
    empty.wait_size((2, 1), nodes=3, edges=2)
    empty.focus_canvas()
    page.keyboard.press("/")
    page.get_by_role("searchbox", name="Find a kind").fill("redis queue")
    page.keyboard.press("Enter")
    empty.wait_size((5, 3), nodes=4, edges=3)
    page.keyboard.press("Escape")
    empty.focus_canvas()
    page.keyboard.press("Control+k")
    page.keyboard.type("add web app with migration")
    expect(page.get_by_role("option", name=re.compile("Web app with migration Job")).first).to_have_attribute(
        "aria-selected", "true"
    )
    page.keyboard.press("Enter")
    empty.wait_size((9, 6), nodes=3, edges=2)
    expect(empty.drawer).to_contain_text("No problems")


def test_where_a_recipe_was_chosen_none_of_its_cards_lies_on_another(empty: Editor) -> None:
    page = empty.page
    page.get_by_role("button", name="PostgreSQL with headless Service").click()
    empty.wait_size((0, 0), nodes=3, edges=2)
    page.mouse.move(*on_screen(empty, "db", "StatefulSet"))
    empty.focus_canvas()
    page.keyboard.press("a")
    page.get_by_role("searchbox", name="Find a kind to add").fill("headless postgresql")
    expect(page.get_by_role("list", name="Kinds and recipes").get_by_role("button")).to_have_count(1)
    page.keyboard.press("Enter")
    empty.wait_size((3, 2), nodes=3, edges=2)
    places = [(node["position"]["x"], node["position"]["y"]) for node in empty.graph()["nodes"]]
    for index, (x, y) in enumerate(places):
        assert all(abs(x - a) >= 220 or abs(y - b) >= 64 for a, b in places[index + 1 :]), places
