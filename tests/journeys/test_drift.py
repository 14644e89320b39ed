"""The drift list: what somebody changed by hand comes up by itself, and is put back or left to them from there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("table", name="Drift").get_by_role("row").filter(has_text=name)


def test_what_was_changed_by_hand_is_listed_by_itself_and_put_back_from_there(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    nodes = [
        a_node("colours", kind="configmap", data={"COLOUR": "green"}),
        a_node("sizes", kind="configmap", y=120, data={"SIZE": "1"}),
    ]
    editor = Editor(page, stack, a_workflow(stack, "drifted", nodes)["id"])
    editor.run_to_the_end()
    page.goto("/drift?q=drifted")
    expect(page.get_by_role("heading", name="No matching drift")).to_be_visible()
    page.goto("/drift")
    expect(page.get_by_role("main").get_by_role("heading", name=re.compile("^Drift|Nothing has drifted")).first
           ).to_be_visible()  # fmt: skip
    cluster.patch("ConfigMap", "drifted", "colours", {"data": {"COLOUR": "red"}})
    cluster.patch("ConfigMap", "drifted", "sizes", {"data": {"SIZE": "2"}})
    expect(row_of(page, "colours")).to_contain_text("green → red")
    expect(row_of(page, "sizes")).to_contain_text("drifted in sandbox")
    page.get_by_label("Search drift").fill("colours")
    expect(row_of(page, "sizes")).to_have_count(0)
    expect(page).to_have_url(re.compile("q=colours"))

    # By link, with its detail: who changed which field, and a run that puts it back.
    row_of(page, "colours").click()
    expect(page).to_have_url(re.compile("object="))
    page.reload()
    panel = page.get_by_role("complementary", name="colours")
    expect(panel.get_by_role("list", name="Fields")).to_contain_text("data.COLOUR")
    panel.get_by_role("button", name="Revert").click()
    dialog = page.get_by_role("dialog", name="Revert colours in sandbox")
    expect(dialog).to_contain_text("red → green")
    dialog.get_by_role("button", name="Revert").click()
    page.wait_for_url("**/runs/*")
    expect(page.get_by_role("main")).to_contain_text("to put drift right")
    expect(page).to_have_title(re.compile("^✓"))
    assert cluster.read("ConfigMap", "drifted", "colours")["data"] == {"COLOUR": "green"}
    assert cluster.read("ConfigMap", "drifted", "sizes")["data"] == {"SIZE": "2"}, "only what was asked for"

    # The other one is left to whoever changed it: it is no drift any more, and keeps its value.
    page.goto("/drift?q=sizes")
    expect(row_of(page, "colours")).to_have_count(0)
    row_of(page, "sizes").click()
    panel = page.get_by_role("complementary", name="sizes")
    panel.get_by_role("button", name=re.compile("^Decide about")).click()
    page.get_by_role("menuitem", name=re.compile("^Leave to others")).click()
    expect(page.get_by_role("heading", name="No matching drift")).to_be_visible()
    editor.run_to_the_end()
    assert cluster.read("ConfigMap", "drifted", "sizes")["data"] == {"SIZE": "2"}

    # The environment tells what is left to others, and who owns each field now.
    [environment] = stack.api("GET", f"/api/v1/workflows/{editor.workflow_id}").body["environments"]
    page.goto(f"/workflows/{editor.workflow_id}/environments/{environment['id']}")
    left = page.get_by_role("list", name="Fields left to others")
    expect(left).to_contain_text("data.SIZE")
    page.get_by_role("link", name="Owners of fields").click()
    fields = page.get_by_role("table", name="Owners of fields")
    expect(fields.get_by_role("row").filter(has_text="data.COLOUR")).to_contain_text("KubeOrch")
    expect(fields.get_by_role("row").filter(has_text="data.SIZE")).not_to_contain_text("KubeOrch")
    page.go_back()
    left.get_by_role("button", name="Take back data.SIZE").click()
    expect(left).to_have_count(0)
