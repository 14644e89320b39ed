"""What plain scalars of YAML mean, to who reads and who writes.

They follow the YAML 1.2 core schema (`no` and `1:30` are text), with one exception that manifests rely on: a number
with a leading zero is octal (`defaultMode: 0644` is 420).
"""

from __future__ import annotations

import re
from typing import Any

_INT = re.compile(r"[-+]?[0-9]+\Z", re.ASCII)
_OCTAL = re.compile(r"[-+]?0o?[0-7]+\Z", re.ASCII)
_HEX = re.compile(r"[-+]?0x[0-9a-fA-F]+\Z", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)
_WORDS: dict[str, Any] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_SWITCHES: dict[str, Any] = {
    spelled: value
    for word, value in (("y", True), ("yes", True), ("on", True), ("n", False), ("no", False), ("off", False))
    for spelled in (word, word.capitalize(), word.upper())
}
"""Booleans of YAML 1.1 alone."""
_BINARY = re.compile(r"[-+]?0[bB][01]+\Z")


def plain_scalar(text: str) -> Any:
    """What an unquoted scalar means: null, true, false, a number, or text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _OCTAL.match(text):
        return int(text.replace("o", ""), 8)
    if _HEX.match(text):
        return int(text, 16)
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


def kubectl_scalar(text: str) -> Any:
    """As `plain_scalar`, with what kubectl and Helm read otherwise: `yes`, `on` and `y` are booleans, `1_000` and
    `0b101` numbers.

    Source: sigs.k8s.io/yaml, goyaml.v2/resolve.go.
    """
    if text in _SWITCHES:
        return _SWITCHES[text]
    if text[:1] not in "+-.0123456789" or not text:
        return plain_scalar(text)
    bare = text.replace("_", "")
    if _BINARY.match(bare):
        return int(bare, 2)
    value = plain_scalar(bare.lower()) if bare else text
    return text if isinstance(value, str) else value
