"""A protected environment: what one person plans, another one approves, and then exactly that runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.conftest import sign_in
from tests.journeys.editor import Editor, a_workflow
from tests.journeys.test_history import colour, draw
from tests.support.browser import at_home
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def an_operator(stack: Stack, name: str = "Olga") -> str:
    """Somebody else of the first person's team; their address."""
    [team] = stack.api("GET", "/api/v1/auth/session").body["user"]["teams"]
    invite = stack.api("POST", "/api/v1/invites", {"team": team["id"], "role": "operator"})
    assert invite.status == 201, invite
    stack.register(f"{name.lower()}@example.org", name=name, invite_code=invite.body["code"])
    return f"{name.lower()}@example.org"


def test_a_plan_of_a_protected_environment_runs_once_a_second_person_has_approved_it(
    page: Page, browser: Browser, stack: Stack, cluster: Cluster
) -> None:
    editor = Editor(page, stack, a_workflow(stack, "guarded", [colour("green")])["id"])
    editor.run_to_the_end()
    draw(stack, editor.workflow_id, [colour("blue"), a_node("added", kind="configmap", y=140, data={"A": "1"})])
    editor.run_to_the_end()
    page.goto(f"/workflows/{editor.workflow_id}/settings")
    page.get_by_role("list", name="Environments").get_by_role("link", name="sandbox", exact=True).click()
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

    context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
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


def test_what_waits_is_counted_and_listed_for_who_may_approve_it(page: Page, browser: Browser, stack: Stack) -> None:
    editor = Editor(page, stack, a_workflow(stack, "asked-for", [colour("green")])["id"]).open()
    workflow = stack.api("GET", f"/api/v1/workflows/{editor.workflow_id}").body
    # The page has not heard yet that the environment is protected when Run is pressed.
    page.route(re.compile(f"/workflows/{editor.workflow_id}$"), lambda route: route.fulfill(json=workflow))
    here = f"/api/v1/environments/{workflow['environments'][0]['id']}"
    assert stack.api("PATCH", here, {"protected": True}).status == 200
    editor.run_button.click()
    refusal = page.get_by_role("dialog", name="The run was not started")
    expect(refusal).to_contain_text("is protected")
    refusal.get_by_role("button", name="Make a plan").click()
    approval = page.get_by_role("region", name="Approval")
    expect(approval).to_contain_text("other than Ada")
    expect(approval.get_by_role("button", name="Copy link")).to_be_visible()
    page.unroute_all()

    context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    try:
        otto = at_home(sign_in(context, an_operator(stack, "Otto")))
        entry = otto.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("^Approvals"))
        expect(entry).to_have_accessible_name(re.compile("waiting for you"))
        entry.click()
        row = otto.get_by_role("table", name="Approvals").get_by_role("row").filter(has_text="asked-for")
        expect(row).to_contain_text("waits for you")
        # The next plan of the same person takes its place, and the list hears of it.
        first = otto.get_by_role("link", name="asked-for").get_attribute("href")
        editor.open()
        expect(page.get_by_role("button", name=re.compile("^Environment.*, protected$"))).to_be_visible()
        page.get_by_role("button", name="Plan for approval").click()
        expect(approval).to_contain_text("other than Ada")
        expect(otto.get_by_role("link", name="asked-for")).not_to_have_attribute("href", first or "")
        row.click()
        otto.get_by_role("region", name="Approval").get_by_role("button", name="Approve").click()
        expect(otto.get_by_role("region", name="Approval")).to_contain_text("Approved by Otto")
        otto.goto("/approvals")
        expect(otto.get_by_role("heading", level=1, name="Approvals")).to_be_visible()
        expect(row).to_have_count(0)
    finally:
        context.close()
    expect(approval).to_contain_text("Approved by Otto")
    page.get_by_role("button", name="Run this plan").click()
    expect(editor.drawer.get_by_role("button", name=re.compile("Run #1 succeeded"))).to_be_visible()


def test_a_maker_finds_what_was_decided_and_runs_it_or_takes_it_back(
    page: Page, browser: Browser, stack: Stack, cluster: Cluster
) -> None:
    editor = Editor(page, stack, a_workflow(stack, "found-again", [colour("green")])["id"]).open()
    [environment] = stack.api("GET", f"/api/v1/workflows/{editor.workflow_id}").body["environments"]
    assert stack.api("PATCH", f"/api/v1/environments/{environment['id']}", {"protected": True}).status == 200
    settings = f"/workflows/{editor.workflow_id}/environments/{environment['id']}"
    approval = page.get_by_role("region", name="Approval")
    plans = page.get_by_role("list", name="Plans for approval").get_by_role("listitem")

    page.goto(f"/workflows/{editor.workflow_id}")
    page.get_by_role("button", name="Plan for approval").click()
    expect(approval).to_contain_text("other than Ada")
    context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    try:
        oskar = sign_in(context, an_operator(stack, "Oskar"))
        # What its maker has withdrawn waits for nobody, until they ask again.
        approval.get_by_role("button", name="Withdraw").click()
        expect(approval).to_contain_text("Withdrawn by Ada")
        oskar.goto("/approvals")
        waiting = oskar.get_by_role("table", name="Approvals").get_by_role("row").filter(has_text="found-again")
        expect(oskar.get_by_role("heading", level=1, name="Approvals")).to_be_visible()
        expect(waiting).to_have_count(0)
        page.goto(settings)
        expect(plans).to_contain_text("Withdrawn")
        page.get_by_role("button", name="Ask again").click()
        expect(plans).to_contain_text("Waits for an approval")
        expect(waiting).to_contain_text("waits for you")

        waiting.click()
        oskar.get_by_role("button", name="Refuse…").click()
        refusing = oskar.get_by_role("dialog", name="Refuse this plan?")
        refusing.get_by_label("What has to change").fill("Green is too bright")
        refusing.get_by_role("button", name="Refuse", exact=True).click()
        expect(plans).to_contain_text("Green is too bright.")
        page.goto(f"/workflows/{editor.workflow_id}")
        page.get_by_role("button", name=re.compile("^Refused, open the plan")).click()
        expect(approval).to_contain_text("Green is too bright")

        page.goto(f"/workflows/{editor.workflow_id}")
        page.get_by_role("button", name="Plan for approval").click()
        expect(approval).to_contain_text("other than Ada")
        plan_id = page.url.partition("plan=")[2]
        page.goto("/workflows")
        oskar.goto(f"/workflows/{editor.workflow_id}?environment={environment['id']}&plan={plan_id}")
        oskar.get_by_role("region", name="Approval").get_by_role("button", name="Approve").click()
        expect(oskar.get_by_role("region", name="Approval")).to_contain_text("Approved by Oskar")
    finally:
        context.close()

    # Without the link: on the page of approvals, in the environment and in the editor.
    page.goto("/approvals?show=run")
    to_run = page.get_by_role("table", name="Approvals").get_by_role("row").filter(has_text="found-again")
    expect(to_run).to_contain_text("Oskar")
    page.goto(settings)
    expect(plans).to_contain_text("Approved, to be run")
    page.goto(f"/workflows/{editor.workflow_id}")
    page.get_by_role("button", name=re.compile("^Approved, to be run, open the plan")).click()
    page.get_by_role("button", name="Run this plan").click()
    expect(editor.drawer.get_by_role("button", name=re.compile("Run #1 succeeded"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Approved, to be run"))).to_have_count(0)

    # Its place is changed once it is undeployed, to which the sentence leads.
    page.goto(settings)
    page.get_by_role("button", name="Edit place and variables").click()
    page.get_by_role("dialog", name="Environment sandbox").get_by_role("button", name="Undeploy…").click()
    undeploying = page.get_by_role("dialog", name="Undeploy from sandbox")
    expect(undeploying).to_contain_text("settings")
    undeploying.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Remove environment…").click()
    expect(page.get_by_role("dialog", name="Remove environment sandbox")).to_be_visible()

    page.goto("/approvals?show=decided&q=found-again")
    decided = page.get_by_role("table", name="Decisions").get_by_role("row").filter(has_text="found-again")
    expect(decided).to_have_count(3)
    expect(decided.nth(0)).to_contain_text("approved")
    expect(decided.nth(0)).to_contain_text("#1")
    expect(decided.nth(1)).to_contain_text("Green is too bright")
    page.get_by_role("combobox", name="Decision").click()
    page.get_by_role("option", name="Withdrawn").click()
    expect(decided).to_have_count(1)
    expect(decided).to_contain_text("withdrawn")
