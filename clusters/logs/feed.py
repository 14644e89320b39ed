"""Everything that one reader follows: the pods it is about, a source for each container, merged by time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from clusters.domain.logs.containers import PodLogs, pod_logs
from clusters.domain.logs.merging import Entry, Merger
from clusters.domain.logs.positions import SOURCES_MOST as POSITIONS_MOST
from clusters.domain.logs.positions import Position
from clusters.kube.client import KubeClient
from clusters.kube.listing import Listing
from clusters.kube.logs import Wanted
from clusters.kube.watch import Reflector
from clusters.logs.cron_jobs import JobsOf
from clusters.logs.entries import ENTRY_BYTES, Left, Note, Read, SourceFacts
from clusters.logs.source import LogSource
from kubeorch.base.errors import KubeOrchError
from kubeorch.realtime.rooms import Held, Room
from kubeorch.web.refusals import TooManyAttempts

SOURCES_MOST = 40
"""Containers that are read for one reader, each over a connection and in a thread of its own."""
SEEN_MOST = POSITIONS_MOST
"""Containers that are remembered for one reader, with those that have ended: the id of an event names them all."""
SOURCES_A_PERSON, SOURCES_IN_ALL = 120, 400
"""Containers that are read at once in this process, at about half a megabyte each where readers are slow."""
LEFT_OUT_COUNTED = 500
WAITING_BYTES = 128 * 1024
"""Of one source that wait to be taken; then its connection waits."""

_room = Room()

Value = Read | Note
Positions = Mapping[tuple[str, str], Position]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose logs: pods of a namespace by selector, and which of their containers."""

    namespace: str
    label_selector: str = ""
    field_selector: str = ""
    container: str = ""
    """"" for all."""
    jobs: JobsOf | None = None
    """Of a CronJob: its Jobs, whose pods alone are meant of those that the selector finds."""

    def decode(self, pod: Mapping[str, Any]) -> PodLogs | None:
        """None for a pod that is not meant."""
        return pod_logs(pod) if self.jobs is None or self.jobs.made(pod) else None

    @property
    def listing(self) -> Listing:
        path = f"/api/v1/namespaces/{self.namespace}/pods"
        return Listing(path, label_selector=self.label_selector, field_selector=self.field_selector)


class Batch(NamedTuple):
    sources: list[SourceFacts]
    """Those that are new or look otherwise."""
    entries: list[Entry[Value]]
    is_over: bool


class Feed:
    """Start it, `take` from it whenever it wakes its reader, and `stop` it. Nothing is read ahead of what is taken,
    but for WAITING_BYTES of each source.
    """

    def __init__(
        self,
        client: KubeClient,
        subject: Subject,
        wanted: Wanted,
        *,
        positions: Positions,
        pods: Sequence[PodLogs],
        reader: str,
    ) -> None:
        """`pods` are those that are there; while it is followed, others are found as they come.

        `reader` is the person whose containers are counted together.
        """
        self._reader = reader
        self._client = client
        self._subject = subject
        self._wanted = wanted
        self._positions = positions
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._merger: Merger[Value] = Merger(exact=not wanted.follow)
        self._facts: dict[tuple[str, str], SourceFacts] = {}
        self._sources: dict[tuple[str, str], LogSource] = {}
        self._running = 0
        self._numbers = 0
        self._left_out: dict[tuple[str, str], SourceFacts] = {}
        """Containers for which there was no place, the first to come first."""
        self._wake: Callable[[], None] = lambda: None
        self._first = {pod.uid for pod in pods}
        self._pods = pods
        self._watch: Reflector[PodLogs] | None = None
        self._followed_by: threading.Thread | None = None
        self.read: dict[tuple[str, str], Position] = {}
        """Where the reader is by what it has taken, of containers that are there."""

    def start(self, wake: Callable[[], None]) -> None:
        """`wake` is called, from any thread, when there may be something to take."""
        self._wake = wake
        for pod in self._pods:
            self._see(None, pod)
        if self._wanted.follow:
            subject = self._subject
            self._watch = Reflector(self._client, subject.listing, subject.decode, changed=self._see, broken=self._lost)
            self._followed_by = threading.Thread(target=self._watch.run, name="log pods", daemon=True)
            self._followed_by.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._watch is not None:
            self._watch.stop()
        with self._lock:
            self._room.notify_all()

    @property
    def left_out(self) -> int:
        """Containers that are not read, since there are more than SOURCES_MOST; LEFT_OUT_COUNTED at most."""
        return len(self._left_out)

    @property
    def names_left_out(self) -> list[str]:
        """Of these, by pod and container."""
        with self._lock:
            return sorted(f"{one.pod.name}/{one.container.name}" for one in self._left_out.values())

    def take(self, most_bytes: int) -> Batch:
        """What there is by now, in order."""
        with self._lock:
            entries = self._merger.take(time.monotonic(), most_bytes)
            if entries:
                self._room.notify_all()
            for entry in entries:
                if isinstance(entry.value, Read):
                    position = entry.value.position
                    self.read[position.pod, position.container] = position
            changed = [one for one in self._facts.values() if one.changed]
            for one in changed:
                one.changed = False
            return Batch(changed, entries, not entries and self._running == 0 and self._is_complete())

    def due_s(self) -> float | None:
        """After how long to take again, though nobody was woken; None when only waking helps."""
        with self._lock:
            return self._merger.due_s(time.monotonic())

    def _is_complete(self) -> bool:
        """Whether nothing can come any more. Another pod of a workload may; one that is gone may be made again."""
        if not self._wanted.follow:
            return True
        is_one_pod = bool(self._subject.field_selector)
        return is_one_pod and bool(self._facts) and all(one.pod.is_over for one in self._facts.values())

    # What the pods are like, as the thread of the watch says

    def _see(self, old: PodLogs | None, new: PodLogs | None) -> None:
        pod = new or old
        if pod is None:
            return
        for container in pod.containers:
            if self._subject.container not in ("", container.name):
                continue
            facts = SourceFacts(0, pod, container)
            with self._lock:
                known = self._facts.get(facts.key)
                if known is None:
                    self._left_out.pop(facts.key, None)
                    if new is not None:
                        self._add(facts)
                    continue
                known.changed |= known.container != container or known.pod.node != pod.node
                known.pod, known.container = pod, container
                source = self._sources.get(facts.key)
            if source is not None:
                source.update(new)
        self._wake()

    def _lost(self, since: float, error: KubeOrchError) -> None:
        """What the pods are like is not known for now; sources that are being read go on."""

    def _add(self, facts: SourceFacts) -> None:
        held = self._place()
        if held is None:
            if len(self._left_out) < LEFT_OUT_COUNTED:
                self._left_out[facts.key] = facts
            return
        facts.number, self._numbers = self._numbers, self._numbers + 1
        self._facts[facts.key] = facts
        position = self._positions.get(facts.key)
        is_new = bool(self._positions) or facts.pod.uid not in self._first
        wanted = self._wanted
        if position is None and is_new and wanted.follow:
            wanted = Wanted(follow=True, since=wanted.since)  # all of it: nothing of it was read before
        source = LogSource(
            self._client,
            facts.pod,
            facts.container.name,
            _Pipe(self, facts.number),
            wanted=wanted,
            position=position,
            stopped=self._stopped,
        )
        self._sources[facts.key] = source
        if position is not None:
            self.read[facts.key] = position
        self._running += 1
        self._merger.open(facts.number, time.monotonic())
        threading.Thread(target=partial(self._run, source, facts.number, held), name="log", daemon=True).start()

    def _add_next(self) -> None:
        """One place has become free. What is read once says first what it leaves out, and stays with that."""
        if self._wanted.follow and not self._stopped.is_set() and self._left_out:
            self._add(self._left_out.pop(next(iter(self._left_out))))

    def _place(self) -> Held | None:
        """For one more container; None where there is no room."""
        if self._running >= SOURCES_MOST or len(self._facts) >= SEEN_MOST:
            return None
        try:
            return _room.take({self._reader: (SOURCES_A_PERSON, ""), "all": (SOURCES_IN_ALL, "")})
        except TooManyAttempts:
            return None

    def _run(self, source: LogSource, number: int, held: Held) -> None:
        try:
            source.run()
        finally:
            held.give_back()
            with self._lock:
                self._running -= 1
                self._merger.close(number)
                self._add_next()
                if source.is_gone:  # others take its place; a pod of its name is another one
                    for key in [key for key, one in self._sources.items() if one is source]:
                        del self._sources[key], self._facts[key]
                        self.read.pop(key, None)
            self._wake()

    # What sources have, in their threads

    def put(self, number: int, given: Sequence[tuple[str, Value]]) -> None:
        with self._lock:
            now = time.monotonic()
            room = WAITING_BYTES - self._merger.bytes_of(number)
            for at, value in given:
                while room <= 0 and not self._stopped.is_set():
                    self._wake()
                    self._room.wait(1.0)
                    now = time.monotonic()
                    room = WAITING_BYTES - self._merger.bytes_of(number)
                if self._stopped.is_set():
                    raise Left
                size = ENTRY_BYTES + (len(value.line.raw) if isinstance(value, Read) else 0)
                self._merger.add(number, at, value, size, now)
                room -= size
        self._wake()

    def wait(self, number: int, is_waiting: bool) -> None:
        with self._lock:
            if is_waiting:
                self._merger.close(number)
            else:
                self._merger.open(number, time.monotonic())
        if is_waiting:
            self._wake()


class _Pipe:
    """The end of the feed that one source has."""

    def __init__(self, feed: Feed, number: int) -> None:
        self._feed = feed
        self._number = number

    def put(self, given: Sequence[tuple[str, Value]]) -> None:
        self._feed.put(self._number, given)

    def waits(self, is_waiting: bool) -> None:
        self._feed.wait(self._number, is_waiting)
