"""A cluster that never answers, a client that never stops sending: bounded, and nobody else notices."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from tests.support.kubeconfigs import a_kubeconfig
from tests.support.processes import rss_bytes
from tests.support.stack import Stack
from tests.support.wait import PATIENCE_S, until


def test_requests_that_wait_for_a_silent_cluster_do_not_hold_up_others(product: Stack) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(128)  # connections are made by the system, and nobody ever reads them
        text = a_kubeconfig(f"https://127.0.0.1:{silent.getsockname()[1]}", token="t")
        body = {"name": "silent", "kubeconfig": text}
        made = product.api("POST", "/api/v1/clusters", body)
        assert (made.status, made.body["code"]) == (400, "cluster.timeout"), made
        assert "in time" in made.body["detail"]
        answers: list[Any] = []
        waiting = [
            threading.Thread(
                target=lambda: answers.append(product.api("POST", "/api/v1/clusters", body)),
                daemon=True,
            )
            for _ in range(48)
        ]
        for thread in waiting:
            thread.start()
        until(lambda: any(answer.status == 503 for answer in answers), what="every place for questions is taken")
        assert product.api("GET", "/api/v1/workflows").status == 200
        assert any(thread.is_alive() for thread in waiting), "we were answered before those who wait"
        for thread in waiting:
            thread.join(PATIENCE_S)
        assert len(answers) == 48
        busy = [answer for answer in answers if answer.status == 503]
        assert {answer.body["code"] for answer in busy} == {"cluster.busy"}
        assert {answer.status for answer in answers} == {400, 503}


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("Transfer-Encoding: chunked", 411, "input.length_required"),
        ("Content-Length: 10000000000", 413, "input.too_large"),
        ("Content-Length: 20000000", 413, "input.too_large"),
    ],
)
def test_a_request_body_that_is_too_large_is_refused_and_not_kept_in_memory(
    product: Stack, header: str, status: int, code: str
) -> None:
    with socket.create_connection(("127.0.0.1", product.port), timeout=PATIENCE_S) as connection:
        head = (
            "POST /api/v1/workflows HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {product.token}\r\n{header}\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(head.encode())
        if header.endswith(" 20000000"):  # read to its end, and then refused
            connection.sendall(b"x" * 20_000_000)
        answer = b""
        while data := connection.recv(65_536):
            answer += data
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:300]
    assert f'"code":"{code}"'.encode() in answer
    assert product.api("GET", "/api/v1/workflows").status == 200
    assert rss_bytes(product.pid_of("web")) < 400_000_000
