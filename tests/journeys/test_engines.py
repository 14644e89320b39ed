"""Engines: a BuildKit service is tried step by step before it is stored, edited, and removed with what stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.buildkit_service import BuildKitService, a_buildkit_service
from tests.support.image_builds import lacking

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stack import Stack


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuildKitService]:
    if missing := lacking():
        pytest.skip(f"no BuildKit runs here: {'; '.join(missing)}")
    with a_buildkit_service(tmp_path_factory.mktemp("buildkit")) as running:
        yield running


def test_an_engine_is_added_by_its_address_edited_and_removed(
    page: Page, stack: Stack, service: BuildKitService
) -> None:
    client = service.authority.sign("kubeorch", days=5)
    page.goto("/builds/engines")
    table = page.get_by_role("table", name="Engines")
    expect(table.get_by_role("row").filter(has_text="Beside KubeOrch")).to_contain_text("default")
    page.get_by_role("button", name="Add engine").click()
    dialog = page.get_by_role("dialog", name="Add an engine")
    dialog.get_by_role("radio", name="By address").click()
    add = dialog.get_by_role("button", name="Add engine")
    expect(add).to_be_disabled()
    address = dialog.get_by_role("textbox", name=re.compile("^Address"))
    address.fill("127.0.0.1:1")
    for label, pem in (
        ("Certificate authority", service.authority.pem),
        ("Client certificate", client.certificate),
        ("Client key", client.key),
    ):
        dialog.get_by_role("textbox", name=re.compile(f"^{label}")).fill(pem)
    dialog.get_by_role("textbox", name=re.compile("^Name")).fill("big")
    dialog.get_by_role("button", name="Test", exact=True).click()
    steps = dialog.get_by_role("region", name="Test of the engine")
    expect(steps.get_by_role("alert")).to_contain_text("does not answer")
    add.click()
    expect(dialog).to_be_visible()
    assert len(stack.api("GET", "/api/v1/build-engines").body["results"]) == 1, "what does not work is not stored"

    address.fill(f"127.0.0.1:{service.port}")
    add.click()
    expect(dialog).to_have_count(0)
    row = table.get_by_role("row").filter(has_text="big")
    expect(row).to_contain_text("default")
    expect(row).to_contain_text(re.compile("expires in [45] days"))
    panel = page.get_by_role("complementary", name="big")
    expect(panel).to_contain_text(re.compile("certificate expires in [45] days"))
    expect(panel).to_contain_text("yes, for sources that name no engine")

    panel.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit big")
    dialog.get_by_role("spinbutton", name="Builds at once").fill("3")
    dialog.get_by_role("checkbox", name=re.compile("default")).uncheck()
    renewed = service.authority.sign("kubeorch")
    dialog.get_by_role("textbox", name=re.compile("^Client certificate")).fill(renewed.certificate)
    dialog.get_by_role("textbox", name=re.compile("^Client key")).fill(renewed.key)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(panel).to_contain_text("0 of 3 at once")
    expect(panel).not_to_contain_text("expires in")
    expect(row).to_contain_text("ready")

    source = {"name": "built-by-big", "repository": "https://git.example.com/a/b.git"}
    [big] = [one for one in stack.api("GET", "/api/v1/build-engines").body["results"] if one["name"] == "big"]
    made = stack.api("POST", "/api/v1/sources", {**source, "engine": big["id"]})
    assert made.status == 201, made
    panel.get_by_role("button", name="Remove").click()
    question = page.get_by_role("dialog", name="Remove big")
    expect(question).to_contain_text("The stored certificate and key")
    expect(question).to_contain_text("The service itself, with its cache")
    question.get_by_role("button", name="Remove engine").click()
    expect(question).to_contain_text("it builds built-by-big")
    assert stack.api("DELETE", f"/api/v1/sources/{made.body['id']}").status == 204
    question.get_by_role("button", name="Remove engine").click()
    expect(question).to_have_count(0)
    expect(row).to_have_count(0)
    expect(panel).to_have_count(0)
