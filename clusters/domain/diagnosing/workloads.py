"""Why a workload does not come up though its pods say nothing: refused pods, rollouts that stand still, failed Jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from clusters.domain.diagnosing.finding import Finding, Proof, Severity
from clusters.domain.diagnosing.pods import of_pods
from clusters.domain.diagnosing.surroundings import (
    Surroundings,
    condition,
    controller_of,
    ref_of,
    spec_of,
    status_of,
    template_of,
    template_path,
)
from clusters.domain.objects import Manifest
from clusters.domain.reading import integer, mapping, mappings, moment, text
from clusters.domain.refusals import refusal_words

_WEBHOOK = re.compile(r'failed calling webhook "([^"]{1,253})"|admission webhook "([^"]{1,253})" denied')
_QUOTED = re.compile(r'"[^"]*"')
_MAY_NOT = re.compile(r'User "([^"]{1,253})" cannot create resource')
_QUOTA = re.compile(r"(?:exceeded|failed|insufficient) quota|unknown for quota|\bresourcequota\b")
_LIMITED = re.compile(r"\busage per \b|limit to request ratio per ")
_NO_ACCOUNT = re.compile(r"service ?account \S+(?:: serviceaccount \S+)? (?:not found|does not exist)")
REFUSED = ("FailedCreate", "FailedCreatePodReplicaSet")


def of_workload(kind: str, one: Manifest, seen: Surroundings) -> list[Finding]:
    """Source: Kubernetes docs, "Deployments", section "Failed Deployment"; "Jobs", "Pod backoff failure policy"."""
    pods = seen.pods_of(one)
    found = [*_refused(kind, one, seen), *of_pods(kind, one, pods, seen), *_missing(kind, one, seen)]
    if kind == "Deployment" and not found:
        found += _stuck(kind, one)
    if kind == "Job":
        found = [*_job(one), *found]
    if kind == "CronJob":
        found += _cron_job(one, seen)
    if kind == "DaemonSet" and not found:
        found += _no_nodes(one)
    return found


def refusal(words: str) -> tuple[str, str]:
    """(code, cure) of what the API server said when it refused a pod."""
    webhook = _WEBHOOK.search(words)
    if webhook is not None and webhook[1]:
        return "admission.webhook_down", (
            f"The webhook {webhook[1]} does not answer, so nothing that it judges can be made. Start what serves it, "
            "or remove its configuration."
        )
    if webhook is not None:
        return "admission.denied", f"Change the pods as the webhook {webhook[2]} asks."
    may_not = _MAY_NOT.search(words)
    if may_not is not None:
        return "pods.forbidden", (
            f"Give {may_not[1]} the right to make pods: a ClusterRole of the cluster's own, or a binding, was changed."
        )
    low = _QUOTED.sub('""', words.lower())  # names may hold any word
    if _QUOTA.search(low) and "must specify" in low:
        return "quota.unspecified", (
            "Set the requests and limits that the ResourceQuota counts, or have a LimitRange give defaults for them."
        )
    if _QUOTA.search(low):
        return "quota.exceeded", "Lower the requests or the replicas, or have the ResourceQuota raised."
    if "limitrange" in low or _LIMITED.search(low):
        return "limit_range.refused", "Set requests and limits within the LimitRange of the namespace."
    if "podsecurity" in low:
        return "pod_security.refused", "Set the security context that the namespace's Pod Security level asks for."
    if _NO_ACCOUNT.search(low):
        return "service_account.missing", "Draw or create the ServiceAccount, or correct its name."
    if "priorityclass" in low:
        return "priority_class.missing", "Choose a PriorityClass that exists."
    return "pods.refused", "Correct what the API server names."


def _refused(kind: str, one: Manifest, seen: Surroundings) -> Iterator[Finding]:
    """Pods that the API server did not let the controller make: there is no pod that could say so."""
    ref = ref_of(kind, one)
    makers = [(kind, one), *((made, row) for made, row in seen.made_by(one) if made in ("ReplicaSet", "Job"))]
    told: set[str] = set()
    for maker_kind, maker in makers:
        row = condition(maker, "ReplicaFailure")
        events = [event for event in seen.events(maker, *REFUSED) if seen.is_fresh(event)]
        events = events if _lacks_pods(maker_kind, maker) else []
        messages = [text(row.get("message"))] if row.get("status") == "True" else []
        for message in (*messages, *(event.message for event in events)):
            words = refusal_words(message)
            code, cure = refusal(f"{message} {words}")
            if code in told:
                continue
            told.add(code)
            maker_ref = ref_of(maker_kind, maker)
            proofs = [Proof(maker_ref, e.message, event=e.reason, times=e.times, at=e.last_at) for e in events[:3]]
            since = min((event.first_at for event in events if event.first_at), default="")
            if messages:
                since = text(row.get("lastTransitionTime"))
                proofs.insert(0, Proof(maker_ref, messages[0], field="status.conditions[ReplicaFailure]", at=since))
            yield Finding(
                code,
                ref,
                f"Pods cannot be created: {words}",
                cure,
                tuple(proofs),
                since=since,
            )


def _lacks_pods(kind: str, one: Manifest) -> bool:
    """Whether its controller still has pods to make; else what was refused a while ago is made by now."""
    spec, status = spec_of(one), status_of(one)
    match kind:
        case "CronJob":
            return not status.get("active")
        case "Job":
            has_ended = any(condition(one, end).get("status") == "True" for end in ("Complete", "Failed"))
            return not has_ended and not integer(status.get("active"))
        case "DaemonSet":
            wanted, made = status.get("desiredNumberScheduled"), status.get("currentNumberScheduled")
            return integer(made) < integer(wanted) or wanted is None
        case "Deployment":
            made = min(integer(status.get("replicas")), integer(status.get("updatedReplicas")))
            return made < integer(spec.get("replicas"), 1)
    return integer(status.get("replicas")) < integer(spec.get("replicas"), 1)


def _missing(kind: str, one: Manifest, seen: Surroundings) -> Iterator[Finding]:
    """Objects that the pods of the template name and that are not there, and are not optional."""
    template = mapping(template_of(kind, one).get("spec"))
    ref = ref_of(kind, one)
    path = f"{template_path(kind)}spec."
    if kind == "ReplicaSet" and controller_of(one):
        return
    told: set[tuple[str, str]] = set()
    for target, name, place in _names(template):
        if (target, name) in told or not seen.lacks(target, ref.namespace, name):
            continue
        told.add((target, name))
        yield Finding(
            code=f"missing.{target.lower()}",
            ref=ref,
            sentence=f"{target} {name}, which its pods need, does not exist",
            cure=f"Draw or create the {target}, or correct its name.",
            proofs=(Proof(ref, name, field=f"{path}{place}"),),
            field=f"{path}{place}",
        )


def _names(pod: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(kind, name, field)."""
    for volume in mappings(pod.get("volumes")):
        at = f"volumes[{text(volume.get('name'))}]"
        config, secret = mapping(volume.get("configMap")), mapping(volume.get("secret"))
        if config.get("optional") is not True:
            yield "ConfigMap", text(config.get("name")), f"{at}.configMap.name"
        if secret.get("optional") is not True:
            yield "Secret", text(secret.get("secretName")), f"{at}.secret.secretName"
        claim = text(mapping(volume.get("persistentVolumeClaim")).get("claimName"))
        yield "PersistentVolumeClaim", claim, f"{at}.persistentVolumeClaim.claimName"
    for which in ("initContainers", "containers"):
        for container in mappings(pod.get(which)):
            at = f"{which}[{text(container.get('name'))}]"
            for row in mappings(container.get("env")):
                source = mapping(row.get("valueFrom"))
                for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                    chosen = mapping(source.get(key))
                    if chosen.get("optional") is not True:
                        yield kind, text(chosen.get("name")), f"{at}.env[{text(row.get('name'))}].valueFrom.{key}.name"
            for row in mappings(container.get("envFrom")):
                for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                    chosen = mapping(row.get(key))
                    if chosen.get("optional") is not True:
                        yield kind, text(chosen.get("name")), f"{at}.envFrom"


def _stuck(kind: str, one: Manifest) -> Iterator[Finding]:
    row = condition(one, "Progressing")
    if row.get("reason") != "ProgressDeadlineExceeded":
        return
    ref = ref_of(kind, one)
    status, wanted = status_of(one), integer(spec_of(one).get("replicas"), 1)
    updated, ready = integer(status.get("updatedReplicas")), integer(status.get("readyReplicas"))
    said, at = text(row.get("message")), text(row.get("lastUpdateTime"))
    yield Finding(
        code="rollout.stuck",
        ref=ref,
        sentence=f"The rollout stands still: {updated} of {wanted} pods are new, {ready} are ready",
        cure="See why its new pods do not become ready, or go back to the version before.",
        proofs=(Proof(ref, said, field="status.conditions[Progressing]", at=at),),
        since=text(row.get("lastTransitionTime")),
    )


def _job(one: Manifest) -> Iterator[Finding]:
    row = condition(one, "Failed")
    if row.get("status") != "True":
        return
    ref = ref_of("Job", one)
    reason = text(row.get("reason"))
    code, cure, field = {
        "DeadlineExceeded": (
            "job.deadline",
            "Raise activeDeadlineSeconds, or have the work end sooner.",
            "spec.activeDeadlineSeconds",
        ),
        "BackoffLimitExceeded": (
            "job.backoff_limit",
            "Mend what fails (see its log) and run the Job again; raise backoffLimit only if it fails by chance.",
            "spec.backoffLimit",
        ),
        "PodFailurePolicy": ("job.failure_policy", "Mend what fails; its podFailurePolicy ends the Job.", ""),
    }.get(reason, ("job.failed", "Read the log of its last pod.", ""))
    yield Finding(
        code=code,
        ref=ref,
        sentence=f"The Job failed: {text(row.get('message')) or reason}",
        cure=cure,
        proofs=(Proof(ref, f"{reason}: {text(row.get('message'))}", field="status.conditions[Failed]"),),
        since=text(row.get("lastTransitionTime")),
        field=field,
    )


def _cron_job(one: Manifest, seen: Surroundings) -> Iterator[Finding]:
    ref = ref_of("CronJob", one)
    jobs = [row for kind, row in seen.made_by(one) if kind == "Job"]
    latest = max(jobs, key=seen.since, default=None)
    if latest is not None and condition(latest, "Failed").get("status") == "True":
        first = next(_job(latest))
        yield Finding(
            code="cron_job.last_failed",
            ref=ref,
            sentence=f"Its latest Job {first.ref.name} failed",
            cure=first.cure,
            proofs=first.proofs,
            since=first.since,
        )
    for event in seen.events(one, "MissSchedule", "TooManyMissedTimes", "UnparseableSchedule", "InvalidSchedule"):
        if not seen.is_fresh(event, 86400) or _ran_since(one, event.last_at):
            continue
        bad = event.reason in ("UnparseableSchedule", "InvalidSchedule")
        yield Finding(
            code="cron_job.schedule" if bad else "cron_job.missed",
            ref=ref,
            sentence=f"{'Its schedule cannot be read' if bad else 'It missed its time'}: {event.message}",
            cure="Correct the schedule."
            if bad
            else "Raise startingDeadlineSeconds, or see why the controller was late or the last run still runs.",
            severity=Severity.ERROR if bad else Severity.WARNING,
            proofs=(Proof(ref, event.message, event=event.reason, times=event.times, at=event.last_at),),
            since=event.first_at,
            field="spec.schedule" if bad else "spec.startingDeadlineSeconds",
        )
        return


def _ran_since(one: Manifest, at: str) -> bool:
    ran, then = moment(text(status_of(one).get("lastScheduleTime"))), moment(at)
    return ran is not None and then is not None and ran > then


def _no_nodes(one: Manifest) -> Iterator[Finding]:
    status = status_of(one)
    if "desiredNumberScheduled" not in status or integer(status.get("desiredNumberScheduled")):
        return
    ref = ref_of("DaemonSet", one)
    yield Finding(
        code="daemon_set.no_nodes",
        ref=ref,
        sentence="No node is one that the DaemonSet runs on",
        cure="Correct its nodeSelector and tolerations, or label a node.",
        severity=Severity.WARNING,
        proofs=(Proof(ref, "desiredNumberScheduled: 0", field="status.desiredNumberScheduled"),),
        field="spec.template.spec.nodeSelector",
    )
