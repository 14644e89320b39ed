"""One step that deletes: the very object that is ours. A set's claims stay ours, or go with it when that was asked."""

from __future__ import annotations

from collections.abc import Sequence

from clusters.domain.objects import Ref, ref_from_json
from clusters.kube.errors import ApiForbidden
from clusters.kube.removing import StillThere, delete_object, served
from kubeorch.base.failpoint import hit
from workflows.domain.rendering.data import HOLDS_DATA
from workflows.environments.inventory_store import InventoryRow, OwnedClaim, record_claims
from workflows.runs.claims import claim_ref, claims_of, known_claims
from workflows.runs.context import RunContext
from workflows.runs.refusals import uid_of_ours
from workflows.runs.states import StepState
from workflows.runs.step_store import RunStep


def delete(context: RunContext, step: RunStep) -> None:
    """Delete the step's object and forget it. Raises StillThere (call again later) and API errors."""
    ref = ref_from_json(step["ref"])
    row = context.owned.get(ref)
    if row is None:
        context.record.step(step["index"], StepState.DONE)
        return
    context.begin(step)
    there = served(context.client, ref)
    if row["uid"] is None and (there is None or uid_of_ours(context.client, there, context.environment_id) is None):
        context.record.gone(ref)
        context.record.step(step["index"], StepState.UNCHANGED)
        context.record.log("info", f"{ref.kind} {ref.name} was never made for this environment", step["node_id"])
        return
    if there is None:
        done = f"the cluster serves no kind {ref.kind} any more, so {ref.name} is gone with it"
    else:
        _delete_object(context, ref, there, row)
        done = f"deleted {ref.kind} {ref.name}"
    context.record.gone(ref)
    context.record.step(step["index"], StepState.DONE)
    context.record.log("info", done, step["node_id"])


def _delete_object(context: RunContext, ref: Ref, there: Ref, row: InventoryRow) -> None:
    """Delete the object; a set's claims stay, and are owned from now on, or go after it where data goes too.

    They are written down before their set is deleted, since only the set tells which they are: whoever carries on
    after a kill, or in the next run, still knows them.
    """
    uid = row["uid"] or uid_of_ours(context.client, there, context.environment_id)
    goes_too = context.options.delete_volumes
    claims = _claims(context, there, row) if uid is not None or goes_too else []
    if uid is not None:
        if claims and not goes_too:
            _own(context, ref, row, claims)
        going = {"claims": claims} if claims and goes_too else {}
        context.record.inventory(ref, {"state": "deleting", **going})
        if going:
            context.record.flush()
        delete_object(context.client, there, uid, guard=context.guard)
        hit("run.after_set_deleted")
    if goes_too:
        _delete_claims(context, ref, claims)


def _claims(context: RunContext, ref: Ref, row: InventoryRow) -> list[OwnedClaim]:
    """The set's claims that go too or stay. Raises TakesItsClaims, and API errors where they are to go."""
    goes_too = context.options.delete_volumes
    try:
        found = claims_of(context.client, ref, row, may_go=goes_too)
    except ApiForbidden as forbidden:
        if goes_too:
            raise
        detail = f"the claims of {ref.kind} {ref.name} stay, but cannot be listed: {forbidden.detail}"
        context.record.log("warning", detail, row["node_id"])
        return []
    return known_claims(row, found) if goes_too else found


def _own(context: RunContext, ref: Ref, row: InventoryRow, claims: Sequence[OwnedClaim]) -> None:
    """Own the claims that stay. Those that were there when the run was planned are among its steps; the log names the
    others."""
    for name in record_claims(context.run, ref, row["node_id"], claims):
        context.record.log("info", f"kept PersistentVolumeClaim {name}: {HOLDS_DATA.reason}", row["node_id"])


def _delete_claims(context: RunContext, of_set: Ref, claims: Sequence[OwnedClaim]) -> None:
    """Ask for the deletion of all, and then wait for those that are not gone at once."""
    waiting: StillThere | None = None
    for claim in claims:
        try:
            delete_object(context.client, claim_ref(of_set, claim), claim["uid"], guard=context.guard)
        except StillThere as still:
            waiting = waiting or still
    if waiting is not None:
        raise waiting
