"""Why something is not gone: which finalizers hold it, whether whoever removes them is alive, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from clusters.domain.finalizers import API_SERVER, CONTROLLER_MANAGER, Finalizer, finalizers_of
from clusters.domain.objects import ENDPOINTS, GroupKind, Manifest
from clusters.domain.reading import integer, mapping, mappings, moment, text
from clusters.kube.client import METADATA_LIST
from clusters.kube.errors import ApiAnswer, ApiNotFound, Unauthorized
from clusters.kube.gathering import Want, gather
from clusters.questions.asking import Place, Question, read_object
from clusters.questions.kinds import kinds_of
from kubeorch.base.clock import now

REMAINING_MOST = 200
NAMES_SHOWN = 5
USERS_MOST = 100
FINALIZERS_MOST = 30
NAMES_NOBODY = frozenset({"manager", "unknown", "before-first-apply"})
"""Field managers that say nothing: the usual name of a program that was not given one, and what stands for none."""
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
    looked: dict[str, tuple[bool | None, str]] = {}
    held = [_held(question, finalizer, looked) for finalizer in finalizers_of(live)[:FINALIZERS_MOST]]
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
    found: list[Remaining] = []
    not_looked = []
    kinds = kinds_of(question.client, question.cluster["_id"], question.allowance)
    for kind in sorted(kinds, key=lambda one: GroupKind(one.group, one.kind) == ENDPOINTS):
        if not kind.namespaced or (kind.group, kind.kind) == ("events.k8s.io", "Event"):
            continue
        if found and GroupKind(kind.group, kind.kind) == ENDPOINTS:
            continue  # what is asked for it counts as use of a deprecated API; it goes with its Service
        try:
            answer = question.client.request(
                "GET",
                kind.resource.path(namespace),
                query={"limit": str(REMAINING_MOST)},
                headers={"Accept": METADATA_LIST},
                allowance=question.allowance,
            )[1]
        except Unauthorized:
            raise
        except ApiAnswer:  # it may not be listed, or what serves it does not answer
            not_looked.append(kind.kind)
            continue
        if rows := [mapping(item.get("metadata")) for item in mappings(answer.get("items"))]:
            more = max(0, integer(mapping(answer.get("metadata")).get("remainingItemCount")))
            held = {name for row in rows for name in row.get("finalizers") or () if isinstance(name, str)}
            found.append(
                Remaining(
                    f"{kind.kind}.{kind.group}".rstrip("."),
                    len(rows) + more,
                    sum(bool(row.get("deletionTimestamp")) for row in rows),
                    [text(row.get("name")) for row in rows[:NAMES_SHOWN]],
                    sorted(held)[:FINALIZERS_MOST],
                )
            )
    return found, not_looked


def _pods_with(question: Question, place: Place) -> list[str]:
    """Pods that mount the claim and have not ended, which is what its protection waits for."""
    want = Want("v1", "Pod", place.namespace, fields="status.phase!=Succeeded,status.phase!=Failed")
    pods = gather(lambda _: question.client, [want], within_s=question.allowance.left_s()).objects.get("Pod", ())
    found = []
    for pod in pods:
        volumes = mappings(mapping(pod.get("spec")).get("volumes"))
        if any(mapping(row.get("persistentVolumeClaim")).get("claimName") == place.name for row in volumes):
            found.append(text(mapping(pod.get("metadata")).get("name")))
    return found[:USERS_MOST]


def _held(question: Question, finalizer: Finalizer, looked: dict[str, tuple[bool | None, str]]) -> Held:
    """`looked` keeps what is known of each component, so that many finalizers cost no more questions."""
    component = finalizer.removed_by
    if component not in looked:
        looked[component] = _alive(question, component)
    return Held(finalizer, *looked[component])


def _alive(question: Question, component: str) -> tuple[bool | None, str]:
    if component == API_SERVER:
        return True, "the API server answers"
    if not component:
        return None, "no field manager is recorded for it, so nothing tells whose it is"
    if component in NAMES_NOBODY or component.startswith("kubectl"):
        return None, f"the field manager {component} wrote it, which names no controller"
    try:
        if component == CONTROLLER_MANAGER:
            return _leads(question, CONTROLLER_MANAGER)
        if question.namespaces is not None:
            return None, "whether it runs is for the team that owns the cluster to see"
        return _runs(question, component)
    except Unauthorized:
        raise
    except ApiAnswer as error:
        return None, f"it cannot be looked for: {error.detail}"


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
    wants = [Want("apps/v1", kind, most=WORKLOADS_MOST) for kind in ("Deployment", "StatefulSet", "DaemonSet")]
    found = gather(lambda _: question.client, wants, within_s=question.allowance.left_s())
    for kind, rows in found.objects.items():
        for item in rows:
            metadata, status = mapping(item.get("metadata")), mapping(item.get("status"))
            its_name = text(metadata.get("name"))
            if name not in its_name.lower():
                continue
            ready = integer(status.get("readyReplicas")) or integer(status.get("numberReady"))
            where = f"{kind} {its_name} in {text(metadata.get('namespace'))}"
            return ready > 0, f"{where} has {ready} ready pod{'' if ready == 1 else 's'}"
    if found.unread or found.partial:
        return None, "not all workloads of this cluster could be looked at"
    return False, f"no workload of this cluster is called like {manager}: nobody may be left who removes it"
