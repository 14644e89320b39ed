"""Parameters of kinds and relations, as metadata.yaml declares them.

A declaration is data. From it come the form on the page, the check of what people send
(parameter_checks.py), and the values of a rendering (parameter_fill.py), so the three cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kubeorch.base.records import field, fields, record
from workflows.domain.kinds.formats import FORMATS
from workflows.domain.kinds.references import has_reference

TYPES = frozenset(
    (
        *("string", "text", "yaml", "integer", "number", "boolean", "enum", "quantity"),
        *("port", "port_ref", "int_or_percent", "map", "list", "object", "secret_keys"),
    )
)


class DeclarationInvalid(Exception):
    """A declaration in k8s_templates is wrong. Raised when the catalog is loaded."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")


@record
class Option:
    value: str
    label: str


@record
class Parameter:
    """One thing a person may set.

    `default` is what a rendering uses when the value is absent; `null` in a document means "no value,
    not even the default". `initial` is only what the page puts into a new node.
    """

    name: str
    type: str
    label: str
    help: str = ""
    section: str = ""
    default: Any = None
    initial: Any = None
    required: bool = False
    min: int | float | None = None
    max: int | float | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str | None = None
    format: str | None = None
    key_format: str | None = None
    value_format: str | None = None
    options: tuple[Option, ...] = ()
    unit: str | None = None
    placeholder: str | None = None
    example: Any = None
    item: Parameter | None = None
    fields: tuple[Parameter, ...] = ()
    unique_by: str | None = None
    visible_if: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    advanced: bool = False
    linked_by: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Only what is set, so that the catalog stays small."""
        out: dict[str, Any] = {"name": self.name, "type": self.type, "label": self.label, "required": self.required}
        for name in fields(self):
            value = getattr(self, name)
            if name in out or value is None:
                continue
            if name not in ("default", "initial", "example") and (value is False or value in ("", (), {})):
                continue
            out[name] = _as_json(value)
        return out


def _as_json(value: Any) -> Any:
    if isinstance(value, Parameter):
        return value.as_json()
    if isinstance(value, Option):
        return {"value": value.value, "label": value.label}
    if isinstance(value, tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _as_json(item) for key, item in value.items()}
    return value


_SLOTS = frozenset(fields(Parameter))
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def parse_parameter(raw: Any, where: str, *, named: bool = True) -> Parameter:
    """One declaration from metadata.yaml. Raises DeclarationInvalid, which says where."""
    if not isinstance(raw, dict):
        raise DeclarationInvalid(where, "a parameter must be a mapping")
    data = dict(raw)
    name = data.get("name", "" if not named else None)
    if not isinstance(name, str) or (named and not _NAME.match(name)):
        raise DeclarationInvalid(where, f"{name!r} cannot be the name of a parameter; use lower-case words joined by _")
    where = f"{where}.{name}" if name else f"{where}[]"
    if not data.keys() <= _SLOTS:
        raise DeclarationInvalid(where, f"unknown key {sorted(data.keys() - _SLOTS)[0]!r}")
    if data.get("type") not in TYPES:
        raise DeclarationInvalid(where, f"unknown type {data.get('type')!r}")
    data["name"] = name
    if "label" not in data:
        data["label"] = name.replace("_", " ").capitalize()
    for key in data.keys() & _READ.keys():
        data[key] = _READ[key](data[key], where)
    parameter = Parameter(**data)
    if parameter.type == "object" and not parameter.fields:
        raise DeclarationInvalid(where, "an object must declare its fields")
    if parameter.type in ("list", "map", "secret_keys") and (parameter.item is None or not parameter.item.label):
        raise DeclarationInvalid(
            where, "a list or map must declare its item with a label, for the button that adds one"
        )
    if parameter.type == "enum" and not parameter.options:
        raise DeclarationInvalid(where, "an enum must declare its options")
    if parameter.pattern and parameter.example is None:
        raise DeclarationInvalid(where, "a pattern needs an example, which the message shows")
    return parameter


def _item(raw: Any, where: str) -> Parameter | None:
    return None if raw is None else parse_parameter(raw, where, named=False)


def _fields(raw: Any, where: str) -> tuple[Parameter, ...]:
    return tuple([parse_parameter(one, where) for one in raw])


def _options(raw: Any, _where: str) -> tuple[Option, ...]:
    return tuple([_option(one) for one in raw])


def _visible_if(raw: Any, _where: str) -> Mapping[str, tuple[Any, ...]]:
    return {key: tuple(value) if isinstance(value, list) else (value,) for key, value in raw.items()}


def _linked_by(raw: Any, _where: str) -> tuple[str, ...]:
    return tuple(raw)


def _format(raw: Any, where: str) -> Any:
    if raw is not None and raw not in FORMATS:
        raise DeclarationInvalid(where, f"unknown format {raw!r}")
    return raw


_READ: Mapping[str, Callable[[Any, str], Any]] = {
    "item": _item,
    "fields": _fields,
    "options": _options,
    "visible_if": _visible_if,
    "linked_by": _linked_by,
    "format": _format,
    "key_format": _format,
    "value_format": _format,
}
"""What is read of a declaration, and not taken as it stands."""


def _option(raw: Any) -> Option:
    if isinstance(raw, dict):
        return Option(str(raw["value"]), str(raw.get("label", raw["value"])))
    return Option(str(raw), str(raw))


def expand(rows: Iterable[Any], read: Callable[[str], Any]) -> list[Any]:
    """Rows with every `include: file` replaced by that file's rows, at every depth."""
    out: list[Any] = []
    for row in rows:
        if isinstance(row, dict) and "include" in row and row.keys() <= {"include", "without", "section"}:
            without = row.get("without", ())
            rows_there = expand(read(row["include"]), read)
            kept = [one for one in rows_there if one.get("name") not in without]
            out += [{**one, "section": row["section"]} if "section" in row else one for one in kept]
        elif isinstance(row, dict):
            deeper = dict(row)
            if isinstance(row.get("fields"), list):
                deeper["fields"] = expand(row["fields"], read)
            if isinstance(row.get("item"), dict):
                deeper["item"] = expand([row["item"]], read)[0]
            out.append(deeper)
        else:
            out.append(row)
    return out


def is_visible(parameter: Parameter, siblings: Sequence[Parameter], values: Mapping[str, Any]) -> bool:
    """Whether the parameter applies, given its siblings' values. If not, it is not shown, checked or rendered."""
    for name, allowed in parameter.visible_if.items():
        value = values.get(name)
        if value is None:
            value = next((one.default for one in siblings if one.name == name), None)
        if value not in allowed and not (isinstance(value, str) and has_reference(value)):
            return False
    return True
