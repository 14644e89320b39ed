"""A time that is rendered anew is kept as a whole, however much of it is the same as a second later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from imports.charts.lines import pattern
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


def carried(now: str, again: str, before: str, before_again: str) -> str | None:
    """The line that two renderings give, with what two earlier ones had in the place of what is random."""
    found, then = pattern(now, again), pattern(before, before_again)
    if found is None or then is None or not found.fits(then):
        return None
    return found.filled([piece.one for piece in then.random])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("around", [("", ""), ("rendered at ", ", by hand"), ("shop-v", "s")])
def test_a_time_is_kept_whatever_boundary_lies_between(form: str, boundary: str, around: tuple[str, str]):
    show, (head, tail) = FORMS[form], around
    last = BOUNDARIES[boundary]
    before, now, again, after, later, latest = (
        f"{head}{show(moment)}{tail}"
        for moment in (
            *(last + number * SECOND for number in range(4)),
            *(last + number * SECOND + timedelta(days=40, hours=7) for number in range(2)),
        )
    )

    assert carried(now, again, before, now) == before
    assert carried(before, now, again, after) == again
    assert carried(before, now, later, latest) == later


@pytest.mark.parametrize("form", FORMS)
def test_the_whole_of_a_time_is_found(form: str):
    text = FORMS[form](BOUNDARIES["an hour"])
    assert [(one.start, one.end) for one in times_in(f"at {text}, done")] == [(3, 3 + len(text))]


def test_a_day_is_kept_over_midnight():
    assert carried("of 2026-11-27", "of 2026-11-28", "of 2026-10-31", "of 2026-11-01") == "of 2026-10-31"
    assert carried("of 20261127", "of 20261128", "of 20261031", "of 20261101") == "of 20261031"


def test_the_earlier_line_must_have_a_time_of_that_form_there():
    for before, other in (
        ("at ", "at "),
        ("at noon", "at dawn"),
        ("at 12", "at 13"),
        ("at 1795737980123", "at 1795737981123"),
        ("at 2026-11-27T00:46:20Z", "at 2026-11-27T00:46:21Z"),
    ):
        assert carried("at 1795737980", "at 1795737981", before, other) is None


def test_what_surrounds_a_time_is_as_it_is_now():
    for words in ("a: {} b: 2", "a: {} b: 1", "x: {} b: 2", "a: {} b: 2 ", "{}"):
        before, other = words.format("1795737979"), words.format("1795737980")
        assert carried("a: 1795737980 b: 2", "a: 1795737981 b: 2", before, other) == "a: 1795737979 b: 2"


def test_several_times_and_random_texts_stand_in_one_line():
    now, again, before, other = (
        f"from {at} to {at + 3_600} by token-{token}, of release 2026.11.27"
        for at, token in (
            (1_795_737_989, "qwerty"),
            (1_795_737_990, "asdfgh"),
            (1_795_733_000, "zxcvbn"),
            (1_795_733_001, "poiuyt"),
        )
    )
    assert carried(now, again, before, other) == before
    for was, is_ in (("by token-", "for token-"), ("11.27", "11.26")):
        assert carried(now, again, before.replace(was, is_), other.replace(was, is_)) == before


def test_random_digits_are_no_time():
    # the first digits are the same in both: they are no chance
    assert carried("17951234567", "17951999999", "17941234567", "17941888888") is None
    # ten digits, but years apart
    assert carried("1234567890", "1234999999", "1795737980", "1795737981") is None
    # of a digest
    digests = ("0a1795737980ffe1", "0a1795737981ffe1", "0a1795737969ffe1", "0a1795737968ffe1")
    assert carried(*digests) is None
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
