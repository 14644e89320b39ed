"""Every route × every scope of a token: a token does no more than its scope says, whoever its person is."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from tests.mongo.access_table import ACCESS, PEOPLE
from tests.mongo.test_access_matrix import CELLS, PARAMETER
from tests.support.access_data import AccessData, new_access_data
from tests.support.people import Answer, a_user, call
from tests.support.tls_api_server import TlsApiServer, tls_api_server

SCOPES = ("read", "run", "full")


def a_token(person: Any, scope: str) -> str:
    made = person.post("auth/tokens", {"name": scope, "scope": scope, "expires_in_days": 1})
    assert (made.status, made.body["scope"]) == (201, scope), made.body
    return str(made.body["token"])


@pytest.fixture(scope="module")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with tls_api_server(tmp_path_factory.mktemp("api-server")) as running:
        yield running


@pytest.mark.parametrize(("method", "pattern"), CELLS, ids=[f"{method} {pattern}" for method, pattern in CELLS])
def test_a_token_does_what_its_scope_covers_and_nothing_else(
    mongo: Any, api_server: TlsApiServer, method: str, pattern: str
) -> None:
    row = ACCESS[(method, pattern)]
    who = max(("owner", "admin"), key=lambda person: row.cells[PEOPLE.index(person)] < 300)
    least = row.least_scope(method)
    data = new_access_data(mongo, kubeconfig=api_server.kubeconfig())
    row.before(data)
    wrong = []
    for scope in SCOPES:
        answer = ask(method, pattern, data, a_token(data.person(who), scope))
        is_public = row.cells[0] < 300
        if is_public or SCOPES.index(scope) >= SCOPES.index(least):
            expected = row.cells[PEOPLE.index(who)]
            fits = answer.status == expected
        else:
            fits = (answer.status, answer.body["code"]) == (403, "token.scope")
        if not fits:
            wrong.append((scope, answer.status, answer.body))
        if answer.status < 300 and method != "GET" and scope != SCOPES[-1]:
            data = new_access_data(mongo, kubeconfig=api_server.kubeconfig())
            row.before(data)
    assert wrong == []


def ask(method: str, pattern: str, data: AccessData, token: str) -> Answer:
    row = ACCESS[(method, pattern)]
    path = PARAMETER.sub(lambda match: data.names[match[1]], pattern) + row.query(data.names)
    return call(method, path, row.body(data.names), token=token)


def test_head_and_options_need_no_more_than_get(mongo: Any) -> None:
    token = a_token(a_user(), "read")
    assert call("HEAD", "auth/profile", token=token).status == 200
    assert call("OPTIONS", "auth/profile", token=token).status == 200


def test_a_token_from_before_scopes_may_do_what_it_could(mongo: Any) -> None:
    person = a_user()
    call_command("migrate", "accounts", "0001", verbosity=0)
    assert "scope" not in mongo["api_tokens"].find_one({})
    call_command("migrate", "accounts", verbosity=0)
    assert person.get("auth/tokens").body["results"][0]["scope"] == "full"
    assert person.patch("auth/profile", {"name": "Ada"}).status == 200


@pytest.mark.parametrize("scope", ["", "admin", "READ", None, 1, ["read"]])
def test_an_unknown_scope_is_refused_by_name(mongo: Any, scope: Any) -> None:
    answer = a_user().post("auth/tokens", {"name": "ci", "scope": scope})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "scope")


def test_a_token_makes_none_that_lasts_longer_than_itself(mongo: Any) -> None:
    person = a_user()
    made = person.post("auth/tokens", {"name": "short", "expires_in_days": 10})
    refused = call("POST", "auth/tokens", {"name": "long", "expires_in_days": 11}, token=made.body["token"])
    assert (refused.status, refused.body["code"]) == (400, "token.outlives")
    assert refused.body["errors"][0]["field"] == "expires_in_days"
    assert "choose 10 or less" in refused.body["detail"]
    child = call("POST", "auth/tokens", {"name": "child"}, token=made.body["token"])
    assert (child.status, child.body["expires_at"]) == (201, made.body["expires_at"])
    grandchild = call("POST", "auth/tokens", {"name": "grandchild", "expires_in_days": 11}, token=child.body["token"])
    assert grandchild.status == 400


def test_a_login_token_makes_no_token_for_a_year_but_a_session_does(mongo: Any) -> None:
    from tests.mongo.accounts.test_sessions import CookieBrowser

    person = a_user()
    login = call("POST", "auth/login", {"email": person.email, "password": person.password})
    year = {"name": "year", "expires_in_days": 365}
    assert call("POST", "auth/tokens", year, token=login.body["token"]).status == 400
    browser = CookieBrowser()
    browser.login(person)
    assert browser.post("auth/tokens", year).status_code == 201
