"""One step that deletes: the very object that is ours, and with a set its claims when that was asked for."""

from __future__ import annotations

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Ref, ref_from_json
from clusters.kube.apply import delete_object
from clusters.kube.errors import UnknownKind
from workflows.domain.rendering.data import leaves_its_data
from workflows.runs.context import RunContext
from workflows.runs.states import StepState
from workflows.runs.step_store import RunStep


def delete(context: RunContext, step: RunStep) -> None:
    ref = ref_from_json(step["ref"])
    row = context.owned.get(ref)
    if row is None:
        context.record.step(step["index"], StepState.DONE)
        return
    context.begin(step)
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
