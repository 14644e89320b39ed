"""The canvas under a person's hands: how it moves, what it shows from afar, and where new things go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
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
