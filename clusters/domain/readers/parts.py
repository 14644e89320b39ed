"""Parts of a status that several kinds have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters.domain.observed import Backend, Condition
from clusters.domain.plain_text import shortened
from clusters.domain.reading import interned, mapping, mappings, shared, text

MESSAGE_LIMIT = 600
READS = 50
BACKENDS_MOST = 50


def message_of(value: Any) -> str:
    """A message, MESSAGE_LIMIT characters at most."""
    return shortened(text(value), MESSAGE_LIMIT)


def conditions_of(status: Mapping[str, Any], *, transitions: bool = False) -> tuple[Condition, ...]:
    """Its conditions, 30 at most; with `transitions` the messages of true ones are left out."""
    return tuple(
        Condition(
            interned(row.get("type")),
            interned(row.get("status")),
            interned(row.get("reason")),
            message_of(row.get("message")) if not transitions or row.get("status") == "False" else "",
        )
        for row in mappings(status.get("conditions"))[:30]
    )


def ended_at_of(status: Mapping[str, Any]) -> str:
    """When it ended, RFC 3339; "" while it has not."""
    rows = [row for row in mappings(status.get("conditions")) if row.get("status") == "True"]
    times = {text(row.get("type")): text(row.get("lastTransitionTime")) for row in rows}
    return text(status.get("completionTime")) or times.get("Complete") or times.get("Failed") or ""


def images_of(spec: Mapping[str, Any]) -> tuple[str, ...]:
    template = mapping(mapping(spec.get("template")).get("spec"))
    return shared(tuple(interned(text(row.get("image"))[:300]) for row in mappings(template.get("containers"))[:20]))


def is_ready_endpoint(endpoint: Mapping[str, Any]) -> bool:
    """Whether what stands behind an address of an EndpointSlice is ready; one that does not say so counts as ready.

    A Service with publishNotReadyAddresses has all of them `ready`, and `serving` says whether their pods are.
    Source: Kubernetes API reference, "EndpointSlice v1", EndpointConditions.
    """
    conditions = mapping(endpoint.get("conditions"))
    return conditions.get("ready") is not False and conditions.get("serving") is not False


def address_of(status: Mapping[str, Any]) -> str:
    for row in mappings(mapping(status.get("loadBalancer")).get("ingress")):
        found = text(row.get("hostname")) or text(row.get("ip"))
        if found:
            return found
    return ""


def backends_of(spec: Mapping[str, Any]) -> tuple[Backend, ...]:
    """The Services that an Ingress sends requests to, each port once, in its order."""
    paths = [row for rule in mappings(spec.get("rules")) for row in mappings(mapping(rule.get("http")).get("paths"))]
    rows = [mapping(spec.get("defaultBackend")), *(mapping(path.get("backend")) for path in paths)]
    found: dict[Backend, None] = {}
    for row in rows:
        service = mapping(row.get("service"))
        port = mapping(service.get("port"))
        name = interned(service.get("name"))
        if name and len(found) < BACKENDS_MOST:
            found[Backend(name, str(port.get("number") or text(port.get("name"))))] = None
    return shared(tuple(found))


def pod_labels_of(spec: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The labels of the pods that the template makes, sorted, 50 at most."""
    return pairs_of(mapping(mapping(spec.get("template")).get("metadata")).get("labels"))


def reads_of(spec: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """ConfigMaps and Secrets that the pods of the template read as variables or by subPath: once, when they start."""
    pod = mapping(mapping(spec.get("template")).get("spec"))
    found: set[tuple[str, str]] = set()
    by_path: set[str] = set()
    for container in (*mappings(pod.get("initContainers")), *mappings(pod.get("containers"))):
        for row in mappings(container.get("env")):
            source = mapping(row.get("valueFrom"))
            found.add(("ConfigMap", text(mapping(source.get("configMapKeyRef")).get("name"))))
            found.add(("Secret", text(mapping(source.get("secretKeyRef")).get("name"))))
        for row in mappings(container.get("envFrom")):
            found.add(("ConfigMap", text(mapping(row.get("configMapRef")).get("name"))))
            found.add(("Secret", text(mapping(row.get("secretRef")).get("name"))))
        mounts = mappings(container.get("volumeMounts"))
        by_path |= {text(row.get("name")) for row in mounts if row.get("subPath") or row.get("subPathExpr")}
    for row in mappings(pod.get("volumes")):
        if text(row.get("name")) in by_path:
            found.add(("ConfigMap", text(mapping(row.get("configMap")).get("name"))))
            found.add(("Secret", text(mapping(row.get("secret")).get("secretName"))))
    return tuple(sorted(one for one in found if one[1]))[:READS]


def pairs_of(value: Any) -> tuple[tuple[str, str], ...]:
    """A map of texts, sorted, 50 pairs at most."""
    found = [(interned(key), interned(text)) for key, text in mapping(value).items() if isinstance(text, str)]
    return tuple(sorted(found)[:50])
