"""Which objects hold data: a run keeps them unless the person chose to delete data as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ALWAYS = frozenset({"PersistentVolumeClaim", "Namespace"})
_BY_FIELD: Mapping[str, tuple[str, str]] = {"StatefulSet": ("spec", "volumeClaimTemplates")}
"""Kinds that hold data when this field of theirs is set."""
_LEAVES_ITS_DATA = frozenset({"StatefulSet"})
"""Source: Kubernetes docs, "StatefulSets", section "Limitations": deleting one does not delete its volumes."""


def holds_data(manifest: Mapping[str, Any]) -> bool:
    """Whether deleting the object may lose data: its own, or that of objects deleted along with it."""
    kind = str(manifest.get("kind"))
    if kind in _BY_FIELD:
        part, field = _BY_FIELD[kind]
        return bool((manifest.get(part) or {}).get(field))
    return kind in _ALWAYS


def is_kept_on_destroy(holds: bool, kind: str) -> bool:
    """Whether destroying what a workflow has leaves the object, unless volumes are to be deleted as well.

    A set goes although it holds data: its claims, which have the data, stay without it.
    """
    return holds and not leaves_its_data(kind)


def why_kept(kind: str) -> str:
    """Why an object of this kind stays, as the end of a sentence that begins with the object."""
    return "everything in it would be deleted with it" if kind == "Namespace" else "it holds data"


def leaves_its_data(kind: str) -> bool:
    """Whether the data of an object of this kind stays in the cluster when the object is deleted."""
    return kind in _LEAVES_ITS_DATA
