"""Reads env files.

Source: Compose Specification, 05-services.md, "Env_file format"; Docker Compose where it is silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from imports.domain.compose.interpolation import substitute
from imports.domain.compose.reader import read_text
from imports.domain.compose.tree import Reading
from imports.domain.compose.variables import Variable
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place
from kubeorch.base.records import draft, field

Found = dict[str, tuple[str, Place]]
_SPACE = " \t\v\f\r\x85\xa0"
_EXPORT = re.compile(r"export\s+")
_NAME = re.compile(r"[^=:\n]*")
_FOREIGN = re.compile(rf"[^\w.\-\[\]{_SPACE}]")
_ESCAPE = re.compile(r"\\(?:[abcfnrtv$\"\\]|0[0-9]{0,3})")
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", '"': '"', "\\": "\\"}


def read_env_file(
    content: bytes, path: str, reading: Reading, outer: Callable[[str], str | None], found: Found | None = None
) -> Found:
    """Variables of an env file with their places. `outer` answers before what the file itself has set.

    `found` is what earlier files have set; it is added to, and a later value wins.
    Raises ImportInvalid with the line.
    """
    found = {} if found is None else found
    _EnvFile(read_text(content, Place(path, 0, 0)), path, reading, outer, found).read()
    return found


def read_raw_env_file(content: bytes, path: str, outer: Callable[[str], str | None]) -> Found:
    """Variables of an env file in the format `raw`: a line is a name, `=`, and a value that is taken as it is."""
    found: Found = {}
    for at, written in enumerate(read_text(content, Place(path, 0, 0)).split("\n"), 1):
        line = written.removesuffix("\r").lstrip()
        if not line or line.startswith("#"):
            continue
        place = Place(path, at, 1)
        name, equals, value = line.partition("=")
        if not name or any(c.isspace() for c in name):
            raise ImportInvalid(
                "a line begins with no name of a variable; write NAME=value", place, code="import.env_file"
            )
        given = value if equals else outer(name)
        if given is not None:
            found[name] = (given, place)
    return found


@draft
class _EnvFile:
    text: str
    path: str
    reading: Reading
    outer: Callable[[str], str | None]
    found: Found
    at: int = 0
    line: int = 1
    line_start: int = 0
    counted: int = 0
    used: dict[str, Variable] = field(default_factory=dict)

    def read(self) -> None:
        while True:
            self._skip()
            if self.at >= len(self.text):
                return
            place = self._place()
            name, has_value = self._name(place)
            if not has_value:
                value = self.outer(name)
                if value is not None:
                    self.found[name] = (value, place)
            else:
                self.found[name] = (self._value(place), place)

    def use(self, name: str, place: Place) -> Variable:
        """A variable inside a value: what is known outside, then what the file has set before."""
        value = self.outer(name)
        origin: Place | Literal["given"] | None = "given" if value is not None else None
        if value is None and name in self.found:
            value, origin = self.found[name]
        return Variable(name, value, origin, [place])

    def _place(self) -> Place:
        """The place that is read now, from 1; lines are counted on from the last one asked for."""
        if lines := self.text.count("\n", self.counted, self.at):
            self.line += lines
            self.line_start = self.text.rfind("\n", self.counted, self.at) + 1
        self.counted = self.at
        return Place(self.path, self.line, self.at - self.line_start + 1)

    def _skip(self) -> None:
        """Over blanks and lines that are comments."""
        text, at = self.text, self.at
        while at < len(text):
            if text[at].isspace():
                at += 1
            elif text[at] == "#":
                end = text.find("\n", at)
                at = len(text) if end < 0 else end
            else:
                break
        self.at = at

    def _name(self, place: Place) -> tuple[str, bool]:
        """The name, and whether a value follows. Without one, the variable is taken over from outside."""
        if export := _EXPORT.match(self.text, self.at):
            self.at = export.end()
        written = _NAME.match(self.text, self.at)
        assert written is not None  # noqa: S101 - the pattern matches an empty text
        foreign = _FOREIGN.search(written[0])
        name = written[0].rstrip()
        if foreign or not name or " " in name:
            why = "has a foreign character in it" if foreign else "is empty" if not name else "has a space in it"
            raise ImportInvalid(f"the name of a variable {why}; write NAME=value", place, code="import.env_file")
        self.at = written.end() + 1
        has_value = self.text[written.end() : self.at] in ("=", ":")
        if has_value:
            while self.at < len(self.text) and self.text[self.at] in _SPACE:
                self.at += 1
        return name, has_value

    def _value(self, place: Place) -> str:
        quote = self.text[self.at : self.at + 1]
        if quote not in ("'", '"') or not quote:
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            value = self.text[self.at : end].split(" #", 1)[0].rstrip()
            self.at = end + 1
            return substitute(value, self, place)
        value, self.at = _quoted(self.text, self.at, place)
        return substitute(_ESCAPE.sub(_unescaped, value), self, place) if quote == '"' else value


def _quoted(text: str, start: int, place: Place) -> tuple[str, int]:
    """A quoted value, which may go over lines, and where the text goes on."""
    quote = text[start]
    special = re.compile(rf"[\\{quote}]")
    parts: list[str] = []
    at = start + 1
    while found := special.search(text, at):
        parts.append(text[at : found.start()])
        if found[0] == quote:
            return "".join(parts), found.end()
        following = text[found.end() : found.end() + 1]
        parts.append(following if following == quote else found[0] + following)
        at = found.end() + 1
    raise ImportInvalid(f"the quote {quote} is not closed", place, code="import.env_file")


def _unescaped(match: re.Match[str]) -> str:
    body = match[0][1:]
    if body == "$":
        return "$$"
    if body.startswith("0"):
        octal = body[1:]
        return chr(int(octal, 8)) if re.fullmatch("[0-3][0-7]{2}", octal) else f"\\{octal}"
    return _ESCAPED.get(body, match[0])
