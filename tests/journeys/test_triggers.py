"""Runs that nobody starts by hand: a schedule and a webhook are added, called, seen and removed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.journeys.test_history import colour, draw
from tests.support.wait import PATIENCE_S
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


IMAGE = "127.0.0.1:9/shop/web:1"


def call(address: str) -> int:
    """A pipeline calls a webhook: nobody is signed in."""
    with urlopen(Request(address, data=b"{}", method="POST"), timeout=PATIENCE_S) as answer:
        return int(answer.status)


def test_a_schedule_and_a_webhook_start_runs_and_tell_what_was_held(page: Page, stack: Stack, cluster: Cluster) -> None:
    editor = Editor(page, stack, a_workflow(stack, "triggered", [colour("green")])["id"])
    [environment] = stack.api("GET", f"/api/v1/workflows/{editor.workflow_id}").body["environments"]
    here = f"/workflows/{editor.workflow_id}/environments/{environment['id']}"
    page.goto(here)
    expect(page.get_by_role("heading", name="No triggers")).to_be_visible()

    page.get_by_role("button", name="Add trigger").click()
    dialog = page.get_by_role("dialog", name="New trigger of sandbox")
    schedule, zone = dialog.get_by_label("Schedule", exact=False).last, dialog.get_by_label(re.compile("^Time zone"))
    schedule.fill("61 2 * * *")
    zone.fill("Mars")
    dialog.get_by_role("button", name="Add schedule").click()
    expect(dialog.get_by_role("alert")).to_contain_text("between 0 and 59")
    schedule.fill("30 2 * * 1-5")
    expect(dialog).to_contain_text("Monday to Friday at 02:30")
    dialog.get_by_role("button", name="Add schedule").click()
    expect(dialog.get_by_role("alert")).to_contain_text("no time zone")
    zone.fill("Europe/Berlin")
    dialog.get_by_role("button", name="Add schedule").click()
    expect(dialog).to_be_hidden()
    triggers = page.get_by_role("list", name="Triggers")
    scheduled = triggers.get_by_role("listitem").filter(has_text="Monday to Friday at 02:30")
    expect(scheduled).to_contain_text("30 2 * * 1-5 in Europe/Berlin · next in")
    expect(scheduled).to_contain_text("Has not fired yet.")
    scheduled.get_by_role("switch").click()
    expect(scheduled).to_contain_text("disabled")
    scheduled.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit schedule")
    dialog.get_by_label("Schedule", exact=False).last.fill("@daily")
    dialog.get_by_role("button", name="Save schedule").click()
    expect(triggers).to_contain_text("Every day at 00:00")

    page.get_by_role("button", name="Add trigger").click()
    dialog = page.get_by_role("dialog", name="New trigger of sandbox")
    dialog.get_by_role("radio", name="Webhook").click()
    dialog.get_by_role("button", name="Add webhook").click()
    made = page.get_by_role("dialog", name="Copy the address now")
    expect(made).to_contain_text("curl -X POST")
    [address] = re.findall(r"https?://\S+/api/v1/hooks/[\w-]+", made.inner_text())
    made.get_by_role("button", name="Done").click()
    hooked = triggers.get_by_role("listitem").filter(has_text="Webhook")

    assert call(address) == 202
    expect(hooked).to_contain_text("Started run #1")
    hooked.get_by_role("link", name="run #1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("triggered #1")
    expect(page).to_have_title(re.compile("^✓"))
    expect(page.get_by_role("main")).to_contain_text("webhook")
    assert cluster.read("ConfigMap", "triggered", "settings")["data"] == {"COLOUR": "green"}

    # What a person should look at is held with the reason.
    assert stack.api("PATCH", f"/api/v1/environments/{environment['id']}", {"protected": True}).status == 200
    draw(stack, editor.workflow_id, [colour("blue")])
    assert call(address) == 202
    page.goto(here)
    expect(hooked).to_contain_text(re.compile("Held.*protected", re.DOTALL))
    assert cluster.read("ConfigMap", "triggered", "settings")["data"] == {"COLOUR": "green"}

    hooked.get_by_role("button", name="Edit Webhook").click()
    dialog = page.get_by_role("dialog", name="Edit webhook")
    dialog.get_by_label("Name").fill("pipeline")
    dialog.get_by_role("button", name="Save webhook").click()
    expect(hooked).to_contain_text("pipeline")

    hooked.get_by_role("button", name="Remove pipeline").click()
    dialog = page.get_by_role("dialog", name="Remove webhook")
    expect(dialog).to_contain_text("every pipeline that calls it is refused")
    dialog.get_by_role("button", name="Remove trigger").click()
    expect(hooked).to_have_count(0)
    expect(triggers.get_by_role("listitem")).to_have_count(1)

    page.get_by_role("button", name="Add trigger").click()
    dialog = page.get_by_role("dialog", name="New trigger of sandbox")
    dialog.get_by_role("radio", name="New build").click()
    expect(dialog).to_contain_text("when a build of its sources succeeds")
    dialog.get_by_role("button", name="Add trigger").click()
    follows = triggers.get_by_role("listitem").filter(has_text="New build")
    expect(follows).to_contain_text("runs when a build of its sources succeeds")
    follows.get_by_role("button", name="Remove New build").click()
    page.get_by_role("dialog", name="Remove trigger: New build").get_by_role("button", name="Remove trigger").click()
    expect(triggers.get_by_role("listitem")).to_have_count(1)

    page.get_by_role("button", name="Add trigger").click()
    dialog = page.get_by_role("dialog", name="New trigger of sandbox")
    dialog.get_by_role("radio", name="New image").click()
    expect(dialog).to_contain_text("No container of the saved graph names an image by a tag")
    expect(dialog.get_by_role("button", name="Add trigger")).to_be_disabled()
    dialog.get_by_role("button", name="Cancel").click()
    web = a_node("web", kind="deployment", y=140, image=IMAGE)
    draw(stack, editor.workflow_id, [colour("blue"), web])
    page.get_by_role("button", name="Add trigger").click()
    dialog.get_by_role("radio", name="New image").click()
    dialog.get_by_role("checkbox", name=IMAGE).check()
    dialog.get_by_role("button", name="Add trigger").click()
    watches = triggers.get_by_role("listitem").filter(has_text="runs when a tag that it watches names another image")
    # Nobody answers there: that is told, and when it is asked again.
    expect(watches).to_contain_text(re.compile(f"{re.escape(IMAGE)}.*Not read.*Asked again", re.DOTALL))
