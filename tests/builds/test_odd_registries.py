"""Registries that answer otherwise than Debian's does: each answer is told apart, and no credential goes astray."""

from __future__ import annotations

import hashlib
import json
import threading

import pytest

from tests.support.django_setup import configure

configure()

from builds.domain.registries import Provider  # noqa: E402
from builds.registries.accounts import Account  # noqa: E402
from builds.registries.answers import Login  # noqa: E402
from builds.registries.charts import Wanted, chart_archive  # noqa: E402
from builds.registries.distribution import Distribution, Server  # noqa: E402
from builds.registries.errors import (  # noqa: E402
    CredentialsRefused,
    NotARegistry,
    NothingThere,
    NotPermitted,
    RealmRefused,
    RegistryAddressRefused,
    RegistryBusy,
    RegistryRefused,
    RegistryTimeout,
    RegistryUnavailable,
)
from builds.registries.testing import Report, try_registry  # noqa: E402
from kubeorch.base.errors import KubeOrchError  # noqa: E402
from tests.support.odd_registry import Asked, OddRegistry, Said, TokenRegistry, an_odd_registry  # noqa: E402

SECRET = "canary-secret-of-the-account"
HTML = Said(200, b"<html>Sign in to the portal</html>", {"Content-Type": "text/html"})
BASIC = {"WWW-Authenticate": 'Basic realm="x"'}


def client(server: OddRegistry, secret: str = SECRET) -> Distribution:
    return Distribution(Server(server.host, plain_http=True), Login("me", secret) if secret else None)


def refusal(server: OddRegistry, secret: str = SECRET) -> KubeOrchError:
    with client(server, secret) as asked, pytest.raises(KubeOrchError) as refused:
        asked.tags("a/b")
    assert SECRET not in str(vars(refused.value)), "no error repeats a secret"
    return refused.value


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        (Said(401, headers=BASIC), CredentialsRefused, "does not accept this user name and password"),
        (Said(403, {"errors": [{"code": "DENIED", "message": "quota"}]}), NotPermitted, "DENIED quota"),
        (Said(404), NothingThere, "has no repository a/b"),
        (Said(429, headers={"Retry-After": "3600"}), RegistryBusy, "try again in 3600 s"),
        (Said(429), RegistryBusy, "try again later"),
        (Said(500, b"<html>stack trace</html>"), RegistryUnavailable, "has a trouble of its own (status 500)"),
        (Said(502), RegistryUnavailable, "status 502"),
        (HTML, NotARegistry, "is not an image registry"),
        (Said(200, b'["a"]'), NotARegistry, "is not an image registry"),
        (Said(200, b"[" * 300_000), NotARegistry, "is not an image registry"),
        (Said(200, b"x" * 4_000_001), RegistryRefused, "sends more than 4,000,000 bytes"),
        (Said(200, b"x", {"Content-Encoding": "gzip"}), NotARegistry, "is not an image registry"),
        (Said(302, headers={"Location": "http://169.254.169.254/latest"}), RegistryAddressRefused, "never connected"),
        (Said(302, headers={"Location": "gopher://127.0.0.1/"}), RegistryRefused, "is not an https address"),
        (Said(302, headers={"Location": "/v2/a/b/tags/list"}), RegistryRefused, "without end"),
        (Said(418), RegistryRefused, "status 418"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else None,
)
def test_each_answer_is_told_apart(said: Said, error: type[KubeOrchError], words: str) -> None:
    with an_odd_registry(lambda _: said) as server:
        found = refusal(server)
    assert type(found) is error, found
    assert words in found.detail
    assert "stack trace" not in found.detail
    assert "portal" not in found.detail


def test_what_a_registry_says_is_not_repeated_when_it_repeats_the_password() -> None:
    said = Said(401, {"errors": [{"code": "NO", "message": f"me:{SECRET} is wrong"}]}, BASIC)
    with an_odd_registry(lambda _: said) as server:
        found = refusal(server)
    assert "is wrong" not in found.detail


def test_it_waits_as_long_as_it_is_asked_to_and_not_longer() -> None:
    def answers(asked: Asked) -> Said:
        return Said(429, headers={"Retry-After": "0"}) if len(server.asked) < 3 else Said(200, {"tags": ["1"]})

    with an_odd_registry() as server:
        server.answers = answers
        with client(server) as asked:
            assert asked.tags("a/b").names == ["1"]
        assert len(server.asked) == 3
        server.asked.clear()
        server.answers = lambda _: Said(503, headers={"Retry-After": "600"})
        with pytest.raises(RegistryUnavailable), client(server) as asked:
            asked.tags("a/b")
        assert len(server.asked) == 1


def test_a_server_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = threading.Event()
    monkeypatch.setattr("builds.registries.distribution.QUESTION_S", 0.5)

    def not_before(asked: Asked) -> Said:
        given_up.wait()
        return Said(200, {"tags": []})

    with an_odd_registry(not_before) as server:
        with pytest.raises(RegistryTimeout), client(server) as asked:
            asked.tags("a/b")
        given_up.set()
        assert len(server.asked) == 1


def test_no_credential_is_sent_before_it_is_asked_for_nor_to_another_host() -> None:
    with an_odd_registry(lambda _: Said(200, {"tags": ["1"]})) as elsewhere, an_odd_registry() as server:
        there = Said(307, headers={"Location": f"http://{elsewhere.host}/x"})
        server.answers = lambda asked: there if asked.login else Said(401, headers=BASIC)
        with client(server) as asked:
            asked.tags("a/b")
        assert [one.login for one in server.asked] == ["", f"me:{SECRET}"]
        assert len(elsewhere.asked) == 1
        assert elsewhere.logins() == set()


@pytest.mark.parametrize("realm", ["http://{other}/token", "https://evil.example/token", "", "file:///etc/passwd"])
def test_credentials_do_not_go_to_the_token_server_of_somebody_else(realm: str) -> None:
    with an_odd_registry(address="127.0.0.2") as elsewhere, an_odd_registry() as server:
        wanted = realm.format(other=elsewhere.host)
        server.answers = lambda _: Said(401, headers={"WWW-Authenticate": f'Bearer realm="{wanted}",service="x"'})
        assert isinstance(refusal(server), RealmRefused)
        assert elsewhere.asked == []
        assert server.logins() == set()


def test_a_token_is_asked_for_once_for_each_scope() -> None:
    answers = TokenRegistry(password=SECRET)
    with an_odd_registry(answers) as server:
        answers.host = server.host
        with client(server) as asked:
            for _ in range(3):
                asked.tags("a/b")
            asked.tags("c/d")
        tokens = [one.path for one in server.asked if one.path.startswith("/token")]
    assert len(tokens) == 2
    assert "scope=repository%3Aa%2Fb%3Apull&" in tokens[0]
    assert [one.login for one in server.asked if one.path.startswith("/token")] == [f"me:{SECRET}"] * 2


def test_pages_that_never_end_are_given_up() -> None:
    def answers(asked: Asked) -> Said:
        number = len(server.asked)
        link = f'<http://evil.example/v2/a/b/tags/list?last=t{number}&n=1>; rel="next"'
        return Said(200, {"tags": [f"t{number}"]}, {"Link": link})

    with an_odd_registry() as server:
        server.answers = answers
        with client(server) as asked:
            found = asked.tags("a/b")
    assert not found.is_whole
    assert len(found.names) == len(server.asked) == 10


@pytest.mark.parametrize("where", ["elsewhere", "here"])
def test_the_digest_of_a_tag_is_the_registrys_own_word_or_the_hash_of_what_it_names(where: str) -> None:
    content = b'{"schemaVersion":2}'
    digest, lie = f"sha256:{hashlib.sha256(content).hexdigest()}", f"sha256:{'f' * 64}"
    said = Said(200, content, {"Docker-Content-Digest": lie if where == "elsewhere" else f"sha512:{'f' * 128}"})
    with an_odd_registry(lambda _: said, address="127.0.0.2") as elsewhere, an_odd_registry() as server:
        moved = Said(307, headers={"Location": f"{elsewhere.url}/v2/a/b/manifests/1"})
        server.answers = lambda _: moved if where == "elsewhere" else said
        with client(server, "") as asked:
            assert asked.digest_of("a/b", "1") == digest


@pytest.mark.parametrize("address", ["https://[x/", "https://a:b/"])
def test_an_address_that_is_none_is_refused_wherever_a_registry_writes_it(address: str) -> None:
    for said in (
        Said(302, headers={"Location": address}),
        Said(401, headers={"WWW-Authenticate": f'Bearer realm="{address}"'}),
        Said(200, {"tags": ["1"]}, {"Link": f'<{address}?last=1>; rel="next"'}),
    ):
        with an_odd_registry(lambda _, said=said: said) as server:  # type: ignore[misc]
            assert isinstance(refusal(server), RegistryRefused | RealmRefused)
    upload = Said(202, headers={"Location": address})
    with an_odd_registry(lambda _: upload) as server, client(server) as asked, pytest.raises(RegistryRefused):
        asked.try_upload("a/b")


def test_the_password_of_a_chart_does_not_go_to_the_token_server_of_somebody_else() -> None:
    with an_odd_registry(address="127.0.0.2") as elsewhere, an_odd_registry() as server:
        challenge = f'Bearer realm="{elsewhere.url}/token",service="x"'
        server.answers = lambda _: Said(401, headers={"WWW-Authenticate": challenge})
        wanted = Wanted(f"oci://{server.host}/a/b", version="1.0.0", username="me", password=SECRET)
        with pytest.raises(RealmRefused):
            chart_archive(wanted, most_bytes=1_000, check=lambda: None)
        assert elsewhere.asked == []


def test_the_password_of_a_repository_of_charts_stays_at_its_own_place() -> None:
    with an_odd_registry(address="127.0.0.2") as elsewhere, an_odd_registry() as server:
        elsewhere.answers = lambda _: Said(200, b"x")
        url = f"{elsewhere.url}/web-1.0.0.tgz"

        def index(_: Asked) -> Said:
            rows = f"entries:\n  web:\n  - version: 1.0.0\n    urls: [{json.dumps(url)}]\n"
            return Said(200, rows.encode())

        server.answers = index
        wanted = Wanted(f"{server.url}/", "web", username="me", password=SECRET)
        assert chart_archive(wanted, most_bytes=1_000, check=lambda: None).content == b"x"
        assert (server.logins(), elsewhere.logins()) == ({f"me:{SECRET}"}, set())
        url = "https://[x/"
        with pytest.raises(RegistryRefused):
            chart_archive(wanted, most_bytes=1_000, check=lambda: None)


# Tests of an account, step by step


def tried(server: OddRegistry, secret: str = SECRET, **changed: object) -> Report:
    fields = {"username": "me" if secret else "", "secret": secret, "path_prefix": "team", **changed}
    report = try_registry(Account(Provider.GENERIC, server.host, plain_http=True, **fields))  # type: ignore[arg-type]
    assert SECRET not in str(report)
    return report


def states(report: Report) -> dict[str, str]:
    return {step.name: step.code or step.state for step in report.steps}


def test_an_account_that_may_pull_and_push_leaves_no_upload() -> None:
    answers = TokenRegistry(password=SECRET)
    with an_odd_registry(answers) as server:
        answers.host = server.host
        report = tried(server)
    assert states(report) == {
        "name": "ok",
        "tcp": "ok",
        "tls": "warning",
        "registry": "ok",
        "login": "ok",
        "pull": "ok",
        "push": "ok",
    }
    assert report.may_push
    assert answers.uploads == set()
    assert any(one.method == "DELETE" for one in server.asked)


def test_an_account_that_may_pull_and_not_push_is_told_so() -> None:
    answers = TokenRegistry(password=SECRET, rights="pull")
    with an_odd_registry(answers) as server:
        answers.host = server.host
        report = tried(server)
    assert states(report)["push"] == "registry.may_not_push"
    assert report.failure is None
    assert report.may_push is False


def test_an_account_that_may_not_even_pull_has_failed() -> None:
    answers = TokenRegistry(password=SECRET, rights="")
    with an_odd_registry(answers) as server:
        answers.host = server.host
        report = tried(server)
    assert states(report)["pull"] == "registry.may_not_pull"
    assert "push" not in states(report)


def test_a_wrong_password_is_the_step_of_signing_in() -> None:
    answers = TokenRegistry(password="another")
    with an_odd_registry(answers) as server:
        answers.host = server.host
        report = tried(server)
    assert states(report)["login"] == "registry.credentials"
    assert "incorrect username or password" in report.steps[-1].detail


def test_a_path_that_has_to_be_made_first_is_told() -> None:
    missing = Said(404, {"errors": [{"code": "NAME_UNKNOWN", "message": "no such repository"}]})
    with an_odd_registry(lambda asked: Said(200, {}) if asked.path == "/v2/" else missing) as server:
        report = tried(server, "")
    assert states(report)["push"] == "registry.path_missing"
    assert report.may_push is False


def test_a_portal_is_no_registry() -> None:
    with an_odd_registry(lambda _: HTML) as server:
        assert states(tried(server))["registry"] == "registry.not_a_registry"


def test_what_cannot_be_reached_is_told_by_step() -> None:
    def one(host: str, **more: object) -> dict[str, str]:
        return states(try_registry(Account(Provider.GENERIC, host, **more)))  # type: ignore[arg-type]

    assert one("127.0.0.1:9") == {"name": "ok", "tcp": "registry.unavailable"}
    assert one("nowhere.invalid") == {"name": "registry.unresolved"}
    assert one("169.254.169.254") == {"name": "registry.address_refused"}
    with an_odd_registry() as server:
        assert one(server.host) == {"name": "ok", "tcp": "ok", "tls": "registry.untrusted"}
