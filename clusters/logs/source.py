"""One container of one pod, read on and on in a thread of its own: through cuts, restarts and waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from copy import copy
from functools import partial

from clusters.domain.logs.containers import ContainerLog, PodLogs, pod_logs
from clusters.domain.logs.lines import LogLine, Splitter, Track
from clusters.domain.logs.positions import UID_SHOWN, Position
from clusters.domain.objects import Manifest
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiInvalid, ApiNotFound, Unauthorized
from clusters.kube.logs import PodReplaced, Wanted, look_at, read_log
from clusters.logs.entries import Left, Note, Read, Sink
from kubeorch.base.backoff import Backoff
from kubeorch.base.errors import KubeOrchError

AGAIN = Backoff(first_s=0.25, most_s=10.0, jitter=0.5)
KUBELET_MOST = 300
"""Characters of what the kubelet says in the place of lines."""
SETTLES_S = 2.0
"""How long to wait for the pod to say why a followed log has ended, before it is asked for anew."""


ROTATED = Note("gap", "the log was rotated; lines may be missing here")


class InstanceReplaced(Exception):
    """The log that answers is of another instance of the container than the pod was known to have."""


class LogSource:
    """`run` in a thread; `update` it with what the pod is like now, from any other."""

    def __init__(
        self,
        client: KubeClient,
        pod: PodLogs,
        container: str,
        sink: Sink,
        *,
        wanted: Wanted,
        position: Position | None,
        stopped: threading.Event,
    ) -> None:
        self._client = client
        self._name = (pod.namespace, pod.name)
        self._uid = pod.uid
        self._container = container
        self._sink = sink
        self._wanted = wanted
        self._stopped = stopped
        self._changed = threading.Condition()
        self._pod: PodLogs | None = pod
        self._version = 0
        self._instance = position.container_id if position else ""
        """The instance that is being read; "" before the first."""
        self._track = Track(position.at, position.ordinal, position.latest) if position else Track()
        self._is_resumed = position is not None
        self._said = ""
        self.is_gone = False
        """Its pod is not there any more, and it has ended."""

    def update(self, pod: PodLogs | None) -> None:
        """None: the pod is gone. What is older than what is known says nothing: a watch may lag behind a look."""
        with self._changed:
            if pod is not None and self._pod is not None and pod.is_older_than(self._pod):
                return
            self._pod, self._version = pod, self._version + 1
            self._changed.notify_all()

    def run(self) -> None:
        """Returns when there is nothing more to come."""
        try:
            if self._wanted.follow:
                self._follow()
            else:
                self._read_once()
        except Left:
            return

    # What there is

    def _read_once(self) -> None:
        try:
            self._read(Wanted(previous=self._wanted.previous, tail=self._wanted.tail, since=self._wanted.since))
        except KubeOrchError as error:
            self._note(Note(_note_for(error), error.detail))

    # What there is, and what comes

    def _follow(self) -> None:
        delays = iter(_delays())
        while True:
            self._check()
            version, state, is_over = self._state()
            if state is None:
                self._say(Note("gone"))
                self.is_gone = True
                return
            if not state.container_id:
                if is_over:
                    self._say(Note("ended", state.reason))
                    return
                self._say(Note("waiting", state.message or state.reason or "the container has not started"))
                self._await_change(version)
                continue
            if state.container_id == self._instance and state.ended and self._said_ended(state):
                if is_over or (state.type == "init" and state.state == "terminated" and state.ended.exit_code == 0):
                    return
                self._await_change(version)
                continue
            try:
                self._enter(state)
                self._read_current(state)
                delays = iter(_delays())
            except (ApiForbidden, Unauthorized) as error:
                self._note(Note("refused", error.detail))
                return
            except PodReplaced:
                self._say(Note("gone"))
                self.is_gone = True
                return
            except InstanceReplaced:
                self._pause(next(delays))
                continue
            except (ApiInvalid, ApiNotFound):
                # Not there yet, or not any more: the pod says which, sooner or later.
                self._await_change(version, next(delays))
                continue
            except KubeOrchError as error:
                self._say(Note("interrupted", error.detail))
                self._pause(next(delays))
                continue
            self._after_reading(state, version)

    def _enter(self, state: ContainerLog) -> None:
        """Go over to the instance that runs now, over whatever came between."""
        if not self._instance:
            self._instance = state.container_id
            return
        if state.container_id == self._instance:
            return
        before = state.previous
        if before is not None and before.container_id == self._instance:
            self._track.read_again()
            self._read(Wanted(previous=True, since=self._track.since))
        else:
            self._note(Note("gap", "the container was restarted more than once; what it wrote between is gone"))
        self._note(Note("restarted", "", before))
        self._instance, self._said = state.container_id, ""
        self._track = Track()

    def _read_current(self, state: ContainerLog) -> None:
        is_first = not self._track.at
        wanted = Wanted(
            follow=state.ended is None,
            tail=self._wanted.tail if is_first and not self._is_resumed else None,
            since=self._wanted.since if is_first else self._track.since,
        )
        if is_first and not self._is_resumed and state.previous and self._wanted.tail and not self._wanted.since:
            self._read_previous(state)
        self._is_resumed = True
        self._track.read_again()
        self._read(wanted)

    def _read_previous(self, state: ContainerLog) -> None:
        """The end of the instance before: whoever looks at a container that restarts wants to know why."""
        instance, self._instance = self._instance, state.previous.container_id if state.previous else ""
        try:
            self._read(Wanted(previous=True, tail=self._wanted.tail))
        except (ApiInvalid, ApiNotFound):
            return  # removed by now
        finally:
            self._instance, self._track = instance, Track()
        self._note(Note("restarted", "", state.previous))

    def _after_reading(self, state: ContainerLog, version: int) -> None:
        """The log has ended. If its instance had ended before, that is all of it; else the pod soon says why."""
        if state.ended is not None:
            self._say(Note("ended", state.reason, state.ended), key=f"ended {state.container_id}")
        else:
            self._await_change(version, SETTLES_S)

    def _said_ended(self, state: ContainerLog) -> bool:
        return self._said == f"ended {state.container_id}"

    # Reading and waiting

    def _read(self, wanted: Wanted) -> None:
        namespace, pod = self._name
        splitter = Splitter()
        self._sink.waits(False)
        confirm = partial(self._confirm, wanted.previous) if self._instance else None
        for piece in read_log(
            self._client, namespace, pod, self._uid, self._container, wanted, alive=self._check, confirm=confirm
        ):
            self._pass_on(splitter.feed(piece), is_followed=wanted.follow)
        if not wanted.follow:  # else what has no newline may be half of a line: it is read again, whole
            self._pass_on(splitter.end())
            if left := self._track.left_over():
                self._note(ROTATED)
                self._pass_on(left)

    def _confirm(self, previous: bool, found: Manifest) -> None:
        """Raises InstanceReplaced where the pod, as it is after the log has begun, has another instance there."""
        pod = pod_logs(found)
        state = next((one for one in pod.containers if one.name == self._container), None)
        read = state.previous if state and previous else state
        if (read.container_id if read else "") != self._instance:
            self.update(pod)
            raise InstanceReplaced

    def _confirm_late(self) -> None:
        """Where lines are missing a restart is likelier than a rotation, and kubelets give the log of a new instance
        before they have told the API server of it. Raises InstanceReplaced."""
        namespace, pod = self._name
        self._await_change(self._state()[0], SETTLES_S)
        look_at(self._client.while_alive(self._check), namespace, pod, self._uid, partial(self._confirm, False))
        self._sink.waits(False)

    def _pass_on(self, lines: Sequence[LogLine], *, is_followed: bool = False) -> None:
        if not lines:
            return
        before = self._track
        latest, is_kubelet = before.latest, False
        self._track = copy(before)
        fresh, is_gap = self._track.fresh(lines)
        if is_gap and is_followed:
            after, self._track = self._track, before
            self._confirm_late()
            self._track = after
        if self._said.startswith("interrupted"):
            self._note(Note("resumed"))
        self._said = ""
        if is_gap:
            self._note(ROTATED)
        pod, container, instance = self._uid[:UID_SHOWN], self._container, self._instance
        given: list[tuple[str, Read | Note]] = []
        for line, ordinal in fresh:
            if line.at:
                latest = max(latest, line.at)
                ahead = latest if latest > line.at else ""
                given.append((line.at, Read(line, Position(pod, container, instance, line.at, ordinal, ahead))))
                is_kubelet = False
            elif not is_kubelet:  # not the container says this, but the kubelet: why there is no more of its log
                given.append(("", Note("gap", line.text[:KUBELET_MOST])))
                is_kubelet = True
        self._sink.put(given)

    def _note(self, note: Note) -> None:
        self._sink.put([("", note)])

    def _say(self, note: Note, key: str = "") -> None:
        """Once, until something else is said or read."""
        key = key or f"{note.note} {note.detail}"
        if self._said != key:
            self._said = key
            self._note(note)

    def _state(self) -> tuple[int, ContainerLog | None, bool]:
        with self._changed:
            pod = self._pod
            found = next((one for one in pod.containers if one.name == self._container), None) if pod else None
            return self._version, found, pod.is_over if pod else True

    def _await_change(self, version: int, most_s: float | None = None) -> None:
        self._sink.waits(True)
        with self._changed:
            waited_s = 0.0
            while self._version == version and (most_s is None or waited_s < most_s):
                self._check()
                self._changed.wait(0.25)
                waited_s += 0.25
        self._check()

    def _pause(self, seconds: float) -> None:
        self._sink.waits(True)
        self._stopped.wait(seconds)
        self._check()

    def _check(self) -> None:
        if self._stopped.is_set():
            raise Left


def _delays() -> Iterator[float]:
    attempt = 0
    while True:
        attempt += 1
        yield AGAIN.delay_s(attempt)


def _note_for(error: KubeOrchError) -> str:
    if isinstance(error, (ApiForbidden, Unauthorized)):
        return "refused"
    return "waiting" if isinstance(error, ApiInvalid) else "gone" if isinstance(error, ApiNotFound) else "interrupted"
