"""Clients that deliver a request slowly, or never: each has a total time, and all of them together a number."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator

import pytest

from tests.support.slow_client_settings import ARRIVAL_LIMITS
from tests.support.wait import PATIENCE_S, until
from tests.support.web_role import Web

LINE = b"POST /api/v1/auth/login HTTP/1.1\r\n"
HEAD = LINE + b"Host: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def hasty(django_ready: str) -> Iterator[Web]:
    running = Web(DJANGO_SETTINGS_MODULE="tests.support.slow_client_settings")
    yield running
    running.stop()


def connect(web: Web) -> socket.socket:
    return socket.create_connection(("127.0.0.1", web.port), PATIENCE_S)


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has ended the connection; reads what it sent before."""
    try:
        while select.select([connection], [], [], 0)[0]:
            if not connection.recv(65_536):
                return True
    except OSError:
        return True
    return False


def drips(connection: socket.socket, data: bytes) -> None:
    """Send `data` a byte at a time, one each time it is asked whether the connection is closed, until it is."""
    rest = iter(data)

    def closed_after_one_more() -> bool:
        try:
            connection.sendall(bytes([next(rest)]))
        except OSError:
            return True
        return is_closed(connection)

    until(closed_after_one_more, what="the server closes a connection that only drips")


@pytest.mark.parametrize(
    ("start", "drip"),
    [
        (b"", b"G" * 100_000),
        (LINE, b"X-Slow: " + b"a" * 100_000),
        (HEAD + b"Content-Length: 100000\r\n\r\n", b" " * 100_000),
        (b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"G" * 100_000),
    ],
    ids=["request line", "header", "body", "second request"],
)
def test_a_client_that_sends_a_byte_now_and_then_is_closed_in_the_end(hasty: Web, start: bytes, drip: bytes) -> None:
    with connect(hasty) as connection:
        connection.sendall(start)
        drips(connection, drip)


def test_a_request_that_arrives_in_parts_in_time_is_answered_and_its_connection_kept(hasty: Web) -> None:
    with connect(hasty) as connection:
        for _ in range(2):
            for part in (HEAD, b"Content-Length: 2\r\n", b"\r\n", b"{", b"}"):
                connection.sendall(part)
            assert connection.recv(65_536).startswith(b"HTTP/1.1 40")


def test_many_clients_that_deliver_nothing_leave_room_for_others(hasty: Web) -> None:
    waiting = [connect(hasty) for _ in range(3 * ARRIVAL_LIMITS.at_once)]
    try:
        assert hasty.is_up()
        for connection in waiting[: ARRIVAL_LIMITS.at_once]:
            until(lambda c=connection: is_closed(c), what="the oldest connections are closed")
    finally:
        for connection in waiting:
            connection.close()
