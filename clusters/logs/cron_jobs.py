"""Which Jobs a CronJob has made, and so whose pods are its own: each Job is asked about once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clusters.domain.objects import Ref
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiAnswer

JOBS_MOST = 10
"""Its newest, of which pods are looked at first."""
KNOWN_MOST = 5_000
LABEL = "job-name"
"""Of the pods of Jobs in every version; since Kubernetes 1.27 they have `batch.kubernetes.io/job-name` beside it."""


class JobsOf:
    """`made` is asked from one thread."""

    def __init__(self, client: KubeClient, namespace: str, uid: str) -> None:
        self._client = client
        self._namespace = namespace
        self._uid = uid
        self._known: dict[str, bool] = {}

    def take(self, jobs: Iterable[Mapping[str, Any]]) -> list[str]:
        """Of all Jobs of the namespace as they are now: the names of its newest. Those before them are left out."""
        rows = [mapping(one.get("metadata")) for one in jobs]
        own = sorted((one for one in rows if self._owns(one)), key=_made_at, reverse=True)[:JOBS_MOST]
        self._known = dict.fromkeys((text(one.get("uid")) for one in rows[:KNOWN_MOST]), False)
        self._known |= {text(one.get("uid")): True for one in own}
        return [text(one.get("name")) for one in own]

    def made(self, pod: Mapping[str, Any]) -> bool:
        """Whether the pod is of one of its Jobs, those that it has made meanwhile included."""
        owners = mappings(mapping(pod.get("metadata")).get("ownerReferences"))
        job = next((one for one in owners if one.get("kind") == "Job"), {})
        uid, name = text(job.get("uid")), text(job.get("name"))
        if not uid or not name:
            return False
        if uid not in self._known and len(self._known) < KNOWN_MOST:
            try:
                found = self._client.get(Ref("batch/v1", "Job", self._namespace, name), metadata_only=True)
            except ApiAnswer:
                return False  # the next change of the pod asks again
            metadata = mapping((found or {}).get("metadata"))
            self._known[uid] = metadata.get("uid") == uid and self._owns(metadata)
        return self._known.get(uid, False)

    def _owns(self, job: Mapping[str, Any]) -> bool:
        return any(one.get("uid") == self._uid for one in mappings(job.get("ownerReferences")))


def _made_at(job: Mapping[str, Any]) -> str:
    return text(job.get("creationTimestamp"))
