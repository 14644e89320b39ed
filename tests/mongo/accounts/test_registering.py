"""Registering: who is first, which addresses, passwords and names are accepted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.people import PASSWORD, a_user, call
from tests.support.registering import ADA, register

pytestmark = pytest.mark.usefixtures("mongo")


def test_the_first_person_administers_the_instance_and_the_team_default() -> None:
    answer = register()
    assert answer.status == 201, answer.body
    assert answer.body["token"].startswith("ko_")
    user = answer.body["user"]
    assert user["email"] == "ada@example.test"
    assert user["is_admin"]
    assert [(team["name"], team["role"]) for team in user["teams"]] == [("Default", "admin")]


def test_of_ten_first_registrations_at_once_exactly_one_succeeds(mongo: Any) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: register(email=f"p{n}@example.test"), range(10)))
    assert sorted(answer.status for answer in answers) == [201] + [403] * 9
    assert {answer.body["code"] for answer in answers if answer.status == 403} == {"signup.invite_needed"}
    assert mongo["users"].count_documents({}) == 1
    assert mongo["users"].count_documents({"is_admin": True}) == 1
    assert mongo["teams"].count_documents({}) == 1
    assert a_user().get("auth/profile").status == 200


def test_later_registrations_need_an_invite_until_sign_up_is_open() -> None:
    admin = register().body
    assert register(email="b@example.test").body["code"] == "signup.invite_needed"
    answer = call("PATCH", "settings", {"signup": "open"}, token=admin["token"])
    assert (answer.status, answer.body) == (200, {"signup": "open"})
    made = register(email="b@example.test")
    assert made.status == 201
    assert not made.body["user"]["is_admin"]
    assert [(team["name"], team["role"]) for team in made.body["user"]["teams"]] == [("Ada's team", "admin")]


def test_addresses_that_differ_only_in_case_are_the_same() -> None:
    admin = register().body
    call("PATCH", "settings", {"signup": "open"}, token=admin["token"])
    refused = register(email="ADA@EXAMPLE.TEST")
    assert (refused.status, refused.body["code"], refused.body["errors"][0]["field"]) == (
        409,
        "account.email_taken",
        "email",
    )


@pytest.mark.parametrize("email", ["", "ada", "a b@c.test", "a@", "@c.test", "a@b@c.test", "x" * 250 + "@c.test"])
def test_an_invalid_address_is_refused(email: str) -> None:
    assert register(email=email).status == 400


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password.short"),
        ("password123", "password.common"),
        ("ada@example.test", "password.similar"),
        ("x" * 129, "password.long"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, code: str) -> None:
    answer = register(password=password)
    assert answer.status == 400
    assert code in [error["code"] for error in answer.body["errors"]]
    assert {error["field"] for error in answer.body["errors"]} == {"password"}


def test_a_password_may_contain_any_character() -> None:
    password = "  пароль 密码 🔑  "
    assert register(password=password).status == 201
    assert call("POST", "auth/login", {"email": ADA["email"], "password": password}).status == 200
    assert call("POST", "auth/login", {"email": ADA["email"], "password": password.strip()}).status == 401


def test_a_registration_cannot_grant_itself_a_role() -> None:
    register()
    answer = register(email="m@example.test", is_admin=True, role="admin")
    assert answer.status == 400
    assert {error["field"] for error in answer.body["errors"]} == {"is_admin", "role"}


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u2028", "\x1b", "\u00ad"])
def test_a_name_with_invisible_characters_is_refused_everywhere(hidden: str) -> None:
    admin = a_user("admin", is_admin=True)
    name = f"A{hidden}da"
    given = [
        call("POST", "auth/register", {**ADA, "name": name}),
        admin.call("PATCH", "auth/profile", {"name": name}),
        admin.call("POST", "auth/tokens", {"name": name}),
        admin.call("POST", "teams", {"name": name}),
    ]
    for answer in given:
        assert answer.status == 400, answer.body
        [row] = answer.body["errors"]
        assert (row["field"], row["code"]) == ("name", "text.invalid")
        assert "invisible" in row["detail"]
    assert register(email=f"a{hidden}da@example.test").body["code"] == "account.email"


@pytest.mark.parametrize("name", ["Zoë Ångström", "山田太郎", "עדה", "آدا", "Ada 🙂", "e\u0301"])
def test_a_name_in_any_script_is_accepted(name: str) -> None:
    assert register(name=name).body["user"]["name"] == name


def test_an_account_is_created_even_when_the_sample_workflow_fails(settings: Any) -> None:
    settings.ON_FIRST_TEAM = f"{__name__}.BROKEN_WELCOME"
    assert register().status == 201


def _fail(owner: object, team_id: object) -> None:
    raise RuntimeError("no sample today")


BROKEN_WELCOME = [_fail]


def test_the_audit_trail_holds_no_secrets(mongo: Any) -> None:
    registered = register().body
    call("POST", "auth/login", {"email": ADA["email"], "password": "wrong guess"})
    call("POST", "auth/tokens", {"name": "ci"}, token=registered["token"])
    rows = list(mongo["audit"].find())
    assert [(row["action"], row["outcome"]) for row in rows] == [
        ("auth.register", "done"),
        ("auth.login", "auth.failed"),
        ("token.create", "done"),
    ]
    assert PASSWORD not in str(rows)
    assert registered["token"] not in str(rows)
