"""Schedules as cron writes them, in time zones whose clocks jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeorch.base.errors import InvalidInput
from kubeorch.base.schedule import parse_schedule

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("*/15 * * * *", "2026-01-01T10:07:30", "2026-01-01T10:15:00"),
        ("30 2 * * *", "2026-01-01T02:30:00", "2026-01-02T02:30:00"),
        ("0 9 * * mon-fri", "2026-01-02T09:00:00", "2026-01-05T09:00:00"),
        ("0 0 13 * fri", "2026-02-01T00:00:00", "2026-02-06T00:00:00"),
        ("0 0 29 feb *", "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
        ("5,10-20/5 0 1 1,7 *", "2026-01-01T00:10:00", "2026-01-01T00:15:00"),
        ("0 0 * * 7", "2026-01-01T00:00:00", "2026-01-04T00:00:00"),
        ("@monthly", "2026-01-31T00:00:00", "2026-02-01T00:00:00"),
    ],
)
def test_the_next_time_of_a_schedule(cron: str, after: str, expected: str) -> None:
    assert parse_schedule(cron, "UTC").next_after(at(after)) == at(expected)


def local_times(cron: str, first: str, count: int) -> list[str]:
    schedule = parse_schedule(cron, "Europe/Berlin")
    moment, found = at(first), []
    for _ in range(count):
        following = schedule.next_after(moment)
        assert following is not None
        moment = following
        found.append(moment.astimezone(BERLIN).strftime("%d %H:%M"))
    return found


def test_a_time_that_the_clocks_skip_comes_after_the_gap_and_one_that_they_repeat_comes_once() -> None:
    assert local_times("30 2 * * *", "2026-03-28T00:00:00", 3) == ["28 02:30", "29 03:30", "30 02:30"]
    assert local_times("30 2 * * *", "2026-10-24T00:00:00", 3) == ["24 02:30", "25 02:30", "26 02:30"]


def test_every_hour_is_every_hour_whatever_the_clocks_do() -> None:
    schedule = parse_schedule("0 * * * *", "Europe/Berlin")
    for day in ("2026-03-28T20:30:00", "2026-10-24T20:30:00"):
        moment = at(day)
        for _ in range(10):
            following = schedule.next_after(moment)
            assert following is not None
            assert timedelta(0) < following - moment <= timedelta(hours=1)
            moment = following


@given(
    st.sampled_from(["*/7 * * * *", "0 3 * * *", "15 1-5 * * *", "0 12 1 * *", "0 0 * * sun"]),
    st.integers(0, 60 * 24 * 730),
    st.integers(0, 60 * 24 * 40),
)
def test_the_last_time_until_a_moment_is_the_one_before_the_next(cron: str, start: int, minutes: int) -> None:
    schedule = parse_schedule(cron, "Europe/Berlin")
    since = at("2025-01-01T00:00:00") + timedelta(minutes=start, seconds=start % 60)
    moment = since + timedelta(minutes=minutes)
    last = schedule.last_until(moment, since)
    following = schedule.next_after(since - timedelta(microseconds=1))
    if last is None:
        assert following is None or following > moment
    else:
        assert since <= last <= moment
        after = schedule.next_after(last)
        assert after is None or after > moment


@pytest.mark.parametrize(
    "cron",
    [
        *("", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8"),
        *("a * * * *", "5-1 * * * *", "*/0 * * * *", "1, * * * *", "0 0 30 2 *", "-1 * * * *", "१ * * * *", "* " * 60),
        "1" * 5000,
    ],
)
def test_what_is_no_schedule_is_refused_by_field(cron: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_schedule(cron, "UTC")
    assert caught.value.problems[0].field == "cron"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "Europe", "x" * 5000])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_schedule("* * * * *", zone)
    assert caught.value.problems[0].field == "time_zone"
