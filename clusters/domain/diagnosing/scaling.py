"""Why an autoscaler does not scale, and why pods may not be moved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from clusters.domain.diagnosing.finding import Finding, Proof, Severity
from clusters.domain.diagnosing.surroundings import (
    Surroundings,
    condition,
    containers_of,
    ref_of,
    spec_of,
    status_of,
    template_of,
)
from clusters.domain.objects import Manifest
from clusters.domain.quantity import is_quantity, parse_quantity
from clusters.domain.reading import integer, mapping, text

RESOURCE = ("v1beta1.metrics.k8s.io",)
CUSTOM = ("v1beta2.custom.metrics.k8s.io", "v1beta1.custom.metrics.k8s.io")
EXTERNAL = ("v1beta1.external.metrics.k8s.io",)
_GROUP = re.compile(r"\bmetrics\.k8s\.io|no (?:custom|external) metrics API")


def of_scaler(one: Manifest, seen: Surroundings) -> list[Finding]:
    """Source: Kubernetes docs, "Horizontal Pod Autoscaling", sections "Status conditions" and "Algorithm details"."""
    ref = ref_of("HorizontalPodAutoscaler", one)
    target = mapping(spec_of(one).get("scaleTargetRef"))
    kind, name = text(target.get("kind")), text(target.get("name"))
    able, active = condition(one, "AbleToScale"), condition(one, "ScalingActive")
    where = Proof(ref, f"{kind} {name}", field="spec.scaleTargetRef")
    if seen.lacks(kind, ref.namespace, name):
        return [
            Finding(
                code="scaler.no_target",
                ref=ref,
                sentence=f"{kind} {name}, which it scales, does not exist",
                cure="Correct the target, or connect the autoscaler to another workload.",
                proofs=(where,),
                since=text(able.get("lastTransitionTime")),
                field="spec.scaleTargetRef.name",
            )
        ]
    found = list(_no_metrics(one, kind, name, seen)) if active.get("status") == "False" else []
    if able.get("status") == "False":
        at = text(able.get("lastTransitionTime"))
        proof = Proof(ref, text(able.get("message")), field="status.conditions[AbleToScale]", at=at)
        words = text(able.get("message"))
        found.append(
            Finding("scaler.unable", ref, f"It cannot scale: {words}", "Correct what it names.", (proof,), since=at)
        )
    found += _at_its_limit(one)
    return found


def _no_metrics(one: Manifest, kind: str, name: str, seen: Surroundings) -> Iterator[Finding]:
    active = condition(one, "ScalingActive")
    if active.get("reason") == "ScalingDisabled":
        return
    ref = ref_of("HorizontalPodAutoscaler", one)
    message, at = text(active.get("message")), text(active.get("lastTransitionTime"))
    proof = Proof(ref, message, field="status.conditions[ScalingActive]", at=at)
    apis = _apis_of(message)
    served = [row for name in apis if (row := seen.find("APIService", "", name)) is not None]
    is_down = bool(served) and all(condition(row, "Available").get("status") == "False" for row in served)
    is_absent = all(seen.lacks("APIService", "", name) for name in apis)
    if is_absent or is_down or (_GROUP.search(message) and not served):
        called = "metrics API" if apis == RESOURCE else f"API of {apis[0].split('.')[1]} metrics"
        words = "is not installed" if is_absent else "does not answer" if is_down else "does not give them"
        program = "metrics-server" if apis == RESOURCE else "an adapter for these metrics (as the Prometheus Adapter)"
        cure = f"Install {program} in the cluster." if is_absent else f"See whether {program} runs, and what it says."
        yield Finding(
            code="scaler.no_metrics" if apis == RESOURCE else "scaler.no_adapter",
            ref=ref,
            sentence=f"It has no figures to scale by: the {called} {words}",
            cure=cure,
            proofs=(proof,),
            since=at,
        )
        return
    target = seen.find(kind, ref.namespace, name)
    bare = [
        text(row.get("name"))
        for row in (containers_of(template_of(kind, target)) if target else ())
        if not mapping(mapping(row.get("resources")).get("requests"))
    ]
    if bare and "missing request" in message:
        yield Finding(
            code="scaler.no_requests",
            ref=ref,
            sentence=f"Its target has no requests to compare the use with: {', '.join(bare[:5])}",
            cure=f"Set resources.requests on every container of {kind} {name}.",
            proofs=(proof,),
            since=at,
        )
        return
    yield Finding("scaler.inactive", ref, f"It cannot compute: {message}", "Correct what it names.", (proof,), since=at)


def _apis_of(message: str) -> tuple[str, ...]:
    """The names of the APIs, any of which would have the figures that a message misses."""
    if "external.metrics.k8s.io" in message or "external metrics API" in message:
        return EXTERNAL
    return CUSTOM if "custom.metrics.k8s.io" in message or "custom metrics API" in message else RESOURCE


def _at_its_limit(one: Manifest) -> Iterator[Finding]:
    row = condition(one, "ScalingLimited")
    if row.get("status") != "True" or row.get("reason") != "TooManyReplicas":
        return
    ref = ref_of("HorizontalPodAutoscaler", one)
    most = integer(spec_of(one).get("maxReplicas"))
    yield Finding(
        code="scaler.at_most",
        ref=ref,
        sentence=f"It wants more than its maxReplicas of {most}",
        cure="Raise maxReplicas if the cluster has room.",
        severity=Severity.WARNING,
        proofs=(Proof(ref, text(row.get("message")), field="status.conditions[ScalingLimited]"),),
        since=text(row.get("lastTransitionTime")),
        field="spec.maxReplicas",
    )


def of_budget(one: Manifest, seen: Surroundings) -> list[Finding]:
    """A PodDisruptionBudget that lets no pod go: drains of nodes wait for it.

    Source: Kubernetes docs, "Specifying a Disruption Budget for your Application".
    """
    ref = ref_of("PodDisruptionBudget", one)
    status = status_of(one)
    row = condition(one, "DisruptionAllowed")
    expected, healthy = integer(status.get("expectedPods")), integer(status.get("currentHealthy"))
    wanted = integer(status.get("desiredHealthy"))
    if row.get("status") != "False" or not expected:
        return []
    proof = Proof(
        ref,
        f"{healthy} of {expected} pods are healthy, {wanted} have to be",
        field="status.disruptionsAllowed",
        at=text(row.get("lastTransitionTime")),
    )
    never = wanted >= expected
    return [
        Finding(
            code="budget.blocks_always" if never else "budget.blocks",
            ref=ref,
            sentence="It lets no pod be evicted, however healthy they are"
            if never
            else "It lets no pod be evicted while too few are healthy",
            cure="Set minAvailable below the number of replicas, or maxUnavailable to 1 or more."
            if never
            else "See why its pods are not healthy.",
            severity=Severity.WARNING,
            proofs=(proof,),
            since=text(row.get("lastTransitionTime")),
            field="spec.minAvailable" if "minAvailable" in spec_of(one) else "spec.maxUnavailable",
        )
    ]


def of_quota(one: Manifest, seen: Surroundings) -> list[Finding]:
    """A ResourceQuota that is used up."""
    ref = ref_of("ResourceQuota", one)
    hard, used = mapping(status_of(one).get("hard")), mapping(status_of(one).get("used"))
    full = sorted(key for key, value in hard.items() if _is_full(value, used.get(key)))
    if not full:
        return []
    return [
        Finding(
            code="quota.full",
            ref=ref,
            sentence=f"The quota is used up: {', '.join(f'{key} {used[key]} of {hard[key]}' for key in full[:6])}",
            cure="Nothing more that counts can be made in the namespace. Remove something, or have the quota raised.",
            severity=Severity.WARNING,
            proofs=tuple(Proof(ref, f"{used[key]} of {hard[key]}", field=f"status.used[{key}]") for key in full[:6]),
        )
    ]


def _is_full(hard: Any, used: Any) -> bool:
    """Also beyond: a quota that is lowered takes nothing away. One of 0 forbids: no news, unless exceeded."""
    if not (isinstance(hard, str) and isinstance(used, str) and is_quantity(hard) and is_quantity(used)):
        return False
    most, now = parse_quantity(hard), parse_quantity(used)
    return now >= most > 0 or now > most
