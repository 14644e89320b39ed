"""Finds values of Secrets that were typed into a drawing, so that they are never stored.

A drawing is stored in versions, exported, and read by the whole team. Values are given at a run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kubeorch.base.errors import InvalidInput
from workflows.domain.graphs.graph import PATCH, Node
from workflows.domain.graphs.variables import has_marks
from workflows.domain.kinds.kind import Kind

HOLDERS = ("data", "stringData")
COPY = "kubectl.kubernetes.io/last-applied-configuration"
"""Source: kubectl docs, "Declarative Management": the whole object as it was applied, values included."""
_UNREAD = re.compile(r"""\bkind['"]?\s*:\s*['"]?(Secret\b|\S*\$\{)""")
_UNREAD_VALUES = re.compile(rf"""\b(data|stringData)['"]?\s*:|{re.escape(COPY)}""")


def values_in(kind: Kind, node: Node) -> str | None:
    """The path of the first values of a Secret in a node (`parameters.manifest.data`), or None.

    Only a Secret node, or a node whose YAML names its own kind, can contain any.
    """
    if kind.kind and kind.kind != "Secret":
        return None
    is_secret = kind.kind == "Secret"
    for name in kind.yaml_parameters:
        given = node.parameters.get(name)
        found = _in_given(node, name, given)
        if found is not None:
            return f"parameters.{name}{found}"
        is_secret = is_secret or (bool(node.patch) and _says_secret(node, name, given))
    if is_secret and node.patch:
        found = _in_given(node, PATCH, node.patch, is_secret=True)
        return None if found is None else f"patch{found}"
    return None


def _may_be_secret(kind: Any) -> bool:
    """Whether an object of this kind is a Secret, or would be one with the right variable."""
    return kind == "Secret" or (isinstance(kind, str) and has_marks(kind))


def _in_given(node: Node, name: str, given: Any, *, is_secret: bool = False) -> str | None:
    if isinstance(given, str) and not is_secret and not any(mark in given for mark in ("Secret", "\\", "${")):
        return None  # a backslash could spell "Secret", a variable could bring it
    try:
        return _in_value(node.yaml(name), is_secret=is_secret)
    except InvalidInput:  # not YAML yet, but it would be stored: search its text
        unread = str(given)
        return "" if _UNREAD_VALUES.search(unread) and (is_secret or _UNREAD.search(unread)) else None


def _says_secret(node: Node, name: str, given: Any) -> bool:
    try:
        return _may_be_secret(node.yaml(name).get("kind"))
    except InvalidInput:
        return _UNREAD.search(str(given)) is not None


def _in_value(value: Any, *, is_secret: bool = False) -> str | None:
    """The path of the first values, also inside lists of objects."""
    if isinstance(value, Mapping):
        if is_secret or _may_be_secret(value.get("kind")):
            for holder in HOLDERS:
                if value.get(holder):
                    return f".{holder}"
            metadata = value.get("metadata")
            annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
            if isinstance(annotations, Mapping) and COPY in annotations:
                return f".metadata.annotations.{COPY}"
        for key, item in value.items():
            if (found := _in_value(item)) is not None:
                return f".{key}{found}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if (found := _in_value(item)) is not None:
                return f".{index}{found}"
    return None
