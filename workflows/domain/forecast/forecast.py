"""The impact of what a plan does to one object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters.domain.objects import Ref
from clusters.domain.reading import integer, mapping
from workflows.domain.forecast.changes import at, changes_of
from workflows.domain.forecast.impact import NOBODY, Impact, Level, Neighbours, count, kind_of, pods_do, worst
from workflows.domain.forecast.loss import loss_of
from workflows.domain.forecast.pods import pods_of
from workflows.domain.forecast.rules import immutable_change, is_known
from workflows.domain.forecast.updates import update_of

_WITHOUT_EFFECT = {
    "unchanged": "nothing changes",
    "keep": "it stays as it is",
    "give_back": "our labels go, and all else of it stays as it is",
    "conflict": "nothing is written while others manage the fields",
}
UNTOUCHED = Impact(Level.NONE, None, _WITHOUT_EFFECT["unchanged"])
_MAKES_PODS = frozenset({("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "ReplicaSet")})


AGAIN = "others deleted it, and it is made again"


def impact_of(
    ref: Ref,
    live: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    effect: str,
    neighbours: Neighbours = NOBODY,
    *,
    again: bool = False,
) -> Impact:
    """What `effect` (create, update, unchanged, recreate, delete, keep, give_back, conflict) does to what runs.

    `live` is the object as the cluster has it, with its status; `after` is what the API server would make of it, as a
    dry run answers, None where it goes. Of a recreate the API server answers nothing, so `after` is what would be
    applied; fields that it leaves out are not compared. With
    `again` it was applied before, and somebody has deleted it. Linear in the size of the objects.
    """
    if effect in _WITHOUT_EFFECT:
        return Impact(Level.NONE, None, _WITHOUT_EFFECT[effect])
    key = kind_of(ref)
    if live is None:
        return _created(ref, after or {}, neighbours, AGAIN if again else "it is new")
    live = {**live, "apiVersion": ref.api_version, "kind": ref.kind}
    if effect == "delete" or after is None:
        return loss_of(key, live, neighbours, again=False)
    if effect == "recreate":
        return loss_of(key, live, neighbours, again=True)
    changes = changes_of(live, after)
    if not changes:
        return Impact(Level.NONE, None, "nothing changes")
    fixed = [one for one in changes if immutable_change(key, one, live, after)]
    if fixed:
        loss = loss_of(key, live, neighbours, again=True)
        fields = ", ".join(dict.fromkeys(one.text for one in fixed[:3]))
        fields += f" and {count(len(fixed) - 3, 'more field')}" if len(fixed) > 3 else ""
        why = f"{fields} cannot change in place: a new object is needed; {loss.reason}"
        return Impact(loss.level, loss.pods, why)
    unknown = [one for one in changes if not is_known(key, one)]
    if unknown:
        reason = f"what a change of {unknown[0].text} does to an object of kind {ref.kind} is not known"
        known = update_of(key, changes, live, after, neighbours)
        return worst([Impact(Level.UNKNOWN, None, reason), *known])
    return worst(update_of(key, changes, live, after, neighbours))


def _created(ref: Ref, after: Mapping[str, Any], neighbours: Neighbours, why: str) -> Impact:
    if kind_of(ref) in _MAKES_PODS:
        pods = pods_of({**after, "kind": ref.kind, "status": {}})
        then = "".join(f"; {one}" for one in map(_scaled, scalers_of(ref, neighbours)))
        return Impact(Level.NONE, None, f"{why}: {pods_do(pods, 'start')}{then}")
    return Impact(Level.NONE, None, why)


def scalers_of(ref: Ref, neighbours: Neighbours) -> list[Mapping[str, Any]]:
    """The autoscalers that set the number of pods of the object."""
    found: list[Mapping[str, Any]] = []
    for one in neighbours.scalers:
        target = mapping(at(one, "spec", "scaleTargetRef"))
        is_near = at(one, "metadata", "namespace") == ref.namespace
        if is_near and (target.get("kind"), target.get("name")) == (ref.kind, ref.name):
            found.append(one)
    return found


def _scaled(scaler: Mapping[str, Any]) -> str:
    least, most = integer(at(scaler, "spec", "minReplicas"), 1), integer(at(scaler, "spec", "maxReplicas"))
    kept = str(least) if least == most else f"{least}–{most}"
    return f"the HorizontalPodAutoscaler {at(scaler, 'metadata', 'name')} then keeps {kept}"
