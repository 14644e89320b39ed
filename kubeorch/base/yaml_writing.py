"""Writes YAML for people."""

from __future__ import annotations

from typing import Any

import yaml

from kubeorch.base.yaml_scalars import plain_scalar

_DumperBase: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


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
    try:
        return plain_scalar(text)
    except ValueError:
        return None


def _represent_int(dumper: Any, number: int) -> Any:
    return dumper.represent_int(int(number))


_Dumper.add_representer(str, _represent_str)
_Dumper.add_multi_representer(int, _represent_int)  # bson's Int64, which the database gives for large numbers


def dump(value: Any) -> str:
    """YAML for people: keys in their order, no aliases, no line folding."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000))


def dump_all(values: list[Any]) -> str:
    """Several documents, separated by `---`."""
    return "---\n".join(dump(value) for value in values)
