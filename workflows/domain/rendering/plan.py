"""What a run does to an environment, in order: apply what is drawn, then delete what is owned and no longer drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from clusters.domain.objects import Manifest, Ref
from workflows.domain.rendering.data import leaves_its_data


class Action(StrEnum):
    APPLY = "apply"
    REPLACE = "replace"
    """Delete and create anew: found out while applying, never planned."""
    DELETE = "delete"
    KEEP = "keep"
    """Owned and no longer drawn, yet it holds data: it stays, and stays ours."""


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
    """One object's turn. Steps of one wave may go at once; the next wave begins when all are done."""

    index: int
    wave: int
    node_id: str
    ref: Ref
    action: Action
    uid: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    waves: int


def make_plan(
    rendered: Sequence[RenderedObject],
    inventory: Sequence[Owned],
    *,
    destroy: bool = False,
    delete_volumes: bool = False,
) -> Plan:
    """Order the steps of a run. With `destroy` everything owned goes and `rendered` must be empty.

    Deletions come after all applies, in the reverse order of how their objects were applied. What holds data
    (claims, namespaces, and, unless all is destroyed, sets with claims of their own) is kept unless
    `delete_volumes`. One graph and one inventory give one plan.
    """
    if destroy and rendered:
        raise ValueError("a plan to destroy applies nothing")
    wave_numbers = {wave: number for number, wave in enumerate(sorted({item.wave for item in rendered}))}
    wanted = {_identity(item.ref) for item in rendered}
    rows: list[tuple[int, str, Ref, Action, str | None]] = [
        (wave_numbers[item.wave], item.node_id, item.ref, Action.APPLY, None)
        for item in sorted(rendered, key=lambda item: item.wave)
    ]
    gone = [owned for owned in inventory if _identity(owned.ref) not in wanted]
    going = [owned for owned in gone if delete_volumes or not _is_kept(owned, destroy)]
    kept = [owned for owned in gone if owned not in going]
    next_wave = len(wave_numbers)
    for wave in sorted({owned.wave for owned in going}, reverse=True):
        rows.extend(
            (next_wave, owned.node_id, owned.ref, Action.DELETE, owned.uid)
            for owned in sorted(going, key=lambda owned: owned.ref)
            if owned.wave == wave
        )
        next_wave += 1
    if kept:
        rows.extend(
            (max(next_wave - 1, 0), owned.node_id, owned.ref, Action.KEEP, owned.uid)
            for owned in sorted(kept, key=lambda owned: owned.ref)
        )
    steps = tuple(Step(index, *row) for index, row in enumerate(rows))
    return Plan(steps, waves=max((step.wave for step in steps), default=-1) + 1)


def _is_kept(owned: Owned, destroy: bool) -> bool:
    """Destroying a set leaves its claims in the cluster, so the set itself may go then."""
    return owned.holds_data and not (destroy and leaves_its_data(owned.ref.kind))


def _identity(ref: Ref) -> tuple[str, str, str, str]:
    """What the cluster tells objects apart by: the same object answers under every version of its group."""
    return (ref.group, ref.kind, ref.namespace, ref.name)
