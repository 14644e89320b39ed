"""Live connections and what lets them in: disabled accounts, tokens with a scope.

A right is believed for seconds, so what ends several connections happens to all of them at once.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import Any

import pytest

from tests.support.people import PASSWORD, Person, a_user
from tests.support.wait import PATIENCE_S
from tests.support.web_role import Web, ask, session_cookie

ENDS = ("signing out", "a new password", "another role", "leaving the team")
DISABLED = "a disabled account"


@pytest.fixture(scope="module")
def ended(web: Web, django_ready: str) -> dict[str, Any]:
    """What became of an open socket, by what happened to its person: the code it was closed with, or a pong."""
    from kubeorch.mongo.client import db
    from tests.support.database import empty

    empty(db())
    people = {}
    for end in (*ENDS, DISABLED):
        boss = a_user("admin", is_admin=end == DISABLED)
        people[end] = (boss, a_user("admin", team=boss.team_id))

    async def all_ends() -> list[Any]:
        return await asyncio.gather(*(end_of(web, end, *people[end]) for end in people))

    return dict(zip(people, asyncio.run(all_ends()), strict=True))


async def end_of(web: Web, end: str, boss: Person, person: Person) -> Any:
    cookie = await asyncio.to_thread(session_cookie, web, person)
    member = f"teams/{person.team_id}/members/{person.user_id}"
    entry: dict[str, Any] = {"token": person.token} if end == DISABLED else {"cookie": cookie, "origin": web.http}
    async with web.live(**entry) as live:
        assert (await ask(live, subscribe=f"team:{person.team_id}"))["type"] == "snapshot"
        if end == DISABLED:
            assert (await asyncio.to_thread(boss.patch, f"people/{person.user_id}", {"disabled": True})).status == 200
        elif end == "signing out":
            assert await asyncio.to_thread(posted, web, cookie, "auth/logout", {}) == 204
        elif end == "a new password":
            change = {"current_password": PASSWORD, "new_password": "another horse battery staple"}
            assert (await asyncio.to_thread(person.post, "auth/password", change)).status == 204
        elif end == "another role":
            assert (await asyncio.to_thread(boss.patch, member, {"role": "viewer"})).status == 200
            return (await until_pong(live))["type"]
        else:
            assert (await asyncio.to_thread(boss.delete, member)).status == 204
        async with asyncio.timeout(PATIENCE_S):
            await live.wait_closed()
        return live.close_code


def test_an_open_socket_of_a_disabled_account_is_closed_within_seconds(ended: dict[str, Any]) -> None:
    assert ended[DISABLED] == 4401


@pytest.mark.parametrize("end", ENDS)
def test_an_open_socket_sees_no_more_than_its_person_may_at_that_moment(ended: dict[str, Any], end: str) -> None:
    if end == "another role":
        assert ended[end] == "pong", "a viewer may still see the team"
    else:
        assert ended[end] in (4401, 4403)


async def test_a_token_that_may_only_read_follows_live_topics(mongo: Any, web: Web) -> None:
    person = a_user()
    made = await asyncio.to_thread(person.post, "auth/tokens", {"name": "board", "scope": "read"})
    async with web.live(made.body["token"]) as live:
        await live.send(f'{{"subscribe": "team:{person.team_id}"}}')
        assert '"snapshot"' in await live.recv()


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
