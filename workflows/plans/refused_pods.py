"""Workloads whose pods their namespace would refuse: the API server takes the workload, and no pod comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from clusters.domain.objects import Ref
from workflows.domain.fitting.pod_security import PodLevel, level_of, violations
from workflows.domain.forecast.readers import pod_of
from workflows.domain.rendering.render import Rendered
from workflows.plans.classes import OBJECTS_MOST, Lacking
from workflows.plans.context import PlanContext
from workflows.plans.judged import Judged
from workflows.plans.removed_images import BRINGS

_CURE = "Its pods are refused until its template complies, or the namespace enforces a lower level"


def bring_refused(context: PlanContext, items: Sequence[Rendered], judged: Iterable[Judged]) -> tuple[Lacking, ...]:
    """The workloads that a run changes and whose pods stand against the Pod Security level that their namespace
    enforces, each with the first reason. Pods themselves are tried, and refused there."""
    changed = {one.planned.ref for one in judged if one.planned.effect in BRINGS}
    drawn = {item.ref.name: item.manifest for item in items if item.ref.kind == "Namespace"}
    found: list[Lacking] = []
    for item in items:
        pod = pod_of(item.manifest) if item.ref in changed and item.ref.kind != "Pod" else None
        if pod is None or len(found) >= OBJECTS_MOST:
            continue
        namespace = item.ref.namespace
        level: PodLevel = level_of(drawn.get(namespace) or context.namespaces.get(namespace))
        for misfit in violations(pod, level):
            detail = f"{misfit.detail}. {_CURE}"
            found.append(Lacking(item.ref, item.node_id, Ref("v1", "Pod", namespace, ""), detail))
            break
    return tuple(found)
