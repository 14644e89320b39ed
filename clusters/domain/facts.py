"""The figures that a node's card shows, by kind of object: replicas, addresses, images, endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from clusters.domain.observed import (
    ClaimStatus,
    CronJobStatus,
    EndpointStatus,
    IngressStatus,
    JobStatus,
    ObservedObject,
    PodStatus,
    ScalerStatus,
    ServiceStatus,
    WorkloadStatus,
)

PORTS_SHOWN = 20
Endpoints = tuple[int, int]
"""Addresses of a Service: ready ones, and all."""


def facts_of(
    roots: Iterable[ObservedObject], endpoints_of: Callable[[ObservedObject], Endpoints | None]
) -> dict[str, Any]:
    """The facts of a node's own objects; where two have the same fact, the later one wins."""
    facts: dict[str, Any] = {}
    for seen in roots:
        status = seen.status
        if isinstance(status, WorkloadStatus):
            facts.update(ready=status.ready, desired=status.desired or 0, updated=status.updated)
        elif isinstance(status, JobStatus):
            facts.update(succeeded=status.succeeded, failed=status.failed, active=status.active)
        elif isinstance(status, CronJobStatus):
            facts.update(schedule=status.schedule, active=status.active)
            if status.last_scheduled_at:
                facts["last_scheduled_at"] = status.last_scheduled_at
        elif isinstance(status, PodStatus):
            facts.update(phase=status.phase, restarts=status.restarts)
        elif isinstance(status, ServiceStatus):
            facts.update(
                type=status.type, address=status.address or status.cluster_ip, ports=list(status.ports[:PORTS_SHOWN])
            )
            endpoints = endpoints_of(seen)
            if endpoints is not None:
                facts.update(endpoints_ready=endpoints[0], endpoints=endpoints[1])
        elif isinstance(status, IngressStatus):
            facts.update(address=status.address, hosts=list(status.hosts))
        elif isinstance(status, ClaimStatus):
            facts.update(phase=status.phase, capacity=status.capacity, volume=status.volume)
        elif isinstance(status, ScalerStatus):
            facts.update(current=status.current, desired=status.desired, min=status.least, max=status.most)
        images = getattr(status, "images", ())
        if images:
            facts["image"] = images[0]
    return facts


def count_endpoints(slices: Iterable[ObservedObject]) -> Endpoints | None:
    """Addresses over all EndpointSlices of a Service; None without any slice."""
    statuses = [seen.status for seen in slices if isinstance(seen.status, EndpointStatus)]
    if not statuses:
        return None
    return sum(status.ready for status in statuses), sum(status.total for status in statuses)
