"""What taking a plan back would do to each object, and what no run can take back.

Taking it back is to apply what was applied before: fields get the values that we had set, what came is deleted, what
went is made again. What others have written since stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.paths import path_text
from workflows.domain.planning.effects import Effect, PlannedObject
from workflows.domain.planning.paths import owners
from workflows.domain.rendering.data import hold_of

NAMED_MOST = 20
"""Reasons that are named of one object."""
_RUN_TO_AN_END = frozenset({"Job", "Pod"})


@dataclass(frozen=True, slots=True)
class Undo:
    """What becomes of one object when the plan is taken back."""

    effect: Effect
    reason: str = ""
    cannot: tuple[str, ...] = ()
    """What stays done."""

    def as_json(self) -> dict[str, Any]:
        return {"effect": self.effect.value, "reason": self.reason, "cannot": list(self.cannot)}


def undo_of(planned: PlannedObject, before: Manifest | None, after: Manifest | None) -> Undo | None:
    """How one object is taken back; None where a run of the plan leaves it as it is.

    `before` and `after` are the object as it is and as it would be, None where that is not known or there is none.
    """
    if planned.error is not None or planned.effect in (Effect.UNCHANGED, Effect.KEEP, Effect.CONFLICT):
        return None
    ref = planned.ref
    if planned.adopts is not None:
        return Undo(Effect.KEEP, "it was there before, and stays as it is then")
    if planned.effect is Effect.GIVE_BACK:
        return Undo(Effect.KEEP, "it stays as it is", ("it is ours again only by a plan that takes it over",))
    if planned.effect is Effect.CREATE:
        return _of_a_new_one(ref, after)
    if planned.effect is Effect.DELETE:
        return _of_one_that_goes(planned, before)
    if planned.effect is Effect.RECREATE:
        return Undo(Effect.RECREATE, "a new object takes its place again", _ran(ref, "it is another object then"))
    return Undo(Effect.UPDATE, "its fields get the values that were applied before", _lost(planned, before))


def _of_a_new_one(ref: Ref, after: Manifest | None) -> Undo:
    hold = hold_of({**(after or {}), "apiVersion": ref.api_version, "kind": ref.kind}) if after is not None else None
    if hold is not None:
        return Undo(Effect.KEEP, hold.reason, ("it stays, and is deleted only by a run that is told so",))
    return Undo(Effect.DELETE, "it was not there before", _ran(ref))


def _of_one_that_goes(planned: PlannedObject, before: Manifest | None) -> Undo:
    ref = planned.ref
    cannot = [f"{one.path} of {one.name} does not come back" for one in planned.added.fields]
    if more := planned.added.count - len(cannot):
        cannot.append(f"{more} more of others do not come back")
    if (ref.api_version, ref.kind) == ("v1", "Secret"):
        cannot.append(
            "of its values only those come back that are stored for the environment; the others are asked for"
        )
    elif before is not None:
        hold = hold_of({**before, "apiVersion": ref.api_version, "kind": ref.kind})
        if hold is not None and hold.loses_data:
            cannot.append("its data goes with it")
    if ref.kind == "Namespace":
        cannot.append("what others have in it goes with it")
    return Undo(Effect.CREATE, "it is made again, as another object", (*cannot, *_ran(ref, "it would run again")))


def _ran(ref: Ref, otherwise: str = "") -> tuple[str, ...]:
    done = f"what its containers did stays done{f'; {otherwise}' if otherwise else ''}"
    return (done,) if ref.kind in _RUN_TO_AN_END else ()


def _lost(planned: PlannedObject, before: Manifest | None) -> tuple[str, ...]:
    """Values that nobody has any more after the run."""
    ref, found = planned.ref, list[str]()
    acts = [one for one in planned.fields if one.band == "acts"]
    if ref.kind == "Secret":
        keys = [one.path for one in acts if one.path.startswith(("data", "stringData")) and one.before is not None]
        found += [
            f"the value of {path} stays, for a run keeps none: put the earlier one back where it was stored, or give "
            "it with a new run"
            for path in keys
        ]
    if ref.kind == "PersistentVolumeClaim":
        found += [f"{one.path} cannot be made smaller again" for one in acts if one.path.endswith("requests.storage")]
    theirs: Mapping[str, str] = (
        {} if before is None else {path_text(path): rows[0].manager for path, rows in owners(before).items()}
    )
    for one in acts:
        if one.path in theirs:
            found.append(f"{one.path} had a value of {theirs[one.path]}, which is not set again")
    return tuple(found[:NAMED_MOST])
