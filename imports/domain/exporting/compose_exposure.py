"""Services, Ingresses and autoscalers of a workload as ports, aliases and labels of a Compose service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clusters.domain.labels import PREFIX
from imports.domain.exporting.compose_rest import Rest
from imports.domain.exporting.compose_spaces import DEFAULT, Space

_OUTSIDE = {"NodePort": "nodeport", "LoadBalancer": "loadbalancer"}
_SCALES = {
    ("Resource", "cpu"): "kompose.hpa.cpu",
    ("Resource", "memory"): "kompose.hpa.memory",
}


_USUAL: Mapping[str, Any] = {
    "sessionAffinity": "None",
    "internalTrafficPolicy": "Cluster",
    "publishNotReadyAddresses": False,
    "ipFamilyPolicy": "SingleStack",
}
"""What a Service is without saying so."""


@dataclass(slots=True)
class Exposed:
    """What leads to a service of a namespace, and what of it is not said."""

    space: Space
    services: set[str] = field(default_factory=set)
    """The Services that lead to it."""
    notes: list[str] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)
    """Of the objects themselves, whichever service leads to them."""

    def says(self, kind: str, name: str) -> None:
        self.space.say(kind, name)

    def lacks(self, kind: str, name: str, what: str) -> None:
        self.unsaid.append(f"{self.space.called(kind, name)}: {what}")

    def left(self, kind: str, name: str, whole: Rest) -> None:
        """What nobody took of an object."""
        for part in ("apiVersion", "kind", "status"):
            whole.take(part)
        metadata = whole.take("metadata") or {}
        own = [key for key in metadata.get("annotations") or {} if not key.startswith(PREFIX)]
        paths = [*(f"metadata.annotations.{key}" for key in own), *whole.left()]
        for path in paths:
            self.lacks(kind, name, path)


def add_exposure(
    service: dict[str, Any],
    deploy: dict[str, Any],
    labels: dict[str, str],
    name: str,
    pod_labels: Mapping[str, str],
    container: Rest,
    space: Space,
) -> Exposed:
    """Write what leads to the pods."""
    exposed = Exposed(space)
    own = container.take("ports") or []
    numbers = {port["name"]: port["containerPort"] for port in own if "name" in port}
    inside = [_written(port["containerPort"], port.get("protocol")) for port in own]
    ports: list[str] = [_of_machine(port) for port in own if "hostPort" in port]
    aliases = []
    for other, manifest in sorted(space.of_kind("Service").items()):
        selector = (manifest.get("spec") or {}).get("selector") or {}
        if not selector or not selector.items() <= pod_labels.items():
            continue
        exposed.says("Service", other)
        exposed.services.add(other)
        whole = Rest(manifest)
        whole.take("spec", "selector")
        for key, value in _USUAL.items():
            whole.take_if(value, "spec", key)
        type_ = whole.take("spec", "type")
        rows = [(row, _target(row, numbers)) for row in whole.take("spec", "ports") or ()]
        if type_ in _OUTSIDE:
            _outside(labels, ports, type_, whole, rows)
        else:
            if other != name:
                aliases.append(other)
            if whole.take_if("None", "spec", "clusterIP"):
                deploy["endpoint_mode"] = "dnsrr"
            inside += [_inside(exposed, row, target) for row, target in rows]
        for at, (row, _) in enumerate(rows):
            if "nodePort" in row and type_ != "NodePort":
                exposed.lacks("Service", other, f"spec.ports[{at}].nodePort")
        exposed.left("Service", other, whole)
    routes = _ingresses(labels, exposed)
    if routes and not ports:
        ports = [str(_number(exposed, route, numbers)) for route in routes]
    _autoscalers(labels, exposed, name)
    if (aliases or space.network != DEFAULT) and "network_mode" not in service:
        service["networks"] = {space.network: {"aliases": aliases} if aliases else {}}
    if ports:
        service["ports"] = list(dict.fromkeys(ports))
    published = {port.rpartition(":")[2] for port in ports}
    if expose := [port for port in dict.fromkeys(inside) if port not in published]:
        service["expose"] = expose
    return exposed


def _inside(exposed: Exposed, row: Mapping[str, Any], target: Any) -> str:
    if protocol := row.get("appProtocol"):
        exposed.notes.append(f"its port {row['port']} speaks {protocol}")
    if target != row["port"]:
        exposed.notes.append(f"its port {row['port']} is {target}, since Compose has no ports of a Service")
    return _written(target, row.get("protocol"))


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
    labels: dict[str, str], ports: list[str], type_: str, whole: Rest, rows: list[tuple[Mapping[str, Any], Any]]
) -> None:
    labels["kompose.service.type"] = _OUTSIDE[type_]
    for row, target in rows:
        published = (row.get("nodePort") if type_ == "NodePort" else None) or row["port"]
        ports.append(f"{published}:{_written(target, row.get('protocol'))}")
    if policy := whole.take("spec", "externalTrafficPolicy"):
        labels["kompose.service.external-traffic-policy"] = str(policy).lower()


def _ingresses(labels: dict[str, str], exposed: Exposed) -> list[tuple[str, Any]]:
    """(Service, port) to which an Ingress leads that has this workload alone behind it."""
    for name, manifest in sorted(exposed.space.of_kind("Ingress").items()):
        whole = Rest(manifest)
        rules = [
            (str(rule.get("host") or ""), path, path["backend"]["service"])
            for rule in (manifest.get("spec") or {}).get("rules") or ()
            for path in (rule.get("http") or {}).get("paths") or ()
            if "service" in path.get("backend", {})
        ]
        if not rules or not {backend["name"] for _, _, backend in rules} <= exposed.services:
            continue
        exposed.says("Ingress", name)
        hosts = dict.fromkeys(f"{host}{str(path.get('path') or '/').rstrip('/')}" for host, path, _ in rules if host)
        labels["kompose.service.expose"] = ",".join(hosts) or "true"
        if ingress_class := whole.take("spec", "ingressClassName"):
            labels["kompose.service.expose.ingress-class-name"] = ingress_class
        for one in whole.take("spec", "rules"):
            _add_rule(exposed, name, one, has_hosts=bool(hosts))
        _add_tls(labels, exposed, name, whole.take("spec", "tls") or (), {host for host, _, _ in rules})
        exposed.left("Ingress", name, whole)
        exposed.notes.append(f"Ingress {name}: Docker publishes the port at a number that it picks")
        return list({(one["name"], str(one["port"])): (one["name"], one["port"]) for _, _, one in rules}.values())
    return []


def _add_rule(exposed: Exposed, name: str, rule: Mapping[str, Any], *, has_hosts: bool) -> None:
    """What the label says no more of a rule: paths of any host, and how paths are compared."""
    host = rule.get("host")
    for path in (rule.get("http") or {}).get("paths") or ():
        at = f"{path.get('path') or '/'} of {host or 'any host'}"
        is_said = bool(host) or (not has_hosts and path.get("path") in (None, "", "/"))
        if "service" not in path.get("backend", {}) or not is_said:
            exposed.lacks("Ingress", name, at)
        elif path.get("pathType", "Prefix") != "Prefix":
            exposed.lacks("Ingress", name, f"{at}, pathType {path['pathType']}")


def _add_tls(
    labels: dict[str, str], exposed: Exposed, name: str, entries: Sequence[Mapping[str, Any]], hosts: set[str]
) -> None:
    """The certificate of the first entry, which the label gives to all hosts."""
    for at, tls in enumerate(entries):
        if at == 0 and tls.get("secretName"):
            labels["kompose.service.expose.tls-secret"] = tls["secretName"]
            if set(tls.get("hosts") or hosts - {""}) != hosts - {""}:
                exposed.lacks("Ingress", name, "spec.tls[0].hosts")
        else:
            exposed.lacks("Ingress", name, f"spec.tls[{at}]")


def _number(
    exposed: Exposed,
    route: tuple[str, Any],
    numbers: Mapping[str, int],
) -> Any:
    """The port of the container to which a route leads in the end."""
    name, port = route
    for row in exposed.space.of_kind("Service")[name]["spec"].get("ports") or ():
        if port.get("number") == row["port"] or (port.get("name") and port["name"] == row.get("name")):
            return _target(row, numbers)
    exposed.notes.append(f"Service {name} has no port {port}")
    return port.get("number") or 80


def _autoscalers(labels: dict[str, str], exposed: Exposed, name: str) -> None:
    for other, manifest in sorted(exposed.space.of_kind("HorizontalPodAutoscaler").items()):
        if ((manifest.get("spec") or {}).get("scaleTargetRef") or {}).get("name") != name:
            continue
        exposed.says("HorizontalPodAutoscaler", other)
        whole = Rest(manifest)
        whole.take("spec", "scaleTargetRef")
        for key, label in (("minReplicas", "kompose.hpa.replicas.min"), ("maxReplicas", "kompose.hpa.replicas.max")):
            if (count := whole.take("spec", key)) is not None:
                labels[label] = str(count)
        for metric in whole.take("spec", "metrics") or ():
            resource = metric.get("resource") or {}
            scales = _SCALES.get((str(metric.get("type")), str(resource.get("name"))))
            share = (resource.get("target") or {}).get("averageUtilization")
            if scales and share:
                labels[scales] = str(share)
            else:
                exposed.notes.append(f"HorizontalPodAutoscaler {other}: a metric that is not a share of CPU or memory")
        exposed.left("HorizontalPodAutoscaler", other, whole)
