"""Live connections and what lets them in: disabled accounts, tokens with a scope."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.people import PASSWORD, a_user
from tests.support.wait import PATIENCE_S
from tests.support.web_role import Web, ask, session_cookie


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


@pytest.mark.parametrize("end", ["signing out", "a new password", "another role", "leaving the team"])
async def test_an_open_socket_sees_no_more_than_its_person_may_at_that_moment(mongo: Any, web: Web, end: str) -> None:
    boss = a_user("admin")
    person = a_user("admin", team=boss.team_id)
    cookie = await asyncio.to_thread(session_cookie, web, person)
    topic = f"team:{person.team_id}"
    member = f"teams/{person.team_id}/members/{person.user_id}"
    async with web.live(cookie=cookie, origin=web.http) as live:
        assert (await ask(live, subscribe=topic))["type"] == "snapshot"
        if end == "signing out":
            assert await asyncio.to_thread(posted, web, cookie, "auth/logout", {}) == 204
        elif end == "a new password":
            change = {"current_password": PASSWORD, "new_password": "another horse battery staple"}
            assert (await asyncio.to_thread(person.post, "auth/password", change)).status == 204
        elif end == "another role":
            assert (await asyncio.to_thread(boss.patch, member, {"role": "viewer"})).status == 200
            assert (await until_pong(live))["type"] == "pong"  # a viewer may still see the team
            return
        else:
            assert (await asyncio.to_thread(boss.delete, member)).status == 204
        async with asyncio.timeout(PATIENCE_S):
            await live.wait_closed()
        assert live.close_code in (4401, 4403)


async def until_pong(live: Any) -> dict[str, Any]:
    found = await ask(live, ping=1)
    while found["type"] != "pong":
        async with asyncio.timeout(PATIENCE_S):
            found = json.loads(await live.recv())
    return found


def posted(web: Web, cookie: str, path: str, body: Any) -> int:
    csrf = cookie.partition("kubeorch_csrf=")[2].partition(";")[0]
    headers = {"Content-Type": "application/json", "Cookie": cookie, "X-CSRFToken": csrf, "Origin": web.http}
    request = urllib.request.Request(f"{web.http}/api/v1/{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return int(answer.status)
