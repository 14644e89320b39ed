"""One workflow: planned with its restarts, run as planned, changed by somebody else and put right, broken, and back by
itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.journeys.test_drift import row_of
from tests.journeys.test_history import draw
from tests.journeys.test_planning import plan, summary
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def image_of(cluster: Cluster) -> str:
    template = cluster.read("Deployment", "whole", "web")["spec"]["template"]
    return str(template["spec"]["containers"][0]["image"])


def test_what_was_planned_happens_what_drifted_is_put_back_and_what_breaks_is_taken_back(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    editor = Editor(page, stack, a_workflow(stack, "whole", [a_node("web", image="nginx:1.27", replicas=2)])["id"])
    [environment] = stack.api("GET", f"/api/v1/workflows/{editor.workflow_id}").body["environments"]
    stack.api("PATCH", f"/api/v1/environments/{environment['id']}", {"auto_rollback": True})
    editor.run_to_the_end()

    # Planned: two pods restart; and just that happens.
    editor.open()
    editor.choose_only("web", "Deployment")
    editor.fill("Image", "nginx:1.28")
    plan(editor)
    expect(summary(page)).to_have_text("1 object restarts 2 pods.")
    assert image_of(cluster) == "nginx:1.27"
    page.get_by_role("button", name="Run this plan").click()
    editor.wait_run(2, "succeeded")
    assert image_of(cluster) == "nginx:1.28"

    # Changed by somebody else: it comes up by itself, and is put back.
    cluster.patch("Deployment", "whole", "web", {"spec": {"replicas": 5}})
    page.goto("/drift")
    expect(row_of(page, "whole in sandbox")).to_contain_text("2 → 5")
    row_of(page, "whole in sandbox").click()
    page.get_by_role("complementary", name="web").get_by_role("button", name="Revert").click()
    page.get_by_role("dialog", name="Revert web in sandbox").get_by_role("button", name="Revert").click()
    page.wait_for_url("**/runs/*")
    expect(page).to_have_title(re.compile("^✓"))
    assert cluster.read("Deployment", "whole", "web")["spec"]["replicas"] == 2

    # Broken: it goes back by itself, and says so.
    draw(stack, editor.workflow_id, [a_node("web", image="fail.kubeorch.dev/imagepull/web:2", replicas=2)])
    run = editor.start_run(deadline_s=5)
    page.goto(f"/runs/{run['id']}")
    expect(page.get_by_role("region", name="Rollback")).to_contain_text("started by itself")
    expect(page.get_by_role("heading", level=1).locator("..")).to_contain_text("rolled back")
    assert image_of(cluster) == "nginx:1.28"
