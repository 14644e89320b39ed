"""Requests as no browser writes them: what two servers could read in two ways is refused, and the connection ends."""

from __future__ import annotations

import http.client
import json
import socket

import pytest

from tests.support.people import a_user
from tests.support.wait import PATIENCE_S
from tests.support.web_role import Web

HOST = b"Host: 127.0.0.1\r\n"
POST = b"POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
HIDDEN = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
"""What would be answered as a second request if the end of the first were found elsewhere."""

AMBIGUOUS = {
    "a length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\n{}   \r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
    "the same length twice": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a list of lengths": b"Content-Length: 2, 2\r\n\r\n{}",
    "a length with a plus": b"Content-Length: +2\r\n\r\n{}",
    "a negative length": b"Content-Length: -1\r\n\r\n{}",
    "a hexadecimal length": b"Content-Length: 0x2\r\n\r\n{}",
    "a length in other digits": "Content-Length: \u0662\r\n\r\n{}".encode(),
    "an empty length": b"Content-Length: \r\n\r\n{}",
    "a space before the colon": b"Content-Length : 2\r\n\r\n{}",
    "an enormous length": b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n{}",
    "two codings": b"Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "two coding lines": b"Transfer-Encoding: CHUNKED\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a tab before the coding": b"Transfer-Encoding:\tchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunks": b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a space before the colon of a coding": b"Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}",
    "a line feed inside a header": b"X: y\nContent-Length: 60\r\nContent-Length: 2\r\n\r\n{}",
    "a carriage return inside a header": b"X: y\rContent-Length: 60\r\nContent-Length: 2\r\n\r\n{}",
    "a NUL inside a header": b"X: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
    "a header without a colon": b"Foo\r\nContent-Length: 2\r\n\r\n{}",
    "a thousand headers": b"".join(b"X-%d: a\r\n" % number for number in range(1000)) + b"Content-Length: 2\r\n\r\n{}",
    "a header of 70 KB": b"X: " + b"a" * 70_000 + b"\r\nContent-Length: 2\r\n\r\n{}",
}


def everything_answered(web: Web, data: bytes) -> bytes:
    """What the server sends until it ends the connection."""
    found = b""
    with socket.create_connection(("127.0.0.1", web.port), PATIENCE_S) as connection:
        try:
            connection.sendall(data)
            while part := connection.recv(65_536):
                found += part
        except ConnectionError:
            pass  # it was ended while we were still writing
    return found


@pytest.mark.parametrize("form", AMBIGUOUS)
def test_what_can_be_read_in_two_ways_is_refused_once_and_the_connection_ends(web: Web, form: str) -> None:
    answer = everything_answered(web, POST + AMBIGUOUS[form] + HIDDEN)
    assert answer.count(b"HTTP/1.1 ") <= 1, answer
    assert answer[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 411", b"HTTP/1.1 413"), answer


@pytest.mark.parametrize(
    "line", [b"GET /health", b"GET /health HTTP/2.0", b"PRI * HTTP/2.0", b"GET  /health  HTTP/1.1"]
)
def test_another_protocol_is_refused(web: Web, line: bytes) -> None:
    answer = everything_answered(web, line + b"\r\n" + HOST + b"\r\n")
    assert answer[:12] == b"HTTP/1.1 400", answer


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_body_of_a_request_that_needs_none_is_not_the_next_request(web: Web, method: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=PATIENCE_S)
    for _ in range(2):
        connection.request(method, "/health", body=HIDDEN.replace(b"/health", b"/nothing"))
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "SEARCH", "FOO"])
def test_a_method_that_is_none_of_ours_is_refused_and_echoes_nothing(mongo: object, web: Web, method: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=PATIENCE_S)
    headers = {"Authorization": f"Bearer {a_user().token}", "Cookie": "kubeorch_session=canary"}
    for path in ("/api/v1/workflows", "/", "/health"):
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        assert b"canary" not in answer.read()
        assert answer.status in (404, 405), (method, path)
    connection.close()


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", ""])
def test_neither_a_header_nor_a_parameter_changes_the_method(mongo: object, web: Web, header: str) -> None:
    person = a_user("admin")
    made = person.post("workflows", {"name": "kept", "team": str(person.team_id)}).body
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=PATIENCE_S)
    more = {header: "DELETE"} if header else {}
    query = "" if header else "?_method=DELETE&method=DELETE"
    connection.request("GET", f"/api/v1/workflows/{made['id']}{query}", headers={**person.headers, **more})
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["id"]) == (200, made["id"])
    connection.close()
    assert person.get(f"workflows/{made['id']}").status == 200


@pytest.mark.parametrize("name", ["token", "access_token", "bearer", "authorization", "api_key"])
@pytest.mark.parametrize("path", ["workflows", "live"])
def test_a_token_in_an_address_opens_nothing(mongo: object, web: Web, name: str, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=PATIENCE_S)
    connection.request("GET", f"/api/v1/{path}?topic=clusters&{name}={a_user().token}")
    answer = connection.getresponse()
    assert answer.status == 401
    connection.close()
