"""Days that a chart prints from the clock: two renderings that follow each other show them alike.

What is random is found where both differ, so the second one is given another day. A day is the clock's where the chart
asks the clock, it is about today, and neither the chart nor what was given says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from imports.charts.printed import Part
from imports.charts.times import Time, times_in

_ABOUT = timedelta(hours=40)
"""From the beginning of a day to its end in any time zone."""


def with_other_days(parts: Sequence[Part], now: datetime, said: Iterable[bytes]) -> tuple[Part, ...]:
    """The parts, with another day in place of each that the clock gave. `said` are all texts of the chart and of what
    was given to it."""
    days = {_text(part, one) for part in parts for one in _about(part, now)}
    for content in said if days else ():
        days = {day for day in days if day.encode() not in content}
    return tuple(_moved(part, [one for one in _about(part, now) if _text(part, one) in days]) for part in parts)


def _about(part: Part, now: datetime) -> list[Time]:
    return [one for one in times_in(part.text) if one.is_day and abs(one.when - now) <= _ABOUT]


def _text(part: Part, time: Time) -> str:
    return part.text[time.start : time.end]


def _moved(part: Part, days: Sequence[Time]) -> Part:
    """With the day before in place of these, or the one after the first of a month."""
    pieces, at = [], 0
    for one in days:
        start, end = one.day_at
        day = one.when.day - 1 if one.when.day > 1 else 2
        pieces += [part.text[at:start], str(day).zfill(end - start)]
        at = end
    return Part(part.source, "".join((*pieces, part.text[at:]))) if days else part
