"""GitHub Apps: a token by the hour for what the App is installed on.

GitHub's answers are in their recorded shapes, over real HTTP; its check of who asks is made with the public key.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from builds.connections.access import access_for
from builds.connections.app_tokens import app_key_of
from builds.domain.repositories import repository_of
from kubeorch.base.clock import iso, now
from tests.support.git_connections import connected
from tests.support.odd_registry import Asked, OddRegistry, Said, an_odd_registry
from tests.support.people import Person

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ON_AN_ODD_CURVE = """-----BEGIN EC PRIVATE KEY-----
MGkCAQEEHQAXE/haBsudZxeWi4kbZR6URtnLs+wE+T8loUdCoAcGBSuBBAAgoTwD
OgAEwJBnBYpaVIkqMx17xd04uebY1wW/PIRCVN3AsYW/xUMtOCKtKJLh/cV6Uo0d
dubFtsvpXMcYIwE=
-----END EC PRIVATE KEY-----
"""


def of_primes(p: int, q: int) -> rsa.RSAPrivateKey:
    """A key of what need not be primes."""
    public = rsa.RSAPublicNumbers(65537, p * q)
    return rsa.RSAPrivateNumbers(p, q, 3, 3, 3, 3, public).private_key(unsafe_skip_rsa_key_validation=True)


PERMISSIONS = {"contents": "read", "metadata": "read"}
ROW = {"full_name": "acme/shop", "private": True, "default_branch": "main", "pushed_at": "2026-11-20T08:30:00Z"}


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@dataclass
class GitHubOfTests:
    """Answers for App 77 and its installation 4711; counts the tokens that it gave."""

    server: OddRegistry
    given: list[str] = field(default_factory=list)
    lasts: timedelta = timedelta(hours=1)

    def answer(self, asked: Asked) -> Said:
        path = asked.path.removeprefix("/api/v3")
        if asked.method == "POST":
            if not self._is_app(asked.login):
                return Said(401, {"message": "A JSON web token could not be decoded"})
            if path != "/app/installations/4711/access_tokens":
                return Said(404, {"message": "Not Found"})
            self.given.append(f"ghs_canary{len(self.given)}")
            body = {"token": self.given[-1], "expires_at": iso(now() + self.lasts), "permissions": PERMISSIONS}
            return Said(201, body)
        if asked.login not in self.given:
            return Said(401, {"message": "Bad credentials"})
        if path.startswith("/installation/repositories"):
            return Said(200, {"total_count": 1, "repositories": [ROW]})
        return Said(403, {"message": "Resource not accessible by integration"})

    def _is_app(self, proof: str) -> bool:
        head, claims, signature = proof.split(".")
        try:
            KEY.public_key().verify(decoded(signature), f"{head}.{claims}".encode(), PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        said, at = json.loads(decoded(claims)), now().timestamp()
        return said["iss"] == "77" and said["iat"] <= at < said["exp"] <= said["iat"] + 600


@pytest.fixture
def github() -> Iterator[GitHubOfTests]:
    with an_odd_registry() as server:
        found = GitHubOfTests(server)
        server.answers = found.answer
        yield found


def given(github: GitHubOfTests, **changed: Any) -> dict[str, Any]:
    app = {"app_id": "77", "installation_id": "4711", "private_key": pem(KEY)}
    return {"name": "code", "provider": "github", "address": github.server.url, **app, **changed}


def added(ada: Person, github: GitHubOfTests, **changed: Any) -> dict[str, Any]:
    return connected(ada, given(github, **changed))


def test_an_app_is_tried_shown_and_kept_sealed(ada: Person, github: GitHubOfTests, mongo: Any) -> None:
    made = added(ada, github)
    assert (made["state"], made["user"], made["app"]) == ("ok", "App 77", {"id": "77", "installation": "4711"})
    assert made["scopes"] == ["contents:read", "metadata:read"]
    assert made["expires_at"] is None
    stored = str(mongo.git_connections.find_one({}))
    assert "PRIVATE KEY" not in stored + str(made)
    assert "ghs_canary" not in stored + str(made)


def test_its_repositories_are_listed_and_git_reads_with_a_token_of_the_installation(
    ada: Person, github: GitHubOfTests, mongo: Any
) -> None:
    made = added(ada, github)
    [row] = ada.get(f"git-connections/{made['id']}/repositories").body["results"]
    assert (row["name"], row["private"]) == ("acme/shop", True)
    team_id = mongo.git_connections.find_one({})["team_id"]
    access = access_for(team_id, mongo.git_connections.find_one({})["_id"], repository_of(row["url"]))
    assert (access.username, access.token) == ("x-access-token", github.given[-1])


def test_a_token_serves_until_shortly_before_its_end(ada: Person, github: GitHubOfTests) -> None:
    made = added(ada, github)
    for q in ("a", "b"):
        assert ada.get(f"git-connections/{made['id']}/repositories?q={q}").status == 200
    assert len(github.given) == 1

    github.lasts = timedelta(minutes=5)
    assert ada.post(f"git-connections/{made['id']}/test", {}).body["report"]["ok"]
    assert ada.get(f"git-connections/{made['id']}/repositories?q=c").status == 200
    assert len(github.given) == 3


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"private_key": pem(OTHER)}, "does not take the key for App 77"),
        ({"installation_id": "1"}, "App 77 has no installation 1"),
    ],
)
def test_a_wrong_key_or_installation_is_refused_in_words_at_its_step(
    ada: Person, github: GitHubOfTests, changed: dict[str, str], said: str
) -> None:
    refused = ada.post("git-connections", given(github, **changed))
    assert (refused.status, refused.body["code"]) == (400, "git_connection.test_failed")
    assert said in refused.body["detail"]
    assert refused.body["errors"][0]["field"] == "private_key"
    [failed] = [one for one in ada.post("git-connections/test", unnamed(github, changed)).body["steps"] if one["code"]]
    assert (failed["name"], failed["code"]) == ("sign_in", "git_connection.app")


def unnamed(github: GitHubOfTests, changed: dict[str, str]) -> dict[str, Any]:
    return {key: value for key, value in given(github, **changed).items() if key != "name"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"provider": "gitlab"}, "app_id"),
        ({"token": "x"}, "token"),
        ({"app_id": "7 7"}, "app_id"),
        ({"app_id": "", "installation_id": ""}, "app_id"),
        ({"installation_id": "x"}, "installation_id"),
        ({"private_key": ""}, "private_key"),
        ({"private_key": "-----BEGIN RSA PRIVATE KEY-----"}, "private_key"),
        ({"private_key": pem(of_primes(2**2281 - 1, 2**2203 - 1))}, "private_key"),
        ({"private_key": ON_AN_ODD_CURVE}, "private_key"),
        ({"expires_at": "2027-01-01T00:00:00Z"}, "expires_at"),
    ],
)
def test_fields_that_do_not_go_together_are_named(
    ada: Person, github: GitHubOfTests, changed: dict[str, str], field: str
) -> None:
    refused = ada.post("git-connections", given(github, **changed))
    assert (refused.status, [one["field"] for one in refused.body["errors"]]) == (400, [field])
    assert github.given == []


def test_whether_the_primes_of_a_key_are_any_is_not_asked() -> None:
    """With long ones that takes minutes, in which nothing else of the process runs."""
    assert app_key_of(pem(of_primes(3**646, 5**442))) is not None


def test_an_app_takes_the_place_of_a_token_and_a_token_that_of_an_app(ada: Person, github: GitHubOfTests) -> None:
    app = {key: given(github)[key] for key in ("app_id", "installation_id", "private_key")}
    first = ada.post(
        "git-connections",
        {"name": "code", "provider": "github", "address": github.server.url, "token": "old", "test": False},
    ).body["connection"]
    path = f"git-connections/{first['id']}"
    half = ada.patch(path, {"app_id": "77", "installation_id": "4711"})
    assert (half.status, half.body["errors"][0]["field"]) == (400, "private_key")
    changed = ada.patch(path, app)
    assert (changed.status, changed.body["app"]["id"], changed.body["state"]) == (200, "77", "ok")
    renamed = ada.patch(path, {"name": "other"})
    assert (renamed.body["app"]["id"], renamed.body["state"]) == ("77", "ok")
    back = ada.patch(path, {"token": "new", "test": False})
    assert (back.status, back.body["app"], back.body["has_token"]) == (200, None, True)
