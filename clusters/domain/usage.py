"""What containers and nodes use, as whoever measures it says.

Sources: Kubernetes docs, "Resource metrics pipeline" (metrics.k8s.io/v1beta1), and the kubelet's `/stats/summary`
(k8s.io/kubelet/pkg/apis/stats/v1alpha1): nanocores and working set bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.quantity import is_quantity, parse_quantity
from clusters.domain.reading import integer, mapping, mappings, text

CONTAINERS_MOST = 50


@dataclass(frozen=True, slots=True)
class Used:
    """Cores, and bytes of memory that cannot be given back at once (the working set)."""

    cpu: float
    memory: float

    def __add__(self, other: Used) -> Used:
        return Used(self.cpu + other.cpu, self.memory + other.memory)


NOTHING = Used(0.0, 0.0)
PodKey = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True, slots=True)
class Usage:
    """All that was measured in a cluster at one time."""

    source: str
    """`metrics.k8s.io` or `kubelet`."""
    nodes: Mapping[str, Used] = field(default_factory=dict)
    pods: Mapping[PodKey, Mapping[str, Used]] = field(default_factory=dict)
    """By container."""


def of_pod(containers: Mapping[str, Used]) -> Used:
    return sum(containers.values(), NOTHING)


def nodes_of_metrics_api(items: Iterable[Manifest]) -> dict[str, Used]:
    return {_name(one): _used(mapping(one.get("usage"))) for one in items if _name(one)}


def pods_of_metrics_api(items: Iterable[Manifest]) -> dict[PodKey, dict[str, Used]]:
    found = {}
    for one in items:
        rows = mappings(one.get("containers"))[:CONTAINERS_MOST]
        key = (text(mapping(one.get("metadata")).get("namespace")), _name(one))
        found[key] = {text(row.get("name")): _used(mapping(row.get("usage"))) for row in rows}
    return found


def of_summary(summary: Mapping[str, Any]) -> tuple[Used, dict[PodKey, dict[str, Used]]]:
    """(of the node, of its pods) as a kubelet tells."""
    pods = {}
    for row in mappings(summary.get("pods")):
        ref = mapping(row.get("podRef"))
        containers = mappings(row.get("containers"))[:CONTAINERS_MOST]
        key = (text(ref.get("namespace")), text(ref.get("name")))
        pods[key] = {text(one.get("name")): _measured(one) for one in containers}
    return _measured(mapping(summary.get("node"))), pods


def _measured(row: Mapping[str, Any]) -> Used:
    cpu, memory = mapping(row.get("cpu")), mapping(row.get("memory"))
    return Used(integer(cpu.get("usageNanoCores")) / 1e9, float(integer(memory.get("workingSetBytes"))))


def _used(amounts: Mapping[str, Any]) -> Used:
    return Used(_number(amounts.get("cpu")), _number(amounts.get("memory")))


def _number(value: Any) -> float:
    written = text(value)
    return float(parse_quantity(written)) if is_quantity(written) else 0.0


def _name(one: Manifest) -> str:
    return text(mapping(one.get("metadata")).get("name"))
