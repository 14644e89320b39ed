"""/ws/exec through a real daphne, without a cluster: who may open a shell, and what comes in."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import websockets

from clusters import store
from tests.support.people import a_user
from tests.support.web_role import Web, ask

EXEC = "/ws/exec"


async def test_a_shell_is_for_operators_of_the_team_and_for_tokens_of_full_scope(mongo: Any, web: Web) -> None:
    operator, editor, stranger = a_user("operator"), a_user("editor"), a_user("operator")
    own, theirs = [
        await asyncio.to_thread(store.insert, store.new_cluster(name, team_id=team, created_by=None))
        for name, team in (("own", operator.team_id), ("theirs", editor.team_id))
    ]
    for person, cluster, code in (
        (operator, own, "cluster.not_connected"),
        (editor, theirs, "forbidden.role"),
        (stranger, own, "cluster.not_found"),
        (operator, {"_id": "nonsense"}, "not_found"),
    ):
        where = {"cluster": str(cluster["_id"]), "namespace": "shop", "pod": "web", "container": ""}
        async with web.live(person.token, path=EXEC) as live:
            assert (await ask(live, open=where))["code"] == code
    made = await asyncio.to_thread(operator.post, "auth/tokens", {"name": "ci", "scope": "run"})
    with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
        async with web.live(made.body["token"], path=EXEC) as live:
            await live.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


async def test_what_is_no_command_is_refused_and_floods_are_closed(mongo: Any, web: Web) -> None:
    person = a_user("operator")
    async with web.live(person.token, path=EXEC) as live:
        for command in ({"something": 1}, {"open": []}, {"open": {"cluster": "../x"}}, {"resize": {"columns": 0}}):
            assert (await ask(live, **command))["code"] == "terminal.bad_command"
        for attach in ("unknown", 7, "x" * 100):
            assert (await ask(live, attach=attach))["code"] == "terminal.not_found"
    floods: list[tuple[Any, int]] = [
        ("not json", 4007),
        (json.dumps({"open": "x" * 5000}), 4009),
        (b"x" * (64 * 1024 + 1), 4009),
        (b"input before a shell", 4008),
    ]
    for message, code in floods:
        async with web.live(person.token, path=EXEC) as live:
            await live.send(message)
            with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
                await live.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == code
