"""Registries over the API, with a real registry behind it: password and TLS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.people import Person, a_user
from tests.support.registry import PASSWORD, Registry, a_registry


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with a_registry(tmp_path_factory.mktemp("registry"), password=True, tls=True) as running:
        yield running


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin", name="Anna")


def steps(report: dict[str, Any]) -> dict[str, str]:
    return {step["name"]: step["code"] or step["state"] for step in report["steps"]}


ALL_WELL = dict.fromkeys(("name", "tcp", "tls", "registry", "login", "pull", "push"), "ok")


def test_what_works_is_stored_and_what_does_not_is_not(anna: Person, registry: Registry, mongo: Any) -> None:
    tried = anna.post("registries/tests", registry.given())
    assert (tried.status, tried.body["ok"], steps(tried.body)) == (200, True, ALL_WELL)
    assert mongo.registries.count_documents({}) == 0

    wrong = anna.post("registries", {"name": "own", **registry.given(secret="wrong")})
    assert (wrong.status, wrong.body["code"]) == (400, "registry.test_failed")
    assert wrong.body["errors"][0]["field"] == "secret"
    assert "does not accept this user name and password" in wrong.body["detail"]
    assert mongo.registries.count_documents({}) == 0

    made = anna.post("registries", {"name": "own", **registry.given()})
    assert (made.status, steps(made.body["report"])) == (201, ALL_WELL)
    assert (made.body["registry"]["state"], made.body["registry"]["may_push"]) == ("ok", True)
    assert PASSWORD not in json.dumps([tried.body, wrong.body, made.body])


def test_a_certificate_that_is_not_trusted_is_shown(anna: Person, registry: Registry) -> None:
    tried = anna.post("registries/tests", registry.given(ca="")).body
    assert steps(tried) == {"name": "ok", "tcp": "ok", "tls": "registry.untrusted"}
    assert tried["certificate"]["subject"] == "CN=a registry of the tests"
    assert tried["certificate"]["names"] == ["127.0.0.1"]
    refused = anna.post("registries", {"name": "own", **registry.given(ca="")})
    assert refused.body["errors"][0]["field"] == "ca"


def test_a_saved_one_is_tried_again_and_everybody_sees_what_was_found(anna: Person, registry: Registry) -> None:
    editor = a_user("editor", team=anna.team_id)
    made = anna.post("registries", {"name": "own", **registry.given()}).body["registry"]
    assert anna.patch(f"registries/{made['id']}", {"secret": "wrong", "test": False}).body["state"] == "untested"
    tried = editor.post(f"registries/{made['id']}/test")
    assert (tried.status, tried.body["registry"]["state"]) == (200, "failed")
    assert tried.body["registry"]["error"]["code"] == "registry.credentials"
    refused = anna.patch(f"registries/{made['id']}", {"secret": "wrong too"})
    assert (refused.status, refused.body["code"]) == (400, "registry.test_failed")
    assert anna.patch(f"registries/{made['id']}", {"secret": PASSWORD}).body["state"] == "ok"
    stored = {"provider": "generic", "registry": made["id"]}
    assert anna.post("registries/tests", stored).body["ok"], "what is left out is taken from what is stored"
    without = anna.post("registries/tests", {**stored, "secret": "", "username": ""}).body
    assert {step["name"]: step["state"] for step in without["steps"]}["pull"] == "failed", "tried as it would be then"
    plain = anna.post("registries/tests", {**stored, "secret": PASSWORD, "ca": "", "plain_http": True})
    assert (plain.status, plain.body.get("ok")) == (200, False), "without its authority it may be without TLS"


def test_repositories_and_tags_are_listed_below_the_prefix(anna: Person, registry: Registry) -> None:
    for tag in ("1.9.0", "1.10.0", "latest", "2.0.0"):
        registry.push("shop/web", tag)
    registry.push("other/web", "1")
    made = anna.post("registries", {"name": "own", **registry.given(path_prefix="shop")}).body["registry"]
    path = f"registries/{made['id']}"

    assert anna.get(f"{path}/repositories").body["results"] == ["shop/web"]
    found = anna.get(f"{path}/tags?repository=shop/web").body
    assert (found["results"], found["is_whole"]) == (["latest", "2.0.0", "1.10.0", "1.9.0"], True)
    first = anna.get(f"{path}/tags?repository=shop/web&limit=3").body
    rest = anna.get(f"{path}/tags?repository=shop/web&limit=3&cursor={first['next']}").body
    assert (rest["results"], rest["next"]) == (["1.9.0"], None)
    assert anna.get(f"{path}/tags?repository=shop/web&q=1.").body["results"] == ["1.10.0", "1.9.0"]
    assert anna.get(f"{path}/tags?repository=shop/web&sort=name").body["results"][0] == "1.10.0"
    beyond = anna.get(f"{path}/tags?repository=other/web")
    assert (beyond.status, beyond.body["errors"][0]["field"]) == (400, "repository")
    assert anna.get(f"{path}/tags?repository=shop/none").status == 404
    assert anna.get(f"{path}/tags?repository=../x").status == 400


def test_an_image_is_looked_at_with_the_teams_credentials(anna: Person, registry: Registry) -> None:
    digest = registry.push_index("shop/many", "3", "amd64", "arm64")
    name = f"{registry.host}/shop/many:3"
    refused = anna.get(f"images?image={name}")
    assert refused.status in (400, 503), "nobody has added that registry: it is asked without TLS"
    anna.post("registries", {"name": "own", **registry.given()})

    found = anna.get(f"images?image={name}").body
    assert (found["digest"], found["pinned"]) == (digest, f"{registry.host}/shop/many@{digest}")
    assert [one["platform"] for one in found["builds"]] == ["linux/amd64", "linux/arm64"]
    assert all(one["size_bytes"] > 0 for one in found["builds"])
    assert found["created_at"] == "2026-11-01T10:00:00.123Z"
    assert found["registry"]["name"] == "own"
    assert anna.get(f"images/tags?image={name}").body["results"] == ["3-arm64", "3-amd64", "3"]
    gone = anna.get(f"images?image={registry.host}/shop/many:none")
    assert (gone.status, gone.body["code"]) == (404, "registry.nothing_there")
    assert anna.get("images?image=A:B:C").status == 400
    assert anna.get("images").status == 400
