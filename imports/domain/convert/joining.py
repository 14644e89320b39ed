"""Services that share a pod: those with the network of another one, and groups by a label of kompose.

A guest is converted as any other workload; at the end its container becomes a sidecar of its host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imports.domain.convert.files import volume_of
from imports.domain.convert.kompose import kompose_label
from imports.domain.convert.units import text_of
from imports.domain.convert.work import Work, Workload
from imports.domain.drafts import DraftEdge
from imports.domain.ledger import Outcome, Path

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
    *("privileged", "capabilities_add", "capabilities_drop", "seccomp_profile"),
)
"""Parameters that a sidecar has as well. Source: `k8s_templates/_shared/container_parameters.yaml`."""
_OF_POD = ("fs_group", "supplemental_groups", "host_network", "host_pid", "image_pull_secrets", "service_account")
_MOUNT = ("sub_path", "read_only")


def ask_pods(work: Work) -> dict[str, str]:
    """Which services become containers in the pod of another one: the host by the guest."""
    hosts: dict[str, str] = {}
    groups: dict[str, str] = {}
    for name, workload in work.workloads.items():
        mode = text_of(workload.spec.get("network_mode"))
        group = kompose_label(workload, _GROUP)
        host = mode.removeprefix(_MODE) if mode.startswith(_MODE) else groups.setdefault(group, name) if group else name
        host = hosts.get(host, host)
        taken = sum(one == host for one in hosts.values())
        if host == name or name in hosts.values() or not _fits(work, name, host) or taken >= _MAX_SIDECARS:
            continue
        path = workload.path("network_mode") if mode.startswith(_MODE) else workload.path("labels", _GROUP)
        question = f"{name} shares the network of {host}. Where does it run?"
        if work.ask(f"service/{name}/pod", "kinds", question, _HOW, "with", [path]) == "with":
            hosts[name] = host
    for name, host in hosts.items():
        _without_waits(work.workloads[name], host, hosts)
        _without_waits(work.workloads[host], host, hosts)
    return hosts


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


def join_pods(work: Work, hosts: Mapping[str, str]) -> None:
    """Make each guest a sidecar of its host. Nothing may be connected in the draft after this."""
    for name, host in hosts.items():
        _join(work, work.workloads[name], work.workloads[host])


def _join(work: Work, guest: Workload, host: Workload) -> None:
    names = {one["name"] for one in host.parameters.get("sidecars", ())} | {host.node.name}
    row: dict[str, Any] = {"name": guest.node.name if guest.node.name not in names else f"{guest.node.name}-2"}
    given = guest.parameters
    row |= {key: given[key] for key in _CONTAINER if key in given}
    if "port" in given:
        row["ports"] = [{"port": given["port"]}, *row.get("ports", ())]
    _volumes(guest, host, row)
    _edges(work, guest, host, row)
    host.add("sidecars", row)
    for init in given.get("init_containers", ()):
        if init["name"] not in {one["name"] for one in host.parameters.get("init_containers", ())}:
            host.add("init_containers", init)
    for key in _OF_POD:
        if key in given:
            host.parameters.setdefault(key, given[key])
    for key in ("pod_annotations", "annotations"):
        if key in given:
            host.parameters[key] = {**given[key], **host.parameters.get(key, {})}
    _merge(host.node.patch, guest.node.patch)
    why = f"a container in the pod of {host.service}, whose network it has"
    at: Path = ("network_mode",) if guest.spec.get("network_mode") else ("labels", _GROUP)
    work.verdicts.add(guest.path(*at), Outcome.CONVERTED, host.became("sidecars"), why)
    work.moved[guest.node.id] = host.node.id
    del work.draft.nodes[guest.node.id]
    guest.node = host.node


def _volumes(guest: Workload, host: Workload, row: dict[str, Any]) -> None:
    """Its volumes become those of the pod, mounted by the sidecar alone."""
    taken = {one["name"] for one in host.parameters.get("volumes", ())}
    renamed: dict[str, str] = {}
    for volume in guest.parameters.get("volumes", ()):
        name = volume["name"] if volume["name"] not in taken else f"{guest.node.name[:40]}-{volume['name']}"[:63]
        renamed[volume["name"]] = name
        host.add("volumes", {k: v for k, v in volume.items() if k not in ("mount_path", *_MOUNT)} | {"name": name})
        mount = {key: volume[key] for key in _MOUNT if key in volume}
        row.setdefault("volume_mounts", []).append({"volume": name, "mount_path": volume["mount_path"], **mount})
    for mount in row.get("volume_mounts", ()):
        mount["volume"] = renamed.get(mount["volume"], mount["volume"])


def _edges(work: Work, guest: Workload, host: Workload, row: dict[str, Any]) -> None:
    """What was connected to the guest is connected to the host, or becomes a part of the sidecar.

    An order that would close a loop through the pod that both share is given up, and said.
    """
    kept: list[DraftEdge] = []
    moved: list[DraftEdge] = []
    for edge in work.draft.edges:
        if edge.target == guest.node.id and edge.relation in ("sets_env", "mounts", "stores"):
            _held(work, edge, host, row)
        else:
            (moved if guest.node.id in (edge.source, edge.target) else kept).append(edge)
    known = {(one.source, one.target, one.relation) for one in kept}
    for edge in moved:
        edge.source = host.node.id if edge.source == guest.node.id else edge.source
        edge.target = host.node.id if edge.target == guest.node.id else edge.target
        if edge.relation == "after" and edge.source in _needed_by(kept, edge.target):
            service = next((one.service for one in work.workloads.values() if one.node.id == edge.target), "")
            why = f"{service} waits for {host.service}, in whose pod this runs: they start together"
            guest.approximated("depends_on", service, why=why)
        elif edge.source != edge.target and (edge.source, edge.target, edge.relation) not in known:
            known.add((edge.source, edge.target, edge.relation))
            kept.append(edge)
    work.draft.edges = kept


def _needed_by(edges: list[DraftEdge], start: str) -> set[str]:
    """The nodes that one waits for, itself among them."""
    found, waiting = {start}, [start]
    while waiting:
        at = waiting.pop()
        further = {one.target for one in edges if one.source == at and one.relation == "after"} - found
        found |= further
        waiting += further
    return found


def _held(work: Work, edge: DraftEdge, host: Workload, row: dict[str, Any]) -> None:
    """A ConfigMap, Secret or claim of the guest, by its name."""
    node = work.draft.nodes[edge.source]
    if edge.relation == "sets_env":
        row.setdefault("env_from", []).append({"source": node.kind, "object": node.name})
        return
    name = volume_of(node)
    by_edge = work.draft.between(node.id, host.node.id, edge.relation) is not None
    if not by_edge and name not in {one["name"] for one in host.parameters.get("volumes", ())}:
        kind = "claim" if edge.relation == "stores" else node.kind
        settings = {key: edge.parameters[key] for key in ("items", "default_mode") if key in edge.parameters}
        host.add("volumes", {"name": name, "type": kind, "object": node.name, **settings})
    mount = {key: edge.parameters[key] for key in ("mount_path", *_MOUNT) if key in edge.parameters}
    row.setdefault("volume_mounts", []).append({"volume": name, **mount})


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    """What the patch of the guest says, where that of the host is silent."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.setdefault(key, {}), dict):
            _merge(into[key], value)
        else:
            into.setdefault(key, value)
