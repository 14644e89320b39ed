"""A time that is rendered anew is kept as a whole, however much of it is the same as a second later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from imports.charts.lines import carried_line
from imports.charts.times import times_in

Form = Callable[[datetime], str]
BERLIN = timezone(timedelta(hours=1), "CET")


def printed(pattern: str) -> Form:
    return lambda moment: moment.strftime(pattern)


def unix(times: int, digits: str = "") -> Form:
    return lambda moment: str(int(moment.timestamp()) * times) + digits


def go_default(moment: datetime) -> str:
    """Go prints a fraction without zeros at its end, and none where it is zero."""
    fraction = f".{moment.second}5" if moment.second % 10 else ""
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC m=+{moment.second / 7:.9f}"


FORMS: dict[str, Form] = {
    "Unix seconds": unix(1),
    "Unix seconds with a fraction": lambda moment: f"{moment.timestamp() + 0.25:.3f}",
    "Unix milliseconds": unix(1_000),
    "Unix microseconds": unix(1_000_000),
    "Unix nanoseconds": unix(1_000_000_000),
    "RFC 3339": printed("%Y-%m-%dT%H:%M:%SZ"),
    "RFC 3339 with a fraction": lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.second % 9 + 1}04Z",
    "RFC 3339 with a zone": lambda moment: moment.astimezone(BERLIN).isoformat(),
    "Go": go_default,
    "Go without a monotonic part": lambda moment: go_default(moment).split(" m=")[0],
    "Go in a zone": lambda moment: f"{moment.astimezone(BERLIN):%Y-%m-%d %H:%M:%S %z %Z}",
    "compact": printed("%Y%m%d%H%M%S"),
    "compact with a T": printed("%Y%m%dT%H%M%SZ"),
    "compact with a dash": printed("%Y%m%d-%H%M%S"),
    "of a file's name": printed("%Y-%m-%d_%H-%M-%S"),
    "dotted": printed("%Y.%m.%d %H:%M:%S"),
    "RFC 1123": printed("%a, %d %b %Y %H:%M:%S UTC"),
    "RFC 1123 with a zone": printed("%a, %d %b %Y %H:%M:%S +0000"),
    "RFC 850": printed("%A, %d-%b-%y %H:%M:%S UTC"),
    "ANSI C": lambda moment: f"{moment:%a %b} {moment.day:2d} {moment:%H:%M:%S %Y}",
    "Unix date": lambda moment: f"{moment:%a %b} {moment.day:2d} {moment:%H:%M:%S UTC %Y}",
    "clock": printed("%H:%M:%S"),
}
BOUNDARIES = {
    "ten seconds": datetime(2026, 11, 27, 0, 46, 19, tzinfo=UTC),
    "a minute": datetime(2026, 11, 27, 0, 46, 59, tzinfo=UTC),
    "an hour": datetime(2026, 11, 27, 9, 59, 59, tzinfo=UTC),
    "a day": datetime(2026, 9, 9, 23, 59, 59, tzinfo=UTC),
    "a day in Berlin": datetime(2026, 9, 9, 22, 59, 59, tzinfo=UTC),
    "a year": datetime(2029, 12, 31, 23, 59, 59, tzinfo=UTC),
    "a thousand seconds": datetime.fromtimestamp(1_795_737_999, tz=UTC),
    "nine digits of Unix seconds": datetime.fromtimestamp(1_999_999_999, tz=UTC),
}
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("around", [("", ""), ("rendered at ", ", by hand"), ("shop-v", "s")])
def test_a_time_is_kept_whatever_boundary_lies_between(form: str, boundary: str, around: tuple[str, str]):
    show, (head, tail) = FORMS[form], around
    last = BOUNDARIES[boundary]
    before, now, again, later = (
        f"{head}{show(moment)}{tail}"
        for moment in (last, last + SECOND, last + 2 * SECOND, last + timedelta(days=40, hours=7))
    )

    assert carried_line(now, again, before) == before
    assert carried_line(before, now, again) == again
    assert carried_line(before, now, later) == later


@pytest.mark.parametrize("form", FORMS)
def test_the_whole_of_a_time_is_found(form: str):
    text = FORMS[form](BOUNDARIES["an hour"])
    assert [(one.start, one.end) for one in times_in(f"at {text}, done")] == [(3, 3 + len(text))]


def test_a_day_is_kept_over_midnight():
    assert carried_line("of 2026-11-27", "of 2026-11-28", "of 2026-10-31") == "of 2026-10-31"
    assert carried_line("of 20261127", "of 20261128", "of 20261031") == "of 20261031"


def test_the_earlier_line_must_have_a_time_of_that_form_there():
    now, again = "at 1795737980", "at 1795737981"
    for before in ("at ", "at noon", "at 12", "at 1795737980123", "at 2026-11-27T00:46:20Z", "1795737979"):
        assert carried_line(now, again, before) is None


def test_what_surrounds_a_time_must_be_as_it_was():
    now, again = "a: 1795737980 b: 2", "a: 1795737981 b: 2"
    assert carried_line(now, again, "a: 1795737979 b: 2") == "a: 1795737979 b: 2"
    for before in ("a: 1795737979 b: 1", "x: 1795737979 b: 2", "a: 1795737979 b: 2 ", "a: 1795737979"):
        assert carried_line(now, again, before) is None


def test_several_times_and_random_texts_stand_in_one_line():
    now, again, before = (
        f"from {at} to {at + 3_600} by token-{token}, of release 2026.11.27"
        for at, token in ((1_795_737_989, "qwerty"), (1_795_737_990, "asdfgh"), (1_795_733_000, "zxcvbn"))
    )
    assert carried_line(now, again, before) == before
    assert carried_line(now, again, before.replace("by token-", "for token-")) is None
    assert carried_line(now, again, before.replace("11.27", "11.26")) is None


def test_random_digits_are_no_time():
    # the first digits are the same in both: they are no chance
    assert carried_line("17951234567", "17951999999", "17941234567") is None
    # ten digits, but years apart
    assert carried_line("1234567890", "1234999999", "1795737980") is None
    # of a digest
    digests = ("0a1795737980ffe1", "0a1795737981ffe1", "0a1795737979ffe1")
    assert carried_line(*digests) is None
    assert not times_in(digests[0])


def test_what_is_no_moment_is_no_time():
    for text in (
        "2026-13-27",
        "2026-11-31",
        "0999999999",
        "4999999999",
        "2099-99-99",
        "Fri Nov 31 00:00:00 2026",
        "25:00:00",
    ):
        assert not times_in(text)
