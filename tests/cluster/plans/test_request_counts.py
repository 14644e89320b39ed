"""How many requests a plan takes: lists for what is there, and dry runs for what changes, eight at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.plans import fields_of, made, planned
from tests.support.requests import counted_requests
from tests.support.runs import Bench
from tests.support.workflows import a_config_map, a_node
from workflows.plans import making

AT_ONCE = 8
SHAPES = 5
"""So many Deployments differ by more than their names: what is filled in for new ones is asked once for each."""
READS = 4
"""The namespace, and one list for each of three kinds."""
OF_THE_SERVER = 1 + 6
"""The version, and admission webhooks and policies with their bindings: before the trials, where no answer
of the last half minute is known, and after them."""
LIMITS = 2
"""Limits and quotas of the namespace, where something is tried."""
DISCOVERY = 6
"""Of each kind of admission, by the first who asks."""
AROUND = 4
"""Claims, volumes, their classes and disruption budgets, where something changes."""


def two_hundred(changed: int) -> list[dict[str, Any]]:
    maps = [a_config_map(f"settings-{number}", mode="fast") for number in range(120)]
    services = [a_node(f"front-{number}", kind="service", ports=[{"port": 80}]) for number in range(40)]
    webs = [
        a_node(
            f"web-{number}",
            image=f"nginx:1.2{number % SHAPES}",
            replicas=0,
            revision_history_limit=3 if number < changed else 2,
        )
        for number in range(40)
    ]
    return [*maps, *services, *webs]


def test_two_hundred_objects_take_a_few_lists_and_a_dry_run_for_each_change_and_each_shape(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "LATELY_S", 3600.0)
    bench.draw(*two_hundred(changed=0))
    with counted_requests() as first:
        assert made(bench)["counts"]["create"] == 200
    assert first.dry_runs() == 200
    assert len(first.seen) == READS + 200 + 2 * (LIMITS + OF_THE_SERVER) + DISCOVERY
    assert first.most_in_flight <= AT_ONCE

    bench.until(bench.start(), "verifying")
    with counted_requests() as unchanged:
        assert made(bench)["counts"]["unchanged"] == 200
    assert (unchanged.dry_runs(), len(unchanged.seen)) == (0, READS)

    bench.draw(*two_hundred(changed=10))
    with counted_requests() as some:
        assert made(bench)["counts"]["update"] == 10
    assert some.dry_runs() == 10 + SHAPES
    assert len(some.seen) == READS + 10 + SHAPES + AROUND + LIMITS + (LIMITS + OF_THE_SERVER)
    assert some.most_in_flight <= AT_ONCE


def test_what_is_filled_in_is_asked_once_for_objects_that_are_alike_and_foreseen_for_each(bench: Bench) -> None:
    names = ["front", "back", "always"]
    bench.draw(*(a_node(name, image="nginx:latest", replicas=0) for name in names))
    bench.applied()
    bench.draw(*(a_node(name, image="nginx:1.27", replicas=0) for name in names))
    with counted_requests() as requests:
        plan = made(bench)
    as_it_is_and_as_it_was = 2
    assert requests.dry_runs() == len(names) + as_it_is_and_as_it_was
    policy = "spec.template.spec.containers[name={}].imagePullPolicy"
    for name in names:
        assert fields_of(planned(plan, name))[policy.format(name)] == ("Always", "IfNotPresent")
    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    assert run["as_planned"] == {"equal": 3, "different": 0, "not_foreseen": 0}, run["steps"]
