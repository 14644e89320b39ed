"""Environment variables in parameters: `${NAME}` is replaced after parsing, so it can never become syntax.

A text that is only `${NAME}` takes the variable's value with its type; inside a longer text the value
is written as text. `$${` stands for the text `${`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kubeorch.base.errors import InvalidInput, Problem
from workflows.domain.kinds.parameters import REFERENCE

Value = str | int | bool
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}\Z")
_TYPES: Mapping[str, type] = {"string": str, "integer": int, "boolean": bool}
MAX_VARIABLES = 500


def has_marks(value: Any) -> bool:
    """Whether a value holds `${` anywhere, so that `substitute` may change it."""
    if isinstance(value, str):
        return "${" in value
    if isinstance(value, dict):
        return any(has_marks(item) for item in value.values())
    if isinstance(value, list):
        return any(has_marks(item) for item in value)
    return False


def substitute(value: Any, variables: Mapping[str, Value], unknown: set[str]) -> Any:
    """`value` with every reference replaced; names without a variable are added to `unknown` and stay as written."""
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
    """`value` with references left as written and `$${` turned to `${`: what a preview without variables shows."""
    return substitute(value, {}, set())


def values_of(document: Mapping[str, Mapping[str, Any]]) -> dict[str, Value]:
    """The plain values of an environment's `variables` document (`{NAME: {type, value}}`)."""
    return {name: one["value"] for name, one in document.items()}


def parse_variables(raw: Any, *, field: str = "variables") -> dict[str, dict[str, Any]]:
    """A `variables` document from outside. Raises InvalidInput with every problem in it."""
    if not isinstance(raw, dict):
        raise InvalidInput("variables are names with a type and a value", code="variables.invalid", field=field)
    problems: list[Problem] = []
    out: dict[str, dict[str, Any]] = {}
    if len(raw) > MAX_VARIABLES:
        problems.append(Problem("variables.too_many", f"at most {MAX_VARIABLES} variables fit", field))
    for name, one in list(raw.items())[:MAX_VARIABLES]:
        path = f"{field}.{str(name)[:63]}"
        if not isinstance(name, str) or not _NAME.match(name):
            problems.append(
                Problem("variables.name", f"{str(name)[:63]!r} is no variable name; use letters, digits and _", path)
            )
        elif not isinstance(one, dict) or set(one) != {"type", "value"} or one.get("type") not in list(_TYPES):
            problems.append(
                Problem("variables.form", f"{name} needs a type (string, integer, boolean) and a value", path)
            )
        elif type(one["value"]) is not _TYPES[one["type"]]:
            problems.append(Problem("variables.type", f"the value of {name} is not of type {one['type']}", path))
        elif isinstance(one["value"], str) and ("\0" in one["value"] or len(one["value"]) > 65_536):
            problems.append(Problem("variables.value", f"the value of {name} has a NUL character or is too long", path))
        elif type(one["value"]) is int and not -(2**63) <= one["value"] < 2**63:
            problems.append(Problem("variables.value", f"the value of {name} does not fit into 64 bits", path))
        else:
            out[name] = {"type": one["type"], "value": one["value"]}
    if problems:
        raise InvalidInput("the variables cannot be taken as they are", code="variables.invalid", problems=problems)
    return out
