"""Leases of clusters, and what is said of statuses nobody keeps up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect

from clusters import actions
from clusters.domain.diagnosis import ObservedNode
from clusters.domain.health import Health, State
from clusters.domain.objects import Ref
from clusters.domain.projection import project
from clusters.kube.informers import KindOf
from clusters.watching.contract import NodeChange, NodeKey, WatchView
from clusters.watching.runner import ClusterRunner, Probing
from kubeorch.base.clock import now
from kubeorch.mongo import lease
from tests.support.tls_api_server import tls_api_server
from tests.support.wait import until
from workflows.statuses import store
from workflows.statuses.recorder import NodeStatuses
from workflows.statuses.unwatched import note_unwatched


def test_a_lease_has_one_holder_until_it_is_released_or_expires(mongo: Any) -> None:
    first = lease.acquire("watcher:x", "a", ttl_s=10)
    assert first is not None
    assert lease.acquire("watcher:x", "b") is None
    assert first.renew()
    assert first.is_safe()
    first.release()
    second = lease.acquire("watcher:x", "b", ttl_s=10)
    assert second is not None
    assert not first.renew()
    mongo.leases.update_one({"_id": "watcher:x"}, {"$set": {"until": now() - timedelta(seconds=1)}})
    assert not second.renew(), "one that ran out is not brought back: others may have it by now"
    third = lease.acquire("watcher:x", "c")
    assert third is not None
    first.release()
    assert third.renew(), "giving back what is no longer ours takes nothing from the next holder"


def test_a_lease_not_renewed_in_time_is_not_safe_to_write_under() -> None:
    held = lease.Lease("watcher:x", "token", 10.0, _renewed_at=0.0)
    assert not held.is_safe()


class Forgetful:
    """A listener without environments, whose first one finds the database away."""

    begun = 0
    ended = 0

    def __init__(self, _: ObjectId) -> None:
        pass

    def begin(self, view: WatchView) -> None:
        Forgetful.begun += 1
        if Forgetful.begun == 1:
            raise AutoReconnect("the database is away")

    def end(self) -> None:
        Forgetful.ended += 1

    def namespaces(self) -> list[str]:
        return []

    def namespace_of(self, environment_id: str) -> str | None:
        return None

    def kinds(self) -> list[KindOf]:
        return []

    def nodes(self) -> list[NodeKey]:
        return []

    def record(self, changes: Sequence[NodeChange], stale_since: datetime | None) -> None: ...

    def written(self, changes: Sequence[NodeChange]) -> None: ...

    def mark_stale(self, since: datetime | None) -> None: ...


def test_a_watch_that_an_error_ended_is_started_again_and_the_lease_given_back_at_the_end(
    mongo: Any, tmp_path: Path
) -> None:
    with tls_api_server(tmp_path) as server:
        cluster_id = actions.register_sandbox(server.kubeconfig())
        held = lease.acquire(f"watcher:{cluster_id}", "a", ttl_s=600)
        assert held is not None
        runner = ClusterRunner(cluster_id, held, Forgetful, Probing(every_s=0.1))
        runner.start()
        until(lambda: Forgetful.begun == 2, what="a second watch")
        assert Forgetful.ended == 1
        runner.stop()
        until(lambda: lease.acquire(f"watcher:{cluster_id}", "b"), what="the lease is free")
        assert Forgetful.ended == 2


class View:
    """What a listener asks of a watch, with fixed answers."""

    def __init__(self, cluster_id: ObjectId) -> None:
        self.cluster_id = cluster_id
        self.marked: list[NodeKey] = []
        self.gone: set[str] = set()

    def why_unobservable(self, ref: Ref) -> str | None:
        return "no rights" if ref.kind == "Widget" else None

    def was_deleted(self, ref: Ref) -> bool:
        return ref.key in self.gone

    def mark(self, key: NodeKey, *, in_s: float = 0.0) -> None:
        self.marked.append(key)

    def may_write(self) -> bool:
        return True


ENVIRONMENT = {"_id": ObjectId(), "team_id": ObjectId(), "cluster_id": ObjectId(), "namespace": "shop"}


@pytest.fixture
def environment(mongo: Any) -> None:
    mongo.environments.insert_one(dict(ENVIRONMENT))


def a_change(version: str = "5", reason: str = "present", *, there: bool = True) -> NodeChange:
    manifest = {"metadata": {"name": "conf", "namespace": "shop", "uid": "u", "resourceVersion": version}}
    seen, health = project("v1", "ConfigMap", manifest), Health(State.HEALTHY, reason)
    judged = ObservedNode(health, objects=((seen, health),)) if there else ObservedNode(Health(State.UNKNOWN, ""))
    return NodeChange(NodeKey(str(ENVIRONMENT["_id"]), "conf"), judged)


def own(mongo: Any, kind: str = "ConfigMap", state: str = "applied", age_s: float = 60) -> None:
    mongo.inventory.insert_one(
        {
            "environment_id": ENVIRONMENT["_id"],
            "cluster_id": ENVIRONMENT["cluster_id"],
            "node_id": "conf",
            "ref": Ref("v1", kind, "shop", "conf").as_json(),
            "state": state,
            "applied_at": now() - timedelta(seconds=age_s),
        }
    )


@pytest.fixture
def keeping(mongo: Any, environment: None) -> Any:
    def begin() -> tuple[NodeStatuses, View]:
        recorder = NodeStatuses(ENVIRONMENT["cluster_id"], lambda environment_id: None)
        view = View(ENVIRONMENT["cluster_id"])
        recorder.begin(view)
        started.append(recorder)
        return recorder, view

    started: list[NodeStatuses] = []
    yield begin
    for recorder in started:
        recorder.end()


def shown() -> Any:
    return store.snapshot(ENVIRONMENT["_id"]).get("node:conf")


def test_a_run_is_judged_once_live_objects_has_what_was_seen(environment: None) -> None:
    judged: list[ObjectId] = []
    recorder = NodeStatuses(ENVIRONMENT["cluster_id"], judged.append)
    recorder.begin(View(ENVIRONMENT["cluster_id"]))
    try:
        ours, other = a_change(), a_change()._replace(key=NodeKey(str(ObjectId()), "conf"))
        recorder.record([ours], None)
        recorder.written([other])
        until(lambda: judged)
        recorder.written([ours])
        until(lambda: len(judged) > 1)
        assert [str(found) for found in judged] == [other.key.environment_id, ours.key.environment_id]
    finally:
        recorder.end()


def test_a_status_is_published_only_when_something_visible_changed(mongo: Any, keeping: Any) -> None:
    recorder, _ = keeping()
    recorder.record([a_change("5")], None)
    recorder.record([a_change("6")], None)
    assert mongo.events.count_documents({}) == 1
    recorder.record([a_change("7", "changed")], None)
    assert mongo.events.count_documents({}) == 2
    told = mongo.events.find_one(sort=[("_id", -1)])
    assert told["data"] == shown()
    assert told["rev"] == shown()["rev"]


@pytest.mark.parametrize(
    ("kind", "state", "age_s", "health"),
    [
        ("ConfigMap", "applied", 60, "missing"),
        ("ConfigMap", "applied", 0, "progressing"),
        ("ConfigMap", "intended", 60, None),
        ("ConfigMap", "deleting", 60, None),
        ("Widget", "applied", 60, "unknown"),
    ],
)
def test_a_missing_object_gets_its_status_from_the_inventory(
    mongo: Any, keeping: Any, kind: str, state: str, age_s: float, health: str | None
) -> None:
    own(mongo, kind, state, age_s)
    recorder, _ = keeping()
    recorder.record([a_change(there=False)], None)
    assert (shown() or {}).get("health") == health


def test_a_watcher_that_was_suspended_does_not_overwrite_its_successors_statuses(mongo: Any, keeping: Any) -> None:
    slept, view = keeping()
    slept.record([a_change("5", "old")], None)
    awake, _ = keeping()
    awake.record([a_change("9", "new")], None)
    events = mongo.events.count_documents({})
    slept.record([a_change("6", "older than it thinks")], None)
    assert shown()["reason"] == "new"
    assert mongo.events.count_documents({}) == events
    assert view.marked


def test_statuses_of_an_unwatched_cluster_become_stale_with_one_event(mongo: Any, keeping: Any) -> None:
    recorder, _ = keeping()
    recorder.record([a_change()], None)
    held = lease.acquire(f"watcher:{ENVIRONMENT['cluster_id']}", "a")
    assert held is not None
    note_unwatched()
    assert shown()["stale_since"] is None
    mongo.leases.update_many({}, {"$set": {"until": now() - timedelta(seconds=30)}})
    before = shown()["rev"]
    note_unwatched()
    note_unwatched()
    assert shown()["stale_since"] is not None
    assert shown()["rev"] == before + 1
    told = mongo.events.find_one(sort=[("_id", -1)])
    assert told["data"] == shown()
    again, _ = keeping()
    again.mark_stale(None)
    assert shown()["stale_since"] is None
