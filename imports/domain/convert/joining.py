"""Services that share a pod: those with the network of another one, and groups by a label of kompose.

A guest is converted as any other workload; at the end its container becomes a sidecar of its host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imports.domain.convert.files import volume_of
from imports.domain.convert.had_once import scaled_once
from imports.domain.convert.kompose import kompose_label
from imports.domain.convert.loops import loops
from imports.domain.convert.units import text_of
from imports.domain.convert.work import Work, Workload
from imports.domain.drafts import DraftEdge
from imports.domain.ledger import Outcome, Path
from kubeorch.base.records import record

_GROUP = "kompose.service.group"
_MODE = "service:"
_MAX_SIDECARS = 20
"""Source: `k8s_templates/_shared/pod_parameters.yaml`."""
_HOW = (
    ("with", "A container in the same pod"),
    ("own", "A pod of its own, which does not share the network"),
)
_CONTAINER = (
    *("image", "image_pull_policy", "command", "args", "working_dir", "stdin", "tty", "ports", "env", "env_refs"),
    *("env_from", "liveness_probe", "readiness_probe", "startup_probe", "pre_stop", "resources", "volume_mounts"),
    *("run_as_user", "run_as_group", "run_as_non_root", "read_only_root_filesystem", "allow_privilege_escalation"),
    *("post_start", "privileged", "capabilities_add", "capabilities_drop", "seccomp_profile"),
)
"""Parameters that a sidecar has as well. Source: `k8s_templates/_shared/container_parameters.yaml`."""
_OF_POD = ("fs_group", "supplemental_groups", "host_network", "host_pid", "image_pull_secrets", "service_account")
_MOUNT = ("sub_path", "read_only")
_HELD = frozenset({"sets_env", "mounts", "stores"})
"""Relations by which a container gets what an object holds."""


def ask_pods(work: Work) -> dict[str, str]:
    """Which services become containers in the pod of another one: the host by the guest, which is a guest nowhere."""
    hosts: dict[str, str] = {}
    groups: dict[str, str] = {}
    for name in _nearest_first(work):
        workload = work.workloads[name]
        network = _shared(workload)
        group = kompose_label(workload, _GROUP)
        host = _host(work, network, hosts) if network else groups.setdefault(group, name) if group else name
        host = hosts.get(host, host)
        taken = sum(one == host for one in hosts.values())
        if host == name or name in hosts.values() or not _fits(work, name, host) or taken >= _MAX_SIDECARS:
            continue
        path = workload.path("network_mode") if network else workload.path("labels", _GROUP)
        question = f"{name} shares the network of {host}. Where does it run?"
        if work.ask(f"service/{name}/pod", "kinds", question, _HOW, "with", [path]) == "with":
            hosts[name] = host
    for name, host in hosts.items():
        _without_waits(work.workloads[name], host, hosts)
        _without_waits(work.workloads[host], host, hosts)
    return hosts


def _shared(workload: Workload) -> str:
    """The service whose network a service has; "" for one with a network of its own."""
    mode = text_of(workload.spec.get("network_mode"))
    return mode.removeprefix(_MODE) if mode.startswith(_MODE) else ""


def _nearest_first(work: Work) -> list[str]:
    """The services, each after the one whose network it shares, else in their order."""
    steps: dict[str, int] = {}
    for name in work.workloads:
        chain: dict[str, None] = {}
        at = name
        while at in work.workloads and at not in steps and at not in chain:
            chain[at] = None
            at = _shared(work.workloads[at])
        for number, one in enumerate(reversed(chain), steps.get(at, -1) + 1):
            steps[one] = number
    return sorted(work.workloads, key=lambda name: steps[name])  # in which equals keep their order


def _host(work: Work, network: str, hosts: Mapping[str, str]) -> str:
    """Who has the network: what runs to an end passes on the one that it shares itself."""
    passed: set[str] = set()
    while (one := work.workloads.get(network)) is not None and one.is_job and network not in passed and _shared(one):
        passed.add(network)
        network = _shared(one)
    return hosts.get(network, network)


def _fits(work: Work, guest: str, host: str) -> bool:
    """Whether both run all the time, and the guest has no disk for each of several pods."""
    found = work.workloads.get(host)
    one = work.workloads[guest]
    return found is not None and not found.is_job and not one.is_job and _replicas(one) < 2


def _replicas(workload: Workload) -> int:
    return int((workload.spec.get("deploy") or {}).get("replicas") or workload.spec.get("scale") or 1)


def _without_waits(workload: Workload, host: str, hosts: Mapping[str, str]) -> None:
    """Containers of one pod start together: none can wait for another one."""
    waits = workload.spec.get("depends_on") or {}
    inside = [name for name in waits if name == host or hosts.get(name) == host]
    if inside:
        workload.spec = {**workload.spec, "depends_on": {k: v for k, v in waits.items() if k not in inside}}
        for name in inside:
            workload.approximated("depends_on", name, why="both are containers of one pod, which start together")


def join_pods(work: Work) -> None:
    """Make each guest a sidecar of its host. Nothing may be connected in the draft after this. Linear in all of it."""
    hosts = work.hosts
    scaled_once(work)
    pods = {host: _Pod.of(work.workloads[host]) for host in hosts.values()}
    rows: dict[str, tuple[_Pod, dict[str, Any]]] = {}
    for name, host in hosts.items():
        guest, pod = work.workloads[name], pods[host]
        rows[guest.node.id] = pod, _container(guest, pod)
    _edges(work, rows)
    for name, host in hosts.items():
        guest, pod = work.workloads[name], pods[host]
        pod.host.add("sidecars", rows[guest.node.id][1])
        _rest(guest, pod)
        why = f"a container in the pod of {host}, whose network it has"
        at: Path = ("network_mode",) if guest.spec.get("network_mode") else ("labels", _GROUP)
        work.verdicts.add(guest.path(*at), Outcome.CONVERTED, pod.host.became("sidecars"), why)
        work.moved[guest.node.id] = pod.host.node.id
        del work.draft.nodes[guest.node.id]
    for name, host in hosts.items():
        work.workloads[name].node = work.workloads[host].node


@record
class _Pod:
    """The host, and the names that its containers, init containers and volumes have."""

    host: Workload
    containers: set[str]
    inits: set[str]
    volumes: set[str]

    @staticmethod
    def of(host: Workload) -> _Pod:
        names = {
            key: {one["name"] for one in host.parameters.get(key, ())}
            for key in ("sidecars", "init_containers", "volumes")
        }
        return _Pod(host, {host.node.name, *names["sidecars"]}, names["init_containers"], names["volumes"])


def _container(guest: Workload, pod: _Pod) -> dict[str, Any]:
    """The sidecar, with the volumes of the guest's own parameters, which become those of the pod."""
    given, name, number = guest.parameters, guest.node.name, 1
    while name in pod.containers:
        number += 1
        name = f"{guest.node.name[:58]}-{number}"
    pod.containers.add(name)
    row: dict[str, Any] = {"name": name, **{key: given[key] for key in _CONTAINER if key in given}}
    if "port" in given:
        row["ports"] = [{"port": given["port"]}, *row.get("ports", ())]
    renamed: dict[str, str] = {}
    for volume in given.get("volumes", ()):
        free, number = volume["name"], 1
        while free in pod.volumes:
            free = f"{name[:30]}-{volume['name']}"[:59].rstrip("-") + (f"-{number}" if number > 1 else "")
            number += 1
        renamed[volume["name"]] = free
        pod.volumes.add(free)
        pod.host.add("volumes", {k: v for k, v in volume.items() if k not in ("mount_path", *_MOUNT)} | {"name": free})
        mount = {key: volume[key] for key in _MOUNT if key in volume}
        row.setdefault("volume_mounts", []).append({"volume": free, "mount_path": volume["mount_path"], **mount})
    for mount in row.get("volume_mounts", ()):
        mount["volume"] = renamed.get(mount["volume"], mount["volume"])
    return row


def _rest(guest: Workload, pod: _Pod) -> None:
    """What belongs to the pod, where the host says nothing else."""
    given, host = guest.parameters, pod.host
    for init in given.get("init_containers", ()):
        if init in host.parameters.get("init_containers", ()):
            continue
        free, number = init["name"], 1
        while free in pod.inits:
            number += 1
            free = f"{init['name'][:59]}-{number}"
        pod.inits.add(free)
        host.add("init_containers", {**init, "name": free})
    for key in _OF_POD:
        if key in given:
            host.parameters.setdefault(key, given[key])
    for key in ("pod_annotations", "annotations"):
        if key in given:
            host.parameters[key] = {**given[key], **host.parameters.get(key, {})}
    _merge(host.node.patch, guest.node.patch)


def _edges(work: Work, rows: Mapping[str, tuple[_Pod, dict[str, Any]]]) -> None:
    """What was connected to guests is connected to their hosts, or becomes a part of the sidecar.

    An order that would close a loop through a pod that services share is given up, and said.
    """
    kept: dict[tuple[str, str, str], DraftEdge] = {}
    moved: list[tuple[DraftEdge, Workload, Workload]] = []
    services = {workload.node.id: workload for workload in work.workloads.values()}
    for edge in work.draft.edges:
        if edge.target in rows and edge.relation in _HELD:
            _held(work, edge, *rows[edge.target])
            continue
        if edge.relation == "builds" and edge.target in rows:
            _built(work, edge, *rows[edge.target])
        elif edge.source in rows or edge.target in rows:
            if edge.relation.startswith("after") and services.keys() >= set(
                _ends(edge)
            ):  # of completion and health, too
                moved.append((edge, services[edge.source], services[edge.target]))
            edge.source, edge.target = (rows[end][0].host.node.id if end in rows else end for end in _ends(edge))
        if edge.source != edge.target:
            first = kept.setdefault((edge.source, edge.target, edge.relation), edge)
            if edge.relation == "builds" and first is not edge:
                _with_containers(work, first, edge)
    part_of = loops([_ends(one) for one in kept.values()])
    for edge, waiting, other in moved:
        if edge.source != edge.target and part_of[edge.source] == part_of[edge.target]:
            kept.pop((edge.source, edge.target, edge.relation), None)
            why = f"through a pod that services share, {other.service} waits for this one, too: they start together"
            waiting.approximated("depends_on", other.service, why=why)
    work.draft.edges = list(kept.values())


def _built(work: Work, edge: DraftEdge, pod: _Pod, row: dict[str, Any]) -> None:
    """The image of a guest goes to its container in the pod of the host."""
    guest = work.draft.nodes[edge.target].name
    names = edge.parameters.get("containers", [guest])
    edge.parameters["containers"] = [row["name"] if name == guest else name for name in names]
    edge.target = pod.host.node.id


def _with_containers(work: Work, first: DraftEdge, more: DraftEdge) -> None:
    """One connection to a source for all containers of a pod that take its image."""
    own = [work.draft.nodes[first.target].name]
    names = (name for edge in (first, more) for name in edge.parameters.get("containers", own))
    first.parameters["containers"] = list(dict.fromkeys(names))


def _ends(edge: DraftEdge) -> tuple[str, str]:
    return edge.source, edge.target


def _held(work: Work, edge: DraftEdge, pod: _Pod, row: dict[str, Any]) -> None:
    """A ConfigMap, Secret or claim of the guest, by its name."""
    node = work.draft.nodes[edge.source]
    if edge.relation == "sets_env":
        row.setdefault("env_from", []).append({"source": node.kind, "object": node.name})
        return
    name = volume_of(node)
    by_edge = work.draft.between(node.id, pod.host.node.id, edge.relation) is not None
    if not by_edge and name not in pod.volumes:
        kind = "claim" if edge.relation == "stores" else node.kind
        settings = {key: edge.parameters[key] for key in ("items", "default_mode") if key in edge.parameters}
        pod.volumes.add(name)
        pod.host.add("volumes", {"name": name, "type": kind, "object": node.name, **settings})
    mount = {key: edge.parameters[key] for key in ("mount_path", *_MOUNT) if key in edge.parameters}
    row.setdefault("volume_mounts", []).append({"volume": name, **mount})


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    """What the patch of the guest says, where that of the host is silent."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.setdefault(key, {}), dict):
            _merge(into[key], value)
        else:
            into.setdefault(key, value)
