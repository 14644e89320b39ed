"""What kwok plays: nodes, the life of pods including a kubelet's failures, volumes, addresses.

A stage says: an object of this kind, when all these jq expressions hold, gets this change after this delay. Several
matching stages would be drawn by lot, so the conditions of one kind exclude each other. Templates are Go templates
that give YAML; see deploy/sandbox/README.md for what a person may rely on. (CEL conditions fail on pods and nodes in
kwok 0.8: it cannot resolve the element types of their lists.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

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
    # A merge patch replaces lists whole: a strategic one would keep `waiting` beside `running` in one state.
    return {"patch": {"subresource": "status", "root": "status", "type": "merge", "template": template}}


# --- nodes ---

_NODE = """
{{ $now := Now }}
{{ $since := or .metadata.creationTimestamp $now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $since | Quote }}
{{ end }}
addresses:
- type: InternalIP
  address: {{ NodeIP | Quote }}
- type: Hostname
  address: {{ NodeName | Quote }}
capacity: {cpu: "64", memory: 256Gi, ephemeral-storage: 1Ti, pods: "5000"}
allocatable: {cpu: "64", memory: 256Gi, ephemeral-storage: 1Ti, pods: "5000"}
nodeInfo:
  architecture: amd64
  operatingSystem: linux
  osImage: KubeOrch sandbox
  kernelVersion: none
  containerRuntimeVersion: kwok://{{ Version }}
  kubeletVersion: kwok-{{ Version }}
  kubeProxyVersion: kwok-{{ Version }}
  bootID: ""
  machineID: ""
  systemUUID: ""
phase: Running
"""

_IS_READY = 'any(.status.conditions[]?; .type == "Ready" and .status == "True")'


def _node_stages() -> list[dict[str, Any]]:
    return [
        _stage("node-start", "v1", "Node", [f"{_IS_READY} | not"], [_status(_NODE)]),
        # No leases: kwok would wait for the one of its dead predecessor to run out, 40 s at each start.
        _stage("node-heartbeat", "v1", "Node", [_IS_READY], [_status(_NODE)], delay_ms=20_000, jitter_ms=25_000),
    ]


# --- pods ---


def _chain(value: str, indent: str = "") -> str:
    """Template text that sets $play to the play of the image `value`."""
    text = f'{indent}{{{{ $play := "" }}}}\n'
    for play in reversed(PLAYS):
        text += (
            f'{indent}{{{{ if regexMatch "{play.pattern}" {value} }}}}{{{{ $play = "{play.name}" }}}}{{{{ end }}}}\n'
        )
    return text


_POD = (
    """
{{ $now := Now }}
{{ $root := . }}
{{ $never := eq (or .spec.restartPolicy "Always") "Never" }}
{{ $old := dict }}
{{ range .status.containerStatuses }}{{ $_ := set $old .name . }}{{ end }}
{{ range .status.initContainerStatuses }}{{ $_ := set $old .name . }}{{ end }}
{{ $initialized := true }}
{{ $ready := true }}
{{ $started := false }}
{{ $failed := false }}
{{ if .spec.initContainers }}
initContainerStatuses:
{{ range .spec.initContainers }}
{{ $before := get $old .name }}
"""
    + _chain(".image")
    + """
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
{{ if or (eq $play "imagepull") (not $initialized) }}
  ready: false
  restartCount: 0
  state:
    waiting:
{{ if not $initialized }}
      reason: PodInitializing
{{ else if $before }}
      reason: ImagePullBackOff
      message: {{ printf "Back-off pulling image %q: ErrImagePull: %s: not found" .image .image | Quote }}
{{ else }}
      reason: ErrImagePull
      message: {{ printf "failed to pull image %q: %s: not found" .image .image | Quote }}
{{ end }}
{{ $initialized = false }}
{{ else if or (eq $play "crashloop") (eq $play "oom") }}
{{ $initialized = false }}
{{ $code := 1 }}{{ $why := "Error" }}
{{ if eq $play "oom" }}{{ $code = 137 }}{{ $why = "OOMKilled" }}{{ end }}
  ready: false
{{ if $never }}
{{ $failed = true }}
  restartCount: 0
  state:
    terminated:
      exitCode: {{ $code }}
      reason: {{ $why }}
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ else }}
{{ $count := 1 }}{{ if $before }}{{ $count = add1 (int64 $before.restartCount) }}{{ end }}
  restartCount: {{ $count }}
  state:
    waiting:
      reason: CrashLoopBackOff
      message: {{ printf "back-off restarting failed container=%s" .name | Quote }}
  lastState:
    terminated:
      exitCode: {{ $code }}
      reason: {{ $why }}
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
{{ else if eq (or .restartPolicy "") "Always" }}
  ready: true
  started: true
  restartCount: 0
  state:
    running: {startedAt: {{ $now | Quote }}}
{{ else }}
  ready: true
  started: false
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
{{ end }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
{{ $before := get $old .name }}
{{ $since := $now }}
{{ if $before }}{{ if $before.state.running }}{{ $since = $before.state.running.startedAt }}{{ end }}{{ end }}
"""
    + _chain(".image")
    + """
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
{{ if not $initialized }}
{{ $ready = false }}
  ready: false
  started: false
  restartCount: 0
  state:
    waiting: {reason: PodInitializing}
{{ else if eq $play "imagepull" }}
{{ $ready = false }}
  ready: false
  started: false
  restartCount: 0
  state:
    waiting:
{{ if $before }}
      reason: ImagePullBackOff
      message: {{ printf "Back-off pulling image %q: ErrImagePull: %s: not found" .image .image | Quote }}
{{ else }}
      reason: ErrImagePull
      message: {{ printf "failed to pull image %q: %s: not found" .image .image | Quote }}
{{ end }}
{{ else if or (eq $play "crashloop") (eq $play "oom") }}
{{ $ready = false }}
{{ $started = true }}
{{ $code := 1 }}{{ $why := "Error" }}
{{ if eq $play "oom" }}{{ $code = 137 }}{{ $why = "OOMKilled" }}{{ end }}
  ready: false
  started: false
{{ if $never }}
{{ $failed = true }}
  restartCount: 0
  state:
    terminated:
      exitCode: {{ $code }}
      reason: {{ $why }}
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ else }}
{{ $count := 1 }}{{ if $before }}{{ $count = add1 (int64 $before.restartCount) }}{{ end }}
  restartCount: {{ $count }}
  state:
    waiting:
      reason: CrashLoopBackOff
      message: {{ printf "back-off restarting failed container=%s pod=%s" .name $root.metadata.name | Quote }}
  lastState:
    terminated:
      exitCode: {{ $code }}
      reason: {{ $why }}
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
{{ else if and (eq $play "slow") (not $before) }}
{{ $ready = false }}
  ready: false
  started: false
  restartCount: 0
  state:
    waiting: {reason: ContainerCreating}
{{ else }}
{{ $started = true }}
  ready: {{ if eq $play "notready" }}{{ $ready = false }}false{{ else }}true{{ end }}
  started: true
  restartCount: 0
  state:
    running: {startedAt: {{ $since | Quote }}}
{{ end }}
{{ end }}
conditions:
{{ range .status.conditions }}
{{ if eq .type "PodScheduled" }}
- type: PodScheduled
  status: {{ .status | Quote }}
  lastTransitionTime: {{ .lastTransitionTime | Quote }}
{{ end }}
{{ end }}
- type: PodReadyToStartContainers
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
- type: Initialized
  status: {{ if $initialized }}"True"{{ else }}"False"{{ end }}
  lastTransitionTime: {{ $now | Quote }}
{{ if not $initialized }}
  reason: ContainersNotInitialized
  message: containers with incomplete status
{{ end }}
{{ range list "ContainersReady" "Ready" }}
- type: {{ . }}
  status: {{ if $ready }}"True"{{ else }}"False"{{ end }}
  lastTransitionTime: {{ $now | Quote }}
{{ if not $ready }}
  reason: ContainersNotReady
  message: containers with unready status
{{ end }}
{{ end }}
{{ range .spec.readinessGates }}
- type: {{ .conditionType | Quote }}
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
{{ $hostIPs := NodeIPsWith .spec.nodeName }}
{{ with $hostIPs }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ $meta := .metadata }}
{{ $onHost := or .spec.hostNetwork false }}
{{ $podIPs := PodIPsWith .spec.nodeName $onHost (or $meta.uid "") (or $meta.name "") (or $meta.namespace "") }}
{{ with $podIPs }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
startTime: {{ or .status.startTime $now | Quote }}
phase: {{ if $failed }}Failed{{ else if $started }}Running{{ else }}Pending{{ end }}
"""
)

_COMPLETE = """
{{ $now := Now }}
{{ $since := dict }}
{{ range .status.containerStatuses }}{{ $_ := set $since .name .state.running.startedAt }}{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: false
  started: false
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ get $since .name | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
conditions:
{{ range .status.conditions }}
- type: {{ .type | Quote }}
  lastTransitionTime: {{ .lastTransitionTime | Quote }}
{{ if or (eq .type "Ready") (eq .type "ContainersReady") }}
  status: "False"
  reason: PodCompleted
{{ else }}
  status: {{ .status | Quote }}
{{ end }}
{{ end }}
phase: Succeeded
"""


def _has_image(pattern: str) -> str:
    return f'any(.spec.containers[], .spec.initContainers[]?; .image | test("{pattern}"))'


def _waits_for(reason: str) -> str:
    statuses = ".status.containerStatuses[]?, .status.initContainerStatuses[]?"
    return f'any({statuses}; .state.waiting.reason == "{reason}")'


def _pod_stages() -> list[dict[str, Any]]:
    fresh = [NOT_DELETED, '.status.phase == "Pending"', ".status.containerStatuses == null"]
    stages = []
    earlier: list[str] = []
    for play in PLAYS:
        steps = [_status(_POD)]
        if play.event:
            reason, message = play.event
            steps.append({"event": {"type": "Warning", "reason": reason, "message": message}})
        stages.append(
            _stage(f"pod-start-{play.name}", "v1", "Pod", [*fresh, _has_image(play.pattern), *earlier], steps)
        )
        earlier.append(f"{_has_image(play.pattern)} | not")
    stages.append(_stage("pod-start", "v1", "Pod", [*fresh, *earlier], [_status(_POD)]))

    pulling, crashing, creating = (
        _waits_for(reason) for reason in ("ErrImagePull", "CrashLoopBackOff", "ContainerCreating")
    )
    again = {"event": {"type": "Warning", "reason": "BackOff", "message": "Back-off restarting failed container"}}
    stages += [
        _stage("pod-back-off", "v1", "Pod", [NOT_DELETED, pulling], [_status(_POD)], delay_ms=1_500),
        _stage(
            "pod-restart",
            "v1",
            "Pod",
            [NOT_DELETED, crashing, f"{pulling} | not"],
            [_status(_POD), again],
            delay_ms=20_000,
        ),
        _stage(
            "pod-slow",
            "v1",
            "Pod",
            [NOT_DELETED, creating, f"{pulling} | not", f"{crashing} | not"],
            [_status(_POD)],
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
            [_status(_COMPLETE)],
            delay_ms=1_000,
        ),
        _stage("pod-delete", "v1", "Pod", [".metadata.deletionTimestamp != null"], [{"delete": True}]),
    ]
    return stages


# --- volumes: the stage makes the volume, the real controller binds it ---

_VOLUME = """
apiVersion: v1
kind: PersistentVolume
metadata:
  name: pvc-{{ .metadata.uid }}
  annotations:
    pv.kubernetes.io/provisioned-by: @PROVISIONER@
spec:
  accessModes:
{{ range .spec.accessModes }}
  - {{ . }}
{{ end }}
  capacity:
    storage: {{ .spec.resources.requests.storage | Quote }}
  persistentVolumeReclaimPolicy: Delete
{{ if .spec.storageClassName }}
  storageClassName: {{ .spec.storageClassName | Quote }}
{{ end }}
  volumeMode: {{ or .spec.volumeMode "Filesystem" }}
  claimRef:
    apiVersion: v1
    kind: PersistentVolumeClaim
    name: {{ .metadata.name | Quote }}
    namespace: {{ .metadata.namespace | Quote }}
    uid: {{ .metadata.uid | Quote }}
  hostPath:
    path: /var/lib/kubeorch-sandbox/pvc-{{ .metadata.uid }}
    type: DirectoryOrCreate
""".replace("@PROVISIONER@", PROVISIONER)


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
            [{"apply": {"template": _VOLUME}}],
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
