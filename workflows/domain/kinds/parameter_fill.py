"""From the checked values of parameters to the values that templates read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml import load_strict
from workflows.domain.kinds.parameters import Parameter, is_visible

MAX_TEXT = 524_288
MAX_YAML_NODES = 100_000
_ALIAS = re.compile(r"(?:^|[\s\[,:{-])\*\w", re.MULTILINE)

Fill = Callable[[Any], Any]


def fill_of(parameter: Parameter) -> Fill | None:
    """The function that turns a checked value into the one templates read, or None if they are the same.

    Nulls inside are removed, defaults of fields are filled in, scalars in text fields become text, `"8080"`
    as a port becomes 8080, YAML text becomes an object. Values are copied, never changed.
    """
    if parameter.type in ("string", "text"):
        return _as_text
    if parameter.type == "quantity":
        return _as_text
    if parameter.type in ("port_ref", "int_or_percent"):
        return _as_number_if_digits
    if parameter.type == "yaml":
        return parse_yaml_value
    if parameter.type == "map":
        return _as_text_map
    if parameter.type == "list":
        assert parameter.item is not None  # noqa: S101 - parse_parameter has made sure
        inner = fill_of(parameter.item)
        return None if inner is None else lambda value: [inner(item) for item in value]
    if parameter.type == "object":
        return _object_fill(parameter.fields)
    return None


def _object_fill(declared: Sequence[Parameter]) -> Fill:
    defaults = {one.name: one.default for one in declared if one.default is not None}
    fills = tuple((one.name, inner) for one in declared if (inner := fill_of(one)) is not None)
    conditional = tuple(one for one in declared if one.visible_if)

    def fill(value: Mapping[str, Any]) -> dict[str, Any]:
        out = {**defaults, **value} if defaults else dict(value)
        for one in conditional:
            if one.name in out and not is_visible(one, declared, out):
                del out[one.name]
        if None in out.values():
            out = {key: item for key, item in out.items() if item is not None}
        for name, fill_field in fills:
            if name in out:
                out[name] = fill_field(out[name])
        return out

    return fill


def _as_text(value: Any) -> Any:
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _as_number_if_digits(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _as_text_map(value: Mapping[str, Any]) -> Mapping[str, Any]:
    for item in value.values():
        if type(item) is not str:
            return {key: _as_text(item) for key, item in value.items() if item is not None}
    return value


def parse_yaml_value(value: Any) -> dict[str, Any]:
    """The object of a `yaml` parameter, which is given as text or as the object. Raises InvalidInput."""
    parsed = value
    if isinstance(value, str):
        if len(value) > MAX_TEXT:  # before it is searched for anything
            raise InvalidInput(
                f"the text has {len(value):,} characters; the limit is {MAX_TEXT:,}", code="yaml.too_large"
            )
        parsed = load_strict(value, max_bytes=4 * MAX_TEXT, max_nodes=_most_values(value), as_kubectl=True)
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise InvalidInput("enter an object (keys and values), not a single value or a list", code="yaml.invalid")
    return parsed


def yaml_weight(text: str) -> int:
    """About how many values a YAML text has, aliases expanded; cheap, and never much too small."""
    return _most_values(text) if _has_alias(text) else _marks(text)


def _most_values(text: str) -> int:
    """The values that a text may have when its aliases are expanded: some more than it has marks."""
    return min(MAX_YAML_NODES, 2_000 + 4 * _marks(text))


def _has_alias(text: str) -> bool:
    return "&" in text and "*" in text and _ALIAS.search(text) is not None


def _marks(text: str) -> int:
    """Characters with which a value begins, or after which one does."""
    return sum(map(text.count, ("\n", ",", ":", "[", "{", "- ", "? "))) + 1
