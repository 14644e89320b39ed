"""Logs and shells from the node that is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stack import Stack


def test_a_node_with_containers_has_logs_and_shells_and_another_one_has_none(page: Page, stack: Stack) -> None:
    nodes = [a_node("web", image="nginx:1.27", port=8080), a_node("settings", kind="configmap", y=200, data={"A": "1"})]
    editor = Editor(page, stack, a_workflow(stack, "inside", nodes)["id"]).open()
    editor.choose_only("web", "Deployment")
    expect(editor.inspector.get_by_role("tab", name="Status")).to_be_visible()
    expect(editor.inspector.get_by_role("tab", name="Logs")).to_have_count(0)  # nothing of it runs yet
    editor.run_to_the_end()
    editor.choose_only("web", "Deployment")
    editor.tab("Logs")
    expect(editor.inspector.get_by_text("No logs: this cluster is simulated")).to_be_visible()
    link = editor.inspector.get_by_role("link", name="On a page of their own")
    assert (link.get_attribute("href") or "").endswith("/resources/Deployment.apps/inside/web?tab=logs")
    editor.tab("Terminal")
    expect(editor.inspector.get_by_text("No shells: this cluster is simulated")).to_be_visible()
    editor.choose_only("settings", "ConfigMap")
    expect(editor.inspector.get_by_role("tab", name="Logs")).to_have_count(0)
