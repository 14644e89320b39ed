"""Registries as rows: names, defaults, prefixes, limits, and what is never shown. Nothing is asked here."""

from __future__ import annotations

import base64
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.people import Person, a_user
from tests.support.registry import a_certificate

SECRET = "canary-registry-secret-77ab"


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin", name="Anna")


def add(person: Person, name: str, **given: Any) -> dict[str, Any]:
    answer = person.post("registries", body(name, **given))
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.body["registry"]
    return found


def body(name: str, **given: Any) -> dict[str, Any]:
    return {"name": name, "provider": "ghcr", "username": "acme", "secret": SECRET, "test": False, **given}


def auths(person: Person, *images: str) -> dict[str, str]:
    """Host → `user:password`."""
    from builds.domain.images import image_of
    from builds.registries.access import access_for

    first, *others = (image_of(one) for one in images)
    found = access_for(person.team_id, first, others).logins
    return {host: f"{one.username}:{one.secret}" for host, one in found.items()}


def test_a_password_is_sealed_and_never_shown(anna: Person, mongo: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = anna.post("registries", body("ghcr"))
    listed = anna.get("registries")
    one = anna.get(f"registries/{made.body['registry']['id']}")
    audit = list(mongo.audit.find({"action": {"$regex": "^registry"}}))

    everything = json.dumps([made.body, listed.body, one.body, str(audit), caplog.text])
    assert SECRET not in everything
    assert base64.b64encode(f"acme:{SECRET}".encode()).decode() not in everything
    assert SECRET.encode() not in bytes(mongo.registries.find_one()["sealed"])
    assert one.body["has_secret"]
    assert (one.body["state"], one.body["may_push"]) == ("untested", None)
    assert [row["action"] for row in audit] == ["registry.add"]
    assert auths(anna, "ghcr.io/acme/web") == {"ghcr.io": f"acme:{SECRET}"}


def test_a_sealed_password_belongs_to_its_row(anna: Person, mongo: Any) -> None:
    from kubeorch.base.seal import Unsealable

    add(anna, "one")
    add(anna, "two", provider="quay")
    one, two = mongo.registries.find().sort("name", 1)
    mongo.registries.update_one({"_id": two["_id"]}, {"$set": {"sealed": one["sealed"]}})
    with pytest.raises(Unsealable):
        auths(anna, "quay.io/acme/web")


def test_it_is_sealed_anew_with_another_key() -> None:
    from kubeorch.sealed import SEALED

    assert ("registries", "sealed") in {(one.collection, one.field) for one in SEALED}


def test_two_accounts_on_one_host_are_chosen_by_prefix(anna: Person) -> None:
    add(anna, "acme", path_prefix="acme")
    add(anna, "other", path_prefix="other", username="other")
    assert auths(anna, "ghcr.io/acme/web") == {"ghcr.io": f"acme:{SECRET}"}
    assert auths(anna, "ghcr.io/other/web") == {"ghcr.io": f"other:{SECRET}"}
    assert auths(anna, "ghcr.io/acmes/web") == {}
    assert auths(anna, "ghcr.io/other/web", "ghcr.io/acme/base") == {"ghcr.io": f"other:{SECRET}"}


def test_docker_hub_is_named_as_engines_name_it(anna: Person) -> None:
    add(anna, "hub", provider="docker_hub", path_prefix="acme")
    assert auths(anna, "acme/web", "nginx") == {"https://index.docker.io/v1/": f"acme:{SECRET}"}
    assert auths(anna, "nginx") == {}


def test_another_team_uses_none_of_them_and_the_instances_own(anna: Person) -> None:
    other, owner = a_user("admin"), a_user("admin", is_admin=True)
    mine = add(anna, "mine")
    shared = add(owner, "shared", instance=True, username="instance")

    assert auths(other, "ghcr.io/acme/web") == {"ghcr.io": f"instance:{SECRET}"}
    assert auths(anna, "ghcr.io/acme/web") == {"ghcr.io": f"acme:{SECRET}"}
    assert other.get(f"registries/{mine['id']}").status == 404
    assert [(row["name"], row["team"], row["may_edit"]) for row in other.get("registries").body["results"]] == [
        ("shared", None, False)
    ]
    assert other.patch(f"registries/{shared['id']}", {"name": "stolen"}).status == 403
    assert other.delete(f"registries/{shared['id']}").status == 403
    assert other.post("registries", body("own", instance=True)).status == 403
    assert owner.patch(f"registries/{shared['id']}", {"name": "renamed"}).status == 200


def test_one_is_the_default_of_a_host_and_prefix(anna: Person) -> None:
    one, two = add(anna, "one"), add(anna, "two", username="two")
    third = add(anna, "third", path_prefix="acme", username="third")
    assert [row["is_default"] for row in (one, two, third)] == [True, False, True]
    assert auths(anna, "ghcr.io/x/y") == {"ghcr.io": f"acme:{SECRET}"}

    assert anna.patch(f"registries/{two['id']}", {"is_default": True}).body["is_default"]
    rows = {row["name"]: row["is_default"] for row in anna.get("registries").body["results"]}
    assert rows == {"one": False, "two": True, "third": True}
    assert auths(anna, "ghcr.io/x/y") == {"ghcr.io": f"two:{SECRET}"}

    assert add(anna, "four", is_default=True, username="four")["is_default"]
    moved = anna.patch(f"registries/{third['id']}", {"path_prefix": "", "test": False})
    assert (moved.status, moved.body["is_default"]) == (200, False)
    assert auths(anna, "ghcr.io/x/y") == {"ghcr.io": f"four:{SECRET}"}


def test_a_change_keeps_the_password_unless_another_is_given(anna: Person) -> None:
    made = add(anna, "one")
    path = f"registries/{made['id']}"
    assert anna.patch(path, {"name": "renamed", "test": False}).body["rev"] == 2
    assert anna.patch(path, {"username": "new", "test": False}).body["username"] == "new"
    assert auths(anna, "ghcr.io/a/b") == {"ghcr.io": f"new:{SECRET}"}
    assert anna.patch(path, {"secret": "another", "test": False}).status == 200
    assert auths(anna, "ghcr.io/a/b") == {"ghcr.io": "new:another"}
    assert anna.patch(path, {"secret": "", "username": "", "test": False}).body["has_secret"] is False
    assert auths(anna, "ghcr.io/a/b") == {}
    for field in ("host", "provider", "team"):
        assert anna.patch(path, {field: "evil.example"}).status == 400


def test_a_password_is_not_sent_in_clear_from_one_day_to_the_next(anna: Person) -> None:
    made = add(anna, "one", provider="generic", host="127.0.0.1:9")
    refused = anna.patch(f"registries/{made['id']}", {"plain_http": True, "test": False})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "secret")
    tried = anna.post("registries/tests", {"provider": "generic", "registry": made["id"], "plain_http": True})
    assert (tried.status, tried.body["errors"][0]["field"]) == (400, "secret")
    again = {"plain_http": True, "secret": "x", "test": False}
    assert anna.patch(f"registries/{made['id']}", again).status == 200


def test_names_are_unique_in_the_team_and_there_are_so_many(anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from builds.registries import store

    add(anna, "one")
    taken = anna.post("registries", body("one", provider="quay"))
    assert (taken.status, taken.body["code"]) == (409, "registry.name_taken")
    two = add(anna, "two", provider="quay")
    renamed = anna.patch(f"registries/{two['id']}", {"name": "one"})
    assert (renamed.status, renamed.body["code"]) == (409, "registry.name_taken")
    assert add(a_user("admin"), "one")["name"] == "one"
    monkeypatch.setattr(store, "REGISTRIES_OF_A_TEAM", 2)
    full = anna.post("registries", body("three"))
    assert (full.status, full.body["code"]) == (409, "registry.too_many")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "A b"}, "name"),
        ({"provider": "none"}, "provider"),
        ({"host": "evil.example"}, "host"),
        ({"provider": "generic"}, "host"),
        ({"provider": "generic", "host": "https://a.b"}, "host"),
        ({"provider": "ecr", "host": "ecr.evil.example"}, "host"),
        ({"path_prefix": "../x"}, "path_prefix"),
        ({"plain_http": True}, "plain_http"),
        ({"username": ""}, "username"),
        ({"secret": ""}, "secret"),
        ({"username": "a:b"}, "username"),
        ({"secret": "a\nb"}, "secret"),
        ({"secret": "x" * 20_000}, "secret"),
        ({"ca": "not a certificate"}, "ca"),
        ({"ca": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, "ca"),
        ({"provider": "artifact_registry", "host": "eu-docker.pkg.dev"}, "secret"),
        ({"repository": "A", "test": True}, "repository"),
        ({"region": "eu"}, "region"),
    ],
)
def test_what_cannot_be_an_account_is_refused_by_field(anna: Person, given: dict[str, Any], field: str) -> None:
    answer = anna.post("registries", {**body("one"), **given})
    assert answer.status == 400, answer.body
    assert answer.body["errors"][0]["field"] == field, answer.body
    assert SECRET not in str(answer.body)
    assert anna.get("registries").body["results"] == []


def test_a_service_account_signs_in_under_the_fixed_name(anna: Person) -> None:
    key = json.dumps({"type": "service_account", "private_key": "x", "client_email": "a@b"}, indent=2)
    made = add(anna, "gar", provider="artifact_registry", host="eu-docker.pkg.dev", username="", secret=key)
    assert made["username"] == "_json_key"
    assert auths(anna, "eu-docker.pkg.dev/p/r/web") == {"eu-docker.pkg.dev": f"_json_key:{key}"}


def test_an_authority_of_its_own_is_kept(anna: Person, tmp_path: Any) -> None:
    pem = a_certificate(tmp_path)
    made = add(anna, "own", provider="harbor", host="harbor.example.com", ca=pem)
    assert made["ca"].strip() == pem.strip()


def test_a_list_is_filtered_sorted_and_paged(anna: Person) -> None:
    for name, more in (
        ("b", {}),
        ("a", {"provider": "quay"}),
        ("c", {"provider": "generic", "host": "registry.example.com:5000", "path_prefix": "shop"}),
    ):
        add(anna, name, **more)

    def names(query: str) -> list[str]:
        answer = anna.get(f"registries?{query}")
        assert answer.status == 200, answer.body
        return [row["name"] for row in answer.body["results"]]

    assert names("") == ["a", "b", "c"]
    assert names("sort=-name") == ["c", "b", "a"]
    assert names("sort=host") == ["b", "a", "c"]
    assert names("sort=-created_at") == ["c", "a", "b"]
    assert names("provider=quay") == ["a"]
    assert names("q=SHOP") == names("q=example.com") == ["c"]
    assert names("q=.*") == []
    assert names(f"team={a_user('admin').team_id}") == []
    first = anna.get("registries?limit=2").body
    assert [row["name"] for row in first["results"]] == ["a", "b"]
    assert names(f"limit=2&cursor={first['next']}") == ["c"]
    assert anna.get("registries?provider=none").status == 400


def test_what_is_removed_is_forgotten(anna: Person, mongo: Any) -> None:
    made = add(anna, "one")
    assert anna.delete(f"registries/{made['id']}").status == 204
    assert mongo.registries.count_documents({}) == 0
    assert auths(anna, "ghcr.io/a/b") == {}
    assert anna.delete(f"registries/{made['id']}").status == 404


def test_how_a_registry_is_spoken_to_is_known_without_its_secret(anna: Person, mongo: Any) -> None:
    from builds.domain.images import image_of
    from builds.registries.access import server_of

    add(anna, "own", provider="generic", host="r.example.test:5000", plain_http=True)
    mongo.registries.update_many({}, {"$set": {"sealed": b"nobody can open it"}})
    assert server_of(anna.team_id, image_of("r.example.test:5000/a/b")).plain_http


def test_a_password_that_ends_soon_is_told_until_another_is_given(anna: Person) -> None:
    made = add(anna, "ghcr", expires_at=(datetime.now(UTC) + timedelta(days=2, hours=1)).isoformat())
    assert (made["expiry"], made["expires_in_days"]) == ("urgent", 2)
    path = f"registries/{made['id']}"
    assert anna.patch(path, {"name": "other"}).body["expiry"] == "urgent"
    later = (datetime.now(UTC) + timedelta(days=13, hours=1)).isoformat()
    assert anna.patch(path, {"expires_at": later}).body["expiry"] == "soon"
    changed = anna.patch(path, {"secret": "another", "test": False}).body
    assert (changed["expiry"], changed["expires_at"]) == ("none", None), "it was of the one before"
    refused = anna.post("registries", body("open", provider="quay", username="", secret="", expires_at=later))
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "expires_at")
