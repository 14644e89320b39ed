"""An environment and the end of its cluster at the same moment: one of them is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment

RACES = 12


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin")


@pytest.mark.parametrize("how", ["added", "moved", "made with its workflow"])
def test_no_environment_is_put_on_a_cluster_that_is_deleted_meanwhile(anna: Person, mongo: Any, how: str) -> None:
    for number in range(RACES):
        race(anna, mongo, how, number)


def race(anna: Person, mongo: Any, how: str, number: int) -> None:
    cluster = a_cluster(anna.team_id)
    workflow = a_workflow(anna, a_node("web"))
    place = {"name": "prod", "cluster": cluster, "namespace": f"shop-{number}"}
    old = an_environment(anna, workflow, a_cluster(anna.team_id), f"old-{number}", "old") if how == "moved" else {}
    together = Barrier(2)

    def put() -> Any:
        together.wait()
        if how == "added":
            return anna.post(f"workflows/{workflow['id']}/environments", place)
        if how == "moved":
            return anna.patch(f"environments/{old['id']}", {"cluster": cluster})
        return anna.post("workflows", {"name": f"both {number}", "environment": place})

    def end() -> Any:
        together.wait()
        return anna.delete(f"clusters/{cluster}")

    with ThreadPoolExecutor(2) as pool:
        putting, ending = pool.submit(put), pool.submit(end)
        statuses = (putting.result().status, ending.result().status)
    is_there = mongo.clusters.count_documents({"_id": ObjectId(cluster)}) == 1
    on_it = mongo.environments.count_documents({"cluster_id": ObjectId(cluster)})
    assert (on_it == 1) == is_there, statuses
    assert statuses in ((201, 409), (200, 409), (400, 204)), statuses
