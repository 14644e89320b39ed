"""Registering, signing in, tokens, sessions and passwords, against a real database."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from bson import ObjectId

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


def test_later_ones_need_an_invite_until_sign_up_is_open() -> None:
    admin = register().body
    assert register(email="b@example.test").body["code"] == "signup.invite_needed"
    answer = call("PATCH", "settings", {"signup": "open"}, token=admin["token"])
    assert (answer.status, answer.body) == (200, {"signup": "open"})
    made = register(email="b@example.test")
    assert made.status == 201
    assert not made.body["user"]["is_admin"]
    assert [(team["name"], team["role"]) for team in made.body["user"]["teams"]] == [("Ada's team", "admin")]


def test_an_address_is_taken_whatever_its_case() -> None:
    admin = register().body
    call("PATCH", "settings", {"signup": "open"}, token=admin["token"])
    refused = register(email="ADA@EXAMPLE.TEST")
    assert (refused.status, refused.body["code"], refused.body["errors"][0]["field"]) == (
        409,
        "account.email_taken",
        "email",
    )


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


def test_any_character_may_stand_in_a_password() -> None:
    password = "  пароль 密码 🔑  "
    assert register(password=password).status == 201
    assert call("POST", "auth/login", {"email": NEW["email"], "password": password}).status == 200
    assert call("POST", "auth/login", {"email": NEW["email"], "password": password.strip()}).status == 401


@pytest.mark.parametrize("email", ["", "ada", "a b@c.test", "a@", "@c.test", "a@b@c.test", "x" * 250 + "@c.test"])
def test_what_is_no_address_is_refused(email: str) -> None:
    assert register(email=email).status == 400


def test_a_welcome_that_fails_leaves_the_account_standing(settings: Any) -> None:
    settings.ON_FIRST_TEAM = "tests.mongo.test_accounts.BROKEN_WELCOME"
    assert register().status == 201


def _fail(team_id: object, user_id: object) -> None:
    raise RuntimeError("no sample today")


BROKEN_WELCOME = [_fail]


# Signing in


def test_login_answers_alike_for_an_unknown_address_and_a_wrong_password() -> None:
    person = a_user()
    unknown = call("POST", "auth/login", {"email": "nobody@example.test", "password": PASSWORD})
    wrong = call("POST", "auth/login", {"email": person.email, "password": "not it at all"})
    assert unknown.status == wrong.status == 401
    assert unknown.body == wrong.body


def test_login_takes_as_long_for_an_unknown_address() -> None:
    person = a_user()

    def seconds(email: str) -> float:
        took = []
        for _ in range(5):
            began = time.perf_counter()
            call("POST", "auth/login", {"email": email, "password": "not it at all"})
            took.append(time.perf_counter() - began)
        return min(took)

    known, unknown = seconds(person.email), seconds("nobody@example.test")
    assert 1 / 3 < known / unknown < 3  # without a hash it would be a tenth


def test_a_disabled_account_is_out_at_once(mongo: Any) -> None:
    person = a_user()
    mongo["users"].update_one({"email": person.email}, {"$set": {"is_active": False}})
    assert person.get("auth/profile").status == 401
    assert call("POST", "auth/login", {"email": person.email, "password": PASSWORD}).status == 401


def test_guessing_is_stopped_for_the_account_from_that_source_only() -> None:
    person = a_user()
    bad = {"email": person.email, "password": "wrong guess"}
    statuses = [call("POST", "auth/login", bad).status for _ in range(10)]
    assert statuses == [401] * 8 + [429] * 2
    good = {"email": person.email, "password": PASSWORD}
    refused = call("POST", "auth/login", good)
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 60
    assert call("POST", "auth/login", good, source="192.0.2.9").status == 200


def test_a_flood_of_other_names_does_not_free_the_account(mongo: Any) -> None:
    from kubeorch.accounts import throttle
    from kubeorch.web.refusals import TooManyAttempts

    for _ in range(8):
        throttle.count_attempt("login", "target@example.test", "192.0.2.1")
    for number in range(300):
        with suppress(TooManyAttempts):
            throttle.count_attempt("login", f"other{number}@example.test", f"198.51.100.{number % 250}")
    with pytest.raises(TooManyAttempts):
        throttle.count_attempt("login", "target@example.test", "192.0.2.1")


def test_a_spray_over_many_accounts_is_stopped_by_source() -> None:
    from kubeorch.accounts import throttle
    from kubeorch.web.refusals import TooManyAttempts

    for number in range(throttle.LIMITS["source"]):
        throttle.count_attempt("login", f"p{number}@example.test", "192.0.2.77")
    with pytest.raises(TooManyAttempts):
        throttle.count_attempt("login", "one more@example.test", "192.0.2.77")


def test_guesses_sent_at_once_are_counted_one_by_one() -> None:
    person = a_user()
    bad = {"email": person.email, "password": "wrong guess"}
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: call("POST", "auth/login", bad).status, range(24)))
    assert statuses.count(401) == 8
    assert statuses.count(429) == 16


def test_a_forged_forwarding_header_changes_no_source(settings: Any) -> None:
    person = a_user()
    bad = {"email": person.email, "password": "wrong guess"}
    for number in range(8):
        call("POST", "auth/login", bad, **{"X-Forwarded-For": f"203.0.113.{number}"})
    assert call("POST", "auth/login", bad, **{"X-Forwarded-For": "203.0.113.99"}).status == 429


def test_a_success_forgives_the_failures_before_it() -> None:
    person = a_user()
    for _ in range(3):
        for _ in range(6):
            call("POST", "auth/login", {"email": person.email, "password": "wrong guess"})
        assert call("POST", "auth/login", {"email": person.email, "password": PASSWORD}).status == 200


# Tokens


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


def test_tokens_are_made_listed_and_revoked_and_never_kept_in_clear(mongo: Any) -> None:
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


def test_a_token_lives_a_year_at_most() -> None:
    person = a_user()
    for days in (0, -1, 366, 10**12, "many", None, 1.5):
        assert person.post("auth/tokens", {"name": "x", "expires_in_days": days}).status == 400, days


def test_logout_revokes_the_token_it_came_with() -> None:
    person = a_user()
    assert person.post("auth/logout").status == 204
    assert person.get("auth/profile").status == 401


def test_somebody_elses_token_cannot_be_revoked(mongo: Any) -> None:
    mine, other = a_user(), a_user()
    token_id = mongo["api_tokens"].find_one({"user_id": ObjectId(mine.user_id)})["_id"]
    assert other.delete(f"auth/tokens/{token_id}").status == 404
    assert mine.get("auth/profile").status == 200


# Browser sessions


class Browser:
    """A page: keeps cookies, sends the CSRF token on unsafe methods as the page's code does."""

    def __init__(self) -> None:
        from django.test import Client

        self.client = Client(enforce_csrf_checks=True)
        self.client.get("/api/v1/auth/session")

    @property
    def csrf(self) -> str:
        return self.client.cookies["kubeorch_csrf"].value

    @property
    def session(self) -> str:
        cookie = self.client.cookies.get("kubeorch_session")
        return cookie.value if cookie else ""

    def post(self, path: str, body: Any = None, *, csrf: str | None = None, method: str = "POST") -> Any:
        token = self.csrf if csrf is None else csrf
        headers = {"X-CSRFToken": token} if token else {}
        return self.client.generic(
            method, f"/api/v1/{path}", orjson.dumps(body or {}), content_type="application/json", headers=headers
        )

    def login(self, person: Any, password: str = PASSWORD) -> Any:
        return self.post("auth/login", {"email": person.email, "password": password, "session": True})


def test_a_browser_signs_in_by_cookie_and_is_known_until_it_signs_out() -> None:
    person, browser = a_user(), Browser()
    answer = browser.login(person)
    assert answer.status_code == 200
    assert answer.json()["token"] is None
    cookie = browser.client.cookies["kubeorch_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert browser.client.get("/api/v1/auth/session").json()["user"]["email"] == person.email
    before = browser.session
    assert browser.post("auth/logout").status_code == 204
    browser.client.cookies["kubeorch_session"] = before
    assert browser.client.get("/api/v1/auth/profile").status_code == 401


def test_a_session_id_known_before_login_is_worth_nothing_after() -> None:
    person, browser = a_user(), Browser()
    browser.client.cookies["kubeorch_session"] = "a" * 32
    browser.login(person)
    assert browser.session != "a" * 32
    first = browser.session
    browser.login(person)
    assert browser.session != first


def test_the_session_lies_in_the_database_only_as_a_hash(mongo: Any) -> None:
    browser = Browser()
    browser.login(a_user())
    assert mongo["sessions"].count_documents({}) == 1
    assert browser.session not in str(list(mongo["sessions"].find()))


UNSAFE = [
    ("POST", "auth/logout"),
    ("PATCH", "auth/profile"),
    ("POST", "auth/password"),
    ("POST", "auth/tokens"),
    ("DELETE", "auth/tokens/" + "0" * 24),
    ("POST", "invites"),
    ("POST", "invites/accept"),
    ("DELETE", "invites/" + "0" * 24),
    ("POST", "teams"),
    ("PATCH", "settings"),
    ("POST", "clusters"),
    ("PATCH", "clusters/" + "0" * 24),
    ("DELETE", "clusters/" + "0" * 24),
    ("POST", "clusters/" + "0" * 24 + "/test"),
]


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_a_cookie_alone_changes_nothing(method: str, path: str) -> None:
    browser = Browser()
    browser.login(a_user(role="admin", is_admin=True))
    for csrf in ("", "a" * 64, "x"):
        answer = browser.post(path, method=method, csrf=csrf)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf.failed")


def test_another_page_cannot_sign_a_browser_in() -> None:
    person, browser = a_user(), Browser()
    body = {"email": person.email, "password": PASSWORD, "session": True}
    assert browser.post("auth/login", body, csrf="").json()["code"] == "csrf.failed"
    assert not browser.session


def test_a_form_post_is_no_json() -> None:
    person = a_user()
    answer = call("POST", "auth/login", b"email=a&password=b", content_type="application/x-www-form-urlencoded")
    assert (answer.status, answer.body["code"]) == (415, "input.media_type")
    assert person.get("auth/profile").status == 200


def test_a_new_password_ends_other_sessions_and_tokens_and_keeps_this_one() -> None:
    person, here, there = a_user(), Browser(), Browser()
    here.login(person)
    there.login(person)
    change = {"current_password": PASSWORD, "new_password": "an entirely new sentence"}
    assert here.post("auth/password", change).status_code == 204
    assert here.client.get("/api/v1/auth/profile").status_code == 200
    assert there.client.get("/api/v1/auth/profile").status_code == 401
    assert person.get("auth/profile").status == 401
    assert call("POST", "auth/login", {"email": person.email, "password": PASSWORD}).status == 401


def test_a_password_changed_by_token_keeps_that_token_only() -> None:
    person, browser = a_user(), Browser()
    browser.login(person)
    other = person.post("auth/tokens", {"name": "other"}).body["token"]
    change = {"current_password": PASSWORD, "new_password": "an entirely new sentence"}
    assert person.post("auth/password", change).status == 204
    assert person.get("auth/profile").status == 200
    assert call("GET", "auth/profile", token=other).status == 401
    assert browser.client.get("/api/v1/auth/profile").status_code == 401


def test_a_session_that_outlived_a_password_change_is_worth_nothing(mongo: Any) -> None:
    from django.contrib.auth.hashers import make_password

    person, browser = a_user(), Browser()
    browser.login(person)
    mongo["users"].update_one({"email": person.email}, {"$set": {"password": make_password("set from elsewhere")}})
    assert browser.client.get("/api/v1/auth/profile").status_code == 401


def test_the_wrong_current_password_changes_nothing() -> None:
    person = a_user()
    answer = person.post("auth/password", {"current_password": "no", "new_password": "an entirely new sentence"})
    assert (answer.status, answer.body["code"]) == (400, "password.wrong")
    assert answer.body["errors"][0]["field"] == "current_password"


# Invites and members


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


def test_ten_people_with_one_code_are_one_member(mongo: Any) -> None:
    admin = a_user(role="admin")
    code = an_invite(admin).body["code"]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: register(email=f"p{n}@example.test", invite_code=code), range(10)))
    assert sorted(answer.status for answer in answers) == [201] + [403] * 9
    assert mongo["memberships"].count_documents({"team_id": admin.team_id}) == 2
    assert mongo["users"].count_documents({}) == 2


def test_an_invite_for_an_address_serves_nobody_else() -> None:
    admin = a_user(role="admin")
    code = an_invite(admin, email="Grace@Example.test").body["code"]
    assert register(invite_code=code).status == 403
    assert register(email="grace@example.test", invite_code=code).status == 201


def test_an_expired_or_withdrawn_invite_is_worth_nothing(mongo: Any) -> None:
    admin = a_user(role="admin")
    withdrawn = an_invite(admin).body
    assert admin.delete(f"invites/{withdrawn['id']}").status == 204
    assert register(invite_code=withdrawn["code"]).status == 403
    expired = an_invite(admin).body["code"]
    mongo["invites"].update_many({}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}})
    assert register(invite_code=expired).status == 403


def test_somebody_with_an_account_joins_a_second_team() -> None:
    admin, person = a_user(role="admin"), a_user()
    code = an_invite(admin, role="editor").body["code"]
    answer = person.post("invites/accept", {"code": code})
    assert answer.status == 200
    assert {team["id"] for team in answer.body["teams"]} == {str(admin.team_id), str(person.team_id)}
    assert person.post("invites/accept", {"code": code}).status == 403


def test_a_changed_role_holds_from_the_next_request_on() -> None:
    admin = a_user(role="admin")
    member = a_user(role="admin", team=admin.team_id)
    assert member.get("invites").status == 200
    assert admin.patch(f"teams/{admin.team_id}/members/{member.user_id}", {"role": "viewer"}).status == 200
    assert member.get("invites").status == 403
    assert admin.delete(f"teams/{admin.team_id}/members/{member.user_id}").status == 204
    assert member.get(f"teams/{admin.team_id}/members").status == 404


def test_a_team_keeps_an_administrator() -> None:
    admin = a_user(role="admin")
    path = f"teams/{admin.team_id}/members/{admin.user_id}"
    assert admin.patch(path, {"role": "viewer"}).body["code"] == "team.last_admin"
    assert admin.delete(path).body["code"] == "team.last_admin"


def test_two_administrators_leaving_at_once_leave_one_behind(mongo: Any) -> None:
    first = a_user(role="admin")
    second = a_user(role="admin", team=first.team_id)
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda person: person.delete(f"teams/{first.team_id}/members/{person.user_id}"), (first, second))
        )
    assert sorted(answer.status for answer in answers) == [204, 409]
    assert mongo["memberships"].count_documents({"team_id": first.team_id, "role": "admin"}) == 1


def test_what_people_do_is_kept_without_their_secrets(mongo: Any) -> None:
    registered = register().body
    call("POST", "auth/login", {"email": NEW["email"], "password": "wrong guess"})
    call("POST", "auth/tokens", {"name": "ci"}, token=registered["token"])
    rows = list(mongo["audit"].find())
    assert [(row["action"], row["outcome"]) for row in rows] == [
        ("auth.register", "done"),
        ("auth.login", "auth.failed"),
        ("token.create", "done"),
    ]
    assert PASSWORD not in str(rows)
    assert registered["token"] not in str(rows)


@pytest.mark.parametrize("value", [{"$ne": 1}, {"$gt": ""}, ["a"], 1, None, True, {"a": {"$where": "1"}}])
def test_operators_in_place_of_text_are_refused(value: Any) -> None:
    a_user()
    for field in ("email", "password"):
        answer = call("POST", "auth/login", {"email": "a@b.test", "password": "x", field: value})
        assert answer.status in (400, 401), answer.body
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert call("POST", "auth/login", {"email": {"$ne": 1}, "password": "x"}).status == 400


def test_a_role_cannot_be_slipped_in_while_registering() -> None:
    register()
    answer = register(email="m@example.test", is_admin=True, role="admin")
    assert answer.status == 400
    assert {error["field"] for error in answer.body["errors"]} == {"is_admin", "role"}


def test_a_bearer_request_is_judged_in_one_round_trip(mongo: Any) -> None:
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


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u2028", "\x1b", "\u00ad"])
def test_a_name_that_shows_less_than_it_holds_is_refused_wherever_one_is_given(hidden: str) -> None:
    admin = a_user("admin", is_admin=True)
    name = f"A{hidden}da"
    given = [
        call("POST", "auth/register", {**NEW, "name": name}),
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
def test_a_name_in_any_script_is_taken(name: str) -> None:
    assert register(name=name).body["user"]["name"] == name
