"""What is written down of objects that were noticed: in the order in which it was, by whom, and within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from clusters.changes import store
from clusters.changes.recording import ChangesSeen
from clusters.domain.projection import project
from clusters.kube.noticing import Noticed
from kubeorch.base.clock import now
from tests.support.wait import until

CLUSTER, ENVIRONMENT = ObjectId(), ObjectId()
Begin = Callable[[], ChangesSeen]


@pytest.fixture
def begin(mongo: Any) -> Iterator[Begin]:
    started: list[ChangesSeen] = []

    def begin() -> ChangesSeen:
        seen = ChangesSeen(CLUSTER, lambda environment_id: True, lambda: True)
        seen.start()
        started.append(seen)
        return seen

    yield begin
    for seen in started:
        seen.stop()


def entry(manager: str, minute: int, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "manager": manager,
        "operation": "Update",
        "time": f"2026-01-01T00:{minute:02}:00Z",
        "fieldsV1": {"f:spec": fields},
    }


def web(replicas: int, *managed: dict[str, Any], paused: bool = False, uid: str = "u1", version: int = 1) -> Any:
    labels = {"kubeorch.dev/environment": str(ENVIRONMENT), "kubeorch.dev/node": "web"}
    metadata = {"name": uid, "uid": uid, "labels": labels, "managedFields": list(managed)}
    spec = {"replicas": replicas, **({"paused": True} if paused else {})}
    return {"metadata": {**metadata, "resourceVersion": str(version)}, "spec": spec, "status": {}}


def noticed(manifest: Any, before: Any = None) -> Noticed:
    seen = project("apps/v1", "Deployment", manifest)
    mark = project("apps/v1", "Deployment", before).content if before else 0
    return Noticed(seen, before is None, True, manifest, mark)


def is_kept(uid: str = "u1") -> bool:
    return store.is_seen(CLUSTER, uid)


def told(uid: str = "u1") -> list[tuple[str, list[str]]]:
    return [(row["manager"], [one["path"] for one in row["fields"]]) for row in store.changes_of(CLUSTER, uid)]


ALICE, BOB = entry("alice", 1, {"f:paused": {}}), entry("bob", 5, {"f:replicas": {}})


def test_nobody_is_named_for_what_came_before_a_change_and_was_left_out(begin: Begin) -> None:
    first, between, last = web(1, ALICE, paused=True), web(1, version=2), web(3, BOB, version=3)
    seen = begin()
    seen.noticed(noticed(first))
    until(is_kept, what="it is followed")
    seen.noticed(noticed(last, before=between))
    found = until(told, what="the change is there")
    assert sorted(found) == [("", ["spec.paused"]), ("bob", ["spec.replicas"])]


def test_one_write_that_follows_the_look_before_names_who_took_a_field_away(begin: Begin) -> None:
    first, last = web(1, ALICE, paused=True), web(1, BOB, version=2)
    seen = begin()
    seen.noticed(noticed(first))
    until(is_kept, what="it is followed")
    seen.noticed(noticed(last, before=first))
    assert until(told, what="the change is there") == [("bob", ["spec.paused"])]


def test_what_changed_out_of_sight_is_found_once_it_is_seen_again(begin: Begin) -> None:
    first, last = web(1), web(3, BOB, version=2)
    seen = begin()
    seen.noticed(noticed(first))
    until(is_kept, what="it is followed")
    seen.gone(project("apps/v1", "Deployment", first), is_lost=True)
    seen.listed(is_whole=False)
    seen._room = 0
    seen.noticed(noticed(last))
    assert until(told, what="the change is there") == [("bob", ["spec.replicas"])]


def test_what_is_out_of_sight_for_as_long_as_changes_are_kept_is_forgotten(begin: Begin, mongo: Any) -> None:
    seen = begin()
    for uid in ("u1", "u2"):
        seen.noticed(noticed(web(1, uid=uid)))
        until(lambda uid=uid: is_kept(uid), what="it is followed")
        seen.gone(project("apps/v1", "Deployment", web(1, uid=uid)), is_lost=True)
    long_ago = now() - timedelta(days=31)
    mongo.object_looks.update_one({"_id": store.key_of(CLUSTER, "u1")}, {"$set": {"seen_at": long_ago}})
    seen.listed(is_whole=False)
    assert (is_kept(), is_kept("u2")) == (False, True)


def test_what_is_not_there_when_all_is_seen_again_is_forgotten(begin: Begin) -> None:
    seen = begin()
    for uid in ("u1", "u2"):
        seen.noticed(noticed(web(1, uid=uid)))
        until(lambda uid=uid: is_kept(uid), what="it is followed")
        seen.gone(project("apps/v1", "Deployment", web(1, uid=uid)), is_lost=True)
    seen.listed(is_whole=False)
    seen.noticed(noticed(web(1, uid="u2")))
    seen.listed(is_whole=True)
    until(lambda: not is_kept(), what="what is gone is forgotten")
    assert is_kept("u2")


def test_changes_of_objects_for_which_there_is_no_room_take_none(begin: Begin) -> None:
    seen = begin()
    seen._room = 0
    for number in range(3):
        seen.noticed(noticed(web(1, BOB, uid=f"u{number}", version=2), before=web(2)))
        until(lambda number=number: told(f"u{number}"), what="the change is there")
    assert (seen._room, is_kept("u0")) == (0, False)
