"""The canvas under a person's hands: how it moves, what it shows from afar, and where new things go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.wait import until
from tests.support.workflows import a_node, an_edge

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.support.stack import Stack

MANY = 400
COLUMNS = 20


@pytest.fixture
def crowded(page: Page, stack: Stack) -> Editor:
    nodes = [a_node(f"n{n}", x=260 * (n % COLUMNS), y=110 * (n // COLUMNS)) for n in range(MANY)]
    edges = [an_edge(f"n{n}", f"n{n + 1}", "after") for n in range(0, MANY - 1, 3)]
    name = f"crowded-{len(stack.api('GET', '/api/v1/workflows').body['results'])}"
    return Editor(page, stack, a_workflow(stack, name, nodes, edges)["id"]).open()


def map_of(editor: Editor) -> Locator:
    return editor.canvas.get_by_role("img", name=re.compile(f"^Map of {MANY} nodes"))


def place_of(editor: Editor, n: int) -> tuple[float, float]:
    """Where the middle of card `n` is in the window."""
    transform = editor.canvas.locator(".react-flow__viewport").evaluate("pane => pane.style.transform")
    x, y, zoom = map(float, re.findall(r"-?[\d.]+(?:e-\d+)?", transform))
    box = editor.canvas.bounding_box()
    assert box is not None
    left, top = 260 * (n % COLUMNS) + 110, 110 * (n // COLUMNS) + 32
    return box["x"] + x + left * zoom, box["y"] + y + top * zoom


def test_a_large_graph_is_seen_whole_as_a_map_that_answers_to_the_pointer(crowded: Editor) -> None:
    page = crowded.page
    expect(map_of(crowded)).to_be_visible()
    expect(crowded.cards).to_have_count(0)
    box = crowded.canvas.bounding_box()
    assert box is not None
    for corner in (0, COLUMNS - 1, MANY - COLUMNS, MANY - 1):
        x, y = place_of(crowded, corner)
        assert box["x"] < x < box["x"] + box["width"], f"card {corner} is on screen"
        assert box["y"] < y < box["y"] + box["height"], f"card {corner} is on screen"
    # Hover names the card, a click selects it.
    page.mouse.move(*place_of(crowded, 123))
    expect(crowded.canvas.get_by_text("n123", exact=True)).to_be_visible()
    page.mouse.click(*place_of(crowded, 123))
    expect(crowded.inspector.get_by_label("Name", exact=True).first).to_have_value("n123")
    page.keyboard.press("Escape")
    # Shift and a drag select what the frame touches: three columns, two rows.
    crowded.fit()
    page.keyboard.down("Shift")
    page.mouse.move(*place_of(crowded, 42))
    page.mouse.down()
    page.mouse.move(*place_of(crowded, 64), steps=6)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(crowded.inspector.get_by_role("heading")).to_contain_text("selected")
    expect(crowded.inspector).to_contain_text("6 nodes")
    # A double click goes down to the cards.
    crowded.fit()
    page.mouse.dblclick(*place_of(crowded, 200))
    expect(crowded.card("n200", "Deployment")).to_be_visible()
    expect(map_of(crowded)).to_have_count(0)


def test_the_wheel_pans_and_with_control_it_zooms(crowded: Editor) -> None:
    page = crowded.page
    page.mouse.dblclick(*place_of(crowded, 200))
    expect(crowded.card("n200", "Deployment")).to_be_visible()
    crowded.settle()
    before = place_of(crowded, 200)
    page.mouse.move(*before)
    page.mouse.wheel(30, 50)
    crowded.settle()
    after = place_of(crowded, 200)
    assert (round(before[0] - after[0]), round(before[1] - after[1])) == (30, 50)
    page.keyboard.down("Control")
    page.mouse.wheel(0, 900)
    page.keyboard.up("Control")
    expect(map_of(crowded)).to_be_visible()


@pytest.fixture
def shop(page: Page, stack: Stack) -> Editor:
    name = f"hands-{len(stack.api('GET', '/api/v1/workflows').body['results'])}"
    nodes = [a_node("svc", kind="service", port=80), a_node("web", x=320), a_node("job", x=320, y=200)]
    editor = Editor(page, stack, a_workflow(stack, name, nodes, [an_edge("svc", "web", "exposes")])["id"]).open()
    editor.fit()
    return editor


def test_a_line_dropped_on_the_empty_canvas_offers_the_kinds_that_fit_and_joins_the_chosen_one(shop: Editor) -> None:
    page, before = shop.page, shop.size()
    shop.start_line("svc", "Service")
    box = shop.card("svc", "Service").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 150, steps=6)
    page.mouse.up()
    menu = page.get_by_role("dialog", name="Add to svc")
    expect(menu.get_by_role("button", name="Ingress", exact=True)).to_be_visible()
    expect(menu.get_by_role("button", name="ConfigMap", exact=True)).to_have_count(0)
    page.keyboard.type("ingress")
    page.keyboard.press("Enter")
    shop.wait_size(before, nodes=1, edges=1)
    expect(shop.card("ingress", "Ingress")).to_be_visible()


def test_a_double_click_and_the_menu_of_the_canvas_add_a_node_there(shop: Editor) -> None:
    page, before = shop.page, shop.size()
    box = shop.canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + 200, box["y"] + 60
    page.mouse.dblclick(x, y)
    expect(page.get_by_role("dialog", name="Add here")).to_be_visible()
    page.keyboard.type("configmap")
    page.keyboard.press("Enter")
    shop.wait_size(before, nodes=1)
    card = shop.card("config", "ConfigMap").bounding_box()
    assert card is not None
    assert abs(card["x"] + card["width"] / 2 - x) < 20
    assert abs(card["y"] + card["height"] / 2 - y) < 20
    shop.focus_canvas()
    page.mouse.click(x, box["y"] + box["height"] - 120, button="right")
    page.get_by_role("menuitem", name=re.compile("^Add here")).click()
    expect(page.get_by_role("dialog", name="Add here")).to_be_visible()
    page.keyboard.type("secret")
    page.keyboard.press("Enter")
    shop.wait_size(before, nodes=2)


def test_a_new_node_is_calm_until_a_required_field_was_left_empty(shop: Editor) -> None:
    shop.add_by_keyboard("deployment")
    shop.wait_saved()
    card = shop.card("app", "Deployment")
    expect(card).to_contain_text("to fill in")
    expect(shop.drawer.get_by_role("button", name="1 to fill in")).to_be_visible()
    expect(shop.inspector.get_by_text("Image is required")).to_have_count(0)
    shop.field("Image").focus()
    shop.page.keyboard.press("Tab")
    expect(shop.inspector.get_by_text("Image is required; fill it in.")).to_be_visible()
    expect(card.get_by_role("img", name="has problems")).to_be_visible()
    expect(shop.drawer.get_by_role("button", name="1 error")).to_be_visible()
    # Run by key leads to what keeps it from running.
    shop.page.keyboard.press("Escape")
    shop.focus_canvas()
    expect(shop.drawer.get_by_text("Image is required")).to_have_count(0)
    shop.page.keyboard.press("Control+Enter")
    expect(shop.drawer.get_by_text("Image is required")).to_be_visible()
    assert shop.runs() == []


def test_the_palette_shows_all_kinds_again_after_one_was_found(shop: Editor) -> None:
    shop.add_by_keyboard("configmap")
    kinds = shop.page.get_by_role("navigation", name="Kinds").filter(has=shop.page.get_by_role("searchbox"))
    expect(kinds.get_by_role("searchbox")).to_have_value("")
    expect(kinds.get_by_role("button", name="Ingress", exact=True)).to_be_visible()


def test_what_is_pasted_or_duplicated_lies_over_no_other_card(shop: Editor) -> None:
    shop.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    before = shop.size()
    shop.choose_only("web", "Deployment")
    shop.card("web", "Deployment").focus()
    for keys in ("Control+d", "Control+c", "Control+v"):
        shop.page.keyboard.press(keys)
    shop.wait_size(before, nodes=2, edges=0)
    places = [node["position"] for node in shop.graph()["nodes"]]
    for index, one in enumerate(places):
        for other in places[index + 1 :]:
            assert abs(one["x"] - other["x"]) >= 220 or abs(one["y"] - other["y"]) >= 64, (one, other)


def test_tab_goes_through_the_cards_then_the_lines_and_names_what_it_meets(shop: Editor) -> None:
    page = shop.page
    shop.card("svc", "Service").focus()
    for name in ("web, Deployment", "job, Deployment"):
        page.keyboard.press("Tab")
        expect(shop.canvas.get_by_role("group", name=name)).to_be_focused()
    page.keyboard.press("Tab")
    expect(shop.lines.first).to_be_focused()
    expect(shop.lines.first).to_have_attribute("aria-label", re.compile("^svc .+ web$"))
    page.keyboard.press("Tab")
    expect(shop.canvas.get_by_role("toolbar", name="Canvas").get_by_role("button").first).to_be_focused()


def test_an_edit_after_a_run_is_marked_as_not_deployed_until_the_next_run(shop: Editor) -> None:
    page = shop.page
    shop.run_to_the_end()
    page.reload()
    shop.health("web", "Deployment", "healthy")
    assert page.get_by_text("not deployed").count() == 0
    shop.choose_only("web", "Deployment")
    shop.fill("Image", "nginx:1.28")
    shop.wait_saved()
    button = page.get_by_role("button", name="1 change not deployed")
    expect(button).to_be_visible()
    expect(shop.card("web", "Deployment")).to_have_accessible_name(re.compile("not deployed yet$"))
    button.click()
    changes = page.get_by_role("dialog", name="Changes that are not deployed")
    expect(changes).to_contain_text("nginx:1.28")
    page.keyboard.press("Escape")
    shop.run_to_the_end()
    expect(button).to_be_hidden()


def test_the_command_palette_finds_nodes_kinds_and_environments_of_the_open_workflow(shop: Editor) -> None:
    page = shop.page
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search or run a command")
    # Not listed before somebody types: there may be thousands.
    expect(palette.get_by_role("option", name=re.compile("^job"))).to_have_count(0)
    palette.get_by_role("combobox").fill("job")
    palette.get_by_role("option", name="job", exact=True).click()
    expect(shop.inspector.get_by_label("Name", exact=True).first).to_have_value("job")
    before = shop.size()
    page.keyboard.press("Control+k")
    palette.get_by_role("combobox").fill("add secret")
    page.keyboard.press("Enter")
    shop.wait_size(before, nodes=1)


@pytest.fixture
def framed(page: Page, stack: Stack) -> Editor:
    name = f"framed-{len(stack.api('GET', '/api/v1/workflows').body['results'])}"
    places = {"proxy": (0, 0, "front"), "web": (0, 120, "front"), "db": (480, 0, "back"), "job": (480, 300, "")}
    nodes = [a_node(id_, x=x, y=y) | ({"group": title} if title else {}) for id_, (x, y, title) in places.items()]
    return Editor(page, stack, a_workflow(stack, name, nodes, [an_edge("proxy", "db", "after")])["id"]).open()


def places_of(editor: Editor) -> dict[str, tuple[float, float]]:
    return {node["id"]: (node["position"]["x"], node["position"]["y"]) for node in editor.graph()["nodes"]}


def wait_groups(editor: Editor, **wanted: str) -> None:
    def saved() -> dict[str, str]:
        return {node["id"]: node.get("group", "") for node in editor.graph()["nodes"]}

    until(lambda: saved() == wanted, what=f"the groups {wanted} are saved")


def frame_of(editor: Editor, title: str, nodes: str) -> Locator:
    return editor.canvas.get_by_role("group", name=f"Group {title}, {nodes}", exact=True)


def test_a_frame_moves_with_what_is_in_it_and_can_be_renamed_taken_away_and_brought_back(framed: Editor) -> None:
    page = framed.page
    framed.fit()
    framed.settle()
    front = frame_of(framed, "front", "2 nodes")
    expect(front).to_be_visible()
    expect(frame_of(framed, "back", "1 node")).to_be_visible()
    box, inside = front.bounding_box(), framed.card("proxy", "Deployment").bounding_box()
    assert box is not None
    assert inside is not None
    assert (box["x"] < inside["x"], box["y"] < inside["y"]) == (True, True)
    expect(framed.card("proxy", "Deployment")).to_have_accessible_name(re.compile("in front$"))
    on_top = "([x, y]) => document.elementFromPoint(x, y).closest('.react-flow__node')?.dataset.id"
    middle = [inside["x"] + inside["width"] / 2, inside["y"] + inside["height"] / 2]
    assert page.evaluate(on_top, middle) == "proxy", "frames lie below the cards"

    before = places_of(framed)
    title = framed.canvas.get_by_role("button", name="Select all of front", exact=True)
    title.hover()
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 120, steps=6)
    page.mouse.up()
    until(lambda: places_of(framed) != before, what="where it was dropped is saved")
    after = places_of(framed)
    by = [(after[id_][0] - before[id_][0], after[id_][1] - before[id_][1]) for id_ in ("proxy", "web")]
    assert by[0] == by[1] != (0, 0)
    assert (after["db"], after["job"]) == (before["db"], before["job"])
    framed.focus_canvas()
    page.keyboard.press("Control+z")
    until(lambda: places_of(framed) == before, what="one step of undo takes both back")

    title.click()
    expect(framed.inspector).to_contain_text("2 nodes")
    name = framed.inspector.get_by_label("Group", exact=True)
    expect(name).to_have_value("front")
    name.fill("edge of the shop")
    name.blur()
    expect(frame_of(framed, "edge of the shop", "2 nodes")).to_be_visible()
    wait_groups(framed, proxy="edge of the shop", web="edge of the shop", db="back", job="")
    framed.inspector.get_by_role("button", name="Ungroup").click()
    wait_groups(framed, proxy="", web="", db="back", job="")
    framed.focus_canvas()
    page.keyboard.press("Control+z")
    expect(frame_of(framed, "edge of the shop", "2 nodes")).to_be_visible()

    framed.choose_only("job", "Deployment")
    framed.card("db", "Deployment").click(modifiers=["Control"])
    page.keyboard.press("Control+g")
    wait_groups(framed, proxy="edge of the shop", web="edge of the shop", db="Group 1", job="Group 1")
    page.reload()
    expect(frame_of(framed, "Group 1", "2 nodes")).to_be_visible()
    expect(frame_of(framed, "back", "1 node")).to_have_count(0)
