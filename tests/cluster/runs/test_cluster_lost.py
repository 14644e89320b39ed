"""Scenario 38: the cluster is lost between two applies. Once it is back, the run completes or is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import yaml

from clusters.domain.ownership.touches import fingerprint_of
from tests.support.audit_proxy import AuditProxy
from tests.support.control_plane import ControlPlane
from tests.support.fault_proxy import OPEN, REFUSED, FaultProxy
from tests.support.runs import Bench
from tests.support.wait import PATIENCE_S, until
from tests.support.workflows import a_node, an_edge

COUNT = 5


@pytest.fixture(scope="module")
def behind(control_plane: ControlPlane) -> Iterator[AuditProxy]:
    running = AuditProxy(control_plane.kubeconfig)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def door(behind: AuditProxy) -> Iterator[FaultProxy]:
    server = yaml.safe_load(behind.kubeconfig)["clusters"][0]["cluster"]["server"]
    proxy = FaultProxy(int(server.rpartition(":")[2]))
    yield proxy
    proxy.stop()


@pytest.fixture
def cluster(mongo: Any, behind: AuditProxy, door: FaultProxy) -> str:
    """The cluster behind the door, which stands open; its id."""
    from clusters import actions

    door.become(OPEN)
    config = yaml.safe_load(behind.kubeconfig)
    config["clusters"][0]["cluster"]["server"] = f"http://127.0.0.1:{door.port}"
    return str(actions.register_sandbox(yaml.safe_dump(config)))


def draw(bench: Bench, generation: int) -> None:
    """Objects one after another, and one that is of this generation alone, the first."""
    names = [f"only-{generation}", *(f"c{n}" for n in range(COUNT))]
    nodes = [a_node(name, kind="configmap", data={"generation": str(generation)}) for name in names]
    edges = tuple(an_edge(later, earlier, "after") for earlier, later in pairwise(names))
    bench.draw(*nodes, edges=edges)


def generations(bench: Bench) -> dict[str, str]:
    found = bench.plane.list("v1", "ConfigMap", bench.namespace)
    return {one["metadata"]["name"]: one["data"]["generation"] for one in found if "generation" in one.get("data", {})}


def expected(generation: int) -> dict[str, str]:
    return {name: str(generation) for name in [f"only-{generation}", *(f"c{n}" for n in range(COUNT))]}


def lose_the_cluster(bench: Bench, behind: AuditProxy, door: FaultProxy) -> dict[str, Any]:
    """A run that has applied some of its objects, and whose cluster is then gone."""
    with behind.hold("c2") as hold:
        run = bench.start()
        assert hold.reached.wait(PATIENCE_S)
        door.become(REFUSED)
    found = generations(bench)
    assert (found["c0"], found["c3"]) == ("2", "1"), "a mixed release"
    return run


def look_untouched(bench: Bench, mongo: Any, name: str) -> None:
    """As where both applies fall into one second: managed fields are stamped with whole seconds."""
    live = next(one for one in bench.plane.list("v1", "ConfigMap", bench.namespace) if one["metadata"]["name"] == name)
    noted = mongo.inventory.update_one({"ref.name": name}, {"$set": {"fingerprint": fingerprint_of(live)}})
    assert noted.matched_count == 1


def lines(bench: Bench, run: dict[str, Any]) -> list[str]:
    return [row["message"] for row in bench.person.get(f"runs/{run['id']}/logs").body["results"]]


def test_a_run_whose_cluster_comes_back_completes(bench: Bench, behind: AuditProxy, door: FaultProxy) -> None:
    draw(bench, 1)
    bench.applied()
    draw(bench, 2)
    run = lose_the_cluster(bench, behind, door)
    until(lambda: any("trying again" in line for line in lines(bench, run)), what="the run says that it waits")
    door.become(OPEN)
    bench.until(run, "verifying", timeout_s=60)
    bench.see_all_healthy()
    bench.until(run, "succeeded")
    assert generations(bench) == expected(2)


def test_a_run_that_gave_up_is_rolled_back_once_the_cluster_is_there_again(
    bench: Bench, behind: AuditProxy, door: FaultProxy, mongo: Any
) -> None:
    bench.person.patch(f"environments/{bench.environment['id']}", {"auto_rollback": True})
    draw(bench, 1)
    bench.applied()
    draw(bench, 2)
    run = lose_the_cluster(bench, behind, door)
    mongo.jobs.update_many({"payload.run_id": run["id"]}, {"$set": {"max_attempts": 2}})  # twelve take minutes
    until(lambda: bench.run(run)["state"] == "failed", timeout_s=60, what="the run gives up")
    failed = bench.run(run)
    assert failed["error"]["code"] == "cluster.unavailable"
    back = bench.run(failed["rolled_back_by"])
    assert back["state"] in ("queued", "planning"), "nothing goes unreported: the rollback waits for the cluster"
    look_untouched(bench, mongo, "c2")
    door.become(OPEN)
    bench.until(back, "verifying", timeout_s=60)
    bench.see_all_healthy()
    bench.until(back, "succeeded")
    assert bench.run(run)["state"] == "rolled_back"
    assert generations(bench) == expected(1), "what it added is gone, too"
