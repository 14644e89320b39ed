"""A plan: every object of a version tried in the environment's cluster, and what the run would delete and keep.

Nothing is written to the cluster. A refusal of one object is a result of that object; a cluster that stops answering
ends the whole, since half a plan says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from clusters.connections import asking
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.added import NOTHING_ADDED, goes_along, taken_along
from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.returning import marks_of
from clusters.kube.apply import is_secret
from clusters.kube.client import KubeClient
from clusters.kube.errors import ClusterUnavailable
from kubeorch.base.errors import Unavailable
from workflows.domain.planning.basis import Basis, Outcome
from workflows.domain.planning.effects import Effect, FieldChange, PlannedObject
from workflows.domain.rendering.budget import Deletions, budget_of
from workflows.domain.rendering.plan import Action, Step
from workflows.domain.rendering.render import Rendered
from workflows.domain.run_options import RunOptions
from workflows.environments.acting import client_of, require_roles
from workflows.environments.store import Environment
from workflows.plans.classes import Lacking, ask_classes
from workflows.plans.context import PlanContext
from workflows.plans.impacts import Around, Impacts
from workflows.plans.judged import Judged
from workflows.plans.looking import read_whole
from workflows.plans.preparing import Prepared, prepare
from workflows.plans.refused_pods import bring_refused
from workflows.plans.removed_images import bring_removed
from workflows.plans.schemas import Schemas
from workflows.plans.sources import Source
from workflows.plans.staying import values_that_stay
from workflows.plans.surroundings import LATELY_S, Surroundings, changed, proven
from workflows.plans.trying import is_settled, try_item
from workflows.runs.permission import require_cluster

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
    lacking: tuple[Lacking, ...] = ()


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
    standing = require_cluster(environment["team_id"], environment["cluster_id"])
    drawn = source.check(environment)
    with asking(environment["cluster_id"], environment["team_id"]):
        require_roles(environment)
        began = time.monotonic()
        client = client_of(environment).while_alive(until(began + TOTAL_S))

        def attempt() -> tuple[Made, bool]:
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="plan") as pool:
                ready = prepare(client, pool, environment, source, options, drawn, standing)
                ready.context.tries_until = began + TRIES_S
                return _tried(client, pool, environment, source, ready)

        made, is_proven = attempt()
        if not is_proven and time.monotonic() < began + TRIES_S / 2:
            made, _ = attempt()
    return made


def _tried(
    client: KubeClient, pool: ThreadPoolExecutor, environment: Environment, source: Source, ready: Prepared
) -> tuple[Made, bool]:
    """What comes of trying all; False where what else decides has changed meanwhile."""
    began = client.clock.now()
    around = Around(client, pool, environment["namespace"])
    ready.context.will_change = around.ask
    live = read_whole(client, pool, [step.ref for step in ready.steps])
    ready.find_new(live)
    impacts = Impacts(around, ready.items)
    settled = (item.ref for item in ready.items if is_settled(ready.context, item, live[item.ref]))
    ready.context.settled = frozenset(settled)
    tries = len(ready.context.settled) < len(ready.items)
    surroundings = ready.ask_around(client, pool, age_s=LATELY_S) if tries else None
    if ready.is_known_to_change():
        around.ask()  # before the trials, so that the answers are there as these end
    lacking = ask_classes(client, pool, ready.items, live)
    tried = _try_all(ready.context, pool, ready.items, live, impacts.added_to)
    judged = [
        tried[step.ref] if step.ref in tried else impacts.added_to(leaving(ready.context, step, live[step.ref]))
        for step in ready.steps
    ]
    rests_on, is_proven = None, True
    if surroundings is not None:
        before, after = surroundings().found, ready.ask_around(client, pool)()
        rests_on, is_proven = proven(before, after, began), not changed(before, after.found)
    first = [] if ready.namespace is None else [ready.namespace]
    deletions = tuple(step.ref for step in ready.steps if step.action is Action.DELETE)
    counted = Deletions(len(deletions), budget_of(environment).of(len(ready.context.owned)))
    meanings = {**values_that_stay(ready.context, source), **ready.renamed}
    shown = (with_meaning(one, meanings) for one in judged)
    without = (*lacking(), *bring_removed(environment["team_id"], ready.items, judged))
    without += bring_refused(ready.context, ready.items, judged)
    made = Made((*first, *shown), deletions, counted, ready.secrets, ready.schemas, rests_on, without)
    return made, is_proven


def with_meaning(judged: Judged, meanings: Mapping[Ref, str]) -> Judged:
    """The same, with what a rename or a rollback means before any other reason."""
    meaning = meanings.get(judged.planned.ref)
    if meaning is None:
        return judged
    reason = f"{meaning}; {judged.planned.reason}" if judged.planned.reason else meaning
    judged.planned = replace(judged.planned, reason=reason)
    return judged


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
            if item.ref in context.settled:
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
    added = NOTHING_ADDED
    if step.action is Action.KEEP:
        effect, reason = Effect.KEEP, step.reason
    elif live is None:
        reason, code = "it is gone already", "object.not_found"
    else:
        labels = live["metadata"].get("labels") or {}
        is_ours = uid == step.uid if step.uid else labels.get(ENVIRONMENT_LABEL) == context.environment_id
        owner = labels.get(ENVIRONMENT_LABEL) or context.environment_id
        if not is_ours:
            effect, reason, code = Effect.KEEP, "another object has its name, and stays", "object.foreign"
        elif (owner != context.environment_id and context.is_another(owner)) or uid in context.owned_elsewhere:
            effect, reason, code = Effect.KEEP, "another environment has it now, and it stays", "object.foreign"
        elif step.action is Action.GIVE_BACK:
            effect, reason, fields = Effect.GIVE_BACK, step.reason, _marks(live)
        else:
            added = taken_along(owners(live))
            reason = goes_along(added)
    counts = {"acts": 0, "bookkeeping": len(fields), "untouched": 0}
    planned = PlannedObject(step.ref, step.node_id, effect, reason=reason, fields=fields, counts=counts, added=added)
    before = live if effect is Effect.DELETE and not is_secret(step.ref) else None
    return Judged(planned, Outcome(effect, code, uid), Basis(uid, version), step.action.value, before=before)


def _marks(live: Manifest) -> tuple[FieldChange, ...]:
    """What goes of an object that is given back."""
    return tuple(
        FieldChange(f"metadata.{part}[{key}]", value, None, "bookkeeping") for part, key, value in marks_of(live)
    )


def until(end: float) -> Callable[[], None]:
    def check() -> None:
        if time.monotonic() > end:
            raise PlanTookTooLong

    return check
