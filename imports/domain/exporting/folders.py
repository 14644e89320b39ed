"""Rendered objects as files: one for each object, and kustomize's base with an overlay for each environment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clusters.domain.objects import Manifest
from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import label_from
from kubeorch.base.yaml_writing import dump
from workflows.domain.rendering.render import Rendered

Files = dict[str, str]
"""Texts by path, with "/" between folders."""


_CORE = "^$"
"""The group of Services and ConfigMaps: no group in a target matches every group. Source: kustomize, "patches"."""


class ExportInvalid(InvalidInput):
    """The workflow cannot be written in this form."""

    code = "export.invalid"


def one_file_each(rendered: Sequence[Rendered]) -> Files:
    """`<kind>-<name>.yaml` for each object, in the order in which they are applied."""
    found: Files = {}
    for one in rendered:
        base = label_from(f"{one.ref.kind}-{one.ref.name}")
        path, number = f"{base}.yaml", 1
        while path in found:
            number += 1
            path = f"{base}-{number}.yaml"
        found[path] = dump(one.manifest)
    return found


def kustomize(environments: Mapping[str, Sequence[Rendered]]) -> Files:
    """`base` is the first environment; `overlays/<name>` says by JSON patches what each one has otherwise.

    Source: kustomize docs, "patches". Raises ExportInvalid where environments do not have the same objects.
    """
    [first, *_] = environments.values()
    files = one_file_each(first)
    found = {f"base/{path}": text for path, text in files.items()}
    found["base/kustomization.yaml"] = _kustomization({"resources": list(files)})
    for name, rendered in environments.items():
        patches = list(_patches(first, rendered, name))
        content: dict[str, Any] = {"resources": ["../../base"], **({"patches": patches} if patches else {})}
        base = label_from(name)
        path, number = f"overlays/{base}/kustomization.yaml", 1
        while path in found:
            number += 1
            path = f"overlays/{base}-{number}/kustomization.yaml"
        found[path] = _kustomization(content)
    return found


def _kustomization(content: Mapping[str, Any]) -> str:
    return dump({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **content})


def _patches(base: Sequence[Rendered], rendered: Sequence[Rendered], environment: str) -> Iterator[dict[str, Any]]:
    others = {(one.node_id, one.ref.kind): one for one in rendered}
    if len(others) != len(base) or {(one.node_id, one.ref.kind) for one in base} != others.keys():
        raise ExportInvalid(f"{environment} has other objects than the first environment; export them one by one")
    for one in base:
        operations = list(_operations(one.manifest, others[one.node_id, one.ref.kind].manifest, ""))
        if operations:
            group, _, version = one.ref.api_version.rpartition("/")
            target = {"group": group or _CORE, "version": version, "kind": one.ref.kind, "name": _exactly(one.ref.name)}
            if one.ref.namespace:
                target["namespace"] = _exactly(one.ref.namespace)
            yield {"target": {key: value for key, value in target.items() if value}, "patch": _patch(operations)}


def _exactly(name: str) -> str:
    """The regular expression of a name, which has no other sign that means more than itself."""
    return name.replace(".", r"\.")


def _patch(operations: list[dict[str, Any]]) -> str:
    """The text of a patch: JSON, since kustomize trims the end of a YAML text, and a last line break with it."""
    return json.dumps(operations, indent=1, ensure_ascii=False)


def _operations(old: Manifest, new: Manifest, path: str) -> Iterator[dict[str, Any]]:
    """JSON patch operations from one object to the other; lists of another length are replaced. Source: RFC 6902."""
    for key in [*old, *(key for key in new if key not in old)]:
        below = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
        yield from _operation(key in old, old.get(key), key in new, new.get(key), below)


def _operation(was: bool, before: Any, is_: bool, after: Any, path: str) -> Iterator[dict[str, Any]]:
    if was and is_ and isinstance(before, dict) and isinstance(after, dict):
        yield from _operations(before, after, path)
    elif was and is_ and isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _operation(True, one, True, other, f"{path}/{index}")
    elif was and not is_:
        yield {"op": "remove", "path": path}
    elif not was:
        yield {"op": "add", "path": path, "value": after}
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield {"op": "replace", "path": path, "value": after}
