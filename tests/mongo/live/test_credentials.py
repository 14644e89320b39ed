"""Live connections and what lets them in: disabled accounts, tokens with a scope."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.people import a_user
from tests.support.wait import PATIENCE_S
from tests.support.web_role import Web


async def test_an_open_socket_of_a_disabled_account_is_closed_within_seconds(mongo: Any, web: Web) -> None:
    boss, person = a_user("admin", is_admin=True), a_user()
    async with web.live(person.token) as live:
        await live.send('{"ping": 1}')
        assert "pong" in await live.recv()
        disabled = await asyncio.to_thread(boss.patch, f"people/{person.user_id}", {"disabled": True})
        assert disabled.status == 200
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(PATIENCE_S):
                await live.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_a_token_that_may_only_read_follows_live_topics(mongo: Any, web: Web) -> None:
    person = a_user()
    made = await asyncio.to_thread(person.post, "auth/tokens", {"name": "board", "scope": "read"})
    async with web.live(made.body["token"]) as live:
        await live.send(f'{{"subscribe": "team:{person.team_id}"}}')
        assert '"snapshot"' in await live.recv()
