"""Plan before Run: what would happen, object by object, and a run of exactly that."""

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


def summary(page: Page) -> Locator:
    """What a run would do, in one line."""
    return page.get_by_role("region", name="Summary").get_by_role("status")


def plan(editor: Editor) -> Locator:
    """Plan what is on the canvas; gives the list beside it."""
    editor.focus_canvas()
    editor.page.get_by_role("button", name="Plan", exact=True).click()
    expect(editor.page).to_have_url(re.compile(r"[?&]plan="))
    return editor.page.get_by_role("complementary", name="Plan")


def test_a_plan_forecasts_a_restart_on_the_canvas_and_is_run_as_it_says(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    nodes = [
        a_node("web", image="nginx:1.27", replicas=2),
        a_node("settings", kind="configmap", y=120, data={"COLOUR": "green"}),
        a_node("old", kind="configmap", y=240, data={"A": "1"}),
    ]
    editor = Editor(page, stack, a_workflow(stack, "planned", nodes)["id"])
    editor.run_to_the_end()
    editor.open()
    editor.choose_only("web", "Deployment")
    editor.fill("Image", "nginx:1.28")
    editor.choose_only("old", "ConfigMap")
    editor.card("old", "ConfigMap").focus()
    page.keyboard.press("Delete")
    panel = plan(editor)
    expect(summary(page)).to_have_text("1 delete, 1 object restarts 2 pods.")
    # The canvas says the same in words, also of what is no longer part of the workflow.
    expect(page.get_by_role("group", name=re.compile(r"^web, Deployment,.* restarts 2 pods$"))).to_be_visible()
    expect(page.get_by_role("group", name=re.compile(r"^old, ConfigMap,.* delete$"))).to_be_visible()
    changes = panel.get_by_role("list", name="What changes")
    row = changes.get_by_role("button", name=re.compile("web"))
    expect(row).to_contain_text("Restarts 2 pods")
    row.click()
    expect(changes).to_contain_text("nginx:1.28")
    expect(panel.get_by_role("button", name=re.compile("^Unchanged"))).to_contain_text("1")
    # How it would be taken back is part of it.
    panel.get_by_role("button", name=re.compile("^Undo")).click()
    undo = panel.get_by_role("list", name="Undo")
    expect(undo.get_by_role("listitem").filter(has_text="old")).to_contain_text("It is made again, as another object.")
    expect(undo.get_by_role("listitem").filter(has_text="web")).to_contain_text("update")
    # By link, in another tab, it is the same plan; and nothing has happened yet.
    page.reload()
    expect(summary(page)).to_have_text("1 delete, 1 object restarts 2 pods.")
    assert [run["number"] for run in editor.runs()] == [1]
    web = cluster.read("Deployment", "planned", "web")
    assert web["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.27"
    page.get_by_role("button", name="Run this plan").click()
    editor.wait_run(2, "succeeded")
    expect(page.get_by_role("region", name="Plan of a run")).to_be_hidden()
    web = cluster.read("Deployment", "planned", "web")
    assert web["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.28"
    cluster.until_gone("ConfigMap", "planned", "old")


def test_a_plan_that_is_no_longer_true_says_what_moved_while_it_is_looked_at_and_is_not_run(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    nodes = [a_node("settings", kind="configmap", data={"COLOUR": "green"})]
    editor = Editor(page, stack, a_workflow(stack, "moved", nodes)["id"])
    editor.run_to_the_end()
    editor.open()
    editor.choose_only("settings", "ConfigMap")
    editor.inspector.get_by_label("Value of COLOUR").fill("blue")
    panel = plan(editor)
    expect(summary(page)).to_have_text("1 update.")
    view = page.get_by_role("region", name="Plan of a run")
    expect(view.get_by_text("still true", exact=True)).to_be_visible()
    cluster.patch("ConfigMap", "moved", "settings", {"data": {"COLOUR": "red"}})
    # Without a press: the page asks by itself.
    expect(view.get_by_text("No longer true.")).to_be_visible()
    expect(view.get_by_text(re.compile("^No longer true. settings moved by "))).to_be_visible()
    run = page.get_by_role("button", name="Run this plan")
    expect(run).to_have_attribute("aria-disabled", "true")
    # Planned again, it says who holds the field now, and is not offered to be run.
    page.get_by_role("button", name="Plan again").click()
    expect(summary(page)).to_have_text("1 conflict.")
    expect(panel.get_by_role("list", name="What changes")).to_contain_text("is managed by")
    expect(run).to_have_attribute("aria-disabled", "true")
    assert [run["number"] for run in editor.runs()] == [1]
    # Back leads to the first plan and to the editor.
    page.go_back()
    expect(summary(page)).to_have_text("1 update.")
    page.get_by_role("button", name="Back to the editor").click()
    expect(editor.run_button).to_be_visible()


def test_a_version_is_compared_with_the_graph_and_the_graph_with_the_cluster_by_link(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    nodes = [a_node("web", image="nginx:1.27"), a_node("old", kind="configmap", y=120, data={"A": "1"})]
    editor = Editor(page, stack, a_workflow(stack, "compared", nodes)["id"])
    editor.run_to_the_end()
    editor.open()
    editor.choose_only("web", "Deployment")
    editor.fill("Image", "nginx:1.28")
    editor.choose_only("old", "ConfigMap")
    editor.card("old", "ConfigMap").focus()
    page.keyboard.press("Delete")
    editor.wait_saved()
    page.get_by_role("button", name="2 changes not deployed").click()
    page.get_by_role("button", name="Show on the canvas").click()
    view = page.get_by_role("region", name="Compare")
    differences = view.get_by_role("list", name="Differences")
    for sides, image in (("v1..current", "image"), ("live..current", "spec.template.spec.containers[name=web].image")):
        page.goto(f"/workflows/{editor.workflow_id}?compare={sides}")
        expect(view.get_by_role("status").first).to_have_text("1 removed, 1 changed.")
        expect(page.get_by_role("group", name=re.compile(r"^web, Deployment,.*changed$"))).to_be_visible()
        expect(page.get_by_role("group", name=re.compile(r"^old, ConfigMap,.*removed$"))).to_be_visible()
        expect(differences).to_contain_text(image)
        expect(differences.get_by_text("nginx:1.27")).to_be_visible()
        expect(differences.get_by_text("nginx:1.28")).to_be_visible()
    # Nothing was changed by looking.
    assert cluster.exists("ConfigMap", "compared", "old")
    assert [run["number"] for run in editor.runs()] == [1]


def test_a_conflict_is_a_choice_and_the_plan_after_it_does_what_was_chosen(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    nodes = [a_node("settings", kind="configmap", data={"TAKEN": "1", "LEFT": "1", "SHARED": "1"})]
    editor = Editor(page, stack, a_workflow(stack, "choices", nodes)["id"])
    editor.run_to_the_end()
    theirs = {"TAKEN": "theirs", "LEFT": "theirs", "SHARED": "theirs"}
    cluster.patch("ConfigMap", "choices", "settings", {"data": theirs})
    editor.open()
    panel = plan(editor)
    expect(summary(page)).to_have_text("1 conflict.")
    page.get_by_role("button", name="Choose what becomes of them…").click()
    dialog = page.get_by_role("dialog", name="Fields that others manage")
    send = dialog.get_by_role("button", name="Plan with these choices")
    expect(send).to_be_disabled()
    for words in ("Take over", "Leave to others", "Adopt", "Runs leave the field to whoever has it"):
        expect(dialog).to_contain_text(words)
    [taken] = [row for row in dialog.get_by_role("listitem").all() if "data.TAKEN" in row.inner_text()]
    expect(taken).to_contain_text("in the clustertheirs")
    expect(taken).to_contain_text("in the workflow1")
    for path, choice in (("data.TAKEN", "Take over"), ("data.LEFT", "Leave to others"), ("data.SHARED", "Adopt")):
        group = dialog.get_by_role("radiogroup", name=f"What becomes of {path} of settings")
        group.get_by_role("radio", name=choice).click()
    expect(taken).to_contain_text("becomes 1")
    send.click()
    expect(summary(page)).to_have_text("1 update.")
    changes = panel.get_by_role("list", name="What changes")
    changes.get_by_role("button", name=re.compile("settings")).click()
    expect(changes).to_contain_text("data.TAKEN")
    expect(changes).not_to_contain_text("data.SHARED")
    chosen = page.get_by_role("list", name="What was chosen")
    expect(chosen).to_contain_text("data.SHARED: adopt, the workflow takes theirs")
    [node] = editor.graph()["nodes"]
    assert node["parameters"]["data"]["SHARED"] == "1", "nothing is decided before the run"
    page.get_by_role("button", name="Run this plan").click()
    editor.wait_run(2, "succeeded")
    assert cluster.read("ConfigMap", "choices", "settings")["data"] == {**theirs, "TAKEN": "1"}
    [node] = editor.graph()["nodes"]
    assert node["parameters"]["data"]["SHARED"] == "theirs"


def test_an_object_is_read_whole_by_link_and_a_deleted_workflow_is_named(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    nodes = [a_node("web", image="nginx:1.26", replicas=0), a_node("keys", kind="secret", keys=["TOKEN"])]
    workflow = a_workflow(stack, "wholes", nodes)
    editor = Editor(page, stack, workflow["id"])
    editor.open()
    panel = plan(editor)
    changes = panel.get_by_role("list", name="What changes")
    changes.get_by_role("button", name=re.compile("web")).click()
    changes.get_by_role("button", name="Whole object as YAML").click()
    dialog = page.get_by_role("dialog", name="Deployment web")
    expect(dialog).to_contain_text("image: nginx:1.26")
    page.reload()
    expect(dialog).to_contain_text("kind: Deployment")
    dialog.get_by_role("button", name="Close").click()
    expect(panel).to_be_visible()
    assert stack.api("DELETE", f"/api/v1/workflows/{workflow['id']}").status in (200, 202, 204)
    expect(page.get_by_text("wholes was deleted")).to_be_visible()
