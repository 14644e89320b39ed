"""What is wrong with the values given for declared parameters."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from clusters.domain.quantity import is_quantity
from kubeorch.base.errors import InvalidInput, Problem
from kubeorch.base.records import record
from workflows.domain.kinds.formats import FORMATS, is_percent
from workflows.domain.kinds.parameter_fill import MAX_TEXT, parse_yaml_value
from workflows.domain.kinds.parameters import Parameter, is_visible
from workflows.domain.kinds.references import has_reference, is_reference

MAX_LINE = 65_536
MAX_NAME = 60
"""Characters of a name for which a similar one is searched."""
MAX_ITEMS = 1_000
MAX_PROBLEMS = 200
"""Problems that are shown of a node, and of a graph."""
MAX_SUGGESTIONS = 20
"""Unknown names of one object for which a similar known name is searched."""
MAX_INT32 = 2**31 - 1
"""Most numbers of the Kubernetes API are int32."""


@record
class FieldProblem:
    """What is wrong with one field; always an error."""

    code: str
    path: str
    detail: str

    def at(self, *, node_id: str | None = None, edge_id: str | None = None) -> Problem:
        """The same as a problem of a graph, at the node or edge that has the field."""
        return Problem(
            self.code,
            self.detail,
            self.path,
            () if node_id is None else (node_id,),
            () if edge_id is None else (edge_id,),
        )


def check_parameters(
    declared: Sequence[Parameter],
    values: Mapping[str, Any],
    path: str,
    problems: list[FieldProblem],
    *,
    relations: frozenset[str] = frozenset(),
) -> None:
    """Append a problem for everything that is wrong with `values`, each once.

    Parameters that one of the node's `relations` links may be absent though they are required; what then is missing
    after all, a rule says.
    """
    if len(problems) >= MAX_PROBLEMS:
        return
    by_name = _by_name(declared)
    unknown = [name for name in values if name not in by_name] if len(values) else []
    problems += [_unknown(name, by_name, path) for name in unknown[:MAX_SUGGESTIONS]]
    if len(unknown) > MAX_SUGGESTIONS:
        more = len(unknown) - MAX_SUGGESTIONS
        detail = f"there are {more:,} more parameters here that the kind does not have; remove them"
        problems.append(FieldProblem("parameter.unknown", path, detail))
    for parameter in declared:
        value = values.get(parameter.name)
        if value is None:
            if (
                parameter.required
                and parameter.default is None
                and relations.isdisjoint(parameter.linked_by)
                and is_visible(parameter, declared, values)
            ):
                problems.append(_required(parameter, f"{path}.{parameter.name}"))
        elif not parameter.visible_if or is_visible(parameter, declared, values):
            _check_value(parameter, value, f"{path}.{parameter.name}", problems, relations)


def _check_value(
    parameter: Parameter, value: Any, path: str, problems: list[FieldProblem], relations: frozenset[str]
) -> None:
    if parameter.type == "list":
        _check_list(parameter, value, path, problems, relations)
    elif parameter.type == "object":
        _check_object(parameter, value, path, problems, relations)
    else:
        _CHECKS[parameter.type](parameter, value, path, problems)


_names_cache: dict[int, tuple[Sequence[Parameter], dict[str, Parameter]]] = {}


def _by_name(declared: Sequence[Parameter]) -> dict[str, Parameter]:
    # The declarations live as long as the catalog; the cache keeps them, so an id is never reused.
    found = _names_cache.get(id(declared))
    if found is None or found[0] is not declared:
        found = _names_cache[id(declared)] = (declared, {parameter.name: parameter for parameter in declared})
    return found[1]


def _unknown(name: str, known: Mapping[str, Parameter], path: str) -> FieldProblem:
    near = difflib.get_close_matches(name, known, n=1) if len(name) <= MAX_NAME else []
    cure = f"did you mean {near[0]!r}?" if near else "remove it"
    return FieldProblem("parameter.unknown", f"{path}.{name[:60]}", f"there is no parameter {name[:60]!r} here; {cure}")


def _required(parameter: Parameter, path: str) -> FieldProblem:
    is_list = parameter.type in ("list", "map")
    cure = _too_few(parameter, 1) if is_list else f"{parameter.label} is required; fill it in"
    return FieldProblem("parameter.required", path, cure)


def _too_few(parameter: Parameter, least: int) -> str:
    """What is missing of a list, by what one of its entries is called."""
    one = parameter.item.label if parameter.item is not None and parameter.item.label else "entry"
    return f"{parameter.label}: add at least {f'one {one}' if least == 1 else f'{least} entries'}"


def _wrong_type(title: str, value: Any, path: str, expected: str) -> FieldProblem:
    given = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return FieldProblem(
        "parameter.type", path, f"{title} must be {expected}, not {given.get(type(value), type(value).__name__)}"
    )


def _wrong_format(title: str, value: str, path: str, cure: str) -> FieldProblem:
    return FieldProblem("parameter.format", path, f"{title} {value[:60]!r} is not valid; use {cure}")


def _key_path(path: str, key: str) -> str:
    return f"{path}.{key[:60]}"


def _check_text(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if isinstance(value, (bool, int, float)) and parameter.type == "string" and not parameter.format:
        return  # a number in a text field is text; parameter_fill writes it as such
    if not isinstance(value, str):
        problems.append(_wrong_type(parameter.label, value, path, "text"))
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
        problems.append(_required(parameter, path))
    elif parameter.format and (value or parameter.format == "line"):
        _check_format(parameter.format, parameter.label, value, path, problems)
    elif parameter.pattern and value and not re.fullmatch(parameter.pattern, value):
        problems.append(_wrong_format(parameter.label, value, path, f"a value such as {parameter.example}"))


def _check_format(name: str, title: str, value: str, path: str, problems: list[FieldProblem]) -> None:
    rule = FORMATS[name]
    if len(value) > rule.longest or not rule.accepts(value):
        problems.append(_wrong_format(title, value, path, rule.expected))


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
        problems.append(_wrong_type(parameter.label, value, path, expected))
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
        problems.append(_wrong_type(parameter.label, value, path, "true or false"))


def _check_enum(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if not isinstance(value, str):
        problems.append(_wrong_type(parameter.label, value, path, "one of its options"))
    elif not is_reference(value) and value not in [option.value for option in parameter.options]:
        offered = ", ".join(option.value for option in parameter.options)
        detail = f"{parameter.label} {value[:60]!r} is not an option; choose one of {offered}"
        problems.append(FieldProblem("parameter.option", path, detail))


def _check_quantity(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        problems.append(_wrong_type(parameter.label, value, path, "a quantity such as 250m or 512Mi"))
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
        problems.append(_wrong_type(title, value, path, "a port number or a port name"))
        return
    if isinstance(value, str) and (len(value) > 5 or not value.isascii()):
        problems.append(FieldProblem("parameter.range", path, f"{title} must be from 1 to 65535"))
        return
    _check_range(title, int(value), 1, 65_535, path, problems)


def _check_int_or_percent(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    title = parameter.label
    if isinstance(value, str) and not value.isdecimal():
        if not has_reference(value) and not is_percent(value):
            problems.append(_wrong_format(title, value, path, "a whole number such as 1, or a percentage such as 25%"))
        return
    if isinstance(value, bool) or not isinstance(value, (str, int)) or len(str(value)) > 10:
        problems.append(_wrong_type(title, value, path, "a whole number or a percentage"))
        return
    _check_range(title, int(value), parameter.min or 0, None, path, problems)


def _check_map(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if not isinstance(value, dict):
        problems.append(_wrong_type(parameter.label, value, path, "an object of keys and values"))
        return
    if not _has_room(parameter, value, path, problems):
        return
    for key, item in value.items():
        if len(problems) >= MAX_PROBLEMS:
            return
        if parameter.key_format:
            _check_format(parameter.key_format, "the key", key, _key_path(path, key), problems)
        if isinstance(item, (dict, list)):
            problems.append(_wrong_type(_value_of(key), item, _key_path(path, key), "text"))
        elif isinstance(item, str):
            longest = parameter.max_length or MAX_TEXT
            if len(item) > longest:
                detail = f"{_value_of(key)} has {len(item):,} characters; the limit is {longest:,}"
                problems.append(FieldProblem("parameter.too_long", _key_path(path, key), detail))
            elif parameter.value_format and not has_reference(item):
                _check_format(parameter.value_format, _value_of(key), item, _key_path(path, key), problems)


def _value_of(key: str) -> str:
    return f"the value of {key[:60]!r}"


def _has_room(
    parameter: Parameter, value: Sequence[Any] | Mapping[str, Any], path: str, problems: list[FieldProblem]
) -> bool:
    most = parameter.max_items or MAX_ITEMS
    least = parameter.min_items or 0
    if len(value) > most:
        detail = f"{parameter.label} has {len(value):,} entries; the limit is {most:,}"
        problems.append(FieldProblem("parameter.too_many", path, detail))
    elif len(value) < least:
        problems.append(FieldProblem("parameter.too_few", path, _too_few(parameter, least)))
    return len(value) <= most


def _check_list(
    parameter: Parameter, value: Any, path: str, problems: list[FieldProblem], relations: frozenset[str]
) -> None:
    if not isinstance(value, list):
        problems.append(_wrong_type(parameter.label, value, path, "a list"))
        return
    if not _has_room(parameter, value, path, problems):
        return
    item = parameter.item
    assert item is not None  # noqa: S101 - parse_parameter has made sure
    for index, one in enumerate(value):
        if len(problems) >= MAX_PROBLEMS:
            return
        if one is None:
            detail = "this entry is empty; fill it in or remove it"
            problems.append(FieldProblem("parameter.required", f"{path}.{index}", detail))
        else:
            _check_value(item, one, f"{path}.{index}", problems, relations)
    _check_unique(parameter, value, path, problems)


def _check_unique(parameter: Parameter, value: list[Any], path: str, problems: list[FieldProblem]) -> None:
    if parameter.unique_by is None:
        return
    keys = parameter.unique_by.split(",")
    seen: set[tuple[Any, ...]] = set()
    for index, one in enumerate(value):
        if not isinstance(one, dict) or one.get(keys[0]) is None:
            continue
        found = tuple(str(one.get(key)) for key in keys)
        if found in seen:
            detail = f"{parameter.label}: {one[keys[0]]!r} is listed twice; change or remove one"
            problems.append(FieldProblem("parameter.duplicate", f"{path}.{index}.{keys[0]}", detail))
        seen.add(found)


def _check_object(
    parameter: Parameter, value: Any, path: str, problems: list[FieldProblem], relations: frozenset[str]
) -> None:
    if not isinstance(value, dict):
        problems.append(_wrong_type(parameter.label, value, path, "an object"))
        return
    check_parameters(parameter.fields, value, path, problems, relations=relations)


def _check_secret_keys(parameter: Parameter, value: Any, path: str, problems: list[FieldProblem]) -> None:
    if not isinstance(value, list):
        problems.append(_wrong_type(parameter.label, value, path, "a list of keys"))
        return
    if not _has_room(parameter, value, path, problems):
        return
    seen: set[str] = set()
    for index, key in enumerate(value):
        if len(problems) >= MAX_PROBLEMS:
            return
        if not isinstance(key, str):
            problems.append(_wrong_type("a key", key, f"{path}.{index}", "text (its value is asked for at the run)"))
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


_CHECKS: dict[str, Callable[[Parameter, Any, str, list[FieldProblem]], None]] = {
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
