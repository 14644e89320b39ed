"""Who reads a key, who owns a field, and what would break elsewhere: asked from the editor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.wait import until
from tests.support.workflows import a_node, an_edge

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def test_the_readers_of_a_key_are_restarted_and_owners_and_clusters_are_asked_about(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    nodes = [
        a_node("web", image="nginx:1.27"),
        a_node("settings", kind="configmap", y=140, data={"COLOUR": "green"}),
    ]
    edge = {**an_edge("settings", "web", "sets_env"), "parameters": {"restart": False}}
    editor = Editor(page, stack, a_workflow(stack, "readers", nodes, [edge])["id"])
    editor.run_to_the_end()
    before = cluster.read("Deployment", "readers", "web")["metadata"]["generation"]
    editor.open()
    editor.choose_only("settings", "ConfigMap")
    editor.tab("Readers")
    readers = editor.inspector.get_by_role("list", name="Readers")
    expect(readers).to_contain_text("Deployment/web")
    expect(readers).to_contain_text("at restart")
    editor.inspector.get_by_role("button", name="Restart those…").click()
    page.get_by_role("dialog", name="Restart 1 workload?").get_by_role("button", name="Restart").click()
    expect(editor.inspector.get_by_text("1 workload restarted")).to_be_visible()
    until(
        lambda: cluster.read("Deployment", "readers", "web")["metadata"]["generation"] > before,
        what="the pods are replaced",
    )
    # A field that a run set is owned by that run.
    editor.choose_only("web", "Deployment")
    editor.inspector.get_by_role("button", name="Who owns these fields").click()
    expect(editor.inspector.get_by_text(re.compile(r"^set by run #1 \(v1\) by Ada")).first).to_be_visible()
    # What would break on each cluster that the team may use: nothing here.
    editor.focus_canvas()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Fits another cluster…").click()
    clusters = page.get_by_role("complementary", name="Fits another cluster").get_by_role("list", name="Clusters")
    expect(clusters).to_contain_text("sandbox")
    expect(clusters).to_contain_text("fits")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Check rights in the cluster").click()
    rights = page.get_by_role("complementary", name="Rights")
    expect(rights).to_contain_text("Nothing is missing")
    # One press, and the environment is run by the smallest roles alone; another one, and it is as before.
    rights.get_by_role("button", name="Run under the smallest roles").click()
    rights.get_by_role("button", name="Use the cluster’s credentials again").click()
    expect(rights.get_by_role("button", name="Run under the smallest roles")).to_be_visible()
