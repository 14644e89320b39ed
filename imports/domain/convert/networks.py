"""Networks: every pod of a namespace reaches every other, unless NetworkPolicies say otherwise, by choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imports.domain.convert.declared_ports import declared_ports
from imports.domain.convert.names import Names, aliases_of, links_of
from imports.domain.convert.ports import add_service, is_open_outside
from imports.domain.convert.units import text_of
from imports.domain.convert.work import Work, Workload
from imports.domain.ledger import Became, Outcome
from kubeorch.base.names import is_dns_1035_label

_HOW = (
    ("none", "No policies: all pods of the namespace reach one another"),
    (
        "policies",
        "NetworkPolicies: only services of one network reach one another; a port opened to the outside is open to all",
    ),
)
_OPEN = "all pods of the namespace reach one another; choose NetworkPolicies to separate networks"


def convert_networks(work: Work) -> None:
    """`networks` of the project and of its services."""
    members: dict[str, list[Workload]] = {}
    for workload in work.workloads.values():
        networks = workload.spec.get("networks")
        for network in networks if isinstance(networks, Mapping) else ():
            if "network_mode" not in workload.spec and not workload.parameters.get("host_network"):
                members.setdefault(network, []).append(workload)
    declared = work.section("networks")
    how = "none"
    if len(members) > 1 or any((one or {}).get("internal") for one in declared.values()):
        question = "The services are on several networks. Are they kept apart in the cluster?"
        paths = [("networks", name) for name in declared]
        how = work.ask("networks", "networks", question, _HOW, "none", paths)
    policies = _policies(work, members) if how == "policies" else {}
    for name, settings in declared.items():
        became = tuple(Became(one, "parameters") for one in policies.get(name, ()))
        several = len(members) > 1 and not policies
        outcome = Outcome.CONVERTED
        if several and not work.decided("networks"):
            outcome = Outcome.DECISION
        elif several:
            outcome = Outcome.APPROXIMATED
        why = _OPEN if several else "the one network of all pods"
        if name in policies:
            among = ", ".join(one.service for one in members[name])
            why = f"these policies let {among} reach one another, and refuse who is on none of their networks"
        elif policies:
            why = "no service is on it"
        work.verdicts.add(("networks", name), outcome, became, why, whole=False)
        _settings(work, name, settings or {}, policies)
    for workload in work.workloads.values():
        _of_service(workload, policies)


def _settings(work: Work, name: str, settings: Mapping[str, Any], policies: Mapping[str, list[str]]) -> None:
    for key, value in settings.items():
        path = ("networks", name, key)
        if key == "internal" and value:
            if policies:
                became = tuple(Became(one, "parameters.policy_types") for one in policies.get(name, ()))
                work.verdicts.add(path, Outcome.CONVERTED, became)
            else:
                work.verdicts.add(path, Outcome.DECISION, (), "pods reach the outside; choose NetworkPolicies")
        elif key in ("name", "external", "attachable", "internal", "labels") or value in (None, {}, [], "", "bridge"):
            work.verdicts.add(path, Outcome.CONVERTED, (), "it has no effect on the network of a cluster")
        else:
            work.verdicts.add(
                path, Outcome.DROPPED, (), "the network of the cluster decides over addresses and drivers"
            )


def _policies(work: Work, members: Mapping[str, list[Workload]]) -> dict[str, list[str]]:
    """A policy for each network: its members accept connections of one another. Ids of their nodes by network."""
    draft = work.draft
    made: dict[str, list[str]] = {}
    declared = work.section("networks")
    for network, workloads in members.items():
        internal = bool((declared.get(network) or {}).get("internal"))
        parameters: dict[str, Any] = {"policy_types": ["Ingress"]}
        alone = [one for one in workloads if internal and len(_networks(one)) == 1]
        name = draft.free_name("NetworkPolicy", f"network-{network}")
        node = draft.add("networkpolicy", name, parameters=parameters, place=work.place(("networks", network)))
        for workload in workloads:
            draft.connect(node.id, workload.node.id, "selects")
            draft.connect(node.id, workload.node.id, "allows", {"direction": "ingress"})
        made[network] = [node.id]
        if alone:
            egress_name = draft.free_name("NetworkPolicy", f"network-{network}-egress")
            egress = draft.add("networkpolicy", egress_name, parameters={"policy_types": ["Egress"], "allow_dns": True})
            for workload in alone:
                draft.connect(egress.id, workload.node.id, "selects")
            for workload in workloads:
                draft.connect(egress.id, workload.node.id, "allows", {"direction": "egress"})
            made[network].append(egress.id)
    for workload in work.workloads.values():
        if any(workload in one for one in members.values()):
            _published(workload)
    return made


def _published(workload: Workload) -> None:
    """A policy that lets everyone reach what is open to the outside; what is not gets none, and says who reaches it.

    Traffic from outside comes from addresses of nodes, balancers and Ingress controllers, which no policy can name.
    """
    work, draft = workload.work, workload.work.draft
    published = [port for port in declared_ports(workload) if port.at[0] == "ports"]
    if not is_open_outside(workload):
        why = f"the NetworkPolicies let only services of {' and '.join(_networks(workload))} reach it"
        for port in published if not workload.is_job else ():
            work.verdicts.add(workload.path(*port.at), Outcome.CONVERTED, (), why)
        return
    ports = dict.fromkeys((port.target, port.protocol) for port in published) or workload.ports
    rows = [{"port": port, "protocol": protocol} for port, protocol in ports]
    if not rows:
        return
    name = draft.free_name("NetworkPolicy", f"{workload.node.name}-published")
    node = draft.add("networkpolicy", name, parameters={"ingress_rules": [{"ports": rows}]})
    draft.connect(node.id, workload.node.id, "selects")
    became = (Became(node.id, "parameters.ingress_rules"),)
    for port in published:
        why = f"NetworkPolicy {name} lets everyone reach port {port.target}, pods of the cluster too"
        work.verdicts.add(workload.path(*port.at), Outcome.CONVERTED, became, why)


def _networks(workload: Workload) -> Mapping[str, Any]:
    found = workload.spec.get("networks")
    return found if isinstance(found, Mapping) else {}


def _of_service(workload: Workload, policies: Mapping[str, list[str]]) -> None:
    workload.converted("networks", whole=False)
    for network, settings in _networks(workload).items():
        why = "by NetworkPolicies" if policies else "all pods of the namespace are on one network"
        workload.converted("networks", network, why=why, whole=False)
        for key in settings or ():
            if key != "aliases":
                workload.dropped("networks", network, key, why="the cluster gives pods their addresses and interfaces")
    mode = text_of(workload.spec.get("network_mode"))
    if not mode:
        return
    if mode == "host":
        workload.parameters["host_network"] = True
        workload.converted("network_mode", to="host_network")
    elif mode in ("bridge", "default"):
        workload.converted("network_mode", why="the network of the cluster")
    elif mode == "none":
        _isolate(workload)
    elif (asked := workload.work.decisions.get(f"service/{workload.service}/pod")) is None:
        _leaves(workload, mode.partition(":")[2])
    elif asked.answer == "own":
        why = "its pod has a network of its own; to share one, make it a sidecar of that workload"
        workload.dropped("network_mode", why=why)


_LEFT = (
    ("own", "On the network of the cluster"),
    ("isolated", "On no network: a NetworkPolicy refuses all of its traffic"),
)


def _leaves(workload: Workload, shared: str) -> None:
    """A service that cannot be in the pod whose network it has: what went through that network, does so no more."""
    work, at = workload.work, workload.path("network_mode")
    id_ = f"service/{workload.service}/network"
    question = f"{workload.service} shares the network of {shared}, and cannot be in its pod. Which network is it on?"
    if work.ask(id_, "networks", question, _LEFT, "own", [at]) == "isolated":
        _isolate(workload)
        return
    why = f"its pod has a network of its own, so its traffic does not go through {shared}: out of a VPN, if it is one"
    if work.decided(id_):
        workload.dropped("network_mode", why=why)
    else:
        workload.open("network_mode", why=why)


def _isolate(workload: Workload) -> None:
    draft = workload.work.draft
    name = draft.free_name("NetworkPolicy", f"{workload.node.name}-isolated")
    node = draft.add("networkpolicy", name, parameters={"policy_types": ["Ingress", "Egress"]})
    draft.connect(node.id, workload.node.id, "selects")
    became = (Became(node.id, "parameters.policy_types"),)
    why = "a NetworkPolicy refuses all traffic, where the network of the cluster keeps policies"
    workload.work.verdicts.add(workload.path("network_mode"), Outcome.APPROXIMATED, became, why)


def convert_aliases(work: Work, names: Names) -> None:
    """Other names of services: each that another service uses gets a Service, or is listed as unreachable."""
    for workload in work.workloads.values():
        for alias in aliases_of(workload, work.model):
            _alias(workload, names, alias.name, alias.at, asked=alias.at[0] == "networks")
        if workload.spec.get("hostname"):
            _hostname(workload, text_of(workload.spec["hostname"]))
    for service, index, target, name in links_of(work.model):
        linked, linking = work.workloads.get(target), work.workloads.get(service)
        if linking is None:
            continue
        linking.converted("links", whole=False)
        if linked is None:
            linking.converted("links", index, why=f"{target} belongs to a profile that was not chosen")
        else:
            linking.converted("links", index, why=f"{name} resolves to {target}")
            if name != target:
                _alias(linked, names, name, (), asked=True)


def _alias(workload: Workload, names: Names, name: str, at: tuple[str | int, ...], *, asked: bool) -> None:
    own = names.resolves[workload.service]
    wanted, draft = name.lower(), workload.work.draft
    if wanted == own:
        _say(workload, at, Outcome.CONVERTED, f"the Service has the name {own}")
    elif not names.uses(name, by_others_than=workload.service) and not asked:
        _say(workload, at, Outcome.APPROXIMATED, f"no other service names it; the pods are found at {own}")
    elif name in names.rewritten:
        why = f"found at {own}, which is written where variables and commands named {name}"
        _say(workload, at, Outcome.APPROXIMATED, why)
    elif workload.is_job or not is_dns_1035_label(wanted):
        reason = f"a {workload.kind} has no Service" if workload.is_job else "no Service can have this name"
        _say(workload, at, Outcome.DROPPED, f"unreachable: {reason}; write {own} where it is used")
    elif not draft.take_name("Service", wanted):
        _say(workload, at, Outcome.DROPPED, f"unreachable: another Service is called {wanted}; write {own} instead")
    else:
        node = add_service(workload, names, wanted)
        became = () if node is None else (Became(node.id, "parameters"),)
        _say(workload, at, Outcome.CONVERTED, "a Service of this name", became)


def _say(
    workload: Workload, at: tuple[str | int, ...], outcome: Outcome, why: str, became: tuple[Became, ...] = ()
) -> None:
    """A verdict on another name, where it was given; that of a link is its own."""
    if at:
        workload.work.verdicts.add(workload.path(*at), outcome, became, why)


def _hostname(workload: Workload, hostname: str) -> None:
    if is_dns_1035_label(hostname):
        workload.pod()["hostname"] = hostname
        workload.converted("hostname", to=workload.pod_field("hostname"))
    else:
        workload.dropped("hostname", why="the host name of a pod is a DNS label")
