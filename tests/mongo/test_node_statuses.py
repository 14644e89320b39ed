"""Statuses of nodes: written when there is something new, published when there is something to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from clusters.domain.diagnosis import ObservedNode
from clusters.domain.ending import Ended
from clusters.domain.health import Health, State
from clusters.domain.objects import Ref
from clusters.domain.projection import project
from clusters.watching.contract import NodeChange, NodeKey
from clusters.watching.leases import lease_name
from kubeorch.base.clock import now
from kubeorch.mongo import lease
from tests.support.wait import until
from tests.support.watching import FixedView
from workflows.environments import inventory_store
from workflows.statuses import store
from workflows.statuses.node_status import OBJECTS_SHOWN
from workflows.statuses.recorder import NodeStatuses
from workflows.statuses.unwatched import note_unwatched

CLUSTER, ENVIRONMENT, TEAM = ObjectId(), ObjectId(), ObjectId()
CONF = NodeKey(str(ENVIRONMENT), "conf")
Begin = Callable[[], tuple[NodeStatuses, FixedView]]


@pytest.fixture
def environment(mongo: Any) -> None:
    mongo.environments.insert_one(
        {"_id": ENVIRONMENT, "team_id": TEAM, "cluster_id": CLUSTER, "namespace": "shop", "workflow_id": ObjectId()}
    )


@pytest.fixture
def begin(environment: None) -> Iterator[Begin]:
    started: list[NodeStatuses] = []

    def begin() -> tuple[NodeStatuses, FixedView]:
        recorder, view = NodeStatuses(CLUSTER, lambda environment_id: None), FixedView(CLUSTER)
        recorder.begin(view)
        started.append(recorder)
        return recorder, view

    yield begin
    for recorder in started:
        recorder.end()


def observed(*names: str, version: str = "5", reason: str = "present", uid: str = "u") -> NodeChange:
    """The node with these ConfigMaps."""
    health = Health(State.HEALTHY, reason)
    objects = []
    for name in names:
        metadata = {"name": name, "namespace": "shop", "uid": f"{uid}-{name}", "resourceVersion": version}
        objects.append((project("v1", "ConfigMap", {"metadata": metadata}), health))
    return NodeChange(CONF, ObservedNode(health, objects=tuple(objects)))


NOTHING = NodeChange(CONF, ObservedNode(Health(State.UNKNOWN, "")))


def own(
    mongo: Any,
    name: str = "conf",
    *,
    kind: str = "ConfigMap",
    version: str = "v1",
    state: str = "applied",
    age_s: float = 60,
    at: str = "5",
) -> None:
    """An inventory row, applied as resourceVersion `at`."""
    ref = Ref(version, kind, "shop", name).as_json()
    row = {
        "environment_id": ENVIRONMENT,
        "cluster_id": CLUSTER,
        "node_id": "conf",
        "ref": ref,
        "uid": f"u-{name}",
        "resource_version": at,
        "state": state,
        "applied_at": now() - timedelta(seconds=age_s),
    }
    mongo.inventory.replace_one({"environment_id": ENVIRONMENT, "ref": ref}, row, upsert=True)


def row(mongo: Any) -> Any:
    return mongo.node_statuses.find_one({"_id": "/".join(CONF)})


def shown() -> Any:
    return store.snapshot(ENVIRONMENT).get("node:conf")


def events(mongo: Any) -> int:
    return int(mongo.events.count_documents({}))


# What is written, and what is published


def test_a_status_is_published_only_when_something_visible_changed(mongo: Any, begin: Begin) -> None:
    recorder, _ = begin()
    recorder.record([observed("conf")], None)
    recorder.record([observed("conf", version="6")], None)
    assert events(mongo) == 1
    recorder.record([observed("conf", version="7", reason="changed")], None)
    assert events(mongo) == 2
    published = mongo.events.find_one(sort=[("_id", -1)])
    assert published["data"] == shown()
    assert published["rev"] == shown()["rev"] == row(mongo)["rev"]


def test_a_new_version_alone_is_not_even_written(mongo: Any, begin: Begin) -> None:
    own(mongo)
    recorder, _ = begin()
    recorder.record([observed("conf")], None)
    before = row(mongo)
    for version in range(6, 20):
        recorder.record([observed("conf", version=str(version))], None)
    assert row(mongo) == before


def test_a_version_that_shows_our_last_apply_is_written_for_the_judge_and_not_published(
    mongo: Any, begin: Begin
) -> None:
    own(mongo, at="5")
    recorder, view = begin()
    recorder.record([observed("conf", version="5")], None)
    recorder.record([observed("conf", version="9")], None)
    assert shown()["objects"][0]["resource_version"] == "5"

    seen = len(view.marked)
    own(mongo, at="9")
    until(lambda: CONF in view.marked[seen:], what="the inventory's change has the node recorded again")
    recorder.record([observed("conf", version="8")], None)
    assert shown()["objects"][0]["resource_version"] == "5", "older than the apply: it shows nothing new"
    recorder.record([observed("conf", version="9")], None)
    assert shown()["objects"][0]["resource_version"] == "9"
    assert row(mongo)["rev"] == shown()["rev"]
    assert events(mongo) == 1
    before = row(mongo)
    recorder.record([observed("conf", version="10")], None)
    assert row(mongo) == before


def test_owned_objects_beyond_those_shown_are_kept_for_the_judge_and_strangers_are_not(
    mongo: Any, begin: Begin
) -> None:
    owned = [f"conf-{number:02}" for number in range(OBJECTS_SHOWN + 5)]
    for name in owned:
        own(mongo, name)
    strangers = [f"a-stranger-{number}" for number in range(50)]
    recorder, _ = begin()
    recorder.record([observed(*owned, *strangers)], None)
    assert [one["ref"]["name"] for one in shown()["objects"]] == owned[:OBJECTS_SHOWN]
    assert [one["ref"]["name"] for _, one, _ in store.objects_in(ENVIRONMENT)] == owned

    late = observed(*owned)
    last = late.observed.objects[-1]
    changed = (*late.observed.objects[:-1], (last[0], Health(State.SUSPENDED, "another reason")))
    recorder.record([NodeChange(CONF, ObservedNode(late.observed.health, objects=changed))], None)
    assert [one["reason"] for _, one, _ in store.objects_in(ENVIRONMENT)][-1] == "another reason"


def test_objects_that_only_carry_our_labels_are_shown_after_our_own_and_bounded(mongo: Any, begin: Begin) -> None:
    own(mongo, "z-ours")
    recorder, _ = begin()
    recorder.record([observed(*(f"a-{number}" for number in range(100)), "z-ours")], None)
    names = [one["ref"]["name"] for _, one, _ in store.objects_in(ENVIRONMENT)]
    assert names[0] == "z-ours"
    assert len(names) == OBJECTS_SHOWN


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
def test_what_is_not_there_is_judged_by_the_inventory(
    mongo: Any, begin: Begin, kind: str, state: str, age_s: float, health: str | None
) -> None:
    own(mongo, kind=kind, state=state, age_s=age_s)
    recorder, _ = begin()
    recorder.record([NOTHING], None)
    assert (shown() or {}).get("health") == health


def an_end(succeeded: bool = True, uid: str = "u-conf") -> NodeChange:
    ref = Ref("batch/v1", "Job", "shop", "conf")
    end = Ended(ref, uid, "2026-01-01T00:00:00Z", succeeded, "complete" if succeeded else "the job failed: too slow")
    return NOTHING._replace(ended=(end,))


@pytest.mark.parametrize(
    ("succeeded", "health", "words"), [(True, "healthy", "completed at 2026"), (False, "failed", "too slow")]
)
def test_how_an_object_ended_is_remembered_when_its_time_to_live_has_removed_it(
    mongo: Any, begin: Begin, succeeded: bool, health: str, words: str
) -> None:
    own(mongo, kind="Job", version="batch/v1")
    recorder, _ = begin()
    recorder.record([an_end(succeeded)], None)
    assert shown()["health"] == health
    assert words in shown()["reason"]
    inventory = mongo.inventory.find_one()
    assert inventory["ended"]["succeeded"] == succeeded
    assert ("completed_at" in inventory) == succeeded
    again, _ = begin()
    again.record([NOTHING], None)
    assert shown()["health"] == health, "a watcher that starts again knows it from the inventory"


def test_the_end_of_the_object_before_says_nothing_about_the_one_that_was_applied(mongo: Any, begin: Begin) -> None:
    own(mongo, kind="Job", version="batch/v1")
    recorder, _ = begin()
    recorder.record([an_end(uid="another")], None)
    assert shown()["health"] == "missing"


def test_a_completion_is_noted_again_when_the_apply_is_recorded_after_it(mongo: Any, begin: Begin) -> None:
    own(mongo, kind="Job", version="batch/v1")
    recorder, view = begin()
    recorder.record([an_end()], None)
    run = {"environment_id": ENVIRONMENT, "number": 1, "fence": 1}
    mongo.inventory.update_one({}, {"$set": {"seq": 0}})
    ref = Ref("batch/v1", "Job", "shop", "conf")
    inventory_store.write([inventory_store.update_of(run, ref, {"uid": "u-conf", "completed_at": None})])
    assert mongo.inventory.find_one()["completed_at"] is None

    def noted_again() -> bool:
        recorder.record([an_end()], None)
        return mongo.inventory.find_one()["completed_at"] is not None

    until(noted_again)
    assert view.marked


def test_a_run_is_settled_after_the_status_is_written_whether_or_not_it_changed(environment: None) -> None:
    settled: list[Any] = []
    recorder = NodeStatuses(CLUSTER, lambda environment_id: settled.append((environment_id, shown()["reason"])))
    recorder.begin(FixedView(CLUSTER))
    try:
        recorder.record([observed("conf")], None)
        until(lambda: settled)
        recorder.record([observed("conf")], None)
        until(lambda: len(settled) > 1)
        assert settled == [(ENVIRONMENT, "present")] * 2
    finally:
        recorder.end()


# Restarts, and other writers


def test_a_watcher_that_starts_again_and_observes_the_same_writes_nothing(mongo: Any, begin: Begin) -> None:
    own(mongo)
    first, _ = begin()
    first.record([observed("conf")], None)
    before = row(mongo)
    second, _ = begin()
    assert CONF in second.nodes()
    second.record([observed("conf", version="6")], None)
    assert row(mongo) == before
    assert events(mongo) == 1


def test_a_watcher_that_starts_again_notices_what_vanished_meanwhile(mongo: Any, begin: Begin) -> None:
    first, _ = begin()
    first.record([observed("conf")], None)
    second, _ = begin()
    assert CONF in second.nodes(), "or nobody would look at the node again"
    second.record([NOTHING], None)
    assert row(mongo) is None
    assert mongo.events.find_one(sort=[("_id", -1)])["data"] is None
    assert CONF not in second.nodes()


def test_a_watcher_that_starts_again_stores_the_version_that_an_apply_needs(mongo: Any, begin: Begin) -> None:
    own(mongo, at="5")
    first, _ = begin()
    first.record([observed("conf", version="5")], None)
    own(mongo, at="9")
    second, _ = begin()
    second.record([observed("conf", version="9")], None)
    assert shown()["objects"][0]["resource_version"] == "9"
    assert events(mongo) == 1


def test_a_watcher_that_slept_does_not_overwrite_what_the_next_one_wrote(mongo: Any, begin: Begin) -> None:
    slept, view = begin()
    slept.record([observed("conf", reason="old")], None)
    awake, _ = begin()
    awake.record([observed("conf", version="9", reason="new")], None)
    before = events(mongo)
    slept.record([observed("conf", version="6", reason="older than it thinks")], None)
    assert shown()["reason"] == "new"
    assert events(mongo) == before
    assert view.marked
    slept.record([NOTHING], None)
    assert row(mongo) is None, "once it knows, it may"


def test_a_watcher_that_slept_does_not_take_away_what_the_next_one_wrote(mongo: Any, begin: Begin) -> None:
    slept, _ = begin()
    slept.record([observed("conf", reason="old")], None)
    awake, _ = begin()
    awake.record([observed("conf", reason="new")], None)
    slept.record([NOTHING], None)
    assert shown()["reason"] == "new"


def test_two_watchers_that_both_find_nothing_do_not_overwrite_each_other(begin: Begin) -> None:
    slept, _ = begin()
    awake, _ = begin()
    awake.record([observed("conf", reason="new")], None)
    slept.record([observed("conf", reason="old")], None)
    assert shown()["reason"] == "new"


def test_a_status_from_before_the_environment_moved_here_is_taken_over(mongo: Any, begin: Begin) -> None:
    recorder, _ = begin()
    recorder.record([observed("conf", reason="there")], None)
    mongo.node_statuses.update_many({}, {"$set": {"cluster_id": ObjectId()}})
    other, _ = begin()
    other.record([observed("conf", reason="here")], None)
    assert shown()["reason"] == "here"
    assert row(mongo)["cluster_id"] == CLUSTER


def test_a_removed_environment_gets_no_status_again(mongo: Any, begin: Begin) -> None:
    recorder, _ = begin()
    recorder.record([observed("conf")], None)
    mongo.environments.delete_one({"_id": ENVIRONMENT})
    mongo.node_statuses.delete_many({"environment_id": ENVIRONMENT})
    before = events(mongo)
    recorder.record([observed("conf", reason="changed")], None)
    recorder.record([observed("conf", reason="changed again")], None)
    assert row(mongo) is None
    assert events(mongo) == before
    assert list(recorder.nodes()) == []


def test_statuses_of_a_cluster_nobody_watches_are_marked_stale_and_published_once(mongo: Any, begin: Begin) -> None:
    recorder, _ = begin()
    recorder.record([observed("conf")], None)
    assert lease.acquire(lease_name(CLUSTER), "a")
    note_unwatched()
    assert shown()["stale_since"] is None
    mongo.leases.update_many({}, {"$set": {"until": now() - timedelta(seconds=30)}})
    before = shown()["rev"]
    note_unwatched()
    note_unwatched()
    assert shown()["stale_since"] is not None
    assert shown()["rev"] == before + 1
    assert mongo.events.find_one(sort=[("_id", -1)])["data"] == shown()
    again, _ = begin()
    again.mark_stale(None)
    assert shown()["stale_since"] is None


def test_a_stale_mark_made_behind_the_recorders_back_is_taken_away_by_its_next_comparison(
    mongo: Any, begin: Begin
) -> None:
    recorder, _ = begin()
    recorder.record([observed("conf")], None)
    store.mark_stale(CLUSTER, now())
    assert shown()["stale_since"] is not None
    assert CONF in recorder.nodes()
    recorder.record([observed("conf")], None)
    assert shown()["stale_since"] is None
    assert mongo.events.find_one(sort=[("_id", -1)])["data"] == shown()
