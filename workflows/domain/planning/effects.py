"""What a plan says of one object, and how it is told apart from what another plan says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from clusters.domain.objects import Ref
from clusters.domain.ownership.added import NOTHING_ADDED, Added
from clusters.domain.ownership.adoption import Moving


class Effect(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    RECREATE = "recreate"
    """The API server cannot change it in place: deleted and made again where the run does that, else `error` says why
    the run would stop."""
    DELETE = "delete"
    KEEP = "keep"
    GIVE_BACK = "give_back"
    """It was there before it was taken over: our labels go, and what was set on it stays."""
    CONFLICT = "conflict"
    """Others manage fields of it with other values, or it is not ours at all."""


Proof = Literal["proven", "at_apply"]
Band = Literal["acts", "bookkeeping"]
"""What we set, drop or take over · what the API server writes along."""

FIELDS_SHOWN = 300
"""Fields of one object that are listed; the counts count all."""
VALUE_BYTES = 2000
"""Of a shown value, as JSON."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that would change; an absent value is None."""

    path: str
    before: Any
    after: Any
    band: Band = "acts"

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "before": self.before, "after": self.after, "band": self.band}


@dataclass(frozen=True, slots=True)
class FieldOwner:
    """A field that somebody else has; the path is "" where the whole object is somebody else's."""

    path: str
    manager: str

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "manager": self.manager}


@dataclass(frozen=True, slots=True)
class Yielded:
    """A field of the workflow that the environment leaves to others; an absent value is None."""

    path: str
    workflow: Any
    """What the workflow has for it."""
    live: Any
    manager: str
    """Who has it, as `managedFields` says; "" where nobody does."""
    name: str
    """That manager as people call it."""
    ends: bool
    """The run applies it, and from then on it is left to nobody: the object is made, or made anew."""

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("path", "workflow", "live", "manager", "name", "ends")}


@dataclass(frozen=True, slots=True)
class Adoption:
    """An object that is there and nobody's becomes the environment's."""

    moves: tuple[Moving, ...]
    """What its managers have, and which of them have nothing of it any more then."""

    def as_json(self) -> dict[str, Any]:
        return {"moves": [one.as_json() for one in self.moves]}


@dataclass(frozen=True, slots=True)
class PlannedObject:
    """What would become of one object."""

    ref: Ref
    node_id: str | None
    effect: Effect
    proof: Proof = "proven"
    reason: str = ""
    """Why it is kept, recreated, or proven only at the apply."""
    error: dict[str, Any] | None = None
    """`{code, detail}` when the run would fail at this object."""
    fields: tuple[FieldChange, ...] = ()
    counts: dict[str, int] = field(default_factory=lambda: {"acts": 0, "bookkeeping": 0, "untouched": 0})
    """All fields by band, listed or not."""
    conflicts: tuple[FieldOwner, ...] = ()
    impact: dict[str, Any] | None = None
    """`{level, pods, reason}`; None where nothing is known of it."""
    yielded: tuple[Yielded, ...] = ()
    """Fields that are left to others, as they are."""
    added: Added = NOTHING_ADDED
    """What others added to the object, and a run leaves alone; of one that is deleted, what goes with it."""
    adopts: Adoption | None = None
    """Of an object that the run takes over."""

    def as_json(self) -> dict[str, Any]:
        return {
            "ref": self.ref.as_json(),
            "node_id": self.node_id,
            "effect": self.effect.value,
            "proof": self.proof,
            "reason": self.reason,
            "error": self.error,
            "fields": [one.as_json() for one in self.fields],
            "field_counts": self.counts,
            "conflicts": [one.as_json() for one in self.conflicts],
            "impact": self.impact,
            "yielded": [one.as_json() for one in self.yielded],
            "added": self.added.as_json(),
            "adopts": self.adopts.as_json() if self.adopts else None,
        }
