"""What a run looks at before its first write: its namespace, and the objects that are there."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from clusters.domain.labels import ENVIRONMENT_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from clusters.domain.objects import Manifest, Ref
from clusters.kube.apply import create_object
from clusters.kube.errors import ApiConflict, ApiForbidden, ApiNotFound, UnknownKind
from kubeorch.base.errors import Unavailable
from workflows.runs.context import RunContext


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
        create_object(context.client, manifest, guard=context.guard)
        context.record.log("info", f"created Namespace {name}")
    except ApiConflict:
        return  # somebody else has created it since; it is theirs, and as good
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


def live_of(context: RunContext, ref: Ref) -> Manifest | None:
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
