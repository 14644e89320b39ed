"""Whom the limits on guessing keep out, and how many guesses they let through."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.accounts.test_sessions import CookieBrowser
from tests.support.people import PASSWORD, a_user, call

pytestmark = pytest.mark.usefixtures("mongo")

HOME, OFFICE, ELSEWHERE = "192.0.2.44", "192.0.2.55", "203.0.113.200"
FROM_THE_OFFICE = [OFFICE] * 12
FROM_EVERYWHERE = [f"198.51.100.{number}" for number in range(14) for _ in range(8)]
MOST_AN_HOUR = 1100
"""500 from unknown places (the 100 of a window, of which an hour touches five), and 15 in each of twenty known places
and on each of twenty known devices."""
BOTH = FROM_THE_OFFICE + FROM_EVERYWHERE


def device_of(browser: CookieBrowser) -> str:
    return str(browser.client.cookies["kubeorch_device"].value)


def guess(person: Any, source: str, device: str = "") -> bool:
    """Whether a wrong password for the account was looked at."""
    from kubeorch.accounts import throttle
    from kubeorch.web.refusals import TooManyAttempts

    with suppress(TooManyAttempts):
        throttle.count_attempt("login", person.email, source, device=device)
        return True
    return False


def login(person: Any, source: str, password: str = PASSWORD, device: str = "") -> int:
    cookie = {"Cookie": f"kubeorch_device={device}"} if device else {}
    body = {"email": person.email, "password": password}
    return call("POST", "auth/login", body, source=source, **cookie).status


@pytest.mark.parametrize(
    ("attack", "place", "browser", "status"),
    [
        ([], OFFICE, "none", 200),
        ([], OFFICE, "own", 200),
        (FROM_THE_OFFICE, OFFICE, "none", 429),
        (FROM_THE_OFFICE, OFFICE, "own", 200),
        (FROM_THE_OFFICE, OFFICE, "of another person", 429),
        (FROM_THE_OFFICE, OFFICE, "forged", 429),
        (FROM_THE_OFFICE, HOME, "none", 200),
        (FROM_THE_OFFICE, ELSEWHERE, "none", 200),
        (FROM_EVERYWHERE, HOME, "none", 200),
        (FROM_EVERYWHERE, ELSEWHERE, "none", 429),
        (FROM_EVERYWHERE, ELSEWHERE, "own", 200),
        (FROM_EVERYWHERE, ELSEWHERE, "of another person", 429),
        (BOTH, OFFICE, "none", 429),
        (BOTH, OFFICE, "own", 200),
        (BOTH, HOME, "none", 200),
        (BOTH, ELSEWHERE, "own", 200),
    ],
)
def test_an_attack_keeps_out_who_is_not_known_alone(attack: list[str], place: str, browser: str, status: int) -> None:
    owner, own, foreign = a_user(), CookieBrowser(), CookieBrowser()
    own.login(owner)
    foreign.login(a_user())
    for known in (HOME, OFFICE):
        assert login(owner, known) == 200
    devices = {"none": "", "own": device_of(own), "of another person": device_of(foreign), "forged": "a" * 32}
    for source in attack:
        guess(owner, source)
    assert login(owner, place, device=devices[browser]) == status
    if status == 200:
        assert login(owner, place, device=devices[browser]) == 200


def test_an_attack_that_goes_on_for_hours_never_keeps_out_who_comes_with_a_browser_from_before(mongo: Any) -> None:
    owner, own = a_user(), CookieBrowser()
    own.login(owner)
    for _ in range(6):
        assert sum(guess(owner, source) for source in BOTH) > 0
        assert not guess(owner, OFFICE)
        assert login(owner, OFFICE, device=device_of(own)) == 200
        pass_minutes(mongo, 60)


def test_a_browser_from_before_has_eight_wrong_passwords_and_then_waits() -> None:
    owner, own = a_user(), CookieBrowser()
    own.login(owner)
    device = device_of(own)
    assert [login(owner, OFFICE, "wrong guess", device) for _ in range(10)] == [401] * 8 + [429] * 2
    assert login(owner, OFFICE, device=device) == 429
    assert login(owner, OFFICE) == 200  # from the same place, for those who come without it


def test_a_success_with_a_browser_from_before_gives_no_new_guesses_to_others_behind_the_same_address() -> None:
    owner, own = a_user(), CookieBrowser()
    own.login(owner)
    for _ in range(8):
        assert guess(owner, OFFICE)
    assert login(owner, OFFICE, device=device_of(own)) == 200
    assert not guess(owner, OFFICE)


@pytest.mark.parametrize("end", ["change", "reset"])
def test_a_new_password_forgets_the_browsers_of_whoever_had_the_old_one(end: str) -> None:
    from kubeorch.accounts import resets

    owner, own, other = a_user(), CookieBrowser(), CookieBrowser()
    other.login(owner)
    own.login(owner)
    new = "another horse battery staple"
    if end == "change":
        assert own.post("auth/password", {"current_password": PASSWORD, "new_password": new}).status_code == 204
    else:
        resets.use(resets.new_code(ObjectId(owner.user_id), None)["code"], new, HOME)
    for source in BOTH:
        guess(owner, source)
    assert login(owner, OFFICE, new, device=device_of(other)) == 429
    assert login(owner, OFFICE, new, device=device_of(own)) == (200 if end == "change" else 429)


def test_a_browser_keeps_what_it_was_given_and_only_a_digest_is_stored(mongo: Any) -> None:
    owner, own = a_user(), CookieBrowser()
    own.login(owner)
    first = own.client.cookies["kubeorch_device"]
    assert (first["httponly"], first["samesite"], first["path"]) == (True, "Lax", "/")
    device = first.value
    own.post("auth/logout")
    own.login(owner)
    assert device_of(own) == device
    known = mongo["login_attempts"].find_one({"_id": {"$regex": "known"}})
    assert len(known["devices"]) == 1
    assert device not in str(known)


def test_a_browser_that_signs_in_to_somebody_else_is_given_something_else() -> None:
    own = CookieBrowser()
    own.login(a_user())
    device = device_of(own)
    own.login(a_user())
    assert device_of(own) != device


def test_who_signs_in_for_a_token_gets_no_cookie() -> None:
    person = a_user()
    answer = call("POST", "auth/login", {"email": person.email, "password": PASSWORD})
    assert answer.status == 200
    assert "kubeorch_device" not in str(answer.headers)


def test_the_guesses_of_an_hour_are_bounded_even_for_who_has_every_place_and_every_browser(mongo: Any) -> None:
    from kubeorch.accounts import throttle

    owner = a_user()
    places = [f"192.0.2.{number}" for number in range(throttle.KNOWN_MOST)]
    devices = [throttle.remember_device("login", owner.email, "") for _ in range(throttle.KNOWN_MOST)]
    for place in places:
        throttle.remember_place("login", owner.email, place)
    known = [(place, "") for place in places] + [(ELSEWHERE, device) for device in devices]
    looked_at = 0
    for minute in range(60):
        for number in range(101):
            if not guess(owner, f"198.51.{minute}.{number}"):
                break
            looked_at += 1
        for source, device in known:
            while guess(owner, source, device):
                looked_at += 1
        pass_minutes(mongo, 1)
    assert 100 < looked_at <= MOST_AN_HOUR


def pass_minutes(mongo: Any, minutes: int) -> None:
    """Move every counter that far into the past."""
    earlier = {
        field: {"$dateSubtract": {"startDate": f"${field}", "unit": "minute", "amount": minutes}}
        for field in ("expires_at", "blocked_until")
    }
    mongo["login_attempts"].update_many({"blocked_until": {"$exists": True}}, [{"$set": earlier}])
