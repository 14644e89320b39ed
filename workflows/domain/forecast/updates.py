"""What a change of an object that stays costs: a function for each kind whose fields do more than change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from clusters.domain.objects import GroupKind
from clusters.domain.reading import integer, mapping
from workflows.domain.forecast.changes import MISSING, Change, at, under
from workflows.domain.forecast.impact import Impact, Level, Neighbours, count, pods_do
from workflows.domain.forecast.pods import is_observed, pods_of, rolling
from workflows.domain.rendering.restarts import CONFIG_ANNOTATION, SECRETS_ANNOTATION

Changes = Sequence[Change]
Live = Mapping[str, Any]
Rule = Callable[[Changes, Live, Mapping[str, Any], Neighbours], Iterator[Impact]]

_TEMPLATE = ("spec", "template")
_READ = {
    CONFIG_ANNOTATION: "what its pods read of a ConfigMap changes",
    SECRETS_ANNOTATION: "what its pods read of a Secret changes",
}
"""A new digest in the pod template starts pods that read it."""
_ON_DELETE = "its update strategy OnDelete leaves the pods until somebody deletes them"


def update_of(
    key: GroupKind, changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours
) -> list[Impact]:
    """All that the changes of an object of a known kind do; none of them is of an immutable field."""
    rule = RULES.get(key)
    found = list(rule(changes, live, after, around)) if rule is not None else []
    return found or [Impact(Level.IN_PLACE, None, "it changes in place, and no pod is restarted")]


def _touches(changes: Changes, *prefix: str) -> list[Change]:
    return [one for one in changes if under(one.names, prefix)]


def _scaled(changes: Changes, live: Live, after: Mapping[str, Any]) -> Iterator[Impact]:
    if not _touches(changes, "spec", "replicas"):
        return
    now, then = integer(at(live, "spec", "replicas"), 1), integer(at(after, "spec", "replicas"), 1)
    if then > now:
        yield Impact(Level.IN_PLACE, None, pods_do(then - now, "start", "more pod"))
    elif then == 0:
        yield Impact(Level.DOWNTIME, now, f"it is scaled to 0: its {pods_do(now, 'end')}")
    else:
        yield Impact(Level.IN_PLACE, now - then, f"it is scaled from {now} to {then}: {pods_do(now - then, 'end')}")


def _replaced(live: Live, after: Mapping[str, Any], pods: int, why: str, around: Neighbours) -> Iterator[Impact]:
    """So many pods are replaced; no pod runs where there is none, and the change waits for the next one."""
    if not pods:
        if is_observed(live):
            yield Impact(Level.IN_PLACE, 0, f"{why}, and no pod runs now: the next one has it")
        else:
            yield Impact(Level.RESTART, None, why)
        return
    yield Impact(Level.RESTART, pods, why)
    yield from rolling(live, after, pods, around)


def _why(changes: Changes) -> str:
    """Why the pods are replaced; what they read is named in place of the digest that stands for it."""
    read = [_READ[one.names[-1]] for one in changes if one.names[-1] in _READ]
    own = [one for one in changes if one.names[-1] not in _READ]
    if len(own) > 1:
        read.insert(0, f"{own[0].text} and {count(len(own) - 1, 'more field')} of the pod template change")
    elif own:
        read.insert(0, f"{own[0].text} changes")
    return ", and ".join(read)


def _deployment(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    yield from _scaled(changes, live, after)
    template = _touches(changes, *_TEMPLATE)
    paused = at(after, "spec", "paused") is True
    if template and paused:
        yield Impact(Level.IN_PLACE, 0, "it is paused: its pods are replaced when it is resumed")
    elif template:
        yield from _replaced(live, after, pods_of(live), _why(template), around)
    elif at(live, "spec", "paused") is True and not paused:
        status = mapping(live.get("status"))
        old = integer(status.get("replicas")) - integer(status.get("updatedReplicas"))
        if old > 0 or not is_observed(live):
            yield from _replaced(live, after, max(old, 0), "it is resumed, and a change waits", around)
    if not paused and _touches(changes, "spec", "strategy", "type") and _is_rolling_out(live):
        yield from rolling(live, after, pods_of(live), around)


def _is_rolling_out(live: Live) -> bool:
    status = mapping(live.get("status"))
    return integer(status.get("updatedReplicas")) < integer(status.get("replicas")) or not is_observed(live)


def _stateful_set(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    yield from _scaled(changes, live, after)
    yield from _claims_of_scaled_down(changes, live, after)
    moved = abs(integer(at(after, "spec", "ordinals", "start")) - integer(at(live, "spec", "ordinals", "start")))
    if moved:
        pods = min(moved, pods_of(live))
        yield Impact(Level.RESTART, pods, f"spec.ordinals.start changes: {count(pods, 'pod')} get other numbers")
    template = _touches(changes, *_TEMPLATE)
    status = mapping(live.get("status"))
    waits = status.get("currentRevision") != status.get("updateRevision") or not is_observed(live)
    strategy = _touches(changes, "spec", "updateStrategy")
    if not template and not (strategy and waits):
        return
    why = _why(template) if template else "spec.updateStrategy changes, and an earlier change waits"
    if at(after, "spec", "updateStrategy", "type") == "OnDelete":
        yield Impact(Level.IN_PLACE, 0, f"{why}; {_ON_DELETE}")
        return
    partition = integer(at(after, "spec", "updateStrategy", "rollingUpdate", "partition"))
    first = integer(at(after, "spec", "ordinals", "start"))
    pods = pods_of(live)
    replaced = max(0, pods - max(0, partition - first))
    if replaced < pods and not replaced:
        yield Impact(Level.IN_PLACE, 0, f"{why}; its partition {partition} leaves all pods as they are")
        return
    yield from _replaced(live, after, replaced, why, around)


def _claims_of_scaled_down(changes: Changes, live: Live, after: Mapping[str, Any]) -> Iterator[Impact]:
    deletes = at(after, "spec", "persistentVolumeClaimRetentionPolicy", "whenScaled") == "Delete"
    fewer = integer(at(live, "spec", "replicas"), 1) - integer(at(after, "spec", "replicas"), 1)
    if deletes and fewer > 0 and at(live, "spec", "volumeClaimTemplates"):
        yield Impact(
            Level.DATA, fewer, f"the claims of {count(fewer, 'pod')} are deleted with them (whenScaled: Delete)"
        )


def _daemon_set(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    template = _touches(changes, *_TEMPLATE)
    status = mapping(live.get("status"))
    pods = pods_of(live)
    old = integer(status.get("currentNumberScheduled")) - integer(status.get("updatedNumberScheduled"))
    waits = old > 0 or not is_observed(live)
    if not template and not (_touches(changes, "spec", "updateStrategy", "type") and waits):
        return
    why = _why(template) if template else "spec.updateStrategy changes, and an earlier change waits"
    if at(after, "spec", "updateStrategy", "type") == "OnDelete":
        yield Impact(Level.IN_PLACE, 0, f"{why}; {_ON_DELETE}")
        return
    yield from _replaced(live, after, pods if template else max(old, 0), why, around)


def _job(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    active = pods_of(live)
    if at(after, "spec", "suspend") is True and at(live, "spec", "suspend") is not True and active:
        yield Impact(Level.RESTART, active, f"it is suspended: {pods_do(active, 'end', 'running pod')}")
    fewer = active - integer(at(after, "spec", "parallelism"), 1)
    if _touches(changes, "spec", "parallelism") and fewer > 0:
        yield Impact(Level.RESTART, fewer, f"parallelism goes down: {pods_do(fewer, 'end', 'running pod')}")
    if _touches(changes, "spec", "activeDeadlineSeconds") and active:
        yield Impact(Level.RESTART, active, "spec.activeDeadlineSeconds changes: pods that run longer are ended")


def _pod(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    if [one for one in changes if one.names[-1:] == ("image",)]:
        yield Impact(Level.DOWNTIME, 1, "the container with the other image is restarted in place")


def _future_pods(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    yield from _scaled(changes, live, after)
    if _touches(changes, *_TEMPLATE):
        yield Impact(
            Level.IN_PLACE, 0, "its running pods stay as they are; pods that are made from now on have the change"
        )


def _cron_job(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    if _touches(changes, "spec", "jobTemplate"):
        yield Impact(Level.IN_PLACE, 0, "Jobs that run go on; the next one has the change")


def _service(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    before, then = at(live, "spec", "type") or "ClusterIP", at(after, "spec", "type") or "ClusterIP"
    if before != then and (before in ("LoadBalancer", "ExternalName") or then in ("ClusterIP", "ExternalName")):
        yield Impact(
            Level.DOWNTIME, None, f"its type changes from {before} to {then}: who uses the former address loses it"
        )
    for one in _touches(changes, "spec", "ports"):
        if one.after is MISSING and one.names in (("spec", "ports"), ("spec", "ports", "nodePort")):
            yield Impact(Level.DOWNTIME, None, f"{one.text} is taken away: who uses it loses it")
        elif one.names == ("spec", "ports", "nodePort") and one.before is not MISSING:
            yield Impact(Level.DOWNTIME, None, f"the node port {one.before} becomes {one.after}: who uses it loses it")
    if _touches(changes, "spec", "selector"):
        if at(after, "spec", "selector"):
            yield Impact(Level.IN_PLACE, None, "its traffic goes to the pods that the new selector matches")
        elif then != "ExternalName":
            yield Impact(Level.DOWNTIME, None, "it selects no pods any more: who uses it gets no answer")
    for name in ("loadBalancerIP", "loadBalancerClass"):
        for one in _touches(changes, "spec", name):
            if one.before is not MISSING:
                yield Impact(Level.DOWNTIME, None, f"spec.{name} changes: its external address may change")


def _network_policy(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    if _touches(changes, "spec", "podSelector"):
        if at(live, "spec", "podSelector") and not at(after, "spec", "podSelector"):
            yield Impact(
                Level.DOWNTIME,
                None,
                "it applies to every pod of its namespace from now on: what it does not allow them is refused",
            )
        else:
            yield Impact(Level.DOWNTIME, None, f"it applies to other pods from now on: {_REFUSED}")
    before, then = at(live, "spec", "policyTypes") or (), at(after, "spec", "policyTypes") or ()
    for one in [one for one in then if one not in before]:
        direction = "incoming" if one == "Ingress" else "outgoing"
        yield Impact(Level.DOWNTIME, None, f"{direction} connections that no rule allows are refused from now on")
    for names in (("spec", "ingress"), ("spec", "egress")):
        if [one for one in _touches(changes, *names) if one.before is not MISSING]:
            yield Impact(Level.DOWNTIME, None, f"{'.'.join(names)} changes: {_REFUSED}")


_REFUSED = "connections that it no longer allows are refused"


def _ingress(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    if _touches(changes, "spec", "ingressClassName"):
        yield Impact(Level.DOWNTIME, None, "another controller serves it: its address changes")


def _claim(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    if _touches(changes, "spec", "resources", "requests"):
        name = at(live, "spec", "storageClassName")
        storage = around.classes.get(str(name))
        if storage is not None and storage.get("allowVolumeExpansion") is not True:
            yield Impact(Level.IN_PLACE, None, f"its class {name} does not let volumes grow: the API server refuses it")
        else:
            yield Impact(Level.IN_PLACE, None, "its volume grows; some drivers need its pods to be restarted for that")


def _volume(changes: Changes, live: Live, after: Mapping[str, Any], around: Neighbours) -> Iterator[Impact]:
    if (
        at(after, "spec", "persistentVolumeReclaimPolicy")
        == "Delete"
        != at(live, "spec", "persistentVolumeReclaimPolicy")
    ):
        yield Impact(Level.DATA, None, "from now on its data is deleted with its claim (reclaim policy Delete)")
    if _touches(changes, "spec", "claimRef"):
        yield Impact(Level.DATA, None, "another claim can take the volume with its data")


RULES: Mapping[GroupKind, Rule] = {
    GroupKind("apps", "Deployment"): _deployment,
    GroupKind("apps", "StatefulSet"): _stateful_set,
    GroupKind("apps", "DaemonSet"): _daemon_set,
    GroupKind("apps", "ReplicaSet"): _future_pods,
    GroupKind("", "ReplicationController"): _future_pods,
    GroupKind("batch", "Job"): _job,
    GroupKind("batch", "CronJob"): _cron_job,
    GroupKind("", "Pod"): _pod,
    GroupKind("", "Service"): _service,
    GroupKind("networking.k8s.io", "Ingress"): _ingress,
    GroupKind("networking.k8s.io", "NetworkPolicy"): _network_policy,
    GroupKind("", "PersistentVolumeClaim"): _claim,
    GroupKind("", "PersistentVolume"): _volume,
}
