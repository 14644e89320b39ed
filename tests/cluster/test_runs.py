"""Runs on a real API server, end to end: request → job → worker → server-side apply → health."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId

from tests.support.django_setup import configure

configure()

from tests.support.control_plane import ControlPlane
from tests.support.people import Person
from tests.support.wait import until
from tests.support.workflows import a_node, an_edge, an_environment


@pytest.fixture
def person(mongo: Any) -> Person:
    from tests.support.people import a_user

    return a_user("admin")


@pytest.fixture
def cluster(mongo: Any, control_plane: ControlPlane) -> str:
    """The control plane, registered as the sandbox cluster; its id."""
    from clusters import actions

    return str(actions.register_sandbox(control_plane.kubeconfig))


@pytest.fixture
def worker(mongo: Any) -> Iterator[None]:
    """The product's own worker, in a thread."""
    from kubeorch.handlers import HANDLERS
    from kubeorch.jobs.worker import Worker

    running = Worker(HANDLERS)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield
    running.stop()
    thread.join(30)


class Bench:
    """One workflow with one environment in a namespace of its own."""

    def __init__(self, person: Person, cluster: str, control_plane: ControlPlane, namespace: str) -> None:
        from tests.support.workflows import a_workflow

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
        answer = self.person.post(
            f"workflows/{self.workflow['id']}/runs", {"environment": self.environment["id"], **options}
        )
        assert answer.status == 202, answer.body
        return dict(answer.body)

    def run(self, run: dict[str, Any]) -> dict[str, Any]:
        return dict(self.person.get(f"runs/{run['id']}").body)

    def until(self, run: dict[str, Any], *states: str, timeout_s: float = 30) -> dict[str, Any]:
        """Wait for one of the states; an end that is none of them fails at once."""
        ends = ("succeeded", "failed", "canceled")

        def reached() -> Any:
            now = self.run(run)
            assert now["state"] in states or now["state"] not in ends, now
            return now if now["state"] in states else None

        return dict(until(reached, timeout_s=timeout_s, what=f"run {run['number']} is {' or '.join(states)}"))

    def applied(self, **options: Any) -> dict[str, Any]:
        """Start a run and let it be proven, as the watcher would."""
        run = self.until(self.start(**options), "verifying", "succeeded")
        if run["state"] == "verifying":
            self.see_all_healthy()
        return self.until(run, "succeeded")

    def see_all_healthy(self) -> None:
        from workflows.run_actions import settle_from_health

        observe(self.environment["id"], "healthy")
        settle_from_health(ObjectId(self.environment["id"]))

    def get(self, api_version: str, kind: str, name: str) -> Any:
        return self.plane.get(api_version, kind, name, self.namespace)

    def owned(self) -> list[str]:
        rows = self.person.get(f"environments/{self.environment['id']}/inventory").body["results"]
        return sorted(f"{row['ref']['kind']}/{row['ref']['name']}" for row in rows)


def observe(environment_id: str, health: str, reason: str = "") -> None:
    """Live objects as a watcher would write them for everything that is applied."""
    from clusters.domain.objects import ref_from_json
    from kubeorch.base.clock import now
    from kubeorch.mongo.client import db

    for row in db().inventory.find({"environment_id": ObjectId(environment_id), "state": "applied"}):
        db().live_objects.replace_one(
            {"_id": f"{row['cluster_id']}/{ref_from_json(row['ref']).key}"},
            {
                "cluster_id": row["cluster_id"],
                "environment_id": row["environment_id"],
                "node_id": row["node_id"],
                "ref": row["ref"],
                "uid": row["uid"],
                "resource_version": row["resource_version"],
                "health": health,
                "reason": reason,
                "observed_at": now(),
                "stale_since": None,
            },
            upsert=True,
        )


@pytest.fixture
def bench(person: Person, cluster: str, control_plane: ControlPlane) -> Bench:
    return Bench(person, cluster, control_plane, control_plane.namespace("runs"))


pytestmark = pytest.mark.usefixtures("worker")


def test_a_drawn_deployment_stands_in_the_cluster_and_the_run_awaits_its_health(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=2))
    run = bench.until(bench.start(), "verifying")
    live = bench.get("apps/v1", "Deployment", "web")
    assert live["spec"]["replicas"] == 2
    assert live["metadata"]["labels"]["kubeorch.dev/environment"] == bench.environment["id"]
    assert run["counts"] == {"total": 1, "done": 1, "failed": 0, "skipped": 0, "unchanged": 0}
    assert run["deadline_at"] is not None
    step = run["steps"][0]
    assert (step["state"], step["action"], step["node_id"]) == ("done", "apply", "web")
    bench.see_all_healthy()
    ended = bench.until(run, "succeeded")
    assert ended["duration_s"] > 0
    workflow = bench.person.get(f"workflows/{bench.workflow['id']}").body
    assert workflow["last_run"]["state"] == "succeeded"
    assert workflow["environments"][0]["deployed"]["version"] == 1
    assert workflow["environments"][0]["active_run"] is None
