"""A workflow, its environment and its runs on a real cluster, for tests."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.people import Person
from tests.support.wait import PATIENCE_S, until
from tests.support.watching import FixedView
from tests.support.workflows import a_workflow, an_environment

ENDED = ("succeeded", "failed", "canceled", "superseded", "rolled_back")
"""The states that a run leaves only when it is tried again or rolled back."""


class Bench:
    """One workflow with one environment in a namespace of its own."""

    every_s = 0.02
    """Between two looks at a run."""

    def __init__(self, person: Person, cluster: str, control_plane: ControlPlane, namespace: str) -> None:
        self.person = person
        self.plane = control_plane
        self.namespace = namespace
        self.workflow = a_workflow(person)
        self.environment = an_environment(person, self.workflow, cluster, namespace)

    def draw(self, *nodes: dict[str, Any], edges: tuple[dict[str, Any], ...] = ()) -> None:
        rev = self.person.get(f"workflows/{self.workflow['id']}/graph").body["rev"]
        answer = self.person.put(
            f"workflows/{self.workflow['id']}/graph", {"rev": rev, "nodes": list(nodes), "edges": list(edges)}
        )
        assert answer.status == 200, answer.body

    def start(self, **options: Any) -> dict[str, Any]:
        """Start a run, and say yes to what it would delete unless `confirm_deletions` is given."""
        answer = self.ask(**options)
        if answer.status == 409 and answer.body["code"] == "run.deletions_unconfirmed":
            answer = self.ask(**{"confirm_deletions": len(answer.body["deletions"]), **options})
        assert answer.status == 202, answer.body
        return dict(answer.body)

    def ask(self, **options: Any) -> Any:
        """The answer to a person who asks for a run."""
        return self.person.post(
            f"workflows/{self.workflow['id']}/runs", {"environment": self.environment["id"], **options}
        )

    def run(self, run: dict[str, Any]) -> dict[str, Any]:
        return dict(self.person.get(f"runs/{run['id']}").body)

    def state_of(self, run: dict[str, Any]) -> str:
        """Its state, at a tenth of what a request costs."""
        from kubeorch.mongo.client import db

        return str((db().runs.find_one({"_id": ObjectId(run["id"])}, {"state": 1}) or {})["state"])

    def until(self, run: dict[str, Any], *states: str, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        """Wait for one of the states; an end that is none of them fails at once."""

        def reached() -> Any:
            state = self.state_of(run)
            if state not in states and state not in ENDED:
                return None
            now = self.run(run)
            assert now["state"] in states or now["state"] not in ENDED, now
            return now if now["state"] in states else None

        what = f"run {run['number']} is {' or '.join(states)}"
        return dict(until(reached, timeout_s=timeout_s, every_s=self.every_s, what=what))

    def due_at(self, run: dict[str, Any]) -> datetime:
        """When the run's job is due, or was due when it was claimed last. Waking a job makes it due at once."""
        from kubeorch.mongo.client import db

        [job] = db().jobs.find({"type": "workflows.run", "payload.run_id": run["id"]}).sort("_id", -1).limit(1)
        found: datetime = job["run_at"]
        return found

    def applied(self, **options: Any) -> dict[str, Any]:
        """Start a run and let it be proven, as the watcher would."""
        run = self.until(self.start(**options), "verifying", "succeeded")
        if run["state"] == "verifying":
            self.see_all_healthy()
        return self.until(run, "succeeded")

    def see_all_healthy(self) -> None:
        from workflows.runs.outcome import settle_from_health

        observe(self.environment["id"], "healthy")
        settle_from_health(ObjectId(self.environment["id"]))

    def get(self, api_version: str, kind: str, name: str) -> Any:
        return self.plane.get(api_version, kind, name, self.namespace)

    def release(self, name: str) -> None:
        """Take away the finalizer of a ConfigMap, as the controller does that has set it."""
        self.plane.call(
            "PATCH",
            f"/api/v1/namespaces/{self.namespace}/configmaps/{name}?fieldManager=holder",
            b'{"metadata":{"finalizers":null}}',
            content_type="application/merge-patch+json",
        )

    def owned(self) -> list[str]:
        rows = self.person.get(f"environments/{self.environment['id']}/inventory").body["results"]
        return sorted(f"{row['ref']['kind']}/{row['ref']['name']}" for row in rows)


def let_deadline_pass(run_id: str) -> None:
    """The deadline of a run that waits for health passes now."""
    from kubeorch.base.clock import now
    from kubeorch.mongo.client import db
    from workflows.runs.outcome import fail_at_deadline

    passed = {"deadline_at": now(), "gives_up_early": False}
    db().runs.update_one({"_id": ObjectId(run_id), "state": "verifying"}, {"$set": passed})
    fail_at_deadline(ObjectId(run_id))


def states(run: dict[str, Any]) -> dict[str, str]:
    """The state of each step of a run by the node it belongs to."""
    return {step["node_id"]: step["state"] for step in run["steps"]}


def decoded(data: dict[str, str] | None) -> dict[str, str]:
    """The values of a Secret as text."""
    return {key: base64.b64decode(value).decode() for key, value in (data or {}).items()}


def observe(environment_id: str, health: str, reason: str = "", **metadata: str) -> None:
    """Record everything that is applied as observed with this health, by the watcher's own recorder.

    `metadata` replaces what was applied, as an older `resourceVersion` or another `uid`.
    """
    record(environment_id, observation(environment_id, health, reason, **metadata))


def observation(environment_id: str, health: str, reason: str = "", **metadata: str) -> list[Any]:
    """The changes a watch would report: each node with the objects that are applied."""
    from clusters.domain.diagnosis import ObservedNode
    from clusters.domain.health import Health, State
    from clusters.domain.projection import project
    from clusters.watching.contract import NodeChange, NodeKey
    from kubeorch.mongo.client import db

    found = Health(State(health), reason)
    objects: dict[str, list[Any]] = {}
    for row in db().inventory.find({"environment_id": ObjectId(environment_id), "state": "applied"}):
        ref = row["ref"]
        applied = {"uid": row["uid"], "resourceVersion": row["resource_version"], **metadata}
        manifest = {"metadata": {"name": ref["name"], "namespace": ref["namespace"], **applied}}
        objects.setdefault(row["node_id"], []).append((project(ref["api_version"], ref["kind"], manifest), found))
    return [
        NodeChange(NodeKey(environment_id, node_id), ObservedNode(found, objects=tuple(members)))
        for node_id, members in objects.items()
    ]


def record(environment_id: str, changes: list[Any], stale_since: datetime | None = None) -> None:
    """Record changes as a watcher would that has just started."""
    from kubeorch.mongo.client import db
    from workflows.statuses.recorder import NodeStatuses

    environment = db().environments.find_one({"_id": ObjectId(environment_id)})
    if environment is None:
        return  # removed meanwhile, so no watcher would record it either
    recorder = NodeStatuses(environment["cluster_id"], lambda environment_id: None)
    recorder.begin(FixedView(environment["cluster_id"]))
    recorder.record(changes, stale_since)
    recorder.end()
