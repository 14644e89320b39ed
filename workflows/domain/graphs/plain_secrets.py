"""Finds values of Secrets that were typed into a drawing, so that they are never stored.

A drawing is stored in versions, exported, and read by the whole team. Values are given at a run.

A Secret may have what its node declares, and in YAML what identifies it. Everything else may hold a value and is
refused: what is not known to be harmless is taken as harmful. All work here is linear in the length of the texts,
which `read_graph` has bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import is_dns_subdomain, is_qualified_name
from kubeorch.base.records import record
from workflows.domain.graphs.graph import PATCH, Node
from workflows.domain.graphs.variables import has_marks
from workflows.domain.kinds.field_problems import FieldProblem
from workflows.domain.kinds.kind import Kind
from workflows.domain.kinds.parameter_checks import check_parameters
from workflows.domain.kinds.parameters import Parameter

HOLDERS = ("data", "stringData", "binaryData")
"""Fields that hold values. A Secret has no binaryData, but people who know ConfigMaps write it."""
COPY = "kubectl.kubernetes.io/last-applied-configuration"
"""Source: kubectl docs, "Declarative Management": the whole object as it was applied, values included."""
SERVICE_ACCOUNT = "kubernetes.io/service-account.name"
"""Source: Kubernetes docs, "Secrets", section "ServiceAccount token Secrets": such a Secret needs it."""

_KINDS = frozenset({"secret", "secrets", "secretlist"})
_UNFIT = frozenset(
    {
        "parameter.unknown",
        "parameter.type",
        "parameter.option",
        "parameter.too_long",
        "parameter.too_many",
        "parameter.range",
    }
)
"""Problems of a parameter that is not declared, or whose value has not the declared type."""

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|\r?\n[ \t]*)")
_WORD = re.compile(r"(?<![\w./-])(?:Secret|SECRET|[Ss]ecretList|secrets?(?!['\"]?\s*:))(?![\w./-])")
"""A Secret as a value; `secret:` is the field of a volume."""
_KIND = re.compile(r"(?<!\w)kind(?!\w)", re.IGNORECASE)
_TOKEN = re.compile(r"""['"]?\s*:?\s*(?:(?:#[^\n]*\n|[!&]\S*|[|>][-+0-9]*)\s*)*['"]?([^\s'",}\]]*)""")
_TOKEN_WITHIN = 200
"""Characters after `kind` in which its value must begin; further away it is taken as unknown."""


class Why(StrEnum):
    """Why a place of a drawing must not be stored."""

    VALUES = "values"
    FIELD = "field"
    """Something that a Secret in a drawing cannot have, and that may hold a value."""
    UNREAD = "unread"
    """YAML that cannot be read and names a Secret."""


@record
class Found:
    """A place in a node (`parameters.manifest.data`) or an edge."""

    path: str
    why: Why


def secret_in_node(kind: Kind, node: Node) -> Found | None:
    """The first place of a node that holds values of a Secret, or may hold them; None when it can be stored."""
    is_secret = kind.kind == "Secret"
    if not is_secret:
        for name in _searched(kind, node):
            if (found := _in_given(node, name, node.parameters[name])) is not None:
                return Found(f"parameters.{name[:60]}{found.path}", found.why)
            is_secret = is_secret or (not kind.kind and _says_secret(node, name))
    if is_secret and (unfit := _unfit(kind.parameters, node.parameters, "parameters")) is not None:
        return unfit
    if is_secret and _has_copy(node.parameters.get("annotations")):
        return Found(f"parameters.annotations.{COPY}", Why.VALUES)
    if node.patch:
        found = _in_patch_of_secret(node) if is_secret else _in_patch(node)
        if found is not None:
            return Found(f"patch{found.path}", found.why)
    return None


def secret_in_edge(declared: tuple[Parameter, ...], parameters: Mapping[str, Any]) -> Found | None:
    """As `secret_in_node`, for an edge that ends at a Secret."""
    return _unfit(declared, parameters, "parameters") if parameters else None


def _searched(kind: Kind, node: Node) -> list[str]:
    """The parameters that may contain a whole object: YAML, and what the kind does not declare."""
    known, yaml = kind.parameter_names, kind.yaml_parameters
    return [name for name in node.parameters if name in yaml or name not in known]


def _unfit(declared: tuple[Parameter, ...], values: Mapping[str, Any], path: str) -> Found | None:
    problems: list[FieldProblem] = []
    check_parameters(declared, values, path, problems)
    found = next((one for one in problems if one.code in _UNFIT), None)
    return None if found is None else Found(found.path, Why.FIELD)


def _has_copy(annotations: Any) -> bool:
    return isinstance(annotations, Mapping) and COPY in annotations


def _in_given(node: Node, name: str, given: Any) -> Found | None:
    if not isinstance(given, str):
        return _in_object(given)
    if not _may_name_secret(given):
        return None
    try:
        value = node.yaml(name)
    except InvalidInput:  # not YAML yet, but it would be stored
        return Found("", Why.UNREAD) if _names_secret(given) else None
    return _in_object(value)


def _says_secret(node: Node, name: str) -> bool:
    try:
        value = node.yaml(name)
    except InvalidInput:
        return False
    return _is_secret(value)


def _in_object(value: Any) -> Found | None:
    """The first values in what may be an object of the cluster, or a list of them."""
    if isinstance(value, list):
        return _first(value, _in_object)
    if not isinstance(value, Mapping):
        return None
    if _is_secret(value):
        return _in_secret(value)
    if isinstance(value.get("items"), list) and str(value.get("kind")).endswith("List"):
        found = _first(value["items"], _in_object)
        return None if found is None else Found(f".items{found.path}", found.why)
    return _in_parts(value)


def _first(values: list[Any], search: Any) -> Found | None:
    for index, item in enumerate(values):
        if (found := search(item)) is not None:
            return Found(f".{index}{found.path}", found.why)
    return None


def _in_parts(value: Any) -> Found | None:
    """The first values of a Secret below `value`. `{kind: Secret, name: x}` is a reference and holds none."""
    if isinstance(value, list):
        return _first(value, _in_parts_or_secret)
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, (Mapping, list)) and (found := _in_parts_or_secret(item)) is not None:
                return Found(f".{key[:60]}{found.path}", found.why)
    return None


def _in_parts_or_secret(value: Any) -> Found | None:
    if isinstance(value, Mapping) and _names_kind(value):
        if isinstance(value.get("metadata"), Mapping):
            return _in_secret(value)
        for holder in _holders(value):
            return Found(f".{holder}", Why.VALUES)
    return _in_parts(value)


def _holders(value: Mapping[str, Any]) -> list[str]:
    return [key for key, item in value.items() if item and key.strip().casefold() in _HOLDERS_IN_ANY_CASE]


_HOLDERS_IN_ANY_CASE = frozenset(holder.casefold() for holder in HOLDERS)


def _is_secret(value: Any) -> bool:
    """Whether an object is a Secret of Kubernetes, or would be one with the right variable.

    Other API groups have kinds of that name too; they are told by their group.
    """
    if not isinstance(value, Mapping) or not _names_kind(value):
        return False
    group = value.get("apiVersion")
    return not (isinstance(group, str) and "/" in group and not has_marks(group)) or bool(_holders(value))


def _names_kind(value: Mapping[str, Any]) -> bool:
    return any(_is_kind(item) for key, item in value.items() if key.strip().casefold() == "kind")


def _is_kind(kind: Any) -> bool:
    if isinstance(kind, list):
        return any(isinstance(one, str) and _is_kind(one) for one in kind)
    if not isinstance(kind, str):
        return False
    return has_marks(kind) or "".join(filter(str.isalnum, kind.casefold())) in _KINDS


def _in_secret(value: Mapping[str, Any]) -> Found | None:
    """The first thing in the YAML of a Secret that is more than its identity."""
    for holder in _holders(value):
        return Found(f".{holder}", Why.VALUES)
    if value.get("items"):
        found = _first(value["items"], _in_object) if isinstance(value["items"], list) else None
        return Found(f".items{found.path}", found.why) if found is not None else Found(".items", Why.FIELD)
    for key, item in value.items():
        if key == "metadata":
            found = _in_metadata(item, may_annotate=False)
            if found is not None:
                return Found(f".metadata{found.path}", found.why)
        elif not _is_harmless(key, item):
            return Found(f".{key[:60]}", Why.FIELD)
    return None


def _is_harmless(key: str, item: Any) -> bool:
    """Whether a field of a Secret cannot hold a value."""
    if key in HOLDERS or item is None:
        return not item
    if key == "apiVersion":
        return isinstance(item, str) and (item == "v1" or "/" in item or has_marks(item))
    if key == "kind":
        return isinstance(item, str) and _is_kind(item)
    if key == "type":
        is_type = isinstance(item, str) and (item == "Opaque" or ("/" in item and is_qualified_name(item)))
        return is_type or (isinstance(item, str) and has_marks(item))
    return key == "immutable" and isinstance(item, bool)


def _in_metadata(metadata: Any, *, may_annotate: bool) -> Found | None:
    """The first thing in the metadata of a Secret that may hold a value.

    Labels and annotations are parameters of the node; in YAML only a token's ServiceAccount is accepted.
    """
    if metadata is None:
        return None
    if not isinstance(metadata, Mapping):
        return Found("", Why.FIELD)
    if _has_copy(metadata.get("annotations")):
        return Found(f".annotations.{COPY}", Why.VALUES)
    for key, item in metadata.items():
        if key in ("name", "namespace"):
            if not (isinstance(item, str) and (has_marks(item) or is_dns_subdomain(item))):
                return Found(f".{key}", Why.FIELD)
        elif key in ("labels", "annotations") and isinstance(item, Mapping):
            for name, one in item.items():
                is_token = name == SERVICE_ACCOUNT and isinstance(one, str) and is_dns_subdomain(one)
                if not is_token and not (may_annotate and isinstance(one, str | None)):
                    return Found(f".{key}.{name[:60]}", Why.FIELD)
        elif item:
            return Found(f".{key[:60]}", Why.FIELD)
    return None


def _in_patch_of_secret(node: Node) -> Found | None:
    try:
        patch = node.yaml(PATCH)
    except InvalidInput:
        return Found("", Why.UNREAD)
    for holder in _holders(patch):
        return Found(f".{holder}", Why.VALUES)
    for key, item in patch.items():
        if key == "metadata":
            if (found := _in_metadata(item, may_annotate=True)) is not None:
                return Found(f".metadata{found.path}", found.why)
        elif not _is_harmless(key, item):
            return Found(f".{key[:60]}", Why.FIELD)
    return None


def _in_patch(node: Node) -> Found | None:
    """A patch that would make another object a Secret, or that contains one."""
    given = node.patch
    if not isinstance(given, str):
        value = given
    elif not _may_name_secret(given):
        return None
    else:
        try:
            value = node.yaml(PATCH)
        except InvalidInput:
            return Found("", Why.UNREAD) if _names_secret(given) else None
    if isinstance(value, Mapping) and _names_kind(value):
        return Found(".kind", Why.FIELD)
    return _in_parts(value)


def _may_name_secret(text: str) -> bool:
    """Whether a text could spell a Secret: a backslash could write its letters, a variable could bring them."""
    return "\\" in text or "${" in text or "secret" in text.casefold()


def _names_secret(text: str) -> bool:
    """Whether YAML that cannot be read names a Secret in any spelling, as a value or through a variable."""
    plain = _ESCAPE.sub(_unescaped, text) if "\\" in text else text
    if _WORD.search(plain):
        return True
    return "${" in plain and any(
        _is_open(plain[found.end() : found.end() + _TOKEN_WITHIN]) for found in _KIND.finditer(plain)
    )


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code is None:
        return ""
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else ""


def _is_open(after_kind: str) -> bool:
    """Whether the value that follows `kind` is not known: a variable, an alias, or too far away."""
    found = _TOKEN.match(after_kind)
    return found is None or not found[1] or found[1].startswith("*") or "${" in found[1]
