"""What is wrong with the values given for declared parameters."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from workflows.domain.kinds.field_problems import MAX_PROBLEMS, FieldProblem, required, wrong_type
from workflows.domain.kinds.parameters import Parameter, is_visible
from workflows.domain.kinds.value_checks import VALUE_CHECKS, has_room

MAX_NAME = 60
"""Characters of a name for which a similar one is searched."""
MAX_SUGGESTIONS = 20
"""Unknown names of one object for which a similar known name is searched."""


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
                problems.append(required(parameter, f"{path}.{parameter.name}"))
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
        VALUE_CHECKS[parameter.type](parameter, value, path, problems)


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


def _check_list(
    parameter: Parameter, value: Any, path: str, problems: list[FieldProblem], relations: frozenset[str]
) -> None:
    if not isinstance(value, list):
        problems.append(wrong_type(parameter.label, value, path, "a list"))
        return
    if not has_room(parameter, value, path, problems):
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
        problems.append(wrong_type(parameter.label, value, path, "an object"))
        return
    check_parameters(parameter.fields, value, path, problems, relations=relations)
