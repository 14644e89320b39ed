"""Two who change a cluster at the same moment: one of them is refused, or both are told the truth."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.tls_api_server import TlsApiServer, tls_api_server
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


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TlsApiServer]:
    with tls_api_server(tmp_path) as running:
        yield running


def connected(person: Person, server: TlsApiServer, name: str = "east") -> str:
    answer = person.post("clusters", {"name": name, "kubeconfig": server.kubeconfig()})
    assert answer.status == 201, answer.body
    return f"clusters/{answer.body['id']}"


def test_credentials_that_were_tried_while_somebody_changed_the_address_do_not_bring_the_old_one_back(
    anna: Person, server: TlsApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clusters import checks

    path = connected(anna, server)
    connect = checks.connect

    def meanwhile(*args: Any, **options: Any) -> Any:
        answered = connect(*args, **options)
        assert anna.patch(path, {"server": "https://127.0.0.1:2"}).status == 200
        return answered

    monkeypatch.setattr(checks, "connect", meanwhile)
    answer = anna.patch(path, {"kubeconfig": server.kubeconfig()})
    assert (answer.status, answer.body["code"]) == (409, "cluster.connection_changed")
    shown = anna.get(path).body
    assert (shown["server"], shown["auth"], shown["size"], shown["expires"], shown["impersonates"]) == (
        *("https://127.0.0.1:2", None, None, [], False),
    )
    twice = anna.patch(path, {"kubeconfig": server.kubeconfig(), "server": "https://127.0.0.1:3"})
    assert (twice.status, twice.body["errors"][0]["field"]) == (400, "server")


def test_of_many_clusters_that_become_the_default_at_once_one_is(anna: Person, mongo: Any) -> None:
    clusters = [a_cluster(anna.team_id) for _ in range(6)]
    together = Barrier(len(clusters))

    def choose(cluster: str) -> int:
        together.wait()
        return int(anna.patch(f"clusters/{cluster}", {"is_default": True}).status)

    with ThreadPoolExecutor(len(clusters)) as pool:
        assert set(pool.map(choose, clusters)) == {200}
    assert mongo.clusters.count_documents({"is_default": True}) == 1


def test_a_refused_change_leaves_the_default_where_it_was(anna: Person, server: TlsApiServer) -> None:
    first = connected(anna, server)
    second = connected(anna, server, "west")
    assert anna.patch(first, {"is_default": True}).status == 200
    wrong = server.kubeconfig(token="wrong")
    assert anna.patch(second, {"is_default": True, "kubeconfig": wrong}).status == 400
    assert [row["is_default"] for row in anna.get("clusters").body["results"]] == [True, False]
