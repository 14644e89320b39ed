"""Plan before Run: what would happen, object by object, and a run of exactly that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def test_a_plan_says_what_a_run_would_do_and_is_run_as_it_says(page: Page, stack: Stack, cluster: Cluster) -> None:
    nodes = [
        a_node("web", image="nginx:1.27", replicas=2),
        a_node("settings", kind="configmap", y=120, data={"COLOUR": "green"}),
    ]
    editor = Editor(page, stack, a_workflow(stack, "planned", nodes)["id"])
    editor.run_to_the_end()
    editor.open()
    editor.choose_only("web", "Deployment")
    editor.fill("Image", "nginx:1.28")
    editor.focus_canvas()
    page.get_by_role("button", name="Plan", exact=True).click()
    panel = page.get_by_role("complementary", name="Plan")
    expect(panel.get_by_role("status")).to_have_text("1 update.")
    row = panel.get_by_role("list", name="What changes").get_by_role("button", name=re.compile("web"))
    expect(row).to_contain_text("update")
    row.click()
    expect(panel).to_contain_text("nginx:1.28")
    expect(panel).to_contain_text("1 object unchanged or kept")
    # Nothing has happened yet.
    assert [run["number"] for run in editor.runs()] == [1]
    web = cluster.read("Deployment", "planned", "web")
    assert web["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.27"
    panel.get_by_role("button", name="Run this plan").click()
    editor.wait_run(2, "succeeded")
    expect(panel).to_be_hidden()
    web = cluster.read("Deployment", "planned", "web")
    assert web["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.28"


def test_a_plan_that_is_no_longer_true_is_not_run_and_says_what_moved(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    nodes = [a_node("settings", kind="configmap", data={"COLOUR": "green"})]
    editor = Editor(page, stack, a_workflow(stack, "moved", nodes)["id"])
    editor.run_to_the_end()
    editor.open()
    editor.choose_only("settings", "ConfigMap")
    editor.inspector.get_by_label("Value of COLOUR").fill("blue")
    editor.focus_canvas()
    page.get_by_role("button", name="Plan", exact=True).click()
    panel = page.get_by_role("complementary", name="Plan")
    expect(panel.get_by_role("status")).to_have_text("1 update.")
    cluster.patch("ConfigMap", "moved", "settings", {"data": {"COLOUR": "red"}})
    panel.get_by_role("button", name="Run this plan").click()
    expect(panel.get_by_role("alert", name="Changed since")).to_contain_text("settings")
    assert [run["number"] for run in editor.runs()] == [1]
    # Planned again, it says who holds the field now, and is not offered to be run.
    panel.get_by_role("button", name="Plan again").click()
    expect(panel.get_by_role("alert", name="Changed since")).to_have_count(0)
    expect(panel.get_by_role("status")).to_have_text("1 conflict.")
    expect(panel.get_by_role("list", name="What changes")).to_contain_text("is managed by")
    expect(panel.get_by_role("button", name="Run this plan")).to_have_attribute("aria-disabled", "true")
    assert [run["number"] for run in editor.runs()] == [1]
