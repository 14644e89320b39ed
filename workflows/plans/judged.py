"""What a plan says of one object, by the answers to its trial, and what that rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import orjson

from clusters.domain.failed_ends import has_failed
from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.paths import read_path
from clusters.domain.ownership.touches import fingerprint_of
from clusters.kube.apply import Tried, is_secret
from clusters.kube.errors import FieldConflict
from workflows.domain.forecast.forecast import UNTOUCHED
from workflows.domain.planning.basis import Basis, Outcome, basis_of, outcome_of, server_changes
from workflows.domain.planning.classify import (
    asks_for_a_number,
    content_digests,
    field_changes,
    untouched,
)
from workflows.domain.planning.effects import Effect, FieldChange, FieldOwner, PlannedObject, Proof
from workflows.domain.planning.paths import Reading
from workflows.domain.planning.undo import Undo
from workflows.domain.rendering.render import Rendered
from workflows.plans.context import PlanContext
from workflows.plans.store import Body, PlannedKeys

"""A trial at which the API server fails is made again after these waits."""
ETCD_BYTES = 1_572_864
"""`--max-request-bytes` of etcd, unless it is set otherwise."""
_CANNOT_CHANGE = "what has changed cannot change in place, so it is deleted and made again"
_RUN_AGAIN = "it failed, so it is deleted and made again to run once more"
TAKEN_AWAY = "fields that the API server had filled in are taken away first, which no dry run can foresee"


@dataclass(slots=True)
class Judged:
    """What the plan says of one object, and what that rests on; filled in as more of it is known."""

    planned: PlannedObject
    outcome: Outcome
    basis: Basis = field(default_factory=Basis)
    action: str = ""
    """Of the run's step; "" for the namespace that a run makes first."""
    manifest: str = ""
    """Digest of the object as it is rendered."""
    before: Manifest | None = None
    after: Manifest | None = None
    """The object as it is and as it would be, until the impact is known; without values of a Secret."""
    body: Body | None = None
    """Both as JSON, once the impact is known, for who wants to read the whole object."""
    predicted: dict[str, str] | None = None
    """Digests of the object's content afterwards, by path; None where it is not known."""
    keys: PlannedKeys | None = None
    """Of a Secret that takes values."""
    again: bool = False
    """It was applied before, and is not there any more."""
    undo: Undo | None = None
    """How it would be taken back; None where nothing is done to it."""


def judged_by_trial(context: PlanContext, item: Rendered, manifest: Manifest, tried: Tried) -> Judged:
    ref = item.ref
    after = context.without_values(ref, tried.after)
    if tried.before is None:
        read = Reading(after)
        fields, counts = field_changes(None, read, secret=is_secret(ref))
        proof, reason = _proof(ref, fields, after)
        planned = PlannedObject(ref, item.node_id, Effect.CREATE, proof, reason, fields=fields, counts=counts)
        return Judged(planned, Outcome(Effect.CREATE), after=after, predicted=content_digests(read))
    before = context.without_values(ref, tried.before)
    was, becomes = Reading(before), Reading(after)
    basis = _basis(context, ref, manifest, tried, was, becomes)
    found = outcome_of(basis, was)
    fields, counts = field_changes(was, becomes, adopted=tried.handed.adopted, secret=is_secret(ref))
    changes = server_changes(was, becomes, adopted=tried.handed.adopted, released=tried.handed.released)
    effect = Effect.RECREATE if tried.replaced else Effect.UPDATE if fields else Effect.UNCHANGED
    outcome = Outcome(effect, "", basis.uid, changes)
    if found != outcome:
        basis = replace(basis, exact=False)
    proof, reason = _proof(ref, fields, after)
    if not tried.handed.can_be_tried:
        proof, reason, basis = "at_apply", TAKEN_AWAY, replace(basis, exact=False)
    if tried.replaced:
        reason = _RUN_AGAIN if has_failed(ref, before) else _CANNOT_CHANGE
    planned = PlannedObject(ref, item.node_id, effect, proof, reason, fields=fields, counts=counts)
    predicted = content_digests(becomes) if tried.handed.can_be_tried else None
    return Judged(planned, outcome, basis, before=before, after=after, predicted=predicted)


def _proof(ref: Ref, fields: Sequence[FieldChange], after: Manifest) -> tuple[Proof, str]:
    """Whether the API server's answer is all there is to know, and why not."""
    size = len(orjson.dumps(after))
    if size > ETCD_BYTES:
        return "at_apply", (
            f"with {size / 1_000_000:.1f} MB it is larger than what etcd takes in its usual setting (1.5 MB), which no "
            "dry run asks about: the cluster may refuse it. Make it smaller, or split it"
        )
    if asks_for_a_number(ref.kind, fields):
        return "at_apply", "whether the port or address is free is known only when it is applied"
    return "proven", ""


def in_conflict(
    context: PlanContext, item: Rendered, manifest: Manifest, conflict: FieldConflict, tried: Tried
) -> Judged:
    """What others have; `tried` is the same with their fields taken over."""
    ref = item.ref
    owners = tuple(
        FieldOwner(one.path, one.manager) for one in conflict.fields if not context.options.takes(ref, [one.path])
    )
    error = {"code": conflict.code, "detail": conflict.detail}
    outcome = Outcome(
        Effect.CONFLICT,
        conflict.code,
        uid_in(tried.before),
        (),
        tuple(sorted((one.path, one.manager) for one in owners)),
    )
    if tried.before is None:
        return Judged(PlannedObject(ref, item.node_id, Effect.CONFLICT, error=error, conflicts=owners), outcome)
    before, after = context.without_values(ref, tried.before), context.without_values(ref, tried.after)
    was, becomes = Reading(before), Reading(after)
    basis = replace(_basis(context, ref, manifest, tried, was, becomes), force=False)
    found = outcome_of(basis, was)
    if sorted(one[1] for one in found.conflicts) == sorted(one.manager for one in {*owners}):
        outcome, owners = found, tuple(FieldOwner(path, manager) for path, manager in found.conflicts)
    else:
        basis = replace(basis, exact=False)
    fields, counts = field_changes(was, becomes, adopted=tried.handed.adopted, secret=is_secret(ref))
    reason = "others manage these fields; the values after are what a run that takes them over would set"
    planned = PlannedObject(
        ref,
        item.node_id,
        Effect.CONFLICT,
        reason=reason,
        error=error,
        fields=fields,
        counts=counts,
        conflicts=owners,
    )
    return Judged(planned, outcome, basis, before=before, after=after)


def _basis(context: PlanContext, ref: Ref, manifest: Manifest, tried: Tried, before: Reading, after: Reading) -> Basis:
    return basis_of(
        context.without_values(ref, manifest),
        before,
        after,
        adopted=tried.handed.adopted,
        released=tuple(tried.handed.released),
        force=context.options.take_over,
        taken=[read_path(one.path) for one in context.options.taken if one.ref.identity == ref.identity],
        replaces=tried.replaced,
    )


def unchanged(item: Rendered, live: Manifest) -> Judged:
    """By the run's own test: the run sends nothing for it while our fields stay as they are."""
    basis = replace(basis_seen(live), fingerprint=fingerprint_of(live))
    planned = PlannedObject(
        item.ref, item.node_id, Effect.UNCHANGED, counts=untouched(live), impact=UNTOUCHED.as_json()
    )
    return Judged(planned, Outcome(Effect.UNCHANGED, "", basis.uid), basis)


def basis_seen(live: Manifest | None) -> Basis:
    """Only a trial can tell whether it still holds once the object is another one."""
    version = "" if live is None else str(live["metadata"].get("resourceVersion") or "")
    return Basis(uid_in(live), version, exact=False)


def uid_in(live: Manifest | None) -> str:
    return "" if live is None else str(live["metadata"]["uid"])
