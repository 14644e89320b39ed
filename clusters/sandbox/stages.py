"""What kwok simulates: nodes, the life of pods including a kubelet's failures, volumes, addresses.

A stage changes an object of its kind after a delay, when all its jq expressions hold. Of several matching stages kwok
picks one at random, so the conditions of one kind exclude each other. The templates in kwok/ are Go
templates for YAML; deploy/sandbox/README.md lists what people may rely on. (CEL conditions fail on pods and
nodes in kwok 0.8: it cannot resolve the element types of their lists.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TEMPLATES = Path(__file__).with_name("kwok")
PROVISIONER = "sandbox.kubeorch.dev/volume"

NOT_DELETED = ".metadata.deletionTimestamp == null"


@dataclass(frozen=True, slots=True)
class Play:
    """A failure that an image name asks for. `pattern` is RE2, as both the expressions and the templates read it."""

    name: str
    pattern: str
    event: tuple[str, str] | None = None  # reason, message


# The first that matches any container of a pod decides about the pod's event; each container plays its own part.
PLAYS: tuple[Play, ...] = (
    Play(
        "imagepull",
        r"^fail[.]kubeorch[.]dev/imagepull|/errimagepull|:does-not-exist$",
        ("Failed", "Error: ErrImagePull: the image was not found in its registry"),
    ),
    Play(
        "oom",
        r"^fail[.]kubeorch[.]dev/oom",
        ("BackOff", "Back-off restarting failed container: OOMKilled, exit code 137"),
    ),
    Play(
        "crashloop",
        r"^fail[.]kubeorch[.]dev/(crashloop|exit)",
        ("BackOff", "Back-off restarting failed container: exit code 1"),
    ),
    Play(
        "notready",
        r"^fail[.]kubeorch[.]dev/notready",
        ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
    ),
    Play("slow", r"^fail[.]kubeorch[.]dev/slow"),
)


def stages_yaml() -> str:
    """The whole configuration file for kwok."""
    return yaml.safe_dump_all(
        [*_node_stages(), *_pod_stages(), *_volume_stages(), *_address_stages()],
        sort_keys=False,
    )


def _stage(
    name: str,
    group: str,
    kind: str,
    when: Sequence[str],
    steps: Sequence[dict[str, Any]],
    *,
    delay_ms: int = 0,
    jitter_ms: int = 0,
) -> dict[str, Any]:
    condition = " and ".join(f"({each})" for each in when)
    spec: dict[str, Any] = {
        "resourceRef": {"apiGroup": group, "kind": kind},
        "selector": {"matchExpressions": [{"jq": {"key": condition, "operator": "In", "values": ["true"]}}]},
        "steps": list(steps),
    }
    if delay_ms:
        spec["delay"] = {"durationMilliseconds": delay_ms}
        if jitter_ms:
            spec["delay"]["jitterDurationMilliseconds"] = jitter_ms
    return {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage", "metadata": {"name": name}, "spec": spec}


def _status(template: str) -> dict[str, Any]:
    # A merge patch replaces whole lists: a strategic one would leave `waiting` beside `running` in one state.
    return {"patch": {"subresource": "status", "root": "status", "type": "merge", "template": template}}


def _template(name: str) -> str:
    text = (TEMPLATES / f"{name}.gotmpl").read_text()
    return text.replace("@PLAY@", _play_of(".image")).replace("@PROVISIONER@", PROVISIONER)


# --- nodes ---

_IS_READY = 'any(.status.conditions[]?; .type == "Ready" and .status == "True")'


def _node_stages() -> list[dict[str, Any]]:
    return [
        _stage("node-start", "v1", "Node", [f"{_IS_READY} | not"], [_status(_template("node"))]),
        # No leases: kwok would wait for the one of its dead predecessor to run out, 40 s at each start.
        _stage(
            "node-heartbeat", "v1", "Node", [_IS_READY], [_status(_template("node"))], delay_ms=20_000, jitter_ms=25_000
        ),
    ]


# --- pods ---


def _play_of(value: str) -> str:
    """Template text that sets $play to the play of the image `value`."""
    lines = ['{{ $play := "" }}']
    lines += [
        f'{{{{ if regexMatch "{play.pattern}" {value} }}}}{{{{ $play = "{play.name}" }}}}{{{{ end }}}}'
        for play in reversed(PLAYS)
    ]
    return "\n".join(lines)


def _has_image(pattern: str) -> str:
    return f'any(.spec.containers[], .spec.initContainers[]?; .image | test("{pattern}"))'


def _waits_for(reason: str) -> str:
    statuses = ".status.containerStatuses[]?, .status.initContainerStatuses[]?"
    return f'any({statuses}; .state.waiting.reason == "{reason}")'


def _pod_stages() -> list[dict[str, Any]]:
    pod = _template("pod")
    fresh = [NOT_DELETED, '.status.phase == "Pending"', ".status.containerStatuses == null"]
    stages = []
    earlier: list[str] = []
    for play in PLAYS:
        steps = [_status(pod)]
        if play.event:
            reason, message = play.event
            steps.append({"event": {"type": "Warning", "reason": reason, "message": message}})
        stages.append(
            _stage(f"pod-start-{play.name}", "v1", "Pod", [*fresh, _has_image(play.pattern), *earlier], steps)
        )
        earlier.append(f"{_has_image(play.pattern)} | not")
    stages.append(_stage("pod-start", "v1", "Pod", [*fresh, *earlier], [_status(pod)]))

    pulling, crashing, creating = (
        _waits_for(reason) for reason in ("ErrImagePull", "CrashLoopBackOff", "ContainerCreating")
    )
    again = {"event": {"type": "Warning", "reason": "BackOff", "message": "Back-off restarting failed container"}}
    stages += [
        _stage("pod-back-off", "v1", "Pod", [NOT_DELETED, pulling], [_status(pod)], delay_ms=1_500),
        _stage(
            "pod-restart",
            "v1",
            "Pod",
            [NOT_DELETED, crashing, f"{pulling} | not"],
            [_status(pod), again],
            delay_ms=20_000,
        ),
        _stage(
            "pod-slow",
            "v1",
            "Pod",
            [NOT_DELETED, creating, f"{pulling} | not", f"{crashing} | not"],
            [_status(pod)],
            delay_ms=10_000,
        ),
        _stage(
            "pod-complete",
            "v1",
            "Pod",
            [
                NOT_DELETED,
                '.status.phase == "Running"',
                'any(.metadata.ownerReferences[]?; .kind == "Job")',
                "all(.status.containerStatuses[]?; .ready and .state.running != null)",
            ],
            [_status(_template("completed"))],
            delay_ms=1_000,
        ),
        # The node controller takes Ready away when nodes were silent, as after the sleep of a laptop; a kubelet gives
        # it back with its next report.
        _stage(
            "pod-ready-again",
            "v1",
            "Pod",
            [
                NOT_DELETED,
                '.status.phase == "Running"',
                'any(.metadata.ownerReferences[]?; .kind == "Job") | not',
                "all(.status.containerStatuses[]?; .ready and .state.running != null)",
                'any(.status.conditions[]?; .type == "Ready" and .status == "False")',
            ],
            [_status(pod)],
            delay_ms=2_000,
        ),
        _stage("pod-delete", "v1", "Pod", [".metadata.deletionTimestamp != null"], [{"delete": True}]),
    ]
    return stages


# --- volumes: the stage makes the volume, the real controller binds it ---


def _volume_stages() -> list[dict[str, Any]]:
    return [
        _stage(
            "claim-provision",
            "v1",
            "PersistentVolumeClaim",
            [
                NOT_DELETED,
                # The volume controller writes this annotation on a claim whose class names our provisioner.
                f'.metadata.annotations["volume.kubernetes.io/storage-provisioner"] == "{PROVISIONER}"',
                '(.spec.volumeName // "") == ""',
            ],
            [{"apply": {"template": _template("volume")}}],
        ),
        _stage(
            "volume-delete",
            "v1",
            "PersistentVolume",
            [
                NOT_DELETED,
                f'.metadata.annotations["pv.kubernetes.io/provisioned-by"] == "{PROVISIONER}"',
                '.spec.persistentVolumeReclaimPolicy == "Delete"',
                '.status.phase == "Released"',
            ],
            [{"delete": True}],
        ),
    ]


# --- addresses ---

_ADDRESS = "loadBalancer: {ingress: [{ip: 127.0.0.1}]}"


def _address_stages() -> list[dict[str, Any]]:
    none_yet = "[.status.loadBalancer.ingress[]?] == []"
    return [
        _stage("ingress-address", "networking.k8s.io/v1", "Ingress", [NOT_DELETED, none_yet], [_status(_ADDRESS)]),
        _stage(
            "service-address",
            "v1",
            "Service",
            [NOT_DELETED, '.spec.type == "LoadBalancer"', none_yet],
            [_status(_ADDRESS)],
        ),
    ]
