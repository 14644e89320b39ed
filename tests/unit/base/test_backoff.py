"""Delays between attempts grow, stay within their bounds, and never fail however often they are asked for."""

from __future__ import annotations

import pytest

from kubeorch.base.backoff import Backoff


def test_delays_double_up_to_the_longest():
    backoff = Backoff(first_s=0.5, most_s=3.0)
    assert [backoff.delay_s(attempt) for attempt in (1, 2, 3, 4, 5)] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_a_factor_of_one_waits_the_same_each_time():
    backoff = Backoff(first_s=0.25, most_s=10.0, factor=1.0)
    assert [backoff.delay_s(attempt) for attempt in (1, 2, 50)] == [0.25, 0.25, 0.25]


@pytest.mark.parametrize(("thrown", "expected_s"), [(0.0, 2.0), (0.5, 2.5), (1.0, 3.0)])
def test_jitter_only_lengthens_a_delay(thrown, expected_s):
    assert Backoff(first_s=2.0, most_s=60.0, jitter=0.5).delay_s(1, lambda: thrown) == expected_s


def test_drawn_delays_stay_between_the_delay_and_its_jitter():
    backoff = Backoff(first_s=0.8, most_s=30.0, jitter=1.0)
    assert all(30.0 <= backoff.delay_s(20) <= 60.0 for _ in range(200))


def test_after_a_million_failures_it_still_answers():
    assert Backoff(first_s=0.1, most_s=5.0).delay_s(1_000_000) == 5.0
    assert Backoff(first_s=0.1, most_s=5.0).delay_s(0) == 0.1
