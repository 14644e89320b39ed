"""Whether the credentials may still do what a plan says: asked by the worker before it changes anything, since a right
that was taken away is on no object, and a run would break off halfway."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor

from clusters.domain.objects import Ref, ref_from_json
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from workflows.domain.planning.effects import Effect
from workflows.domain.rights.needs import Right
from workflows.environments.asking import RIGHTS_MOST, missing
from workflows.plans.store import PlanObject
from workflows.plans.verdicts import Moved

_APPLY = ("create", "patch")
"""What server-side apply asks for where there is no object yet."""
_VERBS: dict[Effect, tuple[str, ...]] = {
    Effect.CREATE: _APPLY,
    Effect.UPDATE: ("patch",),
    Effect.RECREATE: ("delete", *_APPLY),
    Effect.DELETE: ("delete",),
    Effect.GIVE_BACK: ("patch",),
}


def rights_lost(client: KubeClient, pool: Executor, left: Iterable[PlanObject], new: frozenset[str]) -> list[Moved]:
    """The objects of which the credentials may not do what the plan says; `new` are the namespaces that it makes, where
    rights may come with them. Raises API errors.

    Each kind is asked about as a whole, and only what is refused then about each object: mostly that is one question.
    """
    wanted: dict[Right, list[Right]] = {}
    refs: dict[Right, Ref] = {}
    for one in left:
        ref, planned = ref_from_json(one["planned"]["ref"]), one["planned"]
        if not one["action"] or planned["error"] is not None or ref.namespace in new:
            continue
        try:
            resource = client.resource(ref.api_version, ref.kind)
        except UnknownKind:
            continue  # it comes with the plan, or is told apart from rights
        namespace = ref.namespace if resource.namespaced else ""
        for verb in _VERBS.get(Effect(planned["effect"]), ()):
            right = Right(namespace, ref.group, resource.plural, verb)
            named = Right(namespace, ref.group, resource.plural, verb, ref.name)
            wanted.setdefault(right, []).append(named)
            refs[named] = ref
    try:
        unsure = [named for right in sorted(missing(client, pool, wanted)) for named in wanted[right]]
        lost = missing(client, pool, unsure[:RIGHTS_MOST])
    except (ApiForbidden, ApiNotFound):
        return []  # this API server does not tell
    return [
        Moved(refs[named], f"the credentials may not {named.verb} it any more") for named in unsure if named in lost
    ]
