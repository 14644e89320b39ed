"""Why a node is unhealthy: the reasons of its pods in one sentence, with the evidence.

A Deployment only reports that pods are missing; the pods report why (the image, the exit code, the missing
ConfigMap, the scheduler's message). Pods are found by their node label, which pod templates carry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from clusters.domain.causes import Diagnosis, Evidence, causes_in, evidence_of
from clusters.domain.facts import Endpoints, facts_of
from clusters.domain.health import SEVERITY, Health, ObjectContext, State, health_of, in_grace, worst
from clusters.domain.judgement import Behind
from clusters.domain.objects import Ref
from clusters.domain.observed import (
    ClaimStatus,
    IngressStatus,
    JobStatus,
    ObservedObject,
    OtherStatus,
    OutsideEdit,
    PodStatus,
    ScalerStatus,
    ServiceStatus,
    WarningEvent,
    WorkloadStatus,
)
from clusters.domain.refusals import refusal_words
from clusters.domain.rules.others import no_service
from clusters.domain.rules.workloads import runs_again

GENERATIONS = 8


@dataclass(frozen=True, slots=True)
class ObservedNode:
    """What the cluster shows of a node: its objects, each with its health, and why it is as it is."""

    health: Health
    evidence: tuple[Evidence, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    outside_edit: OutsideEdit | None = None
    """The latest edit of its objects by somebody else."""
    objects: tuple[tuple[ObservedObject, Health], ...] = ()
    """What the node declares, without what controllers made of it."""
    trouble: str = ""
    """Why nothing can be said about its objects."""


@dataclass(frozen=True, slots=True)
class NodeContext:
    """What the diagnosis of a node looks at beside its own objects."""

    now: datetime
    endpoints: Callable[[ObservedObject], Endpoints | None]
    """Of a Service; None while no slice of it is known."""
    waits_for_consumer: Callable[[str], bool]
    """Whether the StorageClass of that name binds a claim only when a pod uses it."""
    warnings: Callable[[str], Sequence[WarningEvent]]
    """Warning events about the object with that uid."""
    unlisted: Callable[[ObservedObject], str] = lambda seen: ""
    """Of a Service: why its slices cannot be seen; "" where they would be."""
    backends: Callable[[ObservedObject], tuple[int, int] | None] = lambda seen: None
    """Of a Service: how many pods the workloads that its selector matches want; None where there are no such."""
    why_no_volume: Callable[[ClaimStatus], str] = lambda claim: ""
    """Of a claim that waits for a volume: why nobody makes one."""
    provisioner: Callable[[str], str] = lambda storage_class: ""
    """What makes the volumes of the StorageClass of that name; "" where that is not known."""
    claim: Callable[[str, str], ObservedObject | None] = lambda namespace, name: None
    """The PersistentVolumeClaim of that namespace and name, if it is one of ours."""
    service: Callable[[str, str], ObservedObject | Health | None] = lambda namespace, name: None
    """The Service of that namespace and name, whoever made it; None where there is none; where that is not known, what
    that makes of an Ingress that routes to it."""
    changed_at: Callable[[str, str, str], str] = lambda kind, namespace, name: ""
    """When the content of a ConfigMap or Secret changed last, RFC 3339; "" where that is not known."""
    doubt: Callable[[ObservedObject], str | None] = lambda seen: None
    """Why the object may be another by now, though the rest of the cluster is observed."""

    def why_unbound(self, namespace: str, claims: Sequence[str]) -> str:
        """Why one of these claims has no volume; "" where all have one, or none is known."""
        for name in claims:
            seen = self.claim(namespace, name)
            if seen is None or not isinstance(seen.status, ClaimStatus) or seen.status.phase == "Bound":
                continue
            status = seen.status
            why = self.why_no_volume(status) or next(
                (words for row in self.warnings(seen.uid) if (words := _said(row))), ""
            )
            return f"PersistentVolumeClaim {name} has no volume: {why or self._who_is_to_make_it(status)}"
        return ""

    def _who_is_to_make_it(self, claim: ClaimStatus) -> str:
        made_by = self.provisioner(claim.storage_class)
        maker = f"the provisioner {made_by} of StorageClass {claim.storage_class}" if made_by else "its provisioner"
        when = ", which waits for the pod to be given a node" if self.waits_for_consumer(claim.storage_class) else ""
        return f"{maker} has not made one yet{when}"


def diagnose(objects: Iterable[ObservedObject], context: NodeContext) -> ObservedNode:
    """Judge a node by its `objects`: those it declares, and those that controllers made for them."""
    everything = list(objects)
    roots = sorted((seen for seen in everything if seen.owner is None), key=lambda seen: seen.ref.key)
    dependents = [seen for seen in everything if seen.owner is not None]
    diagnoses = causes_in((*roots, *dependents), context.warnings, context.now, context.why_unbound)
    healths = tuple((root, _with_diagnoses(root, diagnoses, dependents, context)) for root in roots)
    return ObservedNode(
        health=worst(health for _, health in healths),
        evidence=evidence_of(diagnoses),
        facts=facts_of(roots, context.endpoints),
        outside_edit=max(
            (root.outside_edit for root in roots if root.outside_edit), key=lambda edit: edit.at, default=None
        ),
        objects=healths,
    )


def _said(warning: WarningEvent) -> str:
    return refusal_words(warning.message) if warning.reason == "ProvisioningFailed" else ""


def _own_health(seen: ObservedObject, context: NodeContext) -> Health:
    doubt = context.doubt(seen)
    if doubt is not None:
        return Health(State.UNKNOWN, f"cannot be observed at the moment: {doubt}")
    status = seen.status
    if isinstance(status, ServiceStatus):
        endpoints, backends = context.endpoints(seen), context.backends(seen)
        unlisted = context.unlisted(seen) if endpoints is None else ""
        found = ObjectContext(context.now, endpoints=endpoints, unlisted=unlisted, backends=backends)
    elif isinstance(status, ClaimStatus):
        waits, why = context.waits_for_consumer(status.storage_class), context.why_no_volume(status)
        found = ObjectContext(context.now, waits_for_consumer=waits, no_volume=why)
    elif isinstance(status, IngressStatus):
        found = ObjectContext(context.now, behind=_behind(seen.namespace, status, context))
    else:
        found = ObjectContext(context.now)
    return health_of(seen, found)


def _behind(namespace: str, ingress: IngressStatus, context: NodeContext) -> tuple[Behind, ...]:
    rows = []
    for backend in ingress.backends:
        found = context.service(namespace, backend.service)
        if isinstance(found, ObservedObject) and isinstance(found.status, ServiceStatus):
            rows.append(Behind(backend, found.status, _own_health(found, context)))
        else:
            rows.append(Behind(backend, None, found if isinstance(found, Health) else no_service(backend.service)))
    return tuple(rows)


def _with_diagnoses(
    root: ObservedObject, diagnoses: list[Diagnosis], dependents: list[ObservedObject], context: NodeContext
) -> Health:
    """A healthy object stays healthy, whatever an old pod reports; a progressing one is degraded by its pods."""
    own = _own_health(root, context)
    if isinstance(root.status, (ServiceStatus, IngressStatus, ScalerStatus)):
        return own
    if isinstance(root.status, OtherStatus):
        made = _made_of(root, dependents) if diagnoses else set()
        diagnoses = [one for one in diagnoses if one.evidence.ref in made]
    is_judged = not isinstance(root.status, OtherStatus)
    if own.state in (State.HEALTHY, State.SUSPENDED) or (own.state is State.PRESENT and is_judged):
        failed_job = _last_failed_job(dependents)
        if failed_job is not None:
            return Health(State.DEGRADED, f"the last job failed: {failed_job}")
        again = _runs_again(root, dependents, context) if own.state is State.HEALTHY else None
        if again is not None:
            return again
        unread = _unread_change(root, dependents, context)
        return replace(own, reason=f"{own.reason}; {unread}") if unread else own
    if not diagnoses:
        return own
    first = diagnoses[0]
    same = [diagnosis for diagnosis in diagnoses if diagnosis.key == first.key]
    concerned = sum(1 for diagnosis in same if diagnosis.evidence.ref.kind == "Pod")  # none where they are refused
    pods = sum(1 for seen in dependents if isinstance(seen.status, PodStatus) and not seen.deleting) or concerned
    sentence = first.sentence(f" ({concerned} of {pods} pods)" if concerned and pods > 1 else "")
    if SEVERITY[own.state] >= SEVERITY[State.DEGRADED]:
        return Health(own.state, _joined(root, own, sentence), own.recheck_s)
    trouble = Health(State.DEGRADED, sentence)
    return in_grace(first.since, context.now, trouble) if first.since else trouble


def _runs_again(root: ObservedObject, dependents: list[ObservedObject], context: NodeContext) -> Health | None:
    """Of a workload, one of whose pods has crashed and runs since a moment."""
    if not isinstance(root.status, WorkloadStatus):
        return None
    found = [
        (seen, health)
        for seen in dependents
        if isinstance(seen.status, PodStatus)
        and not seen.deleting
        and (health := runs_again(seen.status, context.now)) is not None
    ]
    made = _made_of(root, dependents) if found else set()
    return next((health for seen, health in found if seen.ref in made), None)


def _joined(root: ObservedObject, own: Health, cause: str) -> str:
    """What the object says of itself and the cause of it, the cause first; of a Job, what happened first."""
    if own.state == State.DEGRADED:
        return cause
    happened, colon, limit = own.reason.partition(": ")
    if isinstance(root.status, JobStatus) and colon:
        return f"{happened}: {cause} ({limit})"
    return f"{cause}; {own.reason}"


def _unread_change(root: ObservedObject, dependents: list[ObservedObject], context: NodeContext) -> str:
    """Pods that started before what they read once, when they start, changed: they still have what was there then."""
    if not isinstance(root.status, WorkloadStatus) or not root.status.reads:
        return ""
    made = _made_of(root, dependents)
    starts = [
        seen.status.started_at
        for seen in dependents
        if isinstance(seen.status, PodStatus) and seen.status.started_at and not seen.deleting and seen.ref in made
    ]
    for kind, name in root.status.reads:
        changed_at = context.changed_at(kind, root.namespace, name)
        old = sum(1 for started_at in starts if changed_at and started_at < changed_at)
        if old:
            which = "its pods" if old == len(starts) else f"{old} of {len(starts)} pods"
            return f"{which} started before {kind} {name} changed; restart them to have them read it"
    return ""


def _made_of(root: ObservedObject, dependents: list[ObservedObject]) -> set[Ref]:
    """The object and what controllers made of it."""
    found, uids = {root.ref}, {root.uid}
    for _ in range(GENERATIONS):
        made = [one for one in dependents if one.owner is not None and one.owner.uid in uids and one.ref not in found]
        if not made:
            break
        found |= {one.ref for one in made}
        uids = {one.uid for one in made}
    return found


def _last_failed_job(dependents: list[ObservedObject]) -> str | None:
    """Of a CronJob: why its latest job failed, None if that did not fail."""
    jobs = [
        seen
        for seen in dependents
        if isinstance(seen.status, JobStatus) and seen.owner is not None and seen.owner.kind == "CronJob"
    ]
    if not jobs:
        return None
    latest = max(jobs, key=_started_at)
    health = health_of(latest)
    return health.reason if health.state == State.FAILED else None


def _started_at(seen: ObservedObject) -> str:
    return seen.status.started_at if isinstance(seen.status, JobStatus) else ""
