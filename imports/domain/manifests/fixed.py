"""Namespaces that objects name by themselves, and that stay when the others follow the environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from imports.domain.manifests.nodes import Drawn
from kubeorch.base.errors import Problem

_MOST = 50
_DEEP = 60


def fixed_namespaces(drawn: Iterable[Drawn], namespace: str) -> tuple[Problem, ...]:
    """A warning for each object that names, inside, the namespace that objects are taken out of."""
    found: list[Problem] = []
    for one in drawn:
        manifest = one.parameters.get(next(iter(one.kind.yaml_parameters), ""))
        if one.is_typed or not isinstance(manifest, dict) or len(found) == _MOST:
            continue
        ref = one.wish.ref
        is_it = (ref.group, ref.kind, ref.name) == ("", "Namespace", namespace)
        if is_it or any(path for path in _named(manifest, namespace, 0)):
            what = "is that namespace" if is_it else f"names the namespace {namespace}"
            detail = (
                f"{ref.kind} {ref.name} {what}, and keeps to it; the objects of {namespace} follow the environment. "
                f"Give the environment the namespace {namespace}, or change the name in the manifest"
            )
            found.append(Problem("import.fixed_namespace", detail, node_ids=(one.id,), severity="warning"))
    return tuple(found)


def _named(value: Any, namespace: str, depth: int) -> Iterator[bool]:
    if depth > _DEEP:
        return
    if isinstance(value, dict):
        if value.get("namespace") == namespace:
            yield True
        for item in value.values():
            yield from _named(item, namespace, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, namespace, depth + 1)
