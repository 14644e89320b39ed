"""The containers of a pod as whoever reads their logs sees them: which instance, and whether there is anything to read.

Which instance the API server reads: the running or ended one, and while the next one waits to start, the one before;
`previous` reads the one in `lastState`. Source: kubelet, `validateContainerLogStatus`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.logs.positions import CONTAINER_ID_SHOWN
from clusters.domain.reading import integer, interned, mapping, mappings, number, text

NAME_MOST = 253
MESSAGE_MOST = 500
CONTAINERS_MOST = 64
"""Of a pod, that are looked at."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an instance of a container ended."""

    container_id: str
    exit_code: int | None
    reason: str
    finished_at: str

    def as_json(self) -> dict[str, Any]:
        return {
            "container_id": self.container_id,
            "exit_code": self.exit_code,
            "reason": self.reason,
            "finished_at": self.finished_at,
        }


@dataclass(frozen=True, slots=True)
class ContainerLog:
    """One container. `container_id` is shortened; "" means that no instance of it has ever run."""

    name: str
    type: str
    """`init`, `container` or `ephemeral`."""
    state: str
    """`waiting`, `running` or `terminated`."""
    container_id: str
    """Of the instance whose log is read without `previous`."""
    reason: str
    """Why it waits or how it ended."""
    message: str
    started_at: str
    restarts: int
    ended: Ended | None
    """How the instance `container_id` ended, None while it runs."""
    previous: Ended | None
    """The instance that `previous` reads, where it is another one."""

    @property
    def loops(self) -> bool:
        return self.state == "waiting" and self.reason == "CrashLoopBackOff"


@dataclass(frozen=True, slots=True)
class PodLogs:
    namespace: str
    name: str
    uid: str
    node: str
    phase: str
    resource_version: str
    containers: tuple[ContainerLog, ...]

    @property
    def is_over(self) -> bool:
        """No container of it will start any more."""
        return self.phase in ("Succeeded", "Failed")

    def is_older_than(self, other: PodLogs) -> bool:
        """Whether it is an earlier version of the same pod. Source: KEP 5504, "Comparable Resource Version"."""
        mine, theirs = self.resource_version, other.resource_version
        return mine.isdecimal() and theirs.isdecimal() and self.uid == other.uid and int(mine) < int(theirs)


def pod_logs(pod: Mapping[str, Any]) -> PodLogs:
    metadata, spec, status = mapping(pod.get("metadata")), mapping(pod.get("spec")), mapping(pod.get("status"))
    return PodLogs(
        namespace=interned(metadata.get("namespace"))[:NAME_MOST],
        name=text(metadata.get("name"))[:NAME_MOST],
        uid=text(metadata.get("uid"))[:64],
        node=interned(spec.get("nodeName"))[:NAME_MOST],
        phase=interned(status.get("phase"))[:32],
        resource_version=text(metadata.get("resourceVersion"))[:64],
        containers=tuple(_containers(spec, status))[:CONTAINERS_MOST],
    )


def _containers(spec: Mapping[str, Any], status: Mapping[str, Any]) -> Iterator[ContainerLog]:
    for kind, of_spec, of_status in (
        ("init", "initContainers", "initContainerStatuses"),
        ("container", "containers", "containerStatuses"),
        ("ephemeral", "ephemeralContainers", "ephemeralContainerStatuses"),
    ):
        rows = {text(row.get("name")): row for row in mappings(status.get(of_status))}
        for one in mappings(spec.get(of_spec)):
            name = interned(one.get("name"))[:63]
            if name:
                yield _container(name, kind, rows.get(name, {}))


def _container(name: str, kind: str, row: Mapping[str, Any]) -> ContainerLog:
    state, last = mapping(row.get("state")), mapping(mapping(row.get("lastState")).get("terminated"))
    running, terminated, waiting = (mapping(state.get(one)) for one in ("running", "terminated", "waiting"))
    before = _ended(last) if last.get("containerID") else None
    if "running" in state:
        word, current, ended = "running", _short(row.get("containerID")), None
    elif "terminated" in state and terminated.get("containerID"):
        word, current, ended = "terminated", _short(terminated.get("containerID")), _ended(terminated)
    else:
        word = "terminated" if "terminated" in state else "waiting"
        current, ended = (before.container_id, before) if before else ("", None)
    said = terminated if word == "terminated" else waiting
    return ContainerLog(
        name=name,
        type=kind,
        state=word,
        container_id=current,
        reason=text(said.get("reason"))[:NAME_MOST],
        message=text(said.get("message"))[:MESSAGE_MOST],
        started_at=text(running.get("startedAt"))[:40],
        restarts=integer(row.get("restartCount")),
        ended=ended,
        previous=before if before and before.container_id != current else None,
    )


def _ended(row: Mapping[str, Any]) -> Ended:
    return Ended(
        _short(row.get("containerID")),
        number(row.get("exitCode")),
        text(row.get("reason"))[:NAME_MOST],
        text(row.get("finishedAt"))[:40],
    )


def _short(container_id: object) -> str:
    return text(container_id).rpartition("/")[2][:CONTAINER_ID_SHOWN]
