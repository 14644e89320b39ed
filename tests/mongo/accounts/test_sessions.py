"""Sessions of browsers: cookies, CSRF, and what a new password ends."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.support.people import PASSWORD, a_user, call

pytestmark = pytest.mark.usefixtures("mongo")


class CookieBrowser:
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
    person, browser = a_user(), CookieBrowser()
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


def test_login_replaces_the_session_id() -> None:
    person, browser = a_user(), CookieBrowser()
    browser.client.cookies["kubeorch_session"] = "a" * 32
    browser.login(person)
    assert browser.session != "a" * 32
    first = browser.session
    browser.login(person)
    assert browser.session != first


def test_a_session_is_stored_only_as_a_hash(mongo: Any) -> None:
    browser = CookieBrowser()
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
    browser = CookieBrowser()
    browser.login(a_user(role="admin", is_admin=True))
    for csrf in ("", "a" * 64, "x"):
        answer = browser.post(path, method=method, csrf=csrf)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf.failed")


def test_another_page_cannot_sign_a_browser_in() -> None:
    person, browser = a_user(), CookieBrowser()
    body = {"email": person.email, "password": PASSWORD, "session": True}
    assert browser.post("auth/login", body, csrf="").json()["code"] == "csrf.failed"
    assert not browser.session


def test_a_new_password_ends_all_other_sessions_and_tokens() -> None:
    person, here, there = a_user(), CookieBrowser(), CookieBrowser()
    here.login(person)
    there.login(person)
    change = {"current_password": PASSWORD, "new_password": "an entirely new sentence"}
    assert here.post("auth/password", change).status_code == 204
    assert here.client.get("/api/v1/auth/profile").status_code == 200
    assert there.client.get("/api/v1/auth/profile").status_code == 401
    assert person.get("auth/profile").status == 401
    assert call("POST", "auth/login", {"email": person.email, "password": PASSWORD}).status == 401


def test_a_password_changed_with_a_token_keeps_only_that_token() -> None:
    person, browser = a_user(), CookieBrowser()
    browser.login(person)
    other = person.post("auth/tokens", {"name": "other"}).body["token"]
    change = {"current_password": PASSWORD, "new_password": "an entirely new sentence"}
    assert person.post("auth/password", change).status == 204
    assert person.get("auth/profile").status == 200
    assert call("GET", "auth/profile", token=other).status == 401
    assert browser.client.get("/api/v1/auth/profile").status_code == 401


def test_a_session_from_before_a_password_change_is_refused(mongo: Any) -> None:
    from django.contrib.auth.hashers import make_password

    person, browser = a_user(), CookieBrowser()
    browser.login(person)
    mongo["users"].update_one({"email": person.email}, {"$set": {"password": make_password("set from elsewhere")}})
    assert browser.client.get("/api/v1/auth/profile").status_code == 401


def test_the_wrong_current_password_changes_nothing() -> None:
    person = a_user()
    answer = person.post("auth/password", {"current_password": "no", "new_password": "an entirely new sentence"})
    assert (answer.status, answer.body["code"]) == (400, "password.wrong")
    assert answer.body["errors"][0]["field"] == "current_password"
