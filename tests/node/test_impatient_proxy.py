"""A log that is followed and a shell behind a proxy that cuts connections, idle and busy: nothing is lost, and nothing
comes twice."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from tests.node.test_logs import a_pod, start
from tests.node.test_terminal import Tab
from tests.support.impatient_proxy import ImpatientProxy
from tests.support.log_stream import LogReader
from tests.support.node.product import Product
from tests.support.wait import until

IDLE_S, MOST_S = 1.0, 2.0
"""Sixty seconds, of whoever has the patience."""
LINES = 240
WRITES = f"i=1; while [ $i -le {LINES} ]; do echo line $i; [ $((i % 80)) = 0 ] && sleep 2; i=$((i+1)); sleep 0.03; done"
"""Each eighty lines take longer than a connection may last, and are followed by more silence than it may keep."""
TICKS = 200


@pytest.fixture
def proxy(product: Product) -> Iterator[ImpatientProxy]:
    found = ImpatientProxy(product.person.stack.port, idle_s=IDLE_S, most_s=MOST_S)
    yield found
    found.stop()


@pytest.fixture
def namespace(product: Product) -> str:
    return product.node.namespace("impatient")


def test_a_log_is_read_whole_and_once_however_often_its_connection_is_cut(
    product: Product, proxy: ImpatientProxy, namespace: str
) -> None:
    path = f"clusters/{product.cluster}/{start(product, namespace, a_pod('talk', WRITES))}"
    reader = LogReader(product.person.stack, f"{path}?follow=true&tail=10000", proxy.dial)

    def is_over() -> bool:
        try:
            return any(event.name == "complete" for event in reader.events())
        except (OSError, http.client.HTTPException):
            return False  # cut; the next one goes on from the last event

    until(is_over, timeout_s=120, every_s=0, what="the log has ended")
    assert reader.texts == [f"line {number}" for number in range(1, LINES + 1)]
    assert not reader.notes("gap", "refused")
    assert proxy.idle, "cut while nothing came"
    assert proxy.old, "cut while lines came"


def test_a_shell_is_the_same_one_however_often_its_connection_is_cut(
    product: Product, proxy: ImpatientProxy, namespace: str
) -> None:
    start(product, namespace, a_pod("box", "trap 'exit 0' TERM; sleep 3600 & wait"))
    until(lambda: product.node.get("v1", "Pod", "box", namespace)["status"].get("phase") == "Running")  # type: ignore[index]
    where = {"cluster": product.cluster, "namespace": namespace, "pod": "box", "container": "main"}
    tab = Tab(product, over=proxy.dial(), open=where, columns=100, rows=30)
    session, screen = tab.opened["id"], b""
    tab.type(b"echo sh''ell $$\r")
    tab.until(lambda: b"\nshell " in tab.screen)

    def taken_up() -> Tab:
        """What was printed by then is kept; a new connection goes on behind it."""
        nonlocal screen
        with pytest.raises(ConnectionClosed):
            tab.until(lambda: False)
        screen += tab.screen
        found = Tab(product, over=proxy.dial(), attach=session, after=len(screen))
        assert (found.opened["type"], found.opened["at"], found.opened["lost"]) == ("opened", len(screen), 0)
        return found

    tab = taken_up()
    assert (proxy.idle, proxy.old) == (1, 0), "nothing was printed any more"
    ticks = (
        f"i=1; while [ $i -le {TICKS} ]; do echo tick $i; i=$((i+1)); sleep 0.02; done; echo sh''ell $$; echo ov''er\r"
    )
    tab.type(ticks.encode())
    while b"\nover" not in screen:
        tab = taken_up()
    assert proxy.old, "cut while lines came"
    lines = screen.replace(b"\r", b"").split(b"\n")
    assert [line for line in lines if line.startswith(b"tick ")] == [b"tick %d" % n for n in range(1, TICKS + 1)]
    assert len([line for line in lines if line.startswith(b"shell ")]) == 2
    assert len({line for line in lines if line.startswith(b"shell ")}) == 1, "the same process"
    tab.tell(close=True)
