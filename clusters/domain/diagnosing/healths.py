"""The health of an object that is well only if others are: what its rule says, and what is found wrong around it."""

from __future__ import annotations

from collections.abc import Mapping

from clusters.domain.diagnosing.examining import examine
from clusters.domain.diagnosing.finding import Severity
from clusters.domain.diagnosing.surroundings import Surroundings, is_being_deleted, ref_of, spec_of
from clusters.domain.facts import Endpoints
from clusters.domain.health import Health, ObjectContext, State, health_of
from clusters.domain.judgement import SEVERITY
from clusters.domain.objects import Manifest
from clusters.domain.projection import project
from clusters.domain.readers.parts import is_ready_endpoint
from clusters.domain.reading import mappings

BESIDE: Mapping[str, tuple[str, ...]] = {
    "Service": ("EndpointSlice",),
    "Ingress": ("Service",),
    "CronJob": ("Job",),
    "PersistentVolumeClaim": ("StorageClass",),
}
"""Kinds whose objects are well only if objects of other kinds are, and those."""
_CALLED = {"EndpointSlice": "its endpoints", "Service": "the Services that it routes to", "Job": "its Jobs"}
"""Without these nothing is green; a claim that is bound is so whatever its StorageClass says."""


def health_among(kind: str, one: Manifest, own: Health, seen: Surroundings, unread: Mapping[str, str]) -> Health:
    """`own` by its rule alone, and worse where what is around it says so; `unread` has the reasons by kind."""
    if (
        own.state is State.UNKNOWN
        or is_being_deleted(one)
        or (kind == "Service" and spec_of(one).get("type") == "ExternalName")
    ):
        return own
    unknown = next((called for called in BESIDE[kind] if called in _CALLED and not seen.knows(called)), None)
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
