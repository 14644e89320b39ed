"""Shells through a real daphne, in a cluster that answers when the test says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import websockets

from clusters.terminals.sessions import A_PERSON
from tests.support.exec_server import ExecServer, exec_server
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.web_role import Web, ask

EXEC = "/ws/exec"


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
