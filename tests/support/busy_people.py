"""People who keep working on a running copy while parts of it fail; what was accepted is noted."""

from __future__ import annotations

import contextlib
import json
import threading
import urllib.parse
import urllib.request
from typing import Any

from tests.support.runs import ENDED
from tests.support.stack import Stack
from tests.support.wait import PATIENCE_S, until
from tests.support.workflows import a_config_map


class Saver(threading.Thread):
    """Somebody who keeps saving one workflow, each time with the next number in it; what was accepted is noted."""

    def __init__(self, stack: Stack, workflow_id: str, size: int = 100) -> None:
        super().__init__(daemon=True)
        self.stack = stack
        self.path = f"/api/v1/workflows/{workflow_id}/graph"
        self.size = size
        self.accepted: list[tuple[int, int]] = []
        """(rev, number)"""
        self.refusals: list[Any] = []
        self.strange: list[Any] = []
        self.ending = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.ending.is_set():
            number += 1
            try:
                before = self.stack.api("GET", self.path)
                if before.status == 200:
                    nodes = [a_config_map("one", number=str(number), filling="x" * self.size)]
                    self._note(
                        number,
                        self.stack.api("PUT", self.path, {"rev": before.body["rev"], "nodes": nodes, "edges": []}),
                    )
                else:
                    self._refused(before)
            except OSError as error:  # the web process is away: nothing was accepted
                self.refusals.append(error)
                self.ending.wait(0.05)

    def _note(self, number: int, answer: Any) -> None:
        if answer.status == 200:
            self.accepted.append((answer.body["rev"], number))
        else:
            self._refused(answer)

    def _refused(self, answer: Any) -> None:
        is_sentence = answer.headers.get("Content-Type") == "application/problem+json" and answer.body["detail"]
        (self.refusals if answer.status == 503 and is_sentence else self.strange).append(answer)

    def stop(self) -> None:
        self.ending.set()
        self.join(PATIENCE_S)
        assert not self.is_alive()

    def wait_for_more(self) -> None:
        """Return when three more saves have been accepted."""
        seen = len(self.accepted)
        until(lambda: len(self.accepted) > seen + 2, what="more saves are accepted")

    def check(self) -> None:
        """The graph holds what was accepted last, or a later save of which the answer was lost."""
        assert self.strange == []
        graph = self.stack.api("GET", self.path).body
        rev, number = self.accepted[-1]
        revs = [rev for rev, _ in self.accepted]
        assert revs == sorted(set(revs)), "no revision is given twice"
        assert graph["rev"] >= rev
        assert int(graph["nodes"][0]["parameters"]["data"]["number"]) >= number


class Runner(threading.Thread):
    """Somebody who keeps starting runs of four workflows in turn; the accepted ones are noted.

    At most `MOST_OPEN` are open at once: a slow machine is not buried under runs that nobody can finish.
    """

    MOST_OPEN = 8

    def __init__(self, stack: Stack, mark: str) -> None:
        super().__init__(daemon=True)
        self.stack = stack
        self.mark = mark
        self.accepted: dict[str, str] = {}
        """Ids of environments by the ids of their runs."""
        self.strange: list[Any] = []
        self.ending = threading.Event()
        cluster = stack.sandbox()["id"]
        nodes = [a_config_map(f"one-{number}", a="1") for number in range(4)]
        self.workflows = [
            stack.create_workflow(
                f"{mark} {number}",
                graph={"nodes": nodes, "edges": []},
                environment={"name": "dev", "cluster": cluster, "namespace": f"{mark}-{number}"},
            )
            for number in range(4)
        ]
        self._open: list[str] = []

    @property
    def environments(self) -> list[str]:
        return [workflow["environments"][0]["id"] for workflow in self.workflows]

    def run(self) -> None:
        number = 0
        while not self.ending.is_set():
            with contextlib.suppress(OSError):
                if len(self._open) < self.MOST_OPEN:
                    number += 1
                    self._start_run(number)
                else:
                    self._open = [run for run in self._open if self._ended(run) is None]
            self.ending.wait(0.3)

    def _start_run(self, number: int) -> None:
        chosen = self.workflows[number % len(self.workflows)]
        environment = chosen["environments"][0]["id"]
        body = {"environment": environment, "idempotency_key": f"{self.mark}-{number}"}
        answer = self.stack.api("POST", f"/api/v1/workflows/{chosen['id']}/runs", body)
        if answer.status == 202:
            self.accepted[answer.body["id"]] = environment
            self._open.append(answer.body["id"])
        elif answer.status != 503:
            self.strange.append(answer)

    def wait_for_more(self) -> None:
        """Return when another run has been accepted in every environment."""
        seen = set(self.accepted)
        until(
            lambda: {self.accepted[run] for run in list(self.accepted) if run not in seen} == set(self.environments),
            timeout_s=120,
            what="another run is accepted in every environment",
        )

    def stop(self) -> None:
        self.ending.set()
        self.join(PATIENCE_S)
        assert not self.is_alive()

    def check(self) -> None:
        """Every accepted run is there, and ends."""
        assert self.strange == []
        assert self.accepted
        for run in self.accepted:
            ended = until(lambda run=run: self._ended(run), every_s=0.2, what=f"run {run} ends")  # type: ignore[misc]
            assert ended["state"] == "succeeded", ended

    def _ended(self, run: str) -> Any:
        answer = self.stack.api("GET", f"/api/v1/runs/{run}")
        if answer.status == 503:
            return None
        assert answer.status == 200, f"an accepted run is there: {answer}"
        return answer.body if answer.body["state"] in ENDED else None


class Follower(threading.Thread):
    """A script on the event stream that comes back with Last-Event-ID, as browsers do."""

    def __init__(self, stack: Stack, topic: str) -> None:
        super().__init__(daemon=True)
        self.url = f"{stack.url}/api/v1/live?topic={topic}"
        self.token = stack.token
        self.values: dict[str, Any] = {}
        self.last_id = ""
        self.ending = threading.Event()
        self.connections = 0

    def run(self) -> None:
        while not self.ending.is_set():
            request = urllib.request.Request(self.url, headers={"Authorization": f"Bearer {self.token}"})
            if self.last_id:
                request.add_header("Last-Event-ID", self.last_id)
            with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(request, timeout=20) as answer:
                self.connections += 1
                self._read(answer)
            self.ending.wait(0.2)

    def _read(self, answer: Any) -> None:
        for raw in answer:
            line = raw.decode().rstrip("\n")
            if self.ending.is_set():
                return
            if line.startswith("id: "):
                self.last_id = line[4:]
            elif line.startswith("data: "):
                frame = json.loads(line[6:])
                if frame["type"] == "snapshot":
                    self.values = dict(frame["data"])
                else:
                    self.values.update(frame.get("data") or {})
