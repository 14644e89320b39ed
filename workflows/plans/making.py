"""A plan: every object of a version tried in the environment's cluster, and what the run would delete and keep.

Nothing is written to the cluster. A refusal of one object is a result of that object; a cluster that stops answering
ends the whole, since half a plan says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from clusters.connections import asking, client_for
from clusters.domain.labels import ENVIRONMENT_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.kube.apply import is_secret
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden
from kubeorch.base.errors import Unavailable
from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.planning.basis import Basis, Outcome
from workflows.domain.planning.classify import local_changes
from workflows.domain.planning.effects import Effect, PlannedObject
from workflows.domain.rendering.plan import Action, Step
from workflows.domain.rendering.plan import Plan as StepPlan
from workflows.domain.rendering.render import Rendered
from workflows.domain.rendering.secrets import secret_keys
from workflows.domain.run_options import RunOptions
from workflows.environments.inventory_store import owned_objects
from workflows.environments.store import Environment
from workflows.plans.context import PlanContext
from workflows.plans.looking import read_whole
from workflows.plans.trying import Judged, try_item
from workflows.runs.deletions import rendered_in
from workflows.runs.permission import cluster_scope, require_cluster, require_reach
from workflows.runs.planning import plan_steps

AT_ONCE = 8
"""Requests in flight, as a run has."""
TOTAL_S = 25.0
"""For all of a plan; a person waits for it."""


class PlanTookTooLong(Unavailable):
    """The cluster answers, but too slowly for so many objects."""

    code = "plan.timeout"

    def __init__(self) -> None:
        super().__init__(
            f"the plan was not done within {TOTAL_S:.0f} s, since the cluster answers slowly; nothing was changed. "
            "Try again when it is less busy"
        )


@dataclass(frozen=True, slots=True)
class Made:
    """What a plan says, and what it rests on, in the order of the run."""

    judged: tuple[Judged, ...]
    deletions: tuple[Ref, ...]


def make(environment: Environment, graph: Graph, options: RunOptions) -> Made:
    """Try a graph in an environment. Raises ClusterWithdrawn, ReachesTooFar, InvalidInput when the graph cannot be
    rendered, ClusterBusy, and Unavailable when the cluster does not answer in time.
    """
    require_cluster(environment["team_id"], environment["cluster_id"])
    with asking(environment["cluster_id"], environment["team_id"]):
        client = client_for(environment["cluster_id"]).while_alive(_until(time.monotonic() + TOTAL_S))
        return _make(client, environment, graph, options)


def _make(client: KubeClient, environment: Environment, graph: Graph, options: RunOptions) -> Made:
    items = rendered_in(environment, environment["workflow_id"], graph, cluster_scope(client))
    require_reach(environment, items, cluster_scope(client))
    owned = {ref_from_json(row["ref"]): row for row in owned_objects([environment["_id"]])}
    rendered = {item.ref: item for item in items}
    context = PlanContext(client, environment, options, rendered, secret_keys(graph, catalog()), owned)
    context.load_secrets()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="plan") as pool:
        namespace = _namespace(context)
        context.new_namespaces = frozenset([*(one.planned.ref.name for one in namespace), *_drawn_namespaces(items)])
        steps, _ = plan_steps(
            client, items, owned, context.environment_id, delete_volumes=options.delete_volumes
        )
        live = read_whole(client, pool, [step.ref for step in steps.steps])
        context.new_namespaces -= {ref.name for ref, there in live.items() if ref.kind == "Namespace" and there}
        context.new_kinds = _drawn_kinds(item for item in items if live[item.ref] is None)
        tried = _try_all(context, pool, items, live)
    judged = [tried[step.ref] if step.ref in tried else _leaving(context, step, live[step.ref]) for step in steps.steps]
    return Made((*namespace, *judged), _deletions(steps))


def _try_all(
    context: PlanContext, pool: ThreadPoolExecutor, items: Sequence[Rendered], live: Mapping[Ref, Manifest | None]
) -> dict[Ref, Judged]:
    """Secrets first: digests of their values stand in the pods that read them."""
    first = [item for item in items if is_secret(item.ref)]
    found: dict[Ref, Judged] = {}
    for turn in (first, [item for item in items if not is_secret(item.ref)]):
        results = pool.map(partial(_try_one, context, live), turn)
        found.update(zip((item.ref for item in turn), results, strict=True))
    return found


def _try_one(context: PlanContext, live: Mapping[Ref, Manifest | None], item: Rendered) -> Judged:
    return try_item(context, item, live[item.ref])


def _leaving(context: PlanContext, step: Step, live: Manifest | None) -> Judged:
    """An object that is owned and not drawn any more."""
    uid = "" if live is None else str(live["metadata"]["uid"])
    version = "" if live is None else str(live["metadata"].get("resourceVersion") or "")
    basis = Basis(uid, version)
    if step.action is Action.KEEP:
        planned = PlannedObject(step.ref, step.node_id, Effect.KEEP, reason=step.reason)
        return Judged(planned, Outcome(Effect.KEEP, "", uid), basis)
    if live is None:
        planned = PlannedObject(step.ref, step.node_id, Effect.DELETE, reason="it is gone already")
        return Judged(planned, Outcome(Effect.DELETE, "object.not_found"), basis)
    labels = live["metadata"].get("labels") or {}
    is_ours = uid == step.uid if step.uid else labels.get(ENVIRONMENT_LABEL) == context.environment_id
    if not is_ours:
        reason = "another object has its name, and stays"
        return Judged(PlannedObject(step.ref, step.node_id, Effect.KEEP, reason=reason), Outcome(Effect.KEEP), basis)
    return Judged(PlannedObject(step.ref, step.node_id, Effect.DELETE), Outcome(Effect.DELETE, "", uid), basis)


def _namespace(context: PlanContext) -> list[Judged]:
    """The environment's namespace, where the run would make it first."""
    name = context.environment["namespace"]
    ref = Ref("v1", "Namespace", "", name)
    if ref in context.rendered:
        return []
    try:
        live = context.client.get(ref)
    except ApiForbidden:
        return []  # the run goes on without, too
    if live is not None:
        if (live.get("status") or {}).get("phase") == "Terminating":
            raise Unavailable(
                f"the namespace {name} is being deleted; plan again once it is gone", code="namespace.terminating"
            )
        return []
    labels = {MANAGED_BY_LABEL: MANAGED_BY, ENVIRONMENT_LABEL: context.environment_id}
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    fields, counts = local_changes(None, manifest)
    reason = "the environment's namespace is not there, and the run makes it first"
    planned = PlannedObject(ref, None, Effect.CREATE, "at_apply", reason, fields=fields, counts=counts)
    return [Judged(planned, Outcome(Effect.CREATE))]


def _drawn_namespaces(items: Iterable[Rendered]) -> list[str]:
    return [item.ref.name for item in items if (item.ref.group, item.ref.kind) == ("", "Namespace")]


def _drawn_kinds(items: Iterable[Rendered]) -> frozenset[tuple[str, str]]:
    specs = [item.manifest.get("spec") or {} for item in items if item.ref.kind == "CustomResourceDefinition"]
    return frozenset((str(spec.get("group")), str((spec.get("names") or {}).get("kind"))) for spec in specs)


def _deletions(steps: StepPlan) -> tuple[Ref, ...]:
    return tuple(step.ref for step in steps.deletions)


def _until(end: float) -> Callable[[], None]:
    def check() -> None:
        if time.monotonic() > end:
            raise PlanTookTooLong

    return check
