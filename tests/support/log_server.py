"""An API server with pods and logs as a test wants them, on loopback: also logs that end where no line does."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from clusters.kube.client import KubeClient
from tests.support.hostile_api_server import Visit, credentials_for, head, hostile_api_server
from tests.support.wait import PATIENCE_S


class LogServer:
    """`put` says what a pod is like; each reading of a log takes the next of its `readings`."""

    def __init__(self) -> None:
        self.pods: dict[str, dict[str, Any]] = {}
        self.others: dict[str, dict[str, Any]] = {}
        """Objects of other kinds by name, of which no watch tells."""
        self.readings: dict[str, list[list[bytes]]] = {}
        """By container: what is sent, piece by piece; the log ends after them. Without any it goes on in silence."""
        self.queries: list[dict[str, str]] = []
        self.looks = 0
        """How often a pod was read."""
        self.before_look: dict[int, dict[str, Any]] = {}
        """What a pod is like from that look on, counted from 1, of which its watch does not tell."""
        self.may_answer = threading.Event()
        """Logs are sent once it is set."""
        self.may_answer.set()
        self._version = 100
        self._watches: list[tuple[str, queue.Queue[bytes]]] = []

    def put(self, pod: dict[str, Any]) -> dict[str, Any]:
        name = pod["metadata"]["name"]
        kind = "MODIFIED" if name in self.pods else "ADDED"
        self._version += 1
        pod["metadata"]["resourceVersion"] = str(self._version)
        self.pods[name] = pod
        for chosen, watch in self._watches:
            if chosen in ("", name):
                watch.put(_event(kind, pod))
        return pod

    def answer(self, visit: Visit) -> None:
        while visit.read_request():
            parts = urlsplit(visit.head.split()[1].decode())
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path.endswith("/log"):
                self._log(visit, query)
                return
            if "watch" in query:
                self._watch(visit, query)
                return
            self.looks += 1
            if change := self.before_look.get(self.looks):
                self.pods[change["metadata"]["name"]] = change
            name = parts.path.rpartition("/")[2]
            found = self.pods.get(name) or self.others.get(name)
            visit.answer(
                json.dumps(found or {"kind": "Status"}).encode(), status="200 OK" if found else "404 Not Found"
            )

    def _log(self, visit: Visit, query: dict[str, str]) -> None:
        self.queries.append(query)
        visit.send(head("200 OK", "text/plain", "Transfer-Encoding: chunked"))
        self.may_answer.wait(PATIENCE_S)
        waiting = self.readings.get(query["container"])
        for piece in waiting.pop(0) if waiting else ():
            visit.send(_chunk(piece))
        if waiting is None:
            visit.stop.wait()
        visit.send(b"0\r\n\r\n")

    def _watch(self, visit: Visit, query: dict[str, str]) -> None:
        events: queue.Queue[bytes] = queue.Queue()
        chosen = query.get("fieldSelector", "").removeprefix("metadata.name=")
        for name, pod in list(self.pods.items()):
            if chosen in ("", name):
                events.put(_event("ADDED", pod))
        annotations = {"k8s.io/initial-events-end": "true"}
        events.put(
            _event("BOOKMARK", {"metadata": {"resourceVersion": str(self._version), "annotations": annotations}})
        )
        self._watches.append((chosen, events))
        visit.send(head("200 OK", "application/json", "Transfer-Encoding: chunked"))
        while not visit.stop.is_set():
            try:
                visit.send(_chunk(events.get(timeout=0.1)))
            except queue.Empty:
                continue


@contextmanager
def log_server() -> Iterator[tuple[LogServer, KubeClient]]:
    server = LogServer()
    with hostile_api_server(server.answer) as listening:
        client = KubeClient(credentials_for(listening.server))
        try:
            yield server, client
        finally:
            client.close()


def a_pod(name: str, uid: str, *containers: str, ended: bool = False) -> dict[str, Any]:
    """A pod whose containers run, or have ended."""
    state: dict[str, Any] = {"running": {}}
    if ended:
        state = {"terminated": {"containerID": f"cri://{uid}", "exitCode": 0}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "uid": uid},
        "spec": {"containers": [{"name": one} for one in containers]},
        "status": {
            "phase": "Succeeded" if ended else "Running",
            "containerStatuses": [{"name": one, "containerID": f"cri://{uid}", "state": state} for one in containers],
        },
    }


def _event(kind: str, found: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": found}).encode() + b"\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
