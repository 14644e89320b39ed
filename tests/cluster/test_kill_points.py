"""A worker dies at every named point of a run, and another one finishes it: nothing lost, nothing done twice.

The invariants of each case: the accepted run is there and ends once; no object is sent more often than there were
attempts; nothing is left running; the cluster holds exactly what is drawn, and the inventory says so.
"""

from __future__ import annotations

import collections
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from tests.support.audit_proxy import AuditProxy
from tests.support.control_plane import ControlPlane
from tests.support.killed_worker import worker_killed_at
from tests.support.people import a_user
from tests.support.runs import ENDED, Bench
from tests.support.wait import until
from tests.support.workers import working
from tests.support.workflows import a_node, an_edge

ROOT = Path(__file__).resolve().parents[2]
StartWorker = Callable[[str], ForkServerProcess]

ONCE_A_RUN = [
    "run.after_claim",
    "run.after_render",
    "run.after_plan",
    "run.after_inventory",
    "run.after_namespace",
    "run.before_prune",
    "run.after_prune",
    "run.before_applied",
    "run.after_applied",
    "run.before_settle",
    "job.before_finish",
]
POINTS = [(name, size) for name in ONCE_A_RUN for size in (1, 4, 9)] + [
    ("run.before_patch:1", 4),
    ("run.before_patch:3", 4),
    ("run.before_patch:7", 9),
    ("run.after_patch:1", 4),
    ("run.after_patch:3", 4),
    ("run.after_patch:6", 9),
    ("run.before_step_record:1", 4),
    ("run.before_step_record:2", 4),
    ("run.before_step_record:2", 9),
    ("run.after_step_record:1", 4),
    ("run.after_step_record:2", 4),
    ("run.after_step_record:2", 9),
]


@pytest.fixture(scope="module")
def proxy(control_plane: ControlPlane) -> Iterator[AuditProxy]:
    running = AuditProxy(control_plane.kubeconfig)
    yield running
    running.stop()


@pytest.fixture
def bench(mongo: Any, proxy: AuditProxy, control_plane: ControlPlane) -> Bench:
    from clusters import actions

    cluster = str(actions.register_sandbox(proxy.kubeconfig))
    return Bench(a_user("admin"), cluster, control_plane, control_plane.namespace("kill"))


@pytest.fixture
def killed_at() -> Iterator[StartWorker]:
    """Starts a worker that is killed, or halts, at a point."""
    started: list[ForkServerProcess] = []

    def start(point: str) -> ForkServerProcess:
        started.append(worker_killed_at(point))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.join(10)


def draw(bench: Bench, generation: int, size: int) -> set[str]:
    """Some objects that change, some that come and some that go with each generation; their names."""
    names = [f"same-{n}" for n in range(size)] + [f"gen{generation}-{n}" for n in range(size)]
    nodes = [a_node(name, kind="configmap", data={"generation": str(generation)}) for name in names]
    last = a_node("last", kind="configmap", data={"generation": str(generation)})
    edges = tuple(an_edge("last", name, "after") for name in names)
    bench.draw(*nodes, last, edges=edges)
    return {*names, "last"}


def check_invariants(bench: Bench, mongo: Any, run: dict[str, Any], drawn: set[str], writes: list[Any]) -> None:
    stored = mongo.runs.find_one({"_id": ObjectId(run["id"])})
    assert stored is not None, "I1: the accepted run is there"
    told = [
        event["data"]["state"]
        for event in mongo.events.find({"topic": f"run:{run['id']}", "key": "run"}).sort("rev", 1)
    ]  # ids of two processes have no order within a second
    ends = [state for state in told if state in ENDED]
    assert set(ends) == {"succeeded"}, "I2: one last state"
    assert told[told.index("succeeded") :] == ["succeeded"], f"I2: nothing after it: {told}"
    sent = collections.Counter((write.method, write.path) for write in writes if f"/{bench.namespace}/" in write.path)
    assert sent, "the proxy saw the run"
    assert max(sent.values()) <= stored["attempt"] <= 3, f"I3: no object more often than attempts: {sent}"
    assert mongo.jobs.count_documents({"state": "running"}) == 0, "I4: nothing is left running"
    assert mongo.runs.count_documents({"state": {"$nin": list(ENDED)}}) == 0, "I4: no run is left open"
    live = {item["metadata"]["name"]: item for item in bench.plane.list("v1", "ConfigMap", bench.namespace)}
    live.pop("kube-root-ca.crt", None)
    assert set(live) == drawn, "I5: the cluster holds what is drawn"
    assert {item["data"]["generation"] for item in live.values()} == {"2"}
    assert {name.partition("/")[2] for name in bench.owned()} == drawn, "I5: and the inventory says so"
    assert {row["uid"] for row in mongo.inventory.find({})} == {item["metadata"]["uid"] for item in live.values()}
    steps = mongo.run_steps.find({"run_id": stored["_id"]})
    assert {step["state"] for step in steps} <= {"done", "unchanged"}


@pytest.mark.parametrize(("point", "size"), POINTS, ids=str)
def test_a_run_whose_worker_is_killed_is_finished_by_another(
    bench: Bench, mongo: Any, proxy: AuditProxy, killed_at: StartWorker, point: str, size: int
) -> None:
    draw(bench, 1, size)
    with working():
        bench.applied()
    drawn = draw(bench, 2, size)
    proxy.writes.clear()
    run = bench.start()
    dying = killed_at(point)
    dying.join(30)
    assert dying.exitcode == -signal.SIGKILL, f"{point} was never passed"
    with working():
        state = bench.until(run, "verifying", "succeeded", timeout_s=20)["state"]
        if state == "verifying":
            bench.see_all_healthy()
        bench.until(run, "succeeded")
        until(lambda: mongo.jobs.count_documents({"state": "running"}) == 0, timeout_s=20)
    check_invariants(bench, mongo, run, drawn, proxy.writes)


@pytest.mark.parametrize("passes", [1, 3, 7])
def test_a_worker_that_was_halted_past_its_lease_writes_nothing_more(
    bench: Bench, mongo: Any, proxy: AuditProxy, killed_at: StartWorker, passes: int
) -> None:
    draw(bench, 1, 6)
    with working():
        bench.applied()
    drawn = draw(bench, 2, 6)
    proxy.writes.clear()
    run = bench.start()
    zombie = killed_at(f"run.before_patch:{passes}:stop")
    until(lambda: is_stopped(zombie.pid), timeout_s=30, what="the worker halts")
    with working():
        if bench.until(run, "verifying", "succeeded", timeout_s=20)["state"] == "verifying":
            bench.see_all_healthy()
        bench.until(run, "succeeded")
        seen = len(proxy.writes)
        documents = database_state(mongo, run)
        os.kill(zombie.pid, signal.SIGCONT)
        os.kill(zombie.pid, signal.SIGTERM)
        zombie.join(20)
        # Its clock says so first, and it ends; or its heartbeat, and it lets go of the run, and ends when told to.
        assert zombie.exitcode in (75, 0), "it finds its lease gone"
        assert proxy.writes[seen:] == [], "not one write after the takeover"
        assert database_state(mongo, run) == documents
    check_invariants(bench, mongo, run, drawn, proxy.writes)


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def database_state(mongo: Any, run: dict[str, Any]) -> list[Any]:
    run_id = ObjectId(run["id"])
    return [
        mongo.runs.find_one({"_id": run_id}),
        list(mongo.run_steps.find({"run_id": run_id}).sort("index", 1)),
        list(mongo.inventory.find({}).sort("_id", 1)),
    ]


def test_a_worker_told_to_stop_gives_its_run_back_at_once(bench: Bench, mongo: Any) -> None:
    """The object held by a finalizer keeps the run going; SIGTERM must not wait for it."""
    draw(bench, 1, 1)
    run = bench.start()
    with subprocess.Popen([sys.executable, str(ROOT / "manage.py"), "worker"], cwd=ROOT) as worker:
        try:
            bench.until(run, "verifying")
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(15) == 0
        finally:
            worker.kill()
    assert mongo.jobs.count_documents({"state": "running"}) == 0
