"""Replicas, resources, rollouts and placement: `deploy`, and the older keys that say the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from imports.domain.convert.kompose import convert_storage
from imports.domain.convert.labels import annotate
from imports.domain.convert.services import convert_restart_policy
from imports.domain.convert.units import cpus, quantity, size_bytes, text_of, whole_seconds
from imports.domain.convert.work import Workload
from kubeorch.base.names import is_label_value, is_qualified_name

_CONSTRAINT = re.compile(r"\s*(\S+?)\s*(==|!=)\s*(.+?)\s*\Z")
_NODE_LABELS: Mapping[str, str] = {
    "node.hostname": "kubernetes.io/hostname",
    "node.platform.os": "kubernetes.io/os",
    "node.platform.arch": "kubernetes.io/arch",
}
"""Source: Kubernetes docs, "Well-Known Labels"."""
_CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
_DRIVERS = {"nvidia": "nvidia.com/gpu", "amd": "amd.com/gpu", "": "nvidia.com/gpu", "cdi": "nvidia.com/gpu"}


def convert_deploy(workload: Workload, deploy: Mapping[str, Any]) -> None:
    """`deploy` of a service. Source: Compose Deploy Specification, deploy.md."""
    workload.converted("deploy", whole=False)
    for key, value in deploy.items():
        if value is None:
            workload.converted("deploy", key, why="empty")
        elif key in _CONVERTERS:
            _CONVERTERS[key](workload, value)
        elif key in _DROPPED:
            workload.dropped("deploy", key, why=_DROPPED[key])


def _mode(workload: Workload, value: Any) -> None:
    mode = text_of(value)
    kinds = {"global": "daemonset", "replicated-job": "job"}
    if mode == "global-job":
        workload.approximated("deploy", "mode", why="a Job runs on one node, not on each")
    elif mode == "replicated" or kinds.get(mode) == workload.kind:
        workload.converted("deploy", "mode", why=f"a {workload.kind}")
    else:
        workload.approximated("deploy", "mode", why=f"a {workload.kind}, as you decided")


def _replicas(workload: Workload, value: Any) -> None:
    set_replicas(workload, value, "deploy", "replicas")


def set_replicas(workload: Workload, value: Any, *at: str) -> None:
    """`deploy.replicas` or `scale`."""
    number = int(value)
    if workload.kind in ("deployment", "statefulset"):
        workload.parameters["replicas"] = number
        workload.converted(*at, to="replicas")
    elif workload.kind == "job":
        workload.parameters.update({"completions": number, "parallelism": number})
        workload.converted(*at, to=("completions", "parallelism"))
    elif workload.kind == "cronjob" and not number:
        workload.converted(*at, why="Compose starts none of it; the CronJob runs by its schedule")
    else:
        workload.dropped(*at, why=f"a {workload.kind} has no number of replicas")


def _labels(workload: Workload, value: Any) -> None:
    storage = {key: text for key, text in value.items() if key.startswith("kompose.ephemeral-storage.")}
    convert_storage(workload, storage, "deploy", "labels")
    others = {key: text for key, text in value.items() if key not in storage}
    annotate(workload, others, "annotations", "deploy", "labels")


def _endpoint_mode(workload: Workload, value: Any) -> None:
    workload.converted(
        "deploy", "endpoint_mode", why="headless Service" if value == "dnsrr" else "Service with an address"
    )


def _resources(workload: Workload, value: Mapping[str, Any]) -> None:
    at = ("deploy", "resources")
    workload.converted(*at, to="resources", whole=False)
    for ours, theirs in (("limits", "limits"), ("requests", "reservations")):
        given = value.get(theirs)
        if not isinstance(given, Mapping):
            continue
        workload.converted(*at, theirs, to=f"resources.{ours}", whole=False)
        for key, amount in given.items():
            if key == "cpus":
                _set(workload, ours, "cpu", cpus(amount), *at, theirs, key)
            elif key == "memory":
                _set(workload, ours, "memory", quantity(size_bytes(amount)), *at, theirs, key)
            elif key == "devices":
                set_devices(workload, amount, *at, theirs, key)
            elif key == "pids":
                workload.dropped(*at, theirs, key, why="the kubelet limits the processes of pods, for all pods alike")
            else:
                workload.dropped(*at, theirs, key, why="Kubernetes has such resources only through device plugins")


def _set(workload: Workload, side: str, resource: str, amount: str, *at: str | int) -> None:
    if amount in ("", "0"):
        workload.converted(*at, why="0: no limit")
        return
    workload.parameters.setdefault("resources", {}).setdefault(side, {})[resource] = amount
    workload.converted(*at, to=f"resources.{side}.{resource}")


def set_devices(workload: Workload, devices: Any, *at: str | int) -> None:
    """GPUs, as extended resources of their device plugins. Source: Kubernetes docs, "Schedule GPUs"."""
    workload.converted(*at, whole=False)
    for index, device in enumerate(devices or ()):
        kinds = [text_of(one) for one in device.get("capabilities") or ()]
        resource = _DRIVERS.get(text_of(device.get("driver")).lower())
        if resource is None or not {"gpu", "nvidia", "compute", "utility"}.intersection(kinds or ["gpu"]):
            workload.dropped(
                *at, index, why="the cluster needs a device plugin for it; add its resource to the limits then"
            )
            continue
        count = device.get("count", -1)
        every = not isinstance(count, int) or count < 1
        extended = workload.parameters.setdefault("resources", {}).setdefault("limits", {}).setdefault("extended", {})
        ids = len(device.get("device_ids") or ())
        extended[resource] = str(ids or 1) if every else str(count)
        why = f"{extended[resource]} of {resource}, which needs its device plugin in the cluster"
        if every and not ids:
            why += "; a container asks for a number of them, never for all: raise it where it needs more"
        workload.approximated(*at, index, to="resources.limits.extended", why=why)


def _update_config(workload: Workload, value: Mapping[str, Any]) -> None:
    at = ("deploy", "update_config")
    workload.converted(*at, whole=False)
    at_once = int(value.get("parallelism", 1))
    order = text_of(value.get("order")) or "stop-first"
    for key in value:
        if key in ("parallelism", "order"):
            _rollout(workload, at_once, order, *at, key)
        elif key == "delay" and not workload.is_job:
            workload.parameters["min_ready_s"] = whole_seconds(value[key])
            why = "a new pod must be ready that long before the next one is replaced"
            workload.approximated(*at, key, to="min_ready_s", why=why)
        elif key == "failure_action":
            why = (
                "switch on automatic rollback in the environment"
                if value[key] == "rollback"
                else "a rollout just stops"
            )
            workload.dropped(*at, key, why=f"not a property of the workload; {why}")
        else:
            workload.dropped(*at, key, why="Kubernetes judges a rollout by the probes of each pod")


def _rollout(workload: Workload, at_once: int, order: str, *at: str) -> None:
    if workload.kind == "deployment" and at_once == 0 and order == "stop-first":
        workload.parameters["strategy"] = "Recreate"
        workload.converted(*at, to="strategy")
    elif workload.kind == "deployment":
        surge = {"max_surge": at_once or "100%", "max_unavailable": 0}
        spare = {"max_surge": 0, "max_unavailable": at_once}
        workload.parameters.update({"strategy": "RollingUpdate", **(surge if order == "start-first" else spare)})
        workload.converted(*at, to=("strategy", "max_surge", "max_unavailable"))
    elif workload.kind == "daemonset" and order == "stop-first":
        workload.parameters.update({"update_strategy": "RollingUpdate", "max_unavailable": at_once or "100%"})
        workload.converted(*at, to=("update_strategy", "max_unavailable"))
    else:
        workload.dropped(*at, why=f"a {workload.kind} replaces its pods one after the other")


def _placement(workload: Workload, value: Mapping[str, Any]) -> None:
    at = ("deploy", "placement")
    workload.converted(*at, whole=False)
    for index, text in enumerate(value.get("constraints") or ()):
        _constraint(workload, text_of(text), *at, "constraints", index)
    workload.converted(*at, "constraints", whole=False)
    spread = []
    for index, preference in enumerate(value.get("preferences") or ()):
        spread_over = text_of((preference or {}).get("spread"))
        own = spread_over.removeprefix("node.labels.") if spread_over.startswith("node.labels.") else ""
        label = _NODE_LABELS.get(spread_over, own)
        if not is_qualified_name(label):
            why = "pods spread over labels of nodes; write node.labels and the label"
            workload.dropped(*at, "preferences", index, why=why)
            continue
        spread.append(
            {
                "maxSkew": 1,
                "topologyKey": label,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app": workload.node.name}},
            }
        )
        workload.converted(*at, "preferences", index, to=workload.pod_field("topologySpreadConstraints"))
    if spread:
        workload.pod()["topologySpreadConstraints"] = spread
    if most := value.get("max_replicas_per_node"):
        _most_per_node(workload, int(most), *at, "max_replicas_per_node")


def _constraint(workload: Workload, text: str, *at: str | int) -> None:
    found = _CONSTRAINT.match(text)
    name, operator, value = found.groups() if found else ("", "", "")
    label = _NODE_LABELS.get(name) or (name.removeprefix("node.labels.") if name.startswith("node.labels.") else "")
    if name == "node.role" and (value, operator) in (("manager", "=="), ("worker", "!=")):
        _node_rule(workload, {"key": _CONTROL_PLANE, "operator": "Exists"})
        workload.add("tolerations", {"key": _CONTROL_PLANE, "operator": "Exists", "effect": "NoSchedule"})
        workload.approximated(
            *at, to=("affinity", "tolerations"), why="nodes of the control plane are the managers here"
        )
    elif name == "node.role":
        _node_rule(workload, {"key": _CONTROL_PLANE, "operator": "DoesNotExist"})
        workload.converted(*at, to="affinity")
    elif not label or not is_qualified_name(label) or not is_label_value(value):
        workload.dropped(*at, why="nodes of a cluster have no such property; label them, and use node.labels")
    elif operator == "==":
        workload.parameters.setdefault("node_selector", {})[label] = value
        workload.converted(*at, to="node_selector")
    else:
        _node_rule(workload, {"key": label, "operator": "NotIn", "values": [value]})
        workload.converted(*at, to="affinity")


def _node_rule(workload: Workload, expression: dict[str, Any]) -> None:
    affinity = workload.parameters.setdefault("affinity", {})
    required = affinity.setdefault("nodeAffinity", {}).setdefault("requiredDuringSchedulingIgnoredDuringExecution", {})
    required.setdefault("nodeSelectorTerms", [{"matchExpressions": []}])[0]["matchExpressions"].append(expression)


def _most_per_node(workload: Workload, most: int, *at: str) -> None:
    if most != 1:
        workload.dropped(*at, why="Kubernetes can keep pods of a workload apart, and not count them for each node")
        return
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": workload.node.name}}}
    affinity = workload.parameters.setdefault("affinity", {})
    affinity["podAntiAffinity"] = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    workload.converted(*at, to="affinity")


def _cpu_quota(workload: Workload, value: Any) -> None:
    period = int(workload.spec.get("cpu_period") or 100_000)
    _set(workload, "limits", "cpu", cpus(Decimal(int(value)) / period) if int(value) > 0 else "", "cpu_quota")
    workload.converted("cpu_period", to="resources.limits.cpu", why="as a part of cpu_quota")


def _older(side: str, resource: str, key: str) -> Callable[[Workload, Any], None]:
    def convert(workload: Workload, value: Any) -> None:
        given = workload.parameters.get("resources", {}).get(side, {})
        if resource in given:
            workload.converted(key, to=f"resources.{side}.{resource}", why="deploy.resources says the same")
            return
        amount = cpus(value) if resource == "cpu" else quantity(size_bytes(value))
        _set(workload, side, resource, amount, key)

    return convert


def _gpus(workload: Workload, value: Any) -> None:
    if isinstance(value, str):
        value = [{"count": -1}]
    set_devices(workload, value, "gpus")


def _scale(workload: Workload, value: Any) -> None:
    set_replicas(workload, value, "scale")


_CONVERTERS: Mapping[str, Callable[[Workload, Any], None]] = {
    "mode": _mode,
    "replicas": _replicas,
    "labels": _labels,
    "endpoint_mode": _endpoint_mode,
    "resources": _resources,
    "update_config": _update_config,
    "placement": _placement,
    "restart_policy": convert_restart_policy,
}
_DROPPED: Mapping[str, str] = {
    "rollback_config": "a rollback is a run of an earlier version; the environment says whether it starts by itself",
}
CONVERTERS: Mapping[str, Callable[[Workload, Any], None]] = {
    "deploy": convert_deploy,
    "scale": _scale,
    "mem_limit": _older("limits", "memory", "mem_limit"),
    "mem_reservation": _older("requests", "memory", "mem_reservation"),
    "cpus": _older("limits", "cpu", "cpus"),
    "cpu_count": _older("limits", "cpu", "cpu_count"),
    "cpu_quota": _cpu_quota,
    "gpus": _gpus,
}
"""By the key of a service; `deploy` stands before the older keys, over which it wins."""
