"""Times in a line of text, in the forms that templates and programs print them in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

Form = tuple[str | bool, ...]

_FIRST, _LAST = datetime(2001, 9, 9, 2, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Unix seconds have ten digits in all of that time."""
_NEAR = timedelta(hours=2)
"""Two renderings follow each other within minutes; clocks may be put forward in between."""
_DAY = timedelta(days=1)
_DIGITS_OF_UNIX = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_DAYS = ("day_before", "day_then", "first", "second_one")
"""Groups with the day of a month, which the forms of such days name last."""
_ZONE = r"[Zz]|\ ?[+-]\d\d:?\d\d(?:\ [A-Z][A-Za-z]{1,4}|\ [+-]\d\d(?:\d\d)?)?|\ [A-Z]{3,5}"
_TIME = re.compile(
    rf"""
    (?<![0-9a-fA-F]) (?:  # digits in a hexadecimal text are not a time
        (?P<unix> [1-4]\d{{9}} (?:\d{{3}} | \d{{6}} | \d{{9}})? ) (?: \.\d{{1,9}} )?
      | (?P<year> 20\d\d ) (?P<between> [-/._]? ) (?P<month> [01]\d ) (?P=between) (?P<day> [0-3]\d )
        (?: (?P<then> [Tt\ _-]? ) (?P<hour> [0-2]\d ) (?P<colon> [:._-]? ) (?P<minute> [0-5]\d )
            (?: (?P=colon) (?P<second> [0-5]\d ) (?: [.,]\d{{1,9}} )? )? (?P<zone> {_ZONE} )?
            (?P<monotonic> \ m=[+-]\d{{1,12}}\.\d{{1,9}} )? )?
      | (?P<word> (?: Mon | Tue | Wed | Thu | Fri | Sat | Sun )[a-z]{{0,6}},?\  )
        (?: (?P<day_first> \d\d?[\ -] ) )? (?P<named> {"|".join(_MONTHS)} ) (?: \ {{1,2}}(?P<day_after> \d\d? ) )?
        (?: [\ -] (?P<early_year> (?:20)?\d\d ) )? \  (?P<clock> [0-2]\d:[0-5]\d(?: :[0-5]\d )? )
        (?: \ (?P<words_zone> [A-Z]{{3,5}} | [+-]\d{{4}} ) )? (?: \ (?P<late_year> 20\d\d ) )?
      | (?P<day_before> \d\d? ) (?P<beside> [\ -] ) (?P<month_word> {"|".join(_MONTHS)} )[a-z]{{0,6}},?
        (?P=beside) (?P<year_after> 20\d\d )
      | (?P<month_first> {"|".join(_MONTHS)} )[a-z]{{0,6}}\.?\  (?P<day_then> \d\d? ),?\  (?P<year_last> 20\d\d )
      | (?P<first> \d\d? ) (?P<sign> [/.] ) (?P<second_one> \d\d? ) (?P=sign) (?P<year_at_end> 20\d\d )
      | (?P<bare> [0-2]\d:[0-5]\d:[0-5]\d ) (?: \.\d{{1,9}} )?
    ) (?![0-9a-fA-F])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Time:
    """A time from `start` to `end` of a text. Of one `form` are those that the same template may have printed."""

    start: int
    end: int
    form: Form
    when: datetime
    day_at: tuple[int, int] = (0, 0)
    """From where to where the day of the month stands, of a time that says no hour."""

    @property
    def is_day(self) -> bool:
        """Whether it says no hour."""
        return self.form[0] == "day"

    @property
    def is_clock(self) -> bool:
        return self.form[0] == "bare"

    def is_near(self, other: Time) -> bool:
        """Whether both may be of two renderings that followed each other."""
        if self.form != other.form:
            return False
        apart = abs(self.when - other.when)
        if self.is_clock:
            return min(apart, _DAY - apart) <= _NEAR
        return apart <= (_DAY if self.is_day else _NEAR)


def times_in(text: str) -> list[Time]:
    return [time for found in _TIME.finditer(text) if (time := _time(found)) is not None]


def between(text: str, times: Sequence[Time]) -> list[str]:
    """What stands before, between and after these times."""
    edges = [0, *(edge for one in times for edge in (one.start, one.end)), len(text)]
    return [text[start:end] for start, end in list(pairwise(edges))[::2]]


def _time(found: re.Match[str]) -> Time | None:
    try:
        form, when = _read(found)
    except ValueError:  # no such day or hour
        return None
    is_dated = form[0] != "bare"
    day_at = found.span(_day_group(form)) if form[0] == "day" else (0, 0)
    return Time(*found.span(), form, when, day_at) if not is_dated or _FIRST <= when <= _LAST else None


def _read(found: re.Match[str]) -> tuple[Form, datetime]:
    part = found.groupdict(default="")
    if unix := part["unix"]:
        return ("unix", str(len(unix))), datetime.fromtimestamp(int(unix) // _DIGITS_OF_UNIX[len(unix)], tz=UTC)
    if part["bare"]:
        return ("bare",), _at("2001", 1, "1", part["bare"])
    if part["word"]:
        return _worded(part)
    if day := _day_of(part):
        return day
    clock = f"{part['hour'] or '0'}:{part['minute'] or '0'}:{part['second'] or '0'}"
    signs, has = ("between", "then", "colon"), ("second", "zone", "monotonic")
    kind = "moment" if part["hour"] else "day"
    form: Form = (kind, *(part[one] for one in signs), *(bool(part[one]) for one in has))
    return form, _at(part["year"], int(part["month"]), part["day"], clock)


def _worded(part: dict[str, str]) -> tuple[Form, datetime]:
    day, year = part["day_first"].strip(" -") or part["day_after"], part["early_year"] or part["late_year"]
    form: Form = ("words", *(bool(part[one]) for one in ("day_first", "day_after", "early_year", "late_year")))
    century = "" if len(year) == len("2001") else "20"
    return form, _at(f"{century}{year}", _MONTHS.index(part["named"]) + 1, day, part["clock"])


def _day_of(part: dict[str, str]) -> tuple[Form, datetime] | None:
    """A day without an hour, as people write it."""
    if part["month_word"]:
        month = _MONTHS.index(part["month_word"]) + 1
        return ("day", part["beside"], "day_before"), _at(part["year_after"], month, part["day_before"], "0:0")
    if part["month_first"]:
        month = _MONTHS.index(part["month_first"]) + 1
        return ("day", " ", "day_then"), _at(part["year_last"], month, part["day_then"], "0:0")
    if part["sign"]:
        is_day_first = part["sign"] == "." or int(part["first"]) > len(_MONTHS)
        own, other = ("first", "second_one") if is_day_first else ("second_one", "first")
        return ("day", part["sign"], own), _at(part["year_at_end"], int(part[other]), part[own], "0:0")
    return None


def _day_group(form: Form) -> str:
    """The group with the day of the month, of a form without an hour."""
    named = form[2]
    return named if isinstance(named, str) and named in _DAYS else "day"


def _at(year: str, month: int, day: str, clock: str) -> datetime:
    hour, minute, second = (*map(int, clock.split(":")), 0)[:3]
    return datetime(int(year), month, int(day), hour, minute, second, tzinfo=UTC)
