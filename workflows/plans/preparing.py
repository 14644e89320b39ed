"""What a run would do by drawing and inventory, and the namespaces that it goes into, before any object is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from clusters.domain.labels import ENVIRONMENT_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden
from clusters.shares import Standing
from kubeorch.base.clock import iso
from kubeorch.base.digests import content_digest
from kubeorch.base.errors import Unavailable
from workflows.domain.planning.basis import Outcome
from workflows.domain.planning.classify import local_changes
from workflows.domain.planning.effects import Effect, PlannedObject
from workflows.domain.rendering.budget import Placed, renames
from workflows.domain.rendering.plan import Action, Step
from workflows.domain.rendering.render import Rendered
from workflows.domain.run_options import RunOptions
from workflows.environments.inventory_store import owned_objects, owners_by_uid
from workflows.environments.store import Environment
from workflows.plans.context import PlanContext
from workflows.plans.judged import Judged
from workflows.plans.schemas import Schemas, schemas_of
from workflows.plans.sources import Source
from workflows.plans.surroundings import Around, ask, with_pod_security
from workflows.runs.drawn import Drawn
from workflows.runs.guests import check_namespaces
from workflows.runs.holding import FOR_A_PLAN
from workflows.runs.permission import cluster_scope, require_reach
from workflows.runs.planning import plan_steps


class NamespaceTerminating(Unavailable):
    """What is in a namespace that is being deleted goes with it."""

    code = "namespace.terminating"

    def __init__(self, name: str) -> None:
        super().__init__(f"the namespace {name} is being deleted; nothing was changed. Plan again once it is gone")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run would do by drawing and inventory, before any object is tried."""

    context: PlanContext
    items: Sequence[Rendered]
    steps: tuple[Step, ...]
    found_namespace: Future[Judged | None]
    found_schemas: Future[Schemas]
    secrets: str
    renamed: Mapping[Ref, str]
    """What a rename means, by the refs of the new and the old object."""

    @property
    def namespace(self) -> Judged | None:
        """The environment's namespace, where the run would make it first. Raises Unavailable while it is deleted."""
        return self.found_namespace.result()

    @property
    def schemas(self) -> Schemas:
        """Of the custom kinds among what is drawn. Raises API errors."""
        return self.found_schemas.result()

    def ask_around(self, client: KubeClient, pool: Executor, *, age_s: float = 0.0) -> Callable[[], Around]:
        """Begin to ask what else the trials rest on; the call waits for it, and raises API errors."""
        namespaces = {item.ref.namespace for item in self.items} - {""}
        kinds = {(item.ref.group, item.ref.kind) for item in self.items}
        asked = ask(client, pool, namespaces - self.context.new_namespaces, kinds, age_s=age_s)
        return lambda: with_pod_security(asked(), self.context.namespaces)

    def is_known_to_change(self) -> bool:
        """Whether drawing and inventory show that something that is there changes or goes."""
        if any(step.action is Action.DELETE for step in self.steps):
            return True
        return any(item.ref in self.context.owned and self.context.is_drawn_anew(item) for item in self.items)

    def find_new(self, live: Mapping[Ref, Manifest | None]) -> None:
        """Note which namespaces and kinds come with the plan, so that what is in them cannot be tried before."""
        new = [item for item in self.items if is_going(live[item.ref])]
        namespace = self.namespace
        first = [] if namespace is None else [namespace.planned.ref.name]
        self.context.new_namespaces = frozenset([*first, *_drawn_namespaces(new)])
        self.context.new_kinds = _drawn_kinds(new)
        self._note_drawn_namespaces(live)

    def _note_drawn_namespaces(self, live: Mapping[Ref, Manifest | None]) -> None:
        """Keep what others have written on drawn namespaces that objects go into: what the drawing itself sets is
        judged with the Namespace."""
        inside = {item.ref.namespace for item in self.items}
        for item in self.items:
            found = live[item.ref]
            is_one = (item.ref.group, item.ref.kind) == ("", "Namespace") and item.ref.name in inside
            if is_one and found is not None and not is_going(found):
                self.context.namespaces[item.ref.name] = {**found, "metadata": _others_of(found, item.manifest)}


def prepare(
    client: KubeClient,
    pool: Executor,
    environment: Environment,
    source: Source,
    options: RunOptions,
    drawn: Drawn | None = None,
    standing: Standing | None = None,
) -> Prepared:
    """Render, unless that is done, and order. `standing` is what the team may do there, where it was asked for already.

    Raises as `make` does.
    """
    scope = cluster_scope(client)
    drawn = drawn or source.drawn(environment, scope)
    items = drawn.items
    standing = require_reach(environment, items, scope, standing=standing)
    check_namespaces(environment, [item.ref for item in items], client, standing)
    owned = {ref_from_json(row["ref"]): row for row in owned_objects([environment["_id"]])}
    rendered = {item.ref: item for item in items}
    whole = {item.ref: item for item in drawn.whole}
    context = PlanContext(client, environment, options, rendered, whole, drawn.left, drawn.secret_keys, owned)
    context.goes_back = source.release_of is not None
    context.load_secrets()
    if options.adopt:
        context.owned_elsewhere = owners_by_uid(environment["cluster_id"], environment["_id"])
    moments = sorted((node_id, iso(at)) for node_id, at in context.stored_at.items())
    namespace = pool.submit(_namespace, context)
    schemas = pool.submit(schemas_of, client, [item.ref for item in items])
    others = pool.map(partial(_check_namespace, context), _further_namespaces(context))
    steps, _ = plan_steps(
        client, items, owned, context.environment_id, delete_volumes=options.delete_volumes, looking=FOR_A_PLAN
    )
    if not options.adopt and (going := [step.uid for step in (*steps.deletions, *steps.kept) if step.uid]):
        context.owned_elsewhere = owners_by_uid(environment["cluster_id"], environment["_id"], going)
    for _ in others:
        pass  # raises where one is going
    kept = {step.ref for step in steps.kept}
    of_nodes = renames(items, (Placed(ref, row["node_id"]) for ref, row in owned.items()), kept)
    renamed = {ref: one.meaning for one in of_nodes for ref in (one.before, one.after)}
    given = content_digest(orjson.dumps(moments))
    return Prepared(context, items, steps.steps, namespace, schemas, given, renamed)


def is_going(live: Manifest | None) -> bool:
    """Whether it is not there, or being deleted."""
    return live is None or bool(live["metadata"].get("deletionTimestamp"))


def _others_of(live: Manifest, drawn: Manifest) -> dict[str, Any]:
    """Labels and annotations of an object that its drawing does not set, and when it was written."""
    times = {name: live["metadata"].get(name) for name in ("creationTimestamp", "managedFields")}
    return times | {
        part: {
            key: value
            for key, value in (live["metadata"].get(part) or {}).items()
            if key not in (drawn["metadata"].get(part) or {})
        }
        for part in ("labels", "annotations")
    }


def _namespace(context: PlanContext) -> Judged | None:
    """The environment's namespace, where the run would make it first."""
    name = context.environment["namespace"]
    ref = Ref("v1", "Namespace", "", name)
    if ref in context.rendered:
        return None
    try:
        live = context.client.get(ref)
    except ApiForbidden:
        context.namespaces[name] = None
        return None  # the run goes on without, too
    if live is not None:
        context.namespaces[name] = live
        if is_going(live):
            raise NamespaceTerminating(name)
        return None
    labels = {MANAGED_BY_LABEL: MANAGED_BY, ENVIRONMENT_LABEL: context.environment_id}
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    fields, counts = local_changes(None, manifest)
    reason = "the environment's namespace is not there, and the run makes it first"
    planned = PlannedObject(ref, None, Effect.CREATE, "at_apply", reason, fields=fields, counts=counts)
    return Judged(planned, Outcome(Effect.CREATE))


def _further_namespaces(context: PlanContext) -> set[str]:
    """Where objects go that is neither the environment's namespace nor made by the plan."""
    drawn = _drawn_namespaces(context.rendered.values())
    return {ref.namespace for ref in context.rendered} - {"", context.environment["namespace"], *drawn}


def _check_namespace(context: PlanContext, name: str) -> None:
    """Raise NamespaceTerminating."""
    try:
        live = context.client.get(Ref("v1", "Namespace", "", name))
    except ApiForbidden:
        context.namespaces[name] = None
        return
    if live is not None:
        context.namespaces[name] = live
    if live is not None and is_going(live):
        raise NamespaceTerminating(name)


def _drawn_namespaces(items: Iterable[Rendered]) -> list[str]:
    return [item.ref.name for item in items if (item.ref.group, item.ref.kind) == ("", "Namespace")]


def _drawn_kinds(items: Iterable[Rendered]) -> frozenset[tuple[str, str]]:
    specs = [item.manifest.get("spec") or {} for item in items if item.ref.kind == "CustomResourceDefinition"]
    return frozenset((str(spec.get("group")), str((spec.get("names") or {}).get("kind"))) for spec in specs)
