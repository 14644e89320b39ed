"""A worker is killed at every named point of a run, and another one finishes the run: nothing is lost or done twice.

The invariants of each case: the accepted run is there and ends once; no object is sent more often than there were
attempts; nothing is left running; the cluster holds exactly what is drawn, and so does the inventory.
"""

from __future__ import annotations

import collections
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from kubeorch.base.clock import now
from tests.support.audit_proxy import AuditProxy
from tests.support.control_plane import ControlPlane
from tests.support.killed_worker import LONG_LEASE_S, worker_killed_at
from tests.support.people import a_user
from tests.support.plans import made
from tests.support.processes import is_stopped
from tests.support.runs import ENDED, Bench
from tests.support.seeds import SEED
from tests.support.wait import PATIENCE_S, until
from tests.support.workers import expire_leases, working
from tests.support.workflows import a_config_map, a_held_config_map, a_node, an_edge

ROOT = Path(__file__).resolve().parents[2]
StartWorker = Callable[..., ForkServerProcess]
KillWorker = Callable[[str], None]

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
SIZES = (1, 4, 9)
"""Of runs. Each point meets one of them with the tests, and all in `make soak`."""
POINTS = [
    (name, size) for number, name in enumerate(ONCE_A_RUN) for size in (SIZES[number % 3 :][:1] if SEED == 1 else SIZES)
] + [
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
def halted_at() -> Iterator[StartWorker]:
    """Starts a worker that halts at a point."""
    started: list[ForkServerProcess] = []

    def start(point: str, **options: Any) -> ForkServerProcess:
        started.append(worker_killed_at(f"{point}:stop", **options))
        until(lambda: is_stopped(started[-1].pid), what="the worker halts")
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.join(PATIENCE_S)


@pytest.fixture
def killed_at(proxy: AuditProxy) -> KillWorker:
    """Starts a worker and waits until it was killed at a point, and what it sent has arrived."""

    def start(point: str) -> None:
        others = proxy.connections()
        dying = worker_killed_at(point)
        dying.join(PATIENCE_S)
        ended = dying.exitcode
        dying.kill()
        assert ended == -signal.SIGKILL, f"{point} was never passed"
        proxy.wait_for_the_end_of_others(others)

    return start


def draw(bench: Bench, generation: int, size: int) -> set[str]:
    """Draw objects that change, objects that are added and objects that are removed; returns the names of all drawn."""
    names = [f"same-{n}" for n in range(size)] + [f"gen{generation}-{n}" for n in range(size)]
    nodes = [a_node(name, kind="configmap", data={"generation": str(generation)}) for name in names]
    last = a_node("last", kind="configmap", data={"generation": str(generation)})
    edges = tuple(an_edge("last", name, "after") for name in names)
    bench.draw(*nodes, last, edges=edges)
    return {*names, "last"}


def check_invariants(
    bench: Bench, mongo: Any, run: dict[str, Any], drawn: set[str], writes: list[Any], *, generation: int = 2
) -> None:
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
    assert {item["data"]["generation"] for item in live.values()} == {str(generation)}
    assert {name.partition("/")[2] for name in bench.owned()} == drawn, "I5: and the inventory says so"
    assert {row["uid"] for row in mongo.inventory.find({})} == {item["metadata"]["uid"] for item in live.values()}
    steps = mongo.run_steps.find({"run_id": stored["_id"]})
    assert {step["state"] for step in steps} <= {"done", "unchanged"}


@pytest.mark.parametrize(("point", "size"), POINTS, ids=str)
def test_a_run_whose_worker_is_killed_is_finished_by_another(
    bench: Bench, mongo: Any, proxy: AuditProxy, killed_at: KillWorker, point: str, size: int
) -> None:
    draw(bench, 1, size)
    with working():
        bench.applied()
    drawn = draw(bench, 2, size)
    proxy.writes.clear()
    run = bench.start()
    killed_at(point)
    expire_leases(mongo)
    with working():
        finish(bench, mongo, run)
    check_invariants(bench, mongo, run, drawn, proxy.writes)


@pytest.mark.parametrize(
    "point",
    [
        *("run.after_render", "run.after_inventory", "run.before_patch:3", "run.after_patch:6"),
        *("run.before_prune", "run.after_prune", "run.after_applied"),
    ],
)
def test_a_rollback_whose_worker_is_killed_is_finished_by_another(
    bench: Bench, mongo: Any, proxy: AuditProxy, killed_at: KillWorker, point: str
) -> None:
    drawn = draw(bench, 1, 4)
    with working():
        bench.applied()
        draw(bench, 2, 4)
        bench.applied()
    proxy.writes.clear()
    run = bench.start(kind="rollback")
    killed_at(point)
    expire_leases(mongo)
    with working():
        finish(bench, mongo, run)
    check_invariants(bench, mongo, run, drawn, proxy.writes, generation=1)
    assert bench.run(run)["to_run"]["number"] == 1


def test_a_run_that_ends_with_its_killed_worker_is_rolled_back_although_nothing_of_it_was_recorded(
    bench: Bench, mongo: Any, killed_at: KillWorker
) -> None:
    bench.person.patch(f"environments/{bench.environment['id']}", {"auto_rollback": True})
    drawn = draw(bench, 1, 4)
    with working():
        bench.applied()
    draw(bench, 2, 4)
    run = bench.start()
    killed_at("run.after_patch:1")
    mongo.jobs.update_one({"payload.run_id": run["id"]}, {"$set": {"max_attempts": 2}})
    expire_leases(mongo)
    killed_at("run.after_claim")  # the last attempt
    expire_leases(mongo)
    with working():
        until(lambda: bench.run(run)["rolled_back_by"], what="the run is given up and rolled back")
        finish(bench, mongo, bench.run(run)["rolled_back_by"])
    assert bench.run(run)["state"] == "rolled_back"
    live = {item["metadata"]["name"]: item for item in bench.plane.list("v1", "ConfigMap", bench.namespace)}
    live.pop("kube-root-ca.crt", None)
    assert set(live) == drawn
    assert {item["data"]["generation"] for item in live.values()} == {"1"}


def test_a_wait_for_health_outlives_its_worker(bench: Bench, mongo: Any, killed_at: KillWorker) -> None:
    bench.draw(a_config_map("first"), a_config_map("second"), edges=(an_edge("second", "first", "after_health"),))
    run = bench.start()
    killed_at("run.before_wait")
    expire_leases(mongo)
    with working():
        until(lambda: mongo.runs.find_one({"_id": ObjectId(run["id"])}).get("awaits") == ["first"])
        assert bench.owned() == ["ConfigMap/first", "ConfigMap/second"]
        assert bench.get("v1", "ConfigMap", "second") is None
        bench.see_all_healthy()
        finish(bench, mongo, run)
    assert bench.get("v1", "ConfigMap", "second")


def finish(bench: Bench, mongo: Any, run: dict[str, Any]) -> None:
    """Wait for the end of a run that a worker carries on, and of every job."""
    if bench.until(run, "verifying", "succeeded")["state"] == "verifying":
        bench.see_all_healthy()
    bench.until(run, "succeeded")
    until(lambda: mongo.jobs.count_documents({"state": "running"}) == 0)


@pytest.mark.parametrize(
    ("passes", "lease_s"),
    [(1, LONG_LEASE_S), (3, LONG_LEASE_S), (7, LONG_LEASE_S), (3, 5.0)],
    ids=["1", "3", "7", "3 and its own clock says so"],
)
def test_a_worker_that_was_halted_past_its_lease_writes_nothing_more(
    bench: Bench, mongo: Any, proxy: AuditProxy, halted_at: StartWorker, passes: int, lease_s: float
) -> None:
    draw(bench, 1, 6)
    with working():
        bench.applied()
    drawn = draw(bench, 2, 6)
    proxy.writes.clear()
    run = bench.start()
    halted = halted_at(f"run.before_patch:{passes}", lease_s=lease_s)
    if lease_s == LONG_LEASE_S:
        expire_leases(mongo)
    with working():
        finish(bench, mongo, run)
        seen = len(proxy.writes)
        documents = database_state(mongo, run)
        os.kill(halted.pid, signal.SIGCONT)
        os.kill(halted.pid, signal.SIGTERM)
        halted.join(PATIENCE_S)
        # 75: its clock said that the lease has ended. 0: the database said so, and it ended as it was asked to.
        assert halted.exitcode in ((0,) if lease_s == LONG_LEASE_S else (0, 75))
        assert proxy.writes[seen:] == [], "not one write after another worker took the run over"
        assert database_state(mongo, run) == documents
    check_invariants(bench, mongo, run, drawn, proxy.writes)


def test_a_run_whose_worker_hangs_is_ended_at_its_deadline_and_the_worker_writes_nothing_more(
    bench: Bench, mongo: Any, proxy: AuditProxy, halted_at: StartWorker
) -> None:
    """Its lease has not ended: the worker seems well, as one does that waits for an answer without end."""
    bench.draw(a_config_map("conf"), a_config_map("other"))
    proxy.writes.clear()
    run = bench.start()
    hanging = halted_at("run.before_patch:1")
    long_ago = {"started_at": now() - timedelta(hours=3)}
    mongo.runs.update_one({"_id": ObjectId(run["id"])}, {"$set": long_ago})
    mongo.jobs.update_one({"type": "workflows.run_deadline"}, {"$set": {"run_at": now() - timedelta(seconds=1)}})
    with working():
        ended = bench.until(run, "failed")
        assert ended["error"]["code"] == "run.overdue"
        os.kill(hanging.pid, signal.SIGCONT)
        os.kill(hanging.pid, signal.SIGTERM)
        hanging.join(PATIENCE_S)
    assert [write for write in proxy.writes if write.path.endswith(("/conf", "/other"))] == []
    assert bench.run(run)["state"] == "failed"


def database_state(mongo: Any, run: dict[str, Any]) -> list[Any]:
    run_id = ObjectId(run["id"])
    return [
        mongo.runs.find_one({"_id": run_id}),
        list(mongo.run_steps.find({"run_id": run_id}).sort("index", 1)),
        list(mongo.inventory.find({}).sort("_id", 1)),
    ]


def test_a_worker_that_is_told_to_stop_does_not_wait_for_an_object_held_by_a_finalizer(
    bench: Bench, mongo: Any, tmp_path: Path
) -> None:
    bench.draw(a_config_map("conf"), a_held_config_map("held"))
    with working():
        bench.applied()
    bench.draw(a_config_map("conf"))
    run = bench.start()
    log = tmp_path / "worker.log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "worker"], cwd=ROOT, stdout=out, stderr=out
        ) as worker,
    ):
        try:
            until(lambda: bench.get("v1", "ConfigMap", "held")["metadata"].get("deletionTimestamp"))
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(PATIENCE_S) == 0
        finally:
            worker.kill()
    assert "were given back" not in log.read_text(), "it did not use up its grace"
    assert bench.get("v1", "ConfigMap", "held"), "the object is still held"
    assert bench.run(run)["state"] == "applying", "and the run waits for it"
    job = mongo.jobs.find_one({"type": "workflows.run", "state": {"$in": ["queued", "running"]}})
    assert (job["state"], job["attempt"], job["lease_token"]) == ("queued", 0, None)
    bench.release("held")
    with working():
        bench.until(run, "succeeded")
    assert bench.owned() == ["ConfigMap/conf"]


@pytest.mark.parametrize("point", ["run.before_patch:1", "run.after_set_deleted", "run.before_patch:2"])
def test_the_claims_of_a_set_go_with_it_although_its_worker_is_killed_in_between(
    bench: Bench, mongo: Any, killed_at: KillWorker, point: str
) -> None:
    template = {"name": "data", "storage": "1Gi", "mount_path": "/data"}
    bench.draw(a_config_map("conf"), a_node("db", kind="statefulset", image="nginx:1.27", volume_claims=[template]))
    with working():
        bench.applied()
    until(lambda: claims(bench), what="the set makes its claim")
    other = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    metadata = {"name": "data-db-7", "namespace": bench.namespace}
    bench.plane.apply({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": other})
    bench.draw(a_config_map("conf"))
    run = bench.start(delete_volumes=True)
    killed_at(point)
    expire_leases(mongo)
    with working():
        finish(bench, mongo, run)
    until(lambda: claims(bench) == ["data-db-7"], what="its claims are gone, and the claim of somebody else is not")
    assert bench.owned() == ["ConfigMap/conf"]


def claims(bench: Bench) -> list[str]:
    return [item["metadata"]["name"] for item in bench.plane.list("v1", "PersistentVolumeClaim", bench.namespace)]


def test_an_object_is_given_back_once_although_the_worker_is_killed_in_between(
    bench: Bench, mongo: Any, killed_at: KillWorker
) -> None:
    folder = f"/api/v1/namespaces/{bench.namespace}/configmaps"
    conf = b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"conf"},"data":{"a":"1"}}'
    assert bench.plane.call("POST", f"{folder}?fieldManager=kubectl-create", conf)[0] == 201
    bench.draw(a_config_map("conf", a="1"))
    with working():
        bench.applied(plan=made(bench, adopt=True)["id"])
    bench.draw(a_config_map("base"))
    run = bench.start()
    killed_at("run.after_given_back")
    expire_leases(mongo)
    with working():
        finish(bench, mongo, run)
    metadata = bench.get("v1", "ConfigMap", "conf")["metadata"]
    assert [one["manager"] for one in metadata["managedFields"]] == ["kubectl-create"]
    assert (metadata["labels"].keys() & {"kubeorch.dev/environment", "kubeorch.dev/node"}, bench.owned()) == (
        set(),
        ["ConfigMap/base"],
    )
