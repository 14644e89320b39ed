"""Every list says that it loads, that it could not be loaded and how to try again, and what will be there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.journeys.pictures import PROBLEM

if TYPE_CHECKING:
    from playwright.sync_api import Page

LISTS = {
    "Workflows": ("workflows", "No workflows yet"),
    "Imports": ("imports", "No imports yet"),
    "Builds": ("builds", "No builds yet"),
    "Runs": ("runs", "No runs yet"),
    "Drift": ("drift", "Nothing has drifted"),
    "Approvals": ("approvals", "Nothing waits for an approval"),
}


@pytest.mark.parametrize("label", LISTS)
def test_a_list_is_honest_while_it_loads_when_it_fails_and_when_it_is_empty(label: str, page: Page) -> None:
    path, nothing = LISTS[label]
    address = re.compile(rf"/api/v1/{path}\?")
    answers: list[dict[str, Any]] = []

    def answer(route: Any) -> None:
        """The latest of the answers; without one nobody answers."""
        if answers:
            route.fulfill(**answers[-1])

    page.route(address, answer)
    page.goto(f"/{path}")
    content = page.get_by_role("main")
    expect(content.get_by_role("heading", level=1)).to_have_text(label)
    expect(content.get_by_role("status", name="Loading")).to_be_visible()

    answers.append({"status": 500, "json": PROBLEM})
    page.reload()
    failure = content.get_by_role("alert")
    expect(failure).to_contain_text(f"{label} could not be loaded")
    expect(failure).to_contain_text("The database does not answer")

    answers.append({"json": {"results": [], "next": None}})
    content.get_by_role("button", name="Retry").click()
    expect(content.get_by_role("heading", name=nothing)).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")


def test_a_new_token_is_shown_once_with_the_line_that_tries_it(page: Page) -> None:
    page.goto("/settings/tokens")
    page.get_by_role("button", name="New token").click()
    page.get_by_role("dialog", name="New token").get_by_label(re.compile("^Name")).fill("pipeline")
    page.get_by_role("button", name="Create token").click()
    made = page.get_by_role("dialog", name="Copy the token now")
    token = made.get_by_role("region", name="Token").inner_text().strip()
    line = made.get_by_role("region", name="Command").inner_text().strip()
    match = re.fullmatch(r'curl -H "Authorization: Bearer \$TOKEN" (https?://\S+)', line)
    assert match, line
    answer = page.context.request.get(match[1], headers={"Authorization": f"Bearer {token}"})
    assert answer.ok, answer.text()
    made.get_by_role("button", name="Done").click()
    expect(page.get_by_role("table")).to_contain_text("pipeline")
