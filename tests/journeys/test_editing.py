"""Edits: every step can be taken back, none is lost, and two people do not overwrite one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import sign_in
from tests.journeys.editor import Editor, a_workflow
from tests.support.wait import PATIENCE_S, until
from tests.support.workflows import a_node, an_edge

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

    from tests.support.stack import Stack


def a_small_shop(stack: Stack, name: str) -> dict[str, Any]:
    return a_workflow(
        stack,
        name,
        [
            a_node("way", kind="ingress", host="shop.example.com"),
            a_node("svc", kind="service", x=320, port=80),
            a_node("web", x=640, image="nginx:1.27", port=80, replicas=2),
            a_node("settings", kind="configmap", x=320, y=160, data={"COLOUR": "green"}),
        ],
        [an_edge("way", "svc", "routes"), an_edge("svc", "web", "exposes"), an_edge("settings", "web", "sets_env")],
    )


def shape(graph: dict[str, Any]) -> dict[str, Any]:
    """A graph with names in place of ids, for comparing what ids cannot tell."""
    names = {item["id"]: item["name"] for item in graph["nodes"]}
    return {
        "nodes": sorted((item["name"], item["kind"], str(item["parameters"])) for item in graph["nodes"]),
        "edges": sorted((names[item["source"]], item["relation"], names[item["target"]]) for item in graph["edges"]),
    }


def saved_as(editor: Editor, expected: dict[str, Any]) -> None:
    """The server has exactly this graph, and the page shows as many cards and lines."""
    until(lambda: editor.graph() == expected, every_s=0.05, what="the saved graph is as expected")
    editor.page.keyboard.press("f")
    expect(editor.cards).to_have_count(len(expected["nodes"]))
    expect(editor.lines).to_have_count(len(expected["edges"]))


def changed(editor: Editor, before: dict[str, Any]) -> dict[str, Any]:
    """The graph once it has been saved differently from `before`."""
    until(lambda: editor.graph() != before, every_s=0.05, what="an edit was saved")
    editor.wait_saved()
    return editor.graph()


def test_every_step_can_be_undone_and_redone_and_the_graph_is_as_expected_after_each(page: Page, stack: Stack) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    editor = Editor(page, stack, a_small_shop(stack, "steps")["id"]).open()
    editor.fit()
    keys = page.keyboard
    graphs = [editor.graph()]

    def step() -> dict[str, Any]:
        graphs.append(changed(editor, graphs[-1]))
        return graphs[-1]

    # add
    editor.add_by_keyboard("secret")
    added = step()
    [new] = [item for item in added["nodes"] if item["kind"] == "secret"]
    assert [item for item in added["nodes"] if item != new] == graphs[0]["nodes"]
    assert added["edges"] == graphs[0]["edges"]
    # connect
    editor.connect_by_keyboard(("secret", "Secret"), "web", "Mounted as files")
    connected = step()
    assert len(connected["edges"]) == 4
    assert connected["nodes"] == added["nodes"]
    # nudge
    editor.choose_only("secret", "Secret")
    editor.card("secret", "Secret").focus()
    keys.press("ArrowRight")
    moved = step()
    [place] = [item["position"] for item in moved["nodes"] if item["kind"] == "secret"]
    assert place == {"x": new["position"]["x"] + 20, "y": new["position"]["y"]}
    # edit a field
    editor.choose_only("web", "Deployment")
    editor.fill("Image", "nginx:1.28")
    step()
    # duplicate: the copy keeps its lines to what stays
    editor.choose_only("web", "Deployment")
    editor.card("web", "Deployment").focus()
    keys.press("Control+d")
    duplicated = step()
    assert sorted(item["name"] for item in duplicated["nodes"] if item["kind"] == "deployment") == ["web", "web-2"]
    # copy two, paste them with the line between
    editor.fit()
    editor.card("way", "Ingress").click(position={"x": 110, "y": 12})
    editor.card("svc", "Service").click(position={"x": 110, "y": 12}, modifiers=["Control"])
    keys.press("Control+c")
    keys.press("Control+v")
    pasted = step()
    assert len(pasted["nodes"]) == len(duplicated["nodes"]) + 2
    assert ("way-2", "routes", "svc-2") in shape(pasted)["edges"]
    # delete a node with its lines
    editor.fit()
    editor.choose_only("web", "Deployment")
    editor.card("web", "Deployment").focus()
    keys.press("Delete")
    deleted = step()
    assert "web" not in [item["name"] for item in deleted["nodes"]]
    assert not [item for item in deleted["edges"] if item["target"] == "web" or item["source"] == "web"]

    # all the way back, each step exactly
    editor.focus_canvas()
    for expected in reversed(graphs[:-1]):
        keys.press("Control+z")
        saved_as(editor, expected)
    # and all the way forth
    for expected in graphs[1:]:
        keys.press("Control+Shift+z")
        saved_as(editor, expected)
    editor.fit()
    drawn = editor.drawn()
    page.reload()
    expect(editor.cards).to_have_count(len(graphs[-1]["nodes"]))
    editor.fit()
    assert editor.drawn() == drawn
    assert editor.graph() == graphs[-1]


@pytest.fixture
def second_page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """The same person in another browser."""
    context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_S * 1000)
    yield sign_in(context)
    context.close()


GRAPHS = "**/api/v1/workflows/*/graph"


def held_back(page: Page) -> list[Route]:
    """Saves of this page do not reach the server until they are let go."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "PUT" and not held:
            held.append(route)
        else:
            route.continue_()

    page.route(GRAPHS, hold)
    return held


def in_conflict(mine: Editor, theirs: Editor, my_edit: Any, their_edit: Any) -> None:
    """Both edit the same state; theirs is saved first, mine arrives second."""
    held = held_back(mine.page)
    before = mine.graph()
    my_edit(mine)
    until(lambda: mine.page.evaluate("1") and held, every_s=0.05, what="my save is on its way")
    their_edit(theirs)
    changed(theirs, before)
    held[0].continue_()
    expect(mine.page.get_by_role("dialog", name=re.compile("saved this workflow meanwhile"))).to_be_visible()
    mine.page.unroute(GRAPHS)


def colour(value: str) -> Any:
    def act(editor: Editor) -> None:
        editor.choose_only("settings", "ConfigMap")
        editor.inspector.get_by_label("Value of COLOUR").fill(value)

    return act


def image(value: str) -> Any:
    def act(editor: Editor) -> None:
        editor.choose_only("web", "Deployment")
        editor.fill("Image", value)

    return act


def values(editor: Editor) -> tuple[str, str]:
    by_id = {item["id"]: item["parameters"] for item in editor.graph()["nodes"]}
    return by_id["settings"]["data"]["COLOUR"], by_id["web"]["image"]


def test_edits_by_two_people_at_different_places_are_both_kept(page: Page, second_page: Page, stack: Stack) -> None:
    workflow = a_small_shop(stack, "both")
    mine, theirs = Editor(page, stack, workflow["id"]).open(), Editor(second_page, stack, workflow["id"]).open()
    in_conflict(mine, theirs, colour("red"), image("nginx:2"))
    dialog = page.get_by_role("dialog", name=re.compile("saved this workflow meanwhile"))
    expect(dialog.locator("section").filter(has_text="They changed")).to_contain_text("nginx:2")
    expect(dialog.locator("section").filter(has_text="You changed")).to_contain_text("red")
    dialog.get_by_role("button", name="Keep both").click()
    until(lambda: values(mine) == ("red", "nginx:2"), every_s=0.05, what="both edits are saved")
    # The other browser follows by itself.
    theirs.choose_only("settings", "ConfigMap")
    expect(second_page.get_by_label("Value of COLOUR")).to_have_value("red")


def test_of_two_edits_at_one_place_one_is_chosen_and_undo_brings_the_other_back(
    page: Page, second_page: Page, stack: Stack
) -> None:
    workflow = a_small_shop(stack, "clash")
    mine, theirs = Editor(page, stack, workflow["id"]).open(), Editor(second_page, stack, workflow["id"]).open()
    in_conflict(mine, theirs, colour("red"), colour("blue"))
    dialog = page.get_by_role("dialog", name=re.compile("saved this workflow meanwhile"))
    expect(dialog).to_contain_text("touch the same thing")
    dialog.get_by_role("button", name="Take theirs").click()
    until(lambda: values(mine)[0] == "blue", every_s=0.05, what="theirs stands")
    expect(page.get_by_label("Value of COLOUR")).to_have_value("blue")
    mine.focus_canvas()
    page.keyboard.press("Control+z")
    until(lambda: values(mine)[0] == "red", every_s=0.05, what="undo brings mine back")


def test_a_card_lands_where_it_is_dropped_though_its_form_opens_beside_the_canvas(page: Page, stack: Stack) -> None:
    editor = Editor(page, stack, a_small_shop(stack, "dropped")["id"]).open()
    editor.fit()
    before = editor.graph()
    card = editor.card("web", "Deployment")
    box = card.bounding_box()
    assert box is not None
    zoom = box["width"] / 220
    x, y = box["x"] + box["width"] / 2, box["y"] + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y + 40, steps=8)
    # The inspector is open by now, over the place where the card was; the drag goes on.
    expect(editor.inspector).to_be_visible()
    editor.settle()
    page.mouse.move(x - 80, y + 80, steps=8)
    page.mouse.up()
    after = changed(editor, before)
    [place] = [item["position"] for item in after["nodes"] if item["id"] == "web"]
    wanted = 640 - 80 / zoom, 80 / zoom
    assert abs(place["x"] - wanted[0]) <= 20, (place, wanted)
    assert abs(place["y"] - wanted[1]) <= 20, (place, wanted)


def test_keys_in_a_field_belong_to_the_field_and_elsewhere_to_the_canvas(page: Page, stack: Stack) -> None:
    editor = Editor(page, stack, a_small_shop(stack, "keys")["id"]).open()
    editor.choose_only("web", "Deployment")
    image = editor.field("Image")
    image.focus()
    for keys in ("Control+Enter", "Delete", "l", "Control+a"):
        page.keyboard.press(keys)
    assert editor.runs() == []
    # Escape leaves the inspector and gives the focus back to the card.
    page.keyboard.press("Escape")
    expect(editor.inspector).to_be_hidden()
    expect(editor.card("web", "Deployment")).to_be_focused()
    # The palette has what the canvas can do.
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search or run a command")
    palette.get_by_role("combobox").fill("outline")
    page.keyboard.press("Enter")
    outline = page.get_by_role("complementary", name="Outline")
    expect(outline.get_by_role("listitem")).to_have_count(4)
    # And the list of shortcuts has its keys.
    page.keyboard.press("?")
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")
    for label in ("Tidy layout", "Clear selection", "Run in sandbox", "Find a kind and add it"):
        expect(shortcuts.get_by_text(label)).to_be_visible()
