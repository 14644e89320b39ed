"""What is reachable from outside by the name of a host: an Ingress, or an HTTPRoute of the Gateway API."""

from __future__ import annotations

from typing import Any

from imports.domain.convert.decisions import AnswerInvalid
from imports.domain.convert.declared_ports import Port, field_of, labels_of
from imports.domain.convert.units import text_of
from imports.domain.convert.work import Workload
from imports.domain.drafts import DraftNode
from imports.domain.ledger import Became, Outcome
from kubeorch.base.names import is_dns_label, is_dns_subdomain

GATEWAY = "gateway"
"""The decision which Gateway routes are attached to."""
Path = tuple[str | int, ...]


def convert_by_host(workload: Workload, internal: DraftNode, published: list[Port], how: str) -> None:
    """An Ingress or an HTTPRoute, as `how` says, that leads to the Service of the workload."""
    work, service = workload.work, workload.service
    given = text_of(labels_of(workload).get("kompose.service.expose"))
    hosts = [one.strip() for one in given.split(",") if one.strip()]
    hosts = [] if hosts == ["true"] else hosts
    paths = [workload.path(*port.at) for port in published]
    first = (hosts[0] if hosts else "").partition("/")[0]
    host = work.ask(
        f"service/{service}/host",
        "ports",
        f"Under which host name is {service} reachable? Leave empty for any",
        (),
        first,
        paths,
        format_="host",
    )
    web = next((port for port in published if port.protocol == "TCP"), None)
    if how == "httproute":
        node, field, why = _route(workload, internal, hosts, host, web, paths)
    else:
        node, field = _ingress(workload, internal, hosts, host, web, paths), "parameters.host"
        why = "by host name, at the ports of the controller"
    for port in published:
        if port is web:
            became = (Became(node.id, field),)
            work.verdicts.add(workload.path(*port.at), Outcome.CONVERTED, became, why)
        else:
            workload.approximated(
                *port.at, to=field_of(port, workload), why=f"inside the cluster, at {internal.name}:{port.target}"
            )


def _route(
    workload: Workload, internal: DraftNode, hosts: list[str], host: str, web: Port | None, paths: list[Path]
) -> tuple[DraftNode, str, str]:
    """The route, the field that a port became, and what is said of it. Its certificate is that of the Gateway."""
    work = workload.work
    question = "To which Gateway are routes attached? Its name, or namespace/name"
    gateway = work.ask(GATEWAY, "ports", question, (), "gateway", paths) or "gateway"
    namespace, _, name = gateway.rpartition("/")
    if not is_dns_subdomain(name) or (namespace and not is_dns_label(namespace)):
        raise AnswerInvalid(GATEWAY, gateway, "the name of a Gateway, such as gateway or infra/gateway")
    names = dict.fromkeys([host or "", *(one.partition("/")[0] for one in hosts[1:])])
    parameters: dict[str, Any] = {"parents": [{"name": name, **({"namespace": namespace} if namespace else {})}]}
    if hostnames := [one for one in names if one]:
        parameters["hostnames"] = hostnames
    free = work.draft.free_name("HTTPRoute", workload.node.name)
    node = work.draft.add(
        "httproute", free, wanted_id=f"{free}-route", parameters=parameters, place=workload.node.place
    )
    ways = {one.partition("/")[2] for one in hosts}
    below = {"path": f"/{ways.pop()}"} if len(ways) == 1 and ways != {""} else {}
    work.draft.connect(node.id, internal.id, "forwards", {**({"port": web.target} if web is not None else {}), **below})
    if len(ways) > 1:
        why = "the hosts of one HTTPRoute share its paths; every path is routed"
        workload.approximated("labels", "kompose.service.expose", why=why)
    for label, why in (
        ("kompose.service.expose.tls-secret", "the certificate is that of a listener of the Gateway"),
        ("kompose.service.expose.ingress-class-name", "an HTTPRoute has no Ingress class"),
    ):
        if label in labels_of(workload):
            workload.dropped("labels", label, why=why)
    return node, "parameters.parents", f"by host name, at the Gateway {gateway}"


def _ingress(
    workload: Workload, internal: DraftNode, hosts: list[str], host: str, web: Port | None, paths: list[Path]
) -> DraftNode:
    labels, work, service = labels_of(workload), workload.work, workload.service
    first, _, path = (hosts[0] if hosts else "").partition("/")
    tls_secret = text_of(labels.get("kompose.service.expose.tls-secret"))
    choices = (("no", "HTTP"), ("yes", "HTTPS, with the certificate of a Secret or of the controller"))
    tls = work.ask(
        f"service/{service}/tls",
        "ports",
        f"Is {service} served over HTTPS?",
        choices,
        "yes" if tls_secret else "no",
        paths,
    )
    parameters: dict[str, Any] = {"host": host} if host else {}
    if tls == "yes":
        parameters |= {"tls": True, **({"tls_secret": tls_secret} if tls_secret else {})}
        if len(hosts) > 1:
            parameters["tls_hosts"] = list(dict.fromkeys(one.partition("/")[0] for one in (host or first, *hosts[1:])))
    if ingress_class := text_of(labels.get("kompose.service.expose.ingress-class-name")):
        parameters["ingress_class"] = ingress_class
    draft = work.draft
    name = draft.free_name("Ingress", workload.node.name)
    node = draft.add("ingress", name, wanted_id=f"{name}-ingress", parameters=parameters, place=workload.node.place)
    route: dict[str, Any] = {"port": web.target} if web is not None else {}
    draft.connect(node.id, internal.id, "routes", {**route, **({"path": f"/{path}"} if path else {})})
    others = [one.partition("/") for one in hosts[1:]]
    if others:
        rules = [
            {
                "host": one,
                **({"path": f"/{below}"} if below else {}),
                "service_name": internal.name,
                "service_port": web.target,
            }
            for one, _, below in others
            if web is not None
        ]
        node.parameters["rules"] = rules
    return node
