"""Why no node takes a pod: the scheduler's sentence in its parts, each with what to do.

Source: kubernetes, pkg/scheduler/framework/types.go (FitError.Error) and the reasons of its plugins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from clusters.domain.diagnosing.surroundings import Surroundings, spec_of, status_of
from clusters.domain.objects import Manifest
from clusters.domain.quantity import is_quantity, parse_quantity
from clusters.domain.reading import mapping, mappings, text

_PART = re.compile(r"(?:^|: |, )(\d{1,6}) (?=Insufficient|Too many pods|node\(s\))")
_TAINT = re.compile(r"taints? \{([^}]{1,300})\}")
PARTS_MOST = 12
TAINTS_MOST = 3


class Refusal(NamedTuple):
    """Some nodes, and why they do not take the pod."""

    code: str
    nodes: int
    words: str
    cure: str


_TAINTED = "the node has a taint that the pod does not tolerate"
_MEANINGS: tuple[tuple[str, str, str, str], ...] = (
    ("insufficient cpu", "resources", "not enough CPU is free", "lower the CPU request, or add or free nodes"),
    ("insufficient memory", "resources", "not enough memory is free", "lower the memory request, or add or free nodes"),
    (
        "insufficient ",
        "resources",
        "not enough of it is free",
        "lower the request, or add nodes that have it",
    ),
    ("too many pods", "pods", "the node runs as many pods as it may", "add nodes, or remove pods"),
    ("taint", "taint", _TAINTED, "add a toleration, or remove the taint"),
    ("were unschedulable", "cordoned", "the node is cordoned", "uncordon the node once its maintenance is over"),
    (
        "node affinity/selector",
        "affinity",
        "the node does not match the pod's nodeSelector or node affinity",
        "correct the nodeSelector or affinity, or label a node",
    ),
    (
        "anti-affinity",
        "anti_affinity",
        "a pod that it keeps apart from runs on the node already",
        "lower the replicas, loosen the anti-affinity, or add nodes",
    ),
    (
        "pod affinity",
        "pod_affinity",
        "no pod that it wants beside it runs on the node",
        "start that pod",
    ),
    (
        "topology spread",
        "spread",
        "one more pod there would spread them unevenly",
        "loosen topologySpreadConstraints, or add nodes",
    ),
    ("free ports", "host_port", "its host port is taken on the node", "use another hostPort, or a Service"),
    (
        "volume node affinity",
        "volume_place",
        "its volume lives elsewhere",
        "free room on the node that has the volume, or move the data",
    ),
    ("max volume count", "volumes", "the node has as many volumes as it can attach", "add nodes"),
    (
        "available persistent volumes to bind",
        "no_volume",
        "no volume fits its claim",
        "make a PersistentVolume that fits, or choose a StorageClass with a provisioner",
    ),
)


def refusals_in(message: str) -> list[Refusal]:
    """The parts of "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had …"; none of another sentence."""
    text_ = " ".join(message.split()).partition(" preemption: ")[0].replace(" no new claims to deallocate,", "")
    return list(_parts(text_))[:PARTS_MOST]


def _parts(message: str) -> Iterator[Refusal]:
    found = list(_PART.finditer(message))
    ends = [*(one.start() for one in found[1:]), len(message)]
    for one, end in zip(found, ends, strict=False):  # of none there is an end all the same
        reason = message[one.end() : end].strip(" .,")
        yield _meaning(int(one[1]), reason)


def _meaning(nodes: int, reason: str) -> Refusal:
    low = reason.lower()
    for needle, code, words, cure in _MEANINGS:
        if needle in low:
            taint = _TAINT.search(reason)
            if taint is not None:
                name = taint[1].strip().rstrip(":").strip()
                words = f"the node has the taint {name}, which the pod does not tolerate"
            elif needle == "insufficient ":
                words = f"not enough {reason.split()[-1]} is free"
            return Refusal(code, nodes, words, cure)
    return Refusal("other", nodes, reason.removeprefix("node(s) "), "")


def with_taints(refusals: list[Refusal], pod: Manifest, seen: Surroundings) -> list[Refusal]:
    """The same, with the names of taints: since Kubernetes 1.34 the scheduler says only that there are some."""
    taints = list(dict.fromkeys(_untolerated(pod, seen)))[:TAINTS_MOST]
    if not taints:
        return refusals
    many = "taints" if len(taints) > 1 else "taint"
    words = f"the node has the {many} {', '.join(taints)}, which the pod does not tolerate"
    return [one._replace(words=words) if one.words == _TAINTED else one for one in refusals]


def _untolerated(pod: Manifest, seen: Surroundings) -> Iterator[str]:
    """`key=value:effect` of the taints that keep it from a node. Source: Kubernetes docs, "Taints and Tolerations"."""
    tolerations = mappings(spec_of(pod).get("tolerations"))
    for node in seen.all("Node"):
        spec = spec_of(node)
        for taint in mappings(spec.get("taints")) if spec.get("unschedulable") is not True else ():
            effect = text(taint.get("effect"))
            if effect == "PreferNoSchedule" or any(_tolerates(one, taint) for one in tolerations):
                continue
            value = text(taint.get("value"))
            yield f"{text(taint.get('key'))}{f'={value}' if value else ''}:{effect}"


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    key, operator = text(toleration.get("key")), text(toleration.get("operator")) or "Equal"
    if toleration.get("effect") and toleration.get("effect") != taint.get("effect"):
        return False
    if key != text(taint.get("key")):
        return not key and operator == "Exists"
    return operator != "Equal" or text(toleration.get("value")) == text(taint.get("value"))


def say(refusal: Refusal) -> str:
    return f"{refusal.nodes} {'node' if refusal.nodes == 1 else 'nodes'}: {refusal.words}"


def requests_of(pod: Mapping[str, Any]) -> dict[str, Decimal]:
    """What its containers request in all, in cores and bytes; init containers count where one wants more.

    Source: Kubernetes docs, "Init Containers", section "Resource sharing within containers".
    """
    spec = mapping(pod.get("spec"))
    total: dict[str, Decimal] = {}
    for container in mappings(spec.get("containers")):
        for name, value in _amounts(container, "requests").items():
            total[name] = total.get(name, Decimal(0)) + value
    sidecars: dict[str, Decimal] = {}
    for container in mappings(spec.get("initContainers")):
        amounts = _amounts(container, "requests")
        if container.get("restartPolicy") == "Always":
            sidecars = {
                key: sidecars.get(key, Decimal(0)) + amounts.get(key, Decimal(0)) for key in {*sidecars, *amounts}
            }
            continue
        for name, value in amounts.items():
            total[name] = max(total.get(name, Decimal(0)), value)
    for source in (sidecars, _plain(mapping(spec.get("overhead")))):
        for name, value in source.items():
            total[name] = total.get(name, Decimal(0)) + value
    return total


def limits_of(pod: Mapping[str, Any]) -> dict[str, Decimal]:
    """What its containers are limited to in all; a resource that one of them leaves open is left out."""
    containers = mappings(mapping(pod.get("spec")).get("containers"))
    rows = [_amounts(container, "limits") for container in containers]
    names = set.intersection(*(set(row) for row in rows)) if rows else set()
    return {name: sum((row[name] for row in rows), Decimal(0)) for name in names}


def allocatable_of(node: Manifest) -> dict[str, Decimal]:
    return _plain(mapping(status_of(node).get("allocatable")))


def capacity_of(node: Manifest) -> dict[str, Decimal]:
    return _plain(mapping(status_of(node).get("capacity")))


def too_large(pod: Manifest, seen: Surroundings) -> list[str]:
    """Requests that not even an empty node could take, in words."""
    nodes = [one for one in seen.all("Node") if spec_of(one).get("unschedulable") is not True]
    if not nodes or not seen.knows("Node"):
        return []
    found = []
    for name, wanted in requests_of(pod).items():
        most = max((allocatable_of(node).get(name, Decimal(0)) for node in nodes), default=Decimal(0))
        if wanted > most:
            found.append(f"it requests {amount(name, wanted)}, and the largest node offers {amount(name, most)}")
    return found


def amount(name: str, value: Decimal) -> str:
    """`250m CPU`, `1.5 GiB memory`."""
    if name == "cpu":
        return f"{value:f} CPU" if value == value.to_integral() else f"{value * 1000:.0f}m CPU"
    if name in ("memory", "ephemeral-storage"):
        size = float(value)
        for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
            if size < 1024 or unit == "TiB":
                return f"{size:.4g} {unit} {name}"
            size /= 1024
    return f"{value:f} {name}"


def _amounts(container: Mapping[str, Any], which: str) -> dict[str, Decimal]:
    found = _plain(mapping(mapping(container.get("resources")).get(which)))
    if which == "requests":  # a limit without a request is the request as well
        return {**_plain(mapping(mapping(container.get("resources")).get("limits"))), **found}
    return found


def _plain(values: Mapping[str, Any]) -> dict[str, Decimal]:
    found = {}
    for name, value in values.items():
        written = str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else text(value)
        if isinstance(name, str) and is_quantity(written):
            found[name] = parse_quantity(written)
    return found
