"""Runs from the page: one click is one run, a run can be stopped, a refusal is told in the API server's words."""

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


def test_a_double_click_on_run_is_one_run(page: Page, stack: Stack) -> None:
    workflow = a_workflow(stack, "double", [a_node("settings", kind="configmap", data={"A": "1"})])
    editor = Editor(page, stack, workflow["id"]).open()
    expect(editor.run_button).to_be_enabled()
    editor.run_button.dblclick()
    editor.wait_run(1, "succeeded")
    assert [run["number"] for run in editor.runs()] == [1]
    editor.health("settings", "ConfigMap", "healthy")


def test_a_canceled_run_stops_and_is_shown_as_canceled(page: Page, stack: Stack, cluster: Cluster) -> None:
    never_ready = a_node("web", image="fail.kubeorch.dev/notready/web:1")
    editor = Editor(page, stack, a_workflow(stack, "stopped", [never_ready])["id"]).open()
    editor.run()
    editor.wait_run(1, "verifying")
    editor.drawer.get_by_role("button", name="Cancel").click()
    editor.wait_run(1, "canceled")
    expect(editor.progress).to_have_text("Canceled. 2 of 2 objects already applied; nothing was rolled back.")
    expect(editor.drawer.get_by_role("button", name="Retry")).to_be_visible()
    # What was applied stays, and its status is still followed.
    pod = {"spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]}}
    cluster.patch("Deployment", "stopped", "web", {"spec": {"template": pod}})
    editor.health("web", "Deployment", "healthy")


def test_a_refused_object_shows_the_api_servers_reason_and_a_retry_continues(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    cluster.create("Namespace", None, {"metadata": {"name": "refused"}})
    cluster.create(
        "ResourceQuota", "refused", {"metadata": {"name": "no-services"}, "spec": {"hard": {"count/services": "0"}}}
    )
    until(
        lambda: (cluster.read("ResourceQuota", "refused", "no-services").get("status") or {}).get("hard"),
        every_s=0.1,
        what="the quota counts",
    )
    workflow = a_workflow(
        stack,
        "refused",
        [
            a_node("way", kind="ingress", host="shop.example.com"),
            a_node("svc", kind="service", x=320, port=80),
            a_node("web", x=640, image="nginx:1.27", port=80),
        ],
        [an_edge("way", "svc", "routes"), an_edge("svc", "web", "exposes")],
    )
    editor = Editor(page, stack, workflow["id"]).open()
    editor.run()
    editor.wait_run(1, "failed")
    service = editor.drawer.get_by_role("button", name=re.compile("^svc Service failed"))
    expect(service).to_contain_text("exceeded quota: no-services")
    expect(editor.drawer.get_by_role("button", name=re.compile("^way Ingress skipped"))).to_be_visible()
    expect(editor.drawer.get_by_role("button", name=re.compile("^web Deployment (?!failed|skipped)"))).to_be_visible()
    # The node's card leads to its form from there.
    service.click()
    expect(editor.inspector.get_by_label("Name", exact=True).first).to_have_value("svc")

    cluster.delete("ResourceQuota", "refused", "no-services")
    cluster.until_gone("ResourceQuota", "refused", "no-services")
    editor.drawer.get_by_role("button", name="Retry").click()
    editor.wait_run(1, "succeeded")
    assert len(editor.runs()) == 1, "a retry goes on with the same run"
    editor.fit()
    for name, kind in (("way", "Ingress"), ("svc", "Service"), ("web", "Deployment")):
        editor.health(name, kind, "healthy")
