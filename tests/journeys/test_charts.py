"""A Helm chart is dropped, rendered by the worker, given other values, and made a workflow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.support.helm import CHARTS, the_helm

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_chart_is_rendered_with_values_and_anew_with_others(page: Page) -> None:
    the_helm()
    page.goto("/imports/new?from=chart")
    page.get_by_label("Folder", exact=True).set_input_files(CHARTS / "web")
    expect(page.get_by_text("The chart web 1.2.3, 11 files")).to_be_visible()
    page.get_by_label("Release").fill("shop")
    page.get_by_label("values-production.yaml").check()
    page.get_by_role("button", name="Render", exact=True).click()

    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_role("group", name="shop-web, Ingress")).to_be_attached()
    page.get_by_role("radio", name="Decisions").click()
    expect(page.get_by_label(re.compile("Helm would run Pod shop-web-test at test"))).to_have_text("Leave out")

    page.get_by_role("radio", name="Values").click()
    page.get_by_label("values-production.yaml").uncheck()
    page.get_by_role("button", name="Render again").click()
    expect(preview.get_by_role("group", name="shop-web, Deployment")).to_be_attached()
    expect(preview.get_by_role("group", name="shop-web, Ingress")).to_have_count(0)
    page.get_by_role("radio", name="Create").click()
    page.get_by_role("button", name="Create workflow").click()
    page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
