"""What one step of a run does in the cluster: apply, delete or give back one object.

A step may be done again after any line of it: applying twice changes nothing, nor does deleting twice. No step
sleeps: one that has to wait raises an error of WAITING, and the whole run is called again a moment later.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from clusters.domain.failed_ends import failed_at, has_failed, runs_to_an_end
from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.paths import PathInvalid, read_path
from clusters.domain.ownership.touches import fingerprint_of
from clusters.kube.apply import ForeignObject, apply_object, is_secret, object_state_of
from clusters.kube.errors import ApiNotFound, FieldConflict, UnknownKind
from clusters.kube.immutable import ImmutableField
from clusters.kube.removing import StillThere
from kubeorch.base import records
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError, Unavailable
from kubeorch.base.failpoint import hit
from workflows.domain.planning.classify import is_same_content
from workflows.domain.rendering.json_digest import manifest_hash
from workflows.domain.rendering.plan import Action
from workflows.domain.rendering.pulls import is_pull_secret
from workflows.domain.rendering.render import Rendered
from workflows.domain.rendering.restarts import with_secrets_digest
from workflows.environments.inventory_store import InventoryRow, note_taken_over
from workflows.environments.yields import is_made_whole
from workflows.runs import step_store
from workflows.runs.co_managed import co_managed
from workflows.runs.context import RunContext
from workflows.runs.deleting import delete
from workflows.runs.giving_back import former_of, give_back
from workflows.runs.holders import with_holder
from workflows.runs.immutable import immutable_words
from workflows.runs.looking import live_of, whose
from workflows.runs.refusals import was_never_made
from workflows.runs.secret_step import digests_of, values_of, with_values
from workflows.runs.states import StepState
from workflows.runs.step_store import RunStep

GONE_WITHIN_S = 180.0
"""How long an object may take to be deleted before its step fails with what holds it."""
SERVED_WITHIN_S = 10.0
"""How long the API server may take to serve a kind that this run has just defined. It takes a fraction of a second."""


class NotServedYet(Unavailable):
    """An earlier step of this run defines the kind, and the API server does not serve it yet."""

    code = "kind.not_served_yet"

    def __init__(self, ref: Ref) -> None:
        super().__init__(f"the API server does not serve {ref.kind} in {ref.api_version} yet")


WAITING = (StillThere, NotServedYet)
"""What only time can change: the run is called again until it is over, or until the step has taken too long."""


def do_step(context: RunContext, step: RunStep) -> None:
    """One step: done, unchanged or failed. Raises what stops the whole run, or has it called again."""
    context.check()
    began_at = step["started_at"]
    try:
        if step["action"] == Action.DELETE:
            delete(context, step)
        elif step["action"] == Action.GIVE_BACK:
            give_back(context, step)
        else:
            _apply(context, step)
    except WAITING as waiting:
        within_s = GONE_WITHIN_S if isinstance(waiting, StillThere) else SERVED_WITHIN_S
        if step.get("waits_for") != waiting.detail:
            context.record.note(step["index"], waits_for=waiting.detail)
            context.record.log("info", waiting.detail, step["node_id"])
        if began_at is not None and (now() - began_at).total_seconds() > within_s:
            _fail(context, step, waiting.__cause__ if isinstance(waiting.__cause__, KubeOrchError) else waiting)
            return
        raise
    except Unavailable:
        raise
    except KubeOrchError as error:
        _fail(context, step, error)


def _fail(context: RunContext, step: RunStep, error: KubeOrchError) -> None:
    ref = error.ref if isinstance(error, ForeignObject) else ref_from_json(step["ref"])
    item = context.rendered.get(ref_from_json(step["ref"]))
    if item and was_never_made(context.client, ref, context.owned.get(ref), error, context.environment_id):
        context.record.gone(ref)  # it was meant to be ours, and is not
    if isinstance(error, ForeignObject):
        detail = whose(context.run, error)
    elif isinstance(error, ImmutableField) and item:
        detail = immutable_words(context.client, item.ref, item.manifest, error)
    else:
        detail = with_holder(context.client, context.run, item.manifest, error) if item else error.detail
    shown: dict[str, Any] = {"code": error.code, "detail": detail}
    if isinstance(error, FieldConflict):
        shown["owners"] = [{"manager": manager, "paths": paths} for manager, paths in error.owners]
    context.record.step(step["index"], StepState.FAILED, error=shown)
    context.record.log("error", detail, step["node_id"])


def _apply(context: RunContext, step: RunStep) -> None:
    ref = ref_from_json(step["ref"])
    row = context.owned.get(ref)
    live = live_of(context, ref)
    item = _reading(context, context.rendered[ref])
    leaves_fields = context.whole[ref] is not context.rendered[ref]
    whole = _reading(context, context.whole[ref]) if leaves_fields else item
    values = values_of(context, item, row)
    failed = live is not None and runs_to_an_end(ref) and _is_run_again(context, ref, row)
    if row is not None and (
        has_completed(row, item.manifest)
        if live is None
        else is_unchanged(row, live, manifest_hash(item.manifest)) and not values.fresh and not failed
    ):
        differs = context.supervision.differences(ref, None) if context.supervision else None
        context.record.step(step["index"], StepState.UNCHANGED, differs=differs)
        return
    context.begin(step)
    if is_made_whole(live, context.uid_of(ref, live)):
        item = whole
    manifest = with_values(context, item, values, live, row)
    anew = manifest if item is whole else with_values(context, whole, values, live, row)
    if live is not None and context.adopts(ref, live):
        note_taken_over(context.run, ref, live["metadata"]["uid"], former_of(context, ref, live))
        live = context.client.get(ref, metadata_only=True)  # as it is now, and not when the run began
    before = _content_of(context, ref, live)
    after, replaced = _apply_once_served(
        context, step, _Wanted(manifest, anew, manifest_hash(item.manifest), failed), live, row
    )
    hit("run.after_patch")
    stored = object_state_of(after)
    if live is None or stored.uid != live["metadata"]["uid"]:
        item = whole
    if leaves_fields and item is whole:
        context.record.made(ref)
        context.record.log("info", f"nothing of {ref.kind} {ref.name} is left to others: it is new", item.node_id)
    learned: dict[str, Any] = {}
    if values.wanted:
        context.secret_digests[item.node_id] = digests_of(context, item, manifest)
        learned = {"secret_keys": list(values.wanted), "secret_digests": context.secret_digests[item.node_id]}
    if is_pull_secret(item.manifest):
        learned["pulls"] = context.pulls[ref.namespace].noted()
    shared = [] if is_secret(ref) else co_managed(manifest if item is not whole else anew, after)
    context.record.inventory(
        ref,
        {
            "uid": stored.uid,
            "hash": manifest_hash(item.manifest),
            "fingerprint": stored.fingerprint,
            "resource_version": stored.resource_version,
            "generation": stored.generation,
            "state": "applied",
            "applied_at": now(),
            "run_id": context.run["_id"],
            **({"completed_at": None} if row is not None and row.get("completed_at") else {}),
            **({"unsure": False} if row is not None and row.get("unsure") else {}),
            **({"shared": shared} if shared or (row is not None and row.get("shared")) else {}),
            **learned,
        },
    )
    differs = context.supervision.differences(ref, after) if context.supervision else None
    action = Action.REPLACE.value if replaced or step["action"] == Action.REPLACE else Action.APPLY.value
    is_same = action == Action.APPLY and before is not None and _is_same(before, after)
    state = StepState.UNCHANGED if is_same else StepState.DONE
    context.record.step(step["index"], state, action=action, differs=differs)
    is_adopted = live is not None and context.adopts(ref, live)
    said = "replaced" if replaced else "applied, without a change," if is_same else "applied"
    said = f"took over, and {said}" if is_adopted else said
    context.record.log("info", f"{said} {ref.kind} {ref.name}", item.node_id)


def _is_run_again(context: RunContext, ref: Ref, row: InventoryRow | None) -> bool:
    """Whether an earlier run's object had failed when this run was asked for.

    Only people and what they have set up ask for that: to put a field back is no reason to do its work once more.
    """
    live = context.client.get(ref)
    if live is None or row is None or row["uid"] != live["metadata"]["uid"] or not has_failed(ref, live):
        return False
    if row.get("run_id") == context.run["_id"] or context.run.get("triggered_by") == "self_heal":
        return False
    at = failed_at(ref, live)
    return at is None or at <= context.run["created_at"]


def _content_of(context: RunContext, ref: Ref, live: Manifest | None) -> Manifest | None:
    """The object before it is applied; None where it is not there, or a worker that was killed may have applied it.

    Of an object with a generation its metadata suffices: that counts every other change.
    """
    if live is None or context.run["attempt"] > 1:
        return None
    return live if live["metadata"].get("generation") else context.client.get(ref)


def _is_same(before: Manifest, after: Manifest) -> bool:
    """Whether an apply has changed nothing of the content: by the rule of plans, who is recorded as a manager of its
    fields does not count."""
    old, new = before["metadata"], after["metadata"]
    if old.get("uid") != new.get("uid"):
        return False
    if old.get("resourceVersion") == new.get("resourceVersion"):
        return True
    if not old.get("generation"):
        return is_same_content(before, after)
    return old["generation"] == new.get("generation") and is_same_content({"metadata": old}, {"metadata": new})


class _Wanted(NamedTuple):
    manifest: Manifest
    anew: Manifest
    """What is applied where the object has to be made."""
    content: str
    """Digest of the manifest, without values of a Secret."""
    failed: bool
    """The object that is there ran to a bad end."""


def _reading(context: RunContext, item: Rendered) -> Rendered:
    """The object with the digest of what its pods read of Secrets."""
    if not item.reads:
        return item
    return records.replace(item, manifest=with_secrets_digest(item.manifest, item.reads, context.secret_digests))


def _apply_once_served(
    context: RunContext, step: RunStep, wanted: _Wanted, live: Manifest | None, row: InventoryRow | None
) -> tuple[Manifest, bool]:
    """(the object as it is afterwards, whether it was replaced). Raises NotServedYet."""
    ref = ref_from_json(step["ref"])

    def keep(body: Manifest) -> None:
        step_store.keep_body(step, body)
        hit("run.body_kept")

    def apply(take_over: bool) -> tuple[Manifest, bool]:
        return apply_object(
            context.client,
            ref,
            wanted.manifest,
            live,
            environment_id=str(context.run["environment_id"]),
            known_uid=context.uid_of(ref, live),
            changed=row is None or row["hash"] != wanted.content,
            failed=wanted.failed,
            take_over=take_over,
            anew=wanted.anew,
            guard=context.guard,
            keep=keep,
            kept=step_store.body_kept(step),
            adopts=context.hands_of(ref, live),
            is_another=context.is_another,
        )

    try:
        return apply(context.options.take_over)
    except FieldConflict as conflict:
        if context.options.takes(ref, (one.path for one in conflict.fields)):
            return apply(True)
        if not _may_take_back(context, ref, conflict):
            raise
        context.record.log(
            "warning", f"took fields back that others manage as well: {conflict.detail}", step["node_id"]
        )
        return apply(True)
    except (UnknownKind, ApiNotFound) as error:
        if context.defines_kinds:
            raise NotServedYet(ref) from error
        raise


def _may_take_back(context: RunContext, ref: Ref, conflict: FieldConflict) -> bool:
    """Whether a rollback that nobody started meets only fields that we manage beside others, as adopted ones are.

    Nobody is there to be asked, and the run that it takes back has set them as well.
    """
    if context.run.get("triggered_by") != "rollback":
        return False
    live = context.client.get(ref, metadata_only=True)
    if live is None:
        return False
    owned = owners(live)
    try:
        paths = [read_path(one.path.removeprefix(".")) for one in conflict.fields]
    except PathInvalid:
        return False
    return bool(paths) and all(any(one.is_ours for one in owned.who(path)) for path in paths)


def has_completed(row: InventoryRow, manifest: Manifest) -> bool:
    """Whether the object is gone because it ran to its end as it is drawn, and was to be removed then.

    One that somebody deleted, without a time to live after its end, is made again.
    """
    removed_by_itself = (manifest.get("spec") or {}).get("ttlSecondsAfterFinished") is not None
    is_same = row["state"] == "applied" and row["hash"] == manifest_hash(manifest)
    return is_same and removed_by_itself and row.get("completed_at") is not None


def is_unchanged(row: InventoryRow, live: Manifest, content: str) -> bool:
    """Whether applying would change nothing: same manifest, same object, and none of our fields touched since."""
    metadata = live["metadata"]
    return bool(
        row["state"] == "applied"
        and not row.get("unsure")
        and row["hash"] == content
        and row["uid"] == metadata.get("uid")
        and not metadata.get("deletionTimestamp")
        and row.get("fingerprint") == fingerprint_of(live)
    )
