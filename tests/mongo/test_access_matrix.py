"""Every route × everybody, with real objects; a route without a row in the table fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.mongo.access_table import ACCESS, NAMED_UNSEEN, PEOPLE, Row, the_cluster_answers
from tests.support.access_data import CANARY, AccessData, new_access_data
from tests.support.people import Answer, call
from tests.support.tls_api_server import TlsApiServer, tls_api_server

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
CELLS = sorted(ACCESS)


def routes() -> Iterator[tuple[str, Any]]:
    """(pattern below api/v1/, callback) of every route the server has."""
    from django.urls import get_resolver
    from django.urls.resolvers import URLResolver

    def walk(resolver: Any, before: str = "") -> Iterator[tuple[str, Any]]:
        for entry in resolver.url_patterns:
            pattern = before + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, pattern)
            elif pattern.startswith("api/v1/"):
                yield pattern.removeprefix("api/v1/"), entry.callback

    return walk(get_resolver())


def methods_of(callback: Any) -> list[str]:
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    if view is None:
        return ["GET"]  # a plain function; it says itself what it takes
    return [method for method in METHODS if hasattr(view, method.lower())]


def test_every_route_has_a_row_and_every_row_a_route(mongo: Any) -> None:
    found = {(method, pattern) for pattern, callback in routes() for method in methods_of(callback)}
    assert sorted(found - set(ACCESS)) == [], "add these to tests/mongo/access_table.py"
    assert sorted(set(ACCESS) - found) == [], "these rows have no route any more"


@pytest.fixture(scope="module")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsApiServer]:
    with tls_api_server(tmp_path_factory.mktemp("api-server")) as running:
        yield running


def ask(method: str, pattern: str, row: Row, data: AccessData, person: str) -> Answer:
    path = PARAMETER.sub(lambda match: data.names[match[1]], pattern) + row.query(data.names)
    who = data.people[person]
    return call(method, path, row.body(data.names), token=who.token if who else None)


@pytest.mark.parametrize(("method", "pattern"), CELLS, ids=[f"{method} {pattern}" for method, pattern in CELLS])
def test_each_role_gets_the_answer_in_the_table(
    mongo: Any, api_server: TlsApiServer, method: str, pattern: str
) -> None:
    row = ACCESS[(method, pattern)]

    def data_for_it() -> AccessData:
        made = new_access_data(mongo, kubeconfig=api_server.kubeconfig())
        row.before(made)
        return made

    data = data_for_it()
    wrong = []
    for index, (person, expected) in enumerate(zip(PEOPLE, row.cells, strict=True)):
        answer = ask(method, pattern, row, data, person)
        if answer.status != expected:
            wrong.append(f"{person}: expected {expected}, got {answer.status} {answer.body}")
        if person in ("anonymous", "other") and pattern not in KNOWN_TO_THE_INVITED and CANARY in str(answer.body):
            wrong.append(f"{person} learned of the team's objects: {answer.body}")
        if answer.status < 300 and method != "GET" and any(cell < 300 for cell in row.cells[index + 1 :]):
            data = data_for_it()  # what was changed is as before for the next person
    assert wrong == []


KNOWN_TO_THE_INVITED = {"auth/register", "auth/login", "invites/accept"}
"""Here the body proves who one is, so the answer may speak of the team."""

STRANGE_IDS = ("0" * 24, "f" * 24, "x", "-1", "%00", "%24ne", "..%2f..", "%F0%9F%94%91", "9" * 200, "1e9")


def test_an_unknown_id_is_not_found_by_an_administrator_either(mongo: Any, api_server: TlsApiServer) -> None:
    """Nothing is changed on the way, so the same data serves all routes."""
    data = new_access_data(mongo, kubeconfig=api_server.kubeconfig())
    the_cluster_answers(data)
    token = data.people["admin"].token  # type: ignore[union-attr]
    wrong = []
    for (method, pattern), row in sorted(ACCESS.items()):
        for parameter in PARAMETER.findall(pattern):
            for strange in STRANGE_IDS if parameter not in NAMED_UNSEEN.get(pattern, ()) else ():
                names = {**data.names, parameter: strange}
                path = PARAMETER.sub(lambda match, names=names: names[match[1]], pattern) + row.query(data.names)
                answer = call(method, path, row.body(data.names), token=token)
                if answer.status != 404 or answer.headers["Content-Type"] != "application/problem+json":
                    wrong.append((method, pattern, parameter, strange, answer.status, answer.body))
    assert wrong == []
