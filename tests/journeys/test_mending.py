"""What is wrong is found from the page, mended in the drawing, and a node is emptied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.wait import until
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def test_a_service_that_selects_nothing_is_mended_from_its_diagnosis_and_a_node_is_drained(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    nodes = [
        a_node("web", image="nginx:1.27", port=8080),
        a_node("front", kind="service", y=140, selector={"app": "wbe"}),
    ]
    editor = Editor(page, stack, a_workflow(stack, "mending", nodes)["id"])
    editor.start_run()
    until(lambda: cluster.exists("Service", "mending", "front"), what="the Service is there")
    editor.open()
    editor.choose_only("front", "Service")
    editor.tab("Diagnosis")
    wrong = editor.inspector.get_by_role("list", name="What is wrong")
    expect(wrong).to_contain_text("No pod has the labels that the Service selects: app=wbe")
    editor.inspector.get_by_role("button", name="Select the pods of Deployment web").click()
    editor.wait_saved()
    assert [edge["relation"] for edge in editor.graph()["edges"]] == ["exposes"]
    editor.run_to_the_end()
    selector = cluster.read("Service", "mending", "front")["spec"]["selector"]
    assert "wbe" not in selector.values()
    # A node of the cluster is emptied.
    sandbox = stack.sandbox()
    page.goto(f"{stack.url}/clusters/{sandbox['id']}/nodes")
    page.get_by_role("row").nth(1).click()
    panel = page.get_by_role("complementary")
    panel.get_by_role("button", name="Drain…").click()
    page.get_by_role("dialog").get_by_role("button", name="Drain", exact=True).click()
    expect(panel.get_by_role("region", name="Drain")).to_contain_text("Drained")
    panel.get_by_role("button", name="Uncordon").click()
    expect(panel.get_by_role("button", name="Cordon")).to_be_visible()
    page.get_by_role("link", name="What is wrong").click()
    expect(page.get_by_text("Looked at")).to_be_visible()
