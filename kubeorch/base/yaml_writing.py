"""Writes YAML for people."""

from __future__ import annotations

import re
from typing import Any

import yaml

from kubeorch.base.yaml_scalars import kubectl_scalar

_DumperBase: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_PLAIN = re.compile(
    r"[0-9]+(?:[KMG]i?|m|s)\Z|[A-Za-z_/$(](?:[A-Za-z0-9_./=@%+$(){},;!*&'\"<>|?^~\[\]-]|:(?=[^ ])|[ ](?=[^ #]))*\Z",
    re.ASCII,
)
"""Text that stands as it is, unless it is one of `_WORDS`; there is more of the kind, which the library finds."""
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_KEY_MOST = 100
_LINE_MOST = 500
"""Characters of text that is written here; the library folds, and looks for, more."""


class _Beyond(Exception):
    """A value that the library writes."""


class _Dumper(_DumperBase):
    """Writes shared values in full, long text as blocks, and quotes what a reader could mistake."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _represent_str(dumper: Any, text: str) -> Any:
    style = None
    if "\n" in text and not text.startswith(("\n", " ")) and all(line == line.rstrip() for line in text.split("\n")):
        style = "|"
    elif not text or not isinstance(_plain_or_text(text), str):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _plain_or_text(text: str) -> Any:
    """What the readers of our files would take it for."""
    try:
        return kubectl_scalar(text)
    except ValueError:
        return None


def _represent_int(dumper: Any, number: int) -> Any:
    return dumper.represent_int(int(number))


_Dumper.add_representer(str, _represent_str)
_Dumper.add_multi_representer(int, _represent_int)  # bson's Int64, which the database gives for large numbers


def dump(value: Any) -> str:
    """YAML for people: keys in their order, no aliases, no line folding.

    What nearly all objects consist of is written here, in an eighth of the time of the library, as the library would:
    mappings, lists, and text of one line.
    """
    if type(value) is dict and value:
        lines: list[str] = []
        try:
            _write_mapping(value, "", "", lines)
        except (_Beyond, RecursionError):
            return _dumped(value)
        lines.append("")
        return "\n".join(lines)
    return _dumped(value)


def dump_all(values: list[Any]) -> str:
    """Several documents, separated by `---`."""
    return "---\n".join(dump(value) for value in values)


def _dumped(value: Any) -> str:
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000))


def _write_mapping(value: dict[Any, Any], first: str, indent: str, lines: list[str]) -> None:
    """The lines of a mapping that is not empty; its first one begins with `first`, the others with `indent`."""
    for key, item in value.items():
        if type(key) is not str or len(key) > _KEY_MOST:
            raise _Beyond
        start = f"{first}{_text(key)}:"
        first = indent
        kind = type(item)
        if kind is dict and item:
            lines.append(start)
            _write_mapping(item, f"{indent}  ", f"{indent}  ", lines)
        elif kind is list and item:
            lines.append(start)
            _write_list(item, indent, indent, lines)
        else:
            lines.append(f"{start} {_scalar(item)}")


def _write_list(value: list[Any], first: str, indent: str, lines: list[str]) -> None:
    for item in value:
        kind = type(item)
        if kind is dict and item:
            _write_mapping(item, f"{first}- ", f"{indent}  ", lines)
        elif kind is list and item:
            _write_list(item, f"{first}- ", f"{indent}  ", lines)
        else:
            lines.append(f"{first}- {_scalar(item)}")
        first = indent


def _scalar(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if value is None:
        return "null"
    if kind is dict or kind is list:  # empty
        return "{}" if kind is dict else "[]"
    raise _Beyond


def _text(text: str) -> str:
    """Text of one line. Raises _Beyond for another."""
    if len(text) > _LINE_MOST or not text.isprintable():
        raise _Beyond
    if _PLAIN.match(text) and text.lower() not in _WORDS:
        return text
    return f"'{text}'" if text.isascii() and text.isdecimal() else _dumped([text])[2:-1]
