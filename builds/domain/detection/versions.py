"""Which version of a language is meant: what a version file or a range says, and the newest that it allows. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

TEXT_MOST = 200
_CLAUSE = re.compile(r"(===?|~=|!=|>=|<=|=>|=<|~>|[<>=~^])?\s*v?([0-9]{1,4}(?:\.[0-9xX*]{1,4}){0,3}|[xX*])", re.ASCII)
_HYPHEN = re.compile(r"([0-9.]+)\s+-\s+([0-9.]+)")
_PLAIN = re.compile(
    r"(?:(?:c?python|ruby|go|node(?:js)?|php|java|openjdk|jdk|temurin|corretto|zulu|liberica|adoptopenjdk)-?)?"
    r"v?([0-9]{1,4}(?:\.[0-9]{1,4}){0,3})(?:(?:[-+]|rc|a|b).*)?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """Versions of one language whose official images exist, the newest first."""

    name: str
    parts: int
    """Numbers in a tag that does not move too far: 1 for Node (22), 2 for Python (3.13)."""
    known: tuple[str, ...]
    usual: str
    ended: tuple[str, ...] = ()
    """Those without security updates."""


NODE = Line("Node", 1, ("26", "25", "24", "22", "20", "18", "16", "14"), "24", ("25", "20", "18", "16", "14"))
PYTHON = Line("Python", 2, ("3.14", "3.13", "3.12", "3.11", "3.10", "3.9", "3.8"), "3.13", ("3.9", "3.8"))
GO = Line(
    "Go", 2, ("1.27", "1.26", "1.25", "1.24", "1.23", "1.22", "1.21"), "1.26", ("1.25", "1.24", "1.23", "1.22", "1.21")
)
JAVA = Line("Java", 1, ("25", "21", "17", "11", "8"), "21")
RUBY = Line("Ruby", 2, ("4.0", "3.4", "3.3", "3.2", "3.1"), "3.4", ("3.2", "3.1"))
PHP = Line("PHP", 2, ("8.5", "8.4", "8.3", "8.2", "8.1"), "8.4", ("8.1",))
CODE_NAMES = {"argon": 4, "boron": 6, "carbon": 8, "dubnium": 10, "erbium": 12, "fermium": 14, "gallium": 16}
CODE_NAMES |= {"hydrogen": 18, "iron": 20, "jod": 22, "krypton": 24}
"""Of Node's releases with long support, as .nvmrc may name them (lts/jod). Source: nodejs/Release, `schedule.json`."""


def written_version(line: Line, text: str) -> str | None:
    """The version that a version file names (v22.3.0, python-3.12.1, lts/jod), as a tag has it; or None."""
    text = text.strip()[:TEXT_MOST]
    if line is NODE:
        word = text.lower().removeprefix("lts/")
        if text.lower() in ("node", "stable", "latest", "current", "lts/*"):
            return line.usual
        if word in CODE_NAMES:
            return str(CODE_NAMES[word])
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    numbers = found[1].split(".")
    if line is JAVA and numbers[:1] == ["1"] and len(numbers) > 1:
        numbers = numbers[1:]  # 1.8 is what Java 8 calls itself
    if len(numbers) < line.parts:
        fits = [one for one in line.known if one.split(".")[0] == numbers[0]]
        return fits[0] if fits else None
    return ".".join(str(int(one)) for one in numbers[: line.parts])


def allowed_version(line: Line, text: str) -> str | None:
    """The version that a range means (^3.11, >=18 <23, 20 || 22): ours if allowed, or the nearest above, or below.

    None for what is not a range, or allows none that is known.
    """
    text = text.strip()[:TEXT_MOST]
    if not text or text.lower() in ("latest", "*", "x", "any"):
        return None
    allowed = [one for one in line.known if any(_all(part, one) for part in text.split("||"))]
    if line.usual in allowed:
        return line.usual
    above = [one for one in allowed if _key(one) > _key(line.usual)]
    return above[-1] if above else allowed[0] if allowed else None


def _key(text: str) -> tuple[int, ...]:
    return tuple(int(one) for one in text.split("."))


def _all(part: str, version: str) -> bool:
    part = _HYPHEN.sub(r">=\1 <=\2", part)
    clauses = list(_CLAUSE.finditer(part))
    rest = re.sub(r"[\s,|]+|\.dev\d*|-0|[ab]\d", "", _CLAUSE.sub("", part))
    return bool(clauses) and not rest and all(_one(clause[1] or "", clause[2], version) for clause in clauses)


def _one(operator: str, wanted: str, version: str) -> bool:
    """Whether any patch of `version` may be meant."""
    digits = [int(one) for one in wanted.split(".") if one.isdecimal()]
    has = list(_key(version))
    if not digits:
        return True
    short = digits[: len(has)]
    mine = has[: len(short)]
    match operator:
        case "" | "=" | "==" | "===":
            return mine == short
        case "!=":
            return len(digits) > len(has) or mine != short
        case ">=" | "=>":
            return mine >= short
        case ">":
            return mine > short if len(digits) <= len(has) else mine >= short
        case "<=" | "=<":
            return mine <= short
        case "<":
            return mine < short if len(digits) <= len(has) or not any(digits[len(has) :]) else mine <= short
        case "^":
            return mine >= short and has[0] == digits[0]
        case "~=" | "~>":
            if len(digits) <= 2:
                return mine >= short and has[0] == digits[0]
            return has[:2] == digits[:2]
        case _:  # ~
            return has[: min(2, len(short))] == short[:2]
