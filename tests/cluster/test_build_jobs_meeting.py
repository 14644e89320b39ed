"""Jobs of builds where something else happens at the same moment: quotas that are full, attempts that take over,
clusters that fall silent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from builds.domain import build_pods as pods
from tests.support.cluster_engines import TRIALS, Made, a_row, an_unplaced_engine, connected
from tests.support.control_plane import ControlPlane
from tests.support.fault_proxy import HOLE, door_to
from tests.support.people import Person, a_user
from tests.support.wait import until

pytestmark = pytest.mark.usefixtures("mongo")


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin", name="Anna")


@pytest.fixture
def engine(control_plane: ControlPlane, anna: Person) -> Any:
    made = an_unplaced_engine(anna, control_plane)
    yield made
    for name in made.names():
        control_plane.delete("batch/v1", "Job", name, made.namespace)


def give_room_for(engine: Made, number: int) -> None:
    """Once the API server keeps to it."""
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few", "namespace": engine.namespace}}
    engine.plane.apply({**quota, "spec": {"hard": {"pods": str(number)}}})

    def is_kept() -> bool:
        found = engine.plane.get("v1", "ResourceQuota", "few", engine.namespace)
        return bool(found and found.get("status", {}).get("hard") == {"pods": str(number)})

    until(is_kept, what="the quota is kept to")


def an_order(folder: Path) -> Any:
    from builds.engines.protocol import BuildOrder

    (folder / "Dockerfile").write_text("FROM scratch\n")
    return BuildOrder(str(ObjectId()), 1, folder, "Dockerfile", "")


def following(engine: Made, order: Any, check: Callable[[], None]) -> Any:
    """What an engine says of an order that it has begun."""
    from builds.engines.choosing import engine_in

    building = engine_in(engine.row)
    building.start(order)
    return building.follow(order.name, 0, check)


def test_a_pod_that_fills_the_quota_itself_is_no_refusal(engine: Made) -> None:
    give_room_for(engine, 1)
    job = engine.begin("b1")
    engine.pod_of(job.uid)
    assert "exceeded quota" in until(engine.jobs.why_no_pod, what="the quota is full")
    assert engine.jobs.why_none_comes(job) == ""
    other = engine.begin("b2")
    assert "exceeded quota" in engine.jobs.why_none_comes(other), "its pod has not come"


def test_room_in_a_quota_is_waited_for(engine: Made, tmp_path: Path) -> None:
    give_room_for(engine, 0)
    looks: list[int] = []

    def check() -> None:
        if not looks:
            give_room_for(engine, 1)
        looks.append(1)

    said = next(following(engine, an_order(tmp_path), check))
    assert looks, "it went on after it was refused"
    assert b"in " + engine.namespace.encode() in said.line


def test_a_quota_without_room_ends_a_build_in_words(
    engine: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from builds.engines.cluster.jobs import PodRefused

    monkeypatch.setattr("builds.engines.cluster.engine.FULL_MOST_S", 0.0)
    give_room_for(engine, 0)
    with pytest.raises(PodRefused, match="a quota of the namespace is used up"):
        next(following(engine, an_order(tmp_path), lambda: None))


def test_a_trial_goes_on_with_its_own_pod_where_that_fills_the_quota(
    engine: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    from builds.engines.cluster.testing import try_place

    monkeypatch.setattr("builds.engines.cluster.testing.WHOLE_S", 3.0)
    give_room_for(engine, 1)

    def last() -> tuple[str, str]:
        step = try_place(engine.row["cluster"], str(ObjectId()), "build-trial", "riscv64").steps[-1]
        return step.name, step.code

    assert last() == ("pod", "engine.pod_late"), "no node takes it"
    until(lambda: engine.plane.list("v1", "Pod", engine.namespace), what="the pod of the trial fills the quota")
    assert last() == ("pod", "engine.pod_late")


def test_a_job_that_was_taken_over_after_it_was_seen_is_not_removed(engine: Made) -> None:
    from clusters.kube.errors import ApiConflict

    build = str(ObjectId())
    seen = engine.begin(build)
    assert engine.begin(build, attempt=2).uid == seen.uid
    with pytest.raises(ApiConflict):
        engine.jobs.remove_as_seen(seen)
    engine.jobs.end(build, 1)
    assert engine.names() == [pods.job_name(build)]
    engine.jobs.end(build, 2)
    until(lambda: engine.names() == [], what="it is removed")


def test_each_build_renews_the_policy_of_its_namespace(engine: Made, tmp_path: Path) -> None:
    kind = ("networking.k8s.io/v1", "NetworkPolicy", pods.POLICY, engine.namespace)
    assert engine.plane.get(*kind) is None
    next(following(engine, an_order(tmp_path), lambda: None))
    policy = engine.plane.get(*kind)
    assert policy is not None
    assert policy["spec"] == pods.policy_manifest(engine.namespace)["spec"]


def test_a_trial_ends_with_its_time_wherever_it_is(engine: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builds.engines.cluster.testing.WHOLE_S", 0.0)
    place = {"cluster": str(engine.row["cluster"]["cluster_id"]), "namespace": engine.namespace}
    steps = engine.person.post(TRIALS, place).body["steps"]
    assert [(one["name"], one["code"]) for one in steps] == [("cluster", ""), ("namespace", "cluster.timeout")]
    assert "API server" in steps[-1]["detail"]


def test_silent_clusters_do_not_keep_the_sweep_from_others(
    engine: Made, mongo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from builds.running.leftovers import remove_left_jobs
    from tests.support.people import a_team

    monkeypatch.setattr("builds.running.leftovers.OF_ONE_S", 1.0)
    ended = str(ObjectId())
    engine.begin(ended)
    mongo.build_engines.delete_many({})
    other = a_user("admin", team=a_team("Others"))
    with door_to(engine.plane) as (door, kubeconfig):
        silent = connected(other, kubeconfig)
        for number in range(3):
            mongo.build_engines.insert_one(a_row(other.team_id, silent, f"silent-{number}"))
        mongo.build_engines.insert_one(engine.row)
        door.become(HOLE)
        before = door.accepted
        remove_left_jobs()
        assert door.accepted - before == 1, "one engine of a silent cluster is asked"
        until(lambda: engine.names() == [], what="the job of the other cluster is removed")
        mongo.clusters.update_one({"_id": ObjectId(silent)}, {"$set": {"state": "failed"}})
        remove_left_jobs()
        assert door.accepted - before == 1, "and none of one that is known to be silent"
