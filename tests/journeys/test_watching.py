"""What others do to the objects is seen within seconds; what is not heard any more is never shown as fine."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def a_running_pair(page: Page, stack: Stack, name: str) -> Editor:
    nodes = [
        a_node("web", image="nginx:1.27", replicas=2),
        a_node("settings", kind="configmap", y=120, data={"COLOUR": "green"}),
    ]
    editor = Editor(page, stack, a_workflow(stack, name, nodes)["id"])
    editor.run_to_the_end()
    editor.open()
    editor.health("web", "Deployment", "healthy")
    editor.health("settings", "ConfigMap", "healthy")
    return editor


def test_edits_and_deletions_by_others_are_shown_by_themselves(page: Page, stack: Stack, cluster: Cluster) -> None:
    editor = a_running_pair(page, stack, "outside")
    cluster.delete("ConfigMap", "outside", "settings")
    expect(editor.card("settings", "ConfigMap").get_by_role("img", name="missing")).to_be_visible()
    # The next run brings back what is drawn.
    editor.run()
    editor.wait_run(2, "succeeded")
    editor.health("settings", "ConfigMap", "healthy")
    assert cluster.read("ConfigMap", "outside", "settings")["data"] == {"COLOUR": "green"}

    editor.choose("web", "Deployment")
    health = editor.status_text()
    expect(health).not_to_contain_text("changed by others")
    cluster.patch("Deployment", "outside", "web", {"spec": {"replicas": 3}})
    expect(editor.card("web", "Deployment").get_by_text("3/3")).to_be_visible()
    expect(health).to_contain_text("1 field changed by others")
    # What somebody else holds is not taken from them silently: no run is started that would stop there.
    editor.run()
    asked = page.get_by_role("dialog", name="Others manage what would be set")
    expect(asked.get_by_role("list", name="Fields of others")).to_contain_text("spec.replicas")
    assert cluster.read("Deployment", "outside", "web")["spec"]["replicas"] == 3
    # What becomes of the field is chosen in a plan; taken over, the run goes through.
    asked.get_by_role("button", name="Plan and choose").click()
    page.get_by_role("button", name="Choose what becomes of it…").click()
    choices = page.get_by_role("dialog", name="Fields that others manage")
    choices.get_by_role("radio", name="Take over").click()
    choices.get_by_role("button", name="Plan with these choices").click()
    page.get_by_role("button", name="Run this plan").click()
    editor.wait_run(3, "succeeded")
    assert cluster.read("Deployment", "outside", "web")["spec"]["replicas"] == 2


@contextmanager
def web_is_down(stack: Stack) -> Iterator[None]:
    """The web process is killed, and its supervisor held so that no other takes its place."""
    rows = json.loads((stack.data_dir / "processes.json").read_text())
    [web] = [int(row["pid"]) for row in rows if row["name"] == "web"]
    supervisor = int((Path("/proc") / str(web) / "stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(supervisor, signal.SIGSTOP)
    try:
        os.kill(web, signal.SIGKILL)
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)


def test_a_disconnected_page_says_so_and_shows_no_status_as_current(page: Page, stack: Stack, cluster: Cluster) -> None:
    editor = a_running_pair(page, stack, "silence")
    web = editor.card("web", "Deployment")
    with web_is_down(stack):
        expect(page.get_by_role("status").filter(has_text="Reconnecting")).to_be_visible()
        expect(web.get_by_role("img", name="healthy, stale")).to_be_visible()
        expect(web.get_by_role("img", name="healthy", exact=True)).to_have_count(0)
        # What happens meanwhile is not missed afterwards.
        cluster.delete("ConfigMap", "silence", "settings")
    expect(web.get_by_role("img", name="healthy", exact=True)).to_be_visible()
    expect(editor.card("settings", "ConfigMap").get_by_role("img", name="missing")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Reconnecting")).to_have_count(0)
