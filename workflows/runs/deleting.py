"""One step that deletes: the very object that is ours, and no other environment's by now. A set's claims stay ours, or
go with it when that was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.domain.ownership.added import goes_along, taken_along
from clusters.domain.ownership.owners import owners
from clusters.kube.apply import ForeignObject
from clusters.kube.errors import ApiForbidden
from clusters.kube.removing import StillThere, delete_object, served
from kubeorch.base.failpoint import hit
from workflows.domain.rendering.data import HOLDS_DATA, Hold
from workflows.environments.inventory_store import InventoryRow, OwnedClaim, record_claims
from workflows.runs.claims import claim_ref, claims_of, known_claims
from workflows.runs.context import RunContext
from workflows.runs.holding import TAKES_ALONG, still_refused
from workflows.runs.looking import live_of, who_has_it
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
    elif hold := _taking_along(context, there):
        context.record.step(step["index"], StepState.UNCHANGED)
        context.record.log("warning", f"{ref.kind} {ref.name} stays: {hold.reason}", step["node_id"])
        return
    else:
        try:
            along = _delete_object(context, ref, there, row)
        except ForeignObject as foreign:
            _leave(context, step, foreign)
            return
        done = f"deleted {ref.kind} {ref.name}{f'; {along}' if along else ''}"
    context.record.gone(ref)
    context.record.step(step["index"], StepState.DONE)
    context.record.log("info", done, step["node_id"])


def _taking_along(context: RunContext, there: Ref) -> Hold | None:
    """Why a Namespace or a definition is kept after all: what is in it may have come since the run was planned."""
    if (there.group, there.kind) not in TAKES_ALONG:
        return None
    live = live_of(context, there)
    if live is None or live["metadata"].get("deletionTimestamp"):
        return None  # it is gone, or going
    return still_refused(context.client, there, context.owned, context.environment_id, context.check)


def _leave(context: RunContext, step: RunStep, foreign: ForeignObject) -> None:
    """The object stays, and is not ours any more: another environment has it."""
    ref = ref_from_json(step["ref"])
    context.record.gone(ref)
    context.record.step(step["index"], StepState.UNCHANGED)
    said = f"{ref.kind} {ref.name} stays: {who_has_it(context.run, foreign.owner)} has it now"
    context.record.log("warning", said, step["node_id"])


def _check_nobody_elses(context: RunContext, ref: Ref, live: Manifest) -> None:
    """Raise ForeignObject where another environment has its label on the object, or owns it by uid."""
    metadata = live["metadata"]
    owner = (metadata.get("labels") or {}).get(ENVIRONMENT_LABEL) or context.environment_id
    if owner == context.environment_id or not context.is_another(owner):
        owner = str(context.owned_elsewhere.get(metadata["uid"], context.environment_id))
    if owner != context.environment_id:
        raise ForeignObject(ref, context.environment_id, owner)


def _delete_object(context: RunContext, ref: Ref, there: Ref, row: InventoryRow) -> str:
    """Delete the object; what others had written into it, in words. A set's claims stay, and are owned from now on, or
    go after it where data goes too.

    They are written down before their set is deleted, since only the set tells which they are: whoever carries on
    after a kill, or in the next run, still knows them. Raises ForeignObject.
    """
    uid, along = row["uid"] or uid_of_ours(context.client, there, context.environment_id), ""
    seen = live_of(context, there)
    if seen is not None and seen["metadata"]["uid"] == uid:
        _check_nobody_elses(context, there, seen)
        along = goes_along(taken_along(owners(seen)))
    goes_too = context.options.delete_volumes
    claims = _claims(context, there, row) if uid is not None or goes_too else []
    if uid is not None:
        owned = _own(context, ref, row, claims) if claims and not goes_too else []
        going = {"claims": claims} if claims and goes_too else {}
        context.record.inventory(ref, {"state": "deleting", **going})
        if going:
            context.record.flush()
        check = partial(_check_nobody_elses, context, there)
        try:
            delete_object(context.client, there, uid, check=check, seen=seen, guard=context.guard)
        except ForeignObject:
            for claim in owned:
                context.record.gone(claim)
            raise
        hit("run.after_set_deleted")
    if goes_too:
        _delete_claims(context, ref, claims)
    return along


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


def _own(context: RunContext, ref: Ref, row: InventoryRow, claims: Sequence[OwnedClaim]) -> list[Ref]:
    """Own the claims that stay; those that were not known yet. Those that were there when the run was planned are among
    its steps; the log names the others."""
    new = record_claims(context.run, ref, row["node_id"], claims)
    for name in new:
        context.record.log("info", f"kept PersistentVolumeClaim {name}: {HOLDS_DATA.reason}", row["node_id"])
    return [Ref("v1", "PersistentVolumeClaim", ref.namespace, name) for name in new]


def _delete_claims(context: RunContext, of_set: Ref, claims: Sequence[OwnedClaim]) -> None:
    """Ask for the deletion of all, and then wait for those that are not gone at once."""
    waiting: StillThere | None = None
    for claim in claims:
        ref = claim_ref(of_set, claim)
        check = partial(_check_nobody_elses, context, ref)
        try:
            delete_object(context.client, ref, claim["uid"], check=check, guard=context.guard)
        except ForeignObject as foreign:
            said = f"{ref.kind} {ref.name} stays: {who_has_it(context.run, foreign.owner)} has it now"
            context.record.log("warning", said)
        except StillThere as still:
            waiting = waiting or still
    if waiting is not None:
        raise waiting
