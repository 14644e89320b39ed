"""Random schedules of edits, failing and interleaved runs, kills, rollbacks and same-named objects of strangers.

Nothing is deleted that is not ours, that holds data, or that is drawn.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from multiprocessing.context import ForkServerProcess
from typing import Any

import pytest

from clusters.domain.labels import ENVIRONMENT_LABEL
from tests.support.control_plane import ControlPlane
from tests.support.killed_worker import worker_killed_at
from tests.support.people import a_user
from tests.support.runs import ENDED, Bench, observe
from tests.support.seeds import SEED
from tests.support.wait import PATIENCE_S, until
from tests.support.workers import expire_leases, working
from tests.support.workflows import a_config_map, a_manifest, a_node

TIMES = 2 if SEED == 1 else 8
"""How often each thing happens."""
NAMES = [f"c{n}" for n in range(5)]
POINTS = ["run.after_plan", "run.after_inventory", "run.before_patch:2", "run.after_patch:1", "run.before_prune"]
POINTS += ["run.after_prune", "run.before_applied", "run.after_applied"]


@pytest.fixture
def bench(mongo: Any, control_plane: ControlPlane) -> Bench:
    from clusters import actions

    cluster = str(actions.register_sandbox(control_plane.kubeconfig))
    return Bench(a_user("admin"), cluster, control_plane, control_plane.namespace("random"))


class World:
    """One environment, the strangers in its namespace, and what a person and the cluster do to it."""

    def __init__(self, bench: Bench, mongo: Any, chance: random.Random) -> None:
        self.bench, self.mongo, self.chance = bench, mongo, chance
        self.strangers: dict[str, str] = {}
        self.disk = ""
        self.dying: list[ForkServerProcess] = []

    # What may happen

    def edit(self) -> None:
        value = str(self.chance.randrange(4))
        nodes = [a_config_map(name, a=value) for name in NAMES if self.chance.random() < 0.6]
        if self.chance.random() < 0.5:
            nodes.append(a_node("disk", kind="persistentvolumeclaim", storage="1Gi"))
        if self.chance.random() < 0.1:
            nodes.append(a_manifest("odd", apiVersion="nobody.example/v1", kind="Nothing"))
        if self.chance.random() < 0.1:
            nodes.append(a_config_map("unrendered", a="${NOBODY_KNOWS}"))
        self.bench.draw(*nodes)

    def run(self) -> None:
        self.ask()
        self.finish()

    def two_runs(self) -> None:
        self.ask()
        self.edit()
        self.ask()
        self.finish()

    def roll_back(self) -> None:
        runs = self.bench.person.get(f"workflows/{self.bench.workflow['id']}/runs?state=succeeded").body["results"]
        target = {"to_run": self.chance.choice(runs)["id"]} if runs and self.chance.random() < 0.5 else {}
        self.ask(kind="rollback", **target)
        self.finish()

    def run_and_roll_back_by_itself(self) -> None:
        path = f"environments/{self.bench.environment['id']}"
        assert self.bench.person.patch(path, {"auto_rollback": True}).status == 200
        self.edit()
        self.ask()
        self.finish(health="failed")
        assert self.bench.person.patch(path, {"auto_rollback": False}).status == 200

    def stranger(self) -> None:
        """Somebody makes an object of the same name anew, or takes theirs away again."""
        leaves = bool(self.strangers) and self.chance.random() < 0.7
        name = self.chance.choice(sorted(self.strangers) if leaves else NAMES)
        self.bench.plane.delete("v1", "ConfigMap", name, self.bench.namespace)
        self.strangers.pop(name, None)
        if not leaves:
            content = {"metadata": {"name": name, "namespace": self.bench.namespace}, "data": {"a": "their"}}
            self.bench.plane.apply({"apiVersion": "v1", "kind": "ConfigMap", **content})
            self.strangers[name] = self.bench.get("v1", "ConfigMap", name)["metadata"]["uid"]

    def all_leave(self) -> None:
        """Nobody's object stands in the way any more."""
        for name in sorted(self.strangers):
            self.bench.plane.delete("v1", "ConfigMap", name, self.bench.namespace)
        self.strangers.clear()

    # How it goes on

    def ask(self, **options: Any) -> None:
        """Start a run with a yes to its deletions; a drawing that cannot be rendered is refused."""
        answer = self.bench.ask(**options)
        if answer.status == 409 and answer.body["code"] == "run.deletions_unconfirmed":
            count, confirmation = len(answer.body["deletions"]), answer.body["confirmation"]
            answer = self.bench.ask(confirm_deletions=count, confirmation=confirmation, **options)
        refusals = ("run.graph_invalid", "run.nothing_to_return_to")
        assert answer.status == 202 or answer.body["code"] in refusals, answer.body

    def finish(self, health: str = "healthy") -> None:
        """Carry out what waits, now and then with a worker that is killed; what is applied has this health."""
        if self.chance.random() < 0.3 and self.mongo.runs.find_one({"state": "queued"}):
            self.dying.append(worker_killed_at(self.chance.choice(POINTS)))
            until(lambda: self.dying[-1].exitcode is not None or self.is_idle(), what="the worker dies, or all is done")
            self.dying[-1].terminate()  # one that has not come by its point ends by itself, with its transaction
            self.dying[-1].join(PATIENCE_S)
            expire_leases(self.mongo)
        with working():
            until(lambda: self.judge(health) or self.is_over(), what="every run has ended")

    def judge(self, health: str) -> None:
        """Show the applied objects of the run that waits for it: with this health, or of a rollback as healthy."""
        from workflows.runs.outcome import settle_from_health

        run = self.mongo.runs.find_one({"state": "verifying"})
        if run is not None:
            observe(self.bench.environment["id"], health if run["kind"] == "apply" else "healthy")
            settle_from_health(run["environment_id"])

    def is_idle(self) -> bool:
        """No worker has anything to do: all has ended, or waits to be judged."""
        return self.mongo.runs.count_documents({"state": {"$nin": [*ENDED, "verifying"]}}) == 0

    def is_over(self) -> bool:
        open_runs = self.mongo.runs.count_documents({"state": {"$nin": list(ENDED)}})
        return bool(open_runs == 0 and self.mongo.jobs.count_documents({"state": "running"}) == 0)

    # What must hold

    def check(self) -> None:
        live = {one["metadata"]["name"]: one for one in self.bench.plane.list("v1", "ConfigMap", self.bench.namespace)}
        for name, uid in self.strangers.items():
            assert live[name]["metadata"]["uid"] == uid, f"{name} of a stranger was deleted"
            assert live[name]["data"] == {"a": "their"}, f"{name} of a stranger was changed"
        claim = self.bench.get("v1", "PersistentVolumeClaim", "disk")
        self.disk = self.disk or (claim["metadata"]["uid"] if claim else "")
        assert not self.disk or (claim or {}).get("metadata", {}).get("uid") == self.disk, "what holds data was deleted"
        last = self.mongo.runs.find_one({"kind": {"$ne": "destroy"}}, sort=[("turn", -1)])
        if last is None or last["state"] != "succeeded":
            return
        from workflows.releases.store import release_of

        release = release_of(last["_id"])
        assert release is not None
        wanted = {item.ref.name: item.manifest["data"] for item in release.items if item.ref.kind == "ConfigMap"}
        environment_id = self.bench.environment["id"]
        ours = {
            name: one["data"]
            for name, one in live.items()
            if (one["metadata"].get("labels") or {}).get(ENVIRONMENT_LABEL) == environment_id
        }
        assert ours == {name: data for name, data in wanted.items() if name not in self.strangers}, last["number"]


@pytest.fixture
def world(bench: Bench, mongo: Any) -> Iterator[World]:
    made = World(bench, mongo, random.Random(SEED))
    yield made
    for process in made.dying:
        process.kill()
        process.join(PATIENCE_S)


def test_no_schedule_deletes_what_is_not_ours_what_holds_data_or_what_is_drawn(world: World) -> None:
    often = [world.edit, world.run, world.run, world.two_runs, world.roll_back, world.run_and_roll_back_by_itself]
    schedule = [*often, world.stranger] * TIMES
    world.chance.shuffle(schedule)
    for happening in (world.edit, world.run, *schedule):
        happening()
        if happening not in (world.edit, world.stranger):
            world.check()
    for _ in range(10):
        if world.mongo.runs.count_documents({"state": "rolled_back"}):
            break
        world.all_leave()  # with strangers in the way runs are refused, and what was refused is not rolled back
        for happening in (world.edit, world.run, world.run_and_roll_back_by_itself, world.check):
            happening()
    runs = list(world.mongo.runs.find({}, {"state": 1, "kind": 1}))
    assert {"succeeded", "rolled_back"} <= {run["state"] for run in runs}, runs
    assert "rollback" in {run["kind"] for run in runs}, runs
