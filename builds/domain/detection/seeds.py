"""The drawing with which a proposal begins: source → workload, Service → workload, Ingress → Service."""

from __future__ import annotations

from typing import Any

from builds.domain.detection.declared import Declared, Health
from builds.domain.detection.findings import Proposal

HTTP_PORT = 80
_STEP = 280


def seed(proposal: Proposal, source: str, *, host: str = "") -> dict[str, Any]:
    """A raw graph, as `parse_graph` reads it, ready to run as it is. `source` names a source of the team.

    Without a host there is an Ingress only where the repository names hosts; a builder of ready images has no source.
    """
    declared = proposal.declared
    name = proposal.name
    port = proposal.port
    is_image = proposal.builder == "image"
    nodes = [] if is_image else [_node("source", "source", source, 0, {"source": source})]
    nodes.append(_node("app", "deployment", name, 1, _workload(proposal, declared, port)))
    edges = [] if is_image else [_edge("source", "app", "builds")]
    if port is not None:
        nodes.append(_node("service", "service", name, 2, {"port": HTTP_PORT}))
        edges.append(_edge("service", "app", "exposes", {"target_port": port}))
    hosts = [host] if host else list(declared.hosts if declared else ())
    if hosts and port is not None:
        nodes.append(_node("ingress", "ingress", name, 3, {"host": hosts[0]}))
        edges += [_edge("ingress", "service", "routes", {"host": one}) for one in hosts]
    for number, volume in enumerate(declared.volumes if declared else (), 1):
        claim = f"volume-{number}"
        parameters = {"storage": "1Gi", "mount_path": volume.path}
        nodes.append(
            _node(
                claim,
                "persistentvolumeclaim",
                f"{name[:40].strip('-')}-{volume.name[:20].strip('-')}",
                2,
                parameters,
                number,
            )
        )
        edges.append(_edge(claim, "app", "stores", {"read_only": True} if volume.read_only else {}))
    return {"nodes": nodes, "edges": [{"id": f"e{number}", **one} for number, one in enumerate(edges, 1)]}


def _workload(proposal: Proposal, declared: Declared | None, port: int | None) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    if proposal.image:
        parameters["image"] = proposal.image
    if port is not None:
        parameters["port"] = port
    if declared is None:
        return parameters
    if declared.replicas:
        parameters["replicas"] = declared.replicas
    if declared.run_variables:
        parameters["env"] = dict(declared.run_variables)
    wanted = {name: value for name, value in (("cpu", declared.cpu), ("memory", declared.memory)) if value}
    if wanted:
        parameters["resources"] = {
            "requests": wanted,
            "limits": {key: value for key, value in wanted.items() if key == "memory"},
        }
        parameters["resources"] = {key: value for key, value in parameters["resources"].items() if value}
    if declared.health is not None and port is not None:
        parameters |= _probes(declared.health)
    return parameters


def _probes(health: Health) -> dict[str, Any]:
    """A readiness probe, and a startup probe whose budget is the time that it may take to begin."""
    probe: dict[str, Any] = {"type": "http", "path": health.path}
    if health.scheme == "HTTPS":
        probe["scheme"] = "HTTPS"
    startup = dict(probe)
    for name, value in (
        ("period_s", health.period_s),
        ("timeout_s", health.timeout_s),
        ("failure_threshold", health.failures),
    ):
        if value:
            probe[name] = value
    if not health.start_s:
        return {"readiness_probe": probe}
    startup |= {"period_s": 5, "failure_threshold": -(-health.start_s // 5)}
    return {"readiness_probe": probe, "startup_probe": startup}


def _node(id_: str, kind: str, name: str, column: int, parameters: dict[str, Any], row: int = 0) -> dict[str, Any]:
    position = {"x": column * _STEP, "y": 120 + 120 * row}
    return {"id": id_, "kind": kind, "name": name, "position": position, "parameters": parameters, "patch": None}


def _edge(source: str, target: str, relation: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"source": source, "target": target, "relation": relation, "parameters": parameters or {}}
