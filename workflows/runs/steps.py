"""What one step of a run does in the cluster: look, apply, set secret values, delete.

A step may be done again after any line of it: applying twice changes nothing, nor does deleting twice. No step
sleeps: one that has to wait raises an error of WAITING, and the whole run is called again a moment later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clusters.domain.labels import ENVIRONMENT_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.kube.apply import (
    StillThere,
    apply_object,
    apply_secret_values,
    delete_object,
    fingerprint_of,
    object_state_of,
    secret_data,
)
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, FieldConflict, UnknownKind
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput, KubeOrchError, Unavailable
from kubeorch.base.failpoint import hit
from kubeorch.jobs.context import JobContext
from workflows.domain.rendering.data import leaves_its_data
from workflows.domain.rendering.digest import manifest_hash
from workflows.domain.rendering.plan import Action
from workflows.domain.rendering.render import Rendered
from workflows.domain.rendering.secrets import is_secret
from workflows.domain.run_options import RunOptions
from workflows.environments.inventory_store import InventoryRow
from workflows.runs.recorder import RunRecorder
from workflows.runs.states import StepState
from workflows.runs.step_store import RunStep
from workflows.runs.store import Run

GONE_WITHIN_S = 180.0
"""How long an object may take to be deleted before its step fails with what holds it."""
SERVED_WITHIN_S = 10.0
"""How long the API server may take to serve a kind that this run has just defined. It takes a fraction of a second."""


class RunCanceled(Exception):
    """A person canceled the run, and no further object may be touched."""


class SecretValueMissing(InvalidInput):
    """A key of a Secret has no value, neither here nor in the cluster."""

    code = "secret.value_missing"


class NotServedYet(Unavailable):
    """An earlier step of this run defines the kind, and the API server does not serve it yet."""

    code = "kind.not_served_yet"

    def __init__(self, ref: Ref) -> None:
        super().__init__(f"the cluster does not serve {ref.kind} of {ref.api_version} yet")


WAITING = (StillThere, NotServedYet)
"""What only time can change: the run is called again until it is over, or until the step has taken too long."""


@dataclass(slots=True)
class RunContext:
    """What the steps of one run share."""

    run: Run
    options: RunOptions
    client: KubeClient
    job: JobContext
    record: RunRecorder
    rendered: Mapping[Ref, Rendered]
    secret_keys: Mapping[str, tuple[str, ...]]
    """The keys of each Secret, by node."""
    owned: Mapping[Ref, InventoryRow]
    """Inventory rows as they were before this attempt."""
    listed: dict[tuple[str, str], dict[str, Manifest] | None] = field(default_factory=dict)
    """Metadata by kind and name, as listed before the first write; None: the kind cannot be listed."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Values of Secrets, base64, by node and key."""
    values_changed_at: Mapping[str, datetime] = field(default_factory=dict)
    """When a node's values were last given."""
    defines_kinds: bool = False
    """Whether the run applies a CustomResourceDefinition."""

    def guard(self) -> None:
        """Called when the bytes of a request that writes to the cluster are about to go out."""
        hit("run.before_patch")
        self.record.check()
        self.job.check_lease()
        if self.job.cancel_requested:
            raise RunCanceled


def do_step(context: RunContext, step: RunStep) -> None:
    """One step: done, unchanged or failed. Raises what stops the whole run, or has it called again."""
    context.job.check_alive()
    if context.job.cancel_requested:
        raise RunCanceled
    began_at = step["started_at"]
    try:
        if step["action"] == Action.DELETE:
            _delete(context, step)
        else:
            _apply(context, step)
    except WAITING as waiting:
        within_s = GONE_WITHIN_S if isinstance(waiting, StillThere) else SERVED_WITHIN_S
        if began_at is None:
            context.record.log("info", waiting.detail, step["node_id"])
        elif (now() - began_at).total_seconds() > within_s:
            _fail(context, step, waiting.__cause__ if isinstance(waiting.__cause__, KubeOrchError) else waiting)
            return
        raise
    except Unavailable:
        raise
    except KubeOrchError as error:
        _fail(context, step, error)


def _begin(context: RunContext, step: RunStep) -> None:
    if step["state"] != StepState.RUNNING:
        context.record.step(step["index"], StepState.RUNNING)


def _fail(context: RunContext, step: RunStep, error: KubeOrchError) -> None:
    shown: dict[str, Any] = {"code": error.code, "detail": error.detail}
    if isinstance(error, FieldConflict):
        shown["owners"] = [{"manager": manager, "paths": paths} for manager, paths in error.owners]
    context.record.step(step["index"], StepState.FAILED, error=shown)
    context.record.log("error", error.detail, step["node_id"])


def _apply(context: RunContext, step: RunStep) -> None:
    ref = ref_from_json(step["ref"])
    item = context.rendered[ref]
    row = context.owned.get(ref)
    live = _live(context, ref)
    content = manifest_hash(item.manifest)
    values = _values(context, item)
    if live is not None and row is not None and _is_unchanged(row, live, content) and not values.fresh:
        context.record.step(step["index"], StepState.UNCHANGED, uid=row["uid"])
        return
    _begin(context, step)
    known_uid = row["uid"] if row else None
    after, replaced = _apply_once_served(context, item, live, known_uid)
    hit("run.after_patch")
    if values.wanted:
        after = _apply_values(context, item, after, values)
    stored = object_state_of(after)
    context.record.inventory(
        ref,
        {
            "uid": stored.uid,
            "hash": content,
            "fingerprint": stored.fingerprint,
            "resource_version": stored.resource_version,
            "generation": stored.generation,
            "state": "applied",
            "applied_at": now(),
            "run_id": context.run["_id"],
            **({"secret_keys": list(values.wanted)} if values.wanted else {}),
        },
    )
    action = Action.REPLACE.value if replaced or step["action"] == Action.REPLACE else Action.APPLY.value
    context.record.step(step["index"], StepState.DONE, uid=stored.uid, action=action)
    context.record.log("info", f"{'replaced' if replaced else 'applied'} {ref.kind} {ref.name}", item.node_id)


def _apply_once_served(
    context: RunContext, item: Rendered, live: Manifest | None, known_uid: str | None
) -> tuple[Manifest, bool]:
    """(the object as it is afterwards, whether it was replaced). Raises NotServedYet."""
    try:
        return apply_object(
            context.client,
            item.ref,
            item.manifest,
            live,
            environment_id=str(context.run["environment_id"]),
            known_uid=known_uid,
            take_over=context.options.take_over,
            guard=context.guard,
        )
    except (UnknownKind, ApiNotFound) as error:
        if context.defines_kinds:
            raise NotServedYet(item.ref) from error
        raise


def _is_unchanged(row: InventoryRow, live: Manifest, content: str) -> bool:
    """Whether applying would change nothing: same manifest, same object, and none of our fields touched since."""
    metadata = live["metadata"]
    return bool(
        row["state"] == "applied"
        and row["hash"] == content
        and row["uid"] == metadata.get("uid")
        and not metadata.get("deletionTimestamp")
        and row.get("fingerprint") == fingerprint_of(live)
    )


@dataclass(frozen=True, slots=True)
class _Values:
    wanted: tuple[str, ...]
    known: Mapping[str, str]
    fresh: bool
    """Whether values were given, or keys changed, since they were last applied."""


def _values(context: RunContext, item: Rendered) -> _Values:
    wanted = context.secret_keys.get(item.node_id, ()) if is_secret(item.manifest) else ()
    if not wanted:
        return _Values((), {}, False)
    row = context.owned.get(item.ref)
    known = {key: value for key, value in context.values.get(item.node_id, {}).items() if key in wanted}
    changed = set(row.get("secret_keys") or () if row else ()) != set(wanted)
    applied_at = row["applied_at"] if row else None
    given_at = context.values_changed_at.get(item.node_id)
    newer = bool(known) and (applied_at is None or given_at is None or given_at >= applied_at)
    return _Values(wanted, known, fresh=newer or changed)


def _apply_values(context: RunContext, item: Rendered, after: Manifest, values: _Values) -> Manifest:
    """Set the values; keys without one keep what the cluster holds. Raises SecretValueMissing naming the keys."""
    present = dict(after.get("data") or {})
    if len(present) < len(values.wanted) or set(values.wanted) - set(present):
        present = secret_data(context.client, item.ref)
    data = {key: values.known.get(key, present.get(key)) for key in values.wanted}
    missing = [key for key, value in data.items() if value is None]
    if missing:
        raise SecretValueMissing(
            f"the Secret {item.ref.name} has no value for {', '.join(missing)}; give one with the run"
        )
    if not values.fresh and data == present:
        return after
    clear = {key: value for key, value in data.items() if value is not None}
    return apply_secret_values(
        context.client,
        item.ref,
        clear,
        uid=after["metadata"]["uid"],
        take_over=context.options.take_over,
        guard=context.guard,
    )


def _delete(context: RunContext, step: RunStep) -> None:
    ref = ref_from_json(step["ref"])
    row = context.owned.get(ref)
    if row is None:
        context.record.step(step["index"], StepState.DONE)
        return
    _begin(context, step)
    uid = row["uid"] or _uid_of_ours(context, ref)
    if uid is not None:
        claims = _claims_of(context, ref) if context.options.delete_volumes else []
        context.record.inventory(ref, {"state": "deleting"})
        delete_object(context.client, ref, uid, guard=context.guard)
        for claim, claim_uid in claims:
            delete_object(context.client, claim, claim_uid, guard=context.guard)
    context.record.gone(ref)
    context.record.step(step["index"], StepState.DONE)
    context.record.log("info", f"deleted {ref.kind} {ref.name}", step["node_id"])


def _uid_of_ours(context: RunContext, ref: Ref) -> str | None:
    """The uid of an object whose apply was never recorded; None when it is not there, or not ours."""
    try:
        live = context.client.get(ref, metadata_only=True)
    except UnknownKind:
        return None
    labels = (live or {}).get("metadata", {}).get("labels") or {}
    if live is None or labels.get(ENVIRONMENT_LABEL) != str(context.run["environment_id"]):
        return None
    uid: str = live["metadata"]["uid"]
    return uid


def _claims_of(context: RunContext, ref: Ref) -> list[tuple[Ref, str]]:
    """The claims a StatefulSet made from its templates: `<template>-<set>-<ordinal>`."""
    if not leaves_its_data(ref.kind):
        return []
    live = context.client.get(ref)
    templates = ((live or {}).get("spec") or {}).get("volumeClaimTemplates") or ()
    prefixes = [f"{template['metadata']['name']}-{ref.name}-" for template in templates]
    items, _ = context.client.list("v1", "PersistentVolumeClaim", namespace=ref.namespace, metadata_only=True)
    return [
        (Ref("v1", "PersistentVolumeClaim", ref.namespace, item["metadata"]["name"]), item["metadata"]["uid"])
        for item in items
        for prefix in prefixes
        if item["metadata"]["name"].startswith(prefix) and item["metadata"]["name"][len(prefix) :].isdigit()
    ]


# Looking before writing


def ensure_namespace(context: RunContext) -> None:
    """Create the namespace, labelled as ours, unless it exists.

    Credentials that are limited to one namespace may neither read nor create it: then the run goes on without.
    """
    name = context.run["namespace"]
    ref = Ref("v1", "Namespace", "", name)
    try:
        live = context.client.get(ref)
    except ApiForbidden:
        live = None
    if live is not None:
        if (live.get("status") or {}).get("phase") == "Terminating":
            raise Unavailable(
                f"the namespace {name} is being deleted; the run goes on once it is gone", code="namespace.terminating"
            )
        return
    labels = {MANAGED_BY_LABEL: MANAGED_BY, ENVIRONMENT_LABEL: str(context.run["environment_id"])}
    manifest: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    try:
        context.client.apply(manifest, guard=context.guard)
        context.record.log("info", f"created Namespace {name}")
    except ApiForbidden:
        context.record.log(
            "warning", f"these credentials may neither read nor create the namespace {name}; the run goes on"
        )


def list_live(context: RunContext, pool: ThreadPoolExecutor, refs: Sequence[Ref]) -> None:
    """List the metadata of every kind that is about to be applied, all kinds at once."""

    def listed(kind: tuple[str, str]) -> dict[str, Manifest] | None:
        try:
            items, _ = context.client.list(*kind, namespace=context.run["namespace"], metadata_only=True)
        except ApiForbidden:
            return None
        except (UnknownKind, ApiNotFound):
            return {}
        return {item["metadata"]["name"]: item for item in items}

    kinds = sorted({(ref.api_version, ref.kind) for ref in refs if ref.namespace})
    context.listed.update(zip(kinds, pool.map(listed, kinds), strict=True))


def _live(context: RunContext, ref: Ref) -> Manifest | None:
    """The object's metadata as listed, or asked for alone when its kind was not."""
    listed = context.listed.get((ref.api_version, ref.kind)) if ref.namespace == context.run["namespace"] else None
    if listed is not None:
        return listed.get(ref.name)
    try:
        return context.client.get(ref, metadata_only=True)
    except UnknownKind:
        if not context.defines_kinds:
            raise
        return None
