"""A protected environment: what one person plans, another one approves, and then exactly that runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.conftest import sign_in
from tests.journeys.editor import Editor, a_workflow
from tests.journeys.test_history import colour, draw
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def an_operator(stack: Stack) -> str:
    """Somebody else of the first person's team; their address."""
    [team] = stack.api("GET", "/api/v1/auth/session").body["user"]["teams"]
    invite = stack.api("POST", "/api/v1/invites", {"team": team["id"], "role": "operator"})
    assert invite.status == 201, invite
    stack.register("olga@example.org", name="Olga", invite_code=invite.body["code"])
    return "olga@example.org"


def test_a_plan_of_a_protected_environment_runs_once_a_second_person_has_approved_it(
    page: Page, browser: Browser, stack: Stack, cluster: Cluster
) -> None:
    editor = Editor(page, stack, a_workflow(stack, "guarded", [colour("green")])["id"])
    editor.run_to_the_end()
    draw(stack, editor.workflow_id, [colour("blue"), a_node("added", kind="configmap", y=140, data={"A": "1"})])
    editor.run_to_the_end()
    page.goto(f"/workflows/{editor.workflow_id}/settings")
    page.get_by_role("list", name="Environments").get_by_role("link", name="sandbox").click()
    page.get_by_role("switch", name="Protected").click()
    expect(page.get_by_role("switch", name="Protected")).to_be_checked()

    page.goto(f"/workflows/{editor.workflow_id}/versions")
    page.get_by_role("button", name="Run v1", exact=True).click()
    dialog = page.get_by_role("dialog", name="Run v1 in sandbox")
    asked = dialog.get_by_role("status", name="Approval")
    expect(asked).to_contain_text("sandbox is protected: another operator has to approve this")
    run = dialog.get_by_role("button", name="Run v1", exact=True)
    expect(run).to_be_disabled()
    link = asked.locator("code").inner_text()

    context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 800})
    try:
        olga = sign_in(context, an_operator(stack))
        olga.goto(link)
        approval = olga.get_by_role("region", name="Approval")
        expect(approval).to_contain_text("other than Ada")
        approval.get_by_role("button", name="Approve").click()
        expect(approval).to_contain_text("Approved by Olga")
    finally:
        context.close()

    # Who has waited with the dialog open sees it, and goes on from there.
    expect(asked).to_contain_text("Approved by Olga")
    run.click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f]{24}$"))
    expect(page).to_have_title(re.compile("^✓"))
    assert cluster.read("ConfigMap", "guarded", "settings")["data"] == {"COLOUR": "green"}
