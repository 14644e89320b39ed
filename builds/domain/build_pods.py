"""BuildKit as a Job in a cluster: the objects that are asked of it. Pure.

One Job serves one build: nothing of a build's files, secrets or processes meets another's. What lets in, and every
secret, passes through the connection to the pod; none is in an object.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from clusters.domain.labels import MANAGED_BY, MANAGED_BY_LABEL, PREFIX

Mode = Literal["rootless", "privileged"]
CONTAINER = "buildkitd"
BUILD_LABEL = f"{PREFIX}build"
ENGINE_LABEL = f"{PREFIX}build-engine"
ATTEMPT = f"{PREFIX}attempt"
"""Of the build, as an annotation: whoever comes after a worker that died takes the Job over by writing its own."""
UID_LABEL = "batch.kubernetes.io/controller-uid"
ENFORCE_LABEL = "pod-security.kubernetes.io/enforce"
"""Source: Kubernetes docs, "Pod Security Standards"."""
LEVEL = "privileged"
"""What BuildKit needs without root as well: no lower level lets its seccomp profile be off."""
FILES = "/etc/kubeorch"
POLICY = "kubeorch-builds"
METADATA_V4 = (
    *("169.254.169.254/32", "169.254.169.252/32", "169.254.170.2/32", "169.254.170.23/32"),
    *("168.63.129.16/32", "100.100.100.200/32"),
)
METADATA_V6 = ("fd00:ec2::254/128", "fd00:ec2::23/128", "fd20:ce::254/128")
"""Where clouds hand out the credentials of a node, and of what runs on it, to whoever asks from there. Not the whole
of 169.254.0.0/16: caches of DNS on nodes are in it. Source: the docs of AWS (IMDS, ECS, EKS Pod Identity), Google
Cloud (metadata server, Workload Identity), Azure (WireServer) and Alibaba Cloud."""
DEADLINE_S = 4200
"""Of a Job, longer than two attempts of a build take: the cluster itself ends what nobody came back for."""
FORGOTTEN_AFTER_S = 60
GRACE_S = 5
CPU_MOST = "4"
LEAST_MEMORY_BYTES = 256 * 1024**2
LEAST_DISK_BYTES = 512 * 1024**2
"""What a node has to have free for it."""
_USER = 1000
_STATE = {"rootless": "/home/user/.local/share/buildkit", "privileged": "/var/lib/buildkit"}
_SOCKET = {
    "rootless": "unix:///run/user/1000/buildkit/buildkitd.sock",
    "privileged": "unix:///run/buildkit/buildkitd.sock",
}
"""Source: BuildKit, `examples/kubernetes` and the Dockerfile of its rootless image."""
_START = {"rootless": ("rootlesskit", "buildkitd"), "privileged": ("buildkitd",)}
_FLAGS = {"rootless": ("--oci-worker-no-process-sandbox",), "privileged": ()}
"""A pod's /proc is masked, and a process namespace of a step's own would need one that is not."""


class Trusted(Protocol):
    @property
    def plain_http(self) -> bool: ...
    @property
    def ca(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a cluster BuildKit runs, and as what."""

    namespace: str
    mode: Mode
    image: str
    memory_bytes: int
    """The most of BuildKit and of the steps of one build together."""
    disk_bytes: int
    """The most of layers and caches of one build."""
    pull_secret: str = ""
    """The Secret of the namespace by which nodes pull BuildKit's own image; "" where its registry lets everybody.
    People make it there: what is in it is read by the kubelet alone."""
    architecture: str = ""
    """As nodes are labelled, `amd64`: images are for what they were built on. "" for whichever comes."""


def job_name(build_id: str) -> str:
    return f"build-{build_id}"


def dial(mode: Mode) -> tuple[str, ...]:
    """The command in the container that a client's connection is. Source: BuildKit, `buildctl dial-stdio`."""
    return ("buildctl", "--addr", _SOCKET[mode], "dial-stdio")


def namespace_manifest(name: str) -> dict[str, Any]:
    labels = {MANAGED_BY_LABEL: MANAGED_BY, ENFORCE_LABEL: LEVEL}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def policy_manifest(namespace: str) -> dict[str, Any]:
    """Nobody connects to pods of builds, and their steps reach everything but the credentials of nodes.

    Addresses alone would leave out the pods of a cluster with some network plugins. Source: Kubernetes docs, "Network
    Policies".
    """
    anywhere = [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": list(METADATA_V4)}},
        {"ipBlock": {"cidr": "::/0", "except": list(METADATA_V6)}},
        {"namespaceSelector": {}},
    ]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": POLICY, "namespace": namespace, "labels": _labels({})},
        "spec": {
            "podSelector": {"matchExpressions": [{"key": ENGINE_LABEL, "operator": "Exists"}]},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [{"to": anywhere}],
        },
    }


def job_manifest(
    name: str,
    place: Place,
    labels: Mapping[str, str],
    *,
    attempt: int,
    trusts: Mapping[str, Trusted],
    deadline_s: int = DEADLINE_S,
) -> dict[str, Any]:
    """For server-side apply: the same for each attempt of a build but for the annotation on the Job itself."""
    metadata = {"name": name, "namespace": place.namespace}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {**metadata, "labels": _labels(labels), "annotations": {ATTEMPT: str(attempt)}},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": deadline_s,
            "ttlSecondsAfterFinished": FORGOTTEN_AFTER_S,
            "template": {
                "metadata": {"labels": _labels(labels), "annotations": dict(_files(trusts))},
                "spec": pod_spec(place, trusts, deadline_s),
            },
        },
    }


def pod_manifest(name: str, place: Place, labels: Mapping[str, str]) -> dict[str, Any]:
    """A pod as the Job makes it, to ask whether one may be there."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": place.namespace,
            "labels": _labels(labels),
            "annotations": dict(_files({})),
        },
        "spec": pod_spec(place, {}, DEADLINE_S),
    }


def pod_spec(place: Place, trusts: Mapping[str, Trusted], deadline_s: int) -> dict[str, Any]:
    """It has the deadline as well: whoever deletes a Job may leave its pod behind."""
    probe = {
        "exec": {"command": ["buildctl", "--addr", _SOCKET[place.mode], "debug", "workers"]},
        "periodSeconds": 1,
        "timeoutSeconds": 10,
        "failureThreshold": 120,
    }
    least = str(min(place.memory_bytes, LEAST_MEMORY_BYTES))
    items = [
        {"path": path, "fieldRef": {"fieldPath": f"metadata.annotations['{key}']"}}
        for path, key in ((_file_of(key), key) for key in _files(trusts))
    ]
    nodes = {"kubernetes.io/os": "linux"}
    if place.architecture:
        nodes["kubernetes.io/arch"] = place.architecture
    pulling = {"imagePullSecrets": [{"name": place.pull_secret}]} if place.pull_secret else {}
    command = [*_START[place.mode], f"--config={FILES}/buildkitd.toml", f"--addr={_SOCKET[place.mode]}"]
    return {
        "restartPolicy": "Never",
        "activeDeadlineSeconds": deadline_s,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_S,
        "nodeSelector": nodes,
        **pulling,
        "containers": [
            {
                "name": CONTAINER,
                "image": place.image,
                "command": [*command, *_FLAGS[place.mode]],
                "securityContext": _security(place.mode),
                "readinessProbe": probe,
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "resources": {
                    "requests": {"cpu": "250m", "memory": least, "ephemeral-storage": str(LEAST_DISK_BYTES)},
                    "limits": {
                        "cpu": CPU_MOST,
                        "memory": str(place.memory_bytes),
                        "ephemeral-storage": str(place.disk_bytes),
                    },
                },
                "volumeMounts": [
                    {"name": "state", "mountPath": _STATE[place.mode]},
                    {"name": "files", "mountPath": FILES, "readOnly": True},
                ],
            }
        ],
        "volumes": [
            {"name": "state", "emptyDir": {"sizeLimit": str(place.disk_bytes)}},
            {"name": "files", "downwardAPI": {"items": items}},
        ],
    }


def _security(mode: Mode) -> dict[str, Any]:
    if mode == "privileged":
        return {"privileged": True, "runAsUser": 0, "runAsGroup": 0}
    off = {"type": "Unconfined"}
    return {"seccompProfile": off, "appArmorProfile": off, "runAsUser": _USER, "runAsGroup": _USER}


def _labels(labels: Mapping[str, str]) -> dict[str, str]:
    return {MANAGED_BY_LABEL: MANAGED_BY, **labels}


def _files(trusts: Mapping[str, Trusted]) -> dict[str, str]:
    """The files of BuildKit as annotations of its pod: how registries are spoken to is no secret."""
    lines, found = [], {}
    for number, (host, trust) in enumerate(sorted(trusts.items())):
        lines += [f"[registry.{json.dumps(host)}]", f"  http = {json.dumps(trust.plain_http)}"]
        if trust.ca:
            found[f"{PREFIX}ca-{number}.pem"] = trust.ca
            lines.append(f'  ca = ["{FILES}/ca-{number}.pem"]')
    return {f"{PREFIX}buildkitd.toml": "\n".join([*lines, ""]), **found}


def _file_of(key: str) -> str:
    return key.removeprefix(PREFIX)
