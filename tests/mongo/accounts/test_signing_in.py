"""Signing in with a password, and what stops those who guess one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
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


HOME, ELSEWHERE = "192.0.2.44", "203.0.113.200"


def attack(person: Any, sources: int, each: int) -> None:
    """Wrong passwords for one account from many addresses."""
    from kubeorch.accounts import throttle
    from kubeorch.web.refusals import TooManyAttempts

    for number in range(sources):
        for _ in range(each):
            with suppress(TooManyAttempts):
                throttle.count_attempt("login", person.email, f"198.51.{number // 250}.{number % 250}")


def login(person: Any, source: str, password: str = PASSWORD, **headers: str) -> Any:
    return call("POST", "auth/login", {"email": person.email, "password": password}, source=source, **headers)


def test_wrong_logins_from_five_addresses_do_not_keep_a_person_out() -> None:
    person = a_user()
    assert login(person, HOME).status == 200
    attack(person, sources=5, each=20)
    assert login(person, HOME).status == 200
    assert login(person, ELSEWHERE).status == 200


def test_an_attack_from_everywhere_lets_the_person_in_from_where_they_signed_in_before() -> None:
    person = a_user()
    assert login(person, HOME).status == 200
    attack(person, sources=30, each=8)
    refused = login(person, ELSEWHERE)
    assert (refused.status, refused.body["code"]) == (429, "throttled")
    assert login(person, HOME, "wrong guess").status == 401
    for _ in range(3):
        assert login(person, HOME).status == 200
    assert login(person, ELSEWHERE).status == 429  # what was let through has opened nothing for others


def test_an_attack_from_everywhere_lets_in_who_has_a_session_from_before() -> None:
    from tests.mongo.accounts.test_sessions import CookieBrowser

    person, browser = a_user(), CookieBrowser()
    assert browser.login(person).status_code == 200
    attack(person, sources=30, each=8)
    cookie = {"Cookie": f"kubeorch_session={browser.session}"}
    assert login(person, ELSEWHERE, **cookie).status == 200
    other = a_user()
    attack(other, sources=30, each=8)
    assert login(other, ELSEWHERE, **cookie).status == 429  # the session is somebody else's


def test_who_registered_from_a_place_is_known_there() -> None:
    from tests.support.registering import ADA, register

    assert register().status == 201
    someone = type("Someone", (), {"email": ADA["email"].lower()})
    attack(someone, sources=30, each=8)
    assert login(someone, "127.0.0.1").status == 200


def test_guesses_of_others_behind_the_same_address_do_not_keep_out_who_is_known_there() -> None:
    person = a_user()
    assert login(person, HOME).status == 200
    for number in range(101):
        call("POST", "auth/login", {"email": f"p{number}@example.test", "password": "x"}, source=HOME)
    assert login(a_user(), HOME).status == 429
    assert login(person, HOME).status == 200


def test_the_wait_doubles_with_every_further_attempt(mongo: Any) -> None:
    person, waits = a_user(), []
    for _ in range(8):
        assert login(person, HOME, "wrong guess").status == 401
    for _ in range(5):
        refused = login(person, HOME)
        assert refused.status == 429
        waits.append(round(int(refused.headers["Retry-After"]) / 60))
        mongo["login_attempts"].update_many(
            {"blocked_until": {"$exists": True}}, {"$set": {"blocked_until": datetime.now(UTC) - timedelta(seconds=1)}}
        )
        assert login(person, HOME, "wrong guess").status == 401
    assert waits == [2, 4, 8, 15, 15]


def test_refused_attempts_make_no_documents(mongo: Any) -> None:
    for number in range(130):
        call("POST", "auth/login", {"email": f"p{number}@example.test", "password": "x"}, source=ELSEWHERE)
    assert mongo["login_attempts"].count_documents({}) == 1 + 2 * 100


def test_a_person_is_known_in_twenty_places_at_most(mongo: Any) -> None:
    person = a_user()
    for number in range(25):
        assert login(person, f"192.0.2.{number}").status == 200
    known = mongo["login_attempts"].find_one({"_id": {"$regex": "known"}})
    assert known["places"] == [f"192.0.2.{number}" for number in range(24, 4, -1)]


def test_a_successful_login_resets_the_count_of_failures() -> None:
    person = a_user()
    for _ in range(3):
        for _ in range(6):
            call("POST", "auth/login", {"email": person.email, "password": "wrong guess"})
        assert call("POST", "auth/login", {"email": person.email, "password": PASSWORD}).status == 200
