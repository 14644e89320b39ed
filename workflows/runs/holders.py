"""Who has what only one object can have: what goes first when it is ours, and is named when it is not."""

from __future__ import annotations

from collections.abc import Sequence

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Manifest, Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from kubeorch.base.errors import KubeOrchError
from workflows.domain.rendering.exclusive import asked_by, exclusive_of
from workflows.domain.rendering.plan import Plan
from workflows.domain.rendering.render import Rendered
from workflows.environments import questions as environment_questions
from workflows.runs.run import Run

_TAKEN = "already allocated"
"""How an API server refuses a port or an address of a Service that another one has."""


def in_the_way(client: KubeClient, plan: Plan, rendered: Sequence[Rendered]) -> set[Ref]:
    """Objects that the plan deletes and that have something which a drawn object asks for: they have to go first."""
    asked = asked_by([one.manifest for one in rendered])
    found: set[Ref] = set()
    for step in plan.deletions:
        if step.ref.kind not in asked:
            continue
        try:
            live = client.get(step.ref)
        except (ApiForbidden, ApiNotFound, UnknownKind):
            continue
        if live is not None and exclusive_of(live) & asked[step.ref.kind]:
            found.add(step.ref)
    return found


def with_holder(client: KubeClient, run: Run, manifest: Manifest, error: KubeOrchError) -> str:
    """The error's sentence; where another Service has what this one asks for, with its name and what to do."""
    wanted = exclusive_of(manifest)
    if manifest.get("kind") != "Service" or _TAKEN not in error.detail or not wanted:
        return error.detail
    for live in _services(client, run["namespace"]):
        metadata, taken = live["metadata"], exclusive_of({**live, "kind": "Service"}) & wanted
        if not taken or (metadata["namespace"], metadata["name"]) == _name_of(manifest):
            continue
        return f"{error.detail}; {_who(run, live)} has the {min(taken)}: choose another one, or remove it there first"
    return error.detail


def _services(client: KubeClient, namespace: str) -> list[Manifest]:
    for within in (None, namespace):
        try:
            return client.list("v1", "Service", namespace=within)[0]
        except KubeOrchError:
            continue  # the sentence goes without the name
    return []


def _who(run: Run, live: Manifest) -> str:
    """The Service by name, unless it is in a namespace of another team."""
    metadata = live["metadata"]
    namespace, name = metadata["namespace"], metadata["name"]
    if (metadata.get("labels") or {}).get(ENVIRONMENT_LABEL) == str(run["environment_id"]):
        return f"Service {name} of this environment"
    others = set(environment_questions.namespaces_on(run["cluster_id"]))
    others -= set(environment_questions.namespaces_on(run["cluster_id"], run["team_id"]))
    return "a Service of another team" if namespace in others else f"Service {name} in namespace {namespace}"


def _name_of(manifest: Manifest) -> tuple[str, str]:
    return manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]
