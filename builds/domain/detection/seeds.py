"""The drawing with which applications begin: source → workload, Ingress → Service → workload, from left to right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from builds.domain.detection.declared import Declared, Health
from builds.domain.detection.fields import is_secret_name
from builds.domain.detection.findings import Proposal

HTTP_PORT = 80
APPS_MOST = 20
"""Of one drawing."""
_STEP_X, _STEP_Y = 280, 120
_INGRESS, _SERVICE, _WORKLOAD = 0, 1, 2
"""Columns. What a workload is made of, reads or stores stands below its Service."""


@dataclass(frozen=True, slots=True)
class App:
    """One application of a drawing."""

    name: str
    """Of its workload, Service and Ingress: a DNS label."""
    source: str = ""
    """The name of the source whose image it runs; "" for `image`."""
    image: str = ""
    port: int | None = None
    """Where it listens; without one there is no Service."""
    hosts: Sequence[str] = ()
    """What an Ingress leads to it; none: it is reached inside the cluster alone."""
    variables: Mapping[str, str] = field(default_factory=dict)
    secret_keys: Sequence[str] = ()
    """Names of variables whose values are secret: keys of a Secret, which asks for them."""
    declared: Declared | None = None


def app_of(proposal: Proposal, source: str, *, host: str = "") -> App:
    """The application of a proposal as it was found."""
    declared = proposal.declared
    said = declared.run_variables if declared else {}
    return App(
        proposal.name,
        "" if proposal.builder == "image" else source,
        proposal.image,
        proposal.port,
        [host] if host else list(declared.hosts if declared else ()),
        {name: value for name, value in said.items() if not is_secret_name(name)},
        [name for name in said if is_secret_name(name)],
        declared=declared,
    )


def seed(proposal: Proposal, source: str, *, host: str = "") -> dict[str, Any]:
    """A raw graph, as `parse_graph` reads it, ready to run as it is. `source` names a source of the team.

    Without a host there is an Ingress only where the repository names hosts; a builder of ready images has no source.
    """
    return drawing([app_of(proposal, source, host=host)])


def drawing(apps: Sequence[App]) -> dict[str, Any]:
    """The applications, one below the other; ids of nodes begin with the `node_prefix` of each."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    top = 0
    taken: set[tuple[str, str]] = set()
    for number, app in enumerate(apps):
        own_nodes, own_edges = _drawn(app, node_prefix(number, len(apps)), top)
        for node in own_nodes:
            node["name"] = free_name(node["name"], lambda name, kind=node["kind"]: (kind, name) in taken)  # type: ignore[misc]
            taken.add((node["kind"], node["name"]))
        nodes += own_nodes
        edges += own_edges
        top = 1 + max(node["position"]["y"] for node in own_nodes) // _STEP_Y
    return {"nodes": nodes, "edges": [{"id": f"e{number}", **one} for number, one in enumerate(edges, 1)]}


def free_name(name: str, is_taken: Callable[[str], bool]) -> str:
    """The name, or the first with a number behind it that is free; a DNS label."""
    found, number = name, 1
    while is_taken(found):
        number += 1
        found = f"{name[:57].rstrip('-')}-{number}"
    return found


def node_prefix(number: int, count: int) -> str:
    """Of the ids of an application's nodes, where there are so many."""
    return f"app{number + 1}-" if count > 1 else ""


def secret_id(prefix: str) -> str:
    """The node of the variables whose values are secret."""
    return f"{prefix}secret"


def _drawn(app: App, prefix: str, top: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    workload = f"{prefix}app"
    nodes = [_node(workload, "deployment", app.name, (_WORKLOAD, top), _workload(app))]
    edges: list[dict[str, Any]] = []
    below = top
    if app.port is not None:
        service = f"{prefix}service"
        nodes.append(_node(service, "service", app.name, (_SERVICE, top), {"port": HTTP_PORT}))
        edges.append(_edge(service, workload, "exposes", {"target_port": app.port}))
        below += 1
        if app.hosts:
            ingress = f"{prefix}ingress"
            nodes.append(_node(ingress, "ingress", app.name, (_INGRESS, top), {"host": app.hosts[0]}))
            edges += [_edge(ingress, service, "routes", {"host": one}) for one in app.hosts]
    feeding: list[tuple[str, str, str, dict[str, Any], str, dict[str, Any]]] = []
    if app.source:
        feeding.append((f"{prefix}source", "source", app.source, {"source": app.source}, "builds", {}))
    if app.secret_keys:
        name = f"{app.name[:56].strip('-')}-env"
        keys = {"keys": list(app.secret_keys)}
        feeding.append((secret_id(prefix), "secret", name, keys, "sets_env", {}))
    for number, volume in enumerate(app.declared.volumes if app.declared else (), 1):
        name = f"{app.name[:40].strip('-')}-{volume.name[:20].strip('-')}"
        parameters = {"storage": "1Gi", "mount_path": volume.path}
        reads = {"read_only": True} if volume.read_only else {}
        feeding.append((f"{prefix}volume-{number}", "persistentvolumeclaim", name, parameters, "stores", reads))
    for row, (id_, kind, name, parameters, relation, said) in enumerate(feeding, below):
        nodes.append(_node(id_, kind, name, (_SERVICE, row), parameters))
        edges.append(_edge(id_, workload, relation, said))
    return nodes, edges


def _workload(app: App) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    declared = app.declared
    if app.image and not app.source:
        parameters["image"] = app.image
    if app.port is not None:
        parameters["port"] = app.port
    if app.variables:
        parameters["env"] = dict(app.variables)
    if declared is None:
        return parameters
    if declared.replicas:
        parameters["replicas"] = declared.replicas
    wanted = {name: value for name, value in (("cpu", declared.cpu), ("memory", declared.memory)) if value}
    if wanted:
        limits = {key: value for key, value in wanted.items() if key == "memory"}
        parameters["resources"] = {"requests": wanted, **({"limits": limits} if limits else {})}
    if declared.health is not None and app.port is not None:
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


def _node(id_: str, kind: str, name: str, place: tuple[int, int], parameters: dict[str, Any]) -> dict[str, Any]:
    position = {"x": place[0] * _STEP_X, "y": place[1] * _STEP_Y}
    return {"id": id_, "kind": kind, "name": name, "position": position, "parameters": parameters, "patch": None}


def _edge(source: str, target: str, relation: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"source": source, "target": target, "relation": relation, "parameters": parameters or {}}
