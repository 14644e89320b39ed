"""What is wrong with an object, or with everything that was read: the rules of its kind, and its health."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from clusters.domain.diagnosing import clusterwide, ingresses, pods, scaling, services, storage, workloads
from clusters.domain.diagnosing.finding import Finding, Proof, Severity
from clusters.domain.diagnosing.surroundings import (
    WORKLOADS,
    Surroundings,
    condition,
    controller_of,
    is_being_deleted,
    ref_of,
)
from clusters.domain.health import Health, ObjectContext, State, health_of
from clusters.domain.objects import Manifest
from clusters.domain.projection import NoIdentity, project
from clusters.domain.reading import mapping, moment, text

Rule = Callable[[Manifest, Surroundings], list[Finding]]
FINDINGS_MOST = 200
"""That are told."""
LOOKED_AT_MOST = 20 * FINDINGS_MOST
"""That are put in order, the worst first."""
STUCK_S = 300.0
"""Clouds take some minutes to take a load balancer or a disk down."""
WAITING_S = 300.0


def _of(kind: str) -> Rule:
    return lambda one, seen: workloads.of_workload(kind, one, seen)


def _webhooks(kind: str) -> Rule:
    return lambda one, seen: clusterwide.of_webhooks(kind, one, seen)


RULES: Mapping[str, Rule] = {
    **{kind: _of(kind) for kind in WORKLOADS},
    "Pod": lambda one, seen: pods.of_pods("Pod", one, [one], seen),
    "Service": services.of_service,
    "Ingress": ingresses.of_ingress,
    "PersistentVolumeClaim": storage.of_claim,
    "HorizontalPodAutoscaler": scaling.of_scaler,
    "PodDisruptionBudget": scaling.of_budget,
    "ResourceQuota": scaling.of_quota,
    "Node": clusterwide.of_node,
    **{kind: _webhooks(kind) for kind in clusterwide.WEBHOOKS},
}
NEEDS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(
        WORKLOADS,
        ("Pod", "ReplicaSet", "Job", "Event", "ConfigMap", "Secret", "PersistentVolumeClaim", "Node"),
    ),
    "Pod": ("Event", "PersistentVolumeClaim", "Node"),
    "Service": ("Pod", "Event", "EndpointSlice", "Deployment", "StatefulSet", "DaemonSet", "NetworkPolicy"),
    "Ingress": (
        *("Service", "Secret", "IngressClass", "Event", "NetworkPolicy", "Pod"),
        *("EndpointSlice", "Deployment", "StatefulSet", "DaemonSet"),
    ),
    "PersistentVolumeClaim": ("Pod", "Event", "StorageClass"),
    "HorizontalPodAutoscaler": ("Deployment", "StatefulSet", "APIService"),
    **dict.fromkeys(clusterwide.WEBHOOKS, ("Service", "EndpointSlice")),
}
"""The kinds that the rules of a kind look at beside the object."""


def examine(kind: str, one: Manifest, seen: Surroundings) -> list[Finding]:
    """What is wrong with one object, errors first. What is unhealthy always has a finding, if only that it is; and so
    has an object of a shape that no API server gives it, which the others do not suffer from."""
    try:
        return _examined(kind, one, seen)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError, RecursionError) as error:
        ref = ref_of(kind, one)
        return [
            Finding(
                code="object.unreadable",
                ref=ref,
                sentence="It cannot be judged: its fields are not what an API server writes in a " + kind,
                cure="Look at its YAML, and at who wrote it.",
                severity=Severity.WARNING,
                proofs=(Proof(ref, type(error).__name__, field="spec"),),
            )
        ]


def _examined(kind: str, one: Manifest, seen: Surroundings) -> list[Finding]:
    rule = RULES.get(kind)
    found = rule(one, seen) if rule and not is_being_deleted(one) else []
    found += _held(kind, one, seen)
    if not any(finding.severity is Severity.ERROR for finding in found):
        found += _by_health(kind, one, seen)
    return in_order(found)


def examine_all(
    seen: Surroundings,
    kinds: Iterable[str] = RULES,
    *,
    goes_on: Callable[[], bool] = lambda: True,
    unlooked: set[str] | None = None,
) -> list[Finding]:
    """What is wrong with all that was read; a pod or ReplicaSet speaks through what made it.

    Ends once `goes_on` says so, or enough was found; the kinds that were not looked at by then come into `unlooked`.
    """
    found: list[Finding] = []
    for kind in kinds:
        for one in seen.all(kind):
            if controller_of(one) and kind in ("Pod", "ReplicaSet", "Job"):
                continue
            if len(found) >= LOOKED_AT_MOST or not goes_on():
                if unlooked is not None:
                    unlooked.add(kind)
                break
            found += examine(kind, one, seen)
    return in_order(found)


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """Errors first, each cause of an object once."""
    once = {finding.key: finding for finding in found}
    return sorted(once.values(), key=lambda one: (one.severity is not Severity.ERROR, one.ref.key))


def _held(kind: str, one: Manifest, seen: Surroundings) -> list[Finding]:
    """An object that was deleted and is not gone."""
    metadata = mapping(one.get("metadata"))
    at = text(metadata.get("deletionTimestamp"))
    asked = moment(at)
    finalizers = metadata.get("finalizers")
    if asked is None or not isinstance(finalizers, list) or not finalizers:
        return []
    if (seen.now - asked).total_seconds() < STUCK_S:
        return []
    ref = ref_of(kind, one)
    names = ", ".join(str(name) for name in finalizers[:5])
    return [
        Finding(
            code="deletion.held",
            ref=ref,
            sentence=f"It was deleted, and is held by {names}",
            cure="The controller that owns the finalizer has to finish its work: see whether it runs.",
            proofs=(Proof(ref, names, field="metadata.finalizers", at=at),),
            since=at,
            field="metadata.finalizers",
        )
    ]


def _by_health(kind: str, one: Manifest, seen: Surroundings) -> list[Finding]:
    try:
        observed = project(ref_of(kind, one).api_version, kind, one)
    except NoIdentity:
        return []
    health = health_of(observed, ObjectContext(seen.now))
    if health.state not in (State.DEGRADED, State.FAILED):
        return [] if kind in RULES else _not_ready(kind, one, seen)
    ref = ref_of(kind, one)
    return [
        Finding(
            code=f"unhealthy.{health.state.value}",
            ref=ref,
            sentence=health.reason,
            cure="See its events and its status.",
            proofs=(Proof(ref, health.reason, field="status"),),
            since=_since(one, health),
        )
    ]


def _not_ready(kind: str, one: Manifest, seen: Surroundings) -> list[Finding]:
    """A custom object whose controller has called it not ready for long."""
    row = condition(one, "Ready")
    since = text(row.get("lastTransitionTime"))
    at = moment(since)
    if row.get("status") != "False" or at is None or (seen.now - at).total_seconds() < WAITING_S:
        return []
    ref = ref_of(kind, one)
    said = text(row.get("message")) or text(row.get("reason"))
    return [
        Finding(
            code="not_ready",
            ref=ref,
            sentence=f"Its controller says that it is not ready: {said}",
            cure="Correct what the message names, or see the log of the controller.",
            severity=Severity.WARNING,
            proofs=(Proof(ref, said, field="status.conditions[Ready]", at=since),),
            since=since,
        )
    ]


def _since(one: Manifest, health: Health) -> str:
    row = condition(one, "Ready") or condition(one, "Failed")
    return text(row.get("lastTransitionTime")) if row and health else ""
