"""Parameters of kinds and relations: their declaration, the check of a value, and its filled form.

A declaration is data (k8s_templates/**/metadata.yaml). From it come the form on the page, the check
of what people send, and the defaults of a rendering, so the three cannot disagree.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import orjson

from clusters.domain.quantity import is_quantity
from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml import load_strict
from workflows.domain.kinds.formats import FORMATS, is_percent

MAX_LINE = 65_536
MAX_TEXT = 524_288
MAX_ITEMS = 1_000
MAX_NESTING = 32

REFERENCE = re.compile(r"\$(?:\$\{|\{([A-Za-z_][A-Za-z0-9_]{0,62})\})")
"""`${NAME}`, or the escape `$${`, which stands for the text `${`."""

TYPES = frozenset(
    (
        *("string", "text", "yaml", "integer", "number", "boolean", "enum", "quantity"),
        *("port", "port_ref", "int_or_percent", "map", "list", "object", "secret_keys"),
    )
)


class DeclarationInvalid(Exception):
    """A declaration of ours is written wrongly. Found when the catalog is loaded."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a person may set.

    `default` is what a rendering uses when the value is absent; `null` in a document means "nothing,
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
        for slot in fields(self):
            value = getattr(self, slot.name)
            if slot.name in out or value is None:
                continue
            if slot.name not in ("default", "initial", "example") and (value is False or value in ("", (), {})):
                continue
            out[slot.name] = _as_json(value)
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


_SLOTS = frozenset(slot.name for slot in fields(Parameter))


def parse_parameter(raw: Any, where: str, *, named: bool = True) -> Parameter:
    """One declaration from metadata.yaml. Raises DeclarationInvalid with the place."""
    if not isinstance(raw, dict):
        raise DeclarationInvalid(where, "a parameter is a mapping")
    data = dict(raw)
    name = data.get("name", "" if not named else None)
    if not isinstance(name, str) or (named and not re.match(r"[a-z][a-z0-9_]*\Z", name)):
        raise DeclarationInvalid(where, f"{name!r} is no parameter name; use lower-case words joined by _")
    where = f"{where}.{name}" if name else f"{where}[]"
    if unknown := set(data) - _SLOTS:
        raise DeclarationInvalid(where, f"unknown key {sorted(unknown)[0]!r}")
    if data.get("type") not in TYPES:
        raise DeclarationInvalid(where, f"unknown type {data.get('type')!r}")
    data["name"] = name
    data.setdefault("label", name.replace("_", " ").capitalize())
    data["options"] = tuple(_option(option) for option in data.get("options", ()))
    data["fields"] = tuple(parse_parameter(one, where) for one in data.get("fields", ()))
    if data.get("item") is not None:
        data["item"] = parse_parameter(data["item"], where, named=False)
    data["visible_if"] = {
        key: tuple(value) if isinstance(value, list) else (value,) for key, value in data.get("visible_if", {}).items()
    }
    data["linked_by"] = tuple(data.get("linked_by", ()))
    for key in ("format", "key_format", "value_format"):
        if data.get(key) is not None and data[key] not in FORMATS:
            raise DeclarationInvalid(where, f"unknown format {data[key]!r}")
    parameter = Parameter(**data)
    if parameter.type == "object" and not parameter.fields:
        raise DeclarationInvalid(where, "an object declares its fields")
    if parameter.type == "list" and parameter.item is None:
        raise DeclarationInvalid(where, "a list declares its item")
    if parameter.type == "enum" and not parameter.options:
        raise DeclarationInvalid(where, "an enum declares its options")
    return parameter


def _option(raw: Any) -> Option:
    if isinstance(raw, dict):
        return Option(str(raw["value"]), str(raw.get("label", raw["value"])))
    return Option(str(raw), str(raw))


def expand(rows: Iterable[Any], read: Callable[[str], Any]) -> list[Any]:
    """Rows with every `include: file` replaced by that file's rows, at every depth."""
    out: list[Any] = []
    for row in rows:
        if isinstance(row, dict) and set(row) <= {"include", "without", "section"} and "include" in row:
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


# ---- checking -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    path: str
    detail: str
    severity: str = "error"


def is_reference(text: str) -> bool:
    """Whether the whole text is one `${NAME}`, so that it takes the variable's typed value."""
    found = REFERENCE.match(text)
    return found is not None and found[1] is not None and found.end() == len(text)


def has_reference(text: str) -> bool:
    return "${" in text and any(found[1] is not None for found in REFERENCE.finditer(text))


def check_parameters(
    declared: Sequence[Parameter],
    values: Mapping[str, Any],
    path: str,
    findings: list[Finding],
    *,
    linked: frozenset[str] = frozenset(),
) -> None:
    """Append a finding for everything wrong with `values`; all at once, none twice.

    `linked` names the parameters that an edge fills, which are then not missed.
    """
    by_name = _by_name(declared)
    for name in values:
        if name not in by_name:
            findings.append(_unknown(name, by_name, path))
    for parameter in declared:
        value = values.get(parameter.name)
        if value is None:
            if (
                parameter.required
                and parameter.default is None
                and parameter.name not in linked
                and is_visible(parameter, declared, values)
            ):
                findings.append(
                    Finding(
                        "parameter.required", f"{path}.{parameter.name}", f"{parameter.label} is missing; fill it in"
                    )
                )
        elif not parameter.visible_if or is_visible(parameter, declared, values):
            _CHECKS[parameter.type](parameter, value, f"{path}.{parameter.name}", findings)


_names_cache: dict[int, tuple[Sequence[Parameter], dict[str, Parameter]]] = {}


def _by_name(declared: Sequence[Parameter]) -> dict[str, Parameter]:
    # The declarations live as long as the catalog; the cache keeps them, so an id is never reused.
    found = _names_cache.get(id(declared))
    if found is None or found[0] is not declared:
        found = _names_cache[id(declared)] = (declared, {parameter.name: parameter for parameter in declared})
    return found[1]


def is_visible(parameter: Parameter, siblings: Sequence[Parameter], values: Mapping[str, Any]) -> bool:
    """Whether the parameter counts, given its siblings' values; one that does not is neither asked nor checked."""
    for name, allowed in parameter.visible_if.items():
        value = values.get(name)
        if value is None:
            value = next((one.default for one in siblings if one.name == name), None)
        if value not in allowed and not (isinstance(value, str) and has_reference(value)):
            return False
    return True


def _unknown(name: str, known: Mapping[str, Parameter], path: str) -> Finding:
    near = difflib.get_close_matches(name, known, n=1)
    cure = f"did you mean {near[0]!r}?" if near else "remove it"
    return Finding("parameter.unknown", f"{path}.{name[:60]}", f"there is no parameter {name[:60]!r} here; {cure}")


def _wrong_type(parameter: Parameter, value: Any, path: str, expected: str) -> Finding:
    given = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return Finding(
        "parameter.type",
        path,
        f"{_title(parameter)} must be {expected}, not {given.get(type(value), type(value).__name__)}",
    )


def _title(parameter: Parameter) -> str:
    return parameter.label or "This value"


def _check_text(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    if isinstance(value, (bool, int, float)) and parameter.type == "string" and not parameter.format:
        return  # a number in a text field is text; fill() writes it as such
    if not isinstance(value, str):
        findings.append(_wrong_type(parameter, value, path, "text"))
        return
    longest = parameter.max_length or (MAX_LINE if parameter.type == "string" else MAX_TEXT)
    if len(value) > longest:
        findings.append(
            Finding(
                "parameter.too_long",
                path,
                f"{_title(parameter)} has {len(value):,} characters; at most {longest:,} fit",
            )
        )
        return
    if "${" in value:
        if has_reference(value):
            return
        value = value.replace("$${", "${")
    if parameter.required and not value.strip():
        findings.append(Finding("parameter.required", path, f"{_title(parameter)} is empty; fill it in"))
    elif parameter.format and (value or parameter.format == "line"):
        _check_format(parameter.format, _title(parameter), value, path, findings)
    elif parameter.pattern and value and not re.fullmatch(parameter.pattern, value):
        findings.append(Finding("parameter.format", path, f"{_title(parameter)} {value[:60]!r} has the wrong form"))


def _check_format(name: str, title: str, value: str, path: str, findings: list[Finding]) -> None:
    rule = FORMATS[name]
    if not rule.accepts(value):
        findings.append(
            Finding("parameter.format", path, f"{title} {value[:60]!r} has the wrong form; write {rule.expected}")
        )


def _check_yaml(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    try:
        parse_yaml_value(value)
    except InvalidInput as error:
        findings.append(Finding(error.code, path, f"{_title(parameter)}: {error.detail}"))


def parse_yaml_value(value: Any) -> dict[str, Any]:
    """A `yaml` parameter as an object: given as text, or as the object itself. Raises InvalidInput."""
    parsed = load_strict(value, max_bytes=MAX_TEXT) if isinstance(value, str) else value
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise InvalidInput("write keys and values, not a single value or a list", code="yaml.invalid")
    return parsed


def _check_number(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    if isinstance(value, str) and is_reference(value):
        return
    whole = parameter.type in ("integer", "port")
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        findings.append(_wrong_type(parameter, value, path, "a whole number" if whole else "a number"))
        return
    low = parameter.min if parameter.min is not None else 1 if parameter.type == "port" else None
    high = parameter.max if parameter.max is not None else 65_535 if parameter.type == "port" else 2**31 - 1
    _check_range(parameter, value, low, high, path, findings)


def _check_range(
    parameter: Parameter,
    value: float,
    low: int | float | None,
    high: int | float | None,
    path: str,
    findings: list[Finding],
) -> None:
    if (low is not None and value < low) or (high is not None and value > high):
        span = f"from {low} to {high}" if low is not None else f"at most {high}"
        findings.append(Finding("parameter.range", path, f"{_title(parameter)} is {value}; it must be {span}"))


def _check_boolean(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    if not isinstance(value, bool) and not (isinstance(value, str) and is_reference(value)):
        findings.append(_wrong_type(parameter, value, path, "true or false"))


def _check_enum(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    if not isinstance(value, str):
        findings.append(_wrong_type(parameter, value, path, "one of the offered values"))
    elif not is_reference(value) and value not in [option.value for option in parameter.options]:
        offered = ", ".join(option.value for option in parameter.options)
        findings.append(
            Finding(
                "parameter.option", path, f"{_title(parameter)} {value[:60]!r} is not offered; choose from {offered}"
            )
        )


def _check_quantity(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        findings.append(_wrong_type(parameter, value, path, "a quantity such as 250m or 512Mi"))
        return
    text = str(value)
    if has_reference(text):
        return
    if not is_quantity(text) or text.startswith("-"):
        findings.append(
            Finding(
                "parameter.format",
                path,
                f"{_title(parameter)} {text[:40]!r} is no quantity; "
                f"write {parameter.example or '250m, 2, 512Mi or 10Gi'}",
            )
        )


def _check_port_ref(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    if isinstance(value, str) and not value.isdecimal():
        if not has_reference(value):
            _check_format("port_name", _title(parameter), value, path, findings)
        return
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        findings.append(_wrong_type(parameter, value, path, "a port number or a port name"))
        return
    if isinstance(value, str) and (len(value) > 5 or not value.isascii()):
        findings.append(Finding("parameter.range", path, f"{_title(parameter)} must be from 1 to 65535"))
        return
    _check_range(parameter, int(value), 1, 65_535, path, findings)


def _check_int_or_percent(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    if isinstance(value, str) and not value.isdecimal():
        if not has_reference(value) and not is_percent(value):
            findings.append(
                Finding(
                    "parameter.format", path, f"{_title(parameter)} {value[:40]!r} is neither a number nor a percentage"
                )
            )
        return
    if isinstance(value, bool) or not isinstance(value, (str, int)) or len(str(value)) > 10:
        findings.append(_wrong_type(parameter, value, path, "a whole number or a percentage"))
        return
    _check_range(parameter, int(value), parameter.min or 0, 2**31 - 1, path, findings)


def _check_map(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    if not isinstance(value, dict):
        findings.append(_wrong_type(parameter, value, path, "keys with values"))
        return
    if not _has_room(parameter, value, path, findings):
        return
    for key, item in value.items():
        if parameter.key_format:
            _check_format(parameter.key_format, "The key", key, f"{path}.{key[:60]}", findings)
        if isinstance(item, (dict, list)):
            findings.append(_wrong_type(parameter, item, f"{path}.{key[:60]}", "text for each key"))
        elif isinstance(item, str):
            if len(item) > (parameter.max_length or MAX_TEXT):
                findings.append(
                    Finding("parameter.too_long", f"{path}.{key[:60]}", f"the value of {key[:60]!r} is too long")
                )
            elif parameter.value_format and not has_reference(item):
                _check_format(
                    parameter.value_format, f"The value of {key[:60]!r}", item, f"{path}.{key[:60]}", findings
                )


def _has_room(
    parameter: Parameter, value: Sequence[Any] | Mapping[str, Any], path: str, findings: list[Finding]
) -> bool:
    most = parameter.max_items or MAX_ITEMS
    least = parameter.min_items or 0
    if len(value) > most:
        findings.append(
            Finding("parameter.too_many", path, f"{_title(parameter)} has {len(value)} entries; at most {most} fit")
        )
    elif len(value) < least:
        findings.append(
            Finding("parameter.too_few", path, f"{_title(parameter)} needs at least {least} entries; add one")
        )
    return len(value) <= most


def _check_list(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    if not isinstance(value, list):
        findings.append(_wrong_type(parameter, value, path, "a list"))
        return
    if not _has_room(parameter, value, path, findings):
        return
    item = parameter.item
    assert item is not None  # noqa: S101 - parse_parameter holds this
    check = _CHECKS[item.type]
    for index, one in enumerate(value):
        if one is None:
            findings.append(Finding("parameter.required", f"{path}.{index}", "this entry is empty; fill or remove it"))
        else:
            check(item if item.label else replace(item, label=parameter.label), one, f"{path}.{index}", findings)
    _check_unique(parameter, value, path, findings)


def _check_unique(parameter: Parameter, value: list[Any], path: str, findings: list[Finding]) -> None:
    if parameter.unique_by is None:
        return
    keys = parameter.unique_by.split(",")
    seen: set[tuple[Any, ...]] = set()
    for index, one in enumerate(value):
        if not isinstance(one, dict) or one.get(keys[0]) is None:
            continue
        found = tuple(str(one.get(key)) for key in keys)
        if found in seen:
            findings.append(
                Finding(
                    "parameter.duplicate",
                    f"{path}.{index}.{keys[0]}",
                    f"{_title(parameter)} has {one[keys[0]]!r} twice; rename or remove one",
                )
            )
        seen.add(found)


def _check_object(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    if not isinstance(value, dict):
        findings.append(_wrong_type(parameter, value, path, "an object"))
        return
    check_parameters(parameter.fields, value, path, findings)


def _check_secret_keys(parameter: Parameter, value: Any, path: str, findings: list[Finding]) -> None:
    if not isinstance(value, list):
        findings.append(_wrong_type(parameter, value, path, "a list of key names"))
        return
    if not _has_room(parameter, value, path, findings):
        return
    for index, key in enumerate(value):
        if not isinstance(key, str):
            findings.append(_wrong_type(parameter, key, f"{path}.{index}", "a key name; values are given at the run"))
            continue
        _check_format("config_key", "The key", key, f"{path}.{index}", findings)
        if value.index(key) != index:
            findings.append(Finding("parameter.duplicate", f"{path}.{index}", f"the key {key[:60]!r} stands twice"))


_CHECKS: dict[str, Callable[[Parameter, Any, str, list[Finding]], None]] = {
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
    "list": _check_list,
    "object": _check_object,
    "secret_keys": _check_secret_keys,
}


# ---- what no document may hold --------------------------------------------------------------


def plain_text(value: Any) -> bytes | None:
    """The value as JSON when that shows at a glance that `unsafe_values` has nothing to say, else None.

    Ten times as quick, because orjson does the walking. It writes NaN as null, and refuses what is no text.
    """
    try:
        text = orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except orjson.JSONEncodeError:
        return None
    shallow = text.count(b"{") + text.count(b"[") <= MAX_NESTING
    is_plain = b"null" not in text and b'"$' not in text and b'"":' not in text and b"\\u0000" not in text
    return text if shallow and is_plain and len(text) <= MAX_TEXT else None


def unsafe_values(value: Any, path: str, *, depth: int = 0) -> Iterator[Finding]:
    """Everything in a JSON value that must not be stored, whatever it is meant for.

    Keys that begin with `$` (operators of the database), NUL characters, NaN and infinities, numbers
    beyond 64 bits, text over its limit, nesting beyond 32 levels.
    """
    if isinstance(value, str):
        if "\0" in value:
            yield Finding("value.nul", path, "the text has a NUL character; remove it")
        if len(value) > MAX_TEXT:
            yield Finding("value.too_long", path, f"the text has {len(value):,} characters; at most {MAX_TEXT:,} fit")
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            yield Finding("value.not_text", path, "the text has half of a character pair; write it again")
    elif isinstance(value, dict):
        if depth > MAX_NESTING:
            yield Finding("value.too_deep", path, f"nested deeper than {MAX_NESTING} levels")
            return
        for key, item in value.items():
            if not isinstance(key, str) or key.startswith("$") or "\0" in key or not key:
                yield Finding(
                    "value.key", path, f"{str(key)[:60]!r} cannot be a key; it may not be empty or begin with $"
                )
                continue
            if isinstance(item, (str, dict, list, float, int)):
                yield from unsafe_values(item, f"{path}.{key[:60]}", depth=depth + 1)
    elif isinstance(value, list):
        if depth > MAX_NESTING:
            yield Finding("value.too_deep", path, f"nested deeper than {MAX_NESTING} levels")
            return
        for index, item in enumerate(value):
            if isinstance(item, (str, dict, list, float, int)):
                yield from unsafe_values(item, f"{path}.{index}", depth=depth + 1)
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield Finding("value.not_finite", path, "NaN and infinity are no values; write a number")
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        yield Finding("value.too_large", path, "the number does not fit into 64 bits")


# ---- filling --------------------------------------------------------------------------------

Fill = Callable[[Any], Any]


def fill_of(parameter: Parameter) -> Fill | None:
    """The function that brings a checked value into the form templates use, or None when it is in it already.

    Nulls inside vanish, defaults of fields are filled, scalars in text places become text, `"8080"`
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
        assert parameter.item is not None  # noqa: S101 - parse_parameter holds this
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
