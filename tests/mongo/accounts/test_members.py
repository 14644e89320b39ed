"""Invites into a team, and its members."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.people import a_user
from tests.support.registering import register

pytestmark = pytest.mark.usefixtures("mongo")


def an_invite(admin: Any, **changes: Any) -> Any:
    return admin.post("invites", {"team": str(admin.team_id), "role": "viewer", **changes})


def test_an_invite_lets_one_person_into_its_team_with_its_role(mongo: Any) -> None:
    admin = a_user(role="admin")
    made = an_invite(admin, role="operator")
    assert made.status == 201
    code = made.body["code"]
    assert len(code) > 30
    assert code not in str(list(mongo["invites"].find()))
    assert "code" not in admin.get("invites").body["results"][0]
    joined = register(invite_code=code)
    assert [(team["id"], team["role"]) for team in joined.body["user"]["teams"]] == [(str(admin.team_id), "operator")]
    assert not joined.body["user"]["is_admin"]
    assert register(email="second@example.test", invite_code=code).body["code"] == "signup.invite"


def test_of_ten_people_with_one_invite_one_becomes_a_member(mongo: Any) -> None:
    admin = a_user(role="admin")
    code = an_invite(admin).body["code"]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: register(email=f"p{n}@example.test", invite_code=code), range(10)))
    assert sorted(answer.status for answer in answers) == [201] + [403] * 9
    assert mongo["memberships"].count_documents({"team_id": admin.team_id}) == 2
    assert mongo["users"].count_documents({}) == 2


def test_an_invite_for_an_address_is_refused_to_anyone_else() -> None:
    admin = a_user(role="admin")
    code = an_invite(admin, email="Grace@Example.test").body["code"]
    assert register(invite_code=code).status == 403
    assert register(email="grace@example.test", invite_code=code).status == 201


def test_an_expired_or_withdrawn_invite_is_refused(mongo: Any) -> None:
    admin = a_user(role="admin")
    withdrawn = an_invite(admin).body
    assert admin.delete(f"invites/{withdrawn['id']}").status == 204
    assert register(invite_code=withdrawn["code"]).status == 403
    expired = an_invite(admin).body["code"]
    mongo["invites"].update_many({}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}})
    assert register(invite_code=expired).status == 403


def test_a_person_with_an_account_can_join_a_second_team() -> None:
    admin, person = a_user(role="admin"), a_user()
    code = an_invite(admin, role="editor").body["code"]
    answer = person.post("invites/accept", {"code": code})
    assert answer.status == 200
    assert {team["id"] for team in answer.body["teams"]} == {str(admin.team_id), str(person.team_id)}
    assert person.post("invites/accept", {"code": code}).status == 403


def test_a_changed_role_applies_from_the_next_request_on() -> None:
    admin = a_user(role="admin")
    member = a_user(role="admin", team=admin.team_id)
    assert member.get("invites").status == 200
    assert admin.patch(f"teams/{admin.team_id}/members/{member.user_id}", {"role": "viewer"}).status == 200
    assert member.get("invites").status == 403
    assert admin.delete(f"teams/{admin.team_id}/members/{member.user_id}").status == 204
    assert member.get(f"teams/{admin.team_id}/members").status == 404


def test_the_last_administrator_of_a_team_cannot_leave() -> None:
    admin = a_user(role="admin")
    path = f"teams/{admin.team_id}/members/{admin.user_id}"
    assert admin.patch(path, {"role": "viewer"}).body["code"] == "team.last_admin"
    assert admin.delete(path).body["code"] == "team.last_admin"


def test_when_two_administrators_leave_at_once_one_is_refused(mongo: Any) -> None:
    first = a_user(role="admin")
    second = a_user(role="admin", team=first.team_id)
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda person: person.delete(f"teams/{first.team_id}/members/{person.user_id}"), (first, second))
        )
    assert sorted(answer.status for answer in answers) == [204, 409]
    assert mongo["memberships"].count_documents({"team_id": first.team_id, "role": "admin"}) == 1
