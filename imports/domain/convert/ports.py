"""Ports: those that a container listens on, the Service by which others find it, and what is reachable from outside.

Inside, a Service has the ports of the container, as names resolve in Compose; what is published gets a Service or an
Ingress of its own, by choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imports.domain.convert.declared_ports import Port, declared_ports, field_of, labels_of
from imports.domain.convert.hosts import convert_by_host
from imports.domain.convert.images import PORT_NAMES, facts_of
from imports.domain.convert.kompose import NODE_PORTS, SERVICE_TYPES, is_node_port, is_true, kompose_label
from imports.domain.convert.names import Names
from imports.domain.convert.units import text_of
from imports.domain.convert.work import Workload
from imports.domain.drafts import DraftNode
from imports.domain.ledger import Became, Outcome
from kubeorch.base.names import is_port_name, is_qualified_name

_EXPOSURES = (
    ("cluster", "Inside the cluster only"),
    ("nodeport", "A port on every node (NodePort)"),
    ("loadbalancer", "An address from outside (LoadBalancer)"),
    ("ingress", "A host name, by HTTP (Ingress)"),
    ("httproute", "A host name, by HTTP (HTTPRoute of the Gateway API)"),
)


def convert_ports(workload: Workload, names: Names) -> None:
    """The ports of the container: declared, of a well-known image, or those at which others ask for it."""
    declared = declared_ports(workload)
    for port in declared:
        workload.ports.setdefault((port.target, port.protocol), port.name if is_port_name(port.name) else "")
    for number in facts_of(text_of(workload.spec.get("image"))).ports:
        workload.ports.setdefault((number, "TCP"), "")
    for name in dict.fromkeys((workload.service.lower(), *_other_names(workload))):
        for number in names.ports.get(name, ()):
            workload.ports.setdefault((number, "TCP"), "")
    main = next((number for number, protocol in workload.ports if protocol == "TCP"), None)
    on_node = is_true(kompose_label(workload, "kompose.controller.port.expose"))
    hosts = {(one.target, one.protocol): one.published for one in declared if on_node and one.published}
    if main is not None and main not in PORT_NAMES and (main, "TCP") not in hosts:
        workload.parameters["port"] = main
    for number, protocol in sorted(workload.ports, key=lambda one: one != (main, "TCP")):
        if (number, protocol) != (workload.parameters.get("port"), "TCP"):
            known = PORT_NAMES.get(number, "") if protocol == "TCP" else ""
            taken = {one.get("name") for one in workload.parameters.get("ports", ())}
            named: dict[str, str] = {"name": known} if known and known not in taken else {}
            row: dict[str, Any] = {"port": number, **named, **({"protocol": protocol} if protocol != "TCP" else {})}
            if host_port := hosts.get((number, protocol)):
                row["host_port"] = host_port
            workload.add("ports", row)
    for index, text in enumerate(workload.spec.get("expose") or ()):
        if any(port.at == ("expose", index) for port in declared):
            workload.converted("expose", index, to=("port", "ports"))
        else:
            workload.dropped("expose", index, why=f"{text_of(text)[:40]!r} is not a port")
    workload.converted("expose", whole=False)


def _other_names(workload: Workload) -> list[str]:
    spec = workload.spec
    networks = spec.get("networks")
    aliases = [
        text_of(alias)
        for settings in (networks.values() if isinstance(networks, Mapping) else ())
        for alias in (settings or {}).get("aliases") or ()
    ]
    return [text_of(one).lower() for one in (spec.get("container_name"), spec.get("hostname"), *aliases) if one]


def add_service(workload: Workload, names: Names, name: str = "") -> DraftNode | None:
    """The Service that gives a workload a name; None where nobody asks for it, or the pods are those of a Job.

    Without a known port it is headless: its name resolves to the pods, at which every port answers.
    """
    service = name or names.resolves[workload.service]
    if workload.is_job or not (workload.ports or name or names.uses(workload.service, by_others_than=workload.service)):
        return None
    label = text_of((workload.spec.get("labels") or {}).get("kompose.service.type")).lower()
    dnsrr = text_of((workload.spec.get("deploy") or {}).get("endpoint_mode")) == "dnsrr"
    parameters: dict[str, Any] = {}
    if label == "headless" or dnsrr or not workload.ports:
        parameters["headless"] = True
    rows = [(number, number, protocol, port) for (number, protocol), port in workload.ports.items()]
    parameters |= _service_ports(rows, workload)
    draft = workload.work.draft
    node = draft.add("service", service, wanted_id=f"{service}-service", parameters=parameters)
    node.place = workload.node.place
    draft.connect(node.id, workload.node.id, "exposes")
    if workload.kind == "statefulset":
        workload.parameters.setdefault("service_name", service)
    return node


def _service_ports(rows: list[tuple[int, int, str, str]], workload: Workload) -> dict[str, Any]:
    """Parameters for rows of (port, target port, protocol, name)."""
    app_protocols = {port.target: port.app_protocol for port in declared_ports(workload) if port.app_protocol}
    given = []
    for port, target, protocol, name in rows:
        known = PORT_NAMES.get(target, "") if protocol == "TCP" else ""
        row: dict[str, Any] = {"name": name or known or f"{protocol.lower()}-{port}", "port": port}
        if target != port:
            row["target_port"] = target
        if protocol != "TCP":
            row["protocol"] = protocol
        if is_qualified_name(app_protocols.get(target, "")):
            row["app_protocol"] = app_protocols[target]
        given.append(row)
    names = [row["name"] for row in given]
    for row in given:
        if names.count(row["name"]) > 1:
            row["name"] = f"{row['name'][:9].rstrip('-')}-{row['port']}"
    if len(given) == 1 and not rows[0][3] and rows[0][1] not in PORT_NAMES and rows[0][2] == "TCP":
        given[0].pop("name")
        given[0].setdefault("target_port", given[0]["port"])
        return given[0]
    return {"ports": given} if given else {}


def convert_exposure(workload: Workload, internal: DraftNode | None) -> None:
    """What is published, by choice. `internal` is the Service of the workload."""
    published = [port for port in declared_ports(workload) if port.at[0] == "ports"]
    if not published and not labels_of(workload).get("kompose.service.expose"):
        return
    workload.converted("ports", to=("port", "ports"), whole=False)
    if workload.is_job or internal is None:
        for port in published:
            workload.dropped(*port.at, why=f"a {workload.kind} ends, so no Service sends traffic to it")
        return
    service = workload.service
    default = _default_exposure(workload)
    id_ = _exposure_id(workload)
    numbers = ", ".join(str(port.published or port.target) for port in published[:8])
    question = f"{service} publishes {numbers or 'nothing'}. Where can it be reached from?"
    paths = [workload.path(*port.at) for port in published]
    how = workload.work.ask(id_, "ports", question, _EXPOSURES, default, paths)
    if how in ("ingress", "httproute"):
        convert_by_host(workload, internal, published, how)
    elif how == "cluster":
        _cluster_only(workload, internal, published, decided=workload.work.decided(id_) or default != "cluster")
    else:
        _outside(workload, published, how)


def is_open_outside(workload: Workload) -> bool:
    """Whether something of it is reachable from outside of the cluster, once `convert_exposure` has asked."""
    decision = workload.work.decisions.get(_exposure_id(workload))
    return decision is not None and decision.answer != "cluster"


def _exposure_id(workload: Workload) -> str:
    return f"service/{workload.service}/exposure"


def _default_exposure(workload: Workload) -> str:
    asked = SERVICE_TYPES.get(kompose_label(workload, "kompose.service.type").lower(), "cluster")
    if asked != "loadbalancer" and kompose_label(workload, "kompose.service.expose").lower() not in ("", "false"):
        return "ingress"
    return asked


def _cluster_only(workload: Workload, internal: DraftNode, published: list[Port], *, decided: bool) -> None:
    for port in published:
        became = (*workload.became(field_of(port, workload)), Became(internal.id, "parameters.port"))
        why = f"reachable at {internal.name}:{port.target} inside the cluster"
        if decided or port.host_ip in ("127.0.0.1", "::1") or port.published is None:
            workload.converted(*port.at, to=field_of(port, workload), why=why)
        else:
            workload.open(
                *port.at, to=field_of(port, workload), why=f"{why}; choose whether it is reachable from outside"
            )
        workload.work.verdicts.add(workload.path(*port.at, "target"), Outcome.CONVERTED, became)
        for key in ("protocol", "name", "app_protocol"):
            workload.converted(*port.at, key, to=field_of(port, workload))
        mode = text_of((workload.spec["ports"][port.at[1]] or {}).get("mode"))
        if mode == "host":
            workload.approximated(*port.at, "mode", why="as any port; set Host port to open one of the node")
        else:
            workload.converted(*port.at, "mode", why="a Service balances among pods, too")


def _outside(workload: Workload, published: list[Port], how: str) -> None:
    """A second Service with the published ports."""
    if not published:
        published = [Port(number, protocol, ()) for number, protocol in workload.ports]
    if not published:
        return
    labels, draft = labels_of(workload), workload.work.draft
    kind = "NodePort" if how == "nodeport" else "LoadBalancer"
    rows = []
    seen = set()
    for port in published:
        number = port.published or port.target
        if (number, port.protocol) not in seen:
            seen.add((number, port.protocol))
            rows.append((number, port.target, port.protocol, port.name if is_port_name(port.name) else ""))
    parameters: dict[str, Any] = {"type": kind, **_service_ports(rows, workload)}
    wanted = text_of(labels.get("kompose.service.nodeport.port"))
    for row in parameters.get("ports", [parameters]):
        if is_node_port(wanted) and len(rows) == 1:
            row["node_port"] = int(wanted)
        elif kind == "NodePort" and row["port"] in NODE_PORTS:
            row["node_port"] = row["port"]
    policy = text_of(labels.get("kompose.service.external-traffic-policy")).capitalize()
    if policy in ("Local", "Cluster"):
        parameters["external_traffic_policy"] = policy
    name = draft.free_name("Service", f"{workload.node.name}-public", starts_with_letter=True)
    node = draft.add("service", name, wanted_id=name, parameters=parameters, place=workload.node.place)
    draft.connect(node.id, workload.node.id, "exposes", {"target_port": published[0].target} if len(rows) == 1 else {})
    for port in published:
        if not port.at:
            continue
        if how == "nodeport" and port.published not in (None, *NODE_PORTS):
            why = "each node opens a port from 30000 to 32767 that the cluster picks"
            workload.approximated(*port.at, to=field_of(port, workload), why=why)
        workload.work.verdicts.add(workload.path(*port.at), Outcome.CONVERTED, (Became(node.id, "parameters.ports"),))
        if port.host_ip and port.host_ip not in ("0.0.0.0", "::"):  # noqa: S104 - what was written, not what is bound
            workload.dropped(*port.at, "host_ip", why="a Service is not bound to one address of a node")
