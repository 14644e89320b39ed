"""Clusters from their page: a wrong kubeconfig is corrected, not kept; a test says what it found."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import yaml
from playwright.sync_api import expect

from tests.support.wait import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def names(stack: Stack) -> list[str]:
    return sorted(row["name"] for row in stack.api("GET", "/api/v1/clusters").body["results"])


def kubeconfig(stack: Stack) -> str:
    row = stack.sandbox()
    return str(stack.api("GET", f"/api/v1/clusters/{row['id']}/kubeconfig").body["kubeconfig"])


def give(page: Page, dialog: Locator, text: str) -> None:
    """Choose a file with this text, and send the form by its key from the editor."""
    choose(dialog, text)
    dialog.get_by_role("textbox", name="Kubeconfig").focus()
    page.keyboard.press("Control+Enter")


def choose(dialog: Locator, text: str) -> None:
    """Choose a file with this text."""
    dialog.get_by_label("Kubeconfig file").set_input_files(
        {"name": "config", "mimeType": "text/yaml", "buffer": text.encode()}
    )
    expect(dialog.locator(".view-line").first).to_contain_text(text.split(":")[0])


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
    expect(dialog).to_contain_text("this is the cluster sandbox, which is connected already")
    dialog.get_by_role("button", name="Connect anyway").click()
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


def test_a_kubeconfig_with_a_program_leads_to_a_service_account_that_is_connected_shared_and_taken_back(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    email = "grace-of-another-team@example.org"
    assert stack.api("PATCH", "/api/v1/settings", {"signup": "open"}).status == 200
    guest = stack.register(email, name="Grace")
    stack.api("PATCH", "/api/v1/settings", {"signup": "invite"})
    config = yaml.safe_load(kubeconfig(stack))
    config["users"][0]["user"] = {"exec": {"command": "aws", "args": ["eks", "get-token"]}}

    page.goto("/clusters?connect=1")
    dialog = page.get_by_role("dialog", name="Connect a cluster")
    choose(dialog, yaml.safe_dump(config))
    dialog.get_by_role("button", name="Test connection").click()
    expect(dialog.get_by_role("alert")).to_contain_text("asks AWS for a token of 15 minutes")
    dialog.get_by_role("button", name="Use a service account").click()
    expect(dialog.get_by_role("textbox", name="API server")).to_have_value(config["clusters"][0]["cluster"]["server"])
    dialog.get_by_text("Make the account for me").click()
    dialog.get_by_text("Let the cluster itself hold other teams").click()
    manifest = dialog.get_by_role("region", name="Manifest")
    expect(manifest).to_contain_text("impersonate")
    for one in yaml.safe_load_all(manifest.inner_text()):
        cluster.create(one["kind"], one["metadata"].get("namespace"), one)
    dialog.get_by_label("Token of the account").fill("not-the-token")
    dialog.get_by_label(re.compile(r"^Name\*?$")).fill("team-cluster")
    dialog.get_by_role("button", name="Test connection").click()
    report = dialog.get_by_role("region", name="Connection test")
    expect(report.get_by_role("alert")).to_contain_text("Sign-in")
    expect(report).to_contain_text("Certificate of")
    token = until(
        lambda: (cluster.read("Secret", "kubeorch", "kubeorch-token").get("data") or {}).get("token"),
        every_s=0.1,
        what="the token of the account",
    )
    dialog.get_by_label("Token of the account").fill(base64.b64decode(token).decode())
    dialog.get_by_role("button", name="Connect", exact=True).click()
    dialog.get_by_role("button", name="Connect anyway").click()
    expect(dialog).to_be_hidden()
    made = next(row for row in stack.api("GET", "/api/v1/clusters").body["results"] if row["name"] == "team-cluster")
    assert (made["auth"], made["impersonates"], made["size"]["nodes"] > 0) == ("service_account", True, True)

    page.goto(f"/clusters/{made['id']}/access")
    expect(page.get_by_text("The API server itself holds people")).to_be_visible()
    page.get_by_role("button", name="Share cluster").first.click()
    dialog = page.get_by_role("dialog", name="Share team-cluster")
    dialog.get_by_role("radio", name="A person").click()
    dialog.get_by_label(re.compile(r"^E-mail address\*?$")).fill(email)
    dialog.get_by_label(re.compile(r"^Namespaces\*?$")).fill("default")
    dialog.get_by_role("button", name="Share", exact=True).click()
    row = page.get_by_role("row").filter(has_text=email)
    expect(row).to_contain_text("the API server")
    seen = f"/api/v1/clusters/{made['id']}/namespaces"
    assert stack.api("GET", seen, token=guest).body["results"] == ["default"]
    row.get_by_role("button", name=f"End the share with {email}").click()
    page.get_by_role("dialog").get_by_role("button", name="End share").click()
    expect(page.get_by_text("Only your team has this cluster")).to_be_visible()
    assert stack.api("GET", seen, token=guest).status == 404

    page.get_by_role("link", name="Overview").click()
    log = page.get_by_role("table", name="Log of the connection")
    expect(log).to_contain_text("Share ended")
    page.get_by_role("button", name="Disconnect cluster").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    expect(page).to_have_url(re.compile("/clusters$"))


def test_the_kubeconfig_of_the_sandbox_is_a_kubeconfig(page: Page, stack: Stack) -> None:
    page.goto(f"/clusters?cluster={stack.sandbox()['id']}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download kubeconfig").click()
    text: Any = download.value.path().read_text()
    assert text.startswith("apiVersion: v1\nkind: Config\n")
    assert download.value.suggested_filename == "sandbox.kubeconfig"
