"""Live connections behind proxies that cut what is silent: something goes over each before a proxy loses patience."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import websockets.sync.client

from kubeorch.realtime.timing import StreamTiming
from tests.support.impatient_proxy import ImpatientProxy
from tests.support.live_environment import LiveEnvironment
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.web_role import Web

PATIENCE_S = 60.0
"""Of proxies; those of clouds and nginx have it by default."""
IDLE_S = 4.0
"""daphne looks every two seconds whether a ping is due."""


@pytest.fixture
def proxy(django_ready: str) -> Iterator[ImpatientProxy]:
    web = Web(DJANGO_SETTINGS_MODULE="tests.support.impatient_settings")
    found = ImpatientProxy(web.port, idle_s=IDLE_S)
    yield found
    found.stop()
    web.stop()


@contextlib.contextmanager
def silent(proxy: ImpatientProxy, person: Person, environment: LiveEnvironment) -> Iterator[None]:
    """A page that waits, by each of the ways, and a shell's connection over which nothing is typed."""
    headers = {"Authorization": f"Bearer {person.token}"}
    request = f"GET /api/v1/live?topic={environment.topic} HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
    with contextlib.ExitStack() as stack:
        for path in ("ws/live", "ws/exec"):
            url = f"ws://127.0.0.1:{proxy.port}/{path}"
            stack.enter_context(
                websockets.sync.client.connect(url, additional_headers=headers, ping_interval=None, compression=None)
            )
        stream = stack.enter_context(proxy.dial())
        stream.sendall(f"{request}Bearer {person.token}\r\n\r\n".encode())
        yield


def test_what_is_silent_is_not_cut(mongo: Any, proxy: ImpatientProxy) -> None:
    person = a_user("operator")
    with silent(proxy, person, LiveEnvironment(mongo, person)):
        until(lambda: proxy.idle or proxy.all_last(3, 2 * IDLE_S), what="all three have lasted")
        assert proxy.idle == 0


def test_something_is_sent_well_before_a_usual_proxy_loses_patience() -> None:
    timing = StreamTiming()
    assert max(timing.keep_alive_s, timing.ping_s) < PATIENCE_S / 2
