"""What is wrong with one value of a parameter that has no parameters below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from clusters.domain.quantity import is_quantity
from kubeorch.base.errors import InvalidInput
from workflows.domain.kinds.field_problems import (
    MAX_PROBLEMS,
    FieldProblem,
    key_path,
    required,
    too_few,
    wrong_format,
    wrong_type,
)
from workflows.domain.kinds.formats import FORMATS, is_percent
from workflows.domain.kinds.parameter_fill import MAX_TEXT, parse_yaml_value
from workflows.domain.kinds.parameters import Parameter
from workflows.domain.kinds.references import has_reference, is_reference

MAX_LINE = 65_536
MAX_ITEMS = 1_000
MAX_INT32 = 2**31 - 1
"""Most numbers of the Kubernetes API are int32."""


def _check_text(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if isinstance(value, (bool, int, float)) and parameter.type == "string" and not parameter.format:
        return  # a number in a text field is text; parameter_fill writes it as such
    if not isinstance(value, str):
        problems.append(wrong_type(parameter.label, value, path, "text"))
        return
    longest = parameter.max_length or (MAX_LINE if parameter.type == "string" else MAX_TEXT)
    if len(value) > longest:
        detail = f"{parameter.label} has {len(value):,} characters; the limit is {longest:,}"
        problems.append(FieldProblem("parameter.too_long", path, detail))
        return
    if "${" in value:
        if has_reference(value):
            return
        value = value.replace("$${", "${")
    if parameter.required and not value.strip():
        problems.append(required(parameter, path))
    elif parameter.format and (value or parameter.format == "line"):
        _check_format(parameter.format, parameter.label, value, path, problems)
    elif parameter.pattern and value and not re.fullmatch(parameter.pattern, value):
        problems.append(wrong_format(parameter.label, value, path, f"a value such as {parameter.example}"))


def _check_format(name: str, title: str, value: str, path: str, problems: list[FieldProblem]) -> None:
    rule = FORMATS[name]
    if len(value) > rule.longest or not rule.accepts(value):
        problems.append(wrong_format(title, value, path, rule.expected))


def _check_yaml(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    try:
        parse_yaml_value(value)
    except InvalidInput as error:
        problems.append(FieldProblem(error.code, path, f"{parameter.label}: {error.detail}"))


def _check_number(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if isinstance(value, str) and is_reference(value):
        return
    whole = parameter.type in ("integer", "port")
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        expected = "a whole number" if whole else "a number"
        problems.append(wrong_type(parameter.label, value, path, expected))
        return
    low, high = parameter.min, parameter.max
    if parameter.type == "port":
        low, high = 1 if low is None else low, 65_535 if high is None else high
    _check_range(parameter.label, value, low, high, path, problems)


def _check_range(
    title: str, value: float, low: float | None, high: float | None, path: str, problems: list[FieldProblem]
) -> None:
    most = MAX_INT32 if high is None else high
    if (low is None or low <= value) and value <= most:
        return
    if low is not None and high is not None:
        span = f"from {low} to {high}"
    else:
        span = f"at most {most}" if value > most else f"at least {low}"
    problems.append(FieldProblem("parameter.range", path, f"{title} is {value}; it must be {span}"))


def _check_boolean(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if not isinstance(value, bool) and not (isinstance(value, str) and is_reference(value)):
        problems.append(wrong_type(parameter.label, value, path, "true or false"))


def _check_enum(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if not isinstance(value, str):
        problems.append(wrong_type(parameter.label, value, path, "one of its options"))
    elif not is_reference(value) and value not in [option.value for option in parameter.options]:
        offered = ", ".join(option.value for option in parameter.options)
        detail = f"{parameter.label} {value[:60]!r} is not an option; choose one of {offered}"
        problems.append(FieldProblem("parameter.option", path, detail))


def _check_quantity(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        problems.append(wrong_type(parameter.label, value, path, "a quantity such as 250m or 512Mi"))
        return
    text = str(value)
    if has_reference(text):
        return
    if not is_quantity(text) or text.startswith("-"):
        example = parameter.example or "250m, 2, 512Mi or 10Gi"
        detail = f"{parameter.label} {text[:40]!r} is not a quantity; write a number with a unit, such as {example}"
        problems.append(FieldProblem("parameter.format", path, detail))


def _check_port_ref(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    title = parameter.label
    if isinstance(value, str) and not value.isdecimal():
        if not has_reference(value):
            _check_format("port_name", title, value, path, problems)
        return
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        problems.append(wrong_type(title, value, path, "a port number or a port name"))
        return
    if isinstance(value, str) and (len(value) > 5 or not value.isascii()):
        problems.append(FieldProblem("parameter.range", path, f"{title} must be from 1 to 65535"))
        return
    _check_range(title, int(value), 1, 65_535, path, problems)


def _check_int_or_percent(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    title = parameter.label
    if isinstance(value, str) and not value.isdecimal():
        if not has_reference(value) and not is_percent(value):
            problems.append(wrong_format(title, value, path, "a whole number such as 1, or a percentage such as 25%"))
        return
    if isinstance(value, bool) or not isinstance(value, (str, int)) or len(str(value)) > 10:
        problems.append(wrong_type(title, value, path, "a whole number or a percentage"))
        return
    _check_range(title, int(value), parameter.min or 0, None, path, problems)


def _check_map(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if not isinstance(value, dict):
        problems.append(wrong_type(parameter.label, value, path, "an object of keys and values"))
        return
    if not has_room(parameter, value, path, problems):
        return
    for key, item in value.items():
        if len(problems) >= MAX_PROBLEMS:
            return
        if parameter.key_format:
            _check_format(parameter.key_format, "the key", key, key_path(path, key), problems)
        if isinstance(item, (dict, list)):
            problems.append(wrong_type(_value_of(key), item, key_path(path, key), "text"))
        elif isinstance(item, str):
            longest = parameter.max_length or MAX_TEXT
            if len(item) > longest:
                detail = f"{_value_of(key)} has {len(item):,} characters; the limit is {longest:,}"
                problems.append(FieldProblem("parameter.too_long", key_path(path, key), detail))
            elif parameter.value_format and not has_reference(item):
                _check_format(parameter.value_format, _value_of(key), item, key_path(path, key), problems)


def _value_of(key: str) -> str:
    return f"the value of {key[:60]!r}"


def has_room(
    parameter: Parameter, value: Sequence[Any] | Mapping[str, Any], path: str, problems: list[FieldProblem]
) -> bool:
    most = parameter.max_items or MAX_ITEMS
    least = parameter.min_items or 0
    if len(value) > most:
        detail = f"{parameter.label} has {len(value):,} entries; the limit is {most:,}"
        problems.append(FieldProblem("parameter.too_many", path, detail))
    elif len(value) < least:
        problems.append(FieldProblem("parameter.too_few", path, too_few(parameter, least)))
    return len(value) <= most


def _check_secret_keys(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if not isinstance(value, list):
        problems.append(wrong_type(parameter.label, value, path, "a list of keys"))
        return
    if not has_room(parameter, value, path, problems):
        return
    seen: set[str] = set()
    for index, key in enumerate(value):
        if len(problems) >= MAX_PROBLEMS:
            return
        if not isinstance(key, str):
            problems.append(wrong_type("a key", key, f"{path}.{index}", "text (its value is asked for at the run)"))
            continue
        if not key.strip():
            detail = "enter a name for the key, or remove the row"
            problems.append(FieldProblem("parameter.required", f"{path}.{index}", detail))
            continue
        _check_format("config_key", "the key", key, f"{path}.{index}", problems)
        if key in seen:
            detail = f"the key {key[:60]!r} is listed twice; remove one"
            problems.append(FieldProblem("parameter.duplicate", f"{path}.{index}", detail))
        seen.add(key)


VALUE_CHECKS: dict[str, Callable[[Parameter, Any, str, list[FieldProblem]], None]] = {
    "string": _check_text,
    "text": _check_text,
    "yaml": _check_yaml,
    "integer": _check_number,
    "number": _check_number,
    "port": _check_number,
    "boolean": _check_boolean,
    "enum": _check_enum,
    "quantity": _check_quantity,
    "port_ref": _check_port_ref,
    "int_or_percent": _check_int_or_percent,
    "map": _check_map,
    "secret_keys": _check_secret_keys,
}
