"""Why something is not gone: which finalizers hold it, whether whoever removes them is alive, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from clusters.domain.finalizers import API_SERVER, CONTROLLER_MANAGER, Finalizer, finalizers_of
from clusters.domain.objects import Manifest
from clusters.domain.reading import integer, mapping, mappings, moment, text
from clusters.kube.client import METADATA_LIST
from clusters.kube.errors import ApiForbidden, ApiNotFound, ClusterTimeout
from clusters.resources.asking import Place, Question, read_object
from clusters.resources.kinds import kinds_of
from kubeorch.base.clock import now

REMAINING_MOST = 200
NAMES_SHOWN = 5
LEASE_LATE = timedelta(seconds=60)
"""A component that leads renews its lease every few seconds; kube-controller-manager every 2."""
WORKLOADS_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Held:
    """One finalizer, with what is known of whoever removes it."""

    finalizer: Finalizer
    alive: bool | None
    """Whether whoever removes it is there; None where that cannot be told."""
    evidence: str


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of one kind."""

    kind: str
    """As in addresses."""
    count: int
    deleting: int
    names: list[str]
    finalizers: list[str]


@dataclass(frozen=True, slots=True)
class WhyNotGone:
    deleting_since: str
    """"" for what nobody has deleted."""
    grace_s: int
    finalizers: list[Held]
    conditions: list[tuple[str, str]]
    """Of a Namespace: what its controller says is in the way."""
    users: list[str]
    """Of a claim: the pods that use it."""
    remaining: list[Remaining]
    not_looked: list[str]
    """Kinds that could not be looked at."""


def why_not_gone(question: Question, place: Place) -> WhyNotGone:
    """Raises what `read_object` raises."""
    kind, live = read_object(question, place)
    metadata = live["metadata"]
    held = [_held(question, finalizer) for finalizer in finalizers_of(live)]
    remaining: list[Remaining] = []
    not_looked: list[str] = []
    users: list[str] = []
    if kind.kind == "Namespace" and metadata.get("deletionTimestamp"):
        remaining, not_looked = _left_in(question, place.name)
    if kind.kind == "PersistentVolumeClaim":
        users = _pods_with(question, place)
    return WhyNotGone(
        text(metadata.get("deletionTimestamp")),
        integer(metadata.get("deletionGracePeriodSeconds")),
        held,
        _conditions(live),
        users,
        remaining,
        not_looked,
    )


def _conditions(live: Manifest) -> list[tuple[str, str]]:
    """Those of a terminating Namespace that are true. Source: Kubernetes API reference, "NamespaceCondition"."""
    rows = mappings(mapping(live.get("status")).get("conditions"))
    return [
        (text(row.get("type")), text(row.get("message")))
        for row in rows
        if text(row.get("type")).startswith("Namespace") and row.get("status") == "True"
    ]


def _left_in(question: Question, namespace: str) -> tuple[list[Remaining], list[str]]:
    found, not_looked = [], []
    for kind in kinds_of(question.client, question.cluster["_id"], question.allowance):
        if not kind.namespaced or (kind.group, kind.kind) == ("events.k8s.io", "Event"):
            continue
        try:
            answer = question.client.request(
                "GET",
                kind.resource.path(namespace),
                query={"limit": str(REMAINING_MOST)},
                headers={"Accept": METADATA_LIST},
                allowance=question.allowance,
            )[1]
        except (ApiForbidden, ApiNotFound, ClusterTimeout):
            not_looked.append(kind.kind)
            continue
        if rows := [mapping(item.get("metadata")) for item in mappings(answer.get("items"))]:
            more = integer(mapping(answer.get("metadata")).get("remainingItemCount"))
            held = {name for row in rows for name in row.get("finalizers") or () if isinstance(name, str)}
            found.append(
                Remaining(
                    f"{kind.kind}.{kind.group}".rstrip("."),
                    len(rows) + more,
                    sum(bool(row.get("deletionTimestamp")) for row in rows),
                    [text(row.get("name")) for row in rows[:NAMES_SHOWN]],
                    sorted(held),
                )
            )
    return found, not_looked


def _pods_with(question: Question, place: Place) -> list[str]:
    """Pods that mount the claim and have not ended, which is what its protection waits for."""
    path = f"/api/v1/namespaces/{place.namespace}/pods"
    try:
        answer = question.client.request("GET", path, query={"limit": "1000"}, allowance=question.allowance)[1]
    except ApiForbidden:
        return []
    found = []
    for pod in mappings(answer.get("items")):
        if mapping(pod.get("status")).get("phase") in ("Succeeded", "Failed"):
            continue
        volumes = mappings(mapping(pod.get("spec")).get("volumes"))
        if any(mapping(row.get("persistentVolumeClaim")).get("claimName") == place.name for row in volumes):
            found.append(text(mapping(pod.get("metadata")).get("name")))
    return found


def _held(question: Question, finalizer: Finalizer) -> Held:
    if finalizer.removed_by == API_SERVER:
        return Held(finalizer, True, "the API server answers")
    try:
        if finalizer.removed_by == CONTROLLER_MANAGER:
            return Held(finalizer, *_leads(question, CONTROLLER_MANAGER))
        if finalizer.removed_by and question.namespaces is not None:
            return Held(finalizer, None, "whether it runs is for the team that owns the cluster to see")
        if finalizer.removed_by:
            return Held(finalizer, *_runs(question, finalizer.removed_by))
    except (ApiForbidden, ClusterTimeout) as error:
        return Held(finalizer, None, f"it cannot be looked for: {error.detail}")
    return Held(finalizer, None, "no field manager is recorded for it, so nothing tells whose it is")


def _leads(question: Question, component: str) -> tuple[bool | None, str]:
    path = f"/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/{component}"
    try:
        lease = question.client.request("GET", path, allowance=question.allowance)[1]
    except ApiNotFound:
        return None, f"{component} has no lease in kube-system, so nothing tells whether it runs"
    renewed = moment(text(mapping(lease.get("spec")).get("renewTime")))
    if renewed is None:
        return None, f"the lease of {component} says no time"
    age_s = max(0, round((now() - renewed).total_seconds()))
    return _is_recent(renewed), f"{component} renewed its lease {age_s} s ago"


def _is_recent(renewed: datetime) -> bool:
    return now() - renewed <= LEASE_LATE


def _runs(question: Question, manager: str) -> tuple[bool | None, str]:
    """Workloads with the manager's name in theirs: a manager is called as its program is, mostly."""
    name = manager.lower()
    for plural, kind in (("deployments", "Deployment"), ("statefulsets", "StatefulSet"), ("daemonsets", "DaemonSet")):
        path, query = f"/apis/apps/v1/{plural}", {"limit": str(WORKLOADS_MOST)}
        answer = question.client.request("GET", path, query=query, allowance=question.allowance)[1]
        for item in mappings(answer.get("items")):
            metadata, status = mapping(item.get("metadata")), mapping(item.get("status"))
            its_name = text(metadata.get("name"))
            if name not in its_name.lower():
                continue
            ready = integer(status.get("readyReplicas")) or integer(status.get("numberReady"))
            where = f"{kind} {its_name} in {text(metadata.get('namespace'))}"
            return ready > 0, f"{where} has {ready} ready pod{'' if ready == 1 else 's'}"
    return False, f"no workload of this cluster is called like {manager}: nobody may be left who removes it"
