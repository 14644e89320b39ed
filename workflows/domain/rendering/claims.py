"""The claims that StatefulSets make: the API server names no owner of them, so they are told by how they are made.

The controller calls them `<template>-<set>-<ordinal>` and gives them the labels of the set's selector. Deleting a set
leaves them. Source: Kubernetes, "StatefulSets", sections "Volume Claim Templates" and "Limitations".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, mappings

SET = ("apps", "StatefulSet")
CLAIM = ("", "PersistentVolumeClaim")


@dataclass(frozen=True, slots=True)
class ClaimsMade:
    """What the claims of one set look like."""

    templates: tuple[str, ...]
    labels: Mapping[str, str]

    def as_document(self) -> dict[str, Any]:
        # A list, since the name of a label may hold a dot.
        return {"templates": list(self.templates), "labels": [list(label) for label in sorted(self.labels.items())]}

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> ClaimsMade:
        return cls(tuple(document["templates"]), dict(document["labels"]))

    def has_made(self, set_name: str, claim: Manifest) -> bool:
        """Whether a claim (its metadata are enough) was made for the set of that name."""
        metadata = claim["metadata"]
        made_for, _, ordinal = str(metadata["name"]).rpartition("-")
        is_named = _is_ordinal(ordinal) and any(made_for == f"{template}-{set_name}" for template in self.templates)
        return is_named and self.labels.items() <= (metadata.get("labels") or {}).items()


def claims_made(manifest: Mapping[str, Any]) -> ClaimsMade | None:
    """How the claims of a set look, drawn or as the cluster has it; None for a set that makes none, and other kinds."""
    if (Ref(str(manifest.get("apiVersion")), "", "", "").group, manifest.get("kind")) != SET:
        return None
    spec = mapping(manifest.get("spec"))
    templates = (mapping(one.get("metadata")) for one in mappings(spec.get("volumeClaimTemplates")))
    names = tuple(str(one["name"]) for one in templates if "name" in one)
    if not names:
        return None
    return ClaimsMade(names, dict(mapping(mapping(spec.get("selector")).get("matchLabels"))))


class UsersOfClaims:
    """The sets of a drawing, by the claims they make or use."""

    def __init__(self, manifests: Iterable[tuple[Ref, Manifest]]) -> None:
        self._sets: dict[tuple[str, str], Ref] = {}
        for ref, manifest in manifests:
            made = claims_made(manifest)
            for template in made.templates if made else ():
                self._sets[(ref.namespace, f"{template}-{ref.name}")] = ref

    def of(self, ref: Ref) -> Ref | None:
        """The set that uses this claim; None where none does, and for other kinds."""
        if (ref.group, ref.kind) != CLAIM:
            return None
        made_for, _, ordinal = ref.name.rpartition("-")
        return self._sets.get((ref.namespace, made_for)) if _is_ordinal(ordinal) else None


def _is_ordinal(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text == "0" or not text.startswith("0"))
