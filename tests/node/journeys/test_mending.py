"""Services that reach nobody are found by what is wrong now, mended in the drawing, and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.journeys.editor import Editor
from tests.journeys.test_planning import plan, summary
from tests.node.test_containers import PAGE, page_at
from tests.support.node.node import IMAGES
from tests.support.node.product import RUN_S, Product
from tests.support.wait import until
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Page

SAID = "from-a-container\n"
BROKEN: dict[str, tuple[dict[str, Any], str, str, str]] = {
    # name: (parameters, what is wrong, the fix, what the plan shows of it)
    "lost": (
        {"selector": {"app": "wbe"}, "ports": [{"name": "http", "port": 80, "target_port": 8080}]},
        "No pod has the labels that the Service selects: app=wbe",
        "Select the pods of Deployment web",
        "wbe",
    ),
    "deaf": (
        {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "target_port": 9090}]},
        "The Service sends traffic to port 9090, and its pods declare 8080",
        "Send traffic to port 8080",
        "9090",
    ),
}


def test_broken_services_are_found_mended_with_their_diff_in_a_plan_and_answer(page: Page, product: Product) -> None:
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
    services = [
        a_node(name, kind="service", y=160 * row, **given) for row, (name, (given, *_)) in enumerate(BROKEN.items(), 1)
    ]
    bench.draw(web, *services)
    bench.until(bench.start(), "verifying", "succeeded", timeout_s=RUN_S)
    until(lambda: bench.status("web").get("health") == "healthy", timeout_s=RUN_S, what="the pod is ready")
    addresses = {name: bench.get("v1", "Service", name)["spec"]["clusterIP"] for name in BROKEN}
    assert {name: page_at(f"http://{address}/") for name, address in addresses.items()} == dict.fromkeys(BROKEN, "")

    # On the page of the cluster, and on the canvas.
    page.goto(f"/clusters/{product.cluster}/wrong?q={bench.namespace}")
    of_cluster = page.get_by_role("list", name="What is wrong")
    for _, sentence, _, _ in BROKEN.values():
        expect(of_cluster).to_contain_text(sentence)
    editor = Editor(page, product.person.stack, bench.workflow["id"]).open()
    editor.drawer.get_by_role("button", name="What is wrong").click()
    of_drawing = editor.drawer.get_by_role("list", name="What is wrong")
    for name, (_, sentence, fix, _) in BROKEN.items():
        expect(of_drawing).to_contain_text(sentence)
        editor.fit()
        editor.choose_only(name, "Service")
        editor.tab("Diagnosis")
        editor.inspector.get_by_role("button", name=fix).click()
        editor.wait_saved()

    # What the fixes change, and nothing beside, before anything is changed.
    panel = plan(editor)
    expect(summary(page)).to_have_text("2 update.")
    changes = panel.get_by_role("list", name="What changes")
    for name, (_, _, _, diff) in BROKEN.items():
        changes.get_by_role("button", name=name).click()
        expect(changes).to_contain_text(diff)
    assert [page_at(f"http://{address}/") for address in addresses.values()] == ["", ""]
    page.get_by_role("button", name="Run this plan").click()
    for name, address in addresses.items():
        assert until(lambda at=address: page_at(f"http://{at}/"), timeout_s=60, what=f"{name} answers") == SAID
        until(lambda of=name: bench.status(of).get("health") == "healthy", timeout_s=60, what=f"{name} is healthy")
    page.goto(f"/clusters/{product.cluster}/wrong?q={bench.namespace}")
    expect(page.get_by_text("Looked at")).to_be_visible()
    for _, sentence, _, _ in BROKEN.values():
        expect(page.get_by_text(sentence)).to_have_count(0)
