"""A container beside one that has no shell: an ephemeral container with an image of one's own choice.

Source: Kubernetes docs, "Ephemeral Containers". It sees the processes of the container that is meant, ends with its
shell, and stays in the pod's specification until the pod goes: Kubernetes removes none.
"""

from __future__ import annotations

import re
import secrets
import time

from clusters.domain.logs.containers import ContainerLog, pod_logs
from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden
from clusters.pods import NoSuchPod
from kubeorch.base.errors import Conflict, Forbidden, InvalidInput

STARTS_S = 60.0
LOOKS_EVERY_S = 0.5
MOST = 10
"""Ephemeral containers of a pod, with those that have ended: none is ever removed."""
IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}")
NOT_BY_ITSELF = frozenset(
    ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError")
)


class BadImage(InvalidInput):
    code = "terminal.bad_image"

    def __init__(self) -> None:
        super().__init__("debug is an image with a shell, such as busybox:1.37", field="debug")


class NotStarted(Conflict):
    code = "terminal.debug_not_started"

    def __init__(self, why: str) -> None:
        super().__init__(f"the container for debugging did not start: {why}")


class TooManyDebuggers(Conflict):
    code = "terminal.too_many_debug"

    def __init__(self) -> None:
        super().__init__(
            f"this pod has had {MOST} containers for debugging, which stay in its specification until it goes; "
            "delete the pod, so that another one takes its place"
        )


class MayNotDebug(Forbidden):
    """Source: Kubernetes docs, "Using RBAC Authorization": the ClusterRole edit has pods/exec, and not this one."""

    code = "terminal.may_not_debug"

    def __init__(self, group: str) -> None:
        whom = f"the group {group}" if group else "the account with which this cluster is connected"
        super().__init__(
            "the cluster lets nobody add a container to a pod here who merely has its ClusterRole edit; have its "
            f"owner give {whom} a Role in this namespace with the verb patch on pods/ephemeralcontainers"
        )


def check_image(image: object) -> str:
    """Raises BadImage."""
    if not isinstance(image, str) or not IMAGE.fullmatch(image):
        raise BadImage
    return image


def added(client: KubeClient, namespace: str, pod: str, target: str, image: str, group: str) -> str:
    """Add a container of that image to a pod; its name. `group`: in whose name, "" in that of the credentials.

    Raises TooManyDebuggers, NoSuchPod, MayNotDebug, and what the API server answers.
    """
    if sum(one.type == "ephemeral" for one in _containers(client, namespace, pod)) >= MOST:
        raise TooManyDebuggers
    name = f"debug-{secrets.token_hex(3)}"
    container = {
        "name": name,
        "image": image,
        "command": ["sh"],
        "stdin": True,
        "tty": True,
        "targetContainerName": target,
    }
    try:
        client.request(
            "PATCH",
            f"/api/v1/namespaces/{namespace}/pods/{pod}/ephemeralcontainers",
            body={"spec": {"ephemeralContainers": [container]}},
            headers={"Content-Type": "application/strategic-merge-patch+json"},
            timeout_s=client.limits.question_s,
            name=f"Pod {pod}",
        )
    except ApiForbidden as error:
        if "ephemeralcontainers" in error.detail:
            raise MayNotDebug(group) from error
        raise
    return name


def started(client: KubeClient, namespace: str, pod: str, name: str) -> ContainerLog:
    """An added container, once it runs. Raises NotStarted, NoSuchPod, and what the API server answers."""
    until = time.monotonic() + STARTS_S
    while True:
        found = next((one for one in _containers(client, namespace, pod) if one.name == name), None)
        if found is not None and found.state == "running":
            return found
        why = found.message or found.reason if found is not None else ""
        if found is not None and (found.state == "terminated" or found.reason in NOT_BY_ITSELF):
            raise NotStarted(why or "it has ended")
        if time.monotonic() > until:
            raise NotStarted(why or f"it does not run after {STARTS_S:.0f} s")
        time.sleep(LOOKS_EVERY_S)


def _containers(client: KubeClient, namespace: str, pod: str) -> tuple[ContainerLog, ...]:
    found = client.get(Ref("v1", "Pod", namespace, pod))
    if found is None:
        raise NoSuchPod("Pod", pod)
    return pod_logs(found).containers
