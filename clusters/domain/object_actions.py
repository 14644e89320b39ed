"""What can be done to an object besides editing it: which kinds take it, what it needs, and what it leads to."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.labels import PREFIX
from clusters.domain.objects import GroupKind, Manifest
from clusters.domain.reading import mapping, mappings, text

DEPLOYMENT = GroupKind("apps", "Deployment")
CRON_JOB = GroupKind("batch", "CronJob")
JOB = GroupKind("batch", "Job")
RESTARTABLE = frozenset({DEPLOYMENT, GroupKind("apps", "StatefulSet"), GroupKind("apps", "DaemonSet")})
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
"""The annotation of the pod template that `kubectl rollout restart` writes."""
MADE_BY_HAND = "cronjob.kubernetes.io/instantiate"
RETRY_OF = f"{PREFIX}retry-of"
NAME_MOST = 63
_OF_THE_CONTROLLER = (
    "controller-uid",
    "job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
)
"""Labels that the Job controller writes on the template of each Job. Source: Kubernetes docs, "Well-Known Labels"."""


@dataclass(frozen=True, slots=True)
class ObjectAction:
    name: str
    verb: str
    """What the API server is asked for: `patch`, `update`, `delete` or `create`."""
    subresource: str = ""
    creates: GroupKind | None = None
    """Another kind, which the verb is about."""
    drifts: bool = False
    """On what a workflow has applied, the next run puts it back."""


def _suspended(live: Manifest) -> bool:
    return mapping(live.get("spec")).get("suspend") is True


def _why_no_restart(live: Manifest) -> str:
    spec = mapping(live.get("spec"))
    if spec.get("paused") is True:
        return "it is paused, so it replaces no pods; resume it first"
    if mapping(spec.get("updateStrategy")).get("type") == "OnDelete":
        return "it replaces a pod only when somebody deletes it (OnDelete); delete its pods"
    return ""


def _why_no_pause(live: Manifest) -> str:
    return "it is paused already" if mapping(live.get("spec")).get("paused") is True else ""


def _why_no_resume(live: Manifest) -> str:
    spec = mapping(live.get("spec"))
    is_held = spec.get("paused") is True or spec.get("suspend") is True
    return "" if is_held else "it is neither paused nor suspended"


def _why_no_suspend(live: Manifest) -> str:
    return "it is suspended already" if _suspended(live) else ""


def _why_no_retry(live: Manifest) -> str:
    rows = mappings(mapping(live.get("status")).get("conditions"))
    ended = any(row.get("type") in ("Failed", "Complete") and row.get("status") == "True" for row in rows)
    return "" if ended else "it has not ended yet"


def _why_no_shell(live: Manifest) -> str:
    status = mapping(live.get("status"))
    if status.get("phase") in ("Succeeded", "Failed"):
        return "the pod has ended; a shell needs a container that runs"
    running = [one for one in mappings(status.get("containerStatuses")) if mapping(one.get("state")).get("running")]
    return "" if running else "none of its containers runs yet; a shell needs one that does"


SCALE = ObjectAction("scale", "update", "scale", drifts=True)
RESTART = ObjectAction("restart", "patch")
PAUSE = ObjectAction("pause", "patch", drifts=True)
RESUME = ObjectAction("resume", "patch", drifts=True)
SUSPEND = ObjectAction("suspend", "patch", drifts=True)
TRIGGER = ObjectAction("trigger", "create", creates=JOB)
RETRY = ObjectAction("retry", "create", creates=JOB)
DELETE = ObjectAction("delete", "delete", drifts=True)
SHELL = ObjectAction("shell", "create", "exec")
"""Is told like the others, and opened as a terminal (`clusters.terminals`)."""
ACTIONS: Mapping[str, ObjectAction] = {
    action.name: action for action in (SCALE, RESTART, PAUSE, RESUME, SUSPEND, TRIGGER, RETRY, DELETE)
}
_WHY_NOT: Mapping[str, Callable[[Manifest], str]] = {
    "restart": _why_no_restart,
    "pause": _why_no_pause,
    "resume": _why_no_resume,
    "suspend": _why_no_suspend,
    "retry": _why_no_retry,
    "shell": _why_no_shell,
}


def actions_of(kind: GroupKind, *, scales: bool) -> list[ObjectAction]:
    """What objects of the kind take; `scales` says that it is served with `scale`."""
    found = [SCALE] if scales else []
    if kind in RESTARTABLE:
        found.append(RESTART)
    if kind == DEPLOYMENT:
        found += [PAUSE, RESUME]
    if kind in (CRON_JOB, JOB):
        found += [SUSPEND, RESUME]
    if kind == CRON_JOB:
        found.append(TRIGGER)
    if kind == JOB:
        found.append(RETRY)
    return [*found, DELETE]


def why_not(action: ObjectAction, live: Manifest) -> str:
    """Why the object does not take it now; "" when it does."""
    if mapping(live.get("metadata")).get("deletionTimestamp"):
        return "it is being deleted"
    found = _WHY_NOT.get(action.name)
    return found(live) if found else ""


def patch_of(action: ObjectAction, live: Manifest, at: str) -> dict[str, Any]:
    """The merge patch that carries it out; `at` is now (RFC 3339)."""
    if action is RESTART:
        return {"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: at}}}}}
    if action in (SUSPEND, PAUSE):
        return {"spec": {"paused" if action is PAUSE else "suspend": True}}
    held = "paused" if live.get("kind") == DEPLOYMENT.kind else "suspend"
    return {"spec": {held: None if held == "paused" else False}}


def job_of_cron_job(live: Manifest, mark: str) -> Manifest:
    """The Job that `kubectl create job --from` would make of a CronJob; `mark` makes its name another one each time."""
    template = mapping(mapping(live.get("spec")).get("jobTemplate"))
    metadata = mapping(template.get("metadata"))
    owner = live["metadata"]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": _name(owner["name"], mark),
            "namespace": owner["namespace"],
            "labels": dict(mapping(metadata.get("labels"))),
            "annotations": {**mapping(metadata.get("annotations")), MADE_BY_HAND: "manual"},
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "CronJob",
                    "name": owner["name"],
                    "uid": owner["uid"],
                    "controller": True,
                }
            ],
        },
        "spec": copy.deepcopy(dict(mapping(template.get("spec")))),
    }


def job_again(live: Manifest, mark: str) -> Manifest:
    """A new Job with the work of one that has ended, which Kubernetes starts no second time. It belongs to nobody's
    workflow, since no run has applied it."""
    spec = copy.deepcopy(dict(mapping(live.get("spec"))))
    for name in ("selector", "manualSelector", "suspend"):
        spec.pop(name, None)
    pod = spec.get("template") or {}
    labels = mapping(mapping(pod.get("metadata")).get("labels"))
    kept = {key: value for key, value in labels.items() if key not in _OF_THE_CONTROLLER and not key.startswith(PREFIX)}
    spec["template"] = {**pod, "metadata": {**mapping(pod.get("metadata")), "labels": kept}}
    metadata = live["metadata"]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": _name(text(metadata.get("name")), mark),
            "namespace": metadata["namespace"],
            "labels": {
                key: value
                for key, value in mapping(metadata.get("labels")).items()
                if key not in _OF_THE_CONTROLLER and not key.startswith(PREFIX)
            },
            "annotations": {RETRY_OF: text(metadata.get("name"))},
        },
        "spec": spec,
    }


def _name(name: str, mark: str) -> str:
    return f"{name[: NAME_MOST - len(mark) - 1].rstrip('-.')}-{mark}"
