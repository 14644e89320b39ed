"""Every thread of a watch may die of anything: its keeper notices, says stale with the reason, and starts it again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from clusters import actions
from clusters.kube.mirror import Mirror
from clusters.kube.watch import Reflector
from clusters.watching.freshness import SILENT
from clusters.watching.leases import lease_name
from clusters.watching.object_index import ObjectIndex
from clusters.watching.runner import Probing
from kubeorch.base.backoff import Backoff
from kubeorch.base.clock import now
from kubeorch.mongo import lease
from kubeorch.mongo.lease import Lease
from tests.support.fake_api_server import FakeApiServer, fake_api_server
from tests.support.wait import until
from tests.support.watching import Watching, a_deployment, an_environment, expect, labelled, watching
from workflows.environments import inventory_store
from workflows.statuses import store, unwatched
from workflows.statuses.inventory_feed import ExpectedObjects, feed
from workflows.statuses.recorder import NodeStatuses
from workflows.statuses.settler import Settler
from workflows.statuses.unwatched import note_unwatched

QUICK = Probing(every_s=0.1, hangs_after_s=2.0, after_death=Backoff(first_s=0.5, most_s=1.0))
READY = {
    "replicas": 1,
    "updatedReplicas": 1,
    "readyReplicas": 1,
    "availableReplicas": 1,
    "conditions": [{"type": "Available", "status": "True"}],
}


@pytest.fixture
def server() -> Iterator[FakeApiServer]:
    with fake_api_server() as running:
        yield running


class Scene:
    """A watched environment on a fake cluster, with a Deployment `web` that is healthy."""

    def __init__(self, server: FakeApiServer, environment: dict[str, Any], live: Watching) -> None:
        self.server = server
        self.environment = environment
        self.live = live

    def put(self, name: str = "web", **status: Any) -> dict[str, Any]:
        manifest = a_deployment(self.environment, name, replicas=1)
        return self.server.put({**manifest, "status": {**READY, **status}})

    def status(self, name: str = "web") -> dict[str, Any]:
        return self.live.status(self.environment, name) or {}

    def until(self, name: str = "web", **wanted: Any) -> dict[str, Any]:
        return self.live.until(self.environment, name, **wanted)


@pytest.fixture
def scene(mongo: Any, server: FakeApiServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr("workflows.statuses.recorder.NOT_SEEN_YET_S", 0.1)
    cluster_id = actions.register_sandbox(server.kubeconfig)
    environment = an_environment(cluster_id, "shop")
    with watching(cluster_id, probing=QUICK) as live:
        found = Scene(server, environment, live)
        expect(environment, "web", found.put())
        found.until(health="healthy", stale_since=None)
        yield found


def fail_once(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, error: BaseException) -> Callable[[], bool]:
    """The next call of `where.name` raises `error`. Gives a function that tells whether it did."""
    whole = getattr(where, name)
    left = [error]

    def failing(*args: Any, **options: Any) -> Any:
        if left:
            raise left.pop()
        return whole(*args, **options)

    monkeypatch.setattr(where, name, failing)
    return lambda: not left


def stale_with(mongo: Any, words: str) -> bool:
    """Whether the status was published as stale with that reason at any time."""
    found: int = mongo.events.count_documents(
        {"data.stale_since": {"$ne": None}, "data.stale_reason": {"$regex": words}}
    )
    return found > 0


@pytest.mark.parametrize("error", [RuntimeError("a surprise"), SystemExit("an exit"), OverflowError("2^64-1")])
@pytest.mark.parametrize(
    ("where", "name"),
    [(NodeStatuses, "nodes"), (NodeStatuses, "kinds"), (store, "revs_on"), (NodeStatuses, "namespace_of")],
)
def test_an_error_in_the_thread_that_judges_makes_statuses_stale_until_it_runs_again(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, error: BaseException
) -> None:
    watch = scene.live.watch
    happened = fail_once(monkeypatch, where, name, error)
    scene.live.watch._reconcile_at = 0.0
    scene.put(readyReplicas=1, observedGeneration=1)
    until(happened, what="the error")
    if name == "namespace_of" and isinstance(error, Exception):
        scene.put("other")
        scene.until("other", health="healthy")
        return  # one node's judgement fails alone
    until(lambda: stale_with(mongo, str(error).split()[-1].replace("^", r"\^")), what="the statuses are stale")
    until(lambda: scene.live.watch is not None and scene.live.watch is not watch and scene.live.watch.is_ready)
    scene.until(health="healthy", stale_since=None, stale_reason=None)
    scene.put(readyReplicas=0, availableReplicas=0)
    scene.until(health="progressing")


def test_a_watch_that_dies_at_every_start_stays_stale_and_is_started_less_and_less_often(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[int] = []
    whole = NodeStatuses.nodes

    def failing(self: NodeStatuses) -> Any:
        starts.append(1)
        raise RuntimeError("again and again")

    monkeypatch.setattr(NodeStatuses, "nodes", failing)
    scene.live.watch._reconcile_at = 0.0
    until(lambda: len(starts) >= 3, what="it is started again")
    assert scene.status()["stale_since"] is not None
    assert "again and again" in scene.status()["stale_reason"]
    monkeypatch.setattr(NodeStatuses, "nodes", whole)
    scene.until(health="healthy", stale_since=None)


@pytest.mark.parametrize(
    ("where", "name"), [(Reflector, "step"), (Reflector, "_round"), (Reflector, "_open"), (Mirror, "_put")]
)
@pytest.mark.parametrize("error", [RuntimeError("a surprise"), SystemExit("an exit")])
def test_an_error_in_the_thread_of_one_kind_is_noticed_and_the_kind_followed_again(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, error: BaseException
) -> None:
    happened = fail_once(monkeypatch, where, name, error)
    scene.server.end_watches()
    scene.put(readyReplicas=0, availableReplicas=0)
    until(happened, what="the error")
    scene.until(health="progressing", stale_since=None)


def test_a_kind_whose_watch_keeps_failing_in_an_unknown_way_makes_statuses_stale(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(self: Any) -> None:
        raise RuntimeError("a surprise")

    monkeypatch.setattr(Reflector, "_round", failing)
    scene.server.end_watches()
    until(lambda: "a surprise" in (scene.status().get("stale_reason") or ""), what="stale with the reason")
    monkeypatch.undo()
    scene.until(health="healthy", stale_since=None)


@pytest.mark.parametrize("where", [(ObjectIndex, "change"), (ExpectedObjects, "put"), (ExpectedObjects, "load")])
def test_nothing_observed_or_owned_is_lost_to_an_error_on_its_way(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch, where: tuple[Any, str]
) -> None:
    happened = fail_once(monkeypatch, *where, RuntimeError("a surprise"))
    if where[1] == "load":
        fail_once(monkeypatch, inventory_store, "changes", RuntimeError("a surprise"))
    scene.put(readyReplicas=0, availableReplicas=0)
    config = labelled(
        scene.environment, "conf", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}}
    )
    expect(scene.environment, "conf", config)
    mongo.inventory.update_many({}, {"$set": {"touched": 1}})
    until(happened, what="the error") if where[1] != "load" else None
    scene.until(health="progressing", stale_since=None)
    scene.until("conf", health="missing")


@pytest.mark.parametrize("error", [RuntimeError("a surprise"), SystemExit("an exit")])
def test_the_thread_of_the_inventory_is_started_again(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    happened = fail_once(monkeypatch, type(feed), "_forward", error)
    config = labelled(
        scene.environment, "conf", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}}
    )
    expect(scene.environment, "conf", config)
    until(happened, what="the error")
    scene.until("conf", health="missing", stale_since=None)


@pytest.mark.parametrize("error", [RuntimeError("a surprise"), SystemExit("an exit")])
def test_the_thread_that_settles_runs_goes_on_after_any_error(error: BaseException) -> None:
    settled: list[Any] = []

    def settle(environment_id: Any) -> None:
        settled.append(environment_id)
        if len(settled) == 1:
            raise error

    settler = Settler("settle", settle)
    settler.start()
    try:
        settler.ask(["a"])
        until(lambda: settled)
        until(lambda: settler.ask(["b"]) or "b" in settled, what="it goes on")
    finally:
        settler.stop()


@pytest.mark.parametrize("error", [RuntimeError("a surprise"), SystemExit("an exit")])
@pytest.mark.parametrize("name", ["renew", "release"])
def test_the_keeper_of_a_cluster_that_dies_is_replaced(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException
) -> None:
    runner = scene.live.watcher.runners[scene.live.cluster_id]
    happened = fail_once(monkeypatch, Lease, name, error if isinstance(error, Exception) else RuntimeError("x"))
    if name == "release":
        monkeypatch.setattr(type(runner), "_probe", lambda self: (_ for _ in ()).throw(error))
        if isinstance(error, Exception):
            runner.stop()
        until(lambda: not runner.is_alive, what="the keeper is dead")
        monkeypatch.undo()
        # As if time had passed: its lease has ended, and it was left alone for long enough.
        monkeypatch.setattr("clusters.watching.watcher.LEFT_ALONE_S", 0.0)
        until(lambda: runner not in scene.live.watcher.runners.values(), what="it is missed")
        scene.live.watcher._not_before.clear()
        mongo.leases.update_many({}, {"$set": {"until": now() - timedelta(seconds=1)}})
    else:
        until(happened, what="the error")
    scene.put(readyReplicas=0, availableReplicas=0)
    scene.until(health="progressing", stale_since=None)


def test_a_watch_that_hangs_makes_statuses_stale_until_it_moves_on(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves_on = threading.Event()
    whole = NodeStatuses.nodes

    def hanging(self: NodeStatuses) -> Any:
        moves_on.wait(60)
        return whole(self)

    monkeypatch.setattr(NodeStatuses, "nodes", hanging)
    scene.live.watch._reconcile_at = 0.0
    try:
        until(lambda: "not moved on" in (scene.status().get("stale_reason") or ""), what="stale with the reason")
    finally:
        moves_on.set()
    scene.until(health="healthy", stale_since=None)


def test_a_watch_whose_start_hangs_makes_statuses_stale_until_it_has_seen_everything(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves_on = threading.Event()
    whole = FakeApiServer.watch

    def hanging(*args: Any) -> Any:
        moves_on.wait(60)
        return whole(*args)

    monkeypatch.setattr(FakeApiServer, "watch", hanging)
    before = scene.live.watch
    actions.register_sandbox(scene.server.kubeconfig.replace("fake", "another"))
    until(lambda: scene.live.watch not in (None, before), what="a watch with the new credentials")
    try:
        until(lambda: "starting" in (scene.status().get("stale_reason") or ""), what="stale with the reason")
    finally:
        moves_on.set()
    scene.until(health="healthy", stale_since=None)


def test_a_lease_that_ran_out_makes_statuses_stale_until_the_cluster_is_watched_again(mongo: Any, scene: Scene) -> None:
    mongo.leases.update_many({}, {"$set": {"until": now() - timedelta(seconds=30), "token": "somebody else's"}})
    until(lambda: note_unwatched() or stale_with(mongo, "no watcher"), what="the statuses are stale")
    scene.until(health="healthy", stale_since=None)


def test_a_lost_lease_is_noted_again_when_the_first_attempt_failed(mongo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lease.acquire(lease_name(ObjectId()), "a")
    mongo.leases.update_many({}, {"$set": {"until": now() - timedelta(seconds=30)}})
    happened = fail_once(monkeypatch, unwatched, "mark_stale", RuntimeError("a surprise"))
    with pytest.raises(RuntimeError):
        note_unwatched()
    assert happened()
    assert mongo.leases.find_one()["noted"] is False
    note_unwatched()
    assert mongo.leases.find_one()["noted"] is True


# Objects that nobody can read, judge or store


@pytest.mark.parametrize("number", [2**64 - 1, 2**63, -(2**70), 10**40, 1e308])
def test_a_number_that_no_database_holds_concerns_its_node_alone(mongo: Any, scene: Scene, number: float) -> None:
    expect(scene.environment, "odd", scene.put("odd", readyReplicas=number, replicas=number, updatedReplicas=number))
    scene.until("odd")
    scene.put(readyReplicas=0, availableReplicas=0)
    scene.until(health="progressing", stale_since=None)


@pytest.mark.parametrize(
    ("where", "name"),
    [("clusters.kube.informer", "project"), ("clusters.watching.judging", "diagnose")],
)
def test_an_object_that_cannot_be_read_or_judged_is_unknown_with_a_note_and_the_rest_goes_on(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch, where: str, name: str
) -> None:
    import importlib

    module = importlib.import_module(where)
    whole = getattr(module, name)

    def failing(*args: Any) -> Any:
        text = repr([seen.name for seen in args[0]]) if name == "diagnose" else repr(args[2])
        if "odd" in text:
            raise LookupError("never seen such a thing")
        return whole(*args)

    monkeypatch.setattr(module, name, failing)
    expect(scene.environment, "odd", scene.put("odd"))
    status = scene.until("odd", health="unknown")
    assert "never seen such a thing" in status["reason"]
    scene.put(readyReplicas=0, availableReplicas=0)
    scene.until(health="progressing", stale_since=None)
    monkeypatch.undo()
    scene.put("odd", observedGeneration=1)
    scene.until("odd", health="healthy")


def test_an_object_that_was_healthy_and_cannot_be_read_any_more_is_not_shown_as_healthy(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    import clusters.kube.informer as informer

    whole = informer.project

    def failing(*args: Any) -> Any:
        if args[1] == "Deployment":
            raise LookupError("never seen such a thing")
        return whole(*args)

    monkeypatch.setattr(informer, "project", failing)
    scene.put(readyReplicas=1, observedGeneration=2)
    scene.until(health="unknown")


def test_a_status_that_the_database_refuses_is_unknown_with_a_note_and_the_rest_is_written(
    mongo: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    import workflows.statuses.recorder as recorder

    whole = recorder.compose

    def odd(node_id: str, *args: Any, **options: Any) -> Any:
        found = whole(node_id, *args, **options)
        if node_id == "odd" and found is not None and found.status["health"] == "healthy":
            found.status["facts"]["ready"] = 2**64 - 1
        return found

    monkeypatch.setattr(recorder, "compose", odd)
    expect(scene.environment, "odd", scene.put("odd"))
    scene.put(readyReplicas=0, availableReplicas=0)
    scene.until(health="progressing", stale_since=None)
    status = scene.until("odd", health="unknown")
    assert "OverflowError" in status["reason"]


def test_after_a_killed_watcher_a_cluster_that_hangs_is_unknown_within_its_lease_and_one_probe(
    mongo: Any, server: FakeApiServer
) -> None:
    cluster_id = actions.register_sandbox(server.kubeconfig)
    environment = an_environment(cluster_id, "shop")
    with watching(cluster_id, probing=QUICK) as live:
        scene = Scene(server, environment, live)
        expect(environment, "web", scene.put())
        scene.until(health="healthy", stale_since=None)
    server.hang()
    killed = lease.acquire(lease_name(cluster_id), "killed", ttl_s=3.0)  # it was not given back
    assert killed is not None
    [row] = mongo.leases.find({"_id": killed.name})
    with watching(cluster_id, ready=False) as live:
        found = live.until(environment, "web", stale_reason="the cluster is not watched: " + SILENT)
        after_s = (datetime.fromisoformat(found["stale_since"]) - row["until"].replace(tzinfo=UTC)).total_seconds()
        assert 0 < after_s <= Probing().timeout_s
        server.answers.set()
        live.until(environment, "web", health="healthy", stale_since=None)
