"""What would become of one drawn object: by the very judgement and requests of the run's step, as dry runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from clusters.domain.failed_ends import has_failed
from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.added import NOTHING_ADDED, added_by_others, has_people
from clusters.domain.ownership.adoption import hands_of, moving
from clusters.domain.ownership.owners import owners, who_owns
from clusters.kube.apply import Tried, check_ours, is_secret, try_object
from clusters.kube.errors import ClusterUnavailable, FieldConflict
from kubeorch.base import records
from kubeorch.base.errors import KubeOrchError
from workflows.domain.planning.basis import Outcome
from workflows.domain.planning.effects import Adoption, Effect, PlannedObject
from workflows.domain.planning.yielded import yielded_fields
from workflows.domain.rendering.json_digest import manifest_hash
from workflows.domain.rendering.plan import Action
from workflows.domain.rendering.render import Rendered
from workflows.domain.rendering.restarts import with_secrets_digest
from workflows.environments.inventory_store import InventoryRow
from workflows.environments.yields import is_made_whole
from workflows.plans.context import PlanContext
from workflows.plans.given import add_keys, keys_of
from workflows.plans.judged import Judged, basis_seen, in_conflict, judged_by_trial, unchanged
from workflows.plans.untried import OF_A_WEBHOOK, refused, untried
from workflows.runs.secret_step import SecretValueMissing, digests_of, values_of, with_values
from workflows.runs.steps import has_completed, is_unchanged

SERVER_FAILED = 500
AGAIN_AFTER_S = (0.1, 0.4)
"""A trial at which the API server fails is made again after these waits."""
_NO_TIME = "the plan has so many objects that there was no time to try this one"


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
        judged = refused(context, item, live, error)
    if judged.planned.error is None and any(read.node_id in context.unknown_secrets for read in item.reads):
        reason = "its pods read values of a Secret that are given with the run"
        judged.planned, judged.predicted = replace(judged.planned, proof="at_apply", reason=reason), None
    if leaves_fields and not has_run:
        judged.planned = _with_yielded(context, judged.planned, whole, live)
    if live is not None and judged.planned.effect in (Effect.UNCHANGED, Effect.UPDATE, Effect.CONFLICT):
        added = added_by_others(whole.manifest, owners(live)) if has_people(who_owns(live)) else NOTHING_ADDED
        if added != judged.planned.added:
            judged.planned = replace(judged.planned, added=added)
    if live is not None and judged.planned.effect is not Effect.RECREATE and context.adopts(item.ref, live):
        moves = moving(live, judged.after or live)
        judged.planned = replace(judged.planned, adopts=Adoption(moves))
    if keys := keys_of(context, item, live):
        add_keys(context, judged, keys)
    judged.again = live is None and row is not None and row["state"] == "applied"
    judged.action, judged.manifest = Action.APPLY.value, drawn
    return judged


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
        judged = untried(context, whole, None, context.comes_with(item.ref))
        judged.basis = basis_seen(live)
        return judged
    values = values_of(context, item, row)
    if live is not None and item.ref in context.settled and not item.reads and not values.fresh:
        return unchanged(item, live)
    failed = has_failed(item.ref, live)
    if row is not None and live is not None and is_unchanged(row, live, content) and not values.fresh and not failed:
        return unchanged(item, live)
    if live is not None:
        check_ours(live, item.ref, context.environment_id, context.uid_of(item.ref, live), context.is_another)
        context.will_change()
    if later := context.comes_with(item.ref):
        return untried(context, item, live, later)
    if context.has_no_time_for(item.ref):
        judged = untried(context, item, live, _NO_TIME)
        judged.basis = replace(judged.basis, untried=True)
        return judged
    try:
        manifest = with_values(context, item, values, live, row)
    except SecretValueMissing as missing:
        context.unknown_secrets.add(item.node_id)
        return untried(context, item, live, f"its values are given with the run: {missing.detail}")
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
                is_another=context.is_another,
            ),
        )

    try:
        return judged_by_trial(context, item, manifest, tried(context.options.take_over))
    except FieldConflict as conflict:
        forced = tried(True)
        if context.options.takes(item.ref, (one.path for one in conflict.fields)):
            return judged_by_trial(context, item, manifest, forced)
        return in_conflict(context, item, manifest, conflict, forced)


def patiently(context: PlanContext, trial: Callable[[], Tried]) -> Tried:
    """The trial, again where the API server fails: what passes is no result of an object. Raises what it raises."""
    for wait_s in AGAIN_AFTER_S:
        try:
            return trial()
        except ClusterUnavailable as error:
            if error.status < SERVER_FAILED or OF_A_WEBHOOK in error.detail:
                raise
            context.client.allowance().sleep(wait_s)
    return trial()
