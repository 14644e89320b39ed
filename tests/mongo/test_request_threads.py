"""The way of a request from the server into a thread and back (kubeorch.web.handler), without a server."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from kubeorch.web.handler import THREADS, OneVisitHandler
from tests.support.wait import PATIENCE_S

together = threading.Barrier(4, timeout=PATIENCE_S)
visited: list[str] = []


@csrf_exempt
def meets_three_others(request: HttpRequest) -> HttpResponse:
    visited.append(threading.current_thread().name)
    together.wait()
    return HttpResponse(request.body)


async def in_the_loop(request: HttpRequest) -> HttpResponse:
    return HttpResponse(threading.current_thread().name)


urlpatterns = [path("meet", meets_three_others), path("loop", in_the_loop)]


@pytest.fixture
def handler(django_ready: str, settings: Any, tmp_path: Path) -> OneVisitHandler:
    settings.ROOT_URLCONF = __name__
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "app.js").write_bytes(b"let a = 1;" * 40_000)
    visited.clear()
    return OneVisitHandler()


async def ask(handler: OneVisitHandler, path: str, body: bytes = b"", method: str = "GET") -> tuple[int, Any, bytes]:
    """Status, headers and body of one request."""
    sent: list[dict[str, Any]] = []
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    inbox.put_nowait({"type": "http.request", "body": body[:3], "more_body": True})
    inbox.put_nowait({"type": "http.request", "body": body[3:], "more_body": False})
    headers = [(b"host", b"127.0.0.1"), (b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await handler(scope, inbox.get, send)
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(one.get("body", b"") for one in sent[1:])


async def test_requests_overlap_and_their_threads_are_reused(handler: OneVisitHandler) -> None:
    for _ in range(3):
        answers = await asyncio.gather(*(ask(handler, "/meet", b"number %d" % n, "POST") for n in range(4)))
        assert [answer[2] for answer in answers] == [b"number 0", b"number 1", b"number 2", b"number 3"]
    assert len(visited) == 12
    assert len(set(visited)) <= THREADS
    assert len(set(visited)) < 12


async def test_an_asynchronous_view_runs_in_the_servers_loop(handler: OneVisitHandler) -> None:
    status, _, body = await ask(handler, "/loop")
    assert (status, body.decode()) == (200, threading.current_thread().name)


async def test_a_file_of_the_page_arrives_complete_with_its_own_headers(handler: OneVisitHandler) -> None:
    status, headers, body = await ask(handler, "/static/app.js")
    assert status == 200
    assert body == b"let a = 1;" * 40_000
    assert headers[b"Content-Type"].startswith(b"text/javascript")
    assert headers[b"Content-Length"] == b"400000"
    assert b"X-Content-Type-Options" in headers
    assert (await ask(handler, "/static/app.js", method="HEAD"))[2] == b""


async def test_a_client_that_leaves_before_its_body_is_complete_is_not_answered(handler: OneVisitHandler) -> None:
    sent: list[Any] = []
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    inbox.put_nowait({"type": "http.request", "body": b"half", "more_body": True})
    inbox.put_nowait({"type": "http.disconnect"})

    async def send(message: Any) -> None:
        sent.append(message)

    await handler({"type": "http", "method": "POST", "path": "/meet", "headers": []}, inbox.get, send)
    assert sent == []
    assert visited == []
