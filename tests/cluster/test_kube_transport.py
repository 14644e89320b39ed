"""The API client against servers that misbehave on purpose: slow, cut off, endless, not an API server at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from clusters.domain.credentials import Credentials
from clusters.kube.client import KubeClient
from clusters.kube.errors import (
    ApiConflict,
    ApiForbidden,
    ApiInvalid,
    ClusterTimeout,
    ClusterUnavailable,
    Unauthorized,
)
from clusters.kube.limits import Limits
from kubeorch.base.errors import KubeOrchError
from tests.support.wait import PATIENCE_S

Answering = Callable[[BaseHTTPRequestHandler, int], None]


@pytest.fixture
def serve() -> Iterator[Callable[..., KubeClient]]:
    servers: list[ThreadingHTTPServer] = []

    def start(answering: Answering, **limits: Any) -> KubeClient:
        calls = iter(range(1, 1000))

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.received = len(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                answering(self, next(calls))

            do_PATCH = do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return KubeClient(plain_credentials(f"http://127.0.0.1:{server.server_address[1]}"), limits=Limits(**limits))

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def plain_credentials(server: str) -> Credentials:
    return Credentials(
        server=server,
        ca_data=None,
        token="t",
        client_cert_data=None,
        client_key_data=None,
        tls_server_name=None,
        insecure=False,
    )


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"{}", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_429_is_retried_and_the_guard_is_asked_before_every_attempt(serve: Any) -> None:
    def busy(handler: BaseHTTPRequestHandler, call: int) -> None:
        if call < 3:
            answer(handler, 429, Retry_After="0")
        else:
            answer(handler, 200, b'{"ok":1}')

    asked: list[int] = []
    client = serve(busy)
    assert client.request("PATCH", "/x", body={}, guard=lambda: asked.append(1)) == (200, {"ok": 1})
    assert len(asked) == 3


def test_a_request_goes_out_in_one_piece_right_after_its_guard(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[bytes] = []
    here = threading.get_ident()
    client = serve(lambda handler, _: answer(handler, 200))

    def noting(send: Callable[..., Any]) -> Callable[..., Any]:
        def noted(connection: socket.socket, data: bytes, *flags: int) -> Any:
            if threading.get_ident() == here:
                order.append(bytes(data))
            return send(connection, data, *flags)

        return noted

    for name in ("send", "sendall"):
        monkeypatch.setattr(socket.socket, name, noting(getattr(socket.socket, name)))
    for _ in range(2):  # on a new connection, and on one that stands
        order.clear()
        client.request("PATCH", "/x", body={"a": 1}, guard=lambda: order.append(b"guard"))
        assert len(order) == 2, order
        assert order[0] == b"guard"
        assert order[1].startswith(b"PATCH /x HTTP/1.1\r\n")
        assert order[1].endswith(b'\r\n\r\n{"a":1}')


def test_a_body_larger_than_the_socket_buffer_arrives_complete(serve: Any) -> None:
    got: list[int] = []

    def reading(handler: BaseHTTPRequestHandler, _: int) -> None:
        got.append(handler.received)  # type: ignore[attr-defined]
        answer(handler, 200)

    client = serve(reading)
    body = b"x" * 50_000_000
    assert client.request("PATCH", "/x", body=body)[0] == 200
    assert got == [len(body)]


def test_no_request_asks_while_another_one_is_between_its_question_and_its_write(serve: Any) -> None:
    client = serve(lambda handler, _: answer(handler, 200))
    meeting = threading.Barrier(2)
    met: list[bool] = []

    def guard() -> None:
        try:
            meeting.wait(0.5)
            met.append(True)
        except threading.BrokenBarrierError:
            met.append(False)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: client.request("PATCH", "/x", body={}, guard=guard), range(2)))
    assert met == [False, False]


def test_nothing_is_sent_when_the_guard_refuses(serve: Any) -> None:
    seen: list[int] = []
    client = serve(lambda handler, call: (seen.append(call), answer(handler, 200))[1])

    class Forbidden(Exception):
        pass

    def forbid() -> None:
        raise Forbidden

    with pytest.raises(Forbidden):
        client.request("PATCH", "/x", body={}, guard=forbid)
    assert client.request("GET", "/x") == (200, {})
    assert seen == [1], "only the GET arrived"


def test_a_broken_connection_is_retried_for_idempotent_requests_only(serve: Any) -> None:
    def cut_every_other(handler: BaseHTTPRequestHandler, call: int) -> None:
        if call % 2:
            handler.close_connection = True
            handler.connection.close()
        else:
            answer(handler, 200)

    client = serve(cut_every_other)
    assert client.request("PATCH", "/x", body={})[0] == 200
    with pytest.raises(ClusterUnavailable):
        client.request("POST", "/x", body={})


@pytest.mark.parametrize(
    ("status", "family"),
    [(401, Unauthorized), (403, ApiForbidden), (409, ApiConflict), (422, ApiInvalid), (500, ClusterUnavailable)],
)
def test_each_http_status_becomes_its_family_of_errors(serve: Any, status: int, family: type[KubeOrchError]) -> None:
    client = serve(lambda handler, _: answer(handler, status, b"<html>not what was asked for"))
    with pytest.raises(family):
        client.request("POST", "/x", body={})


def test_a_silent_server_and_a_dead_one_are_distinguished(serve: Any) -> None:
    release = threading.Event()
    client = serve(lambda handler, _: release.wait(PATIENCE_S))
    with pytest.raises(ClusterTimeout, match="in time"):
        client.request("GET", "/x", timeout_s=0.3)
    release.set()
    with pytest.raises(ClusterUnavailable, match="refused"):
        KubeClient(plain_credentials("http://127.0.0.1:1")).request("GET", "/x")


def test_a_stream_that_does_not_begin_is_given_up_however_long_it_may_pause(serve: Any) -> None:
    release = threading.Event()
    client = serve(lambda handler, _: release.wait(PATIENCE_S), answer_s=0.3)
    with pytest.raises(ClusterTimeout, match="in time"):
        client.stream("/x", read_timeout_s=10 * PATIENCE_S)
    release.set()


def test_a_stream_may_pause_for_longer_than_its_beginning_may_take(serve: Any) -> None:
    go_on = threading.Event()

    def answering(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"one\n")
        go_on.wait(PATIENCE_S)
        handler.wfile.write(b"two\n")
        handler.close_connection = True

    client = serve(answering, answer_s=2.0)
    with client.stream("/x", read_timeout_s=PATIENCE_S) as lines:
        assert next(lines) == b"one"
        threading.Timer(2.5, go_on.set).start()
        assert list(lines) == [b"two"]
    go_on.clear()
    with client.stream("/x", read_timeout_s=0.5) as lines:
        assert next(lines) == b"one"
        with pytest.raises(ClusterTimeout):
            next(lines)
        go_on.set()


def test_oversized_answers_are_not_read_and_their_connections_are_returned(serve: Any) -> None:
    client = serve(lambda handler, call: answer(handler, 200, b" " * 5000 if call < 20 else b"{}"), answer_bytes=1000)
    for _ in range(19):  # more than there are connections
        with pytest.raises(ClusterUnavailable, match="larger than"):
            client.request("GET", "/x")
    assert client.request("GET", "/x") == (200, {})


def test_an_answer_that_is_not_json_does_not_count_as_an_api_server(serve: Any) -> None:
    client = serve(lambda handler, call: answer(handler, 200, b"<html>Welcome" if call == 1 else b"[1]"))
    for _ in range(2):
        with pytest.raises(ClusterUnavailable, match="not a Kubernetes API server"):
            client.request("GET", "/x")


def test_a_server_that_is_not_ready_or_does_not_answer_is_asked_only_once(serve: Any) -> None:
    client = serve(lambda handler, call: answer(handler, 500 if call == 1 else 200, b"ok"))
    assert [client.is_ready(), client.is_ready()] == [False, True]
    asked: list[int] = []

    def cut(handler: BaseHTTPRequestHandler, call: int) -> None:
        asked.append(call)
        handler.close_connection = True

    assert not serve(cut).is_ready()
    assert asked == [1]


def test_a_connection_to_a_forbidden_address_is_not_made(serve: Any) -> None:
    class Forbidden(Exception):
        pass

    def forbid(host: str, *_: Any) -> Any:
        raise Forbidden(host)

    seen: list[int] = []
    allowed = serve(lambda handler, call: (seen.append(call), answer(handler, 200))[1])
    client = KubeClient(plain_credentials(allowed.server), addresses=forbid)
    for _ in range(9):  # more than there are connections
        with pytest.raises(Forbidden, match=r"127\.0\.0\.1"):
            client.request("GET", "/x")
    assert allowed.request("GET", "/x") == (200, {})
    assert seen == [1]
