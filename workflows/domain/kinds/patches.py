"""The patch of a node: a JSON merge patch on the object that it renders.

Source: RFC 7396. Objects are merged key by key, null removes a key, and everything else replaces what
was there, also lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from clusters.domain.labels import is_ours
from clusters.domain.objects import Manifest
from kubeorch.base.errors import InvalidInput
from workflows.domain.kinds.parameter_checks import FieldProblem
from workflows.domain.kinds.parameter_fill import parse_yaml_value

_IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.generateName")
_METADATA = ("metadata", "spec.template.metadata", "spec.jobTemplate.spec.template.metadata")
_WHOLE = ("spec.selector.matchLabels", "spec.selector", "spec", "spec.template")


def check_patch(
    patch: str | Mapping[str, Any], refuses: Sequence[str], path: str, problems: list[FieldProblem]
) -> None:
    """Append why a patch cannot be applied: it is not YAML, or it would change which object this is."""

    def refuse(keys: str, detail: str, code: str = "patch.identity") -> None:
        problems.append(FieldProblem(code, f"{path}.{keys}", detail))

    try:
        parsed = parse_yaml_value(patch)
    except InvalidInput as error:
        problems.append(FieldProblem("patch.invalid", path, f"the patch is not a valid YAML object: {error.detail}"))
        return
    for keys in _IDENTITY:
        if _get(parsed, keys) is not _MISSING:
            refuse(keys, f"a patch cannot change {keys}; remove it from the patch")
    for keys in refuses:
        if _get(parsed, keys) is not _MISSING:
            refuse(keys, f"a patch cannot set {keys}; remove it from the patch", "patch.refused")
    for keys in _METADATA:
        _check_metadata(_get(parsed, keys), keys, refuse)
    for keys in _WHOLE:
        if not isinstance(_get(parsed, keys), dict | _Missing):
            refuse(keys, f"a patch cannot replace all of {keys}; set single keys of it")


def _check_metadata(metadata: Any, keys: str, refuse: Callable[[str, str], None]) -> None:
    if metadata is _MISSING:
        return
    if not isinstance(metadata, dict):
        refuse(keys, f"a patch cannot replace all of {keys}; set single keys of it")
        return
    for part in ("labels", "annotations"):
        values = metadata.get(part, {})
        if not isinstance(values, dict):
            refuse(f"{keys}.{part}", f"a patch cannot replace all of {keys}.{part}; set single keys of it")
            continue
        for key in filter(is_ours, values):
            refuse(f"{keys}.{part}.{key}", f"KubeOrch recognizes its objects by {key}; remove it from the patch")


class _Missing:
    pass


_MISSING = _Missing()


def _get(value: Any, keys: str) -> Any:
    """The value at a path such as `metadata.name`, or _MISSING."""
    for key in keys.split("."):
        if not isinstance(value, dict) or key not in value:
            return _MISSING
        value = value[key]
    return value


def merge_patch(value: Any, patch: Any) -> Any:
    """`value` with `patch` merged in. Neither is changed; the result shares the parts that stay."""
    if not isinstance(patch, dict):
        return patch
    out = dict(value) if isinstance(value, dict) else {}
    for key, item in patch.items():
        if item is None:
            out.pop(key, None)
        else:
            out[key] = merge_patch(out.get(key), item)
    return out


def apply_patch(manifest: Manifest, patch: str | Mapping[str, Any]) -> Manifest:
    """A rendered object with a checked patch merged in."""
    merged: Manifest = merge_patch(manifest, parse_yaml_value(patch))
    return merged
