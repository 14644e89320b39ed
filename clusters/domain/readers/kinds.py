"""What is kept of the kinds that have a rule of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.observed import (
    ClaimStatus,
    ContentStatus,
    CronJobStatus,
    EndpointStatus,
    IngressStatus,
    JobStatus,
    ScalerStatus,
    ServiceStatus,
    Status,
    StorageClassStatus,
    WorkloadStatus,
)
from clusters.domain.readers.generic import generic
from clusters.domain.readers.parts import (
    address_of,
    backends_of,
    conditions_of,
    ended_at_of,
    images_of,
    is_ready_endpoint,
    message_of,
    pairs_of,
    pod_labels_of,
    reads_of,
)
from clusters.domain.reading import integer, interned, mapping, mappings, number, text

PORTS_MOST = 100
CONTENT_FIELDS = frozenset({"f:data", "f:binaryData", "f:stringData"})


def deployment(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return WorkloadStatus(
        desired=integer(spec.get("replicas"), 1),
        current=integer(status.get("replicas")),
        updated=integer(status.get("updatedReplicas")),
        ready=integer(status.get("readyReplicas")),
        available=integer(status.get("availableReplicas")),
        paused=spec.get("paused") is True,
        deadline=spec.get("progressDeadlineSeconds") not in (None, 2147483647),
        pod_labels=pod_labels_of(spec),
        reads=reads_of(spec),
        conditions=conditions_of(status),
        images=images_of(spec),
    )


def replica_set(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return WorkloadStatus(
        desired=integer(spec.get("replicas"), 1),
        current=integer(status.get("replicas")),
        updated=integer(status.get("fullyLabeledReplicas")),
        ready=integer(status.get("readyReplicas")),
        available=integer(status.get("availableReplicas")),
        pod_labels=pod_labels_of(spec),
        reads=reads_of(spec),
        conditions=conditions_of(status),
        images=images_of(spec),
    )


def stateful_set(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    strategy = mapping(spec.get("updateStrategy"))
    current, update = text(status.get("currentRevision")), text(status.get("updateRevision"))
    ready = integer(status.get("readyReplicas"))
    return WorkloadStatus(
        desired=integer(spec.get("replicas"), 1),
        current=integer(status.get("replicas")),
        updated=integer(status.get("updatedReplicas")),
        ready=ready,
        available=integer(status.get("availableReplicas")) if integer(spec.get("minReadySeconds")) > 0 else ready,
        on_delete=strategy.get("type") == "OnDelete",
        partition=integer(mapping(strategy.get("rollingUpdate")).get("partition")),
        rolled=current == update,
        pod_labels=pod_labels_of(spec),
        reads=reads_of(spec),
        conditions=conditions_of(status),
        images=images_of(spec),
    )


def daemon_set(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return WorkloadStatus(
        desired=number(status.get("desiredNumberScheduled")),
        current=integer(status.get("currentNumberScheduled")),
        updated=integer(status.get("updatedNumberScheduled")),
        ready=integer(status.get("numberReady")),
        available=integer(status.get("numberAvailable")),
        on_delete=mapping(spec.get("updateStrategy")).get("type") == "OnDelete",
        pod_labels=pod_labels_of(spec),
        reads=reads_of(spec),
        conditions=conditions_of(status),
        images=images_of(spec),
    )


def job(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return JobStatus(
        active=integer(status.get("active")),
        succeeded=integer(status.get("succeeded")),
        failed=integer(status.get("failed")),
        completions=number(spec.get("completions")),
        suspended=spec.get("suspend") is True,
        started=bool(status.get("startTime")),
        started_at=text(status.get("startTime")),
        ended_at=ended_at_of(status),
        removes_itself=isinstance(spec.get("ttlSecondsAfterFinished"), int),
        conditions=conditions_of(status),
        images=images_of(spec),
    )


def cron_job(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    metadata = mapping(manifest.get("metadata"))
    edits = [
        text(row.get("time"))[:40]
        for row in mappings(metadata.get("managedFields"))
        if "f:spec" in mapping(row.get("fieldsV1")) and not row.get("subresource")
    ]
    return CronJobStatus(
        schedule=text(spec.get("schedule"))[:100],
        suspended=spec.get("suspend") is True,
        active=len(mappings(status.get("active"))),
        last_scheduled_at=text(status.get("lastScheduleTime")),
        last_succeeded_at=text(status.get("lastSuccessfulTime")),
        time_zone=text(spec.get("timeZone"))[:64],
        edited_at=max(edits, default=text(metadata.get("creationTimestamp"))),
        images=images_of(mapping(mapping(spec.get("jobTemplate")).get("spec"))),
    )


def content(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    """A ConfigMap or Secret, of which only the metadata is looked at: who set which field, and when."""
    metadata = mapping(manifest.get("metadata"))
    times = [
        text(row.get("time"))
        for row in mappings(metadata.get("managedFields"))
        if not CONTENT_FIELDS.isdisjoint(mapping(row.get("fieldsV1")))
    ]
    return ContentStatus(max(times, default=text(metadata.get("creationTimestamp"))))


def service(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    ports = mappings(spec.get("ports"))[:PORTS_MOST]
    return ServiceStatus(
        type=interned(spec.get("type")) or "ClusterIP",
        cluster_ip=interned(spec.get("clusterIP")),
        address=text(spec.get("externalName"))[:253] if spec.get("type") == "ExternalName" else address_of(status),
        has_selector=bool(spec.get("selector")) and spec.get("type") != "ExternalName",
        ports=tuple(integer(row.get("port")) for row in ports),
        port_names=tuple(interned(row.get("name")) for row in ports if row.get("name")),
        selector=pairs_of(spec.get("selector")),
        created_at=interned(mapping(manifest.get("metadata")).get("creationTimestamp")),
    )


def endpoint_slice(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    labels = mapping(mapping(manifest.get("metadata")).get("labels"))
    endpoints = mappings(manifest.get("endpoints"))
    ready = sum(1 for row in endpoints if is_ready_endpoint(row))
    return EndpointStatus(interned(labels.get("kubernetes.io/service-name")), ready, len(endpoints))


def ingress(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    hosts = tuple(text(row.get("host"))[:253] for row in mappings(spec.get("rules"))[:20] if row.get("host"))
    created_at = interned(mapping(manifest.get("metadata")).get("creationTimestamp"))
    return IngressStatus(address_of(status), hosts, backends_of(spec), created_at)


def claim(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    name = spec.get("storageClassName")
    return ClaimStatus(
        phase=interned(status.get("phase")),
        capacity=text(mapping(status.get("capacity")).get("storage")),
        storage_class=interned(name),
        names_class=isinstance(name, str),
        volume=text(spec.get("volumeName")),
        created_at=interned(mapping(manifest.get("metadata")).get("creationTimestamp")),
    )


def storage_class(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    waits = manifest.get("volumeBindingMode") == "WaitForFirstConsumer"
    return StorageClassStatus(waits, text(manifest.get("provisioner"))[:253])


def signing_request(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    found = generic(spec, status, manifest)
    return replace(found, flag=bool(status.get("certificate")))


def attachment(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    """A VolumeAttachment."""
    errors = (message_of(mapping(status.get(key)).get("message")) for key in ("attachError", "detachError"))
    attached = status.get("attached")
    return replace(
        generic(spec, status, manifest),
        flag=attached if isinstance(attached, bool) else None,
        error=next((said for said in errors if said), ""),
    )


def scaler(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return ScalerStatus(
        current=integer(status.get("currentReplicas")),
        desired=integer(status.get("desiredReplicas")),
        least=integer(spec.get("minReplicas"), 1),
        most=integer(spec.get("maxReplicas")),
        conditions=conditions_of(status),
    )
