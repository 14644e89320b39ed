"""What somebody made to let people in counts only while they may still make it: invites, and codes for passwords."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Answer, Person, a_user, call

NEW_PASSWORD = "another battery staple, correct"


def invited(maker: Person, team: ObjectId, role: str = "admin", email: str = "") -> str:
    made = maker.post("invites", {"team": str(team), "role": role, "email": email})
    assert made.status == 201, made.body
    code: str = made.body["code"]
    return code


def accepted(person: Person, code: str) -> Answer:
    return person.post("invites/accept", {"code": code})


def registered(code: str) -> Answer:
    person = {"email": "new@example.test", "password": NEW_PASSWORD, "name": "New", "invite_code": code}
    return call("POST", "auth/register", person)


def removed(anna: Person, mal: Person) -> None:
    assert anna.delete(f"teams/{anna.team_id}/members/{mal.user_id}").status == 204


def demoted(anna: Person, mal: Person) -> None:
    assert anna.patch(f"teams/{anna.team_id}/members/{mal.user_id}", {"role": "operator"}).status == 200


def left(_: Person, mal: Person) -> None:
    assert mal.delete(f"teams/{mal.team_id}/members/{mal.user_id}").status == 204


@pytest.mark.parametrize("gone", [removed, demoted, left])
def test_invites_end_with_the_right_of_who_made_them(mongo: Any, gone: Callable[[Person, Person], None]) -> None:
    anna = a_user("admin")
    mal = a_user("admin", team=anna.team_id)
    code = invited(mal, anna.team_id)
    gone(anna, mal)
    assert mongo.invites.count_documents({"team_id": anna.team_id}) == 0, "the list offers none that lets nobody in"
    for answer in (accepted(mal, code), accepted(a_user("admin"), code), registered(code)):
        assert answer.body["code"] in ("signup.invite", "team.member"), answer.body
    rows = mongo.memberships.find({"team_id": anna.team_id, "role": "admin"})
    assert [str(row["user_id"]) for row in rows] == [anna.user_id]


def test_an_invite_made_at_the_moment_its_maker_goes_lets_nobody_in(mongo: Any) -> None:
    anna = a_user("admin")
    mal = a_user("admin", team=anna.team_id)
    code = invited(mal, anna.team_id)
    mongo.memberships.delete_one({"user_id": ObjectId(mal.user_id)})  # as if it was stored after the removal
    for answer in (accepted(mal, code), accepted(a_user("admin"), code), registered(code)):
        assert (answer.status, answer.body["code"]) == (403, "signup.invite")
        assert "no longer invite" in answer.body["detail"]


def test_an_invite_for_the_address_of_who_was_removed_is_no_way_back() -> None:
    anna = a_user("admin")
    mal = a_user("admin", team=anna.team_id)
    code = invited(anna, anna.team_id, email=mal.email)
    removed(anna, mal)
    assert accepted(mal, code).status == 403
    assert accepted(mal, invited(anna, anna.team_id, "viewer", mal.email)).status == 200


def test_invites_of_others_and_to_other_teams_stay() -> None:
    anna = a_user("admin")
    mal = a_user("admin", team=anna.team_id)
    other = a_user("admin")
    assert accepted(mal, invited(other, other.team_id)).status == 200
    from_anna, to_other = invited(anna, anna.team_id, "viewer"), invited(mal, other.team_id, "viewer")
    removed(anna, mal)
    assert accepted(a_user(), from_anna).status == 200
    assert accepted(a_user(), to_other).status == 200


def test_invites_of_who_administered_the_instance_end_where_they_administer_no_team() -> None:
    anna = a_user("admin", is_admin=True)
    mal = a_user("admin", is_admin=True)
    foreign, own = invited(mal, anna.team_id), invited(mal, mal.team_id, "viewer")
    assert anna.patch(f"people/{mal.user_id}", {"is_admin": False}).status == 200
    assert accepted(mal, foreign).status == 403
    assert accepted(a_user(), own).status == 200


@pytest.mark.parametrize("change", [{"is_admin": False}, {"disabled": True}])
@pytest.mark.parametrize("is_late", [False, True])
def test_a_code_for_the_password_of_another_ends_with_the_right_of_who_made_it(
    mongo: Any, change: dict[str, bool], is_late: bool
) -> None:
    anna, mal = a_user("admin", is_admin=True), a_user("admin", is_admin=True)
    code = mal.post(f"people/{anna.user_id}/password-reset").body["code"]
    row = mongo.password_resets.find_one({"_id": ObjectId(anna.user_id)})
    assert anna.patch(f"people/{mal.user_id}", change).status == 200
    if is_late:  # as if it was stored after the change
        mongo.password_resets.replace_one({"_id": row["_id"]}, row, upsert=True)
    answer = call("POST", "auth/reset", {"code": code, "new_password": NEW_PASSWORD})
    assert (answer.status, answer.body["code"]) == (403, "reset.code")
    assert anna.get("auth/profile").status == 200
