"""People pull at one workflow at once: runs, cancels, deletions. Nothing accepted is lost, nothing runs for ever."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.test_bad_input_api import HOSTILE_TEXTS
from tests.support.audit_proxy import AuditProxy
from tests.support.control_plane import ControlPlane
from tests.support.people import Person, a_user
from tests.support.runs import ENDED, Bench
from tests.support.wait import until
from tests.support.workers import working
from tests.support.workflows import a_node, an_edge


@pytest.fixture(scope="module")
def proxy(control_plane: ControlPlane) -> Iterator[AuditProxy]:
    running = AuditProxy(control_plane.kubeconfig)
    yield running
    running.stop()


@pytest.fixture
def person(mongo: Any) -> Person:
    return a_user("admin")


@pytest.fixture
def bench(person: Person, proxy: AuditProxy, control_plane: ControlPlane) -> Bench:
    from clusters import actions

    cluster = str(actions.register_sandbox(proxy.kubeconfig))
    return Bench(person, cluster, control_plane, control_plane.namespace("races"))


@pytest.fixture(autouse=True)
def workers(mongo: Any) -> Iterator[None]:
    """Two of them, so that they race."""
    with working(2):
        yield


def configs(generation: int, count: int = 5) -> list[dict[str, Any]]:
    return [a_node(f"c{n}", kind="configmap", data={"generation": str(generation)}) for n in range(count)]


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """All of them, released together; their answers."""
    gate = threading.Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        gate.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def settle(bench: Bench, mongo: Any, timeout_s: float = 40) -> None:
    """Prove what is applied, as a watcher would, until no run and no job is open."""

    def is_over() -> bool:
        bench.see_all_healthy()
        return (
            mongo.runs.count_documents({"state": {"$nin": list(ENDED)}}) == 0
            and mongo.jobs.count_documents({"state": {"$in": ["queued", "running"]}}) == 0
        )

    until(is_over, timeout_s=timeout_s, every_s=0.05, what="every run has ended")


def check(bench: Bench, mongo: Any, accepted: list[str], proxy: AuditProxy) -> dict[str, str]:
    """The invariants: accepted runs are there and ended once; nobody wrote twice; nothing is left open."""
    stored = {str(run["_id"]): run for run in mongo.runs.find()}
    assert set(accepted) <= set(stored), "I1: an accepted run is there"
    for run_id, run in stored.items():
        events = mongo.events.find({"topic": f"run:{run_id}", "key": "run"}).sort("rev", 1)
        told = [event["data"]["state"] for event in events if event["data"]]
        ends = [state for state in told if state in ENDED]
        assert len(set(ends)) == 1, f"I2: one last state: {told}"
        assert set(told[told.index(ends[0]) :]) == {ends[0]}, f"I2: and nothing after it: {told}"
        assert run["state"] == ends[0]
    sent = collections.Counter(
        (write.method, write.path)
        for write in proxy.writes
        if f"/namespaces/{bench.namespace}/" in write.path and write.status < 300
    )
    attempts = sum(max(1, run["attempt"]) for run in stored.values())
    assert max(sent.values(), default=0) <= attempts, f"I3: no object more often than runs tried: {sent}"
    assert mongo.run_secrets.count_documents({}) == 0
    assert mongo.environments.count_documents({"active_run_id": {"$ne": None}}) == 0
    return {run_id: run["state"] for run_id, run in stored.items()}


def live_configs(bench: Bench) -> dict[str, str]:
    return {
        item["metadata"]["name"]: item["data"]["generation"]
        for item in bench.plane.list("v1", "ConfigMap", bench.namespace)
        if item["metadata"]["name"] != "kube-root-ca.crt"
    }


def test_concurrent_starts_run_one_after_another_and_a_double_click_is_one_run(
    bench: Bench, mongo: Any, proxy: AuditProxy
) -> None:
    proxy.writes.clear()
    bench.draw(*configs(1))
    path = f"workflows/{bench.workflow['id']}/runs"
    body = {"environment": bench.environment["id"]}
    answers = at_once(
        *[lambda: bench.person.post(path, {**body, "idempotency_key": "click"})] * 4,
        *[lambda: bench.person.post(path, body)] * 3,
    )
    assert {answer.status for answer in answers} == {202}, [answer.body for answer in answers]
    accepted = [answer.body["id"] for answer in answers]
    assert len(set(accepted[:4])) == 1
    assert len(set(accepted)) == 4
    settle(bench, mongo)
    states = check(bench, mongo, accepted, proxy)
    assert set(states.values()) == {"succeeded"}
    assert live_configs(bench) == {f"c{n}": "1" for n in range(5)}, "I5"
    assert sorted(bench.owned()) == [f"ConfigMap/c{n}" for n in range(5)]


@pytest.mark.parametrize("round_", range(4))
def test_a_cancel_that_races_the_end_of_a_run_leaves_one_final_state(
    bench: Bench, mongo: Any, proxy: AuditProxy, round_: int
) -> None:
    proxy.writes.clear()
    nodes = configs(1, 4)
    bench.draw(*nodes, edges=tuple(an_edge(f"c{n}", f"c{n - 1}", "after") for n in range(1, 4)))
    run = bench.start()
    until(lambda: len(proxy.writes) >= round_)
    answers = at_once(*[lambda: bench.person.post(f"runs/{run['id']}/cancel")] * 3, bench.see_all_healthy)
    assert {answer.status for answer in answers[:3]} <= {200, 202}, answers
    settle(bench, mongo)
    states = check(bench, mongo, [run["id"]], proxy)
    assert states[run["id"]] in ("canceled", "succeeded")
    owned = {name.removeprefix("ConfigMap/") for name in bench.owned()}
    assert set(live_configs(bench)) <= owned, "I5: nothing stands in the cluster that we do not know"
    assert bench.person.post(f"runs/{run['id']}/cancel").body["state"] == states[run["id"]]


@pytest.mark.parametrize("objects", ["keep", "destroy"])
def test_deleting_a_running_workflow_leaves_nothing_behind(
    bench: Bench, mongo: Any, proxy: AuditProxy, objects: str
) -> None:
    bench.draw(*configs(1))
    bench.start()
    started, deleted = at_once(
        lambda: bench.person.post(f"workflows/{bench.workflow['id']}/runs", {"environment": bench.environment["id"]}),
        lambda: bench.person.delete(f"workflows/{bench.workflow['id']}?objects={objects}"),
    )
    assert started.status in (202, 404, 409), started.body
    assert deleted.status in (202, 204, 409), deleted.body
    settle(bench, mongo)

    def is_gone() -> bool:
        answer = bench.person.delete(f"workflows/{bench.workflow['id']}?objects={objects}")
        assert answer.status in (202, 204, 404, 409), answer.body
        settle(bench, mongo)
        return bench.person.get(f"workflows/{bench.workflow['id']}").status == 404

    until(is_gone, every_s=0.1)
    for name in ("runs", "run_steps", "run_secrets", "environments", "inventory", "versions"):
        assert mongo[name].count_documents({}) == 0, name
    assert mongo.jobs.count_documents({"state": {"$in": ["queued", "running"]}}) == 0
    if objects == "destroy":
        assert live_configs(bench) == {}, "I5"


def test_archiving_a_running_workflow_waits_or_is_refused_and_leaves_no_open_run(
    bench: Bench, mongo: Any, proxy: AuditProxy
) -> None:
    proxy.writes.clear()
    bench.draw(*configs(1))
    run = bench.start()
    answers = at_once(
        lambda: bench.person.post(f"workflows/{bench.workflow['id']}/archive", {"objects": "keep"}),
        lambda: bench.person.post(f"workflows/{bench.workflow['id']}/runs", {"environment": bench.environment["id"]}),
    )
    assert answers[0].status in (200, 202, 409), answers[0].body
    assert answers[1].status in (202, 409), answers[1].body
    settle(bench, mongo)
    accepted = [run["id"], *([answers[1].body["id"]] if answers[1].status == 202 else [])]
    assert set(check(bench, mongo, accepted, proxy).values()) <= {"succeeded", "canceled"}
    assert live_configs(bench) in ({}, {f"c{n}": "1" for n in range(5)})


def test_deleting_an_environment_with_a_queued_run_leaves_no_open_run(
    bench: Bench, mongo: Any, proxy: AuditProxy
) -> None:
    bench.draw(*configs(1))
    path = f"environments/{bench.environment['id']}"
    bench.start()
    answers = at_once(
        lambda: bench.person.post(f"workflows/{bench.workflow['id']}/runs", {"environment": bench.environment["id"]}),
        lambda: bench.person.delete(f"{path}?objects=keep"),
        lambda: bench.person.delete(f"{path}?objects=keep"),
    )
    assert answers[0].status in (202, 404, 409), answers[0].body
    assert all(answer.status in (202, 204, 404, 409) for answer in answers[1:]), [a.body for a in answers]
    settle(bench, mongo)
    until(
        lambda: (
            bench.person.delete(f"{path}?objects=keep").status in (204, 404) and bench.person.get(path).status == 404
        ),
        every_s=0.1,
    )
    assert mongo.runs.count_documents({"environment_id": ObjectId(bench.environment["id"]), "state": "queued"}) == 0
    assert mongo.inventory.count_documents({"environment_id": ObjectId(bench.environment["id"])}) == 0


def test_texts_that_look_like_code_reach_the_cluster_unchanged(bench: Bench) -> None:
    data = {f"k{number}": text for number, text in enumerate(HOSTILE_TEXTS)}
    bench.draw(a_node("conf", kind="configmap", data=data))
    bench.applied()
    assert bench.get("v1", "ConfigMap", "conf")["data"] == data
