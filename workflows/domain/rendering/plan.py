"""What a run does to an environment, in order: apply the rendered objects, then delete owned ones that are gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from clusters.domain.objects import Manifest, Ref
from workflows.domain.rendering.data import is_kept_on_destroy, why_kept
from workflows.domain.rendering.identity import finder


class Action(StrEnum):
    APPLY = "apply"
    REPLACE = "replace"
    """Delete and create again. Never planned; a step becomes this when the cluster refuses the change."""
    DELETE = "delete"
    KEEP = "keep"
    """Owned, no longer rendered, but it holds data: it stays, and the environment still owns it."""


class RenderedObject(Protocol):
    """An object as rendering gives it; objects of a wave need only those of earlier waves."""

    @property
    def node_id(self) -> str: ...
    @property
    def ref(self) -> Ref: ...
    @property
    def manifest(self) -> Manifest: ...
    @property
    def wave(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Owned:
    """One row of the inventory."""

    ref: Ref
    node_id: str
    uid: str | None
    wave: int
    holds_data: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What is done to one object. Steps of one wave may run at once; the next wave begins when all are done."""

    index: int
    wave: int
    node_id: str
    ref: Ref
    action: Action
    uid: str | None = None
    reason: str = ""
    """Why it is kept: the end of a sentence that begins with the object; "" for every other action."""
    holds_data: bool = False
    """Of what is deleted or kept: deleting it loses data."""


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    waves: int

    @property
    def deletions(self) -> list[Step]:
        return [step for step in self.steps if step.action is Action.DELETE]

    @property
    def kept(self) -> list[Step]:
        return [step for step in self.steps if step.action is Action.KEEP]


def make_plan(
    rendered: Sequence[RenderedObject],
    inventory: Sequence[Owned],
    *,
    destroy: bool = False,
    delete_volumes: bool = False,
) -> Plan:
    """Order the steps of a run. With `destroy` everything owned is deleted, and `rendered` must be empty.

    Deletions come after all applies, in the reverse order of how their objects were applied. Objects that
    hold data (`data.py`) are kept unless `delete_volumes`; a destroy deletes those whose data stays in the
    cluster. The same objects and inventory give the same plan.
    """
    if destroy and rendered:
        raise ValueError("a plan to destroy applies nothing")
    wave_numbers = {wave: number for number, wave in enumerate(sorted({item.wave for item in rendered}))}
    drawn = finder(item.ref for item in rendered)
    rows: list[Step] = [
        Step(0, wave_numbers[item.wave], item.node_id, item.ref, Action.APPLY)
        for item in sorted(rendered, key=lambda item: item.wave)
    ]
    gone = [owned for owned in inventory if drawn(owned.ref) is None]
    going = [owned for owned in gone if delete_volumes or not _is_kept(owned, destroy)]
    kept = [owned for owned in gone if owned not in going]
    next_wave = len(wave_numbers)
    for wave in sorted({owned.wave for owned in going}, reverse=True):
        rows.extend(
            Step(0, next_wave, owned.node_id, owned.ref, Action.DELETE, owned.uid, holds_data=owned.holds_data)
            for owned in sorted(going, key=lambda owned: owned.ref)
            if owned.wave == wave
        )
        next_wave += 1
    last = max(next_wave - 1, 0)
    rows.extend(
        Step(0, last, owned.node_id, owned.ref, Action.KEEP, owned.uid, why_kept(owned.ref.kind), owned.holds_data)
        for owned in sorted(kept, key=lambda owned: owned.ref)
    )
    steps = tuple(replace(row, index=index) for index, row in enumerate(rows))
    return Plan(steps, waves=max((step.wave for step in steps), default=-1) + 1)


def _is_kept(owned: Owned, destroy: bool) -> bool:
    """A destroy may delete an object whose data stays; a run that only lost it may not."""
    return is_kept_on_destroy(owned.holds_data, owned.ref.kind) if destroy else owned.holds_data
