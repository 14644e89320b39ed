"""What only one object at a time can have: a port of the nodes, an address, a host with its path, a target to scale.

A renamed node is a new object to Kubernetes, and the former one stands in its way until it is gone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from clusters.domain.objects import Manifest


def exclusive_of(manifest: Manifest) -> frozenset[str]:
    """What the object has, or asks for, in words; of a drawn object only what the drawing fixes."""
    spec = manifest.get("spec")
    namespace = str((manifest.get("metadata") or {}).get("namespace") or "")
    read = _BY_KIND.get(str(manifest.get("kind")))
    return frozenset(read(spec, namespace)) if read is not None and isinstance(spec, Mapping) else frozenset()


def asked_by(manifests: Collection[Manifest]) -> dict[str, frozenset[str]]:
    """What all of them ask for, by kind."""
    asked: dict[str, set[str]] = {}
    for manifest in manifests:
        if found := exclusive_of(manifest):
            asked.setdefault(str(manifest["kind"]), set()).update(found)
    return {kind: frozenset(found) for kind, found in asked.items()}


def _service(spec: Mapping[str, Any], namespace: str) -> Iterator[str]:
    for port in _rows(spec.get("ports")):
        if port.get("nodePort"):
            yield f"port {port['nodePort']} of the nodes"
    if spec.get("healthCheckNodePort"):
        yield f"port {spec['healthCheckNodePort']} of the nodes"
    for address in {spec.get("clusterIP"), *_texts(spec.get("clusterIPs"))}:
        if isinstance(address, str) and address not in ("", "None"):
            yield f"address {address} in the cluster"
    if spec.get("loadBalancerIP"):
        yield f"address {spec['loadBalancerIP']} of the load balancer"


def _ingress(spec: Mapping[str, Any], namespace: str) -> Iterator[str]:
    for rule in _rows(spec.get("rules")):
        http = rule.get("http")
        for path in _rows(http.get("paths") if isinstance(http, Mapping) else None):
            yield f"host {rule.get('host') or '*'} with path {path.get('path') or '/'}"


def _volume(spec: Mapping[str, Any], namespace: str) -> Iterator[str]:
    claim = spec.get("claimRef")
    if isinstance(claim, Mapping) and claim.get("name"):
        yield f"claim {claim.get('namespace')}/{claim['name']}"


def _scaler(spec: Mapping[str, Any], namespace: str) -> Iterator[str]:
    target = spec.get("scaleTargetRef")
    if isinstance(target, Mapping):
        yield f"scaling of {target.get('kind')} {namespace}/{target.get('name')}"


def _budget(spec: Mapping[str, Any], namespace: str) -> Iterator[str]:
    if spec.get("selector"):
        yield f"disruptions of {namespace}/{json.dumps(spec['selector'], sort_keys=True, default=str)}"


_BY_KIND = {
    "Service": _service,
    "Ingress": _ingress,
    "PersistentVolume": _volume,
    "HorizontalPodAutoscaler": _scaler,
    "PodDisruptionBudget": _budget,
}


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list | tuple):
        yield from (one for one in value if isinstance(one, Mapping))


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []
