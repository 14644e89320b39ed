"""What a patch has to say so that what a node renders becomes the object that was read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from clusters.domain.labels import is_ours
from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping
from imports.domain.manifests.list_patterns import are_named
from workflows.domain.kinds.patches import ORDER

_IDENTITY = ("apiVersion", "kind")
_NAMES = ("name", "namespace")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]*\Z")
_BRACKETS = re.compile(r"[\[\]]")


@dataclass(slots=True)
class Patch:
    """A patch, and the paths of the lists that it replaces whole (`spec.ingress`, without the indexes of lists)."""

    content: dict[str, Any] = field(default_factory=dict)
    replaced: list[str] = field(default_factory=list)

    def size(self) -> int:
        """How much it says, for comparison."""
        return _size(self.content)


def patch_between(rendered: Manifest, wished: Manifest) -> Patch:
    """The patch that makes `wished` of `rendered`, both without defaults. What KubeOrch writes of itself stays."""
    out = Patch()
    content = _of_mapping(_without(rendered), _without(wished), "", out)
    metadata = content.get("metadata")
    if isinstance(metadata, dict):
        for part in ("labels", "annotations"):
            ours = {key for key, value in mapping(metadata.get(part)).items() if value is None and is_ours(key)}
            if ours:
                metadata[part] = {key: value for key, value in metadata[part].items() if key not in ours}
                if not metadata[part]:
                    del metadata[part]
        if not metadata:
            del content["metadata"]
    out.content = content
    return out


def is_same(rendered: Manifest, wished: Manifest) -> bool:
    """Whether an object is the wished one, but for what KubeOrch writes on each object. Both without defaults."""
    return not patch_between(rendered, wished).content


def _without(manifest: Manifest) -> Manifest:
    """The object without what a node says of it by itself."""
    out = {key: value for key, value in manifest.items() if key not in _IDENTITY}
    metadata = out.get("metadata")
    if isinstance(metadata, dict):
        out["metadata"] = {key: value for key, value in metadata.items() if key not in _NAMES}
    for part in ("labels", "annotations"):  # absent and empty are the same
        if isinstance(metadata, dict):
            out["metadata"].setdefault(part, {})
    return out


def _of_mapping(old: dict[str, Any], new: dict[str, Any], path: str, out: Patch) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in new.items():
        if key not in old:
            found[key] = value
            continue
        before = old[key]
        if before is value:
            continue
        below = f"{path}.{key}" if path else key
        if isinstance(before, dict) and isinstance(value, dict):
            if inner := _of_mapping(before, value, below, out):
                found[key] = inner
        elif isinstance(before, list) and isinstance(value, list):
            if before != value:
                found |= _of_list(key, before, value, below, out)
        elif before != value or isinstance(before, bool) != isinstance(value, bool):
            found[key] = value
    for key in old:
        if key not in new:
            found[key] = None
    return found


def _of_list(key: str, old: list[Any], new: list[Any], path: str, out: Patch) -> dict[str, Any]:
    if _KEY.match(key) and are_named(old) and are_named(new) and not any(_BRACKETS.search(one["name"]) for one in new):
        return _of_named(key, old, new, path, out)
    if len(old) == len(new) and sorted(map(_text, old)) == sorted(map(_text, new)):
        return {f"{ORDER}{key}": _identified(new)}
    out.replaced.append(f"{path}[]")
    return {key: new}


def _of_named(key: str, old: list[Any], new: list[Any], path: str, out: Patch) -> dict[str, Any]:
    found: dict[str, Any] = {}
    before = {one["name"]: one for one in old}
    names = [one["name"] for one in new]
    for one in new:
        name = one["name"]
        if name not in before:
            found[f"{key}[{name}]"] = {field_: value for field_, value in one.items() if field_ != "name"}
        elif inner := _of_mapping(before[name], one, f"{path}[{name}]", out):
            found[f"{key}[{name}]"] = inner
    found |= {f"{key}[{name}]": None for name in before if name not in names}
    kept = [name for name in before if name in names]
    if [*kept, *(name for name in names if name not in before)] != names:
        found[f"{ORDER}{key}"] = [{"name": name} for name in names]
    return found


def _identified(items: Sequence[Any]) -> list[Any]:
    """Each entry by the field that tells it from the others."""
    for name in ("name", "mountPath"):
        values = [one.get(name) if isinstance(one, dict) else None for one in items]
        if None not in values and len(set(map(str, values))) == len(values):
            return [{name: value} for value in values]
    return list(items)


def _text(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(_size, value))
    return 1
