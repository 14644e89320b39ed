"""Since when what is stored of a cluster may be out of date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from clusters.watching.freshness import STALE_GRACE_S, Freshness

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s

    def now(self) -> datetime:
        return START + timedelta(seconds=self.s)


def a_freshness() -> tuple[Freshness, Clock]:
    clock = Clock()
    return Freshness(clock=clock, now=clock.now), clock


def test_a_short_outage_changes_nothing() -> None:
    freshness, clock = a_freshness()
    clock.s = STALE_GRACE_S - 0.1
    assert freshness.measure(0.0, "reset") == (None, "")
    clock.s = STALE_GRACE_S
    assert freshness.measure(0.0, "reset") == (START, "reset")


def test_an_outage_counts_from_the_last_answer_and_keeps_its_beginning() -> None:
    freshness, clock = a_freshness()
    clock.s = 4.0
    freshness.probed(True)
    clock.s = 8.0
    freshness.probed(False)
    since, reason = freshness.measure(None)
    assert since == START + timedelta(seconds=4)
    assert reason == "the cluster's API server does not answer"
    freshness.stale_since, freshness.reason = since, reason
    clock.s = 12.0
    freshness.probed(False)
    assert freshness.measure(11.0, "reset") == (since, reason)
    assert freshness.measure(1.0, "reset") == (since, reason)


def test_it_is_current_again_when_the_server_answers_and_no_watch_is_broken() -> None:
    freshness, clock = a_freshness()
    freshness.stale_since = START
    clock.s = 9.0
    freshness.probed(False)
    assert freshness.measure(8.5)[0] == START, "a new outage within the old one ends nothing"
    freshness.probed(True)
    assert freshness.measure(8.5)[0] == START
    assert freshness.measure(None) == (None, "")
