"""Shells through a real daphne, in a cluster that answers when the test says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import websockets

from clusters import store
from clusters.credentials import sealed
from clusters.terminals.recording import record_lost_shells
from clusters.terminals.sessions import A_PERSON, RECHECK_S
from clusters.terminals.shells_store import SILENT
from tests.support.exec_server import ExecServer, exec_server
from tests.support.hostile_api_server import credentials_for
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.web_role import Web, ask
from tests.support.workflows import a_workflow, an_environment

EXEC = "/ws/exec"
LONG_MS = 2 * SILENT.total_seconds() * 1000


@pytest.fixture
def cluster() -> Iterator[ExecServer]:
    with exec_server() as running:
        yield running


def where(cluster: ExecServer, person: Person) -> dict[str, Any]:
    return {"cluster": str(cluster.connected_for(person)["_id"]), "namespace": "shop", "pod": "web", "container": ""}


async def seen(condition: Any) -> None:
    await asyncio.to_thread(until, condition)


async def test_shells_that_are_being_opened_hold_up_nobody_and_are_counted(
    mongo: Any, web: Web, cluster: ExecServer
) -> None:
    person, other = a_user("operator"), a_user("viewer")
    place = await asyncio.to_thread(where, cluster, person)
    cluster.hold()
    async with AsyncExitStack() as tabs:
        shells = [await tabs.enter_async_context(web.live(person.token, path=EXEC)) for _ in range(A_PERSON + 3)]
        for shell in shells:
            await shell.send(json.dumps({"open": place}))
        await seen(lambda: cluster.waiting == A_PERSON)
        async with web.live(other.token) as live:
            assert (await ask(live, topic="nonsense", action="subscribe")) is not None
        assert cluster.waiting == A_PERSON, "the other one was answered while all of these still wait"
        first, _ = await asyncio.wait(
            [asyncio.ensure_future(shell.recv()) for shell in shells], timeout=None, return_when=asyncio.FIRST_COMPLETED
        )
        assert {json.loads(one.result())["code"] for one in first} == {"throttled"}
        cluster.answers.set()
        await seen(lambda: cluster.open == A_PERSON)
    assert cluster.asked == A_PERSON


async def test_a_shell_whose_tab_has_gone_before_it_was_open_is_ended(
    mongo: Any, web: Web, cluster: ExecServer
) -> None:
    person = a_user("operator")
    place = await asyncio.to_thread(where, cluster, person)
    cluster.hold()
    async with web.live(person.token, path=EXEC) as tab:
        await tab.send(json.dumps({"open": place}))
        await seen(lambda: cluster.waiting == 1)
    cluster.answers.set()
    await seen(lambda: cluster.heard == b"\x03\x04" and cluster.open == 0)


async def test_of_many_sizes_the_last_is_told_and_nothing_is_closed(mongo: Any, web: Web, cluster: ExecServer) -> None:
    person = a_user("operator")
    place = await asyncio.to_thread(where, cluster, person)
    async with web.live(person.token, path=EXEC) as tab:
        assert (await ask(tab, open=place, columns=80, rows=24))["type"] == "opened"
        for columns in range(1, 901):
            await tab.send(json.dumps({"resize": {"columns": columns, "rows": 30}}))
        await seen(lambda: cluster.sizes[-1] == {"Width": 900, "Height": 30})
        await tab.send(b"still here")
        while (message := await tab.recv()) != b"still here":
            assert "took" in str(message)
    assert len(cluster.sizes) < 900


async def test_what_is_asked_wrongly_opens_no_shell(mongo: Any, web: Web, cluster: ExecServer) -> None:
    person = a_user("operator")
    place = await asyncio.to_thread(where, cluster, person)
    async with web.live(person.token, path=EXEC) as tab:
        assert (await ask(tab, open=place, columns=0, rows=24))["code"] == "terminal.bad_command"
        assert (await ask(tab, attach="0000.gone"))["detail"].startswith("this shell is not there any more: the server")
    assert cluster.asked == 0


async def test_no_page_of_another_site_and_no_token_in_an_address_opens_one(
    mongo: Any, web: Web, cluster: ExecServer
) -> None:
    person = a_user("operator")
    attempts: list[dict[str, Any]] = [
        {"token": person.token, "origin": "https://evil.example"},
        {"query": f"?token={person.token}&access_token={person.token}"},
        {"query": f"?authorization=Bearer%20{person.token}", "origin": web.http},
    ]
    for attempt in attempts:
        with pytest.raises((websockets.exceptions.InvalidStatus, websockets.exceptions.ConnectionClosed)):
            async with web.live(path=EXEC, **attempt) as tab:
                await tab.recv()
    assert cluster.asked == 0


def audited(mongo: Any, person: Person) -> list[tuple[str, str]]:
    rows = mongo.audit.find({"actor": person.email, "action": {"$regex": "^terminal"}}).sort("_id", 1)
    return [(row["action"], row["target"].get("reason", "")) for row in rows]


async def test_new_credentials_of_the_cluster_end_the_shells_that_the_old_ones_opened(
    mongo: Any, web: Web, cluster: ExecServer
) -> None:
    assert RECHECK_S < 5, "rights and clusters are looked at again within five seconds"
    person = a_user("operator")
    place = await asyncio.to_thread(where, cluster, person)
    async with web.live(person.token, path=EXEC) as tab:
        assert (await ask(tab, open=place))["type"] == "opened"
        row = await asyncio.to_thread(store.find, place["cluster"])
        again = sealed(row["_id"], credentials_for(row["server"]))
        await asyncio.to_thread(store.change, row["_id"], again)
        while '"ended"' not in str(message := await tab.recv()):
            pass
        assert json.loads(message)["reason"] == "changed"
    await seen(lambda: cluster.open == 0)


async def test_the_end_of_a_shell_is_recorded_though_its_server_was_killed(mongo: Any, cluster: ExecServer) -> None:
    person = a_user("operator")
    place = await asyncio.to_thread(where, cluster, person)
    server = await asyncio.to_thread(Web)
    try:
        async with server.live(person.token, path=EXEC) as tab:
            assert (await ask(tab, open=place))["type"] == "opened"
            first = mongo.shells.find_one({"user": person.email})
            await seen(lambda: mongo.shells.find_one({"_id": first["_id"]})["seen_at"] > first["seen_at"])
            await asyncio.to_thread(record_lost_shells)
            assert audited(mongo, person) == [("terminal.open", "")], "it is open"
            server.process.kill()
            await asyncio.to_thread(server.process.wait)
    finally:
        await asyncio.to_thread(server.stop)
    mongo.shells.update_many({"user": person.email}, [{"$set": {"seen_at": {"$subtract": ["$seen_at", LONG_MS]}}}])
    await asyncio.to_thread(record_lost_shells)
    await asyncio.to_thread(record_lost_shells)
    assert audited(mongo, person) == [("terminal.open", ""), ("terminal.close", "lost")]


async def test_pods_of_a_protected_environment_get_no_container_for_debugging(
    mongo: Any, web: Web, cluster: ExecServer
) -> None:
    person = a_user("operator")
    place = await asyncio.to_thread(where, cluster, person)

    def protect() -> None:
        environment = an_environment(person, a_workflow(person), place["cluster"])
        cluster.labels = {"kubeorch.dev/environment": environment["id"]}
        assert person.patch(f"environments/{environment['id']}", {"protected": True}).status == 200

    await asyncio.to_thread(protect)
    async with web.live(person.token, path=EXEC) as tab:
        refused = await ask(tab, open={**place, "debug": "busybox:1"})
    assert (refused["code"], "approve the plan" in refused["detail"]) == ("object.protected", True)
    assert cluster.asked == 0
    assert audited(mongo, person) == []
    async with web.live(person.token, path=EXEC) as tab:
        assert (await ask(tab, open=place))["type"] == "opened", "a shell changes nothing of the pod"
