"""A page that was left open while the server was updated: the files it asks for later are gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.wait import until
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stack import Stack

HOME = re.compile(r"^[a-z]+://[^/]+/$")
GRAPHS = "**/api/v1/workflows/*/graph"
YAML_EDITOR = "**/assets/MonacoEditor-*.js"


def test_an_outdated_page_reloads_by_itself_and_keeps_what_was_not_saved(page: Page, stack: Stack) -> None:
    workflow = a_workflow(stack, "updated", [a_node("web", image="nginx:1.27")])
    editor = Editor(page, stack, workflow["id"]).open()
    editor.choose_only("web", "Deployment")
    page.route(GRAPHS, lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    editor.fill("Image", "nginx:1.28")
    expect(page.get_by_role("status").filter(has_text="not saved")).to_be_visible()
    # The new version is not served yet, and the old one is not any more.
    page.route(HOME, lambda route: route.fulfill(status=503, body="The page has not been built yet."))
    page.route(YAML_EDITOR, lambda route: route.fulfill(status=404))
    page.evaluate("performance.now = () => 3_600_000")  # an hour later
    editor.tab("YAML")
    expect(page.get_by_role("heading", name="KubeOrch was updated")).to_be_visible()
    expect(page.get_by_role("button", name="Reload")).to_be_visible()

    page.unroute(GRAPHS)
    page.unroute(HOME)
    expect(editor.card("web", "Deployment")).to_contain_text("nginx:1.28")
    until(
        lambda: editor.graph()["nodes"][0]["parameters"]["image"] == "nginx:1.28",
        every_s=0.05,
        what="the edit reached the server",
    )
    # A page that has just been loaded does not reload again: it says what to do.
    editor.choose_only("web", "Deployment")
    editor.tab("YAML")
    expect(page.get_by_text("Reload the page.")).to_be_visible()


def test_a_page_whose_entry_file_is_missing_says_so_and_loads_once_it_is_served(page: Page) -> None:
    page.route("**/assets/index-*.js", lambda route: route.fulfill(status=404))
    page.goto("/runs")
    expect(page.get_by_role("alert")).to_contain_text("KubeOrch is being updated")
    page.unroute_all()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
