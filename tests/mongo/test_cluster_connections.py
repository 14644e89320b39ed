"""A process has one client a cluster, as long as the cluster stands and somebody uses it."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId

from kubeorch.base.errors import NotFound

pytestmark = pytest.mark.usefixtures("mongo")

THREADS = 12


def a_cluster(name: str = "east", token: str = "t") -> ObjectId:
    from clusters import store
    from clusters.credentials import sealed

    row = store.new_cluster(name, team_id=ObjectId(), created_by=None)
    row.update(sealed(row["_id"], credentials(token)))
    return store.insert(row)["_id"]


def credentials(token: str) -> Any:
    from clusters.domain.credentials import Credentials

    return Credentials(server="https://127.0.0.1:1", token=token)


def new_credentials(cluster_id: ObjectId, token: str) -> None:
    from clusters import store
    from clusters.credentials import sealed

    store.change(cluster_id, sealed(cluster_id, credentials(token)))


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def connections(clock: Callable[[], float]) -> Any:
    from clusters.connections import Connections

    return Connections(clock=clock)


def test_threads_that_ask_together_share_one_client() -> None:
    cluster_id, ours = a_cluster(), connections(Clock())
    together = threading.Barrier(THREADS)

    def ask(_: int) -> Any:
        together.wait()
        return ours.client(cluster_id)

    with ThreadPoolExecutor(THREADS) as pool:
        clients = list(pool.map(ask, range(THREADS)))
    assert len({id(client) for client in clients}) == 1


def test_new_credentials_are_used_within_two_seconds_and_unchanged_ones_keep_the_client() -> None:
    clock = Clock()
    cluster_id, ours = a_cluster(), connections(clock)
    first = ours.client(cluster_id)
    clock.now_s += 2.5
    assert ours.client(cluster_id) is first
    new_credentials(cluster_id, "other")
    assert ours.client(cluster_id) is first, "the row was read a moment ago"
    clock.now_s += 2.5
    assert ours.client(cluster_id) is not first


def test_credentials_changed_by_this_process_are_used_at_once() -> None:
    cluster_id, ours = a_cluster(), connections(Clock())
    first = ours.client(cluster_id)
    new_credentials(cluster_id, "other")
    ours.forget(cluster_id)
    assert ours.client(cluster_id) is not first


def test_a_client_unused_for_ten_minutes_is_dropped() -> None:
    from clusters import store

    clock = Clock()
    gone, stays, ours = a_cluster("gone"), a_cluster("stays"), connections(clock)
    client = weakref.ref(ours.client(gone))
    store.collection().delete_one({"_id": gone})
    clock.now_s += 601
    ours.client(stays)
    gc.collect()
    assert client() is None, "its token and connections are still in memory"


def test_the_client_of_a_deleted_cluster_is_dropped() -> None:
    from clusters import store

    clock = Clock()
    gone, ours = a_cluster("gone"), connections(clock)
    client = weakref.ref(ours.client(gone))
    store.collection().delete_one({"_id": gone})
    clock.now_s += 2.5
    with pytest.raises(NotFound):
        ours.client(gone)
    gc.collect()
    assert client() is None


def test_a_client_in_use_is_kept() -> None:
    clock = Clock()
    used, other, ours = a_cluster("used"), a_cluster("other"), connections(clock)
    client = ours.client(used)
    for _ in range(5):
        clock.now_s += 300
        ours.client(other)
        assert ours.client(used) is client


def test_six_requests_may_wait_for_one_cluster_and_the_seventh_is_refused() -> None:
    from clusters.connections import ClusterBusy

    asked, other, ours = a_cluster("asked"), a_cluster("other"), connections(Clock())
    held = [ours.asking(asked, ObjectId()) for _ in range(6)]
    for one in held:
        one.__enter__()
    with pytest.raises(ClusterBusy, match="this cluster"), ours.asking(asked, ObjectId()):
        pass
    with ours.asking(other, ObjectId()):
        pass
    held.pop().__exit__(None, None, None)
    with ours.asking(asked, ObjectId()):
        pass
    for one in held:
        one.__exit__(None, None, None)


def test_a_team_that_waits_for_one_cluster_as_often_as_it_may_leaves_places_there_to_other_teams() -> None:
    from clusters.connections import ClusterBusy

    ours, shared, team = connections(Clock()), a_cluster("shared"), ObjectId()
    for looks_through in (False, True):
        held = []
        while len(held) < 20:
            one = ours.asking(shared, team, looks_through=looks_through)
            try:
                one.__enter__()
            except ClusterBusy:
                break
            held.append(one)
        assert len(held) < 20
        with ours.asking(shared, ObjectId(), looks_through=looks_through):
            pass
        for one in held:
            one.__exit__(None, None, None)


def test_a_team_with_many_silent_clusters_leaves_places_to_other_teams() -> None:
    from clusters.connections import ClusterBusy

    ours = connections(Clock())
    held = []
    for team in (ObjectId(), ObjectId(), ObjectId()):
        refused = False
        while not refused:
            one = ours.asking(ObjectId(), team)
            try:
                one.__enter__()
            except ClusterBusy:
                refused = True
            else:
                held.append(one)
    assert len(held) == 15
    with ours.asking(ObjectId(), ObjectId()):
        pass
    for one in held:
        one.__exit__(None, None, None)


def test_no_team_can_take_all_live_places_of_a_cluster_that_others_use_too() -> None:
    from clusters.resources.following import WATCHES_A_CLUSTER
    from clusters.resources.live import PLACES_MOST
    from clusters.terminals.sessions import A_CLUSTER, A_TEAM
    from clusters.views.logs import STREAMS_A_CLUSTER, STREAMS_A_TEAM
    from clusters.views.resources import LISTS_A_CLUSTER, LISTS_A_TEAM

    pairs = ((LISTS_A_TEAM, LISTS_A_CLUSTER), (STREAMS_A_TEAM, STREAMS_A_CLUSTER), (A_TEAM, A_CLUSTER))
    assert [(team, cluster) for team, cluster in pairs if team * 2 > cluster] == []
    assert LISTS_A_CLUSTER * PLACES_MOST <= WATCHES_A_CLUSTER, "a list that has a place has its watches"
