"""A list of objects shows what changes in the cluster by itself, and is sorted by what its columns print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubernetes.client import CoreV1Api
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def test_objects_come_and_go_without_a_reload_and_are_sorted_by_a_column(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    sandbox = stack.sandbox()
    core = CoreV1Api(cluster.api)
    core.create_namespace({"metadata": {"name": "living"}})

    def config(name: str, keys: int) -> None:
        data = {f"key-{number}": "x" for number in range(keys)}
        core.create_namespaced_config_map("living", {"metadata": {"name": name}, "data": data})

    config("conf-9", 1)
    page.goto(f"{stack.url}/clusters/{sandbox['id']}/resources?kind=ConfigMap&namespace=living")
    table = page.get_by_role("table", name="Resources")
    expect(table).to_contain_text("conf-9")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    config("conf-10", 12)
    expect(table).to_contain_text("conf-10")

    def names() -> list[str]:
        return [text for text in table.get_by_role("row").all_inner_texts() if text.startswith(("conf-9", "conf-10"))]

    page.get_by_role("button", name="Data", exact=True).click()
    expect(page.get_by_role("columnheader", name="Data")).to_have_attribute("aria-sort", "descending")
    assert [name.split()[0] for name in names()] == ["conf-10", "conf-9"]
    page.get_by_role("button", name="Name", exact=True).click()
    expect(page.get_by_role("columnheader", name="Name", exact=True)).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name="Name", exact=True).click()
    expect(page.get_by_role("columnheader", name="Name", exact=True)).to_have_attribute("aria-sort", "ascending")
    assert [name.split()[0] for name in names()] == ["conf-9", "conf-10"], "as people count"
    core.delete_namespaced_config_map("conf-9", "living")
    expect(table).not_to_contain_text("conf-9")
