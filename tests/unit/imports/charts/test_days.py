"""A day that a chart prints from the clock is kept, though two renderings of one day show it alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from imports.charts.days import with_other_days
from imports.charts.helm import Rendering
from imports.charts.keeping import NOTHING, Before, kept
from imports.charts.printed import Part
from imports.charts.times import times_in

FORMS: dict[str, Callable[[datetime], str]] = {
    "ISO": lambda day: f"{day:%Y-%m-%d}",
    "compact": lambda day: f"{day:%Y%m%d}",
    "dotted": lambda day: f"{day:%Y.%m.%d}",
    "day first": lambda day: f"{day:%d.%m.%Y}",
    "month first": lambda day: f"{day:%m/%d/%Y}",
    "month first, in words": lambda day: f"{day:%b} {day.day}, {day:%Y}",
    "long": lambda day: f"{day:%B} {day.day}, {day:%Y}",
    "day first, in words": lambda day: f"{day:%d %b %Y}",
    "with dashes": lambda day: f"{day:%d-%b-%Y}",
}
NOW = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
TEXT = "kind: ConfigMap\nmetadata:\n  name: a\ndata:\n  made: of {} by shop\n  replicas: '{}'\n"


def rendered(text: str, now: datetime, before: Before = NOTHING, said: bytes = b"{{ now | date }}") -> Before:
    """What is kept of two renderings that follow each other."""
    parts = (Part("a.yaml", text),)
    found, random = kept(Rendering(parts, with_other_days(parts, now, [said])), before)
    return Before(tuple(found), tuple(random))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("day", [NOW, NOW.replace(day=1), NOW.replace(month=12, day=31), NOW.replace(month=1, day=2)])
def test_the_day_of_the_first_rendering_stays_and_what_values_change_beside_it_comes(form: str, day: datetime):
    show = FORMS[form]
    first = rendered(TEXT.format(show(day), 2), day)
    assert first.parts[0].text == TEXT.format(show(day), 2)
    assert [one.fields for one in first.random] == [("data.made",)]

    later = day + timedelta(days=40)
    again = rendered(TEXT.format(show(later), 3), later, first)
    assert again.parts[0].text.replace('"', "'") == TEXT.format(show(day), 3)
    assert [one.anew for one in again.random] == [()]


@pytest.mark.parametrize("form", FORMS)
def test_all_of_a_day_is_found(form: str):
    text = FORMS[form](NOW)
    [found] = times_in(f"at {text}, done")
    assert (found.start, found.end, found.is_day) == (3, 3 + len(text), True)
    assert f"at {text}, done"[slice(*found.day_at)] == "27"


def test_a_day_that_the_chart_or_its_values_say_is_none_of_the_clock():
    text = TEXT.format("2026-11-27", 2)
    assert rendered(text, NOW, said=b"released: 2026-11-27").random == ()
    assert [one.fields for one in rendered(text, NOW).random] == [("data.made",)]


def test_a_day_that_is_far_from_today_is_none_of_the_clock():
    assert rendered(TEXT.format("2026-11-20", 2), NOW).random == ()
