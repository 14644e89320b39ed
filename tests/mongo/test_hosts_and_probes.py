"""Names the server is asked under: probes by address, unknown hosts, proxies that nobody trusts."""

from __future__ import annotations

from typing import Any

import pytest

from kubeorch.web import notices
from tests.support.people import a_user, call

pytestmark = pytest.mark.usefixtures("mongo", "fresh_notices")
STRANGE_HOSTS = ("10.244.1.7:8000", "[fd00::7]:8000", "kubeorch.example.com", "a_b", "x" * 300, "evil.example\\@x", "")


@pytest.fixture
def fresh_notices() -> Any:
    notices.forget()
    yield
    notices.forget()


@pytest.mark.parametrize("host", STRANGE_HOSTS)
@pytest.mark.parametrize("path", ["/health", "/health/ready"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_probe_is_answered_whatever_the_host(method: str, path: str, host: str) -> None:
    answer = call(method, path, HTTP_HOST=host, Host=host)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_probe_takes_no_other_method() -> None:
    assert call("POST", "/health", Host="10.0.0.1").status == 405


@pytest.mark.parametrize("path", ["/", "/workflows", "/health/other", "/healthy", "/static/x.js"])
@pytest.mark.parametrize("host", STRANGE_HOSTS[:3])
def test_a_browser_under_an_unknown_name_gets_a_page_that_says_what_to_set(path: str, host: str) -> None:
    answer = call("GET", path, Host=host, Accept="text/html,application/xhtml+xml")
    assert (answer.status, answer.headers["Content-Type"]) == (400, "text/html; charset=utf-8")
    name = host.rpartition(":")[0] or host
    assert f"KUBEORCH_HOSTS={name}" in answer.body.decode()
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/api/v1/auth/session", "/api/v1/auth/login", "/", "/nothing"])
def test_a_script_under_an_unknown_name_gets_a_problem_that_says_what_to_set(path: str) -> None:
    answer = call("GET", path, Host="kubeorch.example.com", Accept="*/*")
    assert (answer.status, answer.body["code"]) == (400, "host.unknown")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "KUBEORCH_HOSTS=kubeorch.example.com" in answer.body["detail"]


def test_a_host_that_is_none_is_named_so_and_never_quoted_as_markup() -> None:
    for host in ("<script>alert(1)</script>", 'a"b', "a b", "x" * 300):
        page = call("GET", "/", Host=host, Accept="text/html")
        assert page.status == 400
        assert b"<script" not in page.body
        assert b"not a valid host name" in page.body or len(page.body) < 1500


def test_names_that_were_set_are_served(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["kubeorch.example.com"]
    assert call("GET", "auth/session", Host="kubeorch.example.com").status == 200
    assert call("GET", "auth/session", Host="other.example.com").status == 400


def test_a_proxy_that_is_not_trusted_is_noticed_once_and_shown_to_administrators(caplog: Any) -> None:
    boss = a_user("admin", is_admin=True)
    for number in range(3):
        call("GET", "auth/session", **{"X-Forwarded-For": f"203.0.113.{number}"})
    assert [record.message for record in caplog.records if "KUBEORCH_TRUSTED_PROXIES=127.0.0.1" in record.message]
    assert len([record for record in caplog.records if "proxy" in record.message]) == 1
    [notice] = boss.get("settings").body["notices"]
    assert notice["code"] == "proxy.untrusted"
    assert "KUBEORCH_TRUSTED_PROXIES=127.0.0.1" in notice["detail"]
    assert call("GET", "/health/ready").body["notices"] == ["proxy.untrusted"]


def test_a_trusted_proxy_and_a_header_from_far_away_are_no_notice(settings: Any) -> None:
    call("GET", "auth/session", source="8.8.8.8", **{"X-Forwarded-For": "198.51.100.1"})
    settings.TRUSTED_PROXIES = ["127.0.0.0/8"]
    call("GET", "auth/session", **{"X-Forwarded-For": "198.51.100.1"})
    assert call("GET", "/health/ready").body["notices"] == []
