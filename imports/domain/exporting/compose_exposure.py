"""Services, Ingresses and autoscalers of a workload as ports, aliases and labels of a Compose service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clusters.domain.objects import Manifest
from imports.domain.exporting.compose_rest import Rest

_OUTSIDE = {"NodePort": "nodeport", "LoadBalancer": "loadbalancer"}
_SCALES = {
    ("Resource", "cpu"): "kompose.hpa.cpu",
    ("Resource", "memory"): "kompose.hpa.memory",
}


@dataclass(slots=True)
class Exposed:
    """The objects that a service says, by kind, and what of them it does not."""

    names: dict[str, set[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def add_exposure(
    service: dict[str, Any],
    deploy: dict[str, Any],
    labels: dict[str, str],
    name: str,
    pod_labels: Mapping[str, str],
    container: Rest,
    objects: Mapping[str, Mapping[str, Manifest]],
) -> Exposed:
    """Write what leads to the pods."""
    exposed = Exposed()
    own = container.take("ports") or []
    numbers = {port["name"]: port["containerPort"] for port in own if "name" in port}
    inside = [_written(port["containerPort"], port.get("protocol")) for port in own]
    ports: list[str] = [_of_machine(port) for port in own if "hostPort" in port]
    aliases = []
    for other, manifest in sorted(objects.get("Service", {}).items()):
        spec = manifest.get("spec") or {}
        selector = spec.get("selector") or {}
        if not selector or not selector.items() <= pod_labels.items():
            continue
        exposed.names.setdefault("Service", set()).add(other)
        rows = [(row, _target(row, numbers)) for row in spec.get("ports") or ()]
        if spec.get("type") in _OUTSIDE:
            _outside(labels, ports, spec, rows)
            continue
        if other != name:
            aliases.append(other)
        if spec.get("clusterIP") == "None":
            deploy["endpoint_mode"] = "dnsrr"
        for row, target in rows:
            if protocol := row.get("appProtocol"):
                exposed.notes.append(f"its port {row['port']} speaks {protocol}")
            inside.append(_written(target, row.get("protocol")))
            if target != row["port"]:
                exposed.notes.append(f"its port {row['port']} is {target}, since Compose has no ports of a Service")
    routes = _ingresses(labels, exposed, objects)
    if routes and not ports:
        ports = [str(_number(exposed, route, objects, numbers)) for route in routes]
    _autoscalers(labels, exposed, name, objects)
    if aliases and "network_mode" not in service:
        service["networks"] = {"default": {"aliases": aliases}}
    if ports:
        service["ports"] = list(dict.fromkeys(ports))
    published = {port.rpartition(":")[2] for port in ports}
    if expose := [port for port in dict.fromkeys(inside) if port not in published]:
        service["expose"] = expose
    return exposed


def _written(port: Any, protocol: str | None) -> str:
    return f"{port}/{protocol.lower()}" if protocol not in (None, "TCP") else str(port)


def _of_machine(port: Mapping[str, Any]) -> str:
    """A port of the machine, at the address that it is kept to."""
    address = str(port.get("hostIP") or "")
    at = f"[{address}]:" if ":" in address else f"{address}:" if address else ""
    return f"{at}{port['hostPort']}:{_written(port['containerPort'], port.get('protocol'))}"


def _target(row: Mapping[str, Any], numbers: Mapping[str, int]) -> Any:
    target = row.get("targetPort", row["port"])
    return numbers.get(target, target) if isinstance(target, str) else target


def _outside(
    labels: dict[str, str], ports: list[str], spec: Mapping[str, Any], rows: list[tuple[Mapping[str, Any], Any]]
) -> None:
    labels["kompose.service.type"] = _OUTSIDE[spec["type"]]
    for row, target in rows:
        published = (row.get("nodePort") if spec["type"] == "NodePort" else None) or row["port"]
        ports.append(f"{published}:{_written(target, row.get('protocol'))}")
    if policy := spec.get("externalTrafficPolicy"):
        labels["kompose.service.external-traffic-policy"] = str(policy).lower()


def _ingresses(
    labels: dict[str, str], exposed: Exposed, objects: Mapping[str, Mapping[str, Manifest]]
) -> list[tuple[str, Any]]:
    """(Service, port) to which an Ingress leads that has this workload alone behind it."""
    own = exposed.names.get("Service", set())
    for name, manifest in sorted(objects.get("Ingress", {}).items()):
        spec = manifest.get("spec") or {}
        rules = [
            (str(rule.get("host") or ""), str(path.get("path") or "/"), path["backend"]["service"])
            for rule in spec.get("rules") or ()
            for path in (rule.get("http") or {}).get("paths") or ()
            if "service" in path.get("backend", {})
        ]
        if not rules or not {backend["name"] for _, _, backend in rules} <= own:
            continue
        exposed.names.setdefault("Ingress", set()).add(name)
        hosts = dict.fromkeys(f"{host}{path.rstrip('/')}" for host, path, _ in rules if host)
        labels["kompose.service.expose"] = ",".join(hosts) or "true"
        if ingress_class := spec.get("ingressClassName"):
            labels["kompose.service.expose.ingress-class-name"] = ingress_class
        for tls in (spec.get("tls") or ())[:1]:
            if tls.get("secretName"):
                labels["kompose.service.expose.tls-secret"] = tls["secretName"]
        exposed.notes.append(f"Ingress {name}: Docker publishes the port at a number that it picks")
        return list({(one["name"], str(one["port"])): (one["name"], one["port"]) for _, _, one in rules}.values())
    return []


def _number(
    exposed: Exposed,
    route: tuple[str, Any],
    objects: Mapping[str, Mapping[str, Manifest]],
    numbers: Mapping[str, int],
) -> Any:
    """The port of the container to which a route leads in the end."""
    name, port = route
    for row in objects["Service"][name]["spec"].get("ports") or ():
        if port.get("number") == row["port"] or (port.get("name") and port["name"] == row.get("name")):
            return _target(row, numbers)
    exposed.notes.append(f"Service {name} has no port {port}")
    return port.get("number") or 80


def _autoscalers(
    labels: dict[str, str], exposed: Exposed, name: str, objects: Mapping[str, Mapping[str, Manifest]]
) -> None:
    for other, manifest in sorted(objects.get("HorizontalPodAutoscaler", {}).items()):
        spec = manifest.get("spec") or {}
        if (spec.get("scaleTargetRef") or {}).get("name") != name:
            continue
        exposed.names.setdefault("HorizontalPodAutoscaler", set()).add(other)
        for key, label in (("minReplicas", "kompose.hpa.replicas.min"), ("maxReplicas", "kompose.hpa.replicas.max")):
            if spec.get(key):
                labels[label] = str(spec[key])
        for metric in spec.get("metrics") or ():
            resource = metric.get("resource") or {}
            scales = _SCALES.get((str(metric.get("type")), str(resource.get("name"))))
            share = (resource.get("target") or {}).get("averageUtilization")
            if scales and share:
                labels[scales] = str(share)
            else:
                exposed.notes.append(f"HorizontalPodAutoscaler {other}: a metric that is no share of CPU or memory")
