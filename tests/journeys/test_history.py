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


def test_an_environment_goes_back_to_what_an_earlier_run_applied(page: Page, stack: Stack, cluster: Cluster) -> None:
    editor = Editor(page, stack, a_workflow(stack, "returned", [colour("green")])["id"])
    first = editor.run_to_the_end()
    draw(stack, editor.workflow_id, [colour("blue"), a_node("added", kind="configmap", y=140, data={"A": "1"})])
    second = editor.run_to_the_end()
    page.goto(f"/workflows/{editor.workflow_id}/runs")
    # What is live is no way back.
    expect(page.get_by_role("button", name="Return to run #1")).to_be_visible()
    expect(page.get_by_role("button", name="Return to run #2")).to_have_count(0)
    page.get_by_role("button", name="Return to run #1").click()
    dialog = page.get_by_role("dialog", name="Return to run #1 in sandbox")
    # What goes and what changes is told before, and just that runs.
    expect(dialog).to_contain_text("Applies again what run #1, v1, applied")
    expect(dialog.get_by_role("list", name="What goes")).to_contain_text("added")
    changes = dialog.get_by_role("list", name="What changes")
    changes.get_by_text("settings").click()
    expect(changes).to_contain_text("blue → green")
    assert cluster.read("ConfigMap", "returned", "settings")["data"] == {"COLOUR": "blue"}, "a plan changes nothing"
    dialog.get_by_role("button", name="Return to run #1").click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f]{24}$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rollback: returned #3")
    expect(page.get_by_role("link", name="run #1")).to_have_attribute("href", f"/runs/{first['id']}")
    expect(page).to_have_title(re.compile("^✓"))
    assert cluster.read("ConfigMap", "returned", "settings")["data"] == {"COLOUR": "green"}
    cluster.until_gone("ConfigMap", "returned", "added")
    page.goto(f"/runs/{second['id']}")
    expect(page.get_by_role("button", name="Return to this run")).to_be_visible()


def test_the_last_run_is_undone_after_its_plan_and_the_first_one_by_undeploying(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    nodes = [colour("green"), a_node("data", kind="persistentvolumeclaim", y=140)]
    editor = Editor(page, stack, a_workflow(stack, "undone", nodes[:1])["id"])
    first = editor.run_to_the_end()
    page.goto(f"/runs/{first['id']}")
    page.get_by_role("button", name="Undo this run").click()
    dialog = page.get_by_role("dialog", name="Undo run #1 in sandbox")
    expect(dialog.get_by_role("alert")).to_contain_text("There is nothing to return to")
    expect(dialog.get_by_role("button", name="Undo run #1")).to_be_disabled()
    dialog.get_by_role("button", name="Undeploy…").click()
    dialog = page.get_by_role("dialog", name="Undeploy from sandbox")
    expect(dialog).to_contain_text("ConfigMap/settings")
    dialog.get_by_role("button", name="Cancel").click()

    draw(stack, editor.workflow_id, nodes)
    second = editor.run_to_the_end()
    page.goto(f"/runs/{second['id']}")
    page.get_by_role("button", name="Undo this run").click()
    dialog = page.get_by_role("dialog", name="Undo run #2 in sandbox")
    expect(dialog).to_contain_text("Applies again what run #1, v1, applied")
    # Data is not deleted by the way back, and the plan says so.
    expect(dialog.get_by_role("list", name="What stays behind")).to_contain_text("PersistentVolumeClaim/data")
    dialog.get_by_role("button", name="Undo run #2").click()
    page.wait_for_url(re.compile(rf"/runs/(?!{second['id']})[0-9a-f]{{24}}$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rollback: undone #3")
    expect(page).to_have_title(re.compile("^✓"))
    assert cluster.exists("PersistentVolumeClaim", "undone", "data")


def test_a_run_that_fails_is_rolled_back_by_itself_and_the_page_tells_how(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    editor = Editor(page, stack, a_workflow(stack, "rolled", [a_node("web", image="nginx:1.27")])["id"])
    [environment] = stack.api("GET", f"/api/v1/workflows/{editor.workflow_id}").body["environments"]
    here = f"/workflows/{editor.workflow_id}/environments/{environment['id']}"
    page.goto(here)
    page.get_by_role("switch", name="Automatic rollback").click()
    expect(page.get_by_role("switch", name="Automatic rollback")).to_be_checked()
    editor.run_to_the_end()
    draw(stack, editor.workflow_id, [a_node("web", image="fail.kubeorch.dev/imagepull/web:2")])
    run = editor.start_run(deadline_s=5)
    page.goto(f"/runs/{run['id']}")
    story = page.get_by_role("region", name="Rollback")
    expect(story).to_contain_text("Run #3 returned to run #1, v1, started by itself")
    expect(page.get_by_role("heading", level=1).locator("..")).to_contain_text("rolled back")
    image = cluster.read("Deployment", "rolled", "web")["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == "nginx:1.27"
    # The rollback tells the same from its side, and who started it.
    story.get_by_role("link", name="Run #3").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rollback: rolled #3")
    expect(story.get_by_role("link", name="Run #2")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("by automatic rollback")
    # The editor says so too: tab and body follow the newest run, and the one that failed is a press away.
    editor.open()
    editor.drawer.get_by_role("button", name="Run #3 rolled back #2").click()
    told = editor.drawer.get_by_role("status", name="Automatic rollback")
    expect(told).to_contain_text("Your run #2 with v2 failed. The automatic run #3 put v1 back.")
    expect(told).to_contain_text("v2 is quarantined")
    told.get_by_role("button", name="#2").click()
    expect(editor.drawer.get_by_role("button", name="Run #2 rolled back")).to_be_visible()
    expect(editor.drawer.get_by_role("link", name="Run #2")).to_be_visible()
    editor.drawer.get_by_role("button", name="Show run #3, the newest").click()
    expect(told).to_be_visible()
    # Its version is held back from runs that nobody starts, until somebody releases it.
    page.goto(here)
    held = page.get_by_role("list", name="Quarantined versions")
    expect(held).to_contain_text("v2")
    held.get_by_role("button", name="Release v2").click()
    expect(held).to_have_count(0)
