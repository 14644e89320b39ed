"""An object that others had made before it was taken over goes back to them: nothing of ours is left on it.

What we applied keeps its value. Our labels go, and our entry of `managedFields` goes to whoever had most of the object
when it was taken over, so that what made it then (kubectl apply, Helm) has its fields again and meets no conflict.
Where nobody is known, the fields belong to nobody.

Source: Kubernetes docs, "Server-Side Apply", sections "Transferring ownership" and "Clearing managedFields".
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.handover import Fields, Path, added, dropped
from clusters.domain.labels import MANAGED_BY, MANAGED_BY_LABEL, PREFIX
from clusters.domain.managers import OUR_MANAGERS
from clusters.domain.ownership.adoption import NOBODY, Hand
from clusters.domain.ownership.owners import entries_of, owners
from clusters.domain.reading import mapping, text

_FIELDS = "fieldsV1"


@dataclass(frozen=True, slots=True)
class Former:
    """Who had an object before us, as `managedFields` names it."""

    manager: str
    operation: str

    def as_json(self) -> dict[str, str]:
        return {"manager": self.manager, "operation": self.operation}

    @classmethod
    def of(cls, stored: Mapping[str, str] | None) -> Former | None:
        return cls(stored["manager"], stored["operation"]) if stored else None


def most_of(live: Mapping[str, Any], hands: Collection[Hand]) -> Former | None:
    """Of the managers that give up what they have of an object, the one that has most of it."""
    counts: dict[Former, int] = {}
    for several in owners(live).by_path().values():
        for owner in several:
            if (owner.manager, owner.operation, owner.at) in hands and owner.manager not in NOBODY:
                former = Former(owner.manager, owner.operation)
                counts[former] = counts.get(former, 0) + 1
    return max(counts, key=counts.__getitem__, default=None)


def marks_of(live: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(`labels` or `annotations`, key, value) of what says on the object that it is ours."""
    metadata = mapping(live.get("metadata"))
    return [
        (part, str(key), text(value))
        for part in ("labels", "annotations")
        for key, value in mapping(metadata.get(part)).items()
        if str(key).startswith(PREFIX) or (part, key, value) == ("labels", MANAGED_BY_LABEL, MANAGED_BY)
    ]


def returned(live: Mapping[str, Any], former: Former | None) -> dict[str, Any] | None:
    """What of the metadata a merge patch changes so that nothing of ours is left; None where nothing is."""
    marks = marks_of(live)
    entries = entries_of(live)
    ours = [entry for entry in entries if _is_ours(entry)]
    if not marks and not ours:
        return None
    kept = [copy.deepcopy(dict(entry)) for entry in entries if not _is_ours(entry)]
    fields: Fields = {}
    for entry in ours:
        fields = added(fields, mapping(entry.get(_FIELDS)))
    fields = dropped(fields, _paths(marks))
    if former is not None and fields:
        _give(kept, former, ours[-1], fields)
    found: dict[str, Any] = {"managedFields": kept or [{}]}  # an empty list would leave them as they are
    for part, key, _ in marks:
        found.setdefault(part, {})[key] = None
    return found


def _give(entries: list[dict[str, Any]], former: Former, ours: Mapping[str, Any], fields: Fields) -> None:
    """Give the fields to a manager, which may have an entry again by now."""
    name = {"manager": former.manager, "operation": former.operation}
    for entry in entries:
        is_version = former.operation == "Apply" or entry.get("apiVersion") == ours.get("apiVersion")
        if name.items() <= entry.items() and not entry.get("subresource") and is_version:
            entry[_FIELDS] = added(mapping(entry.get(_FIELDS)), fields)
            return
    about = {key: ours[key] for key in ("apiVersion", "time") if key in ours}
    entries.append({**name, **about, "fieldsType": "FieldsV1", _FIELDS: fields})


def _is_ours(entry: Mapping[str, Any]) -> bool:
    return text(entry.get("manager")) in OUR_MANAGERS and not text(entry.get("subresource"))


def _paths(marks: Iterable[tuple[str, str, str]]) -> list[Path]:
    return [("f:metadata", f"f:{part}", f"f:{key}") for part, key, _ in marks]
