"""What becomes of real containers is on an open page by itself, and nothing of it is lost over a cut or to who reads
slowly: A15 and A16 of the product's acceptance checks."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.node.live_cards import LiveCards
from tests.node.test_logs import a_pod, reader, start
from tests.support.node.node import IMAGES
from tests.support.node.product import RUN_S, NodeBench, Product
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node

LIVES = "trap 'echo no database; exit 3' TERM; while :; do sleep 0.1 & wait $!; done"
LINES = 60_000
TALK = f"echo begin; sleep 3; i=1; while [ $i -le {LINES} ]; do echo line $i; i=$((i+1)); done"


@pytest.fixture(scope="module")
def shop(product: Product) -> NodeBench:
    bench = product.bench("live")
    bench.draw(a_node("web", image=IMAGES[0], command=["sh", "-c", LIVES]), a_config_map("settings", a="1"))
    return bench


@pytest.fixture
def cards(product: Product, shop: NodeBench) -> Iterator[LiveCards]:
    """An open page."""
    opened = LiveCards(product.person.stack, shop.environment["id"])
    yield opened
    opened.cut()


class Breaker:
    """Ends each container of the workload once."""

    def __init__(self, product: Product, bench: NodeBench) -> None:
        self._product = product
        self._bench = bench
        self._ended: set[str] = set()

    def strike(self) -> None:
        for pod in self._bench.pods("web"):
            for status in pod["status"].get("containerStatuses", []):
                if "running" in status["state"] and status["containerID"] not in self._ended:
                    self._ended.add(status["containerID"])
                    self._product.node.end_container(status["containerID"])


def test_ready_crashing_edited_and_deleted_are_on_an_open_page_with_the_reason(
    product: Product, shop: NodeBench, cards: LiveCards
) -> None:
    run = shop.start()
    cards.until(lambda: cards.card("web").get("health") == "healthy", timeout_s=RUN_S, what="it is ready")
    shop.until(run, "succeeded", timeout_s=RUN_S)

    broken = Breaker(product, shop)

    def crashes() -> object:
        card = cards.card("web")
        return card["health"] == "degraded" and re.match(r"Container web keeps crashing: exit code 3", card["reason"])

    cards.until(crashes, meanwhile=broken.strike, timeout_s=RUN_S, what="it crashes")

    before = product.node.get("v1", "ConfigMap", "settings", shop.namespace)
    assert before is not None
    assert not cards.card("settings").get("drifted")
    product.node.call(
        "PATCH",
        f"/api/v1/namespaces/{shop.namespace}/configmaps/settings?fieldManager=somebody",
        b'{"data":{"a":"2"}}',
        content_type="application/merge-patch+json",
    )
    cards.until(lambda: cards.card("settings").get("drifted"), what="it was edited")

    product.node.delete("v1", "ConfigMap", "settings", shop.namespace)
    cards.until(lambda: cards.card("settings")["health"] == "missing", what="it was deleted")
    cards.until(lambda: not cards.card("settings").get("drifted"), what="what is gone differs in no field")
    product.node.delete("apps/v1", "Deployment", "web", shop.namespace)
    cards.until(lambda: cards.card("web")["health"] == "missing", timeout_s=RUN_S, what="it was deleted")
    path = f"environments/{shop.environment['id']}/status"
    cards.until(lambda: cards.page.data == product.person.get(path).body["data"], what="all of it")
    until(lambda: fields_of_others(product, shop) == [], every_s=0.1, what="what is gone is written by nobody")


def fields_of_others(product: Product, shop: NodeBench) -> list[str]:
    """Paths of fields that a run would ask about, since others have written them."""
    rows = product.person.get(f"environments/{shop.environment['id']}/drift").body["results"]
    return [field["path"] for row in rows for field in row["fields"]]


def test_a_page_that_was_cut_off_gets_what_it_missed_and_no_more(product: Product, shop: NodeBench) -> None:
    stack = product.person.stack
    run = shop.start()
    opened = LiveCards(stack, shop.environment["id"])
    opened.until(lambda: opened.card("settings").get("health") == "healthy", timeout_s=RUN_S)
    shop.until(run, "succeeded", timeout_s=RUN_S)
    path = f"environments/{shop.environment['id']}/status"
    opened.until(lambda: opened.page.data == product.person.get(path).body["data"], what="all that the run has changed")
    opened.cut()

    product.node.delete("v1", "ConfigMap", "settings", shop.namespace)
    until(lambda: product.person.get(path).body["data"]["node:settings"]["health"] == "missing", every_s=0.1)
    again = LiveCards(stack, shop.environment["id"], page=opened.page)
    assert again.first["type"] == "delta", "it is told what it missed, and not all anew"
    assert "node:settings" in again.first["data"]
    again.until(lambda: again.page.data == product.person.get(path).body["data"])
    assert "snapshot" not in again.page.types[1:]
    again.cut()


def test_who_reads_slowly_and_is_cut_off_gets_every_line_of_a_container_once(product: Product) -> None:
    namespace = product.node.namespace("slow")
    slow = reader(product, start(product, namespace, a_pod("talk", TALK)) + "?follow=true")
    events = slow.events()
    while not slow.texts:
        next(events)
    # From here on nothing is read while the container writes all it has.
    until(
        lambda: (product.node.get("v1", "Pod", "talk", namespace) or {})["status"].get("phase") == "Succeeded",
        timeout_s=RUN_S,
        every_s=0.3,
    )
    for _ in range(3):
        next(events)
    events.close()
    is_over = False
    while not is_over:
        is_over = any(event.name == "complete" for event in slow.events())
    # On a busy machine containerd loses the end of what is written so fast: the kubelet's own answer is all there is.
    status, log = product.node.call("GET", f"/api/v1/namespaces/{namespace}/pods/talk/log")
    assert status == 200
    assert slow.texts == log.decode().splitlines()
    assert len(slow.texts) > LINES / 2
    assert not slow.notes("gap", "interrupted", "refused")
    product.node.delete("v1", "Namespace", namespace)
