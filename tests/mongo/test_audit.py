"""The audit log: bounded however often strangers knock, and it ends by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import PASSWORD, a_user, call
from tests.support.registering import register

pytestmark = pytest.mark.usefixtures("mongo")


def login(email: str, password: str = "not it at all", source: str = "192.0.2.1") -> Any:
    return call("POST", "auth/login", {"email": email, "password": password}, source=source)


def test_refused_and_throttled_logins_are_counted_not_written_one_by_one(mongo: Any) -> None:
    person = a_user()
    for _ in range(20):
        login(person.email)
    rows = {row["outcome"]: row for row in mongo["audit"].find({"action": "auth.login"})}
    assert {outcome: row["count"] for outcome, row in rows.items()} == {"auth.failed": 8, "throttled": 12}
    assert rows["auth.failed"]["actor"] == person.email
    assert rows["auth.failed"]["actor_id"] == ObjectId(person.user_id)
    assert rows["auth.failed"]["source"] == "192.0.2.1"
    assert rows["auth.failed"]["at"] <= rows["auth.failed"]["last_at"]


def test_made_up_names_and_many_sources_do_not_make_the_log_grow(mongo: Any) -> None:
    from types import SimpleNamespace

    from kubeorch.web import auditing

    for number in range(40):
        login(f"made-up-{number}@example.test")
    assert mongo["audit"].count_documents({}) == 1
    for number in range(1000):
        source = f"2001:db8:{number:x}::1"
        auditing.count("auth.login", outcome="auth.failed", request=SimpleNamespace(source=source, request_id=""))
    assert mongo["audit"].count_documents({}) <= auditing.GROUPS
    assert sum(row["count"] for row in mongo["audit"].find()) == 1040
    assert "made-up" not in str(list(mongo["audit"].find()))


def test_nothing_that_needs_no_sign_in_writes_a_row_a_request(mongo: Any) -> None:
    """Each public route, asked with what is refused."""
    before = mongo["audit"].count_documents({})
    for number in range(10):
        register(email=f"p{number}@example.test", password="short")
        call("POST", "auth/reset", {"code": f"kor_{number}", "new_password": "a long sentence here"})
        call("GET", "auth/session")
        call("GET", "schema")
        call("POST", "auth/logout")
    assert mongo["audit"].count_documents({}) == before


def test_a_success_after_refusals_is_a_row_of_its_own(mongo: Any) -> None:
    person = a_user()
    login(person.email)
    assert login(person.email, PASSWORD).status == 200
    assert sorted(row["outcome"] for row in mongo["audit"].find()) == ["auth.failed", "done"]


def test_rows_end_after_the_days_that_the_settings_say(mongo: Any, settings: Any) -> None:
    from kubeorch.web import auditing

    settings.AUDIT_DAYS = 7
    login(a_user().email)
    auditing.record("team.create")
    ends = mongo["audit"].index_information()["expire"]
    assert (ends["key"], ends["expireAfterSeconds"]) == ([("expires_at", 1)], 0)
    for row in mongo["audit"].find():
        assert row["expires_at"] - row["at"] == timedelta(days=7)


def test_rows_of_an_earlier_version_get_an_end(mongo: Any, settings: Any) -> None:
    from django.core.management import call_command

    at = datetime(2026, 1, 1, tzinfo=UTC)
    mongo["audit"].insert_one({"at": at, "action": "auth.login"})
    call_command("setup", verbosity=0)
    assert mongo["audit"].find_one()["expires_at"] == at + timedelta(days=settings.AUDIT_DAYS)
