"""A plan that a run carries out, as a run knows it: data, since plans stand above runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.adoption import Hand
from clusters.kube.client import KubeClient
from workflows.domain.images import Images
from workflows.domain.rendering.plan import Action
from workflows.runs.drawn import Drawn
from workflows.runs.run import Run
from workflows.runs.states import UNFINISHED_STEPS, StepState
from workflows.runs.step_store import RunStep


@dataclass(frozen=True, slots=True)
class Sealed:
    """The run applies just this version, and deletes just these objects."""

    plan_id: ObjectId
    hash: str
    settle: Callable[[ClientSession], int]
    """Called in the transaction that queues the run: gives the number of the version that the run applies."""
    deletions: tuple[Ref, ...]
    adopted_secrets: frozenset[str] = frozenset()
    """The nodes whose Secrets are taken over with the values that the cluster has."""
    images: Images | None = None
    """What the plan was made with; None where it says nothing of images."""
    approval: Mapping[str, Any] | None = None
    """Who approved the plan and when, as the run keeps it: `{by, by_name, at}`."""

    def as_document(self) -> dict[str, Any]:
        return {"id": self.plan_id, "hash": self.hash}


@dataclass(frozen=True, slots=True)
class Supervision:
    """What the room of plans hands in for a run of a plan."""

    check: Callable[[Run, Sequence[RunStep], KubeClient], None]
    """Called before anything is planned or changed, and once a run that is tried again goes on, with its steps; raises
    when what is left of the plan is no longer true."""
    chosen: Callable[[Drawn], Drawn]
    """What the run applies, once what was chosen with the plan is carried out."""
    carry_out: Callable[[Run, ClientSession], None]
    """Called in the transaction that stores the run's steps: carries that out."""
    differences: Callable[[Ref, Manifest | None], list[str] | None]
    """Where an object is not as foreseen, as people write paths; None when nothing was foreseen of it. It gets the
    object as it is after its apply, None when it was left as it is."""
    uid_of: Callable[[Ref], str | None]
    """Of the object that was there under this name when the plan was made."""
    hands_of: Callable[[Ref], frozenset[Hand]]
    """Who gives up what they have of an object that is taken over, as the plan has listed them."""


def as_planned(run: Mapping[str, Any], steps: Iterable[Mapping[str, Any]]) -> dict[str, int] | None:
    """How what happened compares with the plan, by objects; None for a run that carries out none."""
    if plan_of(run) is None:
        return None
    counted = {"equal": 0, "different": 0, "not_foreseen": 0}
    for step in steps:
        if step["state"] in UNFINISHED_STEPS:
            continue
        is_applied = step["action"] in (Action.APPLY, Action.REPLACE)
        differs = step.get("differs") if is_applied else []
        failed = step["state"] in (StepState.FAILED, StepState.SKIPPED)
        counted["different" if differs or failed else "not_foreseen" if differs is None else "equal"] += 1
    return counted


def plan_of(run: Mapping[str, Any]) -> ObjectId | None:
    """The plan that the run carries out."""
    plan = run.get("plan")
    return plan["id"] if plan else None
