"""A second API server is connected by each way there is, shared with another team, and taken back from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from playwright.sync_api import expect

from tests.node.test_logs import a_pod
from tests.support.browser import profile, signed_in
from tests.support.gitea import lacking, need_gitea
from tests.support.gitea_sign_in import SignIn, a_sign_in
from tests.support.narrow import RBAC, an_account
from tests.support.node.product import Product
from tests.support.second_api_server import second_api_server
from tests.support.wait import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

GUEST = "guest-of-another-team@example.test"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignIn | None]:
    if lacking():
        yield None
        return
    with a_sign_in(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="module")
def second(product: Product, provider: SignIn | None) -> Iterator[str]:
    """The kubeconfig of another API server, which knows the provider; ada may do anything there."""
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "platform"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": "ada@example.test"}],
    }
    product.node.apply(binding)
    with second_api_server(product.node, *(provider.flags if provider else ())) as kubeconfig:
        yield kubeconfig
    product.node.delete(f"{RBAC}/v1", "ClusterRoleBinding", "platform")


@pytest.fixture(scope="module")
def token(product: Product) -> str:
    """Of an account that may do anything."""
    namespace = product.node.namespace("account")
    found = yaml.safe_load(an_account(product.node, namespace))  # type: ignore[arg-type]
    product.node.apply(
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": namespace},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "name": "narrow", "namespace": namespace}],
        }
    )
    return str(found["users"][0]["user"]["token"])


def where(kubeconfig: str) -> dict[str, str]:
    """The fields that every way but a kubeconfig has."""
    cluster = yaml.safe_load(kubeconfig)["clusters"][0]["cluster"]
    return {"API server": cluster["server"], "Certificate authority": cluster["certificate-authority-data"]}


def filled(dialog: Locator, fields: dict[str, str]) -> None:
    for label, value in fields.items():
        dialog.get_by_label(re.compile(rf"^{re.escape(label)}\*?$")).fill(value)


def connected(page: Page, product: Product, way: str, label: str, fields: dict[str, str], text: str = "") -> None:
    """Connect by that way, look at what it shows, and disconnect it again."""
    stack, name = product.person.stack, f"second-by-{way.replace('_', '-')}"
    page.goto("/clusters?connect=1")
    dialog = page.get_by_role("dialog", name="Connect a cluster")
    dialog.get_by_role("radio", name=label).click()
    if text:
        given: Any = {"name": "config", "mimeType": "text/yaml", "buffer": text.encode()}
        dialog.get_by_label("Kubeconfig file").set_input_files(given)
        expect(dialog.locator(".view-line").first).to_contain_text("apiVersion")
    filled(dialog, {**fields, "Name": name})
    dialog.get_by_role("button", name="Connect", exact=True).click()
    dialog.get_by_role("button", name="Connect anyway").click()  # it is the sandbox
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("complementary", name=name)).to_contain_text("ready")
    row = next(one for one in product.person.get("clusters").body["results"] if one["name"] == name)
    assert row["auth"] == ("certificate" if way == "kubeconfig" else way)
    page.goto(f"/clusters/{row['id']}/resources?kind=Namespace&system=show")
    expect(page.get_by_role("row").filter(has_text="kube-system")).to_be_visible()
    assert stack.api("DELETE", f"/api/v1/clusters/{row['id']}").status == 204


def test_a_second_api_server_is_connected_by_kubeconfig_token_account_and_certificate(
    page: Page, product: Product, second: str, token: str
) -> None:
    user, at = yaml.safe_load(second)["users"][0]["user"], where(second)
    pair = {"Client certificate": user["client-certificate-data"], "Private key": user["client-key-data"]}
    connected(page, product, "kubeconfig", "Kubeconfig", {}, second)
    connected(page, product, "token", "Bearer token", {**at, "Token": token})
    connected(page, product, "service_account", "Service account", {**at, "Token of the account": token})
    connected(page, product, "certificate", "Client certificate", {**at, **pair})


def test_a_second_api_server_is_connected_by_a_sign_in_at_an_identity_provider(
    page: Page, browser: Browser, product: Product, second: str, provider: SignIn | None
) -> None:
    if provider is None:
        need_gitea()
        return
    cluster = yaml.safe_load(second)["clusters"][0]["cluster"]
    given = {
        "Issuer": provider.issuer,
        "Client id": provider.client_id,
        "Client secret": provider.client_secret,
        "Refresh token": provider.refresh_token(browser),
        "Certificate authority of the issuer": provider.authority.read_text(),
    }
    signed = {
        "way": "oidc",
        "issuer": given["Issuer"],
        "issuer_ca": given["Certificate authority of the issuer"],
        "client_id": given["Client id"],
        "client_secret": given["Client secret"],
        "refresh_token": given["Refresh token"],
        "server": cluster["server"],
        "ca": cluster["certificate-authority-data"],
    }
    until(
        lambda: product.person.post("clusters/tests", {"credentials": signed}).body.get("ok"),
        every_s=0.5,
        what="the API server knows the provider's keys",
    )
    connected(page, product, "oidc", "OIDC", {**where(second), **given})


def test_a_cluster_shared_with_a_team_is_gone_from_its_open_pages_as_the_share_ends(
    page: Page, browser: Browser, product: Product, second: str
) -> None:
    stack, namespace = product.person.stack, product.node.namespace("shared")
    said = a_pod("says", "i=0; while :; do echo says-$i; i=$((i+1)); sleep 0.2; done")
    said["metadata"]["namespace"] = namespace
    product.node.apply(said)
    assert stack.api("PATCH", "/api/v1/settings", {"signup": "open"}).status == 200
    guest = stack.register(GUEST, name="Guest")
    stack.api("PATCH", "/api/v1/settings", {"signup": "invite"})
    [team] = stack.api("GET", "/api/v1/teams", token=guest).body["results"]
    made = product.person.post("clusters", {"name": "second", "kubeconfig": second})
    assert made.status == 201, made.body
    cluster = made.body["id"]

    page.goto(f"/clusters/{cluster}/access")
    page.get_by_role("button", name="Share cluster").first.click()
    dialog = page.get_by_role("dialog")
    filled(dialog, {"Team": team["name"], "Namespaces": namespace})
    dialog.get_by_role("button", name="Share", exact=True).click()
    row = page.get_by_role("row").filter(has_text=team["name"])
    expect(row).to_contain_text("the API server")

    with profile(browser, stack.url) as context, signed_in(context, GUEST) as theirs:
        theirs.goto(f"/clusters/{cluster}/resources/Pod/{namespace}/says?tab=logs")
        logs = theirs.get_by_role("region", name="Logs")
        expect(logs.get_by_role("log")).to_contain_text(re.compile(r"says-\d+"))
        listed = context.new_page()
        listed.goto(f"/clusters/{cluster}/resources?kind=Pod&namespace={namespace}")
        expect(listed.get_by_role("row").filter(has_text="says")).to_be_visible()

        row.get_by_role("button", name=f"End the share with {team['name']}").click()
        page.get_by_role("dialog").get_by_role("button", name="End share").click()
        expect(page.get_by_text("Only your team has this cluster")).to_be_visible()
        assert stack.api("GET", f"/api/v1/clusters/{cluster}", token=guest).status == 404
        expect(theirs.get_by_text("The log cannot be read")).to_be_visible()
        expect(listed.get_by_role("row").filter(has_text="says")).to_be_hidden()
    found = product.node.list(f"{RBAC}/v1", "RoleBinding", namespace, query="labelSelector=kubeorch.dev/share")
    assert found == [], "nothing of the share is left in the cluster"
    product.node.delete("v1", "Namespace", namespace)
    assert stack.api("DELETE", f"/api/v1/clusters/{cluster}").status == 204
