"""Clusters connected by every way, on a real API server; what fails is said at the step where it fails."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.control_plane import ControlPlane
from tests.support.database import collections_of
from tests.support.narrow import RBAC, an_account, grant
from tests.support.oidc_provider import EMAIL, GROUP, OidcProvider, oidc_provider
from tests.support.people import Person, a_user
from tests.support.second_api_server import second_api_server
from tests.support.tls_api_server import tls_api_server
from tests.support.wait import until

pytestmark = pytest.mark.usefixtures("mongo")
NETWORK = ["name", "tcp", "tls"]
ALL_STEPS = [*NETWORK, "auth", "version", "rights"]
FIRST = "first-refresh-token"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    folder = tmp_path_factory.mktemp("provider")
    with oidc_provider(folder) as running:
        yield running


@pytest.fixture(scope="module")
def kubeconfig(control_plane: ControlPlane, provider: OidcProvider) -> Iterator[str]:
    """Of a second API server, which knows the provider and lets its group do anything."""
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "platform"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": GROUP}],
    }
    control_plane.apply(binding)
    authority = f"--oidc-ca-file={provider.folder / 'provider-ca.pem'}"
    with second_api_server(control_plane, *provider.flags, authority) as running:
        yield running


@pytest.fixture
def admin() -> Person:
    return a_user("admin", is_admin=True)


def parts(kubeconfig: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Address and authority as a form takes them, and the user of the kubeconfig."""
    config = yaml.safe_load(kubeconfig)
    cluster = config["clusters"][0]["cluster"]
    return {"server": cluster["server"], "ca": cluster["certificate-authority-data"]}, config["users"][0]["user"]


def tried(person: Person, given: dict[str, Any]) -> dict[str, Any]:
    answer = person.post("clusters/tests", given)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def connect_and_look(person: Person, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """A cluster tried, connected, and asked for its namespaces."""
    report = tried(person, given)
    assert (report["ok"], [step["name"] for step in report["steps"]]) == (True, ALL_STEPS), report
    made = person.post("clusters", {"name": name, **given})
    assert (made.status, made.body.get("state")) == (201, "ready"), made.body
    namespaces = person.get(f"clusters/{made.body['id']}/namespaces")
    assert "kube-system" in namespaces.body["results"], namespaces.body
    return {**made.body, "report": report}


def test_a_cluster_is_connected_by_kubeconfig_certificate_and_token_and_by_the_account_that_we_write(
    kubeconfig: str,
    control_plane: ControlPlane,
    provider: OidcProvider,
    admin: Person,
    monkeypatch: Any,
    settings: Any,
    tmp_path: Path,
) -> None:
    where, user = parts(kubeconfig)
    connect_and_look(admin, "by-kubeconfig", {"kubeconfig": kubeconfig})
    pair = {"client_certificate": user["client-certificate-data"], "client_key": user["client-key-data"]}
    connect_and_look(admin, "by-certificate", {"credentials": {"way": "certificate", **where, **pair}})

    helped = admin.get("clusters/service-account?sharing=true").body
    for manifest in yaml.safe_load_all(helped["manifest"]):
        control_plane.apply(manifest)
    assert "kubectl get secret kubeorch-token --namespace kubeorch" in helped["commands"]["token"]
    secret = until(
        lambda: (control_plane.get("v1", "Secret", "kubeorch-token", "kubeorch") or {}).get("data", {}).get("token"),
        what="the token of the account",
    )
    token = base64.b64decode(secret).decode()
    account = {"way": "service_account", **where, "token": token}
    made = connect_and_look(admin, "by-account", {"credentials": account})
    assert made["report"]["user"] == "system:serviceaccount:kubeorch:kubeorch"
    assert {right["allowed"] for right in made["report"]["rights"]} == {"everywhere"}
    assert (made["report"]["impersonates"], made["auth"]) == (True, "service_account")
    connect_and_look(admin, "by-token", {"credentials": {**account, "way": "token"}})

    # Inside a cluster the same account is that of our own pod; it is this server's, so for its administrators alone.
    (tmp_path / "token").write_text(token)
    (tmp_path / "ca.crt").write_bytes(base64.b64decode(where["ca"]))
    settings.SERVICE_ACCOUNT = str(tmp_path)
    host, port = where["server"].removeprefix("https://").split(":")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", host)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", port)
    assert admin.get("clusters/ways").body == {"in_cluster": True}
    inside = {"credentials": {"way": "in_cluster"}}
    own = connect_and_look(admin, "inside", inside)
    # The authority of the cluster is replaced: the kubelet writes it into the folder, and nobody connects anew.
    (tmp_path / "ca.crt").write_bytes((provider.folder / "provider-ca.pem").read_bytes())
    spaces = f"clusters/{own['id']}/namespaces"
    until(lambda: admin.get(spaces).body.get("code") == "cluster.untrusted", what="another authority counts")
    (tmp_path / "ca.crt").write_bytes(base64.b64decode(where["ca"]))
    until(lambda: admin.get(spaces).status == 200, what="the right one counts again")
    other = a_user("admin")
    assert other.get("clusters/ways").body == {"in_cluster": False}
    assert other.post("clusters", {"name": "inside", **inside}).status == 403


def test_one_sign_in_serves_every_cluster_of_its_provider_and_is_renewed_once_for_all(
    kubeconfig: str, provider: OidcProvider, admin: Person, mongo: Any
) -> None:
    from bson import ObjectId

    from clusters.oidc.tokens import Bearer
    from kubeorch.base.clock import now

    where, _ = parts(kubeconfig)
    provider.refresh_token = FIRST
    signed_in = {"credentials": provider.credentials(**where, refresh_token=FIRST)}
    until(lambda: tried(admin, signed_in)["ok"], what="the API server knows the provider's keys")
    made = connect_and_look(admin, "by-oidc", signed_in)
    assert made["report"]["user"] == EMAIL
    connect_and_look(admin, "again", {"credentials": provider.credentials(**where)})
    assert len(provider.issued) == 1, "the test, two clusters and the refresh token entered again are one sign-in"
    for name in collections_of(mongo):
        kept = str(list(mongo[name].find()))
        assert not any(one in kept for one in (provider.refresh_token, provider.issued[0], FIRST)), name

    row = mongo["cluster_sign_ins"].find_one({})

    def age() -> None:
        """The token was given two minutes ago."""
        past = {"refreshed_at": now() - timedelta(seconds=120), "expires_at": now()}
        mongo["cluster_sign_ins"].update_one({"_id": row["_id"]}, {"$set": past})

    before = len(provider.issued)
    with ThreadPoolExecutor(8) as processes:
        for _ in range(30):  # tokens of two minutes for an hour, for 30 clusters in as many processes
            age()
            tokens = set(processes.map(lambda _: Bearer(ObjectId(row["_id"]))(), range(30)))
            assert tokens == {provider.issued[-1]}
    assert len(provider.issued) - before == 30

    # An API server that takes a token no more before its end: the provider is asked for another, and not again at once.
    mongo["cluster_sign_ins"].update_one({"_id": row["_id"]}, {"$set": {"refreshed_at": now() - timedelta(hours=1)}})
    bearer, asked = Bearer(ObjectId(row["_id"])), len(provider.issued)
    old, second = bearer(), int(now().timestamp())
    until(lambda: int(now().timestamp()) > second + 1, what="a new token is another one")
    assert (bearer.refused(old), bearer.refused(old)) == (True, True)
    assert bearer() == provider.issued[-1] != old
    assert not bearer.refused(bearer()), "a new one that is refused is not at fault"
    assert Bearer(ObjectId(row["_id"])).refused(old)
    assert len(provider.issued) == asked + 1

    provider.is_down = True
    age()
    made_again = admin.post(f"clusters/{made['id']}/test").body
    provider.is_down = False
    assert made_again["state"] == "ready", "the token of this process is still good"
    age()
    provider.refresh_token = "somebody signed out"
    with pytest.raises(Exception, match="sign in there again"):
        Bearer(ObjectId(row["_id"]))()
    anew = {"credentials": provider.credentials(**where, refresh_token="somebody signed out")}
    assert admin.patch(f"clusters/{made['id']}", anew).status == 200
    assert Bearer(ObjectId(row["_id"]))() == provider.issued[-1]
    assert mongo["cluster_sign_ins"].count_documents({}) == 1, "the new sign-in serves both clusters"


def test_a_connection_that_fails_says_at_which_step_and_the_cure(
    kubeconfig: str, control_plane: ControlPlane, admin: Person
) -> None:
    where, user = parts(kubeconfig)
    port = where["server"].rpartition(":")[2]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        closed = silent.getsockname()[1]
    form = {"way": "token", **where, "token": "wrong"}
    cases = [
        ({**form, "server": "https://nowhere.invalid:6443"}, [], "name", "cluster.unresolved"),
        ({**form, "server": "https://169.254.169.254"}, [], "name", "cluster.address"),
        ({**form, "server": f"https://127.0.0.1:{closed}"}, ["name"], "tcp", "cluster.unavailable"),
        ({**form, "ca": ""}, ["name", "tcp"], "tls", "cluster.untrusted"),
        ({**form, "tls_server_name": "other.test"}, ["name", "tcp"], "tls", "cluster.untrusted"),
        (form, NETWORK, "auth", "cluster.unauthorized"),
    ]
    for credentials, well, failed, code in cases:
        report = tried(admin, {"credentials": credentials})
        steps = report["steps"]
        assert [step["name"] for step in steps] == [*well, failed], report
        assert (steps[-1]["state"], steps[-1]["code"], bool(steps[-1]["cure"])) == ("failed", code, True), report
        assert (report["certificate"] is not None) == ("tls" in [*well, failed]), "the certificate is shown either way"
        refused = admin.post("clusters", {"name": "never", "credentials": credentials})
        assert (refused.status, refused.body["errors"][0]["field"]) == (400, "credentials"), refused.body

    namespace = control_plane.namespace()
    account = an_account(control_plane, namespace)
    rules = [{"apiGroups": ["apps", ""], "resources": ["deployments", "pods"], "verbs": ["list", "patch"]}]
    metadata = {"name": "narrow", "namespace": namespace}
    role = {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": rules}
    grant(control_plane, [role], namespace)
    token = parts(account)[1]["token"]
    report = tried(admin, {"credentials": {**form, "token": token, "namespace": namespace}})
    assert (report["ok"], report["steps"][-1]["state"], report["impersonates"]) == (True, "warning", False)
    allowed = {right["id"]: right["allowed"] for right in report["rights"]}
    assert (allowed["deploy"], allowed["see"], allowed["nodes"]) == ("namespace", "namespace", "no"), allowed
    assert "read logs" in report["steps"][-1]["detail"]
    assert report["certificate"]["names"]
    assert port in report["server"]
    assert user


def test_a_sign_in_is_a_persons_and_another_account_never_takes_its_place(
    kubeconfig: str, provider: OidcProvider, admin: Person, mongo: Any, tmp_path: Path
) -> None:
    where, _ = parts(kubeconfig)
    provider.refresh_token, provider.others = "of-ada", {"of-bob": "bob"}
    ada = {"credentials": provider.credentials(**where, refresh_token="of-ada")}
    until(lambda: tried(admin, ada)["ok"], what="the API server knows the provider's keys")
    made = connect_and_look(admin, "by-oidc", ada)
    row = mongo["cluster_sign_ins"].find_one({})

    bob = a_user("admin", team=admin.team_id)
    report = tried(bob, {"credentials": provider.credentials(**where, refresh_token="of-bob")})
    assert report["user"] == "bob@example.test", report
    assert mongo["cluster_sign_ins"].find_one({"_id": row["_id"]})["sealed"] == row["sealed"], "ada's is as it was"
    assert mongo["cluster_sign_ins"].count_documents({}) == 2
    assert admin.post(f"clusters/{made['id']}/test").body["state"] == "ready"

    carol = a_user("admin", team=admin.team_id)
    without = provider.credentials(**where)
    assert tried(carol, {"credentials": without})["user"] == EMAIL, "that very server has the tokens already"
    with tls_api_server(tmp_path) as elsewhere:
        theirs = {"server": f"https://127.0.0.1:{elsewhere.port}", "ca": elsewhere.certificate.decode()}
        for stolen in (theirs, {**where, "ca": "", "insecure": True}):
            for path in ("clusters/tests", "clusters"):
                more = {"name": "trap"} if path == "clusters" else {}
                refused = carol.post(path, {**more, "credentials": {**without, **stolen}})
                assert refused.body["errors"][0]["field"] == "credentials.refresh_token", refused.body
        given = {"credentials": {**without, **theirs}}
        assert carol.patch(f"clusters/{made['id']}", given).status == 400
        assert elsewhere.requests == []


def test_only_the_provider_that_takes_a_refresh_token_no_more_ends_a_sign_in(
    kubeconfig: str, provider: OidcProvider, admin: Person, mongo: Any
) -> None:
    from clusters.oidc.provider import ProviderUnavailable, SignInEnded
    from clusters.oidc.tokens import Bearer
    from kubeorch.base.clock import now

    where, _ = parts(kubeconfig)
    provider.refresh_token = "lasting"
    given = {"credentials": provider.credentials(**where, refresh_token="lasting")}
    until(lambda: tried(admin, given)["ok"], what="the API server knows the provider's keys")
    connect_and_look(admin, "by-oidc", given)
    [row] = mongo["cluster_sign_ins"].find()

    def renewed() -> str:
        past = {"refreshed_at": now() - timedelta(seconds=120), "expires_at": now(), "failed_at": None}
        mongo["cluster_sign_ins"].update_one({"_id": row["_id"]}, {"$set": past})
        return Bearer(row["_id"])()

    for status, error in ((400, "invalid_client"), (401, "unauthorized_client"), (404, ""), (429, ""), (500, "")):
        provider.refuses = (status, {"error": error} if error else {})
        with pytest.raises(ProviderUnavailable):
            renewed()
        assert mongo["cluster_sign_ins"].find_one({})["ended"] is False, (status, error)
    provider.refuses = None
    kept, provider.refresh_token = provider.refresh_token, "taken back for a moment"
    provider.others = {kept: "mallory"}
    with pytest.raises(ProviderUnavailable, match="another account"):
        renewed()
    provider.others, provider.refresh_token = {}, kept
    assert renewed() == provider.issued[-1], "it goes on by itself"
    provider.refuses = (400, {"error": "invalid_grant"})
    with pytest.raises(SignInEnded):
        renewed()
    assert mongo["cluster_sign_ins"].find_one({})["ended"] is True
