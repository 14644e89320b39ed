"""What is written down of objects that were noticed: in the order in which it was, by whom, and within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from clusters.changes import room, store
from clusters.changes.pending import Pending
from clusters.changes.recording import ChangesSeen
from clusters.changes.room import Room, Taken
from clusters.domain.changes import look_at
from clusters.domain.projection import project
from clusters.kube.noticing import Noticed
from kubeorch.base.clock import now
from tests.support.wait import until

CLUSTER, ENVIRONMENT = ObjectId(), ObjectId()
Begin = Callable[[], ChangesSeen]


@pytest.fixture
def begin(mongo: Any) -> Iterator[Begin]:
    mongo.clusters.insert_one({"_id": CLUSTER})
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


def test_what_changed_out_of_sight_is_found_once_it_is_seen_again(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last = web(1), web(3, BOB, version=2)
    seen = begin()
    seen.noticed(noticed(first))
    until(is_kept, what="it is followed")
    seen.gone(project("apps/v1", "Deployment", first), is_lost=True)
    seen.listed(is_whole=False)
    monkeypatch.setattr(room, "LOOKS_OF_CLUSTER", 0)
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


def test_changes_of_objects_for_which_there_is_no_room_take_none(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOOKS_OF_CLUSTER", 0)
    seen = begin()
    for number in range(3):
        seen.noticed(noticed(web(1, BOB, uid=f"u{number}", version=2), before=web(2)))
        until(lambda number=number: told(f"u{number}"), what="the change is there")
    assert not is_kept("u0")
    monkeypatch.setattr(room, "LOOKS_OF_CLUSTER", 2)
    seen.noticed(noticed(web(1, uid="other")))
    until(lambda: is_kept("other"), what="there is room for one")


def test_one_environment_has_half_of_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOOKS_OF_CLUSTER", 4)
    monkeypatch.setattr(room, "BYTES_OF_CLUSTER", 400)
    here = Room()
    here.count({"a": Taken(1, 100)})
    assert here.fits("a", Taken(1, 100))
    assert not here.fits("a", Taken(1, 101))
    here.take("a", Taken(1, 10))
    assert not here.fits("a", Taken(1, 0))
    assert here.fits("b", Taken(2, 200))
    here.take("b", Taken(2, 200))
    assert not here.fits("c", Taken(1, 0))
    here.take("a", Taken(-1, -10))
    assert here.fits("c", Taken(1, 90))


def test_an_object_that_grows_beyond_the_room_is_followed_no_more(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = begin()
    first, last = web(1), web(1, BOB, version=2)
    last["spec"]["more"] = [f"{number * 7919}" for number in range(3_000)]
    seen.noticed(noticed(first))
    until(is_kept, what="it is followed")
    monkeypatch.setattr(room, "BYTES_OF_CLUSTER", 2_000)
    seen.noticed(noticed(last, before=first))
    until(told, what="the change is there")
    assert not is_kept()


def test_the_rows_of_a_cluster_are_bounded_in_bytes(begin: Begin, monkeypatch: pytest.MonkeyPatch, mongo: Any) -> None:
    rows = [{"cluster_id": CLUSTER, "seen_at": now() + timedelta(seconds=one), "bytes": 100} for one in range(9)]
    mongo.object_changes.insert_many(rows)
    monkeypatch.setattr(store, "ROW_BYTES_OF_CLUSTER", 450)
    store.trim(CLUSTER)
    assert mongo.object_changes.count_documents({"cluster_id": CLUSTER}) == 4


def test_two_watches_that_saw_one_change_write_it_down_once(begin: Begin) -> None:
    first, last = web(1), web(3, BOB, version=2)
    seen, other = begin(), begin()
    seen.noticed(noticed(first))
    until(is_kept, what="it is followed")
    row = store.looks_of(CLUSTER, ["u1"])["u1"]
    seen.noticed(noticed(last, before=first))
    until(told, what="the change is there")
    pending = Pending()
    pending.add(noticed(last, before=first))
    (late,), _ = pending.take()
    other._write(late, look_at(last, lambda value: value), row)
    assert told() == [("bob", ["spec.replicas"])]
    assert store.changes_of(CLUSTER, "u1")[0]["times"] == 1


def test_nothing_is_written_down_of_a_cluster_that_was_removed(begin: Begin, mongo: Any) -> None:
    seen = begin()
    mongo.clusters.delete_one({"_id": CLUSTER})
    seen.noticed(noticed(web(1)))
    until(lambda: not seen._pending.has_some, what="it was taken")
    mongo.clusters.insert_one({"_id": CLUSTER})
    seen.noticed(noticed(web(1, uid="u2")))
    until(lambda: is_kept("u2"), what="the next is followed")
    assert not is_kept()
