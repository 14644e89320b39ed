"""Fills variables into texts. Source: Compose Specification, 12-interpolation.md; where it is silent, Docker Compose.

`$A ${A} ${A:-b} ${A-b} ${A:?e} ${A?e} ${A:+x} ${A+x}`, nested in what stands in for a value, and `$$` for a dollar.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from imports.domain.compose.casts import CASTS
from imports.domain.compose.tree import Node, Path, Reading, Rules, below, dotted
from imports.domain.compose.variables import Variable, required
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place

MAX_NESTED = 20
MAX_OPEN = 1_000
"""Braces that are open at once."""
_NAMED = re.compile("[_a-zA-Z][_a-zA-Z0-9]*")
_OPERATOR = re.compile(":?[-+?]")
_BRACE = re.compile(r"\{[^\n]?|\}|\n")
"""An opening brace with the character after it, a closing one, or the end of the line."""


class Lookup(Protocol):
    """Where values come from."""

    reading: Reading

    def use(self, name: str, place: Place) -> Variable:
        """The variable, noted as used there."""


def interpolate(root: Node, lookup: Lookup) -> Node:
    """Every text of a document filled in, and cast where Compose casts: `"80"` of a target is a number after it.

    Raises ImportInvalid for a template that is not one, a required variable that is not set, and a cast that fails.
    """
    _walk(root, (), CASTS, lookup)
    return root


def _walk(node: Node, path: Path, casts: Rules | None, lookup: Lookup) -> None:
    value = node.value
    if isinstance(value, str):
        if "$" in value:
            node.value = value = substitute(value, lookup, node.place)
        cast: Callable[[str], object] | None = casts.get("") if casts else None
        if cast:
            try:
                node.value = cast(value)
            except ValueError as error:
                raise ImportInvalid(f"{dotted(path)}: {error}", node.place, code="import.type") from error
    elif isinstance(value, dict):
        for key, item in value.items():
            _walk(item, (*path, key), below(casts, key), lookup)
    elif isinstance(value, list):
        under = below(casts, 0)
        for at, item in enumerate(value):
            _walk(item, (*path, at), under, lookup)


def substitute(text: str, lookup: Lookup, place: Place, depth: int = 0) -> str:
    """One text filled in. Each level of nesting reads its part once, so the work is linear in the length."""
    if depth > MAX_NESTED:
        raise ImportInvalid(f"variables are nested deeper than {MAX_NESTED} levels", place, code="import.too_large")
    parts: list[str] = []
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        parts.append(text[at:dollar])
        following = text[dollar + 1 : dollar + 2]
        if following == "$":
            parts.append("$")
            at = dollar + 2
        elif named := _NAMED.match(text, dollar + 1):
            parts.append(lookup_value(named[0], lookup, place))
            at = named.end()
        elif following == "{":
            value, at = _braced(text, dollar, lookup, place, depth)
            parts.append(value)
        else:
            parts.append("$")
            at = dollar + 1
    parts.append(text[at:])
    filled = "".join(parts)
    lookup.reading.count_text(len(filled), place)
    return filled


def lookup_value(name: str, lookup: Lookup, place: Place) -> str:
    """The value of a variable; "" and a warning where nobody sets it."""
    variable = lookup.use(name, place)
    if variable.value is None:
        lookup.reading.warn(place, f"the variable {name} is not set; it is read as an empty text")
        return ""
    lookup.reading.count_text(len(variable.value), place)
    return variable.value


def _braced(text: str, dollar: int, lookup: Lookup, place: Place, depth: int) -> tuple[str, int]:
    """The value of `${…}` and where the text goes on."""
    named = _NAMED.match(text, dollar + 2)
    operator = _OPERATOR.match(text, named.end()) if named else None
    if named and text.startswith("}", named.end()):
        return lookup_value(named[0], lookup, place), named.end() + 1
    end = _closing(text, dollar + 1, place) if operator else -1
    if not named or not operator or end < 0:
        raise ImportInvalid(
            f"character {dollar + 1} begins no variable; write ${{NAME}}, or $$ where a dollar is meant",
            place,
            code="import.interpolation",
        )
    instead = substitute(text[operator.end() : end], lookup, place, depth + 1)
    variable = lookup.use(named[0], place)
    value = variable.value
    present = value is not None and (value != "" or not operator[0].startswith(":"))
    match operator[0][-1]:
        case "?" if not present:
            raise required(variable, instead, place)
        case "?":
            variable.required_message = instead
        case "-" if not present:
            variable.default_used = True
            variable.defaults[instead] = None
            value = instead
        case "+" if present:
            value = instead
    lookup.reading.count_text(len(value or ""), place)
    return value or "", end + 1


def _closing(text: str, opening: int, place: Place) -> int:
    """Where the brace closes, on the same line; the last one of the line where they do not balance; -1 without any.

    The character after an opening brace is not looked at, as in Docker Compose: `${A:-{}}` is `{}`.
    """
    line_end = len(text)
    depth = 0
    for brace in _BRACE.finditer(text, opening):
        if brace[0] == "\n":
            line_end = brace.start()
            break
        if brace[0] != "}":
            depth += 1
            if depth > MAX_OPEN:
                raise ImportInvalid(f"more than {MAX_OPEN:,} braces are open at once", place, code="import.too_large")
        elif depth == 1:
            return brace.start()
        else:
            depth -= 1
    return text.rfind("}", opening, line_end)
