"""What a person chooses for one run: one value from the request to the run's document and to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Literal, get_args

from clusters.domain.objects import Ref, ref_from_json

Removable = Literal["workflow", "environment"]
RunKind = Literal["apply", "destroy", "rollback"]
RUN_KINDS: tuple[RunKind, ...] = get_args(RunKind)
Trigger = Literal["person", "rollback", "drift", "self_heal", "schedule", "webhook"]
"""Why a run was started; `drift` is a person who reverts what has drifted."""
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
UNATTENDED: frozenset[Trigger] = frozenset({"self_heal", "schedule", "webhook"})
"""Started by nobody: there is nobody to confirm what such a run deletes, it does not bring a quarantined version back,
and it gives way to a rollback."""

DEADLINE_S = 600
DEADLINE_MIN_S = 5
DEADLINE_MAX_S = 7200


@dataclass(frozen=True, slots=True)
class RunOptions:
    delete_volumes: bool = False
    """Also delete what holds data and is not drawn any more."""
    confirm_deletions: int = 0
    """How many deletions the person has seen and wants. A run that would delete more than these deletes nothing."""
    take_over: bool = False
    """Take over the fields of our objects that others manage; otherwise such a field fails its step."""
    deadline_s: int = DEADLINE_S
    """How long the objects may take to become healthy, counted from the moment all are applied."""
    remove: Removable | None = None
    """What a destroy run takes out of the database once everything it should delete is deleted."""
    only: tuple[Ref, ...] = ()
    """The objects that the run applies, as they were applied last; empty: all that are drawn. Such a run deletes
    nothing."""

    @property
    def deadline(self) -> timedelta:
        return timedelta(seconds=self.deadline_s)

    def as_document(self) -> dict[str, Any]:
        document = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**document, "only": [ref.as_json() for ref in self.only]}

    @classmethod
    def of(cls, run: Mapping[str, Any]) -> RunOptions:
        """The options of a stored run; those it was stored without have their defaults."""
        stored = dict(run.get("options") or {})
        stored["only"] = tuple(ref_from_json(ref) for ref in stored.get("only", ()))
        return cls(**{field.name: stored[field.name] for field in fields(cls) if field.name in stored})


DEFAULTS = RunOptions()
