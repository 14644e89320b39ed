"""Why a Service reaches nothing: its selector, its ports, its endpoints, its address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from clusters.domain.diagnosing import endpoints
from clusters.domain.diagnosing.finding import Finding, Fix, Proof, Setting, Severity
from clusters.domain.diagnosing.pods import is_ready
from clusters.domain.diagnosing.policies import of_pods_behind
from clusters.domain.diagnosing.surroundings import (
    Surroundings,
    carries,
    is_being_deleted,
    labels_of,
    named,
    ports_of,
    ref_of,
    spec_of,
    status_of,
    template_of,
)
from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping, mappings, number, text

_DIGITS = re.compile(r"[0-9]{1,5}", re.ASCII)
STARTS_S = 60.0
"""How long pods may take to become ready before that is called an error."""
CONTROLLERS_OWN = ("pod-template-hash", "controller-revision-hash", "statefulset.kubernetes.io/pod-name")


def of_service(one: Manifest, seen: Surroundings) -> list[Finding]:
    """Source: Kubernetes docs, "Debug Services"."""
    spec = spec_of(one)
    if spec.get("type") == "ExternalName":
        return []
    selector = mapping(spec.get("selector"))
    namespace = ref_of("Service", one).namespace
    found = list(_address(one, seen))
    if not selector:
        return [*endpoints.by_hand(one, seen), *found]
    if not seen.knows("Pod"):
        return found
    pods = [pod for pod in seen.selected("Pod", namespace, selector) if not _has_ended(pod)]
    if not pods:
        return [_selects_nothing(one, selector, seen), *found]
    cut = of_pods_behind("Service", one, one, pods, seen)
    return [*_ports(one, pods), *_not_ready(one, pods, seen), *endpoints.not_listed(one, pods, seen), *cut, *found]


def _has_ended(pod: Manifest) -> bool:
    return is_being_deleted(pod) or status_of(pod).get("phase") in ("Succeeded", "Failed")


def _selects_nothing(one: Manifest, selector: Mapping[str, Any], seen: Surroundings) -> Finding:
    ref = ref_of("Service", one)
    shown = ", ".join(f"{key}={value}" for key, value in sorted(selector.items()))
    meant = [
        (kind, row)
        for kind, row in seen.workloads(ref.namespace)
        if carries(labels_of(template_of(kind, row)), selector)
    ]
    if meant:
        kind, row = meant[0]
        wanted = spec_of(row).get("replicas")
        if wanted == 0:
            return Finding(
                code="service.scaled_to_zero",
                ref=ref,
                sentence=f"{named(kind, row)}, which the Service selects, is scaled to 0",
                cure=f"Scale {named(kind, row)} up.",
                severity=Severity.WARNING,
                proofs=(Proof(ref_of(kind, row), "replicas: 0", field="spec.replicas"),),
                field="spec.selector",
            )
        return Finding(
            code="service.no_pods",
            ref=ref,
            sentence=f"{named(kind, row)}, which the Service selects, has no pods",
            cure=f"See what keeps {named(kind, row)} from making pods.",
            proofs=(Proof(ref, shown, field="spec.selector"),),
            field="spec.selector",
        )
    best = _meant(ref.name, selector, seen, ref.namespace)
    fix = None
    cure = "Correct the selector, so that it names labels that pods carry."
    details: tuple[str, ...] = ()
    if best is not None:
        kind, row = best
        labels, theirs = _stable_labels(kind, row), labels_of(template_of(kind, row))
        words = ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
        cure = f"Correct the selector. The pods of {named(kind, row)} carry {words}."
        details = tuple(
            f"{key}: the Service asks for {value}, the pods of {named(kind, row)} have {_value(theirs, key)}"
            for key, value in sorted(selector.items())
            if theirs.get(key) != value
        )
        label = f"Select the pods of {named(kind, row)}"
        fix = Fix(ref, label, (Setting("spec.selector", dict(labels)),), target=ref_of(kind, row))
    return Finding(
        code="service.selects_nothing",
        ref=ref,
        sentence=f"No pod has the labels that the Service selects: {shown}",
        cure=cure,
        proofs=(
            Proof(ref, shown, field="spec.selector"),
            Proof(ref, "no ready address in its EndpointSlices", field="endpoints"),
        ),
        details=details,
        field="spec.selector",
        fix=fix,
    )


def _value(labels: Mapping[str, Any], key: str) -> str:
    return str(labels[key]) if key in labels else "no such label"


def _meant(name: str, selector: Mapping[str, Any], seen: Surroundings, namespace: str) -> tuple[str, Manifest] | None:
    """The workload that the Service seems to be for; None where several are as likely, or none is."""
    scores: list[tuple[int, str, Manifest]] = []
    for kind, row in seen.workloads(namespace):
        labels = labels_of(template_of(kind, row))
        shared = sum(1 for key, value in selector.items() if labels.get(key) == value)
        alike = sum(1 for value in labels.values() if value in selector.values())
        same_name = 2 if ref_of(kind, row).name == name else 0
        score = 2 * shared + alike + same_name
        if kind in ("Deployment", "StatefulSet", "DaemonSet") and _stable_labels(kind, row):
            scores.append((score, kind, row))
    scores.sort(key=lambda row: -row[0])
    if not scores or (len(scores) > 1 and scores[0][0] == scores[1][0]):
        return None
    best = scores[0]
    return (best[1], best[2]) if best[0] > 0 or len(scores) == 1 else None


def _stable_labels(kind: str, row: Manifest) -> dict[str, str]:
    """The labels by which the workload finds its own pods."""
    chosen = mapping(mapping(spec_of(row).get("selector")).get("matchLabels"))
    labels = labels_of(template_of(kind, row))
    return {
        key: text(value) for key, value in chosen.items() if key not in CONTROLLERS_OWN and labels.get(key) == value
    }


def _ports(one: Manifest, pods: list[Manifest]) -> Iterator[Finding]:
    """Ports whose target no pod declares. That alone forbids nothing: a container may listen without declaring it."""
    ref = ref_of("Service", one)
    declared = ports_of(pods[0])
    numbers = sorted({number for _, number, protocol in declared if protocol == "TCP"})
    single = mappings(spec_of(one).get("ports"))
    for index, row in enumerate(single):
        target = row.get("targetPort", row.get("port"))
        name = text(row.get("name"))
        place = f"spec.ports[{name or index}].targetPort"
        protocol = text(row.get("protocol")) or "TCP"
        listed = ", ".join(f"{number}{f' ({label})' if label else ''}" for label, number, _ in declared) or "none"
        fix = None
        if protocol == "TCP" and len(numbers) == 1:
            fix = Fix(ref, f"Send traffic to port {numbers[0]}", (Setting(place, numbers[0]),))
        if isinstance(target, str) and not _DIGITS.fullmatch(target):
            if any(label == target and kind == protocol for label, _, kind in declared):
                continue
            yield Finding(
                code="service.port_name",
                ref=ref,
                sentence=f"No container of its pods has a port that is called {target}",
                cure=f"Name one of the ports that the containers declare ({listed}), or give that port this name.",
                proofs=(
                    Proof(ref, f"targetPort: {target}", field=place),
                    Proof(ref_of("Pod", pods[0]), f"ports: {listed}", field="spec.containers[].ports"),
                ),
                field=place,
                fix=fix,
            )
        elif declared and _number(target) not in [None, *(number for _, number, kind in declared if kind == protocol)]:
            yield Finding(
                code="service.port",
                ref=ref,
                sentence=f"The Service sends traffic to port {target}, and its pods declare {listed}",
                cure="Correct the target port, or declare the port in the container if the program listens there.",
                severity=Severity.WARNING,
                proofs=(
                    Proof(ref, f"targetPort: {target}", field=place),
                    Proof(ref_of("Pod", pods[0]), f"ports: {listed}", field="spec.containers[].ports"),
                ),
                field=place,
                fix=fix,
            )


def _number(target: Any) -> int | None:
    """The port that a target names as a number; None for what names none."""
    return int(target) if isinstance(target, str) and _DIGITS.fullmatch(target) else number(target)


def _not_ready(one: Manifest, pods: list[Manifest], seen: Surroundings) -> Iterator[Finding]:
    ref = ref_of("Service", one)
    waiting = [pod for pod in pods if not is_ready(pod)]
    if not waiting or spec_of(one).get("publishNotReadyAddresses") is True:
        return
    ready = len(pods) - len(waiting)
    names = ", ".join(ref_of("Pod", pod).name for pod in waiting[:3]) + (" …" if len(waiting) > 3 else "")
    how_many = f"Only {ready}" if ready else "None"
    starts = ready or all(seen.is_new(pod, STARTS_S) for pod in waiting)
    yield Finding(
        code="service.not_ready" if not ready else "service.partly_ready",
        ref=ref,
        sentence=f"{how_many} of its {len(pods)} pods {'is' if ready < 2 else 'are'} ready",
        cure=f"The Service is right; its pods are not ready. See what is wrong with {names}.",
        severity=Severity.WARNING if starts else Severity.ERROR,
        proofs=tuple(
            Proof(
                ref_of("Pod", pod),
                text(_ready(pod).get("message")) or "not ready",
                field="status.conditions[Ready]",
                at=text(_ready(pod).get("lastTransitionTime")),
            )
            for pod in waiting[:5]
        ),
        since=min((text(_ready(pod).get("lastTransitionTime")) for pod in waiting), default=""),
    )


def _ready(pod: Manifest) -> Mapping[str, Any]:
    rows = mappings(status_of(pod).get("conditions"))
    return next((row for row in rows if row.get("type") == "Ready"), {})


def _address(one: Manifest, seen: Surroundings) -> Iterator[Finding]:
    if spec_of(one).get("type") != "LoadBalancer":
        return
    if mappings(mapping(status_of(one).get("loadBalancer")).get("ingress")):
        return
    ref = ref_of("Service", one)
    failed = [row for row in seen.events(one, "SyncLoadBalancerFailed", "AllocationFailed") if seen.is_fresh(row)]
    if not failed and seen.is_new(one):
        return
    why = f": {failed[0].message}" if failed else ""
    cure = "Install something that gives addresses (the cloud's controller, MetalLB), or use NodePort or an Ingress."
    yield Finding(
        code="service.no_load_balancer",
        ref=ref,
        sentence=f"No load balancer has given the Service an address{why}",
        cure="Correct what the message names." if failed else cure,
        severity=Severity.ERROR if failed else Severity.WARNING,
        proofs=(
            Proof(ref, "no address", field="status.loadBalancer.ingress"),
            *(Proof(ref, row.message, event=row.reason, times=row.times, at=row.last_at) for row in failed[:3]),
        ),
        since=min((row.first_at for row in failed if row.first_at), default=seen.since(one)),
        field="spec.type",
    )
