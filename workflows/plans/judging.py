"""Whether a plan is still true: whether one made now would say the same.

The metadata of all objects is read; those with another resourceVersion are read whole and judged by what the plan knows
of them (`domain.planning.basis`). Only where that cannot tell, an object is tried anew.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from clusters.connections import asking
from clusters.domain.failed_ends import has_failed
from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.domain.ownership.touches import fingerprint_of
from clusters.kube.apply import ForeignObject, check_ours, is_secret
from clusters.kube.client import KubeClient
from clusters.kube.errors import FieldConflict
from clusters.kube.immutable import ImmutableField
from clusters.kube.removing import served
from kubeorch.base.errors import Forbidden, InvalidInput, NotFound, Unavailable
from workflows.domain.images import BuiltImage, NotBuilt, PinnedImage, images_from
from workflows.domain.planning.basis import Basis, Outcome, outcome_of, why
from workflows.domain.planning.effects import Effect
from workflows.domain.planning.paths import Reading
from workflows.domain.rendering.plan import Action, Step
from workflows.environments import store as environment_store
from workflows.environments.acting import client_of
from workflows.environments.store import Environment
from workflows.environments.watch_store import seen_of
from workflows.plans.context import PlanContext
from workflows.plans.looking import read_metadata, read_whole
from workflows.plans.making import AT_ONCE, TOTAL_S, Prepared, leaving, prepare, until
from workflows.plans.schemas import is_custom, others, schemas_from
from workflows.plans.sources import source_of
from workflows.plans.store import Plan, PlanObject, graph_in, options_of
from workflows.plans.trying import drawn_digest, last_manager, try_item
from workflows.runs.drawn import images_in
from workflows.runs.permission import require_cluster

_STEP = {
    Action.APPLY: "it would be applied",
    Action.DELETE: "it would be deleted",
    Action.KEEP: "it would be kept",
    Action.GIVE_BACK: "it would be given back",
}
_LEAVES = (Effect.DELETE, Effect.KEEP, Effect.GIVE_BACK)
_OF_THE_OBJECT = ("", FieldConflict.code, ForeignObject.code, ImmutableField.code, "object.completed")
"""What stands against an object by what it is; any other refusal rests on what else the cluster has, and is asked about
again."""
_AGAIN = "it was deleted and made again"
_MADE = "it was made by somebody"
_SET_SINCE = "a value was set for it since"
_OTHERWISE = "the schema of its kind has changed, and fills in other fields"


@dataclass(frozen=True, slots=True)
class Moved:
    """Why a plan is no longer true."""

    ref: Ref | None
    """None where it is not one object that has changed."""
    what: str
    manager: str | None = None
    at: str | None = None

    def as_json(self) -> dict[str, Any]:
        ref = self.ref.as_json() if self.ref else None
        return {"ref": ref, "what": self.what, "manager": self.manager, "at": self.at}


def moved(plan: Plan, objects: Sequence[PlanObject]) -> list[Moved]:
    """What has moved since the plan was made; [] while it is still true. What cannot be checked counts as moved."""
    try:
        environment = environment_store.find(plan["environment_id"], {"team_id": plan["team_id"]})
        if (environment["cluster_id"], environment["namespace"]) != (plan["cluster_id"], plan["namespace"]):
            return [Moved(None, "the environment is in another cluster or namespace now")]
        require_cluster(environment["team_id"], environment["cluster_id"])
        if other := other_images(plan, environment):
            return other
        with asking(environment["cluster_id"], environment["team_id"]):
            client = client_of(environment).while_alive(until(time.monotonic() + TOTAL_S))
            return moved_in(client, plan, objects, environment)
    except (Unavailable, Forbidden, NotFound, InvalidInput) as error:
        return [Moved(None, f"it cannot be checked: {error.detail}")]


def other_images(plan: Plan, environment: Environment) -> list[Moved]:
    """Where a run would take another image than the plan has; a run that was started keeps the plan's.

    Raises VersionNotFound.
    """
    if plan.get("to_run") or ("images" not in plan and not seen_of(environment["_id"])):
        return []
    planned, taken = images_from(plan.get("images")), images_in(environment, graph_in(plan))
    gone = (one for key, one in planned.items() if isinstance(one, PinnedImage) and key not in taken)
    found = [Moved(None, f"{one.watched} is no longer watched") for one in gone]
    for node_id, image in taken.items():
        before = planned.get(node_id)
        if isinstance(image, NotBuilt):
            found.append(Moved(None, image.detail))
        elif isinstance(image, PinnedImage):
            if before != image:
                news = "names another image by now" if before else "is watched since the plan was made"
                found.append(Moved(None, f"{image.watched} {news}"))
        elif not isinstance(before, BuiltImage) or before.image != image.image:
            newer = not isinstance(before, BuiltImage) or image.number > before.number
            found.append(Moved(None, f"{image} finished" if newer else f"{image} is the newest by now"))
    return found


def moved_in(
    client: KubeClient,
    plan: Plan,
    objects: Sequence[PlanObject],
    environment: Environment,
    *,
    given: Collection[str] = (),
) -> list[Moved]:
    """As `moved`, with a client of the environment's cluster, of all but images. Raises what making a plan raises.

    `given` are the nodes whose values come with the run that asks: what the plan left to the run is no news.
    """
    source = source_of(plan)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="plan") as pool:
        ready = prepare(client, pool, environment, source, options_of(plan))
        planned = {ref_from_json(one["planned"]["ref"]): one for one in objects}
        ready.context.leave_to_the_run(
            str(one["planned"]["node_id"])
            for ref, one in planned.items()
            if is_secret(ref) and one["predicted"] is None and one["planned"]["node_id"] in given
        )
        found = _other_steps(ready, planned)
        if found:
            return found
        live = read_metadata(client, pool, list(planned))
        ready.find_new(live)
        return _Look(ready, pool, plan, planned, live).moved()


def _other_steps(ready: Prepared, planned: Mapping[Ref, PlanObject]) -> list[Moved]:
    """Where drawing, variables or inventory ask for something else than the plan says."""
    found: list[Moved] = []
    actions = {ref: one["action"] for ref, one in planned.items()}
    for step in ready.steps:
        if actions.pop(step.ref, None) != step.action.value:
            found.append(Moved(step.ref, _STEP[step.action]))
    for item in ready.items:
        one = planned.get(item.ref)
        if one is not None and one["action"] == Action.APPLY and one["manifest"] != drawn_digest(ready.context, item):
            found.append(
                Moved(item.ref, "the workflow now asks for something else: a variable or its kind has changed")
            )
    first = ready.namespace.planned.ref if ready.namespace else None
    if first is not None and first not in actions:
        found.append(Moved(first, "it is gone, and the run would make it"))
    found += [Moved(ref, "it is no longer part of what a run does") for ref, action in actions.items() if action]
    return found


def judge(
    context: PlanContext, step: Step | None, planned: Outcome, basis: Basis, ref: Ref, live: Manifest | None
) -> list[Moved] | None:
    """What has moved of one object whose metadata are no longer those that were planned; `live` is the whole object.

    [] when nothing that matters has moved, None when only a trial can tell. `step` is what the run does to it.
    """
    if planned.effect in _LEAVES and step is not None:
        return _judge_leaving(context, step, planned, live)
    was_terminating = planned.effect is Effect.CREATE and basis.uid != ""
    if live is None:
        return [Moved(ref, "it was deleted")] if basis.uid and not was_terminating else None
    metadata = live["metadata"]
    if metadata["uid"] != basis.uid:
        what = _AGAIN if basis.uid else _MADE
        at = str(metadata.get("creationTimestamp") or "") or None
        return [Moved(ref, what, last_manager(live), at)]
    if metadata.get("deletionTimestamp"):
        return None if was_terminating else [Moved(ref, "it is being deleted")]
    try:
        check_ours(live, ref, context.environment_id, context.uid_of(ref, live))
    except ForeignObject:
        is_known = planned.code == ForeignObject.code
        return [] if is_known else [Moved(ref, "it belongs to somebody else now", last_manager(live))]
    if basis.fingerprint and has_failed(ref, live):
        return [Moved(ref, "it failed, and would be run again")]
    if basis.fingerprint and basis.fingerprint == fingerprint_of(live):
        return []
    if not basis.exact or planned.code == ForeignObject.code:
        return None
    seen = context.without_values(ref, live)
    now = outcome_of(basis, Reading(seen))
    return [] if now == planned else [because(ref, basis, planned, now, seen)]


def _judge_leaving(context: PlanContext, step: Step, planned: Outcome, live: Manifest | None) -> list[Moved]:
    """Of what is drawn no more, the metadata say all."""
    ref, now = step.ref, leaving(context, step, live).outcome
    if now == planned:
        return []
    if live is None:
        return [Moved(ref, "it was deleted")]
    if now.uid != planned.uid:
        at = str(live["metadata"].get("creationTimestamp") or "") or None
        return [Moved(ref, _AGAIN if planned.uid else _MADE, last_manager(live), at)]
    then = {Effect.DELETE: "deleted", Effect.GIVE_BACK: "given back"}.get(now.effect)
    what = f"it is ours now, and would be {then}" if then else "it is ours no more"
    return [Moved(ref, what, last_manager(live))]


def because(ref: Ref, basis: Basis, planned: Outcome, now: Outcome, live: Manifest) -> Moved:
    what, owner, at = why(basis, planned, now, live)
    return Moved(ref, what, owner.manager if owner else None, at or None)


class _Look:
    """One look at all objects of a plan."""

    def __init__(
        self,
        ready: Prepared,
        pool: ThreadPoolExecutor,
        plan: Plan,
        planned: Mapping[Ref, PlanObject],
        live: Mapping[Ref, Manifest | None],
    ) -> None:
        self._ready = ready
        self._context: PlanContext = ready.context
        self._pool = pool
        self._planned = planned
        self._steps = {step.ref: step for step in ready.steps}
        self._live = live
        self._basis = {ref: Basis.of(one["basis"]) for ref, one in planned.items()}
        self._outcome = {ref: Outcome.of(one["outcome"]) for ref, one in planned.items()}
        self._secrets_given = plan["secrets"] != ready.secrets
        versions = others(schemas_from(plan.get("schemas", [])), ready.schemas)
        self._of_other_schemas = {ref for ref in planned if ref.api_version in versions and is_custom(ref)}

    def moved(self) -> list[Moved]:
        """In the order of the plan."""
        found: dict[Ref, Moved] = {}
        unsure = set(self._of_other_schemas)
        touched = {ref for ref in self._planned if self._is_touched(ref)} | self._of_other_kinds()
        whole = read_whole(self._context.client, self._pool, [ref for ref in touched if self._is_there_still(ref)])
        for ref in touched:
            if is_secret(ref) and ref in self._context.rendered:
                unsure.add(ref)  # what pods read of it may be another value
                continue
            step, live = self._steps.get(ref), whole.get(ref, self._live[ref])
            judged = judge(self._context, step, self._outcome[ref], self._basis[ref], ref, live)
            if judged is None:
                unsure.add(ref)
            elif judged:
                found[ref] = judged[0]
        found.update(self._try_again(unsure, whole))
        return [found[ref] for ref in self._planned if ref in found]

    def _is_touched(self, ref: Ref) -> bool:
        live, basis = self._live[ref], self._basis[ref]
        if (self._secrets_given and is_secret(ref)) or self._outcome[ref].code not in _OF_THE_OBJECT:
            return True
        if live is None:
            return bool(basis.uid)
        return (live["metadata"]["uid"], live["metadata"].get("resourceVersion")) != (basis.uid, basis.resource_version)

    def _of_other_kinds(self) -> set[Ref]:
        """Objects that are to be made, and whose kind is not served any more. Raises API errors."""
        new = [
            ref
            for ref, live in self._live.items()
            if live is None
            and self._outcome[ref] == Outcome(Effect.CREATE)
            and is_custom(ref)
            and (ref.group, ref.kind) not in self._context.new_kinds
        ]
        kinds = {(ref.api_version, ref.kind): ref for ref in new}
        found = zip(kinds, self._pool.map(partial(served, self._context.client), kinds.values()), strict=True)
        gone = {kind for kind, ref in found if ref != kinds[kind]}
        return {ref for ref in new if (ref.api_version, ref.kind) in gone}

    def _is_there_still(self, ref: Ref) -> bool:
        live = self._live[ref]
        return live is not None and live["metadata"]["uid"] == self._basis[ref].uid

    def _try_again(self, unsure: set[Ref], whole: Mapping[Ref, Manifest | None]) -> dict[Ref, Moved]:
        """Secrets first, and then what reads those that were touched."""
        self._context.untried.update(ref for ref in unsure if self._basis[ref].untried)
        secrets = [ref for ref in unsure if is_secret(ref)]
        nodes = {self._context.rendered[ref].node_id for ref in secrets}
        readers = {
            ref
            for ref, item in self._context.rendered.items()
            if any(read.node_id in nodes for read in item.reads) and not is_secret(ref)
        }
        rest = [ref for ref in {*unsure, *readers} if not is_secret(ref) and ref in self._context.rendered]
        found: dict[Ref, Moved] = {}
        missing = [ref for ref in {*secrets, *rest} if ref not in whole]
        live = {**whole, **read_whole(self._context.client, self._pool, missing)}
        for turn in (secrets, rest):
            results = self._pool.map(lambda ref: try_item(self._context, self._context.rendered[ref], live[ref]), turn)
            for ref, judged in zip(turn, results, strict=True):
                if judged.outcome != self._outcome[ref]:
                    there = self._context.without_values(ref, live[ref] or {}) if live[ref] else {"metadata": {}}
                    planned, now = self._outcome[ref], judged.outcome
                    found[ref] = because(ref, self._basis[ref], planned, now, there)
                elif self._secrets_given and is_secret(ref) and judged.predicted != self._planned[ref]["predicted"]:
                    found[ref] = Moved(ref, _SET_SINCE)
                elif ref in self._of_other_schemas and judged.predicted != self._planned[ref]["predicted"]:
                    found[ref] = Moved(ref, _OTHERWISE)
        return found
