"""A session that ends while somebody works: nothing that was typed is lost, and nobody else sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import a_workflow
from tests.support import stack as stacks
from tests.support.browser import at_home

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stack import Stack


def test_what_was_typed_is_still_there_after_signing_in_again(page: Page, stack: Stack) -> None:
    workflow = a_workflow(stack, "interrupted", [])
    page.goto(f"/workflows/{workflow['id']}/settings")
    page.get_by_role("button", name="Add environment").click()
    dialog = page.get_by_role("dialog", name="New environment")
    dialog.get_by_label(re.compile(r"^Name\*?$")).fill("prod")
    page.context.clear_cookies()
    dialog.get_by_role("button", name="Create environment").click()

    again = page.get_by_role("dialog", name="Your session has ended")
    expect(again.get_by_label("E-mail")).to_have_value("ada@example.org")
    password = again.get_by_label("Password", exact=True)
    expect(password).to_be_focused()
    password.fill("a wrong one")
    password.press("Enter")
    expect(again.get_by_role("alert")).to_contain_text("Not signed in")
    page.keyboard.press("Escape")
    expect(again).to_be_visible()
    password.fill(stacks.PASSWORD)
    password.press("Enter")
    expect(again).to_be_hidden()

    expect(dialog.get_by_role("alert")).to_contain_text("Your session had ended; try again.")
    expect(dialog.get_by_label(re.compile(r"^Name\*?$"))).to_have_value("prod")
    dialog.get_by_role("button", name="Create environment").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("list", name="Environments")).to_contain_text("prod")


def test_a_page_that_only_looks_on_notices_that_its_session_has_ended(page: Page, stack: Stack) -> None:
    expect(at_home(page).get_by_role("table", name="Workflows")).to_be_visible()
    token = page.evaluate("/kubeorch_csrf=(\\w+)/.exec(document.cookie)[1]")
    # As a sign-out in another tab does it, without a word to this one.
    answer = page.context.request.post("/api/v1/auth/logout", headers={"X-CSRFToken": token, "Referer": stack.url})
    assert answer.status in (200, 204), answer.text()
    expect(page.get_by_role("dialog", name="Your session has ended")).to_be_visible()
    # Covered, not only announced.
    expect(page.get_by_role("table", name="Workflows")).to_have_count(0)
