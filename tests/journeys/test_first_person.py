"""A fresh copy: the first person registers and finds something to look at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.journeys.editor import Editor
from tests.support import stack as stacks

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_the_first_person_registers_and_finds_a_sample_workflow(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # Without a sandbox: what is drawn must be there before any cluster is.
    fresh = stacks.start(tmp_path_factory.mktemp("fresh"), sandbox=False)
    context = browser.new_context(base_url=fresh.url, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    try:
        page = context.new_page()
        page.goto("/")
        expect(page.get_by_role("heading", name="Set up KubeOrch")).to_be_visible()
        page.get_by_label("Name").fill("Ada Lovelace")
        page.get_by_label("E-mail").fill("ada@example.org")
        page.get_by_label(re.compile(r"^Password\*?$")).fill("short")
        page.get_by_role("button", name="Create administrator").click()
        expect(page.get_by_role("alert")).to_contain_text("Use at least 8 characters")
        page.get_by_label(re.compile(r"^Password\*?$")).fill(stacks.PASSWORD)
        page.get_by_role("button", name="Create administrator").click()

        row = page.get_by_role("table", name="Workflows").get_by_role("row").filter(has_text="Shop")
        expect(row).to_contain_text("never run")
        row.get_by_role("link", name="Shop").click()
        page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
        editor = Editor(page, fresh, page.url.rsplit("/", 1)[1])
        expect(editor.cards).to_have_count(10)
        expect(editor.lines).to_have_count(8)
        for name, kind in (("shop", "Ingress"), ("web", "Deployment"), ("db", "StatefulSet"), ("backup", "CronJob")):
            expect(editor.card(name, kind)).to_be_visible()
        expect(editor.drawer.get_by_role("button", name="No problems")).to_be_visible()
    finally:
        context.close()
        fresh.stop()
