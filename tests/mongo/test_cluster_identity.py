"""New credentials of a cluster lead to the same cluster, told by the uid of its Namespace kube-system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.people import Person, a_user
from tests.support.tls_api_server import TlsApiServer, tls_api_server

pytestmark = pytest.mark.usefixtures("mongo")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TlsApiServer]:
    with tls_api_server(tmp_path) as running:
        yield running


@pytest.fixture
def other(tmp_path: Path) -> Iterator[TlsApiServer]:
    with tls_api_server(tmp_path) as running:
        yield running


@pytest.fixture
def admin() -> Person:
    return a_user("admin")


def connected(person: Person, server: TlsApiServer) -> str:
    answer = person.post("clusters", {"name": "east", "kubeconfig": server.kubeconfig()})
    assert answer.status == 201, answer.body
    return f"clusters/{answer.body['id']}"


def change(person: Person, path: str, server: TlsApiServer) -> Any:
    return person.patch(path, {"kubeconfig": server.kubeconfig()})


def assert_refused(answer: Any, person: Person, path: str, server: TlsApiServer) -> None:
    assert (answer.status, answer.body["code"]) == (409, "cluster.another")
    assert answer.body["errors"][0]["field"] == "kubeconfig"
    assert "connect it as a cluster of its own" in answer.body["detail"]
    assert person.get(path).body["server"] == f"https://127.0.0.1:{server.port}"


def test_credentials_of_another_cluster_are_refused_and_the_old_ones_stay(
    admin: Person, server: TlsApiServer, other: TlsApiServer
) -> None:
    other.uid = "77aa"
    path = connected(admin, server)
    assert_refused(change(admin, path, other), admin, path, server)
    server.uid = "88bb"
    assert change(admin, path, server).status == 409, "another cluster behind the same address"


def test_the_same_cluster_at_another_address_is_accepted(
    admin: Person, server: TlsApiServer, other: TlsApiServer
) -> None:
    path = connected(admin, server)
    changed = change(admin, path, other)
    assert (changed.status, changed.body["server"]) == (200, f"https://127.0.0.1:{other.port}")


def test_credentials_that_may_not_read_which_cluster_it_is_keep_their_server(
    admin: Person, server: TlsApiServer, other: TlsApiServer
) -> None:
    path = connected(admin, server)
    server.uid = other.uid = ""
    assert change(admin, path, server).status == 200
    assert_refused(change(admin, path, other), admin, path, server)
    other.uid = "77aa"
    assert_refused(change(admin, path, other), admin, path, server)


@pytest.mark.parametrize("seen", ["77aa", ""])
def test_a_cluster_stored_before_is_told_by_its_old_credentials(
    admin: Person, server: TlsApiServer, other: TlsApiServer, mongo: Any, seen: str
) -> None:
    path = connected(admin, server)
    mongo["clusters"].update_many({}, {"$unset": {"uid": ""}})
    right, other.uid = other.uid, seen
    assert_refused(change(admin, path, other), admin, path, server)
    other.uid = right
    assert change(admin, path, other).status == 200
    assert mongo["clusters"].find_one({})["uid"] == right


def test_a_cluster_stored_before_is_known_from_its_next_check_on(
    admin: Person, server: TlsApiServer, mongo: Any
) -> None:
    path = connected(admin, server)
    mongo["clusters"].update_many({}, {"$unset": {"uid": ""}})
    assert admin.post(f"{path}/test").body["state"] == "ready"
    assert mongo["clusters"].find_one({})["uid"] == server.uid
    assert "uid" not in admin.get(path).body
