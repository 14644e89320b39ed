"""The Jobs of builds in a cluster: begun or taken over, looked at, entered and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from builds.domain import build_pods as pods
from builds.domain.build_pod_states import PodState, state_of, why_refused
from builds.domain.build_pods import Place, Trusted
from builds.engines.services.nature import nature_in
from builds.engines.services.store import InCluster, Service
from clusters.connections import client_for
from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.allowance import Allowance
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiConflict, ApiForbidden, ApiInvalid, UnknownKind
from clusters.kube.tunnel import Tunnel
from kubeorch.base.errors import Forbidden

MEBI = 1024**2
ENDING_TRIES = 5
"""Its controller writes to a Job as well."""


class PodRefused(Forbidden):
    """The cluster lets no pod of BuildKit be there, or it cannot start."""

    code = "engine.pod_refused"


@dataclass(frozen=True, slots=True)
class Job:
    """A Job as it was seen."""

    name: str
    uid: str
    version: str
    """Its resourceVersion."""
    labels: Mapping[str, str]
    attempt: int
    """0 where it says none."""
    is_over: bool


class Jobs:
    """Those of one engine, with one client."""

    def __init__(self, client: KubeClient, place: Place, engine: str) -> None:
        self.client = client
        self.place = place
        self._engine = engine

    def within(self, allowance: Allowance) -> Jobs:
        """These, whose requests all end with the allowance."""

        def check() -> None:
            allowance.left_s()

        return Jobs(self.client.while_alive(check), self.place, self._engine)

    def begin(
        self,
        name: str,
        *,
        attempt: int,
        trusts: Mapping[str, Trusted],
        labels: Mapping[str, str] | None = None,
        deadline_s: int = pods.DEADLINE_S,
    ) -> Job:
        """Have a Job of that name run: a new one, or the one that an earlier attempt has left, if its pod may serve."""
        manifest = pods.job_manifest(
            name, self.place, self._labels(labels), attempt=attempt, trusts=trusts, deadline_s=deadline_s
        )
        found = self.find(name)
        if found is not None and not found.is_over and not self._is_spent(found):
            try:
                return _job(self.client.apply(manifest, uid=found.uid, force=True).object)
            except (ApiInvalid, ApiConflict):
                pass  # made for other registries, or gone by now: a new one
        if found is not None:
            self.remove(found)
        return _job(self.client.apply(manifest, force=True).object)

    def find(self, name: str) -> Job | None:
        found = self.client.get(self._ref(name))
        return _job(found) if found is not None else None

    def all(self) -> list[Job]:
        path = self.client.resource("batch/v1", "Job").path(self.place.namespace)
        return [_job(one) for one in self._list(path, f"{pods.ENGINE_LABEL}={self._engine}")]

    def remove(self, job: Job) -> None:
        """With its pod. One that is gone, or another one of its name, is no matter."""
        try:
            self.client.delete(self._ref(job.name), uid=job.uid)
        except ApiConflict:
            return  # another one has its name by now

    def end(self, build_id: str, attempt: int) -> None:
        """Remove the Job of a build, with its pod, unless a later attempt has taken it over, or does at this moment.

        Raises ApiConflict where it changes again and again.
        """
        for tries_left in reversed(range(ENDING_TRIES)):
            found = self.find(pods.job_name(build_id))
            if found is None:
                self.remove_pods(build_id)
                return
            if found.attempt > attempt:
                return
            try:
                self.remove_as_seen(found)
            except ApiConflict:
                if not tries_left:
                    raise
            else:
                return

    def remove_as_seen(self, job: Job) -> None:
        """Raises ApiConflict for one that has changed."""
        self.client.delete(self._ref(job.name), uid=job.uid, version=job.version)

    def remove_pods(self, build_id: str) -> None:
        """Of a build whose Job is gone: `kubectl delete --cascade=orphan`, and plain requests, leave them behind."""
        for pod in self._list(self._pods, f"{pods.BUILD_LABEL}={build_id},{pods.ENGINE_LABEL}={self._engine}"):
            metadata = mapping(pod.get("metadata"))
            if not metadata.get("deletionTimestamp"):
                ref = Ref("v1", "Pod", self.place.namespace, text(metadata.get("name")))
                self.client.delete(ref, uid=text(metadata.get("uid")))

    def state(self, job: Job) -> PodState:
        return state_of(self._list(self._pods, f"{pods.UID_LABEL}={job.uid}"))

    def protect(self) -> str:
        """Keep others out of the pods of builds, and their steps from the credentials of nodes; what is so without
        that, where it may not be, "" where it is. It stays there."""
        try:
            self.client.apply(pods.policy_manifest(self.place.namespace), force=True)
        except (ApiForbidden, UnknownKind) as error:
            return f"pods of builds may be connected to, and their steps reach the metadata of nodes: {error.detail}"
        return ""

    def why_no_pod(self) -> str:
        """What the API server says to such a pod; "" where it would take it, or does not say. Nothing is stored."""
        manifest = pods.pod_manifest("build-probe", self.place, self._labels(None))
        try:
            self.client.request("POST", self._pods, body=manifest, query={"dryRun": "All"}, name="the pod of BuildKit")
        except (ApiForbidden, ApiInvalid) as error:
            return "" if "cannot create resource" in error.detail else error.detail  # only Jobs make pods there
        return ""

    def why_none_comes(self, job: Job) -> str:
        """Why a Job whose pod is not there gets none; "" where it may. A pod that has come meanwhile is in the way of
        another one where a quota is full, and says all."""
        words = self.why_no_pod()
        return words if words and self.state(job) == PodState() else ""

    def enter(self, state: PodState, socket: Path) -> Tunnel:
        """A socket of BuildKit's, here."""
        return Tunnel(self.client, self.place.namespace, state.name, pods.CONTAINER, pods.dial(self.place.mode), socket)

    @property
    def _pods(self) -> str:
        return self.client.resource("v1", "Pod").path(self.place.namespace)

    def _is_spent(self, job: Job) -> bool:
        """Its pod has ended or is about to go, which its controller may not have seen yet."""
        state = self.state(job)
        return state.is_over or state.is_lost

    def _labels(self, labels: Mapping[str, str] | None) -> dict[str, str]:
        return {pods.ENGINE_LABEL: self._engine, **(labels or {})}

    def _ref(self, name: str) -> Ref:
        return Ref("batch/v1", "Job", self.place.namespace, name)

    def _list(self, path: str, selector: str) -> list[Manifest]:
        _, found = self.client.request("GET", path, query={"labelSelector": selector, "limit": "200"})
        return [dict(one) for one in mappings(found.get("items"))]


def jobs_of(row: Service) -> Jobs:
    """Raises NoSuchCluster, NotConnected or Unsealable."""
    return jobs_in(row["cluster"], str(row["_id"]), nature_in(row).architecture)


def jobs_in(given: InCluster, engine: str, architecture: str) -> Jobs:
    """As `jobs_of`; "" for nodes of whichever architecture."""
    return Jobs(client_for(given["cluster_id"]), place_of(given, architecture), engine)


def place_of(given: InCluster, architecture: str) -> Place:
    return Place(
        given["namespace"],
        "privileged" if given["mode"] == "privileged" else "rootless",
        settings.BUILDKIT_IMAGE,
        given["memory_mib"] * MEBI,
        given["disk_mib"] * MEBI,
        given.get("pull_secret", ""),
        architecture,
    )


def refused(words: str) -> PodRefused:
    cure = why_refused(words)
    return PodRefused(f"{words}; {cure}" if cure else words)


def _job(found: Manifest) -> Job:
    metadata = mapping(found.get("metadata"))
    status = mapping(found.get("status"))
    ended = any(
        one.get("type") in ("Failed", "Complete", "FailureTarget", "SuccessCriteriaMet") and one.get("status") == "True"
        for one in mappings(status.get("conditions"))
    )
    return Job(
        text(metadata.get("name")),
        text(metadata.get("uid")),
        text(metadata.get("resourceVersion")),
        {key: text(value) for key, value in mapping(metadata.get("labels")).items()},
        _number(text(mapping(metadata.get("annotations")).get(pods.ATTEMPT))),
        ended or bool(metadata.get("deletionTimestamp")) or bool(status.get("failed")),
    )


def _number(word: str) -> int:
    return int(word) if word.isdecimal() and len(word) < 10 else 0
