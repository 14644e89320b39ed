"""Engines in clusters for tests: their routes, and one as it is stored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bson import ObjectId

from builds.domain import build_pods as pods
from tests.support.people import Answer, Person
from tests.support.wait import until

if TYPE_CHECKING:
    from builds.engines.cluster.jobs import Jobs
    from builds.engines.local.place import Trust
    from tests.support.control_plane import ControlPlane

ENGINES = "build-engines/in-clusters"
TRIALS = f"{ENGINES}/tests"


def fields(refused: Answer) -> list[str]:
    return [one["field"] for one in refused.body["errors"]]


def a_row(team: ObjectId | None, cluster: str, name: str = "east") -> dict[str, Any]:
    """An engine as it is stored after its trial."""
    at = dt.datetime.now(dt.UTC)
    nature = {"version": "0.34.2", "platforms": ["linux/arm64/v8", "linux/amd64"], "executor": "oci"}
    return {
        "_id": ObjectId(),
        "team_id": team,
        "name": name,
        "slots": 2,
        "is_default": False,
        "nature": {**nature, "snapshotter": "overlayfs", "network": "host", "process_mode": "no-sandbox"},
        "state": "ok",
        "trouble": None,
        "checked_at": at,
        "created_at": at,
        "created_by": ObjectId(),
        "updated_at": at,
        "rev": 1,
        "cluster": {
            "cluster_id": ObjectId(cluster),
            "namespace": "kubeorch-builds",
            "mode": "rootless",
            "memory_mib": 4096,
            "disk_mib": 20_480,
        },
    }


@dataclass
class Made:
    """An engine whose pods no node takes: they stay as they were made."""

    person: Person
    plane: ControlPlane
    row: Any

    @property
    def jobs(self) -> Jobs:
        from builds.engines.cluster.jobs import jobs_of

        return jobs_of(self.row)

    @property
    def namespace(self) -> str:
        return str(self.row["cluster"]["namespace"])

    @property
    def id(self) -> str:
        return f"service:{self.row['_id']}"

    def begin(self, build: str, attempt: int = 1, **trusts: Trust) -> Any:
        labels = {pods.BUILD_LABEL: build}
        return self.jobs.begin(pods.job_name(build), attempt=attempt, trusts=trusts, labels=labels)

    def names(self) -> list[str]:
        return sorted(one["metadata"]["name"] for one in self.plane.list("batch/v1", "Job", self.namespace))

    def pod_of(self, uid: str) -> dict[str, Any]:
        """Once its controller has made it."""
        selector = f"labelSelector={pods.UID_LABEL}={uid}"
        return dict(until(lambda: self.plane.list("v1", "Pod", self.namespace, selector), what="the Job has a pod")[0])


def an_unplaced_engine(person: Person, plane: ControlPlane) -> Made:
    """In a namespace of its own."""
    from kubeorch.mongo.client import db

    row: Any = a_row(person.team_id, connected(person, plane.kubeconfig))
    row["cluster"]["namespace"] = plane.namespace("builds")
    row["nature"]["platforms"] = ["linux/riscv64"]
    db().build_engines.insert_one(row)
    return Made(person, plane, row)


def connected(person: Person, kubeconfig: str) -> str:
    answer = person.post("clusters", {"name": f"c{ObjectId()}", "kubeconfig": kubeconfig})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])
