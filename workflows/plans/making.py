"""A plan: every object of a version tried in the environment's cluster, and what the run would delete and keep.

Nothing is written to the cluster. A refusal of one object is a result of that object; a cluster that stops answering
ends the whole, since half a plan says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import orjson

from clusters.connections import asking
from clusters.domain.labels import ENVIRONMENT_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.domain.ownership.returning import marks_of
from clusters.kube.apply import is_secret
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ClusterUnavailable
from kubeorch.base.clock import iso
from kubeorch.base.digests import content_digest
from kubeorch.base.errors import Unavailable
from workflows.domain.planning.basis import Basis, Outcome
from workflows.domain.planning.classify import local_changes
from workflows.domain.planning.effects import Effect, FieldChange, PlannedObject
from workflows.domain.rendering.budget import Deletions, Placed, budget_of, renames
from workflows.domain.rendering.plan import Action, Step
from workflows.domain.rendering.render import Rendered
from workflows.domain.run_options import RunOptions
from workflows.environments.acting import client_of
from workflows.environments.inventory_store import owned_objects, owners_by_uid
from workflows.environments.store import Environment
from workflows.plans.context import PlanContext
from workflows.plans.impacts import Around, Impacts
from workflows.plans.looking import read_whole
from workflows.plans.schemas import Schemas, schemas_of
from workflows.plans.sources import Source
from workflows.plans.staying import values_that_stay
from workflows.plans.surroundings import LATELY_S, Surroundings, ask, with_pod_security
from workflows.plans.trying import Judged, is_settled, try_item
from workflows.runs.drawn import Drawn
from workflows.runs.guests import check_namespaces
from workflows.runs.permission import cluster_scope, require_cluster, require_reach
from workflows.runs.planning import plan_steps

AT_ONCE = 8
"""Requests in flight, as a run has."""
TOTAL_S = 25.0
"""For all of a plan; a person waits for it."""
TRIES_S = 18.0
"""After it no further object is tried. Those that are left are decided when they are applied, and the plan says so."""


class PlanTookTooLong(Unavailable):
    """The cluster answers, but too slowly for so many objects."""

    code = "plan.timeout"

    def __init__(self) -> None:
        super().__init__(
            f"the plan was not done within {TOTAL_S:.0f} s, since the cluster answers slowly; nothing was changed. "
            "Try again when it is less busy"
        )


class ClusterFailed(Unavailable):
    """The cluster ended the plan; what it said, under its code."""

    def __init__(self, error: ClusterUnavailable) -> None:
        said = error.detail.rstrip(".")
        super().__init__(
            f"{said}; no plan was made, and nothing was changed. Make it again once the cluster answers",
            code=error.code,
            retry_after_s=error.retry_after_s,
        )


class NamespaceTerminating(Unavailable):
    """What is in a namespace that is being deleted goes with it."""

    code = "namespace.terminating"

    def __init__(self, name: str) -> None:
        super().__init__(f"the namespace {name} is being deleted; nothing was changed. Plan again once it is gone")


@dataclass(frozen=True, slots=True)
class Made:
    """What a plan says, and what it rests on, in the order of the run."""

    judged: tuple[Judged, ...]
    deletions: tuple[Ref, ...]
    counted: Deletions
    secrets: str
    """Digest of when values of Secrets were stored."""
    schemas: Schemas
    """Of the custom kinds among what is drawn."""
    surroundings: Surroundings | None
    """What else the trials rest on; None where nothing had to be tried."""


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

    def ask_around(self, client: KubeClient, pool: Executor, *, age_s: float = 0.0) -> Callable[[], Surroundings]:
        """Begin to ask what else the trials rest on; the call waits for it, and raises API errors."""
        namespaces = {item.ref.namespace for item in self.items} - {""}
        asked = ask(client, pool, namespaces - self.context.new_namespaces, age_s=age_s)
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


def make(environment: Environment, source: Source, options: RunOptions) -> Made:
    """Try what a plan applies in an environment.

    Raises ClusterWithdrawn, ReachesTooFar, NamespaceOfOwner, GraphInvalid, ClusterBusy, and Unavailable when the
    cluster does not answer in time.
    """
    try:
        return _make(environment, source, options)
    except ClusterUnavailable as error:
        raise ClusterFailed(error) from error


def _make(environment: Environment, source: Source, options: RunOptions) -> Made:
    require_cluster(environment["team_id"], environment["cluster_id"])
    drawn = source.check(environment)
    with asking(environment["cluster_id"], environment["team_id"]):
        began = time.monotonic()
        client = client_of(environment).while_alive(until(began + TOTAL_S))
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="plan") as pool:
            ready = prepare(client, pool, environment, source, options, drawn)
            ready.context.tries_until = began + TRIES_S
            around = Around(client, pool, environment["namespace"])
            ready.context.will_change = around.ask
            live = read_whole(client, pool, [step.ref for step in ready.steps])
            ready.find_new(live)
            impacts = Impacts(around, ready.items)
            tries = any(not is_settled(ready.context, item, live[item.ref]) for item in ready.items)
            surroundings = ready.ask_around(client, pool, age_s=LATELY_S) if tries else None
            if ready.is_known_to_change():
                around.ask()  # before the trials, so that the answers are there as these end
            tried = _try_all(ready.context, pool, ready.items, live, impacts.added_to)
            judged = [
                tried[step.ref] if step.ref in tried else impacts.added_to(leaving(ready.context, step, live[step.ref]))
                for step in ready.steps
            ]
            rests_on = surroundings() if surroundings else None
    first = [] if ready.namespace is None else [ready.namespace]
    deletions = tuple(step.ref for step in ready.steps if step.action is Action.DELETE)
    counted = Deletions(len(deletions), budget_of(environment).of(len(ready.context.owned)))
    meanings = {**values_that_stay(ready.context, source), **ready.renamed}
    shown = (with_meaning(one, meanings) for one in judged)
    return Made((*first, *shown), deletions, counted, ready.secrets, ready.schemas, rests_on)


def prepare(
    client: KubeClient,
    pool: Executor,
    environment: Environment,
    source: Source,
    options: RunOptions,
    drawn: Drawn | None = None,
) -> Prepared:
    """Render, unless that is done, and order. Raises as `make` does."""
    scope = cluster_scope(client)
    drawn = drawn or source.drawn(environment, scope)
    items = drawn.items
    require_reach(environment, items, scope)
    check_namespaces(environment, [item.ref for item in items], client)
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
    steps, _ = plan_steps(client, items, owned, context.environment_id, delete_volumes=options.delete_volumes)
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


def with_meaning(judged: Judged, meanings: Mapping[Ref, str]) -> Judged:
    """The same, with what a rename or a rollback means before any other reason."""
    meaning = meanings.get(judged.planned.ref)
    if meaning is None:
        return judged
    reason = f"{meaning}; {judged.planned.reason}" if judged.planned.reason else meaning
    return replace(judged, planned=replace(judged.planned, reason=reason))


def _try_all(
    context: PlanContext,
    pool: ThreadPoolExecutor,
    items: Sequence[Rendered],
    live: Mapping[Ref, Manifest | None],
    with_impact: Callable[[Judged], Judged],
) -> dict[Ref, Judged]:
    """Secrets first: digests of their values stand in the pods that read them. What stays as it is is judged here, and
    impacts are found, while the API server tries the others."""
    first = [item for item in items if is_secret(item.ref)]
    found: dict[Ref, Judged] = {}
    others = [item for item in items if not is_secret(item.ref)]
    # What is known to change is asked of the cluster: first, so that it works while the rest is compared here.
    others.sort(key=lambda item: not context.is_drawn_anew(item))
    for turn in (first, others):
        asked: dict[Ref, Future[Judged]] = {}
        here: list[Rendered] = []
        for item in turn:
            if is_settled(context, item, live[item.ref]):
                here.append(item)
            else:
                asked[item.ref] = pool.submit(try_item, context, item, live[item.ref])
        for item in here:
            found[item.ref] = with_impact(try_item(context, item, live[item.ref]))
        found.update((ref, with_impact(judged.result())) for ref, judged in asked.items())
    return found


def leaving(context: PlanContext, step: Step, live: Manifest | None) -> Judged:
    """An object that is owned and not drawn any more."""
    uid = "" if live is None else str(live["metadata"]["uid"])
    version = "" if live is None else str(live["metadata"].get("resourceVersion") or "")
    effect, reason, code = Effect.DELETE, "", ""
    fields: tuple[FieldChange, ...] = ()
    if step.action is Action.KEEP:
        effect, reason = Effect.KEEP, step.reason
    elif live is None:
        reason, code = "it is gone already", "object.not_found"
    else:
        labels = live["metadata"].get("labels") or {}
        is_ours = uid == step.uid if step.uid else labels.get(ENVIRONMENT_LABEL) == context.environment_id
        if not is_ours:
            effect, reason, code = Effect.KEEP, "another object has its name, and stays", "object.foreign"
        elif step.action is Action.GIVE_BACK:
            effect, reason, fields = Effect.GIVE_BACK, step.reason, _marks(live)
    counts = {"acts": 0, "bookkeeping": len(fields), "untouched": 0}
    planned = PlannedObject(step.ref, step.node_id, effect, reason=reason, fields=fields, counts=counts)
    before = live if effect is Effect.DELETE and not is_secret(step.ref) else None
    return Judged(planned, Outcome(effect, code, uid), Basis(uid, version), step.action.value, before=before)


def _marks(live: Manifest) -> tuple[FieldChange, ...]:
    """What goes of an object that is given back."""
    return tuple(
        FieldChange(f"metadata.{part}[{key}]", value, None, "bookkeeping") for part, key, value in marks_of(live)
    )


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


def until(end: float) -> Callable[[], None]:
    def check() -> None:
        if time.monotonic() > end:
            raise PlanTookTooLong

    return check
