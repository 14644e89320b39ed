"""The API client against servers that drip, lie and flood: every request ends in time, and holds little."""

from __future__ import annotations

import gzip
import itertools
import json
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from clusters.kube.client import KubeClient
from clusters.kube.errors import (
    AnswerTooLarge,
    ApiInvalid,
    ApiNotFound,
    ClusterTimeout,
    ClusterUnavailable,
    ClusterUntrusted,
    NotKubernetes,
)
from clusters.kube.limits import Limits
from clusters.kube.network_errors import network_error
from kubeorch.base.errors import KubeOrchError
from tests.support.hostile_api_server import Visit, credentials_for, endless, head, hostile_api_server
from tests.support.tls_api_server import tls_certificate
from tests.support.wait import PATIENCE_S, until

LIMITS = Limits(connect_s=1.0, answer_s=0.5, question_s=0.5, list_s=0.5, answer_bytes=200_000)
"""For what ends at a deadline."""
PATIENT = Limits(answer_s=PATIENCE_S, question_s=PATIENCE_S, list_s=PATIENCE_S, answer_bytes=200_000)
"""For what ends by itself: on a busy machine it may take its time."""
LONG_RECORD = b"\x16\x03\x03\x3f\xff"
"""The head of a message of a TLS handshake that has 16 KiB."""


def client_of(server: Any, limits: Limits = LIMITS) -> KubeClient:
    return KubeClient(credentials_for(server.server), limits=limits)


def dripping_head(visit: Visit) -> None:
    visit.drip(bytes([byte]) for byte in itertools.chain(b"HTTP/1.1 200 OK\r\n", itertools.cycle(b"X-More: 1\r\n")))


def dripping_headers(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 OK\r\n")
    visit.drip(endless(b"X-More: 1\r\n"))


def dripping_body(visit: Visit) -> None:
    visit.send(head("200 OK", "application/json", "Content-Length: 100000") + b"{")
    visit.drip(endless(b" "))


def dripping_chunks(visit: Visit) -> None:
    visit.send(head("200 OK", "application/json", "Transfer-Encoding: chunked"))
    visit.drip(endless(b"1\r\n \r\n"))


def dripping_chunk_extension(visit: Visit) -> None:
    visit.send(head("200 OK", "application/json", "Transfer-Encoding: chunked") + b"5;")
    visit.drip(endless(b"x"))


def dripping_trailers(visit: Visit) -> None:
    visit.send(head("200 OK", "application/json", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n")
    visit.drip(endless(b"X-More: 1\r\n"))


def endless_continue(visit: Visit) -> None:
    visit.drip(endless(b"HTTP/1.1 100 Continue\r\n\r\n"))


def body_without_end(visit: Visit) -> None:
    visit.send(head())
    visit.drip(endless(b" "))


def silent(visit: Visit) -> None:
    visit.stop.wait()


def deaf(visit: Visit) -> None:
    """Reads nothing of what is sent."""
    visit.stop.wait()


# None of them ends by itself: whatever ended, ended at its deadline.
DRIPPING = [
    dripping_head,
    dripping_headers,
    dripping_body,
    dripping_chunks,
    dripping_chunk_extension,
    dripping_trailers,
    endless_continue,
    body_without_end,
    silent,
]


def after_request(answer: Callable[[Visit], None]) -> Callable[[Visit], None]:
    def answering(visit: Visit) -> None:
        while visit.read_request():
            answer(visit)

    return answering


@pytest.mark.parametrize("answer", DRIPPING, ids=lambda answer: answer.__name__)
def test_a_request_ends_at_its_deadline_however_the_server_drips(answer: Callable[[Visit], None]) -> None:
    with hostile_api_server(after_request(answer)) as server, pytest.raises(ClusterTimeout, match="in time"):
        client_of(server).request("PATCH", "/x", body={})


@pytest.mark.parametrize("answer", DRIPPING, ids=lambda answer: answer.__name__)
def test_a_request_ends_as_soon_as_its_work_has_lost_its_reason(answer: Callable[[Visit], None]) -> None:
    class Lost(Exception):
        pass

    asked: list[int] = []

    def alive() -> None:
        asked.append(1)
        if len(asked) > 4:
            raise Lost

    with hostile_api_server(after_request(answer)) as server:
        patient = KubeClient(credentials_for(server.server), limits=Limits(answer_s=10 * PATIENCE_S))
        with pytest.raises(Lost):
            patient.while_alive(alive).request("PATCH", "/x", body={})


def test_a_server_that_reads_nothing_holds_a_large_request_no_longer_than_its_deadline() -> None:
    with hostile_api_server(deaf) as server, pytest.raises(ClusterTimeout):
        client_of(server).request("PATCH", "/x", body=b"x" * 50_000_000, guard=lambda: None)


def test_a_wait_for_a_free_connection_counts_too() -> None:
    with ThreadPoolExecutor(31) as pool, hostile_api_server(after_request(silent)) as server:
        client = KubeClient(credentials_for(server.server), limits=LIMITS, connections=1)
        holding = pool.submit(client.exchange, "GET", "/held", timeout_s=10 * PATIENCE_S)
        until(lambda: server.visits and server.visits[0].head, what="the only connection is taken")
        asking = [pool.submit(client.request, "GET", "/x") for _ in range(30)]
        assert [type(one.exception(PATIENCE_S)) for one in asking] == [ClusterTimeout] * 30
        assert not holding.done(), "nobody had to wait for the connection to be given back"
        assert len(server.visits) == 1
        server.stop()
        assert isinstance(holding.exception(PATIENCE_S), ClusterUnavailable)


def test_waits_that_retry_after_asks_for_end_with_the_work() -> None:
    def busy(visit: Visit) -> None:
        visit.send(head("429 Too Many Requests", "application/json", "Retry-After: 9", "Content-Length: 2") + b"{}")

    class Lost(Exception):
        pass

    asked: list[int] = []

    def alive() -> None:
        asked.append(1)
        if len(asked) > 6:
            raise Lost

    with hostile_api_server(after_request(busy)) as server:
        client = KubeClient(credentials_for(server.server))
        with pytest.raises(Lost):
            client.while_alive(alive).request("GET", "/x")


def test_a_tls_handshake_is_within_the_deadline() -> None:
    def endless_handshake(visit: Visit) -> None:
        visit.drip(itertools.chain([LONG_RECORD], endless(b"\x00")))

    with hostile_api_server(endless_handshake) as server:
        client = KubeClient(credentials_for(server.server.replace("http:", "https:")), limits=LIMITS)
        with pytest.raises(ClusterTimeout):
            client.request("GET", "/x")


@pytest.mark.parametrize("answer", [dripping_head, dripping_body, dripping_chunks, silent])
def test_the_deadline_holds_over_tls(answer: Callable[[Visit], None], tmp_path: Path) -> None:
    certificate, context = a_certificate(tmp_path)
    with hostile_api_server(after_request(answer), tls=context) as server:
        credentials = credentials_for(server.server.replace("http:", "https:"), ca_data=certificate)
        with pytest.raises(ClusterTimeout, match="in time"):
            KubeClient(credentials, limits=LIMITS).request("PATCH", "/x", body={})


def test_a_request_in_many_pieces_arrives_over_tls_while_its_work_is_alive(tmp_path: Path) -> None:
    got: list[int] = []

    def slow_reader(visit: Visit) -> None:
        assert visit.read_request()
        wanted = 3_000_000 + visit.head.index(b"\r\n\r\n") + 4
        count = len(visit.head)
        while count < wanted:
            if count < 1_000_000:
                visit.stop.wait(0.01)  # longer than one slice in all
            count += len(visit.connection.recv(65_536))
        got.append(count - wanted)
        visit.answer(b'{"ok":1}')

    certificate, context = a_certificate(tmp_path)
    with hostile_api_server(slow_reader, tls=context) as server:
        client = KubeClient(credentials_for(server.server.replace("http:", "https:"), ca_data=certificate))
        answer = client.while_alive(lambda: None).request("PATCH", "/x", body=b"x" * 3_000_000)
    assert (answer, got) == ((200, {"ok": 1}), [0])


def a_certificate(folder: Path) -> tuple[bytes, ssl.SSLContext]:
    certificate, key = tls_certificate(1)
    pem = folder / "server.pem"
    pem.write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return certificate, context


# Lies


BOMB = gzip.compress(b" " * 50_000_000, compresslevel=1)


def gzip_bomb(visit: Visit) -> None:
    visit.send(head("200 OK", "application/json", "Content-Encoding: gzip", f"Content-Length: {len(BOMB)}") + BOMB)


def html(visit: Visit) -> None:
    visit.answer(b"<html><h1>Internal wiki</h1>", kind="text/html")


def broken_json(visit: Visit) -> None:
    visit.answer(b'{"kind": "Deployment", "metadata": {"name": "inter')


def a_list(visit: Visit) -> None:
    visit.answer(b"[1, 2]")


@pytest.mark.parametrize("answer", [gzip_bomb, html, broken_json, a_list], ids=lambda answer: answer.__name__)
def test_what_is_not_an_answer_of_an_api_server_is_said_in_one_sentence(answer: Callable[[Visit], None]) -> None:
    with hostile_api_server(after_request(answer)) as server:
        client = client_of(server, PATIENT)
        for call in (client.version, lambda: client.request("GET", "/x")):
            with pytest.raises(NotKubernetes) as raised:
                call()
            assert raised.value.detail == NotKubernetes().detail


@pytest.mark.parametrize("length", ["9", "100000", "-5", "abc", "9, 9", "9, 10"])
def test_a_wrong_content_length_ends_in_an_error_of_ours_or_the_answer(length: str) -> None:
    def lying(visit: Visit) -> None:
        visit.read_request()
        visit.send(head("200 OK", "application/json", f"Content-Length: {length}") + b'{"a": 12}')

    with hostile_api_server(lying) as server:
        try:
            assert client_of(server).request("GET", "/x") == (200, {"a": 12})
        except ClusterUnavailable as error:
            assert "9" not in error.detail, "nothing that the server sent is shown"  # noqa: PT017


@pytest.mark.parametrize("size", [b"-5", b"zz", b"FFFFFFFFFFFFFFFFFFFFFFF", b""])
def test_a_wrong_size_of_a_chunk_ends_in_an_error_of_ours(size: bytes) -> None:
    def lying(visit: Visit) -> None:
        visit.read_request()
        visit.send(head("200 OK", "application/json", "Transfer-Encoding: chunked") + size + b'\r\n{"a": 12}\r\n')

    with hostile_api_server(lying) as server, pytest.raises(ClusterUnavailable):
        client_of(server, PATIENT).request("GET", "/x")


FLOODS = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"1" * 60_000 + b"\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "body": (head(), b" " * 65_536),
    "chunks": (head("200 OK", "application/json", "Transfer-Encoding: chunked"), b"1\r\n \r\n" * 10_000),
    "chunk extension": (head("200 OK", "application/json", "Transfer-Encoding: chunked") + b"1;", b"x" * 65_536),
    "trailers": (
        head("200 OK", "application/json", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n",
        b"X-More: 1\r\n" * 5000,
    ),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_cut_after_a_bounded_number_of_bytes(name: str) -> None:
    start, piece = FLOODS[name]

    def flooding(visit: Visit) -> None:
        visit.read_request()
        visit.send(start)
        visit.flood(piece)

    with hostile_api_server(flooding) as server:
        with pytest.raises(ClusterUnavailable) as raised:
            client_of(server, PATIENT).request("POST", "/x", body={})
        assert not isinstance(raised.value, ClusterTimeout)


def test_a_large_answer_is_not_read_to_its_end() -> None:
    with hostile_api_server(after_request(lambda visit: visit.answer(b" " * 300_000))) as server:
        client = client_of(server, PATIENT)
        for _ in range(10):  # more than there are connections
            with pytest.raises(AnswerTooLarge):
                client.request("GET", "/x")


# Streams


def stream_of(server: Any, limits: Limits = PATIENT, **options: Any) -> Any:
    """`limits` are for its opening."""
    return client_of(server, limits).stream("/x", **options)


@pytest.mark.parametrize("piece", [b" ", b"\n", b'{"type":'], ids=["spaces", "empty lines", "a line without an end"])
def test_only_whole_lines_keep_a_stream_alive(piece: bytes) -> None:
    def dripping(visit: Visit) -> None:
        visit.send(head() + b'{"a":1}\n')
        visit.drip(endless(piece))

    with (
        hostile_api_server(after_request(dripping)) as server,
        stream_of(server, read_timeout_s=0.4) as lines,
    ):
        assert next(lines) == b'{"a":1}'
        with pytest.raises(ClusterTimeout):
            next(lines)


def test_a_stream_ends_at_its_greatest_age_however_much_it_has_to_say() -> None:
    def talking(visit: Visit) -> None:
        visit.send(head("200 OK", "application/json", "Transfer-Encoding: chunked"))
        visit.drip(endless(b'8\r\n{"a":1}\n\r\n'), every_s=0.001)

    with (
        hostile_api_server(after_request(talking)) as server,
        stream_of(server, read_timeout_s=PATIENCE_S, age_s=0.3) as lines,
    ):
        assert set(lines) == {b'{"a":1}'}


@pytest.mark.parametrize("piece", [b"x" * 65_536, b"\n" * 65_536], ids=["one line", "empty lines"])
def test_a_stream_without_lines_is_cut_after_a_bounded_number_of_bytes(piece: bytes) -> None:
    def flooding(visit: Visit) -> None:
        visit.send(head())
        visit.flood(piece)

    with (
        hostile_api_server(after_request(flooding)) as server,
        stream_of(server, read_timeout_s=PATIENCE_S) as lines,
        pytest.raises(ClusterUnavailable) as raised,
    ):
        list(lines)
    assert not isinstance(raised.value, ClusterTimeout)


def test_why_there_is_no_stream_is_read_within_the_deadline_too() -> None:
    def dripping(visit: Visit) -> None:
        visit.send(head("500 Internal Server Error", "application/json", "Content-Length: 60000"))
        visit.drip(endless(b" "))

    with hostile_api_server(after_request(dripping)) as server, pytest.raises(ClusterTimeout):
        stream_of(server, LIMITS)


def test_a_stream_of_negative_chunks_ends_in_an_error_of_ours() -> None:
    def lying(visit: Visit) -> None:
        visit.send(head("200 OK", "application/json", "Transfer-Encoding: chunked") + b"-5\r\nabc")

    with (
        hostile_api_server(after_request(lying)) as server,
        stream_of(server) as lines,
        pytest.raises(ClusterUnavailable),
    ):
        list(lines)


# What people are shown

CANARY = "canary-of-an-internal-page"


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 405, 409, 410, 422, 429, 500, 502, 503])
@pytest.mark.parametrize("body", [f"<html>{CANARY}</html>", f'{{"error": "{CANARY}"}}', f'["{CANARY}"]'])
def test_nothing_is_shown_of_an_answer_that_is_not_of_an_api_server(status: int, body: str) -> None:
    def answer(visit: Visit) -> None:
        visit.answer(body.encode(), status=f"{status} {CANARY}", kind="text/html")

    with hostile_api_server(after_request(answer)) as server:
        calls: list[Callable[[], Any]] = [
            client_of(server).version,
            lambda: client_of(server).request("DELETE", "/x"),
            lambda: next(client_of(server).stream("/x")),
        ]
        for call in calls:
            try:
                shown = str(call())
            except KubeOrchError as error:
                shown = error.detail
            assert CANARY not in shown or (status == 200 and call is not calls[0])


def test_a_page_of_something_else_does_not_mean_that_an_object_is_gone() -> None:
    pages = [b"<html>not here</html>", b"404 page not found\n", b'{"kind":"Status","code":404,"message":"no such pod"}']

    def answer(visit: Visit) -> None:
        visit.answer(pages[0], status="404 Not Found", kind="text/html")

    with hostile_api_server(after_request(answer)) as server:
        with pytest.raises(NotKubernetes):
            client_of(server).request("DELETE", "/x")
        for page in pages[1:]:
            pages[0] = page
            with pytest.raises(ApiNotFound):
                client_of(server).request("DELETE", "/x")


def test_a_message_of_an_api_server_is_one_printable_line() -> None:
    message = "no\r\n2026 ERROR forged line \u202e\x1b[31mred\x00 " + "x" * 100_000 + ": field is immutable"

    def answer(visit: Visit) -> None:
        body = {"kind": "Status", "code": 422, "reason": "a\nb", "message": message, "details": {"causes": [7, {}]}}
        visit.answer(json.dumps(body).encode(), status="422 Invalid")

    with hostile_api_server(after_request(answer)) as server, pytest.raises(ApiInvalid) as raised:
        client_of(server).request("POST", "/x", body={})
    assert raised.value.detail.isprintable()
    assert len(raised.value.detail) <= 2000
    assert raised.value.detail.endswith(": field is immutable"), "the cause stands after the value"
    assert raised.value.reason == "a b"


def test_a_connection_that_ends_in_the_handshake_is_an_outage_and_no_fault_of_a_certificate() -> None:
    """As a load balancer does while the API server behind it starts again."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def cut() -> None:
            one, _ = server.accept()
            with one:
                one.recv(4096)

        thread = threading.Thread(target=cut, daemon=True)
        thread.start()
        with (
            socket.create_connection(server.getsockname()) as raw,
            pytest.raises(ssl.SSLError) as caught,
        ):
            ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")
        thread.join()
    found = network_error(caught.value)
    assert isinstance(found, ClusterUnavailable)
    assert not isinstance(found, ClusterUntrusted)
    assert "closed the connection" in found.detail


@pytest.mark.parametrize(("known", "codes"), [(("new",), []), ((), ["cluster.unauthorized"])])
def test_a_call_whose_token_is_not_taken_is_made_once_more_with_another(known: Any, codes: list[str]) -> None:
    told: list[str] = []
    tokens = ["old"]

    def answer(visit: Visit) -> None:
        while visit.read_request():
            is_known = any(f"Bearer {one}".encode() in visit.head for one in known)
            visit.answer(
                b'{"kind": "Status", "code": 401}' if not is_known else b"{}", status="200 OK" if is_known else "401 No"
            )

    def refused(token: str) -> bool:
        told.append(token)
        tokens[:] = ["new"]
        return True

    with hostile_api_server(answer) as server:
        client = KubeClient(credentials_for(server.server), limits=PATIENT, bearer=lambda: tokens[0], refused=refused)
        found: list[str] = []
        try:
            client.request("POST", "/api", body={})
        except KubeOrchError as error:
            found.append(error.code)
    assert (found, told) == (codes, ["old"])
