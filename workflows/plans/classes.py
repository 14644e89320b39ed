"""Classes that new objects need and the cluster does not have: these are created, and then wait, as the plan says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from clusters.domain.diagnosing import ingresses, storage
from clusters.domain.objects import Manifest, Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, UnknownKind
from clusters.kube.holding import TooMuch
from workflows.domain.fitting.wanting import wanted_by
from workflows.domain.rendering.render import Rendered

CLASSES_MOST = 20
"""So many are asked for; a graph names few."""
OBJECTS_MOST = 100
"""Warnings of one plan."""
_DEFAULT_CLASS = {"StorageClass": storage.DEFAULT_CLASS, "IngressClass": ingresses.DEFAULT_CLASS}
"""The annotation of the class that counts where none is named."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """An object that will wait for a class, whose image is gone, or whose pods are refused."""

    ref: Ref
    node_id: str | None
    wanted: Ref
    """The class, without a name the default one; or the image, as kind "Image"; or its own pods."""
    detail: str

    def as_json(self) -> dict[str, Any]:
        of_class = "class.missing" if self.wanted.name else "class.no_default"
        code = {"Image": "image.removed", "Pod": "pod.refused"}.get(self.wanted.kind, of_class)
        return {"ref": self.ref.as_json(), "node_id": self.node_id, "code": code, "detail": self.detail}


def ask_classes(
    client: KubeClient, pool: Executor, items: Sequence[Rendered], live: Mapping[Ref, Manifest | None]
) -> Callable[[], tuple[Lacking, ...]]:
    """Begin to ask for the classes that objects which are not there yet need; the call waits for the answers, and
    raises API errors. Who may not see classes is told nothing of them."""
    wanted: dict[Ref, dict[Ref, Rendered]] = {}
    for item in items:
        if live[item.ref] is None:
            for one in wanted_by(item.manifest, item.ref):
                if one.ref.kind in _DEFAULT_CLASS and (one.ref in wanted or len(wanted) < CLASSES_MOST):
                    wanted.setdefault(one.ref, {})[item.ref] = item
    drawn = drawn_classes(items)
    asked = {ref: pool.submit(is_there, client, ref) for ref in wanted if not is_among(drawn, ref)}

    def answers() -> tuple[Lacking, ...]:
        missing = [ref for ref, is_known in asked.items() if not is_known.result()]
        found = [
            Lacking(item.ref, item.node_id, ref, why_missing(ref)) for ref in missing for item in wanted[ref].values()
        ]
        return tuple(found[:OBJECTS_MOST])

    return answers


def drawn_classes(items: Sequence[Rendered]) -> list[Manifest]:
    return [item.manifest for item in items if item.ref.kind in _DEFAULT_CLASS]


def is_there(client: KubeClient, ref: Ref) -> bool:
    """As `looked_for`; True where nobody may look, who cannot say that it is missing."""
    return looked_for(client, ref) is not False


def looked_for(client: KubeClient, ref: Ref) -> bool | None:
    """Whether the cluster has the object, or without a name a default one of its kind; None where that is not seen."""
    try:
        if ref.name:
            return client.get(ref, metadata_only=True) is not None
        items, _ = client.list(ref.api_version, ref.kind, metadata_only=True)
    except (ApiForbidden, UnknownKind, TooMuch):
        return None
    return any(_is_default(one, ref.kind) for one in items)


def why_missing(ref: Ref) -> str:
    """What comes of it that the cluster lacks a class; without a name the default one."""
    waits = "its claims wait for a disk" if ref.kind == "StorageClass" else "nothing serves its hosts"
    if ref.name:
        return f"the cluster has no {ref.kind} {ref.name}: {waits} until it is there, or until you name another one"
    return f"no {ref.kind} of the cluster is the default: {waits} until one is, or until you name one"


def is_among(drawn: Sequence[Manifest], ref: Ref) -> bool:
    """Whether the class, or without a name a default one, comes along; `drawn` are classes."""
    same = [one for one in drawn if one["kind"] == ref.kind]
    if ref.name:
        return any(one["metadata"]["name"] == ref.name for one in same)
    return any(_is_default(one, ref.kind) for one in same)


def _is_default(manifest: Manifest, kind: str) -> bool:
    return (manifest["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS[kind]) == "true"
