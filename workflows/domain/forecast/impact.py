"""What it costs to do something to an object: nothing, a restart of pods, traffic, data.

The forecast errs on one side only: it never says that pods keep running when they do not. What is not known of a kind
or a field is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from clusters.domain.objects import GroupKind, Manifest, Ref


class Level(StrEnum):
    """From the mildest to the gravest."""

    NONE = "none"
    IN_PLACE = "in_place"
    """It changes while everything goes on running."""
    UNKNOWN = "unknown"
    RESTART = "restart"
    """Pods are replaced, a few at a time."""
    RECREATE = "recreate"
    """The object is deleted and made again."""
    DOWNTIME = "downtime"
    """For a while nothing, or too little, answers."""
    DATA = "data"
    """Data can be lost."""


SEVERITY = {level: rank for rank, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Impact:
    level: Level
    pods: int | None
    """Pods that are replaced or end; None where that is not known or the object has none."""
    reason: str
    """One sentence or two, without a full stop at the end."""

    def as_json(self) -> dict[str, Any]:
        return {"level": self.level.value, "pods": self.pods, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Objects around the one that is judged, as they are in the cluster; what is not handed in is not known."""

    claims: Mapping[str, Manifest] = field(default_factory=dict)
    """PersistentVolumeClaims of its namespace, by name."""
    volumes: Mapping[str, Manifest] = field(default_factory=dict)
    """PersistentVolumes, by name."""
    classes: Mapping[str, Manifest] = field(default_factory=dict)
    """StorageClasses, by name."""
    budgets: Sequence[Manifest] = ()
    """PodDisruptionBudgets of its namespace."""
    scalers: Sequence[Manifest] = ()
    """HorizontalPodAutoscalers that are applied with it."""


NOBODY = Neighbours()


def worst(found: Sequence[Impact]) -> Impact:
    """The gravest, with the pods that any of them names, and the reasons of the two gravest."""
    ordered = sorted(found, key=lambda one: -SEVERITY[one.level])
    first = ordered[0]
    reasons = list(dict.fromkeys(one.reason for one in ordered if one.level == first.level))
    if len(reasons) == 1:
        reasons += [one.reason for one in ordered if one.level != first.level and SEVERITY[one.level] > 1][:1]
    pods = [one.pods for one in found if one.pods is not None]
    return Impact(first.level, max(pods) if pods else None, "; ".join(dict.fromkeys(reasons[:3])))


def kind_of(ref: Ref) -> GroupKind:
    return GroupKind(ref.group, ref.kind)


def count(number: int, one: str) -> str:
    return f"{number} {one if number == 1 else one + 's'}"


def pods_do(number: int, verb: str, what: str = "pod") -> str:
    """ "1 pod ends", "3 pods end"."""
    return f"{count(number, what)} {verb}{'s' if number == 1 else ''}"
