"""What a person chooses for one run: one value from the request to the run's document and to its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Literal, get_args

from clusters.domain.objects import Ref, ref_from_json
from clusters.domain.ownership.paths import PathInvalid, read_path

Removable = Literal["workflow", "environment"]
RunKind = Literal["apply", "destroy", "rollback"]
RUN_KINDS: tuple[RunKind, ...] = get_args(RunKind)
Trigger = Literal["person", "rollback", "drift", "self_heal", "schedule", "webhook", "build", "image"]
"""Why a run was started; `drift` is a person who reverts what has drifted."""
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
UNATTENDED: frozenset[Trigger] = frozenset({"self_heal", "schedule", "webhook", "build", "image"})
"""Started by nobody: there is nobody to confirm what such a run deletes, it does not bring a quarantined version back,
and it gives way to a rollback."""

DEADLINE_S = 600
DEADLINE_MIN_S = 5
DEADLINE_MAX_S = 7200


@dataclass(frozen=True, slots=True)
class OneField:
    """A field of one object."""

    ref: Ref
    path: str
    """As `path_text` writes it."""

    def as_json(self) -> dict[str, Any]:
        return {"ref": self.ref.as_json(), "path": self.path}


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

    adopt: bool = False
    """Take over drawn objects that are there and belong to no environment; only a run of a plan does."""
    taken: tuple[OneField, ...] = ()
    """Fields that others manage and that are taken over, each by a person's choice; `take_over` takes all."""

    def takes(self, ref: Ref, paths: Iterable[str]) -> bool:
        """Whether all these fields of an object, as an API server names them, are taken over by choice."""
        own = [read_path(one.path) for one in self.taken if one.ref.identity == ref.identity]
        try:
            found = [read_path(path.removeprefix(".")) for path in paths]
        except PathInvalid:
            return False
        return bool(own) and all(any(path[: len(one)] == one for one in own) for path in found)

    @property
    def deadline(self) -> timedelta:
        return timedelta(seconds=self.deadline_s)

    def as_document(self) -> dict[str, Any]:
        document = {field.name: getattr(self, field.name) for field in fields(self)}
        only, taken = ([one.as_json() for one in rows] for rows in (self.only, self.taken))
        return {**document, "only": only, "taken": taken}

    @classmethod
    def of(cls, run: Mapping[str, Any]) -> RunOptions:
        """The options of a stored run; those it was stored without have their defaults."""
        stored = dict(run.get("options") or {})
        stored["only"] = tuple(ref_from_json(ref) for ref in stored.get("only", ()))
        stored["taken"] = tuple(OneField(ref_from_json(one["ref"]), one["path"]) for one in stored.get("taken", ()))
        return cls(**{field.name: stored[field.name] for field in fields(cls) if field.name in stored})


DEFAULTS = RunOptions()
