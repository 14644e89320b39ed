"""Bearer tokens: made, listed, revoked, expired and forged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import a_user, call
from tests.support.registering import register

pytestmark = pytest.mark.usefixtures("mongo")


def test_a_token_opens_the_profile_and_no_token_is_refused() -> None:
    token = register().body["token"]
    assert call("GET", "auth/profile", token=token).body["name"] == "Ada"
    refused = call("GET", "auth/profile")
    assert (refused.status, refused.body["code"]) == (401, "auth.required")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer nothing",
        "Bearer ",
        "Bearer",
        "Basic YTpi",
        "Bearer ko_",
        "Bearer ko_" + "A" * 43,
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Token ko_x",
        "Bearer ko_" + "x" * 5000,
        "Bearer null",
    ],
)
def test_a_forged_token_opens_nothing(header: str) -> None:
    answer = call("GET", "auth/profile", Authorization=header)
    assert (answer.status, answer.body["code"]) == (401, "auth.invalid")


def test_tokens_are_created_listed_and_revoked_and_stored_only_as_hashes(mongo: Any) -> None:
    person = a_user()
    made = person.post("auth/tokens", {"name": "ci", "expires_in_days": 30})
    assert made.status == 201
    token = made.body["token"]
    assert call("GET", "auth/profile", token=token).status == 200
    listed = person.get("auth/tokens").body["results"]
    assert [row["name"] for row in listed] == ["ci", "test"]
    assert token not in str(listed)
    assert all(token not in str(row) for row in mongo["api_tokens"].find())
    assert person.delete(f"auth/tokens/{made.body['id']}").status == 204
    assert call("GET", "auth/profile", token=token).status == 401


def test_an_expired_token_opens_nothing(mongo: Any) -> None:
    person = a_user()
    mongo["api_tokens"].update_many({}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}})
    assert person.get("auth/profile").status == 401


def test_a_token_is_valid_for_at_most_a_year() -> None:
    person = a_user()
    for days in (0, -1, 366, 10**12, "many", None, 1.5):
        assert person.post("auth/tokens", {"name": "x", "expires_in_days": days}).status == 400, days


def test_logout_revokes_the_token_it_came_with() -> None:
    person = a_user()
    assert person.post("auth/logout").status == 204
    assert person.get("auth/profile").status == 401


def test_another_persons_token_cannot_be_revoked(mongo: Any) -> None:
    mine, other = a_user(), a_user()
    token_id = mongo["api_tokens"].find_one({"user_id": ObjectId(mine.user_id)})["_id"]
    assert other.delete(f"auth/tokens/{token_id}").status == 404
    assert mine.get("auth/profile").status == 200


def test_a_token_is_checked_in_one_round_trip(mongo: Any) -> None:
    """The hot path of every request of a script; three queries, or the ORM, would double its time."""
    from kubeorch.accounts import store

    person = a_user()
    mongo.command("profile", 2)
    try:
        assert store.principal_of_token(person.token) is not None
    finally:
        mongo.command("profile", 0)
    asked = [row["op"] for row in mongo["system.profile"].find({"ns": {"$regex": "api_tokens|users|memberships"}})]
    mongo["system.profile"].drop()
    assert asked == ["command"]
