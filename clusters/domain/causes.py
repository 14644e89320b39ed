"""What is wrong with the objects of a node: each cause with its sentence and the evidence for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from clusters.domain.objects import Ref
from clusters.domain.observed import (
    ClaimStatus,
    Condition,
    ContainerTrouble,
    JobStatus,
    ObservedObject,
    OtherStatus,
    PodStatus,
    WarningEvent,
    WorkloadStatus,
)
from clusters.domain.reading import moment
from clusters.domain.refusals import missing_pull_secrets, plainly, pull_words, refusal_words, schedule_words

EVIDENCE_LIMIT = 12
EVENT_AGE_S = 600
"""Warning events older than this explain nothing about now."""
IMAGE_REASONS = frozenset(
    {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
)
ENDED = frozenset({"Evicted", "DeadlineExceeded", "NodeLost", "UnexpectedAdmissionError", "Preempting"})
"""Why a pod ends that says so itself; one whose phase is Failed may name others, as OutOfcpu or NodeAffinity."""
CONFIG_REASONS = frozenset({"CreateContainerConfigError", "CreateContainerError"})
NOT_STARTED = {
    "FailedMount": "A volume cannot be mounted",
    "FailedAttachVolume": "A volume cannot be attached",
    "FailedCreatePodSandBox": "The pod's sandbox (its network) cannot be created",
}


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


WhyUnbound = Callable[[str, Sequence[str]], str]
"""Of the claims of a namespace, by name: why one of them has no volume; "" where all have."""


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


def causes_in(
    objects: Iterable[ObservedObject],
    warnings: Callable[[str], Sequence[WarningEvent]],
    now: datetime,
    why_unbound: WhyUnbound = lambda namespace, claims: "",
) -> list[Diagnosis]:
    """The causes in these objects, the first to be named first.

    `warnings` gives the events about a uid, `why_unbound(namespace, claims)` why one of these has no volume.
    """
    found: list[Diagnosis] = []
    for seen in objects:
        if seen.deleting:
            continue
        if isinstance(seen.status, PodStatus):
            found.extend(_of_pod(seen, seen.status, warnings(seen.uid), now, why_unbound))
        elif isinstance(seen.status, (WorkloadStatus, JobStatus, ClaimStatus, OtherStatus)):
            found.extend(_of_controller(seen, warnings(seen.uid), now))
    return sorted(found, key=lambda diagnosis: (diagnosis.rank, diagnosis.key, diagnosis.evidence.ref.key))


def _of_pod(
    seen: ObservedObject,
    pod: PodStatus,
    warnings: Sequence[WarningEvent],
    now: datetime,
    why_unbound: WhyUnbound,
) -> list[Diagnosis]:
    unread = next(
        (names for row in warnings if _is_fresh(row, now) and (names := missing_pull_secrets(row.message))), ""
    )
    found = [_of_container(seen, trouble, unread) for trouble in pod.troubles if pod.phase != "Succeeded"]
    if pod.reason and (pod.reason in ENDED or pod.phase == "Failed"):
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
        claims = why_unbound(seen.namespace, pod.claims) if pod.claims else ""
        words = schedule_words(pod.unschedulable, pod.node_selector, claims)
        found.append(
            Diagnosis(
                4,
                "unschedulable",
                lambda many: f"The pod cannot be scheduled{many}: {words}",
                Evidence(seen.ref, "Unschedulable", pod.unschedulable, 1, pod.unschedulable_since),
                since=pod.unschedulable_since,
            )
        )
    found.extend(_of_events(seen, pod, warnings, now))
    return found


def _of_container(seen: ObservedObject, trouble: ContainerTrouble, unread: str) -> Diagnosis:
    """`unread` names image pull Secrets that could not be read."""
    what = f"{'Init container' if trouble.is_init else 'Container'} {trouble.container}"
    evidence = Evidence(seen.ref, trouble.reason, trouble.message, max(1, trouble.restarts), "")
    reason = trouble.reason
    if reason in IMAGE_REASONS:
        why = pull_words(trouble.message, reason, trouble.image)
        if unread:
            why += f"; its image pull Secrets cannot be read: {unread}"
        return Diagnosis(
            1,
            f"image:{trouble.image}",
            lambda many: f"Image {trouble.image} cannot be pulled{many}: {why}",
            evidence,
        )
    if reason in CONFIG_REASONS:
        words = plainly(trouble.message) or "its configuration is invalid"
        return Diagnosis(0, f"config:{what}:{words}", lambda many: f"{what} cannot start{many}: {words}", evidence)
    restarts = f", {trouble.restarts} restart{'' if trouble.restarts == 1 else 's'}" if trouble.restarts else ""
    code = "" if trouble.exit_code is None else f"exit code {trouble.exit_code}{restarts}"
    if "OOMKilled" in (reason, trouble.last_reason):
        key, why = "oom", "for using more memory than its limit"
        if not trouble.has_memory_limit:
            key, why = "oom_of_node", "because its node ran out of memory (it has no memory limit)"
        return Diagnosis(
            2,
            f"{key}:{what}",
            lambda many: f"{what} was killed {why}{many}: OOMKilled, {code}".rstrip(", "),
            evidence._replace(reason="OOMKilled"),
        )
    if reason == "CrashLoopBackOff":
        return Diagnosis(
            2, f"crash:{what}", lambda many: f"{what} keeps crashing{many}" + (f": {code}" if code else ""), evidence
        )
    if trouble.exit_code is not None and reason in ("Error", "ContainerCannotRun", trouble.last_reason):
        return Diagnosis(2, f"crash:{what}", lambda many: f"{what} exited with an error{many}: {code}", evidence)
    words = plainly(trouble.message) or reason
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
        elif warning.reason in NOT_STARTED and not _has_started(pod):
            found.append(_refused(3, NOT_STARTED[warning.reason], warning, evidence))
    return found


def _has_started(pod: PodStatus) -> bool:
    """What runs, or was started and crashed, or waits for its image, has its volumes and its network."""
    return pod.ready or bool(pod.started_at) or bool(pod.troubles)


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
    for warning in warnings if _lacks_something(seen) else ():
        if _is_fresh(warning, now) and warning.reason in ("FailedCreate", "ProvisioningFailed"):
            what = "Pods cannot be created" if warning.reason == "FailedCreate" else "No volume can be provisioned"
            evidence = Evidence(seen.ref, warning.reason, warning.message, warning.times, warning.at)
            found.append(_refused(0, what, warning, evidence))
    return found


def _lacks_something(seen: ObservedObject) -> bool:
    """Whether there is still something to be made for it; else what could not be made a while ago is made by now."""
    status = seen.status
    if isinstance(status, WorkloadStatus):
        return status.desired is None or status.current < status.desired or status.updated < status.desired
    if isinstance(status, JobStatus):
        return not status.active and not status.ended_at
    return not isinstance(status, ClaimStatus) or status.phase != "Bound"


def _refused(rank: int, what: str, source: Condition | WarningEvent, evidence: Evidence) -> Diagnosis:
    words = refusal_words(source.message)
    return Diagnosis(rank, f"{what}:{words}", lambda many: f"{what}{many}: {words}", evidence)


def _is_fresh(warning: WarningEvent, now: datetime) -> bool:
    at = moment(warning.at)
    return at is None or (now - at).total_seconds() < EVENT_AGE_S


def evidence_of(diagnoses: list[Diagnosis]) -> tuple[Evidence, ...]:
    """Each distinct cause once, then more of the same; bounded."""
    first: dict[str, Diagnosis] = {}
    rest: list[Diagnosis] = []
    for diagnosis in diagnoses:
        if diagnosis.key in first:
            rest.append(diagnosis)
        else:
            first[diagnosis.key] = diagnosis
    return tuple(diagnosis.evidence for diagnosis in (*first.values(), *rest)[:EVIDENCE_LIMIT])
