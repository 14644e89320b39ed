"""A cluster that dies while a plan is made or looked at: a stated result, and no plan that is half known."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.control_plane import ControlPlane
from tests.support.fault_proxy import OPEN, REFUSED, FaultProxy, door_to
from tests.support.people import Person
from tests.support.plans import ask, looked_at, made
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map


@pytest.fixture
def door(mongo: Any, control_plane: ControlPlane) -> Iterator[tuple[FaultProxy, str]]:
    with door_to(control_plane) as made_door:
        yield made_door


@pytest.fixture
def bench(person: Person, door: tuple[FaultProxy, str], control_plane: ControlPlane) -> Bench:
    from clusters import actions

    cluster = str(actions.register_sandbox(door[1]))
    return Bench(person, cluster, control_plane, control_plane.namespace("dying"))


def test_a_cluster_that_dies_in_the_middle_gives_no_plan_and_says_why(
    bench: Bench, door: tuple[FaultProxy, str], mongo: Any
) -> None:
    proxy, _ = door
    bench.draw(*(a_config_map(f"c{number}") for number in range(800)))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, bench)
        until(lambda: proxy.accepted >= 6, every_s=0.001, what="several objects are tried at once")
        proxy.become(REFUSED)
        answer = asked.result()
    assert answer.status == 503, answer.body
    assert answer.body["code"].startswith("cluster."), "which one depends on where the connection was cut"
    assert mongo.plans.count_documents({}) == 0
    assert bench.get("v1", "ConfigMap", "c0") is None


def test_a_plan_that_cannot_be_checked_is_not_called_true(bench: Bench, door: tuple[FaultProxy, str]) -> None:
    proxy, _ = door
    bench.draw(a_config_map("settings"))
    plan = made(bench)
    proxy.become(REFUSED)
    seen = looked_at(bench, plan)
    assert seen["still_true"] is False
    assert "it cannot be checked" in seen["moved"][0]["what"]
    assert bench.ask(plan=plan["id"]).status == 409
    proxy.become(OPEN)
    assert looked_at(bench, plan)["still_true"] is True
