"""What a reader of logs gets: lines and notes of numbered sources, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from clusters.domain.logs.containers import ContainerLog, Ended, PodLogs
from clusters.domain.logs.lines import LogLine
from clusters.domain.logs.positions import UID_SHOWN, Position

ENTRY_BYTES = 200
"""Of an entry beside its text, as it is kept and sent."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened to a source, between two lines of it.

    `waiting` (it has not started: reason), `restarted` (a new instance begins; `ended` tells how the one before ended),
    `ended`, `gone` (the pod is not there any more), `gap` (lines may be missing here: why), `interrupted` and `resumed`
    (the cluster did not answer for a time), `refused` (the log may not be read).
    """

    note: str
    detail: str = ""
    ended: Ended | None = None

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"note": self.note, "detail": self.detail}
        if self.ended is not None:
            found["ended"] = self.ended.as_json()
        return found


class Read(NamedTuple):
    """A line that was read, and where its reader is after it."""

    line: LogLine
    position: Position


@dataclass(slots=True)
class SourceFacts:
    """One container of one pod."""

    number: int
    pod: PodLogs
    container: ContainerLog
    changed: bool = field(default=True)

    @property
    def key(self) -> tuple[str, str]:
        return self.pod.uid[:UID_SHOWN], self.container.name

    def as_json(self) -> dict[str, Any]:
        container = self.container
        return {
            "source": self.number,
            "pod": self.pod.name,
            "container": container.name,
            "type": container.type,
            "node": self.pod.node,
            "state": container.state,
            "reason": container.reason,
            "message": container.message,
            "restarts": container.restarts,
            "loops": container.loops,
            "ended": container.ended.as_json() if container.ended else None,
            "previous": container.previous.as_json() if container.previous else None,
        }


def entry_json(source: int, at: str, value: Read | Note) -> Mapping[str, Any]:
    if isinstance(value, Note):
        return {"source": source, "at": at or None, **value.as_json()}
    line = value.line
    found = {"source": source, "at": line.at or at or None, "text": line.text}
    if line.is_cut:
        found["cut"] = True
    return found


class Left(Exception):
    """Nobody reads any more."""


class Sink(Protocol):
    """Where the entries of a source go."""

    def put(self, given: Sequence[tuple[str, Read | Note]]) -> None:
        """Entries with their times. Waits while there is no room, and raises Left when nobody reads."""

    def waits(self, is_waiting: bool) -> None:
        """It has nothing for now, or may have something again."""
