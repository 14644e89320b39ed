"""What keeps pods from starting, running or being ready, one finding for a cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from clusters.domain import causes
from clusters.domain.causes import Diagnosis
from clusters.domain.diagnosing.finding import Finding
from clusters.domain.diagnosing.pod_causes import PodCause
from clusters.domain.diagnosing.restarting import restarting
from clusters.domain.diagnosing.surroundings import (
    Surroundings,
    condition,
    is_being_deleted,
    status_of,
)
from clusters.domain.objects import Manifest
from clusters.domain.observed import WarningEvent
from clusters.domain.projection import NoIdentity, project


def of_pods(kind: str, root: Manifest, pods: Sequence[Manifest], seen: Surroundings) -> list[Finding]:
    """What is wrong with the pods of a workload; one finding for a cause, however many pods it concerns."""
    alive = [pod for pod in pods if not is_being_deleted(pod)]
    by_key: dict[str, Manifest] = {}
    by_uid: dict[str, Manifest] = {}
    observed = []
    for pod in alive:
        try:
            one = project("v1", "Pod", pod)
        except NoIdentity:
            continue
        observed.append(one)
        by_key[one.ref.key] = by_uid[one.uid] = pod
    found = causes.causes_in(observed, lambda uid: _warnings(by_uid, uid, seen), seen.now, _why_unbound(seen))
    by_cause: dict[str, list[Diagnosis]] = defaultdict(list)
    for diagnosis in found:
        by_cause[diagnosis.key].append(diagnosis)
    total = len(alive)
    findings = []
    for same in by_cause.values():
        many = f" ({len(same)} of {total} pods)" if total > 1 else ""
        pod = by_key[same[0].evidence.ref.key]
        findings.append(PodCause(kind, root, pod, same, many, seen).finding())
    findings += [] if findings else list(restarting(kind, root, alive, seen))
    return findings


def _warnings(pods: Mapping[str, Manifest], uid: str, seen: Surroundings) -> list[WarningEvent]:
    return [WarningEvent(uid, row.reason, row.message, row.times, row.last_at) for row in seen.events(pods[uid])]


def _why_unbound(seen: Surroundings) -> causes.WhyUnbound:
    def why(namespace: str, claims: Sequence[str]) -> str:
        for name in claims:
            claim = seen.find("PersistentVolumeClaim", namespace, name)
            if claim is None and seen.lacks("PersistentVolumeClaim", namespace, name):
                return f"PersistentVolumeClaim {name} does not exist"
            if claim is not None and status_of(claim).get("phase") != "Bound":
                return f"PersistentVolumeClaim {name} has no volume"
        return ""

    return why


def is_ready(pod: Manifest) -> bool:
    return condition(pod, "Ready").get("status") == "True"
