"""Versions of charts, and which of them a range allows. Pure.

Sources: Semantic Versioning 2.0.0, section 11; Masterminds/semver v3, "Checking Version Constraints".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_VERSION = re.compile(r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?\Z")
_CLAUSE = re.compile(r"(=|!=|>=|<=|>|<|=>|=<|~>?|\^)?\s*v?([0-9xX*][0-9A-Za-z.*+-]*)")
_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)")
Key = tuple[int, int, int, tuple[tuple[int, int, str], ...]]
_RELEASE: tuple[tuple[int, int, str], ...] = ((2, 0, ""),)
"""Of a version without a pre-release, which comes after those with one."""


def key_of(version: str) -> Key | None:
    """By which versions are ordered; None for what is not a version."""
    found = _VERSION.match(version.strip())
    if found is None:
        return None
    numbers = (int(found[1]), int(found[2] or 0), int(found[3] or 0))
    return (*numbers, _before(found[4]) if found[4] else _RELEASE)


def _before(text: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in text.split("."))


def newest(versions: Iterable[str], wanted: str = "") -> str | None:
    """The newest version that a range allows; a whole version is found as it is written. None where none does.

    Without a range, and within one that names none, pre-releases do not count.
    """
    known = [version for version in versions if key_of(version) is not None]
    if wanted in known:
        return wanted
    fit = [version for version in known if allows(wanted or "*", version)]
    return max(fit, key=lambda version: key_of(version) or (0, 0, 0, ()), default=None)


def allows(wanted: str, version: str) -> bool:
    """Whether a range (`^1.2`, `~1.2.3`, `>=1.2, <2`, `1.x`, `1.2 - 2.3`, any of them joined by `||`) has a version."""
    key = key_of(version)
    return key is not None and any(_all(part, key) for part in wanted.split("||"))


def _all(part: str, key: Key) -> bool:
    text = _HYPHEN.sub(r">=\1, <=\2", part.strip()) or "*"
    clauses = list(_CLAUSE.finditer(text))
    rest = _CLAUSE.sub("", text).replace(",", "").strip()
    if not clauses or rest:
        return False
    if key[3] != _RELEASE and not any("-" in clause[2] for clause in clauses):
        return False
    return all(_one(clause[1] or "=", clause[2], key) for clause in clauses)


def _one(sign: str, text: str, key: Key) -> bool:
    parts = re.split(r"[-+]", text, maxsplit=1)[0].split(".")
    given = [part for part in parts if part not in ("x", "X", "*")]
    low = key_of(".".join(given) + text[len(".".join(parts)) :]) if given else (0, 0, 0, ())
    if low is None:
        return False
    if not given:
        return sign != "!="
    exact = len(given) >= 3
    if sign in ("=", "!="):
        same = key == low if exact else low <= key < _next(low, len(given) - 1)
        return same == (sign == "=")
    if sign == "^":
        first = next((at for at, number in enumerate(low[:3]) if number), len(given) - 1)
        return low <= key < _next(low, min(first, len(given) - 1))
    if sign.startswith("~"):
        return low <= key < _next(low, min(len(given) - 1, 1))
    above = _next(low, len(given) - 1) if not exact else low
    return {
        ">": key > low if exact else key >= above,
        "<": key < low,
        ">=": key >= low,
        "=>": key >= low,
        "<=": key <= low if exact else key < above,
        "=<": key <= low if exact else key < above,
    }[sign]


def _next(low: Key, place: int) -> Key:
    """The first version whose number at a place is one higher; its pre-releases come before it as well."""
    major, minor, patch, _ = low
    return [(major + 1, 0, 0, ()), (major, minor + 1, 0, ()), (major, minor, patch + 1, ())][place]
