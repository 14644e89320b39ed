"""Accounts as administrators of the instance look after them: disabled, enabled, given a new password."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.accounts.test_sessions import CookieBrowser
from tests.support.people import PASSWORD, Person, a_user, call
from tests.support.registering import register

pytestmark = pytest.mark.usefixtures("mongo")
NEW = "a long sentence here"


def a_boss() -> Person:
    return a_user("admin", is_admin=True)


def login(person: Any, password: str = PASSWORD, **more: Any) -> Any:
    return call("POST", "auth/login", {"email": person.email, "password": password}, **more)


def disable(boss: Person, person: Person, disabled: bool = True) -> Any:
    return boss.patch(f"people/{person.user_id}", {"disabled": disabled})


def test_a_disabled_account_has_no_session_token_invite_or_reset_code_left(mongo: Any) -> None:
    boss, person, browser = a_boss(), a_user("admin"), CookieBrowser()
    browser.login(person)
    invite = person.post("invites", {"team": str(person.team_id), "role": "admin"}).body["code"]
    code = boss.post(f"people/{person.user_id}/password-reset").body["code"]
    answer = disable(boss, person)
    assert (answer.status, answer.body["disabled"]) == (200, True)
    assert person.get("auth/profile").status == 401
    assert browser.client.get("/api/v1/auth/profile").status_code == 401
    assert register(invite_code=invite).status == 403
    assert call("POST", "auth/reset", {"code": code, "new_password": NEW}).status == 403
    for collection in ("sessions", "api_tokens"):
        assert mongo[collection].count_documents({"user_id": ObjectId(person.user_id)}) == 0


def test_signing_in_says_that_an_account_is_disabled_to_who_has_its_password_alone() -> None:
    boss, person = a_boss(), a_user()
    disable(boss, person)
    right, wrong = login(person), login(person, "not it at all")
    unknown = call("POST", "auth/login", {"email": "nobody@example.test", "password": PASSWORD})
    assert (right.status, right.body["code"]) == (401, "auth.disabled")
    assert "administrator" in right.body["detail"]
    assert (wrong.status, wrong.body) == (401, unknown.body)


def test_enabling_lets_the_person_sign_in_again_and_brings_no_token_back() -> None:
    boss, person = a_boss(), a_user()
    disable(boss, person)
    assert disable(boss, person, False).body["disabled"] is False
    assert person.get("auth/profile").status == 401
    assert login(person).status == 200


def test_members_of_a_team_see_who_is_disabled() -> None:
    boss, person = a_boss(), a_user("admin")
    colleague = a_user("viewer", team=person.team_id)
    disable(boss, person)
    rows = colleague.get(f"teams/{person.team_id}/members").body["results"]
    assert {row["id"]: row["disabled"] for row in rows} == {person.user_id: True, colleague.user_id: False}


def test_the_last_administrator_is_neither_disabled_nor_demoted() -> None:
    boss, other = a_boss(), a_user()
    for change in ({"disabled": True}, {"is_admin": False}):
        refused = boss.patch(f"people/{boss.user_id}", change)
        assert (refused.status, refused.body["code"]) == (409, "account.last_admin")
    assert boss.patch(f"people/{other.user_id}", {"is_admin": True}).body["is_admin"] is True
    assert disable(boss, other).status == 200
    assert disable(boss, boss).status == 409  # who is disabled does not count
    assert disable(boss, other, False).status == 200
    assert boss.patch(f"people/{boss.user_id}", {"is_admin": False}).status == 200
    assert boss.get("people").status == 403


def test_of_two_administrators_who_disable_each_other_at_once_one_stays() -> None:
    for _ in range(3):
        first, second = a_boss(), a_boss()
        everyone = first.get("people").body["results"]
        for row in everyone:
            if row["is_admin"] and row["id"] not in (first.user_id, second.user_id):
                first.patch(f"people/{row['id']}", {"is_admin": False})
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda pair: disable(*pair), [(first, second), (second, first)]))
        left = [person for person in (first, second) if person.get("people").status == 200]
        assert len(left) == 1


def test_a_disabled_administrator_of_a_team_is_none_it_can_be_left_with() -> None:
    boss, person = a_boss(), a_user("admin")
    other = a_user("admin", team=person.team_id)
    disable(boss, other)
    refused = person.delete(f"teams/{person.team_id}/members/{person.user_id}")
    assert (refused.status, refused.body["code"]) == (409, "team.last_admin")


def test_a_reset_code_sets_a_new_password_once_and_ends_everything_that_was_open(mongo: Any) -> None:
    boss, person = a_boss(), a_user()
    made = boss.post(f"people/{person.user_id}/password-reset")
    assert made.status == 201
    code = made.body["code"]
    assert code not in str(list(mongo["password_resets"].find())) + str(list(mongo["audit"].find()))
    assert login(person).status == 200
    weak = call("POST", "auth/reset", {"code": code, "new_password": "password"})
    assert (weak.status, weak.body["errors"][0]["field"]) == (400, "new_password")
    assert call("POST", "auth/reset", {"code": code, "new_password": NEW}).status == 204
    assert call("POST", "auth/reset", {"code": code, "new_password": NEW + "!"}).body["code"] == "reset.code"
    assert person.get("auth/profile").status == 401
    assert login(person).status == 401
    assert login(person, NEW).status == 200


def test_a_new_code_replaces_the_one_before_and_an_old_one_expires(mongo: Any) -> None:
    boss, person = a_boss(), a_user()
    first, second = (boss.post(f"people/{person.user_id}/password-reset").body["code"] for _ in range(2))
    assert mongo["password_resets"].count_documents({}) == 1
    assert call("POST", "auth/reset", {"code": first, "new_password": NEW}).status == 403
    mongo["password_resets"].update_many({}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}})
    assert call("POST", "auth/reset", {"code": second, "new_password": NEW}).status == 403


def test_a_password_change_ends_a_reset_code_that_was_on_its_way() -> None:
    boss, person = a_boss(), a_user()
    code = boss.post(f"people/{person.user_id}/password-reset").body["code"]
    changed = person.post("auth/password", {"current_password": PASSWORD, "new_password": NEW})
    assert changed.status == 204
    assert call("POST", "auth/reset", {"code": code, "new_password": NEW + "!"}).status == 403


def test_a_person_who_resets_is_not_kept_out_by_earlier_wrong_passwords() -> None:
    boss, person = a_boss(), a_user()
    assert [login(person, "wrong guess").status for _ in range(9)][-1] == 429
    code = boss.post(f"people/{person.user_id}/password-reset").body["code"]
    assert call("POST", "auth/reset", {"code": code, "new_password": NEW}).status == 204
    assert login(person, NEW).status == 200


def test_reset_codes_cannot_be_guessed_by_the_thousand() -> None:
    guesses = [call("POST", "auth/reset", {"code": f"kor_{n}", "new_password": NEW}).status for n in range(101)]
    assert guesses == [403] * 100 + [429]


def test_a_disabled_account_gets_no_reset_code() -> None:
    boss, person = a_boss(), a_user()
    disable(boss, person)
    refused = boss.post(f"people/{person.user_id}/password-reset")
    assert (refused.status, refused.body["code"]) == (409, "account.disabled")


def test_every_change_of_an_account_is_in_the_audit_log(mongo: Any) -> None:
    boss, person = a_boss(), a_user()
    disable(boss, person)
    disable(boss, person)  # nothing changes, nothing is recorded
    disable(boss, person, False)
    boss.patch(f"people/{person.user_id}", {"is_admin": True})
    boss.patch(f"people/{person.user_id}", {"is_admin": False})
    code = boss.post(f"people/{person.user_id}/password-reset").body["code"]
    call("POST", "auth/reset", {"code": code, "new_password": NEW})
    rows = list(mongo["audit"].find({"action": {"$regex": "^(account|auth.reset)"}}).sort("_id"))
    assert [(row["action"], row["actor"]) for row in rows] == [
        ("account.disable", boss.email),
        ("account.enable", boss.email),
        ("account.admin", boss.email),
        ("account.no_admin", boss.email),
        ("account.reset_code", boss.email),
        ("auth.reset", person.email),
    ]
    assert all(row["target"]["user"] == person.user_id for row in rows[:5])
