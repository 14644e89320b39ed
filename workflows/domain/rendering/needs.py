"""What an object that stays needs to live: the Secret that a kept set reads, its headless Service, its identity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from clusters.domain.objects import Manifest, Ref
from workflows.domain.rendering.data import hold_of, is_custom
from workflows.domain.rendering.plan import RenderedObject

_NAMED = ("ConfigMap", "Secret", "ServiceAccount", "Service")
"""Kinds that others name, in a field that has the kind in its own name or in that of a field around it
(`configMapRef.name`, `secretName`, `superuserSecret.name`). So custom objects are understood, too."""


def needs_of(
    rendered: Sequence[RenderedObject], taken_over: Callable[[Ref], bool] = lambda ref: False
) -> dict[Ref, tuple[Ref, ...]]:
    """For each object that would stay, and each custom object, since that may: which others of the same drawing it
    needs, directly or through others. What it needs and would stay by itself (a claim, a class) is left out. What was
    `taken_over` stays as well.
    """
    staying = [
        item
        for item in rendered
        if is_custom(item.ref.group) or hold_of(item.manifest) is not None or taken_over(item.ref)
    ]
    drawing = _Drawing(rendered) if staying else None
    return {item.ref: tuple(sorted(_closure(item, drawing))) for item in staying if drawing is not None}


class _Drawing:
    """The objects of a drawing, by what others call them."""

    def __init__(self, rendered: Sequence[RenderedObject]) -> None:
        self.named = {(one.ref.kind, one.ref.namespace, one.ref.name): one for one in rendered}
        self.labelled: dict[tuple[str, str, Any], list[RenderedObject]] = {}
        self.bound: dict[tuple[str, str], list[RenderedObject]] = {}
        for one in rendered:
            for label, value in _pod_labels(one.manifest).items():
                self.labelled.setdefault((one.ref.namespace, label, value), []).append(one)
            for subject in _subjects(one):
                self.bound.setdefault(subject, []).append(one)

    def needed_by(self, item: RenderedObject) -> Iterator[RenderedObject]:
        """What the object names, what a Service selects, and the rights of an identity."""
        namespace = item.ref.namespace
        for keys, text, inside in _texts(item.manifest.get("spec") or {}):
            for kind in _NAMED:
                if kind.lower() in keys and (found := self.named.get((kind, namespace or inside, text))):
                    yield found
        if item.ref.kind == "Service":
            yield from self._selected(item)
        elif item.ref.kind == "ServiceAccount":
            yield from self._rights(item.ref)

    def _selected(self, service: RenderedObject) -> Iterator[RenderedObject]:
        selector = (service.manifest.get("spec") or {}).get("selector") or {}
        found = [self.labelled.get((service.ref.namespace, *label), []) for label in selector.items()]
        for one in min(found, key=len, default=[]):  # of its labels, the one that the fewest have
            if selector.items() <= _pod_labels(one.manifest).items():
                yield one

    def _rights(self, account: Ref) -> Iterator[RenderedObject]:
        for one in self.bound.get((account.namespace, account.name), ()):
            yield one
            role = one.manifest.get("roleRef") or {}
            if found := self.named.get((str(role.get("kind")), one.ref.namespace, str(role.get("name")))):
                yield found


def _subjects(binding: RenderedObject) -> Iterator[tuple[str, str]]:
    """(namespace, name) of the identities that a binding gives rights to."""
    if binding.ref.kind in ("RoleBinding", "ClusterRoleBinding"):
        for subject in binding.manifest.get("subjects") or ():
            if subject.get("kind") == "ServiceAccount":
                yield str(subject.get("namespace") or binding.ref.namespace), str(subject.get("name"))


def _closure(item: RenderedObject, drawing: _Drawing) -> set[Ref]:
    found: set[Ref] = set()
    left = [item]
    while left:
        for one in drawing.needed_by(left.pop()):
            if one.ref not in found and one.ref != item.ref and hold_of(one.manifest) is None:
                found.add(one.ref)
                left.append(one)
    return found


def _pod_labels(manifest: Manifest) -> Mapping[str, Any]:
    if manifest.get("kind") == "Pod":
        holder: Any = manifest
    else:
        spec = manifest.get("spec")
        holder = spec.get("template") if isinstance(spec, Mapping) else None
    metadata = holder.get("metadata") if isinstance(holder, Mapping) else None
    labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
    if not isinstance(labels, Mapping):
        return {}
    return {str(label): value for label, value in labels.items() if isinstance(value, str)}


def _texts(spec: Any) -> Iterator[tuple[str, str, str]]:
    """(names of the last two fields around it in lower case, text, namespace beside it), at any depth."""
    left: list[tuple[str, str, str, Any]] = [("", "", "", spec)]
    while left:
        outer, inner, beside, value = left.pop()
        if isinstance(value, Mapping):
            namespace = value.get("namespace")
            near = namespace if isinstance(namespace, str) else ""
            left.extend((inner, str(key).lower(), near, one) for key, one in value.items())
        elif isinstance(value, list | tuple):
            left.extend((outer, inner, beside, one) for one in value)
        elif isinstance(value, str):
            yield f"{outer} {inner}", value, beside
