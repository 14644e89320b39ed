"""Breaks Compose files the way typing, editors and enemies do."""

from __future__ import annotations

import random

_TOKENS = [
    "${",
    "}",
    "$",
    "${A:-",
    "${A:?x}",
    "<<: *x",
    "&x ",
    "*x",
    "!reset ",
    "!override ",
    "!!int ",
    "!!binary ",
    "- ",
    ": ",
    "{",
    "[",
    "]",
    "'",
    '"',
    "#",
    "\t",
    "|",
    ">",
    "---\n",
    "...\n",
    "~",
    "null",
    "true",
    "0x1F",
    "1e400",
    "99999999999999999999",
    "services:",
    "extends: ",
    "include: [compose.yaml]\n",
    "a: &a [*a]\n",
    "\x00",
    "\ufeff",
    "\u2028",
    "\x85",
    "\ud7ff",
    "é",
    "🙂",
    "../",
    "/",
    "~/",
    "https://x/y",
    "x-",
    "=",
    ".inf",
    ".nan",
    "-",
    "?",
    "[[[[[[[[[[",
    "{{{{{{{{",
    "\r",
    "\\",
    "%YAML 1.1\n",
]
_VALUES = [
    "5",
    "true",
    "null",
    "[]",
    "{}",
    "text",
    "[a, b]",
    "{a: b}",
    "-1",
    "1.5",
    '""',
    "[[1]]",
    "{x: {y: [z]}}",
    "!reset",
    "[null]",
]


def mutated(rng: random.Random, text: str) -> bytes:
    """The text with one to four things broken."""
    for _ in range(rng.randint(1, 4)):
        text = rng.choice(_WAYS)(rng, text)
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.03:
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.randbytes(3) + data[at:]
    return text.encode("utf-16") if rng.random() < 0.01 else data


def _insert(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(_TOKENS) + text[at:]


def _cut(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + text[at + rng.randint(1, 20) :]


def _lines(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at] = " " * rng.randint(1, 5) + lines[at]
        case 3:
            lines[at] = lines[at].lstrip()
        case _:
            lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


def _value(rng: random.Random, text: str) -> str:
    """Another value, of another type, behind a key or in a list."""
    lines = text.split("\n")
    marks = [at for at, line in enumerate(lines) if ":" in line or line.lstrip().startswith("- ")]
    if marks:
        at = rng.choice(marks)
        head = lines[at].split(":", 1)[0] + ":" if ":" in lines[at] else lines[at][: lines[at].index("-") + 1]
        lines[at] = f"{head} {rng.choice(_VALUES)}"
    return "\n".join(lines)


_WAYS = [_insert, _cut, _lines, _lines, _value, _value]
