"""Times written as cron does: minute, hour, day of the month, month, day of the week, in a time zone.

Source: POSIX, crontab; Kubernetes documentation, "CronJob", Schedule syntax. Where both days are given, either counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kubeorch.base.errors import InvalidInput

TEXT_MAX = 100
DAYS_MOST = 366 * 9
"""So far is looked for a day: the 29th of February may be eight years away."""
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,63}")
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(_DAY_NAMES)}
_FIELDS: tuple[tuple[str, int, int, Mapping[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)


class CronInvalid(InvalidInput):
    code = "trigger.cron"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"{why}; write five fields: minute, hour, day of the month, month, day of the week, as in 30 2 * * 1-5",
            field="cron",
        )


class NeverComes(CronInvalid):
    """A day that no year has, as the 30th of February."""


class TimeZoneInvalid(InvalidInput):
    code = "trigger.time_zone"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no time zone {name[:64]!r}; write one such as Europe/Berlin or UTC", field="time_zone"
        )


@dataclass(frozen=True, slots=True)
class Schedule:
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_hour: bool
    any_day: bool
    any_weekday: bool
    zone: ZoneInfo

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after `moment`, in UTC; None where there is none in nine years, as on the 30th of February."""
        day = moment.astimezone(self.zone).date() - timedelta(days=1)
        for number in range(DAYS_MOST):
            for at in self._of_day(day + timedelta(days=number)):
                if at > moment:
                    return at
        return None

    def last_until(self, moment: datetime, since: datetime) -> datetime | None:
        """The last time up to `moment` that is not before `since`, in UTC."""
        day, first = moment.astimezone(self.zone).date() + timedelta(days=1), since.astimezone(self.zone).date()
        for number in range(DAYS_MOST):
            if day - timedelta(days=number) < first - timedelta(days=1):
                break
            times = [at for at in self._of_day(day - timedelta(days=number)) if since <= at <= moment]
            if times:
                return times[-1]
        return None

    def _of_day(self, day: date) -> list[datetime]:
        return sorted(self._moments(day)) if self._matches(day) else []

    def _matches(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday

    def _moments(self, day: date) -> Iterator[datetime]:
        """A time that the clocks skip is the moment after the gap; one that they repeat counts once. Where every hour
        counts, none is added and none left out."""
        for hour in self.hours:
            for minute in self.minutes:
                local = datetime.combine(day, time(hour, minute), self.zone)
                at = local.astimezone(UTC)
                is_skipped = at.astimezone(self.zone).replace(tzinfo=None) != local.replace(tzinfo=None)
                if is_skipped and self.any_hour:
                    continue
                yield at
                again = local.replace(fold=1).astimezone(UTC)
                if self.any_hour and again != at and not is_skipped:
                    yield again


def parse_schedule(cron: str, time_zone: str) -> Schedule:
    """Raises CronInvalid, its NeverComes, or TimeZoneInvalid."""
    if len(cron) > TEXT_MAX:
        raise CronInvalid(f"a schedule has {TEXT_MAX} characters at most")
    words = _MACROS.get(cron.strip().lower(), cron).split()
    if len(words) != len(_FIELDS):
        raise CronInvalid(f"{cron!r} has {len(words)} fields")
    minutes, hours, days, months, weekdays = (_parse(word, *field) for word, field in zip(words, _FIELDS, strict=True))
    found = Schedule(
        tuple(sorted(minutes)),
        tuple(sorted(hours)),
        days,
        months,
        frozenset(day % 7 for day in weekdays),
        any_hour=words[1].startswith("*"),
        any_day=words[2].startswith("*"),
        any_weekday=words[4].startswith("*"),
        zone=_zone(time_zone),
    )
    if found.next_after(datetime(2024, 1, 1, tzinfo=UTC)) is None:
        raise NeverComes(f"{cron!r} names a day that no year has")
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        if not _ZONE.fullmatch(name):
            raise TimeZoneInvalid(name)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TimeZoneInvalid(name) from error


def _parse(word: str, what: str, least: int, most: int, names: Mapping[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in word.split(","):
        span, slash, step = part.partition("/")
        every = _number(step, what, 1, most, {}) if slash else 1
        if span == "*":
            first, last = least, most
        else:
            low, dash, high = span.partition("-")
            first = _number(low, what, least, most, names)
            last = _number(high, what, least, most, names) if dash else (most if slash else first)
        if last < first:
            raise CronInvalid(f"the {what} {part!r} ends before it begins")
        found.update(range(first, last + 1, every))
    return frozenset(found)


def _number(text: str, what: str, least: int, most: int, names: Mapping[str, int]) -> int:
    number = names.get(text.lower())
    if number is None:
        if not text.isascii() or not text.isdigit() or len(text) > 4:
            raise CronInvalid(f"{text!r} is not a valid {what}")
        number = int(text)
    if not least <= number <= most:
        raise CronInvalid(f"the {what} is between {least} and {most}, not {number}")
    return number
