"""The page for hands on the keyboard, eyes in the dark, and readers that speak."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.browser import at_home
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.support.stack import Stack

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


def test_the_command_palette_searches_navigates_and_runs_commands(page: Page, stack: Stack) -> None:
    workflow = a_workflow(stack, "findable", [a_node("settings", kind="configmap", data={"A": "1"})])
    at_home(page).keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search or run a command")
    palette.get_by_role("combobox").fill("findable")
    expect(palette.get_by_role("option", name=re.compile("^findable"))).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/workflows/{workflow['id']}")
    page.keyboard.press("Control+k")
    palette.get_by_role("combobox").fill("clusters")
    page.keyboard.press("Enter")
    page.wait_for_url("**/clusters*")
    page.keyboard.press("Control+k")
    palette.get_by_role("combobox").fill("dark theme")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_theme_is_switched_and_remembered(page: Page) -> None:
    def background() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    root = page.locator("html")
    at_home(page).get_by_role("button", name="Theme").click()
    page.get_by_role("menuitem", name="Light").or_(page.get_by_role("menuitemcheckbox", name="Light")).click()
    expect(root).to_have_attribute("data-theme", "light")
    light = background()
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitem", name="Dark").or_(page.get_by_role("menuitemcheckbox", name="Dark")).click()
    expect(root).to_have_attribute("data-theme", "dark")
    dark = background()
    assert light != dark
    page.reload()
    expect(page.get_by_role("button", name="Theme")).to_be_visible()
    assert background() == dark


def test_a_workflow_is_created_drawn_and_run_by_keyboard_alone(page: Page, stack: Stack) -> None:
    keys = at_home(page).keyboard
    expect(page.get_by_role("table", name="Workflows")).to_be_visible()
    keys.press("c")
    expect(page.get_by_role("dialog", name="New workflow")).to_be_visible()
    keys.type("by-keys")
    keys.press("Control+Enter")
    page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
    editor = Editor(page, stack, page.url.rsplit("/", 1)[1])
    expect(page.get_by_role("heading", name="Draw your application")).to_be_visible()
    keys.press("/")
    keys.type("deployment")
    keys.press("Enter")
    card = editor.card("app", "Deployment")
    expect(card).to_be_visible()
    # From the palette by Tab alone into the new node's form.
    tab_to(page, card)
    keys.press("Enter")
    keys.press("Enter")
    tab_to(page, editor.field("Image"))
    keys.type("nginx:1.27")
    editor.wait_saved()
    keys.press("Escape")
    tab_to(page, editor.run_button)
    keys.press("Enter")
    editor.wait_run(1, "succeeded")
    editor.health("app", "Deployment", "healthy")
    # Back to the list, and from there by rows.
    tab_to(page, page.get_by_role("button", name=re.compile("^Account of")))
    keys.press("g")
    keys.press("w")
    page.wait_for_url("**/workflows")
    table = page.get_by_role("table", name="Workflows")
    first = table.get_by_role("row").filter(has_text="by-keys")
    expect(first).to_contain_text("succeeded")
    tab_to(page, first)
    keys.press("Enter")
    page.wait_for_url(f"**/workflows/{editor.workflow_id}")


def tab_to(page: Page, goal: Any, limit: int = 80) -> None:
    """Press Tab until `goal` has the focus; a trap or an unreachable goal fails."""
    for _ in range(limit):
        if goal.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"not reached by {limit} times Tab: {goal}")


PAGES = {
    "login": "/login",
    "list": "/workflows",
    "runs": "/runs",
    "clusters": "/clusters",
    "settings": "/settings/profile",
    "members": "/settings/members",
    "tokens": "/settings/tokens",
    "accounts": "/settings/people",
    "registration": "/settings/access",
    "about": "/settings/about",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_serious_accessibility_violation(theme: str, page: Page, browser: Browser, stack: Stack) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed; `make install` does")
    nodes = [a_node("web", image="nginx:1.27"), {**a_node("bare", x=320), "parameters": {}}]
    whole = Editor(page, stack, a_workflow(stack, f"barriers-{theme}", nodes[:1])["id"])
    run = whole.run_to_the_end()
    wanting = a_workflow(stack, f"wanting-{theme}", nodes)
    page.emulate_media(color_scheme="light" if theme == "light" else "dark", reduced_motion="reduce")
    found: dict[str, list[str]] = {}
    for name, path in PAGES.items():
        if name == "login":
            context = browser.new_context(base_url=stack.url, color_scheme="dark" if theme == "dark" else "light")
            login = context.new_page()
            login.goto(path)
            login.get_by_role("button", name="Sign in").wait_for()
            found[name] = barriers(login)
            context.close()
            continue
        page.goto(path)
        page.get_by_role("main").wait_for()
        page.wait_for_load_state("networkidle")
        found[name] = barriers(page)
    page.goto(f"/runs/{run['id']}")
    expect(page.get_by_role("region", name="Wave 1")).to_be_visible()
    found["run"] = barriers(page)
    page.goto(f"/workflows/{whole.workflow_id}/settings")
    expect(page.get_by_role("list", name="Environments")).to_be_visible()
    found["workflow settings"] = barriers(page)
    for action in ("Add environment", "Delete…"):
        page.get_by_role("button", name=action).click()
        expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_enabled()
        found[action] = barriers(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
    whole.open()
    whole.health("web", "Deployment", "healthy")
    whole.choose("web", "Deployment")
    found["editor"] = barriers(page)
    whole.tab("Status")
    found["editor, status"] = barriers(page)
    page.goto(f"/workflows/{whole.workflow_id}?compare=live..current")
    expect(page.get_by_role("region", name="Compare").get_by_role("status").first).to_have_text("No differences.")
    found["compare"] = barriers(page)
    other = Editor(page, stack, wanting["id"]).open()
    other.choose("bare", "Deployment")
    other.drawer.get_by_role("button", name=re.compile("error|to fill in")).click()
    found["editor with problems"] = barriers(page)
    whole.open()
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_role("region", name="Summary")).to_be_visible()
    found["plan"] = barriers(page)
    said = [f"{name}: {barrier}" for name, barriers_ in found.items() for barrier in barriers_]
    assert not said, "\n".join(said)


def barriers(page: Page) -> list[str]:
    """What axe calls serious or critical, each with its first places."""
    page.evaluate("source => { if (!window.axe) window.eval(source) }", AXE.read_text())
    results = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{entry['id']}: {entry['help']}: " + " | ".join(place["html"][:160] for place in entry["nodes"][:3])
        for entry in results["violations"]
        if entry["impact"] in ("serious", "critical")
    ]
