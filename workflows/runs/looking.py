"""What a run sees of its namespace and of the objects that are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from clusters.domain.labels import ENVIRONMENT_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from clusters.domain.objects import Manifest, Ref
from clusters.kube.apply import ForeignObject
from clusters.kube.errors import ApiConflict, ApiForbidden, UnknownKind
from clusters.kube.replacing import create_object
from kubeorch.base.errors import NotFound, Unavailable
from workflows import store as workflow_store
from workflows.environments import namespace_store, standing_store
from workflows.environments import store as environment_store
from workflows.runs.context import RunContext
from workflows.runs.guests import NamespaceOfOwner, check_namespace, must_have_made
from workflows.runs.run import Run


def ensure_namespace(context: RunContext) -> bool:
    """Create the namespace, labelled as ours, unless it exists; whether it was created.

    Credentials that are limited to one namespace may neither read nor create it: then the run goes on without.
    """
    name = context.run["namespace"]
    try:
        live = context.looks.namespace(context.client)
    except ApiForbidden:
        if must_have_made(context.run):
            raise NamespaceOfOwner(name) from None
        live = None
    if live is not None:
        check_namespace(context.run, name, lambda: live)
        if (live.get("status") or {}).get("phase") == "Terminating":
            raise Unavailable(
                f"the namespace {name} is being deleted; the run goes on once it is gone", code="namespace.terminating"
            )
        return False
    labels = {MANAGED_BY_LABEL: MANAGED_BY, ENVIRONMENT_LABEL: str(context.run["environment_id"])}
    manifest: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    try:
        made = create_object(context.client, manifest, guard=context.guard)
    except ApiConflict:
        if must_have_made(context.run):
            raise NamespaceOfOwner(name) from None
        return False  # somebody else has created it since; it is theirs, and as good
    except ApiForbidden:
        context.record.log(
            "warning", f"these credentials can neither get nor create the namespace {name}; the run continues"
        )
        return False
    run = context.run
    is_noted = namespace_store.note_made(run["cluster_id"], name, run["team_id"], str(made["metadata"]["uid"]))
    if not is_noted and must_have_made(run):
        raise NamespaceOfOwner(name)  # its owner has named it since
    standing_store.note_namespace(run["environment_id"], run["cluster_id"], name)
    context.record.log("info", f"created Namespace {name}")
    return True


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


def whose(run: Run, foreign: ForeignObject) -> str:
    """The sentence about an object that is not ours; it names the environment where that is one of the run's team."""
    owner = _environment_named(run, foreign.owner)
    if owner is None:
        return foreign.detail
    return (
        f"{foreign.ref.kind} {foreign.ref.name} exists and belongs to {owner}; it was not touched. Rename the node, or "
        "remove it from that workflow and run it there first"
    )


def who_has_it(run: Mapping[str, Any], owner: str | None) -> str:
    """The environment that has an object; by name where it is one of the run's team."""
    return _environment_named(run, owner) or "another environment"


def _environment_named(run: Mapping[str, Any], environment_id: str | None) -> str | None:
    if environment_id is None or not ObjectId.is_valid(environment_id):
        return None
    try:
        owner = environment_store.find(ObjectId(environment_id), {"team_id": run["team_id"]})
        workflow = workflow_store.find(owner["workflow_id"], {"team_id": run["team_id"]}, projection={"name": 1})
    except NotFound:
        return None
    return f"the environment {owner['name']} of the workflow {workflow['name']}"
