"""A run that a person cancels."""

from __future__ import annotations

from tests.support.runs import Bench, states
from tests.support.wait import until
from tests.support.workflows import a_config_map, an_edge


def test_a_canceled_run_applies_no_further_object(bench: Bench) -> None:
    """Each node stands in a wave of its own, so a cancellation in the middle leaves some untouched."""
    nodes = [a_config_map(f"c{n:03}") for n in range(100)]
    edges = tuple(an_edge(f"c{n:03}", f"c{n + 1:03}", "after") for n in range(99))
    bench.draw(*nodes, edges=edges)
    run = bench.start()
    until(lambda: bench.plane.list("v1", "ConfigMap", bench.namespace)[3:], timeout_s=20, every_s=0.002)
    answer = bench.person.post(f"runs/{run['id']}/cancel")
    assert answer.status == 202
    ended = bench.until(run, "canceled", timeout_s=10)
    after = {item["metadata"]["name"] for item in bench.plane.list("v1", "ConfigMap", bench.namespace)}
    assert "c000" not in after, "the last in the chain"
    assert ended["finished_at"]
    assert set(states(ended).values()) == {"done", "skipped"}
    done = {node for node, state in states(ended).items() if state == "done"}
    assert done <= after
    assert {name for name in after if name.startswith("c")} == done


def test_canceling_a_queued_or_verifying_run_is_immediate_and_the_next_run_starts(bench: Bench) -> None:
    bench.draw(a_config_map("conf"))
    first = bench.until(bench.start(), "verifying")
    second, third = bench.start(), bench.start()
    assert bench.person.post(f"runs/{second['id']}/cancel").body["state"] == "canceled"
    assert bench.person.post(f"runs/{first['id']}/cancel").body["state"] == "canceled"
    bench.until(third, "verifying", timeout_s=8)
    assert bench.person.post(f"runs/{first['id']}/cancel").body["state"] == "canceled", "an ended run stays as it is"
