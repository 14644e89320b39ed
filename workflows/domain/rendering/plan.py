"""What a run does to an environment, in order: apply the rendered objects, then delete owned ones that are gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from clusters.domain.objects import Manifest, Ref
from workflows.domain.rendering.claims import UsersOfClaims
from workflows.domain.rendering.data import Hold
from workflows.domain.rendering.identity import finder

GIVEN_BACK = "it was there before it was taken over; our labels go, and all that was set on it stays"
"""Why an object is given back, as NAMESPACE_STAYS."""
NAMESPACE_STAYS = "a run of this environment made it, and others may use it"
"""Why the namespace stays when everything is destroyed: the end of a sentence that begins with it."""


class Action(StrEnum):
    APPLY = "apply"
    REPLACE = "replace"
    """Delete and create again. Never planned; a step becomes this when the cluster refuses the change."""
    DELETE = "delete"
    KEEP = "keep"
    """Owned, no longer rendered, but it holds data: it stays, and the environment still owns it."""
    GIVE_BACK = "give_back"
    """No longer rendered, and it was there before it was taken over: it stays, and is ours no more."""


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
    hold: Hold | None = None
    """Why it stays when it is not drawn any more; None: it goes."""
    needs: tuple[Ref, ...] = ()
    """What it needs to live, if it stays."""
    made_by: Ref | None = None
    """Of a claim that a set of ours left behind: that set, which has it again once it is drawn again."""
    taken_over: bool = False
    """Others had made it, and a run took it over."""

    @property
    def holds_data(self) -> bool:
        return self.hold is not None and self.hold.loses_data


@dataclass(frozen=True, slots=True)
class Step:
    """What is done to one object. Steps of one wave may run at once; the next wave begins when all are done."""

    index: int
    wave: int
    node_id: str
    """"" for the namespace of the environment."""
    ref: Ref
    action: Action
    uid: str | None = None
    reason: str = ""
    """Why it stays: the end of a sentence that begins with the object; "" for what is applied or deleted."""
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
        """What stays in the cluster although it is not drawn any more, ours or given back."""
        return [step for step in self.steps if step.action in (Action.KEEP, Action.GIVE_BACK)]


def make_plan(
    rendered: Sequence[RenderedObject],
    inventory: Sequence[Owned],
    *,
    destroy: bool = False,
    delete_volumes: bool = False,
    refused: Mapping[Ref, Hold] = MappingProxyType({}),
    first: Collection[Ref] = (),
    gives_back: bool = True,
) -> Plan:
    """Order the steps of a run. With `destroy` everything owned is deleted, and `rendered` must be empty.

    Deletions come after all applies, in the reverse order of how their objects were applied; those in `first`, which
    stand in the way of what is applied, come before. Objects that
    hold data or serve others (`data.py`) are kept unless `delete_volumes`, and with them what they need; what was taken
    over and those in
    `refused` are kept even then, for the reason given, and so are claims that a drawn set uses. A destroy deletes those
    whose data stays in the cluster. What was taken over is given back after all else, with what it needs; without
    `gives_back` it is kept. The same objects and inventory give the same plan.
    """
    if destroy and rendered:
        raise ValueError("a plan to destroy applies nothing")
    wave_numbers = {wave: number for number, wave in enumerate(sorted({item.wave for item in rendered}))}
    drawn = finder(item.ref for item in rendered)
    users = UsersOfClaims((item.ref, item.manifest) for item in rendered)
    gone = [one for one in inventory if drawn(one.ref) is None and not (one.made_by and users.of(one.ref))]
    used = {one.ref: Hold(f"StatefulSet {user.name} uses it") for one in gone if (user := users.of(one.ref))}
    stays = _staying(gone, destroy, delete_volumes, {**refused, **used}, gives_back)
    going = [owned for owned in gone if owned.ref not in stays]
    kept = sorted((owned for owned in gone if owned.ref in stays), key=lambda owned: owned.ref)
    rows = _deletions([owned for owned in going if owned.ref in first], 0)
    applied_from = rows[-1].wave + 1 if rows else 0
    rows += [
        Step(0, applied_from + wave_numbers[item.wave], item.node_id, item.ref, Action.APPLY)
        for item in sorted(rendered, key=lambda item: item.wave)
    ]
    rows += _deletions([owned for owned in going if owned.ref not in first], applied_from + len(wave_numbers))
    last = max((row.wave for row in rows), default=-1)
    for owned in kept:
        action, reason = stays[owned.ref]
        wave = last + 1 if action is Action.GIVE_BACK else max(last, 0)
        rows.append(Step(0, wave, owned.node_id, owned.ref, action, owned.uid, reason, owned.holds_data))
    rows.sort(key=lambda row: row.wave)
    steps = tuple(replace(row, index=index) for index, row in enumerate(rows))
    return Plan(steps, waves=max((step.wave for step in steps), default=-1) + 1)


def with_namespace(plan: Plan, namespace: str, action: Action, reason: str = "") -> Plan:
    """The plan with the namespace of its environment, which no node draws: made before all else, or kept."""
    ref = Ref("v1", "Namespace", "", namespace)
    if action is Action.KEEP:
        steps = (*plan.steps, Step(0, max(plan.waves - 1, 0), "", ref, action, reason=reason))
    else:
        steps = (Step(0, 0, "", ref, action), *plan.steps)
    return Plan(tuple(replace(step, index=index) for index, step in enumerate(steps)), max(plan.waves, 1))


def _deletions(going: Sequence[Owned], wave: int) -> list[Step]:
    """The deletions from this wave on."""
    turns = {turn: wave + number for number, turn in enumerate(sorted({_turn(owned) for owned in going}, reverse=True))}
    steps = [
        Step(0, turns[_turn(one)], one.node_id, one.ref, Action.DELETE, one.uid, holds_data=one.holds_data)
        for one in sorted(going, key=lambda one: one.ref)
    ]
    return sorted(steps, key=lambda step: step.wave)


def kept_on_destroy(inventory: Sequence[Owned]) -> dict[Ref, tuple[Action, str]]:
    """What stays in the cluster after a destroy run unless volumes go too, as ours or given back, with the reason."""
    return _staying(inventory, True, False, {}, True)


def _staying(
    gone: Sequence[Owned], destroy: bool, delete_volumes: bool, refused: Mapping[Ref, Hold], gives_back: bool
) -> dict[Ref, tuple[Action, str]]:
    """What stays of the objects that are not drawn any more, as ours or given back, with the reason.

    A destroy may delete an object whose data stays; a run that only lost it may not. What one object needs that stays,
    stays as that does; what several need is ours as long as one of these is.
    """
    found: dict[Ref, tuple[Action, str]] = {}
    holders: dict[Action, list[Owned]] = {Action.KEEP: [], Action.GIVE_BACK: []}
    for owned in sorted(gone, key=lambda owned: owned.ref):
        hold = refused.get(owned.ref) or (owned.hold if owned.taken_over or not delete_volumes else None)
        if hold is None or not (hold.on_destroy or not destroy):
            continue
        is_returned = gives_back and owned.taken_over and owned.ref not in refused
        action = Action.GIVE_BACK if is_returned else Action.KEEP
        found[owned.ref] = action, GIVEN_BACK if is_returned else hold.reason
        holders[action].append(owned)
    find = finder(owned.ref for owned in gone)
    for action, does in ((Action.KEEP, "stays"), (Action.GIVE_BACK, "is given back")):
        for holder in holders[action]:
            for need in holder.needs:
                needed = find(need)
                if needed is not None:
                    found.setdefault(needed, (action, f"{holder.ref.kind} {holder.ref.name} {does} and needs it"))
    return found


def _turn(owned: Owned) -> tuple[int, bool]:
    """Deletions go from the highest turn down. A volume goes after the claims of its wave, which hold on to it."""
    return owned.wave, owned.ref.kind != "PersistentVolume"
