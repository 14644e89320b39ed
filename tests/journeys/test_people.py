"""A second person comes by invitation; who may only look is told so, and cannot do more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support import stack as stacks
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.support.stack import Stack


def test_an_invited_viewer_sees_everything_and_can_neither_edit_nor_run(
    page: Page, browser: Browser, stack: Stack
) -> None:
    workflow = a_workflow(stack, "looked-at", [a_node("web", image="nginx:1.27")])
    page.goto("/settings/members")
    page.get_by_role("button", name="Invite", exact=True).click()
    dialog = page.get_by_role("dialog", name="Invite someone")
    dialog.get_by_role("combobox").click()
    page.get_by_role("option", name=re.compile("^Viewer", re.IGNORECASE)).click()
    dialog.get_by_role("button", name="Create invite").click()
    text = page.get_by_role("dialog", name="Send this link").inner_text()
    found = re.search(r"/register\?code=\S+", text)
    assert found is not None, text

    context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    try:
        grace = context.new_page()
        grace.goto(found.group())
        grace.get_by_label("Name").fill("Grace Hopper")
        grace.get_by_label("E-mail").fill(f"grace-{workflow['id']}@example.org")
        grace.get_by_label(re.compile(r"^Password\*?$")).fill(stacks.PASSWORD)
        grace.get_by_role("button", name="Create account").click()
        row = grace.get_by_role("table", name="Workflows").get_by_role("row").filter(has_text="looked-at")
        expect(row).to_be_visible()
        row.get_by_role("link", name="looked-at").click()
        editor = Editor(grace, stack, workflow["id"])
        expect(grace.get_by_text("read only", exact=True)).to_be_visible()
        expect(grace.get_by_role("navigation", name="Kinds")).to_have_count(0)
        editor.choose("web", "Deployment")
        expect(editor.field("Image")).to_have_attribute("readonly", "")
        expect(editor.inspector.get_by_role("button", name="Delete node")).to_have_count(0)
        editor.card("web", "Deployment").focus()
        grace.keyboard.press("Delete")
        expect(editor.cards).to_have_count(1)
        expect(editor.run_button).to_have_attribute("aria-disabled", "true")
        editor.run_button.hover()
        expect(grace.get_by_role("tooltip")).to_contain_text("This workflow is read-only for you.")
        editor.run_button.click(force=True)
        assert editor.runs() == []
        # Nor by a request of her own making, with the session she has.
        refused = grace.evaluate(
            """async id => {
              const token = /kubeorch_csrf=(\\w+)/.exec(document.cookie)[1];
              const headers = {'Content-Type': 'application/json', 'X-CSRFToken': token};
              const request = {method: 'PATCH', body: '{"name":"mine"}', headers};
              return (await fetch(`/api/v1/workflows/${id}`, request)).status;
            }""",
            workflow["id"],
        )
        assert refused == 403
    finally:
        context.close()
