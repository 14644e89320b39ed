"""What the containers of an import's services have: asked in them, by commands that change nothing."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime

from clusters.domain.labels import ENVIRONMENT_LABEL, NODE_LABEL
from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.client import KubeClient
from clusters.kube.commands import Ran, run_command
from imports.domain.promises import Answer, Promise, Seen, Times, Topic
from kubeorch.base.errors import KubeOrchError
from kubeorch.base.names import label_from

COMMAND_S = 8.0
PRINTED_MOST = 2_000_000
ARGUMENTS_MOST = 100_000
"""Characters of a command, which is part of an address."""
_NOT_RUN = (126, 127)
_ENVIRONMENT = ("cat", "/proc/self/environ")
_DIGESTS = """
if command -v sha256sum >/dev/null 2>&1; then sha256sum -- "$@"
elif command -v busybox >/dev/null 2>&1; then busybox sha256sum -- "$@"
else exit 127; fi
"""
_WRITABLE = 'for path do [ -d "$path" ] && [ -w "$path" ] && echo "$path"; done; true'
_ANSWERING = """
ask() {
  if ! command -v nc >/dev/null 2>&1; then
    timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" >/dev/null 2>&1
    return
  fi
  $patience nc -w 2 "$1" "$2" </dev/null >/dev/null 2>&1
  case $? in 0|124|143) return 0 ;; esac
  return 1
}
patience=
command -v timeout >/dev/null 2>&1 && patience='timeout 4'
command -v nc >/dev/null 2>&1 || command -v bash >/dev/null 2>&1 || exit 127
asked=0
for place do
  { ask "${place%:*}" "${place##*:}" && echo "$place"; } &
  asked=$((asked + 1))
  [ $((asked % 16)) -ne 0 ] || wait
done
wait
true
"""
"""Sixteen at a time: a name that leads nowhere takes two seconds, and processes of others are not crowded out. A
connection that is open after four seconds is one; BusyBox would stay in it for as long as the server says nothing."""
_DIGEST = re.compile(rb"^([0-9a-f]{64}) [ *](.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A service whose containers are asked."""

    service: str
    node_id: str
    node_name: str
    is_alone: bool
    """No other service has a container in its pods."""
    promises: Sequence[Promise]


class Containers:
    """Those of one environment, in one namespace."""

    def __init__(self, client: KubeClient, executor: Executor, namespace: str, environment_id: str, until: float):
        """Nothing more is asked after `until`, by the monotonic clock."""
        self._client, self._executor = client, executor
        self._namespace, self._environment_id, self._until = namespace, environment_id, until
        self._pods: dict[str, list[Manifest]] = {}

    def look(self, asked: Sequence[Asked]) -> dict[str, Seen]:
        """What is seen of each service, by its name. Raises what the list of pods raises."""
        self._pods.clear()
        for pod in self._client.list("v1", "Pod", namespace=self._namespace)[0]:
            labels = mapping(mapping(pod.get("metadata")).get("labels"))
            is_gone = "deletionTimestamp" in mapping(pod.get("metadata"))
            if labels.get(ENVIRONMENT_LABEL) == self._environment_id and not is_gone:
                self._pods.setdefault(text(labels.get(NODE_LABEL)), []).append(pod)
        found = self._executor.map(self._look_at, asked)
        return {one.service: seen for one, seen in zip(asked, found, strict=True)}

    def _look_at(self, asked: Asked) -> Seen:
        pods = self._pods.get(asked.node_id, [])
        if not pods:
            return Seen("nothing of it runs: run the workflow first")
        running = next((pod for pod in pods if _container(pod, asked) and _state(pod, _container(pod, asked))), None)
        times = _times(pods, asked)
        if running is None:
            answers = dict.fromkeys(TOPICS, Answer(why="its container does not run, so it cannot be asked"))
            return Seen(answers=answers, times=times)
        pod, container = text(mapping(running["metadata"]).get("name")), _container(running, asked)
        answers = {topic: self._answer(topic, asked, pod, container) for topic in TOPICS}
        return Seen(answers=answers, times=times)

    def _answer(self, topic: Topic, asked: Asked, pod: str, container: str) -> Answer:
        subjects = [one.subject for one in asked.promises if one.topic == topic]
        if not subjects:
            return Answer()
        words = _words(topic, [_spelled(topic, one) for one in subjects])
        if sum(map(len, words)) > ARGUMENTS_MOST:
            return Answer(why="it has too many of them to ask for at once")
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            return Answer(why="there was no time left to ask for it")
        try:
            ran = run_command(
                self._client,
                self._namespace,
                pod,
                container,
                words,
                most_bytes=PRINTED_MOST,
                timeout_s=min(COMMAND_S, left_s),
            )
        except KubeOrchError as error:
            return Answer(why=f"the container could not be asked: {error.detail}")
        return _read(topic, ran, subjects)


TOPICS: tuple[Topic, ...] = ("variable", "file", "folder", "name")
_SCRIPTS: Mapping[Topic, str] = {"file": _DIGESTS, "folder": _WRITABLE, "name": _ANSWERING}


def _words(topic: Topic, subjects: Sequence[str]) -> Sequence[str]:
    if topic == "variable":
        return _ENVIRONMENT
    return ("sh", "-c", _SCRIPTS[topic], "sh", *subjects)


def _spelled(topic: Topic, subject: str) -> str:
    """A name as the conversion writes it where no Service can have it."""
    name, _, port = subject.rpartition(":")
    return f"{label_from(name)}:{port}" if topic == "name" else subject


def _read(topic: Topic, ran: Ran, subjects: Sequence[str]) -> Answer:
    """What a command printed. One that could not be run says why; of several files some may be missing."""
    if ran.is_cut:
        return Answer(why=f"the container was asked, and did not answer to the end: {ran.why}")
    if ran.exit_code is None or ran.exit_code in _NOT_RUN:
        return Answer(why=f"the image has no program that can be asked for it ({ran.why[:200] or 'not found'})")
    if topic == "variable":
        pairs = (row.partition(b"=") for row in ran.printed.split(b"\0") if row)
        return Answer({name.decode(errors="replace"): _digest(value) for name, _, value in pairs})
    if topic == "file":
        return Answer({path.decode(errors="replace"): told.decode() for told, path in _DIGEST.findall(ran.printed)})
    printed = set(ran.printed.decode(errors="replace").splitlines())
    return Answer({one: "" for one in subjects if _spelled(topic, one) in printed})


def _digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


def _container(pod: Manifest, asked: Asked) -> str:
    """The name of the service's container; "" where that is not clear."""
    names = [text(one.get("name")) for one in mappings(mapping(pod.get("spec")).get("containers"))]
    own = label_from(asked.service)
    if own in names:
        return own
    if asked.is_alone and (asked.node_name in names or len(names) == 1):
        return asked.node_name if asked.node_name in names else names[0]
    return ""


def _status(pod: Manifest, container: str) -> Mapping[str, object]:
    statuses = mappings(mapping(pod.get("status")).get("containerStatuses"))
    return next((one for one in statuses if one.get("name") == container), {})


def _state(pod: Manifest, container: str) -> bool:
    """Whether it runs."""
    return "running" in mapping(_status(pod, container).get("state"))


def _times(pods: Sequence[Manifest], asked: Asked) -> Times:
    started, ready, ended, again = [], [], [], False
    for pod in pods:
        status = _status(pod, _container(pod, asked))
        state = mapping(status.get("state"))
        again = again or status.get("restartCount") not in (0, None)
        over = mapping(state.get("terminated"))
        started.append(_seconds(mapping(state.get("running")).get("startedAt") or over.get("startedAt")))
        if over.get("exitCode") == 0:
            ended.append(_seconds(over.get("finishedAt")))
        for condition in mappings(mapping(pod.get("status")).get("conditions")):
            if condition.get("type") == "Ready" and condition.get("status") == "True":
                ready.append(_seconds(condition.get("lastTransitionTime")))
    return Times(_first(started), _first(ready), _first(ended), again)


def _seconds(value: object) -> float | None:
    try:
        return datetime.fromisoformat(text(value)).timestamp()
    except ValueError:
        return None


def _first(values: Sequence[float | None]) -> float | None:
    return min((one for one in values if one is not None), default=None)
