"""Why something is not gone: which finalizers hold it, whether whoever removes them is alive, and what is left."""

from __future__ import annotations

from dataclasses import dataclass

from clusters.domain.finalizers import Finalizer, finalizers_of
from clusters.domain.objects import ENDPOINTS, GroupKind, Manifest
from clusters.domain.reading import integer, mapping, mappings, text
from clusters.domain.removers import Known
from clusters.kube.client import METADATA_LIST
from clusters.kube.errors import ApiAnswer, Unauthorized
from clusters.kube.gathering import Want, gather
from clusters.questions.asking import Place, Question, read_object
from clusters.questions.kinds import kinds_of
from clusters.resources.removers import whether_it_runs

REMAINING_MOST = 200
NAMES_SHOWN = 5
USERS_MOST = 100
FINALIZERS_MOST = 30


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
    looked: dict[tuple[str, str], Known] = {}
    held = [_held(question, finalizer, looked) for finalizer in finalizers_of(live)[:FINALIZERS_MOST]]
    remaining: list[Remaining] = []
    not_looked: list[str] = []
    users: list[str] = []
    if kind.kind == "Namespace" and metadata.get("deletionTimestamp"):
        remaining, not_looked = left_in(question, place.name)
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


def left_in(question: Question, namespace: str) -> tuple[list[Remaining], list[str]]:
    """What is in a namespace, and the kinds that could not be looked at."""
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


def _held(question: Question, finalizer: Finalizer, looked: dict[tuple[str, str], Known]) -> Held:
    """`looked` keeps what is known of each component, so that many finalizers cost no more questions."""
    component = finalizer.removed_by, finalizer.driver
    if component not in looked:
        looked[component] = whether_it_runs(question, finalizer)
    return Held(finalizer, *looked[component])
