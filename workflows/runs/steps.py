"""What a run's steps do in the cluster: look, apply, join secret values, delete.

Each may be done again after any line of it: applying twice changes nothing, deleting twice neither.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from clusters.domain.labels import ENVIRONMENT_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.kube.apply import (
    StillThere,
    apply_object,
    apply_secret_values,
    delete_object,
    fingerprint_of,
    secret_data,
    standing_of,
)
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, FieldConflict, UnknownKind
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput, KubeOrchError, Unavailable
from kubeorch.base.failpoint import hit
from kubeorch.jobs.context import JobContext
from kubeorch.mongo.client import Document
from workflows.domain.rendering.digest import manifest_hash
from workflows.domain.rendering.plan import Action
from workflows.domain.rendering.render import Rendered
from workflows.runs import store as run_store
from workflows.runs.recorder import Recorder

GONE_WITHIN_S = 180.0
"""How long an object may take to go before its step fails with what holds it."""


class RunCanceled(Exception):
    """A person asked to stop, and no further object may be touched."""


class SecretValueMissing(InvalidInput):
    code = "secret.value_missing"


@dataclass(slots=True)
class Work:
    """What the steps of one run share."""

    run: Document
    client: KubeClient
    ctx: JobContext
    record: Recorder
    drawn: Mapping[Ref, Rendered]
    keys: Mapping[str, tuple[str, ...]]
    owned: Mapping[Ref, Document]
    seen: dict[tuple[str, str], dict[str, Manifest] | None] = field(default_factory=dict)
    """Metadata by kind and name, as listed before the first write; None: the kind cannot be listed."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    values_changed_at: Mapping[str, datetime] = field(default_factory=dict)
    defines_kinds: bool = False

    def guard(self) -> None:
        """Called when the bytes of a request that writes to the cluster are about to go out."""
        hit("run.before_patch")
        self.record.check()
        self.ctx.check_lease()
        if self.ctx.cancel_requested:
            raise RunCanceled


def do_step(work: Work, step: Document) -> None:
    """One step: done, unchanged or failed. Raises what stops the run as a whole, or has it called again."""
    work.ctx.check_alive()
    if work.ctx.cancel_requested:
        raise RunCanceled
    try:
        if step["action"] == Action.DELETE:
            _delete(work, step)
        else:
            _apply(work, step)
    except StillThere as waiting:
        started = step["started_at"]
        if started is not None and (now() - started).total_seconds() > GONE_WITHIN_S:
            _fail(work, step, waiting)
            return
        if step["state"] != "running":
            work.record.step(step["index"], "running")
        raise
    except Unavailable:
        raise
    except KubeOrchError as error:
        _fail(work, step, error)


def _fail(work: Work, step: Document, error: KubeOrchError) -> None:
    told: Document = {"code": error.code, "detail": error.detail}
    if isinstance(error, FieldConflict):
        told["owners"] = [{"manager": manager, "paths": paths} for manager, paths in error.owners]
    work.record.step(step["index"], "failed", error=told)
    work.record.log("error", error.detail, step["node_id"])


def _apply(work: Work, step: Document) -> None:
    ref = ref_from_json(step["ref"])
    item = work.drawn[ref]
    row = work.owned.get(ref)
    live = _live(work, ref)
    content = manifest_hash(item.manifest)
    values = _values(work, item)
    if live is not None and row is not None and _is_unchanged(row, live, content) and not values.fresh:
        work.record.step(step["index"], "unchanged", uid=row["uid"])
        return
    work.record.step(step["index"], "running")
    known_uid = row["uid"] if row else None
    after, replaced = _sent(work, item, live, known_uid)
    hit("run.after_patch")
    if values.wanted:
        after = _apply_values(work, item, after, values)
    standing = standing_of(after)
    work.record.inventory(
        ref,
        {
            "uid": standing.uid,
            "hash": content,
            "fingerprint": standing.fingerprint,
            "resource_version": standing.resource_version,
            "generation": standing.generation,
            "state": "applied",
            "applied_at": now(),
            "run_id": work.run["_id"],
            **({"secret_keys": list(values.wanted)} if values.wanted else {}),
        },
    )
    action = Action.REPLACE.value if replaced or step["action"] == Action.REPLACE else Action.APPLY.value
    work.record.step(step["index"], "done", uid=standing.uid, action=action)
    work.record.log("info", f"{'replaced' if replaced else 'applied'} {ref.kind} {ref.name}", item.node_id)


def _sent(work: Work, item: Rendered, live: Manifest | None, known_uid: str | None) -> tuple[Manifest, bool]:
    """Apply the manifest. A kind that an earlier step of this run defines may take a moment to be served."""
    give_up_after = 50 if work.defines_kinds else 0
    while True:
        try:
            return apply_object(
                work.client,
                item.ref,
                item.manifest,
                live,
                environment_id=str(work.run["environment_id"]),
                known_uid=known_uid,
                take_over=_takes_over(work),
                guard=work.guard,
            )
        except (UnknownKind, ApiNotFound):
            if give_up_after == 0:
                raise
            give_up_after -= 1
            threading.Event().wait(0.1)
            work.ctx.check_lease()


def _takes_over(work: Work) -> bool:
    return bool(run_store.options_of(work.run)["take_over"])


def _is_unchanged(row: Document, live: Manifest, content: str) -> bool:
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
    """Whether values came in, or keys changed, since they were last applied."""


def _values(work: Work, item: Rendered) -> _Values:
    wanted = work.keys.get(item.node_id, ()) if item.ref.kind == "Secret" else ()
    if not wanted:
        return _Values((), {}, False)
    row = work.owned.get(item.ref) or {}
    known = {key: value for key, value in work.values.get(item.node_id, {}).items() if key in wanted}
    changed = set(row.get("secret_keys") or ()) != set(wanted)
    applied_at = row.get("applied_at")
    given_at = work.values_changed_at.get(item.node_id)
    newer = bool(known) and (applied_at is None or given_at is None or given_at >= applied_at)
    return _Values(wanted, known, fresh=newer or changed)


def _apply_values(work: Work, item: Rendered, after: Manifest, values: _Values) -> Manifest:
    """Join the values; keys without one keep what the cluster holds. Raises SecretValueMissing naming the keys."""
    present = dict(after.get("data") or {})
    if len(present) < len(values.wanted) or set(values.wanted) - set(present):
        present = secret_data(work.client, item.ref)
    data = {key: values.known.get(key, present.get(key)) for key in values.wanted}
    missing = [key for key, value in data.items() if value is None]
    if missing:
        raise SecretValueMissing(
            f"the Secret {item.ref.name} has no value for {', '.join(missing)}; give it with a run"
        )
    if not values.fresh and data == present:
        return after
    clear = {key: value for key, value in data.items() if value is not None}
    return apply_secret_values(
        work.client,
        item.ref,
        clear,
        uid=after["metadata"]["uid"],
        take_over=_takes_over(work),
        guard=work.guard,
    )


def _delete(work: Work, step: Document) -> None:
    ref = ref_from_json(step["ref"])
    row = work.owned.get(ref)
    if row is None:
        work.record.step(step["index"], "done")
        return
    work.record.step(step["index"], "running")
    uid = row["uid"] or _uid_of_ours(work, ref)
    if uid is not None:
        claims = _claims_of(work, ref) if work.run["options"]["delete_volumes"] else []
        work.record.inventory(ref, {"state": "deleting"})
        delete_object(work.client, ref, uid, guard=work.guard)
        for claim, claim_uid in claims:
            delete_object(work.client, claim, claim_uid, guard=work.guard)
    work.record.gone(ref)
    work.record.step(step["index"], "done")
    work.record.log("info", f"deleted {ref.kind} {ref.name}", step["node_id"])


def _uid_of_ours(work: Work, ref: Ref) -> str | None:
    """The uid of an object whose apply was never recorded; None when it is not there, or not ours."""
    try:
        live = work.client.get(ref, metadata_only=True)
    except UnknownKind:
        return None
    labels = (live or {}).get("metadata", {}).get("labels") or {}
    if live is None or labels.get(ENVIRONMENT_LABEL) != str(work.run["environment_id"]):
        return None
    uid: str = live["metadata"]["uid"]
    return uid


def _claims_of(work: Work, ref: Ref) -> list[tuple[Ref, str]]:
    """The claims a StatefulSet made from its templates: `<template>-<set>-<ordinal>`."""
    if ref.kind != "StatefulSet":
        return []
    live = work.client.get(ref)
    templates = ((live or {}).get("spec") or {}).get("volumeClaimTemplates") or ()
    prefixes = [f"{template['metadata']['name']}-{ref.name}-" for template in templates]
    items, _ = work.client.list("v1", "PersistentVolumeClaim", namespace=ref.namespace, metadata_only=True)
    return [
        (Ref("v1", "PersistentVolumeClaim", ref.namespace, item["metadata"]["name"]), item["metadata"]["uid"])
        for item in items
        for prefix in prefixes
        if item["metadata"]["name"].startswith(prefix) and item["metadata"]["name"][len(prefix) :].isdigit()
    ]


# Looking before writing


def ensure_namespace(work: Work) -> None:
    """Create the namespace, labelled as ours, unless it exists. Credentials for one namespace may not ask: go on."""
    name = work.run["namespace"]
    ref = Ref("v1", "Namespace", "", name)
    try:
        live = work.client.get(ref)
    except ApiForbidden:
        live = None
    if live is not None:
        if (live.get("status") or {}).get("phase") == "Terminating":
            raise Unavailable(
                f"the namespace {name} is being deleted; it must be gone first", code="namespace.terminating"
            )
        return
    labels = {MANAGED_BY_LABEL: MANAGED_BY, ENVIRONMENT_LABEL: str(work.run["environment_id"])}
    manifest: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    try:
        work.client.apply(manifest, guard=work.guard)
        work.record.log("info", f"created Namespace {name}")
    except ApiForbidden:
        work.record.log("warning", f"the namespace {name} cannot be created or seen with these credentials; going on")


def look(work: Work, pool: ThreadPoolExecutor, refs: Sequence[Ref]) -> None:
    """List the metadata of every kind that is about to be applied, all kinds at once."""

    def listed(kind: tuple[str, str]) -> dict[str, Manifest] | None:
        try:
            items, _ = work.client.list(*kind, namespace=work.run["namespace"], metadata_only=True)
        except ApiForbidden:
            return None
        except (UnknownKind, ApiNotFound):
            return {}
        return {item["metadata"]["name"]: item for item in items}

    kinds = sorted({(ref.api_version, ref.kind) for ref in refs if ref.namespace})
    work.seen.update(zip(kinds, pool.map(listed, kinds), strict=True))


def _live(work: Work, ref: Ref) -> Manifest | None:
    """The object's metadata as listed, or asked for alone when its kind was not."""
    listed = work.seen.get((ref.api_version, ref.kind)) if ref.namespace == work.run["namespace"] else None
    if listed is not None:
        return listed.get(ref.name)
    try:
        return work.client.get(ref, metadata_only=True)
    except UnknownKind:
        if not work.defines_kinds:
            raise
        return None
