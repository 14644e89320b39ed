"""Whether a plan is still true: whether one made now would say the same.

The metadata of all objects is read; those with another resourceVersion are read whole and judged by what the plan knows
of them (`domain.planning.basis`). Only where that cannot tell, an object is tried anew.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from clusters.connections import asking
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Ref, ref_from_json
from clusters.kube.client import KubeClient
from kubeorch.base.errors import Forbidden, InvalidInput, KubeOrchError, NotFound, Unavailable
from workflows.domain.images import BuiltImage, NotBuilt, PinnedImage, images_from
from workflows.domain.rendering.plan import Action
from workflows.environments import store as environment_store
from workflows.environments.acting import client_of, why_no_roles
from workflows.environments.store import Environment
from workflows.environments.watch_store import seen_of
from workflows.plans import judged_store
from workflows.plans.given import keys_left
from workflows.plans.looking import read_metadata
from workflows.plans.making import AT_ONCE, TOTAL_S, until
from workflows.plans.preparing import Prepared, prepare
from workflows.plans.rights import rights_lost
from workflows.plans.sources import source_of
from workflows.plans.store import Plan, PlanObject, graph_in, options_of
from workflows.plans.surroundings import (
    Around,
    changed,
    is_to_try,
    proved,
    surroundings_from,
    surroundings_json,
    unseen,
)
from workflows.plans.trying import drawn_digest
from workflows.plans.verdicts import Look, Moved
from workflows.runs.drawn import images_in
from workflows.runs.permission import require_cluster

AGAINST = (Forbidden, NotFound, InvalidInput)
"""What stands against looking at all, and goes on to do so."""
_STEP = {
    Action.APPLY: "it would be applied",
    Action.DELETE: "it would be deleted",
    Action.KEEP: "it would be kept",
    Action.GIVE_BACK: "it would be given back",
}


def moved(
    plan: Plan,
    objects: Sequence[PlanObject],
    *,
    started: bool = False,
    done: Collection[Ref] = (),
    begun: Collection[Ref] = (),
) -> list[Moved]:
    """What has moved since the plan was made; [] while it is still true. What cannot be checked counts as moved.

    A run that was `started` keeps the images of its plan, and is judged by what it has not `done` (`moved_in`).
    """
    try:
        return _moved(plan, objects, started=started, done=done, begun=begun)
    except (Unavailable, *AGAINST) as error:
        return [_unchecked(error)]


def looked_at(plan: Plan, objects: Sequence[PlanObject]) -> list[Moved]:
    """As `moved`, for who reads the plan: what is found is told to all who follow it, and for some minutes the watch
    looks at it more often. That the cluster does not answer says nothing of the plan."""
    judged_store.note_opened(plan)
    try:
        found = _moved(plan, objects)
    except Unavailable as error:
        return [_unchecked(error)]
    except AGAINST as error:
        found = [_unchecked(error)]
    judged_store.note_judged(plan, [one.as_json() for one in found])
    return found


def _unchecked(error: KubeOrchError) -> Moved:
    return Moved(None, f"it cannot be checked: {error.detail}")


def _moved(
    plan: Plan,
    objects: Sequence[PlanObject],
    *,
    started: bool = False,
    done: Collection[Ref] = (),
    begun: Collection[Ref] = (),
) -> list[Moved]:
    """As `moved`. Raises Unavailable, and AGAINST."""
    environment = environment_store.find(plan["environment_id"], {"team_id": plan["team_id"]})
    if (environment["cluster_id"], environment["namespace"]) != (plan["cluster_id"], plan["namespace"]):
        return [Moved(None, "the environment is in another cluster or namespace now")]
    require_cluster(environment["team_id"], environment["cluster_id"])
    if why := why_no_roles(environment):
        return [Moved(None, f"it cannot be checked: {why}")]
    if not started and (other := other_images(plan, environment)):
        return other
    with asking(environment["cluster_id"], environment["team_id"]):
        client = client_of(environment).while_alive(until(time.monotonic() + TOTAL_S))
        return moved_in(client, plan, objects, environment, started=started, done=done, begun=begun)


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
    started: bool = False,
    done: Collection[Ref] = (),
    begun: Collection[Ref] = (),
    proves: bool = False,
) -> list[Moved]:
    """As `moved`, with a client of the environment's cluster, of all but images. Raises what making a plan raises.

    Once a run of the plan was `started`, the values that the plan left to it are no news, and what it has `done` is
    as it is by the run itself; so is what it has `begun`, where that is as the run would make it.
    With `proves` all is tried again of which nobody can see whether the cluster judges it otherwise by now, and the
    API server is asked whether the credentials may still do it.
    """
    source, began = source_of(plan), client.clock.now()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="plan") as pool:
        ready = prepare(client, pool, environment, source, options_of(plan))
        planned = {ref_from_json(one["planned"]["ref"]): one for one in objects}
        if started:
            ready.context.leave_to_the_run(keys_left(objects))
        done = {*done, *_ended_unseen(ready, planned, begun)}
        found = _other_steps(ready, planned, done)
        if found:
            return found
        around = ready.ask_around(client, pool) if plan.get("surroundings") else None
        live = read_metadata(client, pool, list(planned))
        ready.find_new(live)
        then, now = surroundings_from(plan.get("surroundings", ())), around() if around else Around({}, {})
        since, missed = changed(then, now.found), is_to_try(then, now, began)
        blind = missed or (proves and bool(unseen({**now.found, **then}) or unseen(now.found)))
        left = {ref: one for ref, one in planned.items() if ref not in done}
        new = ready.context.new_namespaces
        lost = pool.submit(rights_lost, client, pool, [*left.values()], new) if proves else None
        found = Look(ready, pool, plan, left, live, since, proves=blind, begun=begun).moved() or (
            lost.result() if lost else []
        )
    if (since or missed) and not found:
        judged_store.note_surroundings(plan, surroundings_json(proved(then, now, began)))
    return found


def _ended_unseen(ready: Prepared, planned: Mapping[Ref, PlanObject], begun: Collection[Ref]) -> set[Ref]:
    """What a run has begun and brought to its end, by inventory and namespace alone: it is gone, or given back, and the
    namespace is made."""
    left = {step.ref for step in ready.steps}
    ends = (Action.DELETE, Action.GIVE_BACK)
    found = {ref for ref in begun if ref not in left and ref in planned and planned[ref]["action"] in ends}
    name = ready.context.environment["namespace"]
    ref, there = Ref("v1", "Namespace", "", name), ready.namespace is None and ready.context.namespaces.get(name)
    if there and ref in begun and ref not in ready.context.rendered:
        label = (there["metadata"].get("labels") or {}).get(ENVIRONMENT_LABEL)
        found |= {ref} if label == ready.context.environment_id else set()
    return found


def _other_steps(ready: Prepared, planned: Mapping[Ref, PlanObject], done: Collection[Ref]) -> list[Moved]:
    """Where drawing, variables or inventory ask for something else than the plan says; what a run of it has `done`
    says nothing any more, and what it left in the cluster is kept."""
    found: list[Moved] = []
    actions = {ref: one["action"] for ref, one in planned.items() if ref not in done}
    for step in ready.steps:
        if step.ref in done or (done and step.action is Action.KEEP and step.ref not in actions):
            continue
        if actions.pop(step.ref, None) != step.action.value:
            found.append(Moved(step.ref, _STEP[step.action]))
    for item in ready.items:
        one = planned.get(item.ref) if item.ref not in done else None
        if one is not None and one["action"] == Action.APPLY and one["manifest"] != drawn_digest(ready.context, item):
            found.append(
                Moved(item.ref, "the workflow now asks for something else: a variable or its kind has changed")
            )
    first = ready.namespace.planned.ref if ready.namespace else None
    if first is not None and first not in actions:
        found.append(Moved(first, "it is gone, and the run would make it"))
    found += [Moved(ref, "it is no longer part of what a run does") for ref, action in actions.items() if action]
    return found
