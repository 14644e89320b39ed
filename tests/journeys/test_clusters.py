"""Clusters from their page: a wrong kubeconfig is corrected, not kept; a test says what it found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.support.stack import Stack


def names(stack: Stack) -> list[str]:
    return sorted(row["name"] for row in stack.api("GET", "/api/v1/clusters").body["results"])


def kubeconfig(stack: Stack) -> str:
    row = stack.sandbox()
    return str(stack.api("GET", f"/api/v1/clusters/{row['id']}/kubeconfig").body["kubeconfig"])


def give(page: Page, dialog: Locator, text: str) -> None:
    """Choose a file with this text, and send the form by its key from the editor."""
    dialog.get_by_label("Kubeconfig file").set_input_files(
        {"name": "config", "mimeType": "text/yaml", "buffer": text.encode()}
    )
    editor = dialog.get_by_role("textbox", name="Kubeconfig")
    expect(dialog.locator(".view-line").first).to_contain_text(text.split(":")[0])
    editor.focus()
    page.keyboard.press("Control+Enter")


def untrusted(text: str) -> str:
    """The same without the authority, so that the certificate is not accepted."""
    return "\n".join(line for line in text.splitlines() if "certificate-authority-data" not in line)


def test_a_cluster_that_does_not_answer_is_not_stored_and_can_be_corrected(page: Page, stack: Stack) -> None:
    good = kubeconfig(stack)
    page.goto("/clusters?connect=1")
    dialog = page.get_by_role("dialog", name="Connect a cluster")
    dialog.get_by_label(re.compile(r"^Name\*?$")).fill("second")
    give(page, dialog, "kind: Config")
    expect(dialog.get_by_role("alert")).to_contain_text("Not a kubeconfig")

    give(page, dialog, untrusted(good))
    expect(dialog.get_by_role("alert")).to_contain_text("certificate is not accepted")
    assert names(stack) == ["sandbox"], "what does not answer is not stored"

    # Nothing that was typed is lost.
    expect(dialog.get_by_label(re.compile(r"^Name\*?$"))).to_have_value("second")
    give(page, dialog, good)
    expect(dialog).to_be_hidden()
    panel = page.get_by_role("complementary", name="second")
    expect(panel).to_contain_text("ready")
    assert names(stack) == ["sandbox", "second"]

    panel.get_by_role("button", name="Test connection").click()
    expect(panel.get_by_role("status")).to_contain_text(
        re.compile(r"Connected: Kubernetes v1\.\d+.*, checked just now")
    )

    panel.get_by_role("button", name="Edit name or credentials").click()
    dialog = page.get_by_role("dialog", name="Edit second")
    dialog.get_by_label(re.compile(r"^Name\*?$")).fill("sandbox two")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label(re.compile(r"^Name\*?$")).fill("renamed")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("complementary", name="renamed")).to_be_visible()

    page.get_by_role("button", name="Disconnect cluster").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page).to_have_url(re.compile("/clusters$"))
    assert names(stack) == ["sandbox"]


def test_the_kubeconfig_of_the_sandbox_is_a_kubeconfig(page: Page, stack: Stack) -> None:
    page.goto(f"/clusters?cluster={stack.sandbox()['id']}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download kubeconfig").click()
    text: Any = download.value.path().read_text()
    assert text.startswith("apiVersion: v1\nkind: Config\n")
    assert download.value.suggested_filename == "sandbox.kubeconfig"
