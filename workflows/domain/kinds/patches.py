"""The patch of a node: a JSON merge patch on the object that it renders.

Objects are merged key by key, null removes a key, and everything else replaces what was there, also lists (RFC 7396).
Two keys say less of a list: `containers[web]` is its entry with that `name`, which is added where it lacks, and
`$setElementOrder/env` lists its entries in the order that they are to have, each by some of its fields; others follow.
Source of the latter: Kubernetes docs, "Strategic Merge Patch", directive setElementOrder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from clusters.domain.labels import is_ours
from clusters.domain.objects import Manifest
from kubeorch.base.errors import InvalidInput
from workflows.domain.kinds.field_problems import FieldProblem
from workflows.domain.kinds.parameter_fill import parse_yaml_value

ORDER = "$setElementOrder/"
_ENTRY = re.compile(r"([A-Za-z][A-Za-z0-9]*)\[([^\[\]]+)\]\Z")
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
        if key.endswith("]") and key not in out and _merge_entry(out, key, item):
            continue
        if item is None:
            out.pop(key, None)
        elif not key.startswith(ORDER):
            out[key] = merge_patch(out.get(key), item)
    for key, item in patch.items():
        if key.startswith(ORDER) and isinstance(item, list):
            name = key.removeprefix(ORDER)
            if isinstance(out.get(name), list):
                out[name] = _ordered(out[name], item)
    return out


def _merge_entry(out: dict[str, Any], key: str, item: Any) -> bool:
    """Merge `item` into the entry of a list that `key` names; False where it names none."""
    found = _ENTRY.match(key)
    if found is None or not isinstance(out.get(found[1], []), list):
        return False
    entries = list(out.get(found[1], ()))
    at = next((i for i, one in enumerate(entries) if isinstance(one, dict) and one.get("name") == found[2]), None)
    if at is None and item is not None:
        entries.append(merge_patch({"name": found[2]}, item))
    elif at is not None and item is None:
        del entries[at]
    elif at is not None:
        entries[at] = merge_patch(entries[at], item)
    if entries:
        out[found[1]] = entries
    else:
        out.pop(found[1], None)
    return True


def _ordered(entries: list[Any], order: list[Any]) -> list[Any]:
    """The entries that `order` lists in its order, then the others as they were."""
    places: dict[str, int] = {}
    fields: dict[tuple[str, ...], None] = {}
    for place, one in enumerate(order):
        if isinstance(one, dict):
            fields.setdefault(tuple(sorted(one)))
        places.setdefault(_digest(one), place)

    def place_of(entry: Any) -> int:
        if not isinstance(entry, dict):
            return places.get(_digest(entry), len(order))
        parts = ({name: entry.get(name) for name in names} for names in fields)
        return min((places.get(_digest(part), len(order)) for part in parts), default=len(order))

    return sorted(entries, key=place_of)


def _digest(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def apply_patch(manifest: Manifest, patch: str | Mapping[str, Any]) -> Manifest:
    """A rendered object with a checked patch merged in."""
    merged: Manifest = merge_patch(manifest, parse_yaml_value(patch))
    return merged
