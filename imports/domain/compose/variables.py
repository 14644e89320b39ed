"""Variables that interpolation may use, where their values come from, and where they are used.

They are what the person gave and what env files say; never the environment of this process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from imports.domain.compose.tree import Reading
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place
from kubeorch.base.records import draft, field


@draft
class Variable:
    """One variable: its value, None where nobody sets it, and where that was written, or `given`."""

    name: str
    value: str | None
    origin: Place | Literal["given"] | None
    used: list[Place] = field(default_factory=list)
    default_used: bool = False
    """A default of the file stood in for it, at least once."""
    defaults: dict[str, None] = field(default_factory=dict)
    """All that stood in for it."""
    required_message: str | None = None
    """What the file says where it must be set (`${A:?message}`)."""


class Environment:
    """The variables of one project folder. Names that an included folder sets for itself do not leave it."""

    def __init__(self, reading: Reading, given: Mapping[str, str], table: dict[tuple[str, object], Variable]) -> None:
        self.reading = reading
        self._values: dict[str, tuple[str, Place | Literal["given"]]] = {k: (v, "given") for k, v in given.items()}
        self._table = table

    def within(self, found: Mapping[str, tuple[str, Place]]) -> Environment:
        """This one, with what it does not set itself taken from env files of an included project."""
        inner = Environment(self.reading, {}, self._table)
        inner._values = {**found, **self._values}
        return inner

    def get(self, name: str) -> str | None:
        found = self._values.get(name)
        return found[0] if found else None

    def origin(self, name: str) -> Place | Literal["given"] | None:
        found = self._values.get(name)
        return found[1] if found else None

    def use(self, name: str, place: Place) -> Variable:
        """The variable, noted as used there."""
        value, origin = self._values.get(name, (None, None))
        variable = self._table.get((name, origin))
        if variable is None:
            variable = self._table[name, origin] = Variable(name, value, origin)
        if not variable.used or variable.used[-1] != place:
            variable.used.append(place)
        return variable

    def values(self) -> dict[str, str]:
        return {name: value for name, (value, _) in self._values.items()}


def required(variable: Variable, message: str, place: Place) -> ImportInvalid:
    """The refusal where a variable must be set and is not."""
    variable.required_message = message
    said = f": {message}" if message else ""
    return ImportInvalid(
        f"the variable {variable.name} must be set{said}; give it a value or write it into .env",
        place,
        code="import.variable_required",
    )


_SHOWN = 6
"""Characters of a value by which it is found in a message, which may have cut it; shorter ones stand in quotes."""


def without_values(message: str, values: Mapping[str, str]) -> str:
    """A message with `${NAME}` for what variables filled in. `values`: value → name."""
    for value, name in sorted(values.items(), key=lambda row: len(row[0]), reverse=True):
        written = repr(value)[1:-1]
        if len(written) < _SHOWN:
            message = message.replace(f"'{written}", f"'${{{name}}}") if len(written) > 1 else message
            continue
        start = message.find(written[:_SHOWN])
        while start >= 0:
            end = start + _SHOWN
            while end < len(message) and end - start < len(written) and message[end] == written[end - start]:
                end += 1
            message = f"{message[:start]}${{{name}}}{message[end:]}"
            start = message.find(written[:_SHOWN], start + len(name) + 3)
    return message
