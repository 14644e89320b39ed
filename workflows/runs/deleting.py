"""One step that deletes: the very object that is ours, and with a set its claims when that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Ref, ref_from_json
from clusters.kube.apply import StillThere, delete_object, served
from kubeorch.base.failpoint import hit
from workflows.domain.rendering.data import leaves_its_data
from workflows.environments.inventory_store import InventoryRow, OwnedClaim
from workflows.runs.context import RunContext
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
    if row["uid"] is None and (there is None or _uid_of_ours(context, there) is None):
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
    """Delete the object, and its claims where data goes too.

    The claims are written down before their set is deleted, since only the set tells which they are: whoever
    carries on after a kill, or in the next run, still knows them.
    """
    uid = row["uid"] or _uid_of_ours(context, there)
    claims = _claims(context, there, row) if context.options.delete_volumes else []
    if uid is not None:
        context.record.inventory(ref, {"state": "deleting", "claims": claims} if claims else {"state": "deleting"})
        if claims:
            context.record.flush()
        delete_object(context.client, there, uid, guard=context.guard)
        hit("run.after_set_deleted")
    _delete_claims(context, ref.namespace, claims)


def _delete_claims(context: RunContext, namespace: str, claims: Sequence[OwnedClaim]) -> None:
    """Ask for the deletion of all, and then wait for those that are not gone at once."""
    waiting: StillThere | None = None
    for claim in claims:
        try:
            claim_ref = Ref("v1", "PersistentVolumeClaim", namespace, claim["name"])
            delete_object(context.client, claim_ref, claim["uid"], guard=context.guard)
        except StillThere as still:
            waiting = waiting or still
    if waiting is not None:
        raise waiting


def _uid_of_ours(context: RunContext, ref: Ref) -> str | None:
    """The uid of an object whose apply was never recorded; None when it is not there, or not ours."""
    live = context.client.get(ref, metadata_only=True)
    labels = (live or {}).get("metadata", {}).get("labels") or {}
    if live is None or labels.get(ENVIRONMENT_LABEL) != str(context.run["environment_id"]):
        return None
    uid: str = live["metadata"]["uid"]
    return uid


def _claims(context: RunContext, ref: Ref, row: InventoryRow) -> list[OwnedClaim]:
    """The claims of a StatefulSet: as written down before it was deleted, and those that it has now."""
    if not leaves_its_data(ref.kind):
        return []
    known = {claim["uid"]: claim for claim in row.get("claims", [])}
    live = context.client.get(ref)
    if live is not None and live["metadata"]["uid"] == row["uid"]:
        known.update({claim["uid"]: claim for claim in _claims_of(context, ref, live["spec"])})
    return list(known.values())


def _claims_of(context: RunContext, ref: Ref, spec: dict[str, Any]) -> list[OwnedClaim]:
    """The claims it made from its templates: `<template>-<set>-<ordinal>`, with the labels its selector asks for."""
    prefixes = tuple(
        f"{template['metadata']['name']}-{ref.name}-" for template in spec.get("volumeClaimTemplates") or ()
    )
    if not prefixes:
        return []
    wanted = ((spec.get("selector") or {}).get("matchLabels") or {}).items()
    items, _ = context.client.list("v1", "PersistentVolumeClaim", namespace=ref.namespace, metadata_only=True)
    found: list[OwnedClaim] = []
    for metadata in (item["metadata"] for item in items):
        name = metadata["name"]
        is_made = any(name.startswith(prefix) and name[len(prefix) :].isdigit() for prefix in prefixes)
        if is_made and wanted <= (metadata.get("labels") or {}).items():
            found.append({"name": name, "uid": metadata["uid"]})
    return found
