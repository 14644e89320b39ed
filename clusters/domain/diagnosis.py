"""Why a node is unhealthy: the reasons of its pods in one sentence, with the evidence.

A Deployment only reports that pods are missing; the pods report why (the image, the exit code, the missing
ConfigMap, the scheduler's message). Pods are found by their node label, which pod templates carry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from clusters.domain.facts import Endpoints, facts_of
from clusters.domain.health import SEVERITY, Health, ObjectContext, State, health_of, in_grace, worst
from clusters.domain.objects import Ref
from clusters.domain.observed import (
    ClaimStatus,
    Condition,
    ContainerTrouble,
    IngressStatus,
    JobStatus,
    ObservedObject,
    OutsideEdit,
    PodStatus,
    ScalerStatus,
    ServiceStatus,
    WarningEvent,
    WorkloadStatus,
)
from clusters.domain.reading import moment

EVIDENCE_LIMIT = 12
EVENT_AGE_S = 600
"""Warning events older than this explain nothing about now."""
IMAGE_REASONS = frozenset(
    {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
)
CONFIG_REASONS = frozenset({"CreateContainerConfigError", "CreateContainerError"})
PULL_WORDS = (
    (("toomanyrequests", "too many requests", "rate limit"), "the registry's pull rate limit was reached"),
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


class Diagnosis(NamedTuple):
    """One cause, found on one object; the same `key` on several pods is the same cause."""

    rank: int
    """The lowest is named first: what keeps a pod from being created, then from starting, then from being ready."""
    key: str
    sentence: Callable[[str], str]
    """The sentence, given the words for how many pods are affected, "" for the only one."""
    evidence: Evidence
    since: str = ""
    """Since when, RFC 3339, if it counts only after a grace period."""


@dataclass(frozen=True, slots=True)
class ObservedNode:
    """What the cluster shows of a node: its objects, each with its health, and why it is as it is."""

    health: Health
    evidence: tuple[Evidence, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    outside_edit: OutsideEdit | None = None
    """The latest edit of its objects by somebody else."""
    objects: tuple[tuple[ObservedObject, Health], ...] = ()
    """What the node declares, without what controllers made of it."""
    trouble: str = ""
    """Why nothing can be said about its objects."""


@dataclass(frozen=True, slots=True)
class NodeContext:
    """What the diagnosis of a node looks at beside its own objects."""

    now: datetime
    endpoints: Callable[[ObservedObject], Endpoints | None]
    """Of a Service; None while no slice of it is known."""
    waits_for_consumer: Callable[[str], bool]
    """Whether the StorageClass of that name binds a claim only when a pod uses it."""
    warnings: Callable[[str], Sequence[WarningEvent]]
    """Warning events about the object with that uid."""


def diagnose(objects: Iterable[ObservedObject], context: NodeContext) -> ObservedNode:
    """Judge a node by its `objects`: those it declares, and those that controllers made for them."""
    everything = list(objects)
    roots = sorted((seen for seen in everything if seen.owner is None), key=lambda seen: seen.ref.key)
    dependents = [seen for seen in everything if seen.owner is not None]
    diagnoses = _diagnoses(roots, dependents, context)
    healths = tuple((root, _with_diagnoses(root, diagnoses, dependents, context)) for root in roots)
    return ObservedNode(
        health=worst(health for _, health in healths),
        evidence=_evidence(diagnoses),
        facts=facts_of(roots, context.endpoints),
        outside_edit=max(
            (root.outside_edit for root in roots if root.outside_edit), key=lambda edit: edit.at, default=None
        ),
        objects=healths,
    )


def _own_health(seen: ObservedObject, context: NodeContext) -> Health:
    status = seen.status
    endpoints = context.endpoints(seen) if isinstance(status, ServiceStatus) else None
    waits = isinstance(status, ClaimStatus) and context.waits_for_consumer(status.storage_class)
    return health_of(seen, ObjectContext(now=context.now, endpoints=endpoints, waits_for_consumer=waits))


def _with_diagnoses(
    root: ObservedObject, diagnoses: list[Diagnosis], dependents: list[ObservedObject], context: NodeContext
) -> Health:
    """A healthy object stays healthy, whatever an old pod reports; a progressing one is degraded by its pods."""
    own = _own_health(root, context)
    if isinstance(root.status, (ServiceStatus, IngressStatus, ScalerStatus)):
        return own
    if own.state in (State.HEALTHY, State.SUSPENDED):
        failed_job = _last_failed_job(dependents)
        return own if failed_job is None else Health(State.DEGRADED, f"the last job failed: {failed_job}")
    if not diagnoses:
        return own
    first = diagnoses[0]
    same = [diagnosis for diagnosis in diagnoses if diagnosis.key == first.key]
    pods = sum(1 for seen in dependents if isinstance(seen.status, PodStatus) and not seen.deleting) or len(same)
    sentence = first.sentence("" if pods <= 1 else f" ({len(same)} of {pods} pods)")
    if SEVERITY[own.state] >= SEVERITY[State.DEGRADED]:
        return Health(
            own.state, sentence if own.state == State.DEGRADED else f"{own.reason}. {sentence}", own.recheck_s
        )
    trouble = Health(State.DEGRADED, sentence)
    return in_grace(first.since, context.now, trouble) if first.since else trouble


def _last_failed_job(dependents: list[ObservedObject]) -> str | None:
    """Of a CronJob: why its latest job failed, None if that did not fail."""
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


def _started_at(seen: ObservedObject) -> str:
    return seen.status.started_at if isinstance(seen.status, JobStatus) else ""


# Diagnoses


def _diagnoses(roots: list[ObservedObject], dependents: list[ObservedObject], context: NodeContext) -> list[Diagnosis]:
    found: list[Diagnosis] = []
    for seen in (*roots, *dependents):
        if seen.deleting:
            continue
        if isinstance(seen.status, PodStatus):
            found.extend(_of_pod(seen, seen.status, context.warnings(seen.uid), context.now))
        elif isinstance(seen.status, (WorkloadStatus, JobStatus, ClaimStatus)):
            found.extend(_of_controller(seen, context.warnings(seen.uid), context.now))
    return sorted(found, key=lambda diagnosis: (diagnosis.rank, diagnosis.key, diagnosis.evidence.ref.key))


def _of_pod(seen: ObservedObject, pod: PodStatus, warnings: Sequence[WarningEvent], now: datetime) -> list[Diagnosis]:
    found = [_of_container(seen, trouble) for trouble in pod.troubles if pod.phase != "Succeeded"]
    if pod.reason in ("Evicted", "DeadlineExceeded", "NodeLost", "UnexpectedAdmissionError", "Preempting"):
        verb = {"Evicted": "was evicted", "DeadlineExceeded": "exceeded its active deadline"}.get(
            pod.reason, f"was terminated ({pod.reason})"
        )
        detail = f": {pod.message}" if pod.message else ""
        found.append(
            Diagnosis(
                3,
                f"pod:{pod.reason}",
                lambda many: f"{'A pod' if many else f'Pod {seen.name}'} {verb}{many}{detail}",
                Evidence(seen.ref, pod.reason, pod.message, 1, ""),
            )
        )
    if pod.unschedulable:
        words = pod.unschedulable.rstrip(". ")
        found.append(
            Diagnosis(
                4,
                "unschedulable",
                lambda many: f"No node can take the pod{many}: {words}",
                Evidence(seen.ref, "Unschedulable", pod.unschedulable, 1, pod.unschedulable_since),
                since=pod.unschedulable_since,
            )
        )
    found.extend(_of_events(seen, pod, warnings, now))
    return found


def _of_container(seen: ObservedObject, trouble: ContainerTrouble) -> Diagnosis:
    what = f"{'Init container' if trouble.is_init else 'Container'} {trouble.container}"
    evidence = Evidence(seen.ref, trouble.reason, trouble.message, max(1, trouble.restarts), "")
    reason = trouble.reason
    if reason in IMAGE_REASONS:
        why = pull_words(trouble.message, reason)
        return Diagnosis(
            1,
            f"image:{trouble.image}",
            lambda many: f"Image {trouble.image} cannot be pulled{many}: {why}",
            evidence,
        )
    if reason in CONFIG_REASONS:
        words = config_words(trouble.message) or "its configuration is not complete"
        return Diagnosis(0, f"config:{what}:{words}", lambda many: f"{what} cannot start{many}: {words}", evidence)
    restarts = f", {trouble.restarts} restart{'' if trouble.restarts == 1 else 's'}" if trouble.restarts else ""
    code = "" if trouble.exit_code is None else f"exit code {trouble.exit_code}{restarts}"
    if "OOMKilled" in (reason, trouble.last_reason):
        return Diagnosis(
            2,
            f"oom:{what}",
            lambda many: f"{what} was killed for using more memory than its limit{many}: OOMKilled, {code}".rstrip(
                ", "
            ),
            evidence._replace(reason="OOMKilled"),
        )
    if reason == "CrashLoopBackOff":
        return Diagnosis(
            2, f"crash:{what}", lambda many: f"{what} keeps crashing{many}" + (f": {code}" if code else ""), evidence
        )
    if trouble.exit_code is not None and reason in ("Error", "ContainerCannotRun", trouble.last_reason):
        return Diagnosis(2, f"crash:{what}", lambda many: f"{what} exited with an error{many}: {code}", evidence)
    words = trouble.message or reason
    return Diagnosis(2, f"start:{what}:{reason}", lambda many: f"{what} cannot start{many}: {words}", evidence)


def _of_events(
    seen: ObservedObject, pod: PodStatus, warnings: Sequence[WarningEvent], now: datetime
) -> list[Diagnosis]:
    """Failing probes and volumes that cannot be mounted are reported by events alone."""
    found = []
    for warning in warnings:
        if not _is_fresh(warning, now):
            continue
        evidence = Evidence(seen.ref, warning.reason, warning.message, warning.times, warning.at)
        if warning.reason == "Unhealthy" and (pod.unready or not pod.ready):
            container = f"container {pod.unready[0]}" if len(pod.unready) == 1 else "a container"
            probe, _, words = warning.message.partition(" probe failed: ")
            probe = probe if words and len(probe) < 20 else "A"
            words = words or warning.message
            found.append(_probe(probe, container, words, evidence))
        elif warning.reason in ("FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"):
            found.append(_refused(3, "A volume cannot be mounted", warning, evidence))
    return found


def _probe(probe: str, container: str, words: str, evidence: Evidence) -> Diagnosis:
    return Diagnosis(
        5, f"probe:{probe}:{container}", lambda many: f"{probe} probe of {container} fails{many}: {words}", evidence
    )


def _of_controller(seen: ObservedObject, warnings: Sequence[WarningEvent], now: datetime) -> list[Diagnosis]:
    """What a controller could not do: pods refused by a quota or by admission, a volume nobody can provision."""
    found = []
    for condition in getattr(seen.status, "conditions", ()):
        if condition.type == "ReplicaFailure" and condition.status == "True":
            evidence = Evidence(seen.ref, condition.reason, condition.message, 1, "")
            found.append(_refused(0, "Pods cannot be created", condition, evidence))
    for warning in warnings:
        if _is_fresh(warning, now) and warning.reason in ("FailedCreate", "ProvisioningFailed"):
            what = "Pods cannot be created" if warning.reason == "FailedCreate" else "No volume can be provisioned"
            evidence = Evidence(seen.ref, warning.reason, warning.message, warning.times, warning.at)
            found.append(_refused(0, what, warning, evidence))
    return found


def _refused(rank: int, what: str, source: Condition | WarningEvent, evidence: Evidence) -> Diagnosis:
    words = refusal_words(source.message)
    return Diagnosis(rank, f"{what}:{words}", lambda many: f"{what}{many}: {words}", evidence)


def _is_fresh(warning: WarningEvent, now: datetime) -> bool:
    at = moment(warning.at)
    return at is None or (now - at).total_seconds() < EVENT_AGE_S


def _evidence(diagnoses: list[Diagnosis]) -> tuple[Evidence, ...]:
    """Each distinct cause once, then more of the same; bounded."""
    first: dict[str, Diagnosis] = {}
    rest: list[Diagnosis] = []
    for diagnosis in diagnoses:
        if diagnosis.key in first:
            rest.append(diagnosis)
        else:
            first[diagnosis.key] = diagnosis
    return tuple(diagnosis.evidence for diagnosis in (*first.values(), *rest)[:EVIDENCE_LIMIT])


# Sentences


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
    """`configmap "a" not found` as a sentence."""
    for kind, shown in (("configmap", "ConfigMap"), ("secret", "Secret")):
        head = f'{kind} "'
        if message.lower().startswith(head) and message.endswith('" not found'):
            return f"{shown} {message[len(head) : -len(chr(34) + ' not found')]} does not exist"
    return message[:300]


def refusal_words(message: str) -> str:
    """The API server's reason, without the name of the pod it was about."""
    text = " ".join(message.split())
    if text.startswith("Error creating: "):
        text = text[len("Error creating: ") :]
    marker = " is forbidden: "
    if text.startswith("pods ") and marker in text:
        text = text.split(marker, 1)[1]
    return text[:300]
