"""What is wrong with the objects of a node: each cause with its sentence and the evidence for it."""

from __future__ import annotations

import re
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

EVIDENCE_LIMIT = 12
EVENT_AGE_S = 600
"""Warning events older than this explain nothing about now."""
IMAGE_REASONS = frozenset(
    {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
)
CONFIG_REASONS = frozenset({"CreateContainerConfigError", "CreateContainerError"})
NOT_STARTED = {
    "FailedMount": "A volume cannot be mounted",
    "FailedAttachVolume": "A volume cannot be attached",
    "FailedCreatePodSandBox": "The pod's sandbox (its network) cannot be created",
}
PULL_WORDS = (
    (("toomanyrequests", "too many requests", "rate limit"), "the registry's pull rate limit was reached"),
    (("unauthorized", "denied", "authentication required", "no basic auth", "forbidden"), "access denied"),
    (("x509", "certificate"), "the registry's certificate is not trusted"),
    (("no such host", "dial tcp", "timeout", "connection refused", "i/o"), "the registry cannot be reached"),
    (("not found", "manifest unknown", "does not exist", "notfound"), "not found"),
    (("invalid reference", "couldn't parse image", "invalidimagename"), "the name is not valid"),
)
_NAMES = re.compile(r'"[^"]*"|https?://[^\s"]*')
"""What runtimes put names into; a name may hold any of the words above."""


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


def causes_in(
    objects: Iterable[ObservedObject], warnings: Callable[[str], Sequence[WarningEvent]], now: datetime
) -> list[Diagnosis]:
    """The causes in these objects, the first to be named first. `warnings` gives the events about a uid."""
    found: list[Diagnosis] = []
    for seen in objects:
        if seen.deleting:
            continue
        if isinstance(seen.status, PodStatus):
            found.extend(_of_pod(seen, seen.status, warnings(seen.uid), now))
        elif isinstance(seen.status, (WorkloadStatus, JobStatus, ClaimStatus, OtherStatus)):
            found.extend(_of_controller(seen, warnings(seen.uid), now))
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
                lambda many: f"The pod cannot be scheduled{many}: {words}",
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
        why = pull_words(trouble.message, reason, trouble.image)
        return Diagnosis(
            1,
            f"image:{trouble.image}",
            lambda many: f"Image {trouble.image} cannot be pulled{many}: {why}",
            evidence,
        )
    if reason in CONFIG_REASONS:
        words = config_words(trouble.message) or "its configuration is invalid"
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
        elif warning.reason in NOT_STARTED:
            found.append(_refused(3, NOT_STARTED[warning.reason], warning, evidence))
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


# Sentences


def pull_words(message: str, reason: str, image: str) -> str:
    """Why an image cannot be pulled, out of the runtime's chain of wrapped errors; the image's name says nothing."""
    low = _NAMES.sub("", message.replace(image, "") if image else message).lower()
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
    """The API server's own reason, without what controllers wrap around it and the name of the object it was about."""
    text = " ".join(message.split())
    for marker in (" failed error: ", "Error creating: ", " is forbidden: ", " denied the request: "):
        head, found, rest = text.partition(marker)
        if found and len(head) < 400 and (marker != " denied the request: " or head.startswith("admission webhook ")):
            text = rest
    return text[:300]
