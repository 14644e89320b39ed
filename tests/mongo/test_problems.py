"""Every refusal is a problem document, whoever refuses; and the headers browsers obey."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import path
from pymongo.errors import DocumentTooLarge, ServerSelectionTimeoutError

from kubeorch import urls
from kubeorch.web.views import APIView
from tests.support.people import a_user, call

pytestmark = pytest.mark.usefixtures("mongo")

MEMBERS = {"type", "title", "status", "code", "detail", "errors"}


def is_a_problem(answer: Any, status: int, code: str) -> None:
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.body
    assert set(answer.body) >= MEMBERS
    assert (answer.body["status"], answer.body["code"]) == (status, code)
    assert answer.body["detail"]


def test_an_unknown_address_is_answered_with_a_problem() -> None:
    is_a_problem(call("GET", "nothing/here"), 404, "not_found")
    is_a_problem(call("GET", "/api/"), 404, "not_found")
    is_a_problem(call("GET", "/api/v2/x"), 404, "not_found")


def test_a_trailing_slash_is_not_redirected() -> None:
    is_a_problem(call("GET", "clusters/"), 404, "not_found")


def test_a_wrong_method_is_answered_with_the_allowed_ones() -> None:
    answer = a_user().call("PUT", "auth/login", {})
    is_a_problem(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]
    is_a_problem(call("POST", "/health"), 405, "method_not_allowed")


def test_without_signing_in_the_answer_says_how_to() -> None:
    answer = call("GET", "clusters")
    is_a_problem(answer, 401, "auth.required")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="kubeorch"'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid"),  # as if it were {}
        (b"{", "input.json"),
        (b"[]", "input.json"),
        (b'"text"', "input.json"),
        (b"null", "input.json"),
        (b'{"name": NaN}', "input.number"),
        (b'{"name": "a\\u0000"}', "input.nul"),
        (b'{"name": "\\ud800"}', "input.surrogate"),
        (b'{"name": {"$gt": ""}}', "input.operator_key"),
        (b'{"name": "a", "name": "b"}', "input.duplicate_key"),
        (b"[" * 100_000, "input.depth"),
        (b"\xff\xfe", "input.encoding"),
    ],
)
def test_an_unreadable_body_is_answered_with_a_problem(body: bytes, code: str) -> None:
    person = a_user()
    answer = call("POST", "auth/tokens", body, token=person.token)
    is_a_problem(answer, 400, code)


def test_a_body_of_another_media_type_is_refused() -> None:
    person = a_user()
    for content_type in ("text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json-patch"):
        answer = call("POST", "auth/tokens", b'{"name": "x"}', token=person.token, content_type=content_type)
        is_a_problem(answer, 415, "input.media_type")
    utf16 = call("POST", "auth/tokens", b"{}", token=person.token, content_type="application/json; charset=utf-16")
    is_a_problem(utf16, 415, "input.media_type")


def test_the_accept_header_does_not_change_the_answer() -> None:
    person = a_user()
    answer = person.call("GET", "auth/profile", Accept="text/html,image/webp")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")


def test_a_body_too_large_is_refused_before_it_is_read(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    person = a_user()
    is_a_problem(person.post("auth/tokens", {"name": "x" * 1000}), 413, "input.too_large")


def test_an_address_too_long_is_refused() -> None:
    is_a_problem(call("GET", "clusters?cursor=" + "x" * 9000), 414, "input.uri_too_long")


def test_every_bad_field_is_named_at_once() -> None:
    answer = a_user().post("auth/tokens", {"name": "", "expires_in_days": 0, "surprise": 1})
    is_a_problem(answer, 400, "invalid")
    assert {error["field"] for error in answer.body["errors"]} >= {"name", "expires_in_days"}
    for error in answer.body["errors"]:
        assert set(error) == {"code", "detail", "severity", "field", "node_ids", "edge_ids"}


class Broken(APIView):
    """A view with a defect."""

    def get(self, _request: Any) -> Any:
        raise RuntimeError("secret inner words")


urlpatterns = [path("api/v1/broken", Broken.as_view()), *urls.urlpatterns]
handler500 = urls.handler500


@pytest.mark.urls(__name__)
def test_a_defect_in_a_view_is_answered_with_a_problem_that_reveals_nothing() -> None:
    answer = a_user().get("broken")
    is_a_problem(answer, 500, "server_error")
    assert "secret" not in str(answer.body)
    assert answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ServerSelectionTimeoutError("mongodb://user:pass@host down"), 503, "database.unavailable"),
        (DocumentTooLarge("too large"), 413, "input.too_large"),
    ],
)
def test_a_database_error_is_answered_without_its_message(error: Exception, status: int, code: str) -> None:
    from kubeorch.web.problems import answer_for

    answer = answer_for(error)
    assert answer is not None
    assert (answer.status_code, code in answer.content.decode()) == (status, True)
    assert b"user:pass" not in answer.content


def test_a_foreign_host_header_is_refused() -> None:
    is_a_problem(call("GET", "auth/session", Host="evil.example.test"), 400, "host.unknown")


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.parametrize(
    "path", ["/", "/health", "/api/v1/auth/session", "/api/v1/clusters", "/api/v1/no", "/api/v1/schema"]
)
def test_every_answer_carries_security_headers(path: str) -> None:
    answer = call("GET", path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    scripts = [part for part in policy.split("; ") if part.startswith(("script-src", "default-src"))]
    assert scripts
    assert not any("unsafe" in part for part in scripts)
    if path.startswith("/api/"):
        assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert len(answer.headers["X-Request-ID"]) == 16


def test_health_reports_alive_and_ready() -> None:
    assert call("GET", "/health").body == {"status": "alive"}
    assert call("GET", "/health/ready").body["status"] == "ready"


# Pages


def test_pages_walk_every_row_once_in_order_with_equal_and_missing_keys(mongo: Any) -> None:
    from kubeorch.mongo.pages import find_page

    rows = [{"n": value} for value in (3, 1, None, 2, 2, 2, None, 1, 5, 2)]
    mongo["counters"].insert_many(rows)
    for sort in ("n", "-n"):
        seen: list[Any] = []
        cursor = ""
        for _ in range(20):
            page = find_page(
                mongo["counters"], {}, {"limit": "3", "cursor": cursor, "sort": sort}, sorts={"n": "n"}, default="n"
            )
            seen += page.results
            cursor = page.next or ""
            if not cursor:
                break
        assert len({row["_id"] for row in seen}) == len(seen) == 10
        values = [-1 if row["n"] is None else row["n"] for row in seen]
        assert values == sorted(values, reverse=sort == "-n")
    mongo["counters"].delete_many({})


@pytest.mark.parametrize(
    "query",
    [
        "cursor=x",
        "cursor=" + "A" * 60,
        "cursor=%00",
        "cursor=é",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=many",
        "limit=1e1",
        "limit=٣",
        "sort=password",
        "sort=$where",
        "sort=--name",
    ],
)
def test_a_malformed_page_request_is_answered_with_a_problem(query: str) -> None:
    answer = a_user().get(f"auth/tokens?{query}")
    assert answer.status == 400
    assert answer.body["code"] in ("page.cursor", "query.invalid")
    assert answer.body["errors"][0]["field"] in ("cursor", "limit", "sort")


def test_a_cursor_of_another_sort_or_list_is_refused() -> None:
    person = a_user(role="admin")
    for number in range(3):
        person.post("auth/tokens", {"name": f"t{number}"})
    cursor = person.get("auth/tokens?limit=1").body["next"]
    assert person.get(f"auth/tokens?limit=1&cursor={cursor}").status == 200
    assert person.get(f"auth/tokens?limit=1&sort=name&cursor={cursor}").status == 400
    assert person.get(f"teams?limit=1&cursor={cursor}").status == 400
