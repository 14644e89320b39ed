"""The pods of a workload: how many there are, and what their replacement costs.

Sources: Kubernetes docs, "Deployments" (Strategy), "StatefulSets" (Update strategies), "Perform a Rolling Update on a
DaemonSet", "Persistent Volumes" (Access Modes), "Pod Disruption Budgets".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from clusters.domain.reading import integer, mapping, mappings, text
from workflows.domain.forecast.changes import at
from workflows.domain.forecast.impact import Impact, Level, Neighbours, count

_ONE_NODE = frozenset({"ReadWriteOnce", "ReadWriteOncePod"})
_KEPT = frozenset(
    [
        "data",
        "db",
        "database",
        "databases",
        "lib",
        "storage",
        "store",
        "state",
        "persist",
        "persistence",
        "persistent",
        "uploads",
        "upload",
        "backup",
        "backups",
        "wal",
        "repository",
        "repo",
        "index",
        "indices",
    ]
)
"""Names in the path of a mounted emptyDir that stand for what somebody wants to keep."""
_PERCENT = re.compile(r"([0-9]{1,4})%\Z", re.ASCII)


def is_observed(live: Mapping[str, Any]) -> bool:
    """Whether the controller has seen the latest state of the object."""
    return integer(at(live, "status", "observedGeneration")) >= integer(at(live, "metadata", "generation"), 1)


def pods_of(live: Mapping[str, Any]) -> int:
    """How many pods the workload has or is about to have."""
    status, spec = mapping(live.get("status")), mapping(live.get("spec"))
    kind = live.get("kind")
    if kind == "DaemonSet":
        return max(integer(status.get("desiredNumberScheduled")), integer(status.get("currentNumberScheduled")))
    if kind in ("Job", "CronJob"):
        return len(spec.get("active") or ()) if kind == "CronJob" else integer(status.get("active"))
    if kind == "Pod":
        return 0 if status.get("phase") in ("Succeeded", "Failed") else 1
    return max(integer(spec.get("replicas"), 1), integer(status.get("replicas")))


def rolling(live: Mapping[str, Any], after: Mapping[str, Any], pods: int, around: Neighbours) -> Iterator[Impact]:
    """What the replacement of so many pods costs beside the restart itself."""
    template = mapping(at(after, "spec", "template", "spec"))
    kind = str(live.get("kind"))
    if kind == "Deployment":
        wanted = integer(at(after, "spec", "replicas"), 1)
        yield from _deployment(after, template, wanted, around) if wanted else ()
    else:
        yield from _one_at_a_time(kind, after, pods_of(live), pods)
    yield from _emptied(mapping(at(live, "spec", "template", "spec")), pods)


def _deployment(
    after: Mapping[str, Any], template: Mapping[str, Any], pods: int, around: Neighbours
) -> Iterator[Impact]:
    if at(after, "spec", "strategy", "type") == "Recreate":
        yield Impact(Level.DOWNTIME, pods, "its strategy Recreate ends all pods before new ones start")
        return
    parameters = at(after, "spec", "strategy", "rollingUpdate")
    most_missing = share(at(parameters, "maxUnavailable"), pods, "25%", up=False)
    extra = share(at(parameters, "maxSurge"), pods, "25%", up=True)
    if not most_missing and not extra:
        most_missing = 1
    if most_missing >= pods:
        yield Impact(Level.DOWNTIME, pods, f"maxUnavailable lets all {count(pods, 'pod')} be away at the same time")
    elif pods == 1 and not any(row.get("readinessProbe") for row in mappings(template.get("containers"))):
        yield Impact(
            Level.DOWNTIME,
            pods,
            "it has one pod and no readiness probe, so the old pod goes as soon as the new one's containers run",
        )
    for budget in around.budgets:
        if fits(at(budget, "spec", "selector"), at(after, "spec", "template", "metadata", "labels")):
            wanted = at(budget, "spec", "minAvailable")
            allowed = at(budget, "spec", "maxUnavailable")
            most = (
                pods - share(wanted, pods, "0", up=True) if wanted is not None else share(allowed, pods, "0", up=True)
            )
            if most_missing > most:
                name = text(at(budget, "metadata", "name"))
                yield Impact(
                    Level.DOWNTIME,
                    pods,
                    f"{most_missing} of {pods} pods may be away, more than PodDisruptionBudget {name} allows; "
                    "a rollout does not ask it",
                )
    yield from _cannot_stand_beside(template, pods, around)


def _cannot_stand_beside(template: Mapping[str, Any], pods: int, around: Neighbours) -> Iterator[Impact]:
    """What a new pod cannot have while the old one has it."""
    for name in claims_of(template):
        claim = around.claims.get(name)
        modes = at(claim, "spec", "accessModes") if claim is not None else None
        if isinstance(modes, list) and modes and set(modes) <= _ONE_NODE:
            who = "one pod" if "ReadWriteOncePod" in modes else "the pods of one node"
            why = f"only {who} can use claim {name} ({', '.join(modes)}), so a new pod may wait for the old one to end"
            yield Impact(Level.DOWNTIME, pods, why)
    ports = sorted(set(host_ports_of(template)))
    if ports:
        numbers = ", ".join(str(port) for port in ports)
        yield Impact(
            Level.DOWNTIME, pods, f"a new pod needs a node on which port {numbers} is free, and the old pod holds it"
        )


def _one_at_a_time(kind: str, after: Mapping[str, Any], pods: int, replaced: int) -> Iterator[Impact]:
    """Sets end a pod before they start the new one, if they are not told otherwise."""
    parameters = at(after, "spec", "updateStrategy", "rollingUpdate")
    extra = share(at(parameters, "maxSurge"), pods, "0", up=True) if kind == "DaemonSet" else 0
    most_missing = share(at(parameters, "maxUnavailable"), pods, "1", up=True)
    if extra == 0 and min(max(most_missing, 1), replaced) >= pods:
        what = "it has one pod, which ends before the new one starts"
        yield Impact(
            Level.DOWNTIME, pods, what if pods == 1 else f"maxUnavailable lets all {pods} pods be away at the same time"
        )


def _emptied(template: Mapping[str, Any], pods: int) -> Iterator[Impact]:
    """Directories that end with their pod, where they look as if somebody wanted to keep what is in them."""
    scratch = {
        text(row.get("name"))
        for row in mappings(template.get("volumes"))
        if isinstance(row.get("emptyDir"), Mapping) and row["emptyDir"].get("medium") != "Memory"
    }
    for container in mappings(template.get("containers")):
        for mount in mappings(container.get("volumeMounts")):
            path = text(mount.get("mountPath"))
            if mount.get("name") in scratch and _KEPT & set(re.split(r"[^a-z]+", path.lower())):
                yield Impact(Level.DATA, pods, f"what the pods keep in {path} (emptyDir) is lost with them")


def claims_of(template: Mapping[str, Any]) -> list[str]:
    """Names of the claims that the pods mount."""
    rows = (mapping(row.get("persistentVolumeClaim")) for row in mappings(template.get("volumes")))
    return list(dict.fromkeys(text(row.get("claimName")) for row in rows if row.get("claimName")))


def host_ports_of(template: Mapping[str, Any]) -> Iterator[int]:
    """Ports of the node that a pod takes."""
    on_host = template.get("hostNetwork") is True
    for name in ("containers", "initContainers"):
        for container in mappings(template.get(name)):
            for port in mappings(container.get("ports")):
                number = port.get("hostPort") or (port.get("containerPort") if on_host else None)
                if isinstance(number, int):
                    yield number


def share(value: Any, pods: int, absent: str, *, up: bool) -> int:
    """A number of pods, given as number or percentage."""
    value = absent if value is None else value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _PERCENT.match(str(value))
    if found is None:
        return int(value) if str(value).isdecimal() and len(str(value)) < 10 else 0
    part = int(found[1]) * pods
    return -(-part // 100) if up else part // 100


def fits(selector: Any, labels: Any) -> bool:
    """Whether matchLabels match; a selector with expressions fits nothing here, an empty one everything."""
    if not isinstance(selector, Mapping) or selector.get("matchExpressions"):
        return False
    return mapping(selector.get("matchLabels")).items() <= mapping(labels).items()
