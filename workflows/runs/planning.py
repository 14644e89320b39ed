"""From a claimed run to its stored steps: render, compare with the inventory, write down what may come to exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pymongo.client_session import ClientSession

from clusters.domain.judgement import plural
from clusters.domain.objects import Ref, ref_from_json
from clusters.kube.client import KubeClient
from kubeorch.base.failpoint import hit
from kubeorch.jobs.context import JobContext
from kubeorch.jobs.queue import LeaseLost
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows.domain.rendering.claims import claims_made
from workflows.domain.rendering.identity import KindScope, finder
from workflows.domain.rendering.plan import NAMESPACE_STAYS, Action, Plan, make_plan, with_namespace
from workflows.domain.rendering.render import Rendered
from workflows.domain.run_options import RunOptions
from workflows.environments import standing_store
from workflows.environments import store as environment_store
from workflows.environments.inventory_store import (
    Intended,
    InventoryRow,
    owned_objects,
    record_claims,
    record_intended,
)
from workflows.environments.owned import owned_after, owned_of, was_taken_over
from workflows.environments.store import Environment
from workflows.releases import store as release_store
from workflows.runs import claiming, log_store, step_store
from workflows.runs import secret_store as run_secrets
from workflows.runs import store as run_store
from workflows.runs.choosing import check_still_deployed
from workflows.runs.claims import Left, claims_left
from workflows.runs.deletions import check_planned, gives_back
from workflows.runs.drawn import Drawn, drawn_of
from workflows.runs.guests import check_namespaces
from workflows.runs.holders import in_the_way
from workflows.runs.holding import FOR_A_RUN, Looking, refused
from workflows.runs.inside import in_use
from workflows.runs.looks import Looks, needs_namespace
from workflows.runs.permission import cluster_scope, require_reach
from workflows.runs.retention import needed_in
from workflows.runs.retrying import check_place
from workflows.runs.run import Run
from workflows.runs.sealed import Supervision
from workflows.runs.states import UNFINISHED_STEPS, RunState, Who
from workflows.runs.step_store import RunStep
from workflows.runs.unmade import never_made, settle

NOTHING = Drawn((), {}, ())


@dataclass(frozen=True, slots=True)
class Planned:
    """A run in `applying`, with what its steps need."""

    run: Run
    steps: list[RunStep]
    rendered: Mapping[Ref, Rendered]
    """Empty when everything is to be destroyed."""
    whole: Mapping[Ref, Rendered]
    """The same objects with the fields that are left to others."""
    secret_keys: Mapping[str, tuple[str, ...]]
    """The keys of each Secret, by node."""
    owned: Mapping[Ref, InventoryRow]
    """Inventory rows as they were before this attempt."""


def plan(
    ctx: JobContext,
    run: Run,
    environment: Environment,
    steps: Sequence[RunStep],
    client: KubeClient,
    looks: Looks,
    supervision: Supervision | None = None,
) -> Planned:
    """Render the run and store its steps, unless an earlier attempt stored `steps`.

    `client` is asked for the scope of kinds, and for what deletions would take along; `looks` begin as soon as the
    objects are known. Raises LeaseLost, ReachesTooFar, NamespaceOfOwner,
    EnvironmentNotFound when the environment was removed, EnvironmentMoved when it is elsewhere by now, MoreToDelete
    when more would be deleted than was confirmed, DeployedSince when it is of some objects and others were deployed
    meanwhile, and InvalidInput when the graph cannot be rendered.
    """
    check_place(run, environment)
    drawn = (
        NOTHING
        if run["kind"] == "destroy"
        else drawn_of(run, environment, _scope(steps, client), is_planned=bool(steps))
    )
    if supervision is not None and not steps:
        drawn = supervision.chosen(drawn)
    rendered = {item.ref: item for item in drawn.items}
    only = RunOptions.of(run).only
    if only and not steps:
        check_still_deployed(run, environment)
    items = drawn.limited(only).items
    require_reach(run, items, cluster_scope(client))
    check_namespaces(run, [item.ref for item in items], client)
    looks.begin([item.ref for item in items])
    hit("run.after_render")
    owned = {ref_from_json(row["ref"]): row for row in owned_objects([run["environment_id"]])}
    if run["state"] == RunState.PLANNING:
        if steps:
            left = {ref_from_json(step["ref"]): step["wave"] for step in steps if step["state"] in UNFINISHED_STEPS}
            _intend(run, drawn, left, owned)  # what the try before was refused is not owned any more
            run, steps = _resume(run)
        else:
            run, steps = _store_plan(ctx, run, environment, drawn, owned, client, looks, supervision)
    whole = {item.ref: item for item in drawn.whole}
    return Planned(run, list(steps), rendered, whole, drawn.secret_keys, owned)


def _scope(steps: Sequence[RunStep], client: KubeClient) -> KindScope:
    """As the cluster says; a run that is tried again keeps what its plan says, since its steps name their objects."""
    refs = [ref_from_json(step["ref"]) for step in steps]
    planned = {(ref.api_version, ref.kind): not ref.namespace for ref in refs}
    served = cluster_scope(client)

    def scope(ref: Ref) -> bool | None:
        kind = (ref.api_version, ref.kind)
        return planned[kind] if kind in planned else served(ref)

    return scope


def _resume(run: Run) -> tuple[Run, list[RunStep]]:
    """A run that is tried again keeps its plan and goes on with the steps that are left.

    Secrets whose values were given with this try are applied again.
    """
    given = frozenset(run_secrets.keys_given(run["_id"]))

    def work(session: ClientSession) -> Run | None:
        if given:
            step_store.repeat_secrets(run["_id"], given, session)
        return run_store.move(run["_id"], RunState.APPLYING, Who.HOLDER, fence=run["fence"], session=session)

    resumed = run_in_transaction(work)
    if resumed is None:
        raise LeaseLost(str(run["_id"]))
    steps = step_store.steps_of(run["_id"])
    events.publish_many([*run_store.run_events(resumed), *step_store.step_events(run["_id"], steps)])
    return resumed, steps


def plan_steps(
    client: KubeClient,
    rendered: Sequence[Rendered],
    rows: Mapping[Ref, InventoryRow],
    environment_id: str,
    *,
    destroy: bool = False,
    delete_volumes: bool = False,
    gives_back: bool = True,
    looking: Looking = FOR_A_RUN,
) -> tuple[Plan, list[Left]]:
    """(the plan by drawing and inventory, without the deletions that the cluster speaks against; the claims that its
    sets leave behind, which it keeps)."""
    absent = never_made(client, rows, [item.ref for item in rendered], environment_id)
    owned = [owned_of(row) for ref, row in rows.items() if ref not in absent]
    plan_of = partial(make_plan, rendered, destroy=destroy, delete_volumes=delete_volumes, gives_back=gives_back)
    made = plan_of(owned)
    kept = refused(client, made, owned, rows, environment_id, delete_volumes=delete_volumes, looking=looking)
    first = in_the_way(client, made, rendered)
    if kept or first:
        made = plan_of(owned, refused=kept, first=first)
    left = [] if delete_volumes else claims_left(client, made, rows)
    if left:
        owned += [one for of_set in left for one in of_set.owned]
        made = plan_of(owned, refused=kept, first=first)
    if inside := in_use(made):  # what is kept for another reason may be in it
        made = plan_of(owned, refused={**kept, **inside}, first=first)
    return made, left


def _with_namespace(run: Run, made: Plan, rendered: Collection[Ref], owned: Collection[Ref], looks: Looks) -> Plan:
    """The plan, with the namespace where the run will make it, or leave one that a run of the environment made."""
    if Ref("v1", "Namespace", "", run["namespace"]) in {*rendered, *owned}:
        return made  # a node draws it
    if run["kind"] == "destroy":
        is_ours = standing_store.has_made_namespace(environment_store.find(run["environment_id"], {}))
        is_left = is_ours and looks.has_namespace() is not False
        return with_namespace(made, run["namespace"], Action.KEEP, NAMESPACE_STAYS) if is_left else made
    is_missing = needs_namespace(run, rendered) and looks.has_namespace() is False
    return with_namespace(made, run["namespace"], Action.APPLY) if is_missing else made


def _rows_of(items: Sequence[Rendered], owned: Mapping[Ref, InventoryRow]) -> Mapping[Ref, InventoryRow]:
    """The rows of just these objects, so that nothing else is compared or deleted."""
    find = finder(item.ref for item in items)
    return {ref: row for ref, row in owned.items() if find(ref) is not None}


def _intend(run: Run, drawn: Drawn, waves: Mapping[Ref, int], owned: Mapping[Ref, InventoryRow]) -> None:
    """Write down the objects that may come to exist in these waves."""
    manifests = {item.ref: item.manifest for item in drawn.items}
    adopts = RunOptions.of(run).adopt
    taken_over = {ref for ref, row in owned.items() if was_taken_over(row)}
    intended = [
        Intended(one.ref, one.node_id, waves[one.ref], one.hold, one.needs, claims_made(manifests[one.ref]))
        for one in owned_after(drawn.items, lambda ref: adopts or ref in taken_over)
        if one.ref in waves
    ]
    record_intended(run, intended, owned)


def _store_plan(
    ctx: JobContext,
    run: Run,
    environment: Environment,
    drawn: Drawn,
    owned: Mapping[Ref, InventoryRow],
    client: KubeClient,
    looks: Looks,
    supervision: Supervision | None,
) -> tuple[Run, list[RunStep]]:
    only = RunOptions.of(run).only
    items = drawn.limited(only).items
    if not only:
        owned = settle(run, client, owned, [item.ref for item in items])
    made, left = plan_steps(
        client,
        items,
        _rows_of(items, owned) if only else owned,
        str(run["environment_id"]),
        destroy=run["kind"] == "destroy",
        delete_volumes=RunOptions.of(run).delete_volumes,
        gives_back=gives_back(run),
    )
    check_planned(run, made)
    made = _with_namespace(run, made, [item.ref for item in drawn.items], owned, looks)
    hit("run.after_plan")
    ctx.check_lease()
    _intend(run, drawn, {step.ref: step.wave for step in made.steps}, owned)
    for of_set in left:
        record_claims(run, of_set.of_set, of_set.node_id, of_set.claims)
    hit("run.after_inventory")

    def work(session: ClientSession) -> tuple[Run, list[RunStep]]:
        begun, steps = claiming.store_plan(run, made, session)
        if supervision is not None:
            supervision.carry_out(run, session)
        if run["kind"] != "destroy" and not only:
            variables, kept = environment_store.variables_digest(environment), partial(needed_in, environment, session)
            release_store.store_release(run, drawn.whole, drawn.secret_keys, variables, session, kept=kept)
        counts = f"{plural(len(made.steps), 'object')} in {plural(made.waves, 'wave')}"
        log_store.add(run["_id"], "info", f"planned {counts}", session=session)
        events.publish_many(run_store.run_events(begun), session=session)
        return begun, steps

    return run_in_transaction(work)
