"""A Service that reaches nobody is found by what is wrong now, mended in the drawing, and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.journeys.editor import Editor
from tests.node.test_containers import PAGE, page_at
from tests.support.node.node import IMAGES
from tests.support.node.product import RUN_S, Product
from tests.support.wait import until
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Page

BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "selector": (
        {"selector": {"app": "wbe"}, "port": 80, "target_port": 8080},
        "No pod has the labels that the Service selects: app=wbe",
        "Select the pods of Deployment web",
    ),
    "port": (
        {"selector": {"app": "web"}, "port": 80, "target_port": 9090},
        "The Service sends traffic to port 9090, and its pods declare 8080",
        "Send traffic to port 8080",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_service_is_found_mended_and_answers(page: Page, product: Product, broken: str) -> None:
    given, sentence, fix = BROKEN[broken]
    bench = product.bench("mending")
    web = a_node(
        "web",
        image=IMAGES[0],
        command=["sh", "-c", PAGE],
        port=8080,
        labels={"app": "web"},
        readiness_probe={"period_s": 1},
        termination_grace_s=1,
    )
    bench.draw(web, a_node("front", kind="service", y=160, **given))
    bench.until(bench.start(), "verifying", "succeeded", timeout_s=RUN_S)
    until(lambda: bench.status("web").get("health") == "healthy", timeout_s=RUN_S, what="the pod is ready")
    address = bench.get("v1", "Service", "front")["spec"]["clusterIP"]
    assert page_at(f"http://{address}/") == ""

    # On the page of the cluster, and on the canvas.
    page.goto(f"/clusters/{product.cluster}/wrong?q={bench.namespace}")
    expect(page.get_by_role("list", name="What is wrong")).to_contain_text(sentence)
    editor = Editor(page, product.person.stack, bench.workflow["id"]).open()
    editor.drawer.get_by_role("button", name="What is wrong").click()
    wrong = editor.drawer.get_by_role("list", name="What is wrong")
    expect(wrong).to_contain_text(sentence)
    editor.choose_only("front", "Service")
    editor.tab("Diagnosis")
    editor.inspector.get_by_role("button", name=fix).click()
    editor.wait_saved()

    bench.deployed()
    assert until(lambda: page_at(f"http://{address}/"), timeout_s=60) == "from-a-container\n"
    until(lambda: bench.status("front").get("health") == "healthy", timeout_s=60, what="the Service is healthy")
    page.goto(f"/clusters/{product.cluster}/wrong?q={bench.namespace}")
    expect(page.get_by_text("Looked at")).to_be_visible()
    expect(page.get_by_role("list", name="What is wrong")).not_to_contain_text(sentence)
