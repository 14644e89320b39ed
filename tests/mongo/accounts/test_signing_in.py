"""Signing in with a password, and what stops those who guess one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from kubeorch.accounts.passwords import ModestArgon2
from tests.support.people import PASSWORD, a_user, call

pytestmark = pytest.mark.usefixtures("mongo")


def test_login_answers_the_same_for_an_unknown_address_and_a_wrong_password() -> None:
    person = a_user()
    unknown = call("POST", "auth/login", {"email": "nobody@example.test", "password": PASSWORD})
    wrong = call("POST", "auth/login", {"email": person.email, "password": "not it at all"})
    assert unknown.status == wrong.status == 401
    assert unknown.body == wrong.body


class CountingHasher(ModestArgon2):
    """The product's hasher; counts how often it does its slow work."""

    count = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.count += 1
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        CountingHasher.count += 1
        return super().verify(password, encoded)


def test_login_hashes_as_often_for_an_unknown_address_as_for_a_known_one(settings: Any) -> None:
    """The hash takes nearly all of a login's time; `make bench` holds the times against each other."""
    settings.PASSWORD_HASHERS = [f"{__name__}.{CountingHasher.__name__}"]

    def hashes(email: str) -> int:
        before = CountingHasher.count
        assert call("POST", "auth/login", {"email": email, "password": "not it at all"}).status == 401
        return CountingHasher.count - before

    assert hashes(a_user().email) == hashes("nobody@example.test") == 1


@pytest.mark.parametrize("value", [{"$ne": 1}, {"$gt": ""}, ["a"], 1, None, True, {"a": {"$where": "1"}}])
def test_operators_in_place_of_text_are_refused(value: Any) -> None:
    a_user()
    for field in ("email", "password"):
        answer = call("POST", "auth/login", {"email": "a@b.test", "password": "x", field: value})
        assert answer.status in (400, 401), answer.body
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert call("POST", "auth/login", {"email": {"$ne": 1}, "password": "x"}).status == 400


def test_a_form_post_is_refused() -> None:
    person = a_user()
    answer = call("POST", "auth/login", b"email=a&password=b", content_type="application/x-www-form-urlencoded")
    assert (answer.status, answer.body["code"]) == (415, "input.media_type")
    assert person.get("auth/profile").status == 200


def test_a_disabled_account_is_locked_out_at_once(mongo: Any) -> None:
    person = a_user()
    mongo["users"].update_one({"email": person.email}, {"$set": {"is_active": False}})
    assert person.get("auth/profile").status == 401
    assert call("POST", "auth/login", {"email": person.email, "password": PASSWORD}).status == 401


def test_guessing_locks_the_account_for_that_source_only() -> None:
    person = a_user()
    bad = {"email": person.email, "password": "wrong guess"}
    statuses = [call("POST", "auth/login", bad).status for _ in range(10)]
    assert statuses == [401] * 8 + [429] * 2
    good = {"email": person.email, "password": PASSWORD}
    refused = call("POST", "auth/login", good)
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 60
    assert call("POST", "auth/login", good, source="192.0.2.9").status == 200


def test_a_flood_of_other_names_does_not_unlock_the_account(mongo: Any) -> None:
    from kubeorch.accounts import throttle
    from kubeorch.web.refusals import TooManyAttempts

    for _ in range(8):
        throttle.count_attempt("login", "target@example.test", "192.0.2.1")
    for number in range(300):
        with suppress(TooManyAttempts):
            throttle.count_attempt("login", f"other{number}@example.test", f"198.51.100.{number % 250}")
    with pytest.raises(TooManyAttempts):
        throttle.count_attempt("login", "target@example.test", "192.0.2.1")


def test_guessing_over_many_accounts_locks_the_source() -> None:
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


def test_a_forged_forwarding_header_does_not_change_the_source(settings: Any) -> None:
    person = a_user()
    bad = {"email": person.email, "password": "wrong guess"}
    for number in range(8):
        call("POST", "auth/login", bad, **{"X-Forwarded-For": f"203.0.113.{number}"})
    assert call("POST", "auth/login", bad, **{"X-Forwarded-For": "203.0.113.99"}).status == 429


def test_a_successful_login_resets_the_count_of_failures() -> None:
    person = a_user()
    for _ in range(3):
        for _ in range(6):
            call("POST", "auth/login", {"email": person.email, "password": "wrong guess"})
        assert call("POST", "auth/login", {"email": person.email, "password": PASSWORD}).status == 200
