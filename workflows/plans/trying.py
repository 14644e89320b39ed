"""What would become of one drawn object: by the very judgement and requests of the run's step, as dry runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from clusters.domain.failed_ends import has_failed
from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.added import NOTHING_ADDED, added_by_others, has_people
from clusters.domain.ownership.adoption import hands_of, moving
from clusters.domain.ownership.owners import owners, who_owns
from clusters.domain.ownership.paths import read_path
from clusters.domain.ownership.touches import fingerprint_of
from clusters.kube.apply import ForeignObject, NotForeseeable, Tried, check_ours, is_secret, try_object
from clusters.kube.errors import ClusterTimeout, ClusterUnavailable, FieldConflict, OwnedField
from clusters.kube.immutable import ImmutableField
from clusters.kube.removing import StillThere
from kubeorch.base import records
from kubeorch.base.errors import KubeOrchError, Unavailable
from workflows.domain.planning.basis import Basis, Outcome, basis_of, local_outcome, outcome_of, server_changes
from workflows.domain.planning.classify import (
    asks_for_a_number,
    content_digests,
    field_changes,
    local_changes,
    untouched,
)
from workflows.domain.planning.effects import Adoption, Effect, FieldChange, FieldOwner, PlannedObject, Proof
from workflows.domain.planning.paths import Reading
from workflows.domain.planning.undo import Undo
from workflows.domain.planning.yielded import yielded_fields
from workflows.domain.rendering.json_digest import manifest_hash
from workflows.domain.rendering.plan import Action
from workflows.domain.rendering.render import Rendered
from workflows.domain.rendering.restarts import with_secrets_digest
from workflows.environments.inventory_store import InventoryRow
from workflows.environments.yields import is_made_whole
from workflows.plans.context import PlanContext
from workflows.plans.store import Body
from workflows.runs.secret_step import SecretValueMissing, digests_of, values_of, with_values
from workflows.runs.steps import has_completed, is_unchanged

_NO_DRY_RUN = "does not support dry run"
"""How an API server refuses a dry run when a webhook has side effects."""
_OF_A_WEBHOOK = "failed calling webhook"
AGAIN_AFTER_S = (0.1, 0.4)
"""A trial at which the API server fails is made again after these waits."""
ETCD_BYTES = 1_572_864
"""`--max-request-bytes` of etcd, unless it is set otherwise."""
SERVER_FAILED, TOO_BUSY = 500, 429
_CANNOT_CHANGE = "what has changed cannot change in place, so it is deleted and made again"
_RUN_AGAIN = "it failed, so it is deleted and made again to run once more"
_TAKEN_AWAY = "fields that the API server had filled in are taken away first, which no dry run can foresee"
_NO_TIME = "the plan has so many objects that there was no time to try this one"
_NOT_THERE = re.compile(r"not found|was found|not exist")
_WORD = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Judged:
    """What the plan says of one object, and what that rests on."""

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
    again: bool = False
    """It was applied before, and is not there any more."""
    undo: Undo | None = None
    """How it would be taken back; None where nothing is done to it."""


def try_item(context: PlanContext, item: Rendered, live: Manifest | None) -> Judged:
    """Judge one object; `live` is the whole object, None when there is none.

    A refusal is a result. Raises Unavailable when the API server does not answer at all.
    """
    drawn, row = drawn_digest(context, item), context.owned.get(item.ref)
    leaves_fields = context.whole[item.ref] is not item
    whole = _reading(context, context.whole[item.ref])
    has_run = row is not None and live is None and has_completed(row, _reading(context, item).manifest)
    item = (
        whole if not leaves_fields or is_made_whole(live, context.uid_of(whole.ref, live)) else _reading(context, item)
    )
    try:
        judged = _completed(item) if has_run else _try(context, item, whole, live, row)
    except KubeOrchError as error:
        judged = _refused(context, item, live, error)
    if judged.planned.error is None and any(read.node_id in context.unknown_secrets for read in item.reads):
        reason = "its pods read values of a Secret that are given with the run"
        planned = replace(judged.planned, proof="at_apply", reason=reason)
        judged = replace(judged, planned=planned, predicted=None)
    if leaves_fields and not has_run:
        judged = replace(judged, planned=_with_yielded(context, judged.planned, whole, live))
    if live is not None and judged.planned.effect in (Effect.UNCHANGED, Effect.UPDATE, Effect.CONFLICT):
        added = added_by_others(whole.manifest, owners(live)) if has_people(who_owns(live)) else NOTHING_ADDED
        if added != judged.planned.added:
            judged = replace(judged, planned=replace(judged.planned, added=added))
    if live is not None and judged.planned.effect is not Effect.RECREATE and context.adopts(item.ref, live):
        moves = moving(live, judged.after or live)
        judged = replace(judged, planned=replace(judged.planned, adopts=Adoption(moves)))
    again = live is None and row is not None and row["state"] == "applied"
    return replace(judged, action=Action.APPLY.value, manifest=drawn, again=again)


def is_settled(context: PlanContext, item: Rendered, live: Manifest | None) -> bool:
    """Whether the run would send nothing for the object, so that the API server is not asked about it."""
    row = context.owned.get(item.ref)
    return (
        row is not None
        and live is not None
        and context.whole[item.ref] is item
        and is_unchanged(row, live, context.hash_of(item))
        and not has_failed(item.ref, live)
    )


def drawn_digest(context: PlanContext, item: Rendered) -> str:
    """Of all that the object's drawing asks for: with another one the plan says something else."""
    digest, whole = context.hash_of(item), context.whole[item.ref]
    return digest if whole is item else f"{digest}/{manifest_hash(whole.manifest)}"


def _reading(context: PlanContext, item: Rendered) -> Rendered:
    """The object with the digest of what its pods read of Secrets."""
    if not item.reads:
        return item
    return records.replace(item, manifest=with_secrets_digest(item.manifest, item.reads, context.secret_digests))


def _with_yielded(
    context: PlanContext, planned: PlannedObject, whole: Rendered, live: Manifest | None
) -> PlannedObject:
    is_new = planned.effect in (Effect.CREATE, Effect.RECREATE) or is_another(context, planned.ref, live)
    found = yielded_fields(
        context.left[planned.ref.identity],
        context.without_values(planned.ref, whole.manifest),
        context.without_values(planned.ref, live) if live is not None else None,
        ends=is_new,
        secret=is_secret(planned.ref),
    )
    return replace(planned, yielded=found)


def is_another(context: PlanContext, ref: Ref, live: Manifest | None) -> bool:
    """Whether an object is there, and not the one that the inventory knows."""
    return live is not None and is_made_whole(live, context.uid_of(ref, live))


def _completed(item: Rendered) -> Judged:
    reason = "it has run to its end as the workflow has it"
    planned = PlannedObject(item.ref, item.node_id, Effect.UNCHANGED, reason=reason)
    return Judged(planned, Outcome(Effect.UNCHANGED, "object.completed"))


def _try(
    context: PlanContext, item: Rendered, whole: Rendered, live: Manifest | None, row: InventoryRow | None
) -> Judged:
    content = context.hash_of(item)
    if live is not None and item.ref.namespace in context.new_namespaces:  # which goes first, and takes it along
        return replace(_untried(context, whole, None, context.comes_with(item.ref)), basis=_seen(live))
    values = values_of(context, item, row)
    failed = has_failed(item.ref, live)
    if row is not None and live is not None and is_unchanged(row, live, content) and not values.fresh and not failed:
        return _unchanged(item, live)
    if live is not None:
        check_ours(live, item.ref, context.environment_id, context.uid_of(item.ref, live))
        context.will_change()
    if later := context.comes_with(item.ref):
        return _untried(context, item, live, later)
    if context.has_no_time_for(item.ref):
        judged = _untried(context, item, live, _NO_TIME)
        return replace(judged, basis=replace(judged.basis, untried=True))
    try:
        manifest = with_values(context, item, values, live, row)
    except SecretValueMissing as missing:
        context.unknown_secrets.add(item.node_id)
        return _untried(context, item, live, f"its values are given with the run: {missing.detail}")
    anew = manifest if item is whole else with_values(context, whole, values, live, row)
    if values.wanted:
        context.secret_digests[item.node_id] = digests_of(context, item, manifest)

    def tried(take_over: bool) -> Tried:
        return patiently(
            context,
            lambda: try_object(
                context.client,
                item.ref,
                manifest,
                live,
                environment_id=context.environment_id,
                known_uid=context.uid_of(item.ref, live),
                changed=row is None or row["hash"] != content,
                failed=failed,
                take_over=take_over,
                anew=anew,
                adopts=hands_of(live) if live is not None and context.adopts(item.ref, live) else None,
                trials=context.trials,
            ),
        )

    try:
        return _judged(context, item, manifest, tried(context.options.take_over))
    except FieldConflict as conflict:
        forced = tried(True)
        if context.options.takes(item.ref, (one.path for one in conflict.fields)):
            return _judged(context, item, manifest, forced)
        return _conflict(context, item, manifest, conflict, forced)


def _judged(context: PlanContext, item: Rendered, manifest: Manifest, tried: Tried) -> Judged:
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
        proof, reason, basis = "at_apply", _TAKEN_AWAY, replace(basis, exact=False)
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


def _conflict(
    context: PlanContext, item: Rendered, manifest: Manifest, conflict: FieldConflict, tried: Tried
) -> Judged:
    """What others have; `tried` is the same with their fields taken over."""
    ref = item.ref
    owners = tuple(
        FieldOwner(one.path, one.manager) for one in conflict.fields if not context.options.takes(ref, [one.path])
    )
    error = {"code": conflict.code, "detail": conflict.detail}
    outcome = Outcome(
        Effect.CONFLICT, conflict.code, _uid(tried.before), (), tuple(sorted((one.path, one.manager) for one in owners))
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


def _unchanged(item: Rendered, live: Manifest) -> Judged:
    """By the run's own test: the run sends nothing for it while our fields stay as they are."""
    basis = replace(_seen(live), fingerprint=fingerprint_of(live))
    planned = PlannedObject(item.ref, item.node_id, Effect.UNCHANGED, counts=untouched(live))
    return Judged(planned, Outcome(Effect.UNCHANGED, "", basis.uid), basis)


def _untried(context: PlanContext, item: Rendered, live: Manifest | None, reason: str) -> Judged:
    """What is known without the API server: drawn values and owners against those that are there."""
    secret = is_secret(item.ref)
    seen = None if live is None else context.without_values(item.ref, live)
    fields, counts = local_changes(seen, item.manifest, secret=secret)
    found = Outcome(Effect.CREATE)
    if seen is not None:
        found = local_outcome(seen, item.manifest, force=context.options.take_over)
        if secret and found.effect is Effect.UNCHANGED:
            found = replace(found, effect=Effect.UPDATE)  # its values may be others
    owners = tuple(FieldOwner(path, manager) for path, manager in found.conflicts)
    error = _conflict_error(item.ref, owners) if owners else None
    planned = PlannedObject(
        item.ref,
        item.node_id,
        found.effect,
        "at_apply",
        reason,
        error=error,
        fields=fields,
        counts=counts,
        conflicts=owners,
    )
    drawn = context.without_values(item.ref, item.manifest) if found.effect is Effect.CREATE else None
    return Judged(planned, found, _seen(live), after=drawn)


def _conflict_error(ref: Ref, owners: Sequence[FieldOwner]) -> dict[str, Any]:
    conflict = FieldConflict(f"{ref.kind} {ref.name}", tuple(OwnedField(one.path, one.manager) for one in owners))
    return {"code": conflict.code, "detail": conflict.detail}


def _refused(context: PlanContext, item: Rendered, live: Manifest | None, error: KubeOrchError) -> Judged:
    """The run would fail at this object, wait for it, or only it can tell."""
    ref, uid = item.ref, _uid(live)
    if isinstance(error, StillThere):
        planned = PlannedObject(ref, item.node_id, Effect.CREATE, "at_apply", f"it is made once it is gone: {error}")
        return Judged(planned, Outcome(Effect.CREATE), _seen(live))
    if isinstance(error, Unavailable) and not _is_its_own(context, error):
        raise error
    if isinstance(error, NotForeseeable):
        return _untried(context, item, live, _TAKEN_AWAY)
    if _NO_DRY_RUN in error.detail:
        return _untried(context, item, live, f"the cluster cannot try it: {error.detail}")
    if _waits_for(context, item, error):
        return _untried(context, item, live, f"it needs an object of this plan: {error.detail}")
    shown = {"code": error.code, "detail": error.detail}
    effect = Effect.UPDATE if live is not None else Effect.CREATE
    conflicts: tuple[FieldOwner, ...] = ()
    if isinstance(error, ForeignObject):
        effect, conflicts = Effect.CONFLICT, (FieldOwner("", last_manager(live)),)
    elif isinstance(error, ImmutableField):
        effect = Effect.RECREATE
    planned = PlannedObject(ref, item.node_id, effect, reason=error.detail, error=shown, conflicts=conflicts)
    seen = None if live is None or conflicts else context.without_values(ref, live)
    after = item.manifest if effect is Effect.RECREATE else None
    return Judged(planned, Outcome(effect, error.code, uid), _seen(live), before=seen, after=after)


def patiently(context: PlanContext, trial: Callable[[], Tried]) -> Tried:
    """The trial, again where the API server fails: what passes is no result of an object. Raises what it raises."""
    for wait_s in AGAIN_AFTER_S:
        try:
            return trial()
        except ClusterUnavailable as error:
            if error.status < SERVER_FAILED or _OF_A_WEBHOOK in error.detail:
                raise
            context.client.allowance().sleep(wait_s)
    return trial()


def _is_its_own(context: PlanContext, error: Unavailable) -> bool:
    """Whether the API server fails at just this object: it breaks off what it cannot carry out, or says what fails,
    and is ready otherwise. One that is too busy for the request says nothing of its object.
    """
    if not isinstance(error, ClusterUnavailable) or isinstance(error, ClusterTimeout) or error.status == TOO_BUSY:
        return False
    return _OF_A_WEBHOOK in error.detail or context.client.is_ready()


def _waits_for(context: PlanContext, item: Rendered, error: KubeOrchError) -> bool:
    """Whether the API server misses something by a name that an earlier wave of this plan makes."""
    if not _NOT_THERE.search(error.detail):
        return False
    words = set(_WORD.findall(error.detail))
    return any(one.wave < item.wave and one.ref.name in words for one in context.rendered.values())


def _seen(live: Manifest | None) -> Basis:
    """Only a trial can tell whether it still holds once the object is another one."""
    version = "" if live is None else str(live["metadata"].get("resourceVersion") or "")
    return Basis(_uid(live), version, exact=False)


def _uid(live: Manifest | None) -> str:
    return "" if live is None else str(live["metadata"]["uid"])


def last_manager(live: Manifest | None) -> str:
    entries = (live or {}).get("metadata", {}).get("managedFields") or ()
    rows = [(str(one.get("time") or ""), str(one.get("manager") or "")) for one in entries]
    return max(rows, default=("", ""))[1] or "somebody else"
