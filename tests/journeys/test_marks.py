"""What somebody notes of a cluster for themselves: favourites, notes, and sets of namespaces that a link holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stack import Stack


def test_favourites_notes_and_sets_of_namespaces_are_kept_and_found_again(page: Page, stack: Stack) -> None:
    cluster = f"/clusters/{stack.sandbox()['id']}"
    page.goto(f"{cluster}/resources/Namespace/-/kube-system")
    page.get_by_role("button", name="Add to your favourites").click()
    expect(page.get_by_role("button", name="Remove from your favourites")).to_be_visible()
    page.get_by_role("button", name="Add", exact=True).click()
    dialog = page.get_by_role("dialog", name="Your notes on kube-system")
    dialog.get_by_label("Note").fill("Leave it alone.")
    dialog.get_by_label("Labels of your own").fill("careful, ours")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    page.goto(f"{cluster}/marked")
    row = page.get_by_role("row").filter(has_text="kube-system")
    expect(row).to_contain_text("Leave it alone.")
    expect(row.get_by_label("Favourite")).to_be_visible()
    page.goto(f"{cluster}/resources?kind=Namespace&system=show")
    expect(page.get_by_role("row").filter(has_text="kube-system").get_by_label("Favourite")).to_be_visible()

    page.goto(f"{cluster}/resources?kind=ConfigMap&namespace=default,kube-system")
    page.get_by_role("button", name="2 namespaces").click()
    page.get_by_label("Keep these as a set").fill("of the system")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page).to_have_url(re.compile("set=of"))
    link = page.url
    page.goto(f"{cluster}/resources?kind=ConfigMap")
    page.get_by_role("button", name="All namespaces").click()
    page.get_by_role("button", name=re.compile("^of the system")).click()
    expect(page.get_by_role("row").filter(has_text="kube-system").first).to_be_visible()
    expect(page).to_have_url(link)
