"""The escape hatch: a JSON merge patch on what a node renders.

Source: RFC 7396. Objects merge key by key, null removes a key, everything else, lists included,
replaces what was there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clusters.domain.labels import is_ours
from clusters.domain.objects import Manifest
from kubeorch.base.errors import InvalidInput
from workflows.domain.kinds.parameter_checks import FieldProblem
from workflows.domain.kinds.parameter_fill import parse_yaml_value

_IDENTITY = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"), ("metadata", "generateName"))
_METADATA = ("metadata", "spec.template.metadata", "spec.jobTemplate.spec.template.metadata")


def check_patch(
    patch: str | Mapping[str, Any], refuses: Sequence[str], path: str, problems: list[FieldProblem]
) -> None:
    """Append why a patch cannot be taken: no YAML, or it would change who the object is."""
    try:
        parsed = parse_yaml_value(patch)
    except InvalidInput as error:
        problems.append(FieldProblem("patch.invalid", path, f"the patch is no YAML object: {error.detail}"))
        return
    for keys in _IDENTITY:
        if _has(parsed, keys):
            problems.append(
                FieldProblem(
                    "patch.identity",
                    f"{path}.{'.'.join(keys)}",
                    f"a patch cannot change {'.'.join(keys)}; remove it, or rename the node",
                )
            )
    for key in refuses:
        if _has(parsed, key.split(".")):
            problems.append(
                FieldProblem("patch.refused", f"{path}.{key}", f"{key} cannot be set by a patch; remove it")
            )
    for path_ in _METADATA:
        metadata = _get(parsed, path_.split("."))
        if not isinstance(metadata, dict):
            if metadata is not _MISSING:
                problems.append(FieldProblem("patch.identity", f"{path}.{path_}", f"a patch cannot replace {path_}"))
            continue
        for part in ("labels", "annotations"):
            values = metadata.get(part, _MISSING)
            if values is not _MISSING and not isinstance(values, dict):
                problems.append(
                    FieldProblem(
                        "patch.identity", f"{path}.{path_}.{part}", f"a patch cannot replace all of {path_}.{part}"
                    )
                )
                continue
            for key in values if isinstance(values, dict) else ():
                if is_ours(key):
                    problems.append(
                        FieldProblem(
                            "patch.identity",
                            f"{path}.{path_}.{part}.{key}",
                            f"{key} tells us that the object is ours; a patch cannot change it",
                        )
                    )
    for whole in ("spec.selector.matchLabels", "spec.selector", "spec", "spec.template"):
        value = _get(parsed, whole.split("."))
        if value is not _MISSING and not isinstance(value, dict):
            problems.append(FieldProblem("patch.identity", f"{path}.{whole}", f"a patch cannot replace all of {whole}"))


class _Missing:
    pass


_MISSING = _Missing()


def _get(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return _MISSING
        value = value[key]
    return value


def _has(value: Any, keys: Sequence[str]) -> bool:
    return _get(value, keys) is not _MISSING


def merge_patch(value: Any, patch: Any) -> Any:
    """`value` with `patch` merged in. Neither is changed; unchanged parts are shared."""
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
