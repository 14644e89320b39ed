"""What a trial of an import found, object by object, and what the cluster is without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bson import ObjectId

from clusters.domain.objects import Ref
from imports.domain.sources import Place
from workflows.domain.planning.effects import Effect

Verdict = Literal["proven", "at_apply", "refused", "conflict", "adopt"]


@dataclass(frozen=True, slots=True)
class TriedObject:
    """What the cluster says of one object."""

    ref: Ref
    node_id: str | None
    verdict: Verdict
    effect: Effect
    reason: str = ""
    """Why only the apply proves it, or what stands against it."""
    code: str = ""
    """Of the refusal."""
    field: str = ""
    """That the refusal names, in the object."""
    place: Place | None = None
    """In the files: of that field where it is known, else of the node."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What objects need and the cluster does not have. `ref` has no name where a default class is meant."""

    ref: Ref
    node_ids: tuple[str, ...]
    reason: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    cluster_id: ObjectId
    namespace: str
    objects: tuple[TriedObject, ...]
    missing: tuple[Missing, ...]
