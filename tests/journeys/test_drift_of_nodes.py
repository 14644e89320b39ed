"""What somebody changes behind our back: seen on the card and field by field, and put right or taken in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.wait import until
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def test_what_kubectl_changes_is_seen_on_the_card_and_reverted_or_adopted(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    nodes = [
        a_node("web", image="nginx:1.27"),
        a_node("settings", kind="configmap", y=140, data={"COLOUR": "green", "SIZE": "1"}),
    ]
    editor = Editor(page, stack, a_workflow(stack, "drifting", nodes)["id"])
    editor.run_to_the_end()
    editor.open()
    cluster.patch("ConfigMap", "drifting", "settings", {"data": {"COLOUR": "red"}})
    # By itself: nobody presses anything.
    card = page.get_by_role("group", name=re.compile("^settings, ConfigMap,.* 1 field changed by others"))
    expect(card).to_be_visible()
    editor.choose_only("settings", "ConfigMap")
    editor.tab("Drift")
    drift = editor.inspector.get_by_role("tabpanel", name="Drift")
    expect(drift).to_contain_text("data.COLOUR")
    expect(drift).to_contain_text("green")
    expect(drift).to_contain_text("red")
    expect(drift.get_by_text(re.compile("^by "))).to_be_visible()
    drift.get_by_role("button", name="Revert").click()
    editor.wait_run(2, "succeeded")
    assert cluster.read("ConfigMap", "drifting", "settings")["data"] == {"COLOUR": "green", "SIZE": "1"}
    expect(card).to_have_count(0)
    # Adopted, the value of the cluster is the one on the canvas; undo would take that back.
    cluster.patch("ConfigMap", "drifting", "settings", {"data": {"SIZE": "2"}})
    expect(card).to_be_visible()
    drift.get_by_role("button", name="Adopt").click()
    expect(card).to_have_count(0)

    def adopted() -> bool:
        [node] = [node for node in editor.graph()["nodes"] if node["name"] == "settings"]
        return bool(node["parameters"]["data"] == {"COLOUR": "green", "SIZE": "2"})

    until(adopted, what="the value is part of the workflow")
    # Overwritten once more after it was put right, the field is fought over: the card says so, and it can be yielded.
    cluster.patch("ConfigMap", "drifting", "settings", {"data": {"COLOUR": "blue"}})
    expect(page.get_by_role("group", name=re.compile("^settings,.* two managers overwrite each other"))).to_be_visible()
    expect(drift.get_by_role("alert")).to_contain_text("overwrite each other")
    drift.get_by_role("button", name="Decide").click()
    page.get_by_role("menuitem", name=re.compile("^Leave to others")).click()
    expect(drift).to_contain_text("Everything else is as it was applied.")
    left = drift.get_by_role("region", name="Left to others")
    expect(left).to_contain_text("data.COLOUR")
    expect(left.get_by_role("button", name="Take back data.COLOUR")).to_be_visible()
    assert cluster.read("ConfigMap", "drifting", "settings")["data"]["COLOUR"] == "blue"
