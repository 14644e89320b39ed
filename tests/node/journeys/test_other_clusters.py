"""A second API server is connected by each way there is, and a cluster is shared with another team and taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from playwright.sync_api import expect

from tests.node.test_logs import a_pod
from tests.support.browser import profile, signed_in
from tests.support.narrow import RBAC, an_account
from tests.support.node.product import Product
from tests.support.oidc_provider import CLIENT_ID, GROUP, SECRET, OidcProvider, oidc_provider
from tests.support.second_api_server import second_api_server
from tests.support.wait import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

FIRST = "first-refresh-token"
GUEST = "guest-of-another-team@example.test"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    with oidc_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="module")
def second(product: Product, provider: OidcProvider) -> Iterator[str]:
    """The kubeconfig of another API server, in which the provider's group and an account may do anything."""
    authority = f"--oidc-ca-file={provider.folder / 'provider-ca.pem'}"
    with second_api_server(product.node, *provider.flags, authority) as kubeconfig:
        yield kubeconfig


@pytest.fixture(scope="module")
def token(product: Product) -> str:
    """Of an account that may do anything, as the provider's group may."""
    namespace = product.node.namespace("account")
    found = yaml.safe_load(an_account(product.node, namespace))  # type: ignore[arg-type]
    product.node.apply(
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "platform"},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [
                {"apiGroup": RBAC, "kind": "Group", "name": GROUP},
                {"kind": "ServiceAccount", "name": "narrow", "namespace": namespace},
            ],
        }
    )
    return str(found["users"][0]["user"]["token"])


def filled(dialog: Locator, **fields: str) -> None:
    for label, value in fields.items():
        words = re.escape(label.replace("_", " "))
        dialog.get_by_label(re.compile(rf"^{words}\*?$")).fill(value)


def test_a_second_api_server_is_connected_by_each_of_five_ways(
    page: Page, product: Product, second: str, token: str, provider: OidcProvider
) -> None:
    stack, config = product.person.stack, yaml.safe_load(second)
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    where = {"API_server": cluster["server"], "Certificate_authority": cluster["certificate-authority-data"]}
    signed = provider.credentials(
        server=cluster["server"], ca=cluster["certificate-authority-data"], refresh_token=FIRST
    )
    until(
        lambda: product.person.post("clusters/tests", {"credentials": signed}).body.get("ok"),
        every_s=0.5,
        what="the API server knows the provider's keys",
    )
    ways: dict[str, tuple[str, dict[str, str]]] = {
        "token": ("Bearer token", {"Token": token}),
        "service_account": ("Service account", {"Token of the account": token}),
        "certificate": (
            "Client certificate",
            {"Client certificate": user["client-certificate-data"], "Private key": user["client-key-data"]},
        ),
        "oidc": (
            "OIDC",
            {
                "Issuer": provider.issuer,
                "Client id": CLIENT_ID,
                "Client secret": SECRET,
                "Refresh token": FIRST,
                "Certificate authority of the issuer": provider.certificate.decode(),
            },
        ),
        "kubeconfig": ("Kubeconfig", {}),
    }
    for way, (label, fields) in ways.items():
        name = f"second-by-{way.replace('_', '-')}"
        page.goto("/clusters?connect=1")
        dialog = page.get_by_role("dialog", name="Connect a cluster")
        dialog.get_by_role("radio", name=label).click()
        if way == "kubeconfig":
            given = {"name": "config", "mimeType": "text/yaml", "buffer": second.encode()}
            dialog.get_by_label("Kubeconfig file").set_input_files(given)  # type: ignore[arg-type]
        else:
            filled(dialog, **where, **fields)
        filled(dialog, Name=name)
        dialog.get_by_role("button", name="Connect", exact=True).click()
        expect(dialog).to_be_hidden()
        expect(page.get_by_role("complementary", name=name)).to_contain_text("ready")
        row = next(one for one in product.person.get("clusters").body["results"] if one["name"] == name)
        assert row["auth"] == ("certificate" if way == "kubeconfig" else way)
        names = product.person.get(f"clusters/{row['id']}/namespaces").body["results"]
        assert "kube-system" in names
        assert stack.api("DELETE", f"/api/v1/clusters/{row['id']}").status == 204


def test_a_cluster_shared_with_a_team_is_gone_from_its_open_pages_as_the_share_ends(
    page: Page, browser: Browser, product: Product
) -> None:
    stack, namespace = product.person.stack, product.node.namespace("shared")
    said = a_pod("says", "i=0; while :; do echo says-$i; i=$((i+1)); sleep 0.2; done")
    said["metadata"]["namespace"] = namespace
    product.node.apply(said)
    assert stack.api("PATCH", "/api/v1/settings", {"signup": "open"}).status == 200
    guest = stack.register(GUEST, name="Guest")
    stack.api("PATCH", "/api/v1/settings", {"signup": "invite"})
    [team] = stack.api("GET", "/api/v1/teams", token=guest).body["results"]

    page.goto(f"/clusters/{product.cluster}/access")
    page.get_by_role("button", name="Share cluster").first.click()
    dialog = page.get_by_role("dialog")
    filled(dialog, Team=team["name"], Namespaces=namespace)
    dialog.get_by_role("button", name="Share", exact=True).click()
    row = page.get_by_role("row").filter(has_text=team["name"])
    expect(row).to_contain_text("the API server")

    with profile(browser, stack.url) as context, signed_in(context, GUEST) as theirs:
        theirs.goto(f"/clusters/{product.cluster}/resources/Pod/{namespace}/says?tab=logs")
        logs: Any = theirs.get_by_role("region", name="Logs")
        expect(logs.get_by_role("log")).to_contain_text(re.compile(r"says-\d+"))
        listed = context.new_page()
        listed.goto(f"/clusters/{product.cluster}/resources?kind=Pod&namespace={namespace}")
        expect(listed.get_by_role("row").filter(has_text="says")).to_be_visible()

        row.get_by_role("button", name=f"End the share with {team['name']}").click()
        page.get_by_role("dialog").get_by_role("button", name="End share").click()
        expect(page.get_by_text("Only your team has this cluster")).to_be_visible()
        assert stack.api("GET", f"/api/v1/clusters/{product.cluster}", token=guest).status == 404
        expect(theirs.get_by_text("The log cannot be read")).to_be_visible(timeout=10_000)
        expect(listed.get_by_role("row").filter(has_text="says")).to_be_hidden(timeout=10_000)
    found = product.node.list(f"{RBAC}/v1", "RoleBinding", namespace, query="labelSelector=kubeorch.dev/share")
    assert found == [], "nothing of the share is left in the cluster"
    product.node.delete("v1", "Namespace", namespace)
