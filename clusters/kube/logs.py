"""The log of one container, as its API server streams it.

Source: Kubernetes API, "GET /api/v1/namespaces/{namespace}/pods/{name}/log".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, mappings
from clusters.kube.allowance import Alive
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiNotFound, ClusterTimeout

SILENCE_S = 120.0
"""A log that is silent for so long is asked for anew, since a dead connection is silent, too."""


class PodReplaced(ApiNotFound):
    """Another pod has the name by now, and logs are asked for by name."""

    code = "log.pod_replaced"

    def __init__(self, pod: str) -> None:
        super().__init__(f"the pod {pod} is not there any more; another one has its name")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read of a log."""

    follow: bool = False
    previous: bool = False
    """The instance before the current one."""
    tail: int | None = None
    """Lines from its end; None for all there is."""
    since: str = ""
    """A time of RFC 3339, of which whole seconds count, or "600s" for the last 600 by the node's clock; "" for all."""
    timestamps: bool = True


def read_log(
    client: KubeClient,
    namespace: str,
    pod: str,
    uid: str,
    container: str,
    wanted: Wanted,
    *,
    alive: Alive,
    confirm: Callable[[Manifest], None] | None = None,
) -> Iterator[bytes]:
    """The bytes of the log as they come. `alive` is asked four times a second while it waits, and raises to end it.

    Nothing comes before it is certain that they are of the pod `uid`: it is asked for once its log has begun, and a
    pod that still has its name then had it before. `confirm` is given that pod, and raises where the log is not the one
    that was meant.

    Ends where the log ends, and, when it is followed, after SILENCE_S without anything: the kubelet answers only with
    the first line, so that silence begins before the answer does.
    Raises ApiInvalid where there is nothing to read yet, ApiNotFound without the pod, PodReplaced, and
    ClusterUnavailable.
    """
    query = {"container": container, "timestamps": str(wanted.timestamps).lower()}
    if wanted.follow:
        query["follow"] = "true"
    if wanted.previous:
        query["previous"] = "true"
    if wanted.tail is not None:
        query["tailLines"] = str(wanted.tail)
    if wanted.since.endswith("s"):
        query["sinceSeconds"] = wanted.since.removesuffix("s")
    elif wanted.since:
        query["sinceTime"] = wanted.since
    path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
    begins_in_s = SILENCE_S if wanted.follow else client.limits.answer_s
    started = time.monotonic()
    try:
        stream = client.pieces(path, query=query, alive=alive, begins_in_s=begins_in_s)
    except ClusterTimeout:
        if wanted.follow and time.monotonic() - started >= begins_in_s:
            return
        raise
    is_certain = False
    for piece in stream.pieces(SILENCE_S if wanted.follow else client.limits.answer_s):
        if not is_certain:
            look_at(client.while_alive(alive), namespace, pod, uid, confirm)
            is_certain = True
        yield piece


def look_at(
    client: KubeClient, namespace: str, pod: str, uid: str, confirm: Callable[[Manifest], None] | None = None
) -> None:
    """Have `confirm` look at the pod, if it is there. Raises PodReplaced, and what `confirm` raises."""
    found = client.get(Ref("v1", "Pod", namespace, pod), metadata_only=confirm is None)
    if found is None:
        return
    if mapping(found.get("metadata")).get("uid") != uid:
        raise PodReplaced(pod)
    if confirm is not None:
        confirm(found)


def pods_of(client: KubeClient, namespace: str, label_selector: str, *, most: int) -> tuple[list[Manifest], bool]:
    """The pods that a selector chooses, of more than `most` the first by name; whether there are more."""
    _, page = client.request(
        "GET",
        f"/api/v1/namespaces/{namespace}/pods",
        query={"labelSelector": label_selector, "limit": str(most)},
        timeout_s=client.limits.question_s,
        name="pods",
    )
    return [dict(one) for one in mappings(page.get("items"))], bool(mapping(page.get("metadata")).get("continue"))
