"""Lists tell how what is deployed does, follow it, and are usable by keyboard and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.conftest import sign_in
from tests.journeys.editor import Editor, a_workflow
from tests.support.browser import at_home
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("table", name="Workflows").get_by_role("row").filter(has_text=name)


def test_the_list_is_not_green_over_a_dead_application(page: Page, stack: Stack, cluster: Cluster) -> None:
    workflow = a_workflow(stack, "dead-app", [a_node("web", image="nginx:1.27")])
    editor = Editor(page, stack, workflow["id"])
    page.goto("/workflows")
    expect(row_of(page, "dead-app")).to_contain_text("never deployed")
    editor.run_to_the_end()
    expect(row_of(page, "dead-app")).to_contain_text("deployed v1")
    expect(row_of(page, "dead-app")).to_contain_text("healthy")

    cluster.delete("Deployment", "dead-app", "web")
    expect(row_of(page, "dead-app")).to_contain_text("missing")
    expect(row_of(page, "dead-app")).not_to_contain_text("healthy")
    # Filters find it, and their answer is in the address.
    page.get_by_role("combobox", name="Health").click()
    page.get_by_role("option", name="Missing").click()
    expect(row_of(page, "dead-app")).to_be_visible()
    expect(page).to_have_url(re.compile("health=missing"))
    page.get_by_role("combobox", name="Health").click()
    page.get_by_role("option", name="Healthy").click()
    expect(row_of(page, "dead-app")).to_have_count(0)
    # So do the palette and the title of the tab.
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").last.fill("dead-app")
    expect(page.get_by_role("option", name=re.compile("dead-app")).first).to_contain_text("missing")
    page.keyboard.press("Escape")
    editor.open()
    expect(page).to_have_title(re.compile("^✕ dead-app"))


def test_a_word_is_said_when_a_run_ends_elsewhere(page: Page, stack: Stack) -> None:
    workflow = a_workflow(stack, "elsewhere", [a_node("settings", kind="configmap", data={"A": "1"})])
    page.goto("/clusters")
    expect(page.get_by_role("table", name="Clusters")).to_be_visible()
    Editor(page, stack, workflow["id"]).run_to_the_end()
    notice = page.get_by_role("region", name="Notices")
    expect(notice).to_contain_text("elsewhere #1 succeeded in sandbox")
    notice.get_by_role("button", name="Show the run").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("elsewhere")
    expect(page).to_have_title(re.compile("^✓ elsewhere #1"))


def test_the_list_is_walked_by_keys_and_one_escape_closes_their_list(page: Page, stack: Stack) -> None:
    for name in ("walked-one", "walked-two"):
        a_workflow(stack, name, [])
    page.goto("/workflows?search=walked&sort=name")
    expect(row_of(page, "walked-two")).to_be_visible()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_contain_text("Next row")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("j")
    expect(row_of(page, "walked-one")).to_be_focused()
    page.keyboard.press("j")
    expect(row_of(page, "walked-two")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
    # The keys of the canvas stand in the same list.
    expect(page.get_by_role("application", name="Canvas")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Fit everything")


def test_the_history_of_a_workflow_that_never_ran_has_its_name(page: Page, stack: Stack) -> None:
    workflow = a_workflow(stack, "unrun", [])
    page.goto(f"/runs?workflow={workflow['id']}")
    expect(page.get_by_role("heading", name="unrun has not run yet")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text(workflow["id"])


def test_status_runs_and_sign_out_work_on_a_phone(browser: Browser, stack: Stack) -> None:
    workflow = a_workflow(stack, "pocket", [a_node("settings", kind="configmap", data={"A": "1"})])
    context = browser.new_context(
        base_url=stack.url, viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce"
    )
    try:
        page = at_home(sign_in(context))
        run = Editor(page, stack, workflow["id"]).run_to_the_end()
        expect(row_of(page, "pocket")).to_contain_text("healthy")
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Runs").click()
        page.get_by_role("table", name="Runs").get_by_role("row").filter(has_text="pocket").click()
        page.wait_for_url(f"**/runs/{run['id']}")
        expect(page.get_by_role("button", name=re.compile("settings"))).to_be_in_viewport()
        # Nothing runs off the side.
        for path in ("/workflows", "/runs", f"/runs/{run['id']}", "/clusters", "/settings/tokens",
                     "/settings/members", "/settings/people",
                     f"/workflows/{workflow['id']}/settings"):  # fmt: skip
            page.goto(path)
            expect(page.get_by_role("main").get_by_role("heading").first).to_be_visible()
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 390, f"{path} is {width} px wide"
        page.goto("/workflows")
        tops = {
            (page.get_by_role("main").get_by_role(role, name=name).bounding_box() or {})["y"]
            for role, name in (("link", "New from git"), ("link", "Import"), ("button", "New workflow"))
        }
        assert len(tops) == 1, "what makes a workflow stands in one row"
        # The place where one is has not faded at the end of the bar.
        page.goto("/clusters")
        here = page.get_by_role("navigation", name="Main").get_by_role("link", name="Clusters")
        expect(here).to_have_attribute("aria-current", "page")
        box = here.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390 - 44
        # Nor out of its list, where it would have to be scrolled to.
        page.goto("/settings/tokens")
        expect(page.get_by_role("button", name=re.compile("^Revoke")).first).to_be_in_viewport(ratio=1)
        page.goto("/settings/members")
        expect(page.get_by_role("button", name=re.compile("^Leave")).first).to_be_in_viewport(ratio=1)
        expect(page.get_by_text("ada@example.org", exact=True).first).to_be_in_viewport(ratio=1)
        page.goto(f"/clusters?cluster={stack.sandbox()['id']}")
        panel = page.get_by_role("complementary", name="sandbox")
        expect(panel.get_by_role("button", name="Test connection")).to_be_in_viewport(ratio=1)
        panel.get_by_role("button", name="Close").click()
        expect(page.get_by_role("table", name="Clusters")).to_be_visible()
        page.get_by_role("button", name=re.compile("^Account of")).click()
        page.get_by_role("menuitem", name="Sign out").click()
        page.wait_for_url("**/login*")
    finally:
        context.close()
