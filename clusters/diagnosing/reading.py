"""What is read of a cluster to say what is wrong with an object, with a namespace, or with all of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from clusters.domain.diagnosing.examining import NEEDS, RULES
from clusters.domain.diagnosing.surroundings import KIND_VERSIONS, Surroundings, spec_of
from clusters.domain.objects import Manifest, is_cluster_scoped
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.gathering import Gathered, Want, gather
from clusters.questions.asking import Question

METADATA_ONLY = frozenset({"Secret", "ConfigMap"})
"""Only whether they exist counts; their data does not come here."""
NAMESPACES_MOST = 20
SELECTOR_MOST = 2_000
UNSELECTED = frozenset({"CronJob", "Ingress", "PersistentVolumeClaim", "HorizontalPodAutoscaler"})
"""What has no selector of pods by which they could be asked for."""


def around_object(question: Question, kind: str, one: Manifest) -> Gathered:
    """The object, and what the rules of its kind look at."""
    with_nodes = question.namespaces is None
    namespace = text(mapping(one.get("metadata")).get("namespace"))
    wants = [
        _want(needed, namespace, labels=selector_of(kind, one) if needed in ("Pod", "ReplicaSet") else "")
        for needed in NEEDS.get(kind, ("Event",))
        if with_nodes or not is_cluster_scoped(KIND_VERSIONS[needed], needed)
    ]
    if kind == "Node":
        wants = [_want("Event", None)]
    found = gather(question.client_in, wants, within_s=_reading_s(question))
    rows = found.objects.setdefault(kind, [])
    uid = text(mapping(one.get("metadata")).get("uid"))
    rows[:] = [one, *(row for row in rows if text(mapping(row.get("metadata")).get("uid")) != uid)]
    if kind not in NEEDS.get(kind, ()):
        found.partial.add(kind)  # the others of its kind were not looked at
    return found


def around_namespaces(question: Question, namespaces: Collection[str] | None) -> Gathered:
    """Everything that rules look at, in these namespaces (None: in all), NAMESPACES_MOST of them at most."""
    kinds = dict.fromkeys([*RULES, *(needed for needs in NEEDS.values() for needed in needs)])
    chosen: list[str | None] = [None] if namespaces is None else [*sorted(namespaces)[:NAMESPACES_MOST]]
    wants = []
    for kind in kinds:
        if is_cluster_scoped(KIND_VERSIONS[kind], kind):
            if question.namespaces is None:
                wants.append(_want(kind, None))
            continue
        wants += [_want(kind, namespace) for namespace in chosen]
    found = gather(question.client_in, wants, within_s=_reading_s(question))
    if namespaces is not None and len(namespaces) > NAMESPACES_MOST:
        found.partial |= set(found.objects)
    return found


def _reading_s(question: Question) -> float:
    """The rest of the question's time is for certificates and logs."""
    return question.allowance.left_s() * 0.75


def surroundings(
    question: Question, found: Gathered, expiries: Mapping[tuple[str, str], Any] | None = None
) -> Surroundings:
    """Times are compared by the clock of the cluster, which has written them."""
    return Surroundings(found.objects, now=question.client.clock.now(), partial=found.partial, expiries=expiries)


def _want(kind: str, namespace: str | None, *, labels: str = "") -> Want:
    scoped = None if is_cluster_scoped(KIND_VERSIONS[kind], kind) else namespace
    fields = "type=Warning" if kind == "Event" else ""
    return Want(KIND_VERSIONS[kind], kind, scoped, labels, fields, metadata_only=kind in METADATA_ONLY)


def selector_of(kind: str, one: Manifest) -> str:
    """The label selector of its pods, as a query has it; "" asks for all pods of the namespace."""
    selector = mapping(spec_of(one).get("selector"))
    if kind == "Service":
        selector = {"matchLabels": selector}
    if kind in UNSELECTED:
        return ""
    parts = [f"{key}={value}" for key, value in mapping(selector.get("matchLabels")).items() if isinstance(value, str)]
    for row in mappings(selector.get("matchExpressions")):
        key, values = text(row.get("key")), row.get("values")
        listed = ",".join(map(str, values)) if isinstance(values, list) else ""
        match row.get("operator"):
            case "In":
                parts.append(f"{key} in ({listed})")
            case "NotIn":
                parts.append(f"{key} notin ({listed})")
            case "Exists":
                parts.append(key)
            case "DoesNotExist":
                parts.append(f"!{key}")
    found = ",".join(parts)
    return found if len(found) <= SELECTOR_MOST else ""
