"""Answers as gzip: large ones for clients that take it, and never one that may hold a secret."""

from __future__ import annotations

import gzip
import re
from typing import Any

import orjson
import pytest

from kubeorch.web.compression import accepts_gzip
from tests.support.access_data import new_access_data
from tests.support.people import Person, a_user, call
from tests.support.workflows import a_node, a_workflow

GZIP = {"Accept-Encoding": "gzip, br"}


def ask(person: Person, path: str, method: str = "GET", body: Any = None, **headers: str) -> Any:
    """The raw answer, since `call` reads JSON."""
    from django.test import Client

    headers = {"Authorization": f"Bearer {person.token}", **headers}
    content = orjson.dumps(body) if body is not None else b""
    return Client().generic(method, f"/api/v1/{path}", content, content_type="application/json", headers=headers)


def test_a_large_graph_is_compressed_and_the_same(mongo: Any) -> None:
    person = a_user("editor")
    workflow = a_workflow(person, *(a_node(f"node-{number}") for number in range(60)))
    path = f"workflows/{workflow['id']}/graph"
    plain, packed = ask(person, path), ask(person, path, **GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content) / 4
    assert gzip.decompress(packed.content) == plain.content


def test_small_answers_and_clients_without_gzip_get_plain_ones(mongo: Any) -> None:
    person = a_user()
    assert "Content-Encoding" not in ask(person, "auth/profile", **GZIP).headers
    for header in ("", "br", "gzip;q=0", "identity", "*;q=0"):
        assert "Content-Encoding" not in ask(person, "catalog", **{"Accept-Encoding": header}).headers


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("gzip;q=1.000", True),
        ("gzip;q=0.000", False),
        ("gzip; q=0", False),
        ("*;q=0, gzip", True),
        ("gzip;q=0, *", False),
        ("xgzip", False),
        ("", False),
        (",;=," * 5000, False),
    ],
)
def test_accept_encoding_is_read_as_the_standard_says(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


def test_the_catalog_has_an_address_of_its_content_that_never_changes(mongo: Any) -> None:
    person = a_user()
    plain = ask(person, "catalog")
    address = plain.headers["Content-Location"].removeprefix("/api/v1/")
    fixed = ask(person, address, **GZIP)
    assert fixed.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert gzip.decompress(fixed.content) == plain.content
    assert len(fixed.content) < len(plain.content) / 8
    assert ask(person, "catalog/0123456789abcdef").status_code == 404
    assert call("GET", address).status == 401


def test_the_page_names_the_address_of_the_catalog(mongo: Any, settings: Any, tmp_path: Any) -> None:
    (tmp_path / "index.html").write_text("<html><head><title>x</title></head><body></body></html>")
    settings.FRONTEND_DIST = tmp_path
    address = ask(a_user(), "catalog").headers["Content-Location"]
    page = call("GET", "/workflows").body.decode()
    assert f'<meta name="catalog" content="{address}">' in page


def test_what_hands_out_a_secret_is_never_compressed(mongo: Any) -> None:
    """BREACH: a secret beside text that somebody else chose, compressed together, is told by the answer's length."""
    data = new_access_data(mongo)
    owner, admin = data.person("owner"), data.person("admin")
    long = "x" * 90
    answers = {
        "token": ask(admin, "auth/tokens", "POST", {"name": long}, **GZIP),
        "invite": ask(admin, "invites", "POST", {"team": data.names["team_id"], "role": "viewer"}, **GZIP),
        "reset": ask(owner, f"people/{data.names['user_id']}/password-reset", "POST", {}, **GZIP),
        "login": ask(admin, "auth/login", "POST", {"email": admin.email, "password": admin.password}, **GZIP),
    }
    for what, answer in answers.items():
        assert answer.status_code < 300, what
        assert answer.may_compress is False, what
    assert ask(admin, f"clusters/{data.names['cluster_id']}/kubeconfig", **GZIP).may_compress is False


def test_every_view_whose_declared_answer_holds_a_secret_says_so() -> None:
    """By the names of the answers' fields in the API's own document."""
    from django.urls import resolve

    from kubeorch.web.openapi import document

    api = document()
    schemas = api["components"]["schemas"]

    def holds_secret(name: str) -> bool:
        fields = set(schemas[name].get("properties", ()))
        return bool({"token", "code", "kubeconfig"} & fields) and "detail" not in fields  # a problem's code is none

    secret = [f"#/components/schemas/{name}'" for name in schemas if holds_secret(name)]
    found = []
    for path, operations in api["paths"].items():
        answers = [str(each["responses"]) for each in operations.values() if "responses" in each]
        if any(name in answer for name in secret for answer in answers):
            found.append(path)
            assert resolve(re.sub(r"{\w+}", "0" * 24, path)).func.view_class.answers_secret, path
    assert len(found) >= 6, found
