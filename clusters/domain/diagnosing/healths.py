"""The health of an object that is well only if others are: what its rule says, and what is found wrong around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from clusters.domain.diagnosing.examining import examine
from clusters.domain.diagnosing.finding import Severity
from clusters.domain.diagnosing.surroundings import KIND_VERSIONS, Surroundings, is_being_deleted, ref_of, spec_of
from clusters.domain.facts import Endpoints
from clusters.domain.health import Health, ObjectContext, State, health_of
from clusters.domain.judgement import GRACE_S, SEVERITY, Behind, in_grace
from clusters.domain.objects import Manifest
from clusters.domain.observed import ServiceStatus
from clusters.domain.projection import project
from clusters.domain.readers.parts import backends_of, is_ready_endpoint
from clusters.domain.reading import mappings
from clusters.domain.rules.others import no_service

BESIDE: Mapping[str, tuple[str, ...]] = {
    "Service": ("EndpointSlice",),
    "Ingress": ("Service", "EndpointSlice"),
    "CronJob": ("Job",),
    "PersistentVolumeClaim": ("StorageClass",),
}
"""Kinds whose objects are well only if objects of other kinds are, and those."""
WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"})
"""Kinds whose objects say how many pods are ready, and not why the others are not."""
_CALLED = {"EndpointSlice": "its endpoints", "Service": "the Services that it routes to", "Job": "its Jobs"}
"""Without these nothing is green; a claim that is bound is so whatever its StorageClass says."""


ServiceHealth = Callable[[Manifest], Health]


def health_among(
    kind: str,
    one: Manifest,
    own: Health,
    seen: Surroundings,
    unread: Mapping[str, str],
    service_health: ServiceHealth | None = None,
) -> Health:
    """`own` by its rule alone, and worse where what is around it says so; `unread` has the reasons by kind.

    `service_health` tells of the Services that an Ingress routes to; without it they are judged by what was `seen`.
    """
    if (
        own.state is State.UNKNOWN
        or is_being_deleted(one)
        or (kind == "Service" and spec_of(one).get("type") == "ExternalName")
    ):
        return own
    rests_on = ("Service",) if kind == "Ingress" else BESIDE[kind]  # its Services rest on the others
    unknown = next((called for called in rests_on if called in _CALLED and not seen.knows(called)), None)
    if kind == "Ingress" and unknown is None:
        own = _ingress_among(one, seen, service_health or (lambda service: service_among(service, seen, unread)))
    if kind == "Service":
        endpoints = endpoints_of(one, seen)
        if endpoints is not None and (unknown is None or endpoints[0]):
            unknown = None
            own = health_of(project("v1", kind, one), ObjectContext(seen.now, endpoints=endpoints))
    found = examine(kind, one, seen)
    if any(finding.code == "service.scaled_to_zero" for finding in found):
        return Health(State.SUSPENDED, "its pods are scaled to 0")
    wrong = next((finding for finding in found if finding.severity is Severity.ERROR), None)
    if wrong is not None and SEVERITY[own.state] <= SEVERITY[State.DEGRADED]:
        return Health(State.DEGRADED, wrong.sentence)
    if unknown is not None and SEVERITY[own.state] < SEVERITY[State.UNKNOWN]:
        why = unread.get(unknown) or "there are more of them than are read"
        return Health(State.UNKNOWN, f"{_CALLED[unknown]} could not be read: {why}")
    return own


def service_among(service: Manifest, seen: Surroundings, unread: Mapping[str, str]) -> Health:
    """The health of a Service by what was `seen`. Raises ValueError for one of a shape that no API server gives it."""
    own = health_of(project("v1", "Service", service), ObjectContext(seen.now))
    return health_among("Service", service, own, seen, unread)


def services_before(ingress: Manifest, seen: Surroundings) -> list[Manifest]:
    """The Services that an Ingress routes to, as far as they are there."""
    place = ref_of("Ingress", ingress).namespace
    names = dict.fromkeys(backend.service for backend in backends_of(spec_of(ingress)))
    return [found for name in names if (found := seen.find("Service", place, name)) is not None]


def _ingress_among(ingress: Manifest, seen: Surroundings, service_health: ServiceHealth) -> Health:
    """By its own status and by how its Services are."""
    observed = project(KIND_VERSIONS["Ingress"], "Ingress", ingress)
    services = {ref_of("Service", one).name: one for one in services_before(ingress, seen)}
    rows = []
    for backend in backends_of(spec_of(ingress)):
        service = services.get(backend.service)
        if service is None:
            rows.append(Behind(backend, None, no_service(backend.service)))
            continue
        status = project("v1", "Service", service).status
        if isinstance(status, ServiceStatus):
            rows.append(Behind(backend, status, service_health(service)))
    return health_of(observed, ObjectContext(seen.now, behind=tuple(rows)))


def health_by_pods(kind: str, one: Manifest, own: Health, seen: Surroundings) -> Health:
    """Of a workload that is on its way by its own counters: what keeps its pods, as on the canvas (`diagnosis`).

    Where nothing does, it is to be judged again soon: a pod that gets into trouble changes nothing of the workload.
    """
    found = examine(kind, one, seen)
    wrong = next((finding for finding in found if finding.severity is Severity.ERROR), None)
    if wrong is None:
        return replace(own, recheck_s=own.recheck_s or float(GRACE_S))
    trouble = Health(State.DEGRADED, wrong.sentence)
    return in_grace(wrong.since, seen.now, trouble) if wrong.code.startswith("unschedulable") else trouble


def endpoints_of(service: Manifest, seen: Surroundings) -> Endpoints | None:
    """How many of its addresses are ready, and all, as far as they were read; None where no slice of it was."""
    slices = _slices_of(service, seen)
    if not slices:
        return None
    rows = [row for one in slices for row in mappings(one.get("endpoints"))]
    return sum(1 for row in rows if is_ready_endpoint(row)), len(rows)


def is_in_doubt(service: Manifest, seen: Surroundings) -> bool:
    """Whether its pods have to be looked at as well: no address of it is ready, or one leads to none of its ports."""
    if not spec_of(service).get("selector"):
        return False
    endpoints = endpoints_of(service, seen)
    if endpoints is None:
        return seen.knows("EndpointSlice")
    return not endpoints[0] or any(one.get("endpoints") and not one.get("ports") for one in _slices_of(service, seen))


def _slices_of(service: Manifest, seen: Surroundings) -> list[Manifest]:
    ref = ref_of("Service", service)
    return seen.selected("EndpointSlice", ref.namespace, {"kubernetes.io/service-name": ref.name})
