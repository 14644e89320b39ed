"""How many requests a plan takes: lists for what is there, and dry runs for what changes, eight at once."""

from __future__ import annotations

from typing import Any

from tests.support.plans import made
from tests.support.requests import counted_requests
from tests.support.runs import Bench
from tests.support.workflows import a_config_map, a_node

AT_ONCE = 8
READS = 4
"""The namespace, and one list for each of three kinds."""
AROUND = 4
"""Claims, volumes, their classes and disruption budgets, where something changes."""


def two_hundred(changed: int) -> list[dict[str, Any]]:
    maps = [a_config_map(f"settings-{number}", mode="fast") for number in range(120)]
    services = [a_node(f"front-{number}", kind="service", ports=[{"port": 80}]) for number in range(40)]
    webs = [
        a_node(f"web-{number}", replicas=0, revision_history_limit=3 if number < changed else 2) for number in range(40)
    ]
    return [*maps, *services, *webs]


def test_two_hundred_objects_take_a_few_lists_and_two_dry_runs_for_each_change(bench: Bench) -> None:
    bench.draw(*two_hundred(changed=0))
    with counted_requests() as first:
        assert made(bench)["counts"]["create"] == 200
    assert first.dry_runs() == 200
    assert len(first.seen) == READS + 200
    assert first.most_in_flight <= AT_ONCE

    bench.until(bench.start(), "verifying")
    with counted_requests() as unchanged:
        assert made(bench)["counts"]["unchanged"] == 200
    assert (unchanged.dry_runs(), len(unchanged.seen)) == (0, READS)

    bench.draw(*two_hundred(changed=10))
    with counted_requests() as some:
        assert made(bench)["counts"]["update"] == 10
    assert some.dry_runs() == 20
    assert len(some.seen) == READS + 20 + AROUND
    assert some.most_in_flight <= AT_ONCE
