"""Accounts and tokens from the settings: what a token may do, and an account that is disabled and comes back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.conftest import sign_in
from tests.support import stack as stacks
from tests.support.browser import at_home

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.support.stack import Stack


def test_a_token_does_only_what_its_scope_says_and_is_revoked(page: Page, stack: Stack) -> None:
    page.goto("/settings/tokens")
    page.get_by_role("button", name="New token").first.click()
    dialog = page.get_by_role("dialog", name="New token")
    dialog.get_by_label(re.compile(r"^Name\*?$")).fill("dashboard")
    dialog.get_by_role("combobox", name="Scope").click()
    page.get_by_role("option", name=re.compile("^Read")).click()
    dialog.get_by_role("button", name="Create token").click()
    token = page.get_by_role("dialog", name="Copy the token now").get_by_role("region", name="Token").inner_text()
    page.get_by_role("button", name="Done").click()
    row = page.get_by_role("table", name="Access tokens").get_by_role("row").filter(has_text="dashboard")
    expect(row).to_contain_text("read")
    expect(row).to_contain_text("in 3 mo")
    assert stack.api("GET", "/api/v1/workflows", token=token.strip()).status == 200
    assert stack.api("POST", "/api/v1/workflows", {"name": "no"}, token=token.strip()).status == 403
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke token").click()
    expect(row).to_have_count(0)
    assert stack.api("GET", "/api/v1/workflows", token=token.strip()).status == 401


def test_a_disabled_account_is_out_at_once_and_a_new_password_brings_it_back(
    page: Page, browser: Browser, stack: Stack
) -> None:
    invite = stack.api("POST", "/api/v1/invites", {"team": stack.api("GET", "/api/v1/teams").body["results"][0]["id"],
                                                    "role": "viewer"}).body  # fmt: skip
    stack.register("leaving@example.org", name="Lea Leaving", invite_code=invite["code"])
    context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    try:
        lea = at_home(sign_in(context, "leaving@example.org"))
        page.goto("/settings/people")
        row = page.get_by_role("table", name="Accounts").get_by_role("row").filter(has_text="Lea Leaving")
        page.get_by_role("button", name="Actions for Lea Leaving").click()
        page.get_by_role("menuitem", name="Disable account").click()
        dialog = page.get_by_role("dialog", name="Disable Lea Leaving")
        expect(dialog).to_contain_text("All its sessions, access tokens and open invites")
        dialog.get_by_role("button", name="Disable account").click()
        expect(row).to_contain_text("disabled")
        lea.goto("/runs")
        lea.wait_for_url("**/login*")

        page.get_by_role("button", name="Actions for Lea Leaving").click()
        page.get_by_role("menuitem", name="Enable account").click()
        expect(row).not_to_contain_text("disabled")
        page.get_by_role("button", name="Actions for Lea Leaving").click()
        page.get_by_role("menuitem", name="New password code").click()
        page.get_by_role("button", name="Create link").click()
        link = page.get_by_role("dialog").get_by_role("region", name="Link").inner_text()
        lea.goto(link[link.index("/reset") :].strip())
        lea.get_by_label(re.compile(r"^New password\*?$")).fill(f"{stacks.PASSWORD} again")
        lea.get_by_role("button", name="Set the password").click()
        lea.get_by_role("link", name="Sign in").click()
        lea.get_by_label("E-mail").fill("leaving@example.org")
        lea.get_by_label("Password", exact=True).fill(f"{stacks.PASSWORD} again")
        lea.get_by_role("button", name="Sign in").click()
        lea.wait_for_url("**/workflows*")
    finally:
        context.close()
