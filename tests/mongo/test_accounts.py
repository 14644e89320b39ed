"""Registering, signing in, tokens, sessions and passwords, against a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.people import PASSWORD, a_user, call

pytestmark = pytest.mark.usefixtures("mongo")

NEW = {"email": "Ada@Example.test", "password": PASSWORD, "name": "Ada"}


def register(**changes: Any) -> Any:
    return call("POST", "auth/register", {**NEW, **changes})


def test_the_first_person_administers_the_instance_and_the_team_default() -> None:
    answer = register()
    assert answer.status == 201, answer.body
    assert answer.body["token"].startswith("ko_")
    user = answer.body["user"]
    assert user["email"] == "ada@example.test"
    assert user["is_admin"]
    assert [(team["name"], team["role"]) for team in user["teams"]] == [("Default", "admin")]


def test_a_token_opens_the_profile_and_nothing_opens_it_without() -> None:
    token = register().body["token"]
    assert call("GET", "auth/profile", token=token).body["name"] == "Ada"
    refused = call("GET", "auth/profile")
    assert (refused.status, refused.body["code"]) == (401, "auth.required")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_of_ten_first_registrations_at_once_exactly_one_is_first(mongo: Any) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: register(email=f"p{n}@example.test"), range(10)))
    assert sorted(answer.status for answer in answers) == [201] + [403] * 9
    assert {answer.body["code"] for answer in answers if answer.status == 403} == {"signup.invite_needed"}
    assert mongo["users"].count_documents({}) == 1
    assert mongo["users"].count_documents({"is_admin": True}) == 1
    assert mongo["teams"].count_documents({}) == 1
    assert a_user().get("auth/profile").status == 200
