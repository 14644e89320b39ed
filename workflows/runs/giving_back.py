"""One step that gives an object back: it was there before a run took it over, and it stays."""

from __future__ import annotations

from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.domain.ownership.returning import Former, most_of
from clusters.kube.adoption import give_back_object
from clusters.kube.removing import served
from kubeorch.base.failpoint import hit
from workflows.runs.context import RunContext
from workflows.runs.refusals import uid_of_ours
from workflows.runs.states import StepState
from workflows.runs.step_store import RunStep


def former_of(context: RunContext, ref: Ref, live: Manifest) -> dict[str, str] | None:
    """Who gets the object back that the run takes over; None where nobody has anything of it.

    A worker that was killed may have taken it over already, and has noted who.
    """
    found = most_of(live, context.hands_of(ref, live) or ())
    if found is not None:
        return found.as_json()
    taken = (context.owned[ref].get("taken_over") if ref in context.owned else None) or {"uid": None}
    return taken.get("former") if taken["uid"] == live["metadata"]["uid"] else None


def give_back(context: RunContext, step: RunStep) -> None:
    """Take off what is ours of the step's object, and forget it. Raises API errors."""
    ref = ref_from_json(step["ref"])
    row = context.owned.get(ref)
    if row is None:
        context.record.step(step["index"], StepState.DONE)
        return
    context.begin(step)
    there = served(context.client, ref)
    uid = row["uid"] or (uid_of_ours(context.client, there, context.environment_id) if there is not None else None)
    taken = row.get("taken_over")
    former = Former.of(taken.get("former") if taken else None)
    is_there = (
        there is not None
        and uid is not None
        and uid not in context.owned_elsewhere
        and give_back_object(
            context.client,
            there,
            uid,
            context.environment_id,
            former,
            is_another=context.is_another,
            guard=context.guard,
        )
    )
    hit("run.after_given_back")
    said = f"gave {ref.kind} {ref.name} back" if is_there else f"{ref.kind} {ref.name} is gone, or not ours any more"
    context.record.gone(ref)
    context.record.step(step["index"], StepState.DONE)
    context.record.log("info", said, step["node_id"])
