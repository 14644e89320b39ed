"""Variables of an environment: `${NAME}` in a parameter is replaced after parsing, so it never becomes syntax.

A text that is only `${NAME}` becomes the value of the variable, with its type; in a longer text the value
is inserted as text. `$${` is an escape for the text `${`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kubeorch.base.errors import InvalidInput, Problem
from workflows.domain.kinds.references import REFERENCE

Value = str | int | bool
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}\Z")
_TYPES: Mapping[str, type] = {"string": str, "integer": int, "boolean": bool}
MAX_VARIABLES = 200
MAX_TEXT = 65_536
MAX_INTEGER = 2**53 - 1
"""A browser would round larger integers."""


def has_marks(value: Any) -> bool:
    """Whether a value contains `${` anywhere, so that `substitute` could change it."""
    if isinstance(value, str):
        return "${" in value
    if isinstance(value, dict):
        return any(has_marks(item) for item in value.values())
    if isinstance(value, list):
        return any(has_marks(item) for item in value)
    return False


def substitute(value: Any, variables: Mapping[str, Value], unknown: set[str]) -> Any:
    """`value` with its references replaced. Names without a variable stay as written and are added to `unknown`."""
    if isinstance(value, str):
        return _replaced(value, variables, unknown) if "${" in value else value
    if isinstance(value, dict):
        return {key: substitute(item, variables, unknown) for key, item in value.items()}
    if isinstance(value, list):
        return [substitute(item, variables, unknown) for item in value]
    return value


def _replaced(text: str, variables: Mapping[str, Value], unknown: set[str]) -> Any:
    whole = REFERENCE.fullmatch(text)
    if whole is not None and whole[1] is not None:
        if whole[1] in variables:
            return variables[whole[1]]
        unknown.add(whole[1])
        return text

    def one(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "${"
        if name not in variables:
            unknown.add(name)
            return found[0]
        value = variables[name]
        return ("true" if value else "false") if isinstance(value, bool) else str(value)

    return REFERENCE.sub(one, text)


def unescape(value: Any) -> Any:
    """`value` with `$${` turned into `${` and references left as written, as a preview without variables shows it."""
    return substitute(value, {}, set())


def values_of(document: Mapping[str, Mapping[str, Any]]) -> dict[str, Value]:
    """The plain values of an environment's `variables` document (`{NAME: {type, value}}`)."""
    return {name: one["value"] for name, one in document.items()}


def parse_variables(raw: Any, *, field: str = "variables") -> dict[str, dict[str, Any]]:
    """A `variables` document from outside: `{NAME: {type, value}}`. Raises InvalidInput with every problem in it."""
    if not isinstance(raw, dict):
        raise InvalidInput(
            "variables must be an object: a name, and for each a type and a value",
            code="variables.invalid",
            field=field,
        )
    problems: list[Problem] = []
    if len(raw) > MAX_VARIABLES:
        detail = f"an environment has {len(raw):,} variables; the limit is {MAX_VARIABLES}"
        problems.append(Problem("variables.too_many", detail, field))
    for name, one in list(raw.items())[:MAX_VARIABLES]:
        problems += _variable_problems(name, one, f"{field}.{str(name)[:63]}")
    if problems:
        raise InvalidInput(problems[0].detail, code="variables.invalid", problems=problems)
    return {name: {"type": one["type"], "value": one["value"]} for name, one in raw.items()}


def _variable_problems(name: Any, one: Any, path: str) -> Iterator[Problem]:
    if not isinstance(name, str) or not _NAME.match(name):
        yield Problem(
            "variables.name",
            f"{str(name)[:63]!r} cannot be the name of a variable; use letters, digits and _, not a digit first "
            "(max 63 characters)",
            path,
        )
        return
    if not isinstance(one, dict) or set(one) != {"type", "value"} or one["type"] not in list(_TYPES):
        yield Problem("variables.form", f"{name} needs a type ({', '.join(_TYPES)}) and a value, nothing else", path)
        return
    value = one["value"]
    if type(value) is not _TYPES[one["type"]]:
        yield Problem("variables.type", f"the value of {name} must have the type {one['type']}", f"{path}.value")
    elif isinstance(value, str) and len(value) > MAX_TEXT:
        detail = f"the value of {name} has {len(value):,} characters; the limit is {MAX_TEXT:,}"
        yield Problem("variables.value", detail, f"{path}.value")
    elif isinstance(value, str) and "\0" in value:
        yield Problem("variables.value", f"the value of {name} contains a NUL character; remove it", f"{path}.value")
    elif type(value) is int and abs(value) > MAX_INTEGER:
        yield Problem("variables.value", f"the value of {name} must be from -(2^53 - 1) to 2^53 - 1", f"{path}.value")
