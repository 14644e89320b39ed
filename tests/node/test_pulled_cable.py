"""A log that is followed and a shell, when the network goes without a word and somebody comes back by another one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.node.test_logs import a_pod, start
from tests.node.test_terminal import Tab
from tests.support.log_stream import LogReader
from tests.support.node.network import Network
from tests.support.node.product import Product
from tests.support.wait import until

LINES = 300
WRITES = f"i=1; while [ $i -le {LINES} ]; do echo line $i; i=$((i+1)); sleep 0.03; done"


@pytest.fixture
def network(product: Product) -> Iterator[Network]:
    found = Network(product.person.stack.port)
    yield found
    found.end()


@pytest.fixture
def namespace(product: Product) -> Iterator[str]:
    name = product.node.namespace("cable")
    yield name
    product.node.delete("v1", "Namespace", name)


def test_a_log_goes_on_with_the_line_after_the_last_one_that_arrived(
    product: Product, network: Network, namespace: str
) -> None:
    path = f"clusters/{product.cluster}/{start(product, namespace, a_pod('talk', WRITES))}"
    reader = LogReader(product.person.stack, f"{path}?follow=true&tail=10000", network.dial)
    open_still = reader.events()
    while len(reader.texts) < 20:
        next(open_still)
    arrived = len(reader.texts)
    network.take_away()

    def written() -> int:
        return len(product.person.get(f"{path}?tail=10000").body["results"])

    until(lambda: written() >= arrived + 60, every_s=0.2, what="more is written meanwhile")
    network.give()
    reader.until(lambda: any(reader.notes("ended")))
    assert reader.texts == [f"line {number}" for number in range(1, LINES + 1)], "every line once, in order"
    assert not reader.notes("gap", "refused")
    open_still.close()


def test_a_shell_whose_old_connection_still_seems_open_is_taken_up_by_a_new_one(
    product: Product, network: Network, namespace: str
) -> None:
    start(product, namespace, a_pod("box", "trap 'exit 0' TERM; sleep 3600 & wait"))
    until(lambda: product.node.get("v1", "Pod", "box", namespace)["status"].get("phase") == "Running")  # type: ignore[index]
    where = {"cluster": product.cluster, "namespace": namespace, "pod": "box", "container": "main"}
    tab = Tab(product, over=network.dial(), open=where, columns=100, rows=30)
    shell = tab.answer("echo $$")
    tab.type(b"sleep 1; echo print''ed while away\r")
    network.take_away()
    seen = tab.opened["at"] + len(tab.screen)
    network.give()
    again = Tab(product, over=network.dial(), attach=tab.opened["id"], after=seen)
    assert (again.opened["type"], again.opened["at"], again.opened["lost"]) == ("opened", seen, 0)
    again.until(lambda: b"printed while away" in again.screen)
    assert again.answer("echo $$") == shell
    again.tell(close=True)
    again.until(lambda: again.said[-1]["type"] == "ended")
