"""A whole running copy of the product, and its workflows on a real node, over its HTTP API alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support import stack as stacks
from tests.support.node.configuration import NODE
from tests.support.node.node import Node
from tests.support.runs import Bench
from tests.support.stack import Answer, Stack
from tests.support.wait import until

RUN_S = 180.0
"""A run on containers that really start, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody signed in, as `tests.support.people.Person` is without a network."""

    stack: Stack

    def get(self, path: str) -> Answer:
        return self.stack.api("GET", f"/api/v1/{path}")

    def post(self, path: str, body: Any = None) -> Answer:
        return self.stack.api("POST", f"/api/v1/{path}", {} if body is None else body)

    def put(self, path: str, body: Any) -> Answer:
        return self.stack.api("PUT", f"/api/v1/{path}", body)

    def patch(self, path: str, body: Any) -> Answer:
        return self.stack.api("PATCH", f"/api/v1/{path}", body)


class NodeBench(Bench):
    """One workflow with one environment; the product's own watcher says what is healthy."""

    plane: Node
    every_s = 0.3

    def state_of(self, run: dict[str, Any]) -> str:
        return str(self.run(run)["state"])

    def deployed(self, **options: Any) -> dict[str, Any]:
        """Run it until it has succeeded."""
        return self.until(self.start(**options), "succeeded", timeout_s=RUN_S)

    def status(self, node_id: str) -> dict[str, Any]:
        """What the card of a node shows now; empty before it shows anything."""
        answer = self.person.get(f"environments/{self.environment['id']}/status")
        assert answer.status == 200, answer.body
        return dict(answer.body["data"].get(f"node:{node_id}") or {})

    def pods(self, name: str = "", *, ending: bool = False) -> list[dict[str, Any]]:
        """The pods of the node of that name, or of all; without those that are about to end unless `ending`."""
        labels = f"kubeorch.dev/environment={self.environment['id']}" + (f",kubeorch.dev/node={name}" if name else "")
        found = self.plane.list("v1", "Pod", self.namespace, f"labelSelector={quote(labels)}")
        return [one for one in found if ending or "deletionTimestamp" not in one["metadata"]]


@dataclass(frozen=True, slots=True)
class Product:
    """The running copy with the node as its cluster."""

    person: Caller
    cluster: str
    node: Node

    def put_node_right(self) -> None:
        """Have pods come to the node again, whatever a test has left of it. Fails where it will not be put right."""
        if not (self.node.get("v1", "Node", NODE) or {})["spec"].get("unschedulable"):
            return
        path = f"clusters/{self.cluster}/nodes/{NODE}"
        if self._is_drained(path):
            self.person.post(f"{path}/drain/cancel")
            until(
                lambda: not self._is_drained(path),
                every_s=0.2,
                what=f"the drain that a test has left ends; until then {NODE} takes no pod of any test",
            )
        opened = self.person.post(f"{path}/uncordon")
        assert opened.status == 200, f"{NODE} was left cordoned and takes no pod of any test: {opened.body}"
        until(self.node.is_node_ready, what=f"{NODE} takes pods again after it was uncordoned")

    def _is_drained(self, path: str) -> bool:
        drain = self.person.get(path).body["drain"]
        return drain is not None and drain["state"] == "running"

    def bench(self, prefix: str = "node", *, namespace: str = "") -> NodeBench:
        """A new workflow; in a namespace of its own unless one is given."""
        return NodeBench(self.person, self.cluster, self.node, namespace or self.node.namespace(prefix))


@contextmanager
def running(data_dir: Path, node: Node, environ: Mapping[str, str]) -> Iterator[Product]:
    """A copy that somebody has registered with, and that watches the node; `environ` as `stack.launch` has it."""
    stack = stacks.start(data_dir, sandbox=False, environ=environ)
    try:
        stack.register("ada@example.test")
        person = Caller(stack)
        answer = person.post("clusters", {"name": "node", "kubeconfig": node.kubeconfig})
        assert answer.status == 201, answer.body
        path = f"clusters/{answer.body['id']}"
        until(lambda: person.get(path).body["state"] == "ready", every_s=0.2, what=f"{path} is ready; see {stack.log}")
        yield Product(person, answer.body["id"], node)
    finally:
        stack.stop()
