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
from clusters.domain.reading import mapping, mappings, number, text

CONTAINERS_MOST = 50
PODS_OF_A_NODE_MOST = 1_000
"""A kubelet that tells of more tells of pods that are not its own; the usual bound is 110."""
NAME_MOST = 253
CORES_MOST, BYTES_MOST = 1e5, 2.0**53
"""Of one node or container."""


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
    found = ((_name(one), _used(mapping(one.get("usage")))) for one in items)
    return {name: used for name, used in found if used is not None and _is_name(name)}


def pods_of_metrics_api(items: Iterable[Manifest]) -> dict[PodKey, dict[str, Used]]:
    found: dict[PodKey, dict[str, Used]] = {}
    for one in items:
        key = (text(mapping(one.get("metadata")).get("namespace")), _name(one))
        rows = mappings(one.get("containers"))[:CONTAINERS_MOST]
        _note(found, key, ((text(row.get("name")), _used(mapping(row.get("usage")))) for row in rows))
    return found


def of_summary(summary: Mapping[str, Any]) -> tuple[Used | None, dict[PodKey, dict[str, Used]]]:
    """(of the node, of its pods) as a kubelet tells; PODS_OF_A_NODE_MOST of them at most."""
    pods: dict[PodKey, dict[str, Used]] = {}
    for row in mappings(summary.get("pods"))[:PODS_OF_A_NODE_MOST]:
        ref = mapping(row.get("podRef"))
        rows = mappings(row.get("containers"))[:CONTAINERS_MOST]
        key = (text(ref.get("namespace")), text(ref.get("name")))
        _note(pods, key, ((text(one.get("name")), _measured(one)) for one in rows))
    return _measured(mapping(summary.get("node"))), pods


def _note(found: dict[PodKey, dict[str, Used]], key: PodKey, containers: Iterable[tuple[str, Used | None]]) -> None:
    """What is not a name, and what was not measured or cannot be so, is left out: it is unknown, and not nothing."""
    measured = {name: used for name, used in containers if used is not None and _is_name(name)}
    if measured and all(map(_is_name, key)):
        found[key] = measured


def _measured(row: Mapping[str, Any]) -> Used | None:
    cpu, memory = (
        number(mapping(row.get("cpu")).get("usageNanoCores")),
        number(mapping(row.get("memory")).get("workingSetBytes")),
    )
    return usable(None if cpu is None else cpu / 1e9, None if memory is None else float(memory))


def _used(amounts: Mapping[str, Any]) -> Used | None:
    return usable(_number(amounts.get("cpu")), _number(amounts.get("memory")))


def usable(cpu: float | None, memory: float | None) -> Used | None:
    """None for what no machine uses: less than nothing, or more than any has."""
    if cpu is None or memory is None or not 0 <= cpu <= CORES_MOST or not 0 <= memory <= BYTES_MOST:
        return None
    return Used(cpu, memory)


def _number(value: Any) -> float | None:
    written = text(value)
    return float(parse_quantity(written)) if is_quantity(written) else None


def _is_name(name: str) -> bool:
    return 0 < len(name) <= NAME_MOST


def _name(one: Manifest) -> str:
    return text(mapping(one.get("metadata")).get("name"))
