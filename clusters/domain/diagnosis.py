"""Why a node is not well: the reasons of its pods, lifted to it in one sentence, with the evidence.

A Deployment only says that pods are missing; the pods say why (the image, the exit code, the missing
ConfigMap, the scheduler's words). Pods are found by their node label, which templates carry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from clusters.domain.health import SEVERITY, Around, Health, State, health_of, in_grace, worst
from clusters.domain.objects import Ref
from clusters.domain.projection import (
    ClaimStatus,
    ContainerTrouble,
    CronJobStatus,
    EndpointStatus,
    Happening,
    IngressStatus,
    JobStatus,
    Outside,
    PodStatus,
    ScalerStatus,
    Seen,
    ServiceStatus,
    WorkloadStatus,
    moment,
)

EVIDENCE_LIMIT = 12
EVENT_AGE_S = 600
IMAGE_REASONS = frozenset(
    {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
)
CONFIG_REASONS = frozenset({"CreateContainerConfigError", "CreateContainerError"})
PULL_WORDS = (
    (("toomanyrequests", "too many requests", "rate limit"), "the registry limits how often we may pull"),
    (("unauthorized", "denied", "authentication required", "no basic auth", "forbidden"), "access denied"),
    (("no such host", "dial tcp", "timeout", "connection refused", "i/o"), "the registry cannot be reached"),
    (("x509", "certificate"), "the registry's certificate is not trusted"),
    (("not found", "manifest unknown", "does not exist", "notfound"), "not found"),
    (("invalid reference", "couldn't parse image", "invalidimagename"), "the name is not valid"),
)


class Evidence(NamedTuple):
    """One observed fact behind a status."""

    ref: Ref
    reason: str
    message: str
    times: int
    at: str

    def as_json(self) -> dict[str, Any]:
        return {
            "ref": self.ref.as_json(),
            "reason": self.reason,
            "message": self.message,
            "count": self.times,
            "at": self.at or None,
        }


class Finding(NamedTuple):
    """Something wrong with one pod (or refused pod); equal `key`s are one finding on several pods."""

    rank: int
    key: str
    say: Callable[[str], str]
    """The sentence, given the words for how many pods."""
    evidence: Evidence
    since: str = ""
    """Set when it counts only after a grace period."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A node's condition as the cluster shows it."""

    health: Health
    evidence: tuple[Evidence, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    outside: Outside | None = None
    objects: tuple[tuple[Seen, Health], ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What a node's judgement looks at beside its own objects."""

    now: datetime
    endpoints: Callable[[Seen], tuple[int, int] | None]
    """Ready and all addresses of a Service."""
    waits_for_consumer: Callable[[str], bool]
    """Of a storage class by name."""
    happenings: Callable[[str], Sequence[Happening]]
    """Warning events about the object of that uid."""


def judge(objects: Iterable[Seen], around: Neighbourhood) -> Judged:
    """The condition of a node made of `objects`: what it declares, and what belongs to those."""
    everything = list(objects)
    roots = sorted((seen for seen in everything if seen.owner is None), key=lambda seen: seen.ref.key)
    dependents = [seen for seen in everything if seen.owner is not None]
    findings = _findings(roots, dependents, around)
    judged = tuple((root, _with_findings(root, findings, dependents, around)) for root in roots)
    return Judged(
        health=worst(health for _, health in judged),
        evidence=_evidence(findings),
        facts=_facts(roots, around),
        outside=max((root.outside for root in roots if root.outside), key=lambda edit: edit.at, default=None),
        objects=judged,
    )


def _own_health(seen: Seen, around: Neighbourhood) -> Health:
    status = seen.status
    endpoints = around.endpoints(seen) if isinstance(status, ServiceStatus) else None
    waits = isinstance(status, ClaimStatus) and around.waits_for_consumer(status.storage_class)
    return health_of(seen, Around(now=around.now, endpoints=endpoints, waits_for_consumer=waits))


def _with_findings(root: Seen, findings: list[Finding], dependents: list[Seen], around: Neighbourhood) -> Health:
    """What is well stays well, whatever an old pod says; what is under way is degraded by its pods' reasons."""
    own = _own_health(root, around)
    if isinstance(root.status, (ServiceStatus, IngressStatus, ScalerStatus)):
        return own
    if own.state in (State.HEALTHY, State.SUSPENDED):
        failed_job = _last_failed_job(dependents)
        return own if failed_job is None else Health(State.DEGRADED, f"the last job failed: {failed_job}")
    if not findings:
        return own
    first = findings[0]
    same = [finding for finding in findings if finding.key == first.key]
    pods = sum(1 for seen in dependents if isinstance(seen.status, PodStatus) and not seen.deleting) or len(same)
    sentence = first.say("" if pods <= 1 else f" ({len(same)} of {pods} pods)")
    if SEVERITY[own.state] >= SEVERITY[State.DEGRADED]:
        return Health(
            own.state, sentence if own.state == State.DEGRADED else f"{own.reason}. {sentence}", own.recheck_s
        )
    trouble = Health(State.DEGRADED, sentence)
    return in_grace(first.since, around.now, trouble) if first.since else trouble


def _last_failed_job(dependents: list[Seen]) -> str | None:
    """Of a CronJob: what its latest job failed of, None when that did not fail."""
    jobs = [
        seen
        for seen in dependents
        if isinstance(seen.status, JobStatus) and seen.owner is not None and seen.owner.kind == "CronJob"
    ]
    if not jobs:
        return None
    latest = max(jobs, key=_started_at)
    health = health_of(latest)
    return health.reason if health.state == State.FAILED else None


def _started_at(seen: Seen) -> str:
    return seen.status.started_at if isinstance(seen.status, JobStatus) else ""


# Findings


def _findings(roots: list[Seen], dependents: list[Seen], around: Neighbourhood) -> list[Finding]:
    found: list[Finding] = []
    for seen in (*roots, *dependents):
        if seen.deleting:
            continue
        if isinstance(seen.status, PodStatus):
            found.extend(_of_pod(seen, seen.status, around.happenings(seen.uid), around.now))
        elif isinstance(seen.status, (WorkloadStatus, JobStatus, ClaimStatus)):
            found.extend(_of_maker(seen, around.happenings(seen.uid), around.now))
    return sorted(found, key=lambda finding: (finding.rank, finding.key, finding.evidence.ref.key))


def _of_pod(seen: Seen, pod: PodStatus, happenings: Sequence[Happening], now: datetime) -> list[Finding]:
    found = [_of_container(seen, trouble) for trouble in pod.troubles if pod.phase != "Succeeded"]
    if pod.reason in ("Evicted", "DeadlineExceeded", "NodeLost", "UnexpectedAdmissionError", "Preempting"):
        verb = {"Evicted": "was evicted", "DeadlineExceeded": "ran longer than its deadline allows"}.get(
            pod.reason, f"was ended ({pod.reason})"
        )
        detail = f": {pod.message}" if pod.message else ""
        found.append(
            Finding(
                3,
                f"pod:{pod.reason}",
                lambda many: f"{'A pod' if many else f'Pod {seen.name}'} {verb}{many}{detail}",
                Evidence(seen.ref, pod.reason, pod.message, 1, ""),
            )
        )
    if pod.unschedulable:
        words = pod.unschedulable.rstrip(". ")
        found.append(
            Finding(
                4,
                "unschedulable",
                lambda many: f"No node can take the pod{many}: {words}",
                Evidence(seen.ref, "Unschedulable", pod.unschedulable, 1, pod.unschedulable_since),
                since=pod.unschedulable_since,
            )
        )
    found.extend(_of_events(seen, pod, happenings, now))
    return found


def _of_container(seen: Seen, trouble: ContainerTrouble) -> Finding:
    what = f"{'Init container' if trouble.is_init else 'Container'} {trouble.container}"
    evidence = Evidence(seen.ref, trouble.reason, trouble.message, max(1, trouble.restarts), "")
    reason = trouble.reason
    if reason in IMAGE_REASONS:
        why = pull_words(trouble.message, reason)
        return Finding(
            1,
            f"image:{trouble.image}",
            lambda many: f"Image {trouble.image} cannot be pulled{many}: {why}",
            evidence,
        )
    if reason in CONFIG_REASONS:
        words = config_words(trouble.message) or "its configuration is not complete"
        return Finding(0, f"config:{what}:{words}", lambda many: f"{what} cannot start{many}: {words}", evidence)
    restarts = f", {trouble.restarts} restart{'' if trouble.restarts == 1 else 's'}" if trouble.restarts else ""
    code = "" if trouble.exit_code is None else f"exit code {trouble.exit_code}{restarts}"
    if "OOMKilled" in (reason, trouble.last_reason):
        return Finding(
            2,
            f"oom:{what}",
            lambda many: f"{what} was killed for using more memory than its limit{many}: OOMKilled, {code}".rstrip(
                ", "
            ),
            evidence._replace(reason="OOMKilled"),
        )
    if reason == "CrashLoopBackOff":
        return Finding(
            2, f"crash:{what}", lambda many: f"{what} keeps crashing{many}" + (f": {code}" if code else ""), evidence
        )
    if trouble.exit_code is not None and reason in ("Error", "ContainerCannotRun", trouble.last_reason):
        return Finding(2, f"crash:{what}", lambda many: f"{what} ended with an error{many}: {code}", evidence)
    words = trouble.message or reason
    return Finding(2, f"start:{what}:{reason}", lambda many: f"{what} cannot start{many}: {words}", evidence)


def _of_events(seen: Seen, pod: PodStatus, happenings: Sequence[Happening], now: datetime) -> list[Finding]:
    """Probe failures and volumes that cannot be mounted are told by events alone."""
    found = []
    for happening in happenings:
        if not _is_fresh(happening, now):
            continue
        evidence = Evidence(seen.ref, happening.reason, happening.message, happening.times, happening.at)
        if happening.reason == "Unhealthy" and (pod.unready or not pod.ready):
            container = f"container {pod.unready[0]}" if len(pod.unready) == 1 else "a container"
            probe, _, words = happening.message.partition(" probe failed: ")
            probe = probe if words and len(probe) < 20 else "A"
            words = words or happening.message
            found.append(_probe(probe, container, words, evidence))
        elif happening.reason in ("FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"):
            found.append(_refused(3, "A volume cannot be mounted", happening, evidence))
    return found


def _probe(probe: str, container: str, words: str, evidence: Evidence) -> Finding:
    return Finding(
        5, f"probe:{probe}:{container}", lambda many: f"{probe} probe of {container} fails{many}: {words}", evidence
    )


def _of_maker(seen: Seen, happenings: Sequence[Happening], now: datetime) -> list[Finding]:
    """What a controller was refused: quota, admission, a volume nobody can provide."""
    found = []
    for condition in getattr(seen.status, "conditions", ()):
        if condition.type == "ReplicaFailure" and condition.status == "True":
            evidence = Evidence(seen.ref, condition.reason, condition.message, 1, "")
            found.append(_refused(0, "Pods cannot be created", condition, evidence))
    for happening in happenings:
        if _is_fresh(happening, now) and happening.reason in ("FailedCreate", "ProvisioningFailed"):
            what = "Pods cannot be created" if happening.reason == "FailedCreate" else "No volume can be made"
            evidence = Evidence(seen.ref, happening.reason, happening.message, happening.times, happening.at)
            found.append(_refused(0, what, happening, evidence))
    return found


def _refused(rank: int, what: str, told: Any, evidence: Evidence) -> Finding:
    words = refusal_words(told.message)
    return Finding(rank, f"{what}:{words}", lambda many: f"{what}{many}: {words}", evidence)


def _is_fresh(happening: Happening, now: datetime) -> bool:
    at = moment(happening.at)
    return at is None or (now - at).total_seconds() < EVENT_AGE_S


def _evidence(findings: list[Finding]) -> tuple[Evidence, ...]:
    """Each distinct reason first, then more of the same, bounded."""
    first: dict[str, Finding] = {}
    rest: list[Finding] = []
    for finding in findings:
        if finding.key in first:
            rest.append(finding)
        else:
            first[finding.key] = finding
    return tuple(finding.evidence for finding in (*first.values(), *rest)[:EVIDENCE_LIMIT])


# Words


def pull_words(message: str, reason: str) -> str:
    """Why an image cannot be pulled, out of the runtime's chain of wrapped errors."""
    low = message.lower()
    for needles, words in PULL_WORDS:
        if any(needle in low for needle in needles):
            return words
    if reason == "InvalidImageName":
        return "the name is not valid"
    if reason == "ErrImageNeverPull":
        return "it is not on the node, and the pull policy is Never"
    return message.rsplit(": ", 1)[-1][:200] if message else reason


def config_words(message: str) -> str:
    """`configmap "a" not found` as people say it."""
    for kind, shown in (("configmap", "ConfigMap"), ("secret", "Secret")):
        head = f'{kind} "'
        if message.lower().startswith(head) and message.endswith('" not found'):
            return f"{shown} {message[len(head) : -len(chr(34) + ' not found')]} does not exist"
    return message[:300]


def refusal_words(message: str) -> str:
    """The API server's reason without the naming of the pod it was about."""
    text = " ".join(message.split())
    if text.startswith("Error creating: "):
        text = text[len("Error creating: ") :]
    marker = " is forbidden: "
    if text.startswith("pods ") and marker in text:
        text = text.split(marker, 1)[1]
    return text[:300]


# Facts for the card


def _facts(roots: list[Seen], around: Neighbourhood) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for seen in roots:
        status = seen.status
        if isinstance(status, WorkloadStatus):
            facts.update(ready=status.ready, desired=status.desired or 0, updated=status.updated)
        elif isinstance(status, JobStatus):
            facts.update(succeeded=status.succeeded, failed=status.failed, active=status.active)
        elif isinstance(status, CronJobStatus):
            facts.update(schedule=status.schedule, active=status.active)
            if status.last_scheduled_at:
                facts["last_scheduled_at"] = status.last_scheduled_at
        elif isinstance(status, PodStatus):
            facts.update(phase=status.phase, restarts=status.restarts)
        elif isinstance(status, ServiceStatus):
            facts.update(type=status.type, address=status.address or status.cluster_ip, ports=list(status.ports))
            endpoints = around.endpoints(seen)
            if endpoints is not None:
                facts.update(endpoints_ready=endpoints[0], endpoints=endpoints[1])
        elif isinstance(status, IngressStatus):
            facts.update(address=status.address, hosts=list(status.hosts))
        elif isinstance(status, ClaimStatus):
            facts.update(phase=status.phase, capacity=status.capacity, volume=status.volume)
        elif isinstance(status, ScalerStatus):
            facts.update(current=status.current, desired=status.desired, min=status.least, max=status.most)
        images = getattr(status, "images", ())
        if images:
            facts["image"] = images[0]
    return facts


def endpoints_of(slices: Iterable[Seen]) -> tuple[int, int] | None:
    """Ready and all addresses over a Service's slices; None without any slice."""
    statuses = [seen.status for seen in slices if isinstance(seen.status, EndpointStatus)]
    if not statuses:
        return None
    return sum(status.ready for status in statuses), sum(status.total for status in statuses)
