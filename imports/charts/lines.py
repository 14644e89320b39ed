"""A line that differs each time it is rendered takes its random part over from what it was before."""

from __future__ import annotations

from imports.charts.times import Time, between, times_in

_CHANCE = 4
"""Characters at an end of two random texts that are the same by chance."""


def carried_line(now: str, again: str, before: str) -> str | None:
    """The earlier line, where all of it that is not random is as it is now; else None.

    `now` and `again` are two renderings with the same values. A time that differs is random as a whole, though it
    begins alike, and the earlier line must have one in its place.
    """
    if now == again:
        return now
    times, others, earlier = times_in(now), times_in(again), times_in(before)
    at = _differing(now, again, times, others)
    if not at:
        return before if _fits(now, again, before) else None
    if [one.form for one in earlier] != [one.form for one in times]:
        return None
    texts = zip((now, again, before), (times, others, earlier), strict=True)
    around = zip(*(between(text, [found[one] for one in at]) for text, found in texts), strict=True)
    return before if all(_fits(*three) for three in around) else None


def _differing(now: str, again: str, times: list[Time], others: list[Time]) -> list[int]:
    """Which of the times of both are another moment of the same clock."""
    if [one.form for one in times] != [one.form for one in others]:
        return []
    pairs = enumerate(zip(times, others, strict=True))
    return [
        at
        for at, (one, other) in pairs
        if one.is_near(other) and now[one.start : one.end] != again[other.start : other.end]
    ]


def _fits(now: str, again: str, before: str) -> bool:
    if now == again:
        return now == before
    start = _same_start(now, again)
    end = _same_start(now[start:][::-1], again[start:][::-1])
    head = now[:start] if start >= _CHANCE else ""
    tail = now[len(now) - end :] if end >= _CHANCE else ""
    return before.startswith(head) and before.endswith(tail) and len(before) >= len(head) + len(tail)


def _same_start(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
