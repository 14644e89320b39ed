"""The inventory in memory follows the one in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bson import ObjectId

from clusters.domain.objects import Ref
from clusters.kube.informers import KindOf
from clusters.watching.contract import NodeKey
from tests.support.wait import until
from workflows.statuses.inventory_feed import ExpectedObjects, InventoryFeed

CLUSTER, ENVIRONMENT = ObjectId(), ObjectId()
CONF = NodeKey(str(ENVIRONMENT), "conf")
CONFIG_MAP, WIDGET = KindOf("v1", "ConfigMap"), KindOf("v1", "Widget")
Changes = list[tuple[NodeKey, str | None]]


def put(mongo: Any, kind: str = "ConfigMap", state: str = "applied", cluster_id: ObjectId = CLUSTER) -> ObjectId:
    ref = Ref("v1", kind, "shop", "conf").as_json()
    row = {"environment_id": ENVIRONMENT, "cluster_id": cluster_id, "node_id": "conf", "ref": ref}
    mongo.inventory.update_one(row, {"$set": {"state": state, "uid": "u", "resource_version": "5"}}, upsert=True)
    found: ObjectId = mongo.inventory.find_one(row)["_id"]
    return found


@pytest.fixture
def follow(mongo: Any) -> Iterator[Callable[[], tuple[ExpectedObjects, Changes]]]:
    feed = InventoryFeed()
    following: list[ExpectedObjects] = []

    def begin() -> tuple[ExpectedObjects, Changes]:
        changes: Changes = []
        expected = ExpectedObjects(CLUSTER, lambda key, state: changes.append((key, state)))
        feed.add(expected)
        following.append(expected)
        return expected, changes

    yield begin
    for expected in following:
        feed.remove(expected)


def test_rows_are_read_at_the_start_and_followed_from_then_on(mongo: Any, follow: Any) -> None:
    put(mongo)
    expected, changes = follow()
    assert [row.state for row in expected.of_node(CONF)] == ["applied"]
    assert expected.of_node(CONF)[0].resource_version == 5
    row_id = put(mongo, state="deleting")
    until(lambda: [row.state for row in expected.of_node(CONF)] == ["deleting"])
    mongo.inventory.delete_one({"_id": row_id})
    until(lambda: not expected.nodes())
    assert changes[-1] == (CONF, None)
    assert expected.of_node(CONF) == []


def test_kinds_are_those_of_which_something_was_applied(mongo: Any, follow: Any) -> None:
    expected, _ = follow()
    put(mongo, "ConfigMap")
    row_id = put(mongo, "Widget", state="intended")
    until(lambda: len(expected.of_node(CONF)) == 2)
    assert expected.kinds() == {CONFIG_MAP}, "the cluster may not know Widgets before one was applied"
    put(mongo, "Widget")
    until(lambda: expected.kinds() == {CONFIG_MAP, WIDGET})
    mongo.inventory.delete_one({"_id": row_id})
    until(lambda: expected.kinds() == {CONFIG_MAP})


def test_rows_of_other_clusters_concern_nobody_here(mongo: Any, follow: Any) -> None:
    expected, changes = follow()
    put(mongo, "Widget", cluster_id=ObjectId())
    put(mongo)
    until(lambda: expected.kinds() == {CONFIG_MAP})
    assert {key for key, _ in changes} == {CONF}


def test_a_feed_that_nobody_used_for_a_while_serves_the_next_one(mongo: Any) -> None:
    feed = InventoryFeed()
    for _ in range(3):
        changes: Changes = []
        expected = ExpectedObjects(CLUSTER, lambda key, state, into=changes: into.append((key, state)))
        feed.add(expected)
        put(mongo, state="intended")
        put(mongo, state="applied")
        until(lambda found=expected: [row.state for row in found.of_node(CONF)] == ["applied"])
        feed.remove(expected)


def test_a_claim_left_behind_stays_known_when_another_environment_gives_up_an_object_of_its_name() -> None:
    expected = ExpectedObjects(CLUSTER, lambda key, state: None)
    ref = Ref("v1", "PersistentVolumeClaim", "shop", "data-db-0")
    row = {"ref": ref.as_json(), "node_id": "conf", "state": "applied"}
    other = ObjectId()
    expected.put({**row, "_id": ObjectId(), "environment_id": ENVIRONMENT, "made_by": "StatefulSet/db"})
    expected.put({**row, "_id": other, "environment_id": ObjectId()})
    expected.drop(other)
    assert expected.left_claims() == {ref.identity: CONF}
