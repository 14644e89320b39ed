"""What strangers, or one person, can make grow is bounded by number or ends by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from kubeorch.accounts import invites, sessions, tokens
from tests.mongo.accounts.test_sessions import CookieBrowser
from tests.support.people import a_user

pytestmark = pytest.mark.usefixtures("mongo")


@pytest.mark.parametrize(
    "name",
    ["api_tokens", "audit", "events", "invites", "jobs", "login_attempts", "password_resets", "sessions"],
)
def test_what_grows_with_use_ends_by_time(mongo: Any, name: str) -> None:
    assert any("expireAfterSeconds" in index for index in mongo[name].index_information().values())


def test_a_person_has_fifty_sessions_at_most_and_the_newest_stay(mongo: Any) -> None:
    person, browser = a_user(), CookieBrowser()
    at = datetime.now(UTC)
    rows = [
        {
            "_id": f"{number:064d}",
            "user_id": ObjectId(person.user_id),
            "data": {},
            "created_at": at - timedelta(days=number),
            "expires_at": at + timedelta(days=1),
        }
        for number in range(1, 81)
    ]
    mongo["sessions"].insert_many(rows)
    assert browser.login(person).status_code == 200
    assert mongo["sessions"].count_documents({}) == sessions.MOST_SESSIONS
    assert browser.client.get("/api/v1/auth/profile").status_code == 200
    assert mongo["sessions"].find_one({"_id": f"{1:064d}"}) is not None
    assert mongo["sessions"].find_one({"_id": f"{50:064d}"}) is None


def test_a_team_has_a_bounded_number_of_unused_invites(monkeypatch: Any) -> None:
    monkeypatch.setattr(invites, "MOST_OPEN", 3)
    admin = a_user("admin")
    body = {"team": str(admin.team_id), "role": "viewer"}
    made = [admin.post("invites", body) for _ in range(4)]
    assert [answer.status for answer in made] == [201] * 3 + [409]
    assert made[3].body["code"] == "invite.too_many"
    assert admin.delete(f"invites/{made[0].body['id']}").status == 204
    assert admin.post("invites", body).status == 201


def test_a_person_has_a_hundred_tokens_at_most(monkeypatch: Any) -> None:
    monkeypatch.setattr(tokens, "MAX_TOKENS", 3)
    person = a_user()
    made = [person.post("auth/tokens", {"name": f"ci-{number}"}) for number in range(3)]
    assert [answer.status for answer in made] == [201, 201, 409]
