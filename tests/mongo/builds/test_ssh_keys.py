"""Keys for SSH of sources: sealed, shown to nobody, and refused where they are none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from builds.connections.keys import new_key_pair
from kubeorch.accounts.roles import VERBS, Role
from tests.mongo.builds.test_sources import GIVEN
from tests.support.people import Person, a_user

KEY = new_key_pair().private
SSH = {"key": "GITHUB", "usage": "ssh", "secret": True, "value": KEY}


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user()


def test_a_key_is_sealed_and_shown_to_nobody_and_kept_when_it_is_left_out(anna: Person, mongo: Any) -> None:
    from builds.sources import store

    made = anna.post("sources", {**GIVEN, "variables": [SSH]})
    assert made.status == 201, made.body
    assert [(one["key"], one["usage"], one["value"]) for one in made.body["variables"]] == [("GITHUB", "ssh", None)]
    kept = {key: SSH[key] for key in ("key", "usage", "secret")}
    changed = anna.patch(f"sources/{made.body['id']}", {"variables": [kept]})
    assert changed.status == 200, changed.body

    [row] = mongo.sources.find({})
    assert store.open_values(row) == {"GITHUB": KEY}
    middle = KEY.splitlines()[2]
    shown = json.dumps([made.body, changed.body, anna.get("sources").body, str(row), str(list(mongo.audit.find()))])
    assert middle not in shown


@pytest.mark.parametrize(
    ("variable", "field"),
    [
        ({**SSH, "value": "no key"}, "variables.0.value"),
        ({**SSH, "value": new_key_pair().public}, "variables.0.value"),
        ({**SSH, "secret": False}, "variables.0.secret"),
        ({**SSH, "value": ""}, "variables.0.value"),
    ],
    ids=["a word", "a public key", "not a secret", "nothing"],
)
def test_what_is_no_key_is_refused_without_being_repeated(anna: Person, variable: Any, field: str) -> None:
    refused = anna.post("sources", {**GIVEN, "variables": [variable]})

    assert (refused.status, refused.body["errors"][0]["field"]) == (400, field), refused.body
    assert "AAAA" not in json.dumps(refused.body)


def test_a_secret_that_is_kept_becomes_a_key_only_where_it_is_one(anna: Person) -> None:
    secret = {"key": "GITHUB", "usage": "build", "secret": True, "value": "a password"}
    made = anna.post("sources", {**GIVEN, "variables": [secret]}).body

    refused = anna.patch(f"sources/{made['id']}", {"variables": [{"key": "GITHUB", "usage": "ssh", "secret": True}]})

    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "variables.0.value")


def test_a_deploy_key_is_for_a_connection_over_ssh(anna: Person) -> None:
    wants = {"builder": {"deploy_key": True}}
    refused = anna.post("sources", {**GIVEN, **wants})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "builder.deploy_key")
    made = anna.post("sources", GIVEN).body
    again = anna.patch(f"sources/{made['id']}", wants)
    assert (again.status, again.body["errors"][0]["field"]) == (400, "builder.deploy_key")


def test_variables_of_a_build_have_its_keys_and_not_those_of_the_container(anna: Person) -> None:
    from bson import ObjectId

    from builds.domain.sources import BUILDING
    from builds.sources import store

    run = {"key": "LATER", "usage": "run", "secret": True, "value": "for the container"}
    made = anna.post("sources", {**GIVEN, "variables": [SSH, run]}).body

    found = store.open_variables(store.find(ObjectId(made["id"]), {}), BUILDING)

    assert [(one.key, one.value) for one in found] == [("GITHUB", KEY)]


def test_who_lends_the_keys_of_a_connection_to_steps_has_to_have_its_use_and_is_named(
    anna: Person, mongo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"name": "over-ssh", "provider": "git", "address": "ssh://git@git.example.com", "test": False}
    made = a_user("admin", anna.team_id).post("git-connections", {**given, "deploy_key": True})
    assert made.status == 201, made.body
    place = {"repository": "ssh://git@git.example.com/shop/web.git", "connection": made.body["connection"]["id"]}
    source = anna.post("sources", {**GIVEN, **place})
    assert source.status == 201, source.body
    path, lent = f"sources/{source.body['id']}", {"builder": {"deploy_key": True}}
    with monkeypatch.context() as patched:
        patched.setitem(VERBS, "git.use", Role.ADMIN)
        refused = anna.patch(path, lent)
        assert (refused.status, refused.body["code"]) == (403, "forbidden.role"), refused.body
        assert anna.patch(path, {"builder": {"deploy_key": False}}).status == 200

    assert anna.patch(path, lent).status == 200
    assert anna.patch(path, {"root": "app"}).status == 200

    told = [row["target"].get("deploy_key") for row in mongo.audit.find({"action": "source.change"}).sort("_id", 1)]
    assert told == [None, "on", None]
