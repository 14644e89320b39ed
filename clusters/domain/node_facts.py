"""What a page shows of a node: its conditions, what it has, what its pods request, its taints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from clusters.domain.diagnosing.scheduling import allocatable_of, capacity_of, limits_of, requests_of
from clusters.domain.objects import Manifest
from clusters.domain.plain_text import plain
from clusters.domain.reading import mapping, mappings, text

ROLE = "node-role.kubernetes.io/"
SHOWN = ("cpu", "memory", "ephemeral-storage", "pods")
CONDITIONS_MOST = 20
TAINTS_MOST = 50


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of one resource, in cores, bytes or pieces; None where it is not known."""

    capacity: float | None
    allocatable: float | None
    requested: float | None
    limited: float | None


@dataclass(frozen=True, slots=True)
class NodeFacts:
    name: str
    uid: str
    ready: bool | None
    """None: it has not said so for too long."""
    unschedulable: bool
    roles: tuple[str, ...]
    version: str
    os: str
    architecture: str
    address: str
    created_at: str
    conditions: tuple[Mapping[str, str], ...]
    taints: tuple[Mapping[str, str], ...]
    pods: int | None
    """That have not ended; None where pods may not be listed."""
    amounts: Mapping[str, Amounts]


def node_facts(node: Manifest, pods: Sequence[Manifest] | None) -> NodeFacts:
    """`pods` are those of the node; None where they are not known."""
    metadata, spec, status = (mapping(node.get(key)) for key in ("metadata", "spec", "status"))
    info = mapping(status.get("nodeInfo"))
    said = mappings(status.get("conditions"))[:CONDITIONS_MOST]
    conditions = [_texts(row, "type", "status", "reason", "message", "lastTransitionTime") for row in said]
    ready = next((row["status"] for row in conditions if row["type"] == "Ready"), "Unknown")
    labels = mapping(metadata.get("labels"))
    addresses = mappings(status.get("addresses"))
    alive = None if pods is None else [one for one in pods if not _has_ended(one)]
    return NodeFacts(
        name=text(metadata.get("name")),
        uid=text(metadata.get("uid")),
        ready={"True": True, "False": False}.get(ready),
        unschedulable=spec.get("unschedulable") is True,
        roles=tuple(sorted(key.removeprefix(ROLE) for key in labels if key.startswith(ROLE))),
        version=text(info.get("kubeletVersion")),
        os=text(info.get("osImage")),
        architecture=text(info.get("architecture")),
        address=next((text(row.get("address")) for row in addresses if row.get("type") == "InternalIP"), ""),
        created_at=text(metadata.get("creationTimestamp")),
        conditions=tuple(conditions),
        taints=tuple(_texts(row, "key", "value", "effect") for row in mappings(spec.get("taints"))[:TAINTS_MOST]),
        pods=None if alive is None else len(alive),
        amounts=_amounts(node, alive),
    )


def by_node(pods: Iterable[Manifest]) -> dict[str, list[Manifest]]:
    found: dict[str, list[Manifest]] = {}
    for one in pods:
        found.setdefault(text(mapping(one.get("spec")).get("nodeName")), []).append(one)
    return found


def _amounts(node: Manifest, pods: Sequence[Manifest] | None) -> dict[str, Amounts]:
    capacity, allocatable = capacity_of(node), allocatable_of(node)
    requested: dict[str, Decimal] = {}
    limited: dict[str, Decimal] = {}
    for pod in pods or ():
        for total, amounts in ((requested, requests_of(pod)), (limited, limits_of(pod))):
            for name, value in amounts.items():
                total[name] = total.get(name, Decimal(0)) + value
    if pods is not None:
        requested["pods"] = Decimal(len(pods))
    return {
        name: Amounts(
            _number(capacity.get(name)),
            _number(allocatable.get(name)),
            None if pods is None else _number(requested.get(name, Decimal(0))),
            None if pods is None else _number(limited.get(name, Decimal(0))),
        )
        for name in SHOWN
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _texts(row: Mapping[str, object], *keys: str) -> dict[str, str]:
    return {key: plain(text(row.get(key))[:500]) for key in keys}


def _has_ended(pod: Manifest) -> bool:
    return mapping(pod.get("status")).get("phase") in ("Succeeded", "Failed")
