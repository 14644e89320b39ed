"""An engine is placed in a cluster by the page: what it lacks is told step by step before anything is stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.node.test_builds_in_cluster import NAMESPACE, PULLS, image, place  # noqa: F401  (fixtures)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.node.product import Product

TRIAL_MS = 90_000


def test_an_engine_is_placed_in_a_cluster_once_its_image_is_pulled_and_taken_away(
    page: Page,
    product: Product,
    place: dict[str, Any],  # noqa: F811
) -> None:
    page.goto("/builds/engines")
    page.get_by_role("button", name="Add engine").click()
    dialog = page.get_by_role("dialog", name="Add an engine")
    for label in ("Memory", "Disk"):
        dialog.get_by_role("spinbutton", name=re.compile(f"^{label}")).fill("2")
    dialog.get_by_role("textbox", name=re.compile("^Name$|^Name ")).fill("in-the-node")
    dialog.get_by_role("checkbox", name=re.compile("default")).uncheck()
    dialog.get_by_role("button", name="Test", exact=True).click()
    steps = dialog.get_by_role("region", name="Test of the engine")
    expect(steps.get_by_role("alert")).to_contain_text("give the engine its name as pull secret", timeout=TRIAL_MS)

    dialog.get_by_role("textbox", name=re.compile("^Pull secret")).fill(PULLS)
    dialog.get_by_role("button", name="Add engine").click()
    expect(dialog).to_have_count(0, timeout=TRIAL_MS)
    row = page.get_by_role("table", name="Engines").get_by_role("row").filter(has_text="in-the-node")
    expect(row).to_contain_text("ready")
    panel = page.get_by_role("complementary", name="in-the-node")
    expect(panel).to_contain_text(NAMESPACE)
    expect(panel).to_contain_text(PULLS)

    panel.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog", name="Remove in-the-node").get_by_role("button", name="Remove engine").click()
    expect(page.get_by_role("dialog")).to_have_count(0)  # behind one, no row has a role
    expect(row).to_have_count(0)
    assert "in-the-node" not in str(product.person.get("build-engines").body)
