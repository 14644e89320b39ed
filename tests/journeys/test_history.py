"""The way back: what ran and what was saved is found, and run again after its plan."""

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


def draw(stack: Stack, workflow_id: str, nodes: list[dict[str, object]]) -> None:
    """The drawing becomes these nodes, as if somebody else had edited it."""
    rev = stack.api("GET", f"/api/v1/workflows/{workflow_id}/graph").body["rev"]
    body = {"rev": rev, "nodes": nodes, "edges": []}
    assert stack.api("PUT", f"/api/v1/workflows/{workflow_id}/graph", body).status == 200


def colour(value: str) -> dict[str, object]:
    return a_node("settings", kind="configmap", data={"COLOUR": value})


def row_of(page: Page, table: str, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("table", name=table).get_by_role("row").filter(has_text=name)


def test_an_earlier_version_is_run_again_after_its_plan(page: Page, stack: Stack, cluster: Cluster) -> None:
    editor = Editor(page, stack, a_workflow(stack, "again", [colour("green")])["id"])
    editor.run_to_the_end()
    added = a_node("added", kind="configmap", y=140, data={"A": "1"})
    draw(stack, editor.workflow_id, [colour("blue"), added])
    editor.run_to_the_end()
    page.goto(f"/workflows/{editor.workflow_id}/runs")
    expect(row_of(page, "Runs", "#2")).to_contain_text("succeeded")
    page.get_by_role("navigation", name="Workflow").get_by_role("link", name="Versions").click()
    expect(row_of(page, "Versions", re.compile("^v2"))).to_contain_text("sandbox")

    page.get_by_role("button", name="Run v1", exact=True).click()
    dialog = page.get_by_role("dialog", name="Run v1 in sandbox")
    expect(dialog.get_by_role("list", name="What goes")).to_contain_text("added")
    changes = dialog.get_by_role("list", name="What changes")
    changes.get_by_text("settings").click()
    expect(changes).to_contain_text("data.COLOUR")
    expect(changes).to_contain_text("blue → green")
    assert cluster.read("ConfigMap", "again", "settings")["data"] == {"COLOUR": "blue"}, "a plan changes nothing"
    dialog.get_by_role("button", name="Run v1", exact=True).click()
    page.wait_for_url("**/runs/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("again #3")
    expect(page).to_have_title(re.compile("^✓"))
    assert cluster.read("ConfigMap", "again", "settings")["data"] == {"COLOUR": "green"}
    cluster.until_gone("ConfigMap", "again", "added")
    page.goto(f"/workflows/{editor.workflow_id}/versions")
    expect(row_of(page, "Versions", re.compile("^v1"))).to_contain_text("sandbox")
    # The drawing is as it was.
    assert len(editor.graph()["nodes"]) == 2
