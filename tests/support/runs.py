"""A workflow, its environment and its runs on a real cluster, for tests."""

from __future__ import annotations

import base64
from typing import Any

from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.people import Person
from tests.support.wait import until
from tests.support.workflows import a_workflow, an_environment

ENDED = ("succeeded", "failed", "canceled")
"""The states that a run never leaves."""


class Bench:
    """One workflow with one environment in a namespace of its own."""

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
        answer = self.person.post(
            f"workflows/{self.workflow['id']}/runs", {"environment": self.environment["id"], **options}
        )
        assert answer.status == 202, answer.body
        return dict(answer.body)

    def run(self, run: dict[str, Any]) -> dict[str, Any]:
        return dict(self.person.get(f"runs/{run['id']}").body)

    def until(self, run: dict[str, Any], *states: str, timeout_s: float = 30) -> dict[str, Any]:
        """Wait for one of the states; an end that is none of them fails at once."""

        def reached() -> Any:
            now = self.run(run)
            assert now["state"] in states or now["state"] not in ENDED, now
            return now if now["state"] in states else None

        return dict(until(reached, timeout_s=timeout_s, what=f"run {run['number']} is {' or '.join(states)}"))

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


def states(run: dict[str, Any]) -> dict[str, str]:
    """The state of each step of a run by the node it belongs to."""
    return {step["node_id"]: step["state"] for step in run["steps"]}


def decoded(data: dict[str, str] | None) -> dict[str, str]:
    """The values of a Secret as text."""
    return {key: base64.b64decode(value).decode() for key, value in (data or {}).items()}


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
