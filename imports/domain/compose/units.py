"""Values in the one form that Compose prints: sizes, durations, modes, command lines, and numbers as text."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from imports.domain.compose.casts import as_32, integer, number

_UNITS_NS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
    "d": 86_400 * 10**9,
    "w": 604_800 * 10**9,
}
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^.0-9]+)", re.ASCII)
_SIZE = re.compile(r"([-+]?[0-9.eE]*[0-9.]) ?([a-zA-Z]{0,3})\Z", re.ASCII)
_SUFFIX = re.compile(r"(?:b|([kmgtp])(?:i?b)?)?\Z")
MAX = 2**63 - 1


def size_bytes(value: Any) -> str:
    """A size in bytes, as text: `512m` is 536870912. Source: Compose Specification, 11-extension.md, "Byte values"."""
    if not isinstance(value, str):
        return str(int(value))
    split = _SIZE.match(value)
    suffix = _SUFFIX.match(split[2].lower()) if split else None
    if not split or not suffix:
        raise ValueError(f"{value[:60]!r} is not a size; write 512m or 1gb")
    factor: int = 1024 ** ("kmgtp".index(suffix[1]) + 1) if suffix[1] else 1
    size = number(split[1]) * factor
    if not 0 <= size <= MAX:
        raise ValueError(f"{value[:60]!r} is not a size that exists")
    return str(int(size))


def duration(value: Any) -> str:
    """A duration as Compose prints it: `90s` is 1m30s, `1d` is 24h0m0s. Source: 11-extension.md, "Durations"."""
    return _shown(_nanoseconds(str(value)))


def _nanoseconds(text: str) -> int:
    wrong = ValueError(f"{text[:60]!r} is not a duration; write 30s or 1m30s")
    body = text[1:] if text[:1] in ("-", "+") else text
    if body == "0":
        return 0
    total, at = 0, 0
    while at < len(body):
        part = _PART.match(body, at)
        unit = _UNITS_NS.get(part[3]) if part else None
        if not part or not unit or not (part[1] or part[2]) or len(part[1]) > 19:
            raise wrong
        total += int(part[1] or "0") * unit
        if part[2]:
            digits = part[2][:18]
            total += int(float(int(digits)) * (unit / 10 ** len(digits)))
        at = part.end()
    if not body or total > MAX:
        raise wrong
    return -total if text[:1] == "-" else total


def _shown(ns: int) -> str:
    if ns == 0:
        return "0s"
    sign, ns = ("-", -ns) if ns < 0 else ("", ns)
    for unit, size in (("ns", 1), ("µs", 10**3), ("ms", 10**6)):
        if ns < size * 1000:
            return f"{sign}{_decimal(ns, size)}{unit}"
    minutes, rest = divmod(ns, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{_decimal(rest, 10**9)}s"
    if hours:
        return f"{sign}{hours}h{minutes}m{seconds}"
    return f"{sign}{minutes}m{seconds}" if minutes else f"{sign}{seconds}"


def _decimal(value: int, size: int) -> str:
    whole, fraction = divmod(value, size)
    digits = f"{fraction:0{len(str(size)) - 1}d}".rstrip("0") if fraction else ""
    return f"{whole}.{digits}" if digits else str(whole)


def file_mode(value: Any) -> str:
    """The mode of a file, as text in octal with a leading 0."""
    if isinstance(value, str):
        if not re.fullmatch("[-+]?[0-7]{1,20}", value):
            raise ValueError(f"{value[:60]!r} is not a file mode; write 0440")
        value = int(value, 8)
    return f"0{int(value):o}"


def as_text(value: Any) -> str:
    """A scalar as Compose writes it where text is wanted: 1.10 is `1.1`, true is `true`, nothing is empty."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return _float_text(value)
        case _:
            return str(value)


def _float_text(value: float) -> str:
    """The shortest digits, with an exponent from a million on and below a ten thousandth."""
    exact = Decimal(repr(value)).normalize()
    exponent = exact.adjusted()
    if -4 <= exponent < 6:
        return f"{exact:f}"
    sign, digits, _ = exact.as_tuple()
    first, *rest = map(str, digits)
    mantissa = f"{first}.{''.join(rest)}" if rest else first
    return f"{'-' if sign else ''}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def cpus(value: Any) -> float | int:
    """A number of processors, with the digits that 32 bits keep."""
    short = as_32(number(value) if isinstance(value, str) else float(value))
    return int(short) if short.is_integer() else short


def whole(value: Any) -> int:
    """A whole number; a text is read as one, a fraction is cut off."""
    return integer(value) if isinstance(value, str) else int(value)


def count(value: Any) -> int:
    """A whole number that is not negative, and not written as text."""
    if isinstance(value, str) or value < 0:
        raise ValueError(f"{value!r} is not a count; write a number")
    return int(value)


def command_line(text: str) -> tuple[list[str], str]:
    """A command line in its words, as a shell would split it; variables and commands in it are not carried out.

    It ends where a shell would end the command (`;`, `&`, `|`, `<`, `>`), as in Docker Compose; that character, or "".
    Raises ValueError where a quote or a bracket is not closed.
    """
    words: list[str] = []
    word: list[str] = []
    started = escaped = False
    quote = end = ""
    for character in text:
        if escaped:
            word.append(character)
            escaped, started = False, True
        elif character == "\\" and quote != "'":
            escaped = True
        elif character in " \t\r\n" and not quote:
            if started:
                words.append("".join(word))
            word, started = [], False
        elif character in "'\"`" and quote in ("", character):
            quote = "" if quote else character
            if character == "`":
                word.append(character)
                started = True
            elif not quote:
                started = True
        elif character == "(" and quote in ("", "("):
            if quote or not word or word[-1] != "$":
                raise ValueError(f"the bracket in {text[:60]!r} needs quotes")
            quote = "("
            word.append(character)
        elif character == ")" and quote in ("", "("):
            quote = "" if quote else "("
            word.append(character)
            started = True
        elif character in ";&|<>" and not quote:
            if character == ">" and word and word[0] in "0123456789":
                started = False
            end = character
            break
        else:
            word.append(character)
            started = True
    if escaped or quote:
        raise ValueError(f"a quote or a bracket of {text[:60]!r} is not closed")
    return [*words, "".join(word)] if started else words, end
