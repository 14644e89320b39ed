"""What a kubeconfig may say, and what it may not."""

from __future__ import annotations

import base64
import copy
from typing import Any

import pytest
import yaml

from clusters.domain.credentials import Credentials, KubeconfigInvalid
from clusters.domain.kubeconfig import kubeconfig_text, parse_kubeconfig
from clusters.domain.server_address import check_server

CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = b"-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----\n"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


GOOD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [
        {
            "name": "c",
            "cluster": {"server": "https://10.1.2.3:6443/", "certificate-authority-data": encoded(CERTIFICATE)},
        }
    ],
    "users": [{"name": "u", "user": {"token": "secret-token"}}],
    "contexts": [{"name": "ctx", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}],
    "current-context": "ctx",
    "preferences": {},
}


def a_kubeconfig(*, cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None, **top: Any) -> str:
    document = copy.deepcopy(GOOD)
    document["clusters"][0]["cluster"].update(cluster or {})
    document["users"][0]["user"].update(user or {})
    document.update(top)
    return yaml.safe_dump(document)


def refused(text: str, **options: Any) -> KubeconfigInvalid:
    with pytest.raises(KubeconfigInvalid) as caught:
        parse_kubeconfig(text, **options)
    return caught.value


def test_a_token_and_an_authority_are_read_and_nothing_else() -> None:
    found = parse_kubeconfig(a_kubeconfig())
    assert found == Credentials(
        server="https://10.1.2.3:6443", ca_data=CERTIFICATE, token="secret-token", namespace="shop"
    )
    assert found.auth == "token"


def test_a_client_certificate_comes_with_its_key() -> None:
    both = {"client-certificate-data": encoded(CERTIFICATE), "client-key-data": encoded(KEY), "token": None}
    found = parse_kubeconfig(a_kubeconfig(user=both))
    assert (found.client_cert_data, found.client_key_data, found.auth) == (CERTIFICATE, KEY, "certificate")
    assert "belong together" in refused(a_kubeconfig(user={**both, "client-key-data": None})).detail


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("user", "exec", {"command": "/bin/sh", "args": ["-c", "id"], "apiVersion": "client.authentication.k8s.io/v1"}),
        ("user", "auth-provider", {"name": "oidc", "config": {"cmd-path": "/bin/sh"}}),
        ("user", "tokenFile", "/var/run/secrets/kubernetes.io/serviceaccount/token"),
        ("user", "client-certificate", "/etc/passwd"),
        ("user", "client-key", "../../keys/secret.key"),
        ("user", "username", "admin"),
        ("user", "password", "admin"),
        ("user", "as", "system:admin"),
        ("user", "as-groups", ["system:masters"]),
        ("cluster", "proxy-url", "http://169.254.169.254"),
        ("cluster", "certificate-authority", "/etc/ssl/certs/ca.pem"),
    ],
)
def test_entries_that_would_run_or_read_something_are_refused_by_name(part: str, key: str, value: Any) -> None:
    error = refused(a_kubeconfig(**{part: {key: value}}))
    assert error.code == f"kubeconfig.{key.lower()}"
    assert error.detail.startswith(f"{key}: ")
    assert error.problems[0].field == "kubeconfig"


def test_an_unknown_entry_is_refused() -> None:
    assert "surprise" in refused(a_kubeconfig(user={"surprise": "x"})).detail


def test_unverified_tls_needs_an_explicit_confirmation() -> None:
    text = a_kubeconfig(cluster={"insecure-skip-tls-verify": True, "certificate-authority-data": None})
    assert refused(text).code == "kubeconfig.insecure"
    assert "certificate-authority-data" in refused(text).detail
    assert "insecure: true" in refused(text).detail
    assert parse_kubeconfig(text, allow_insecure=True).insecure


def test_an_exec_entry_of_another_context_is_ignored() -> None:
    document = copy.deepcopy(GOOD)
    document["users"].append({"name": "other", "user": {"exec": {"command": "sh"}}})
    document["contexts"].append({"name": "second", "context": {"cluster": "c", "user": "other"}})
    text = yaml.safe_dump(document)
    assert parse_kubeconfig(text).token == "secret-token"
    assert refused(text, context="second").code == "kubeconfig.exec"


def test_several_contexts_without_a_current_one_need_a_choice() -> None:
    document = copy.deepcopy(GOOD)
    document["contexts"].append({"name": "second", "context": {"cluster": "c", "user": "u", "namespace": "two"}})
    del document["current-context"]
    text = yaml.safe_dump(document)
    error = refused(text)
    assert (error.code, error.extra["contexts"]) == ("kubeconfig.context", ["ctx", "second"])
    assert parse_kubeconfig(text, context="second").namespace == "two"
    assert refused(text, context="third").code == "kubeconfig.context"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://",
        "ftp://host",
        "file:///etc/passwd",
        "http://cluster.example.test",
        "http://127.0.0.1:8080",
        "https://user:pass@host",
        "https://user@host",
        "https://host?x=1",
        "https://host#x",
        "https://host:0",
        "https://host:99999",
        "https://host:port",
        "https://ho st",
        "https://host\\@evil",
        "https://host/a/../b",
        "https://hösť",
        "https://[fe80::1%25eth0]",
        "https://" + "a" * 600,
        "javascript:alert(1)",
        "//host",
        "https://-host",
    ],
)
def test_an_address_that_cannot_be_an_api_server_is_refused(address: str) -> None:
    with pytest.raises(KubeconfigInvalid) as caught:
        check_server(address)
    assert caught.value.code == "kubeconfig.server"


@pytest.mark.parametrize(
    "address",
    ["https://host", "https://10.0.0.1:6443", "https://[::1]:6443", "https://rancher.example.test/k8s/clusters/c-1"],
)
def test_an_ordinary_address_is_accepted(address: str) -> None:
    assert check_server(address + "/") == address


def test_plain_http_is_allowed_only_for_loopback_and_when_asked() -> None:
    assert check_server("http://127.0.0.1:8080", allow_http=True) == "http://127.0.0.1:8080"
    with pytest.raises(KubeconfigInvalid):
        check_server("http://10.0.0.1:8080", allow_http=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "just text",
        "kind: Secret\nclusters: []",
        "clusters: {}",
        "clusters: []",
        "a: &a [*a]",
        "clusters: !!python/object/apply:os.system ['id']",
        "clusters: []\nclusters: []",
        "\x00",
        "a: " + "[" * 100,
        "x" * 300_000,
    ],
)
def test_text_that_is_not_a_kubeconfig_is_refused_with_a_sentence(text: str) -> None:
    assert refused(text).detail


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "nul\x7f", 12, ["a"]])
def test_a_token_that_could_forge_a_header_is_refused(token: Any) -> None:
    refused(a_kubeconfig(user={"token": token}))


def test_certificates_must_be_pem_in_base64() -> None:
    assert "base64" in refused(a_kubeconfig(cluster={"certificate-authority-data": "###"})).detail
    assert "PEM" in refused(a_kubeconfig(cluster={"certificate-authority-data": encoded(b"nothing")})).detail


def test_credentials_survive_sealing_and_show_no_secret() -> None:
    full = Credentials("https://h", CERTIFICATE, "tok", CERTIFICATE, KEY, "name", False, "ns")
    assert Credentials.from_bytes(full.to_bytes()) == full
    assert "tok" not in repr(full)
    assert "PRIVATE" not in repr(full)


def test_an_error_quotes_no_credential() -> None:
    error = refused(a_kubeconfig(user={"token": "very secret\n"}))
    assert "very secret" not in repr((error.detail, error.problems, error.extra))


def test_the_kubeconfig_written_for_kubectl_reads_back() -> None:
    found = parse_kubeconfig(a_kubeconfig())
    assert parse_kubeconfig(kubeconfig_text(found, name="x")) == found


@pytest.mark.parametrize(
    ("user", "plugin", "way", "issuer"),
    [
        ({"exec": {"command": "/usr/bin/aws", "args": ["eks", "get-token"]}}, "aws", "service_account", ""),
        ({"exec": {"command": "C:\\tools\\kubelogin.exe"}}, "kubelogin", "service_account", ""),
        ({"exec": {"command": "/home/anna/hunter2", "args": ["hunter2"]}}, "exec", "service_account", ""),
        ({"auth-provider": {"name": "hunter2"}}, "auth-provider", "service_account", ""),
        (
            {"exec": {"command": "kubectl", "args": ["oidc-login", "get-token", "--oidc-issuer-url=https://id.test"]}},
            "kubectl oidc-login",
            "oidc",
            "https://id.test",
        ),
        (
            {"auth-provider": {"name": "oidc", "config": {"idp-issuer-url": "https://id.test", "client-id": "k"}}},
            "oidc",
            "oidc",
            "https://id.test",
        ),
    ],
)
def test_a_program_in_a_kubeconfig_is_answered_with_what_it_does_and_the_way_that_works(
    user: dict[str, Any], plugin: str, way: str, issuer: str
) -> None:
    error = refused(a_kubeconfig(user=user))
    instead = error.extra["instead"]
    assert (instead["plugin"], instead["way"], instead["issuer"]) == (plugin, way, issuer)
    assert (instead["server"], instead["ca"]) == ("https://10.1.2.3:6443/", CERTIFICATE.decode())
    assert f"{plugin} " in error.detail
    assert "hunter2" not in f"{error.detail} {error.extra}"


@pytest.mark.parametrize(
    "user",
    [
        {"exec": {"command": "kubelogin", "args": ["oidc-login", "--oidc-issuer-url", "https://a:hunter2@id.test"]}},
        {"exec": {"command": "kubectl", "args": ["oidc-login", "--oidc-issuer-url=https://id.test/?key=hunter2"]}},
        {"exec": {"command": "kubectl", "args": ["oidc-login", "--oidc-client-id=<b>hunter2</b>"]}},
        {"auth-provider": {"name": "oidc", "config": {"idp-issuer-url": "hunter2 " * 1000}}},
        {"auth-provider": {"name": "oidc", "config": {"client-id": "hunter2\n"}}},
    ],
)
def test_what_a_kubeconfig_tells_a_program_is_not_said_again_unless_it_is_an_address_or_a_name(
    user: dict[str, Any],
) -> None:
    both = encoded(CERTIFICATE + KEY)
    cluster = {"server": "https://anna:hunter2@10.1.2.3", "certificate-authority-data": both}
    error = refused(a_kubeconfig(cluster=cluster, user=user))
    assert "hunter2" not in f"{error.detail} {error.extra}"
    assert error.extra["instead"]["ca"] == CERTIFICATE.decode(), "a key that was put beside it is left out"


def test_an_entry_that_is_no_name_is_not_said_again() -> None:
    error = refused(a_kubeconfig(user={"token eyJhbGciOi": None}))
    assert "eyJ" not in error.detail
    assert (
        "namespace"
        in refused(
            a_kubeconfig(contexts=[{"name": "ctx", "context": {"cluster": "c", "user": "u", "namespace": "../x"}}])
        ).detail
    )
