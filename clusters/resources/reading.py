"""One object, as the page of a resource shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clusters.domain.health import Health
from clusters.domain.hidden import shown, sizes_of
from clusters.domain.objects import Manifest
from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Place, Question, read_object
from clusters.resources.healths import is_judged, judged_all


@dataclass(frozen=True, slots=True)
class Detail:
    kind: ServedKind
    object: Manifest
    """As it may be shown, without managedFields."""
    managed_fields: list[Any]
    health: Health | None
    sizes: dict[str, int]
    """Bytes of each value, by key, of a Secret or ConfigMap."""


def read_detail(question: Question, place: Place) -> Detail:
    """Raises what `read_object` raises."""
    kind, live = read_object(question, place)
    health = judged_all(question, kind, [live], place.namespace)[0] if is_judged(kind.group, kind.kind) else None
    visible = shown(live)
    metadata = {key: value for key, value in visible["metadata"].items() if key != "managedFields"}
    sizes = sizes_of(live) if kind.group == "" and kind.kind in ("Secret", "ConfigMap") else {}
    managers = visible["metadata"].get("managedFields") or []
    return Detail(kind, {**visible, "metadata": metadata}, managers, health, sizes)
