"""/ws/live through a real daphne: who may listen, what they get, how a bad client is closed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import urllib.error
from contextlib import AsyncExitStack
from typing import Any

import pytest
import websockets
from bson import ObjectId

from clusters import store as clusters
from kubeorch.realtime import access
from tests.support.live_environment import LiveEnvironment
from tests.support.live_page import Page
from tests.support.people import a_user
from tests.support.wait import PATIENCE_S
from tests.support.web_role import Web, ask, open_stream, session_cookie


async def test_a_page_gets_a_snapshot_then_changes_and_after_reconnecting_only_what_it_missed(
    mongo: Any, web: Web
) -> None:
    person = a_user("viewer")
    environment = LiveEnvironment(mongo, person)
    environment.change("a", "b", "c")
    page = Page()
    async with web.live(person.token) as live:
        page.take(await ask(live, subscribe=environment.topic))
        assert page.types == ["snapshot"]
        await asyncio.to_thread(environment.change, "b")
        await asyncio.to_thread(environment.change, "c", gone=True)
        await page.follow(live, environment.values)
    await asyncio.to_thread(environment.change, "a")
    async with web.live(person.token) as live:
        # The topic stays in memory for a while, so the same epoch is still known.
        again = await ask(live, subscribe=environment.topic, epoch=page.epoch, seq=page.seq)
        assert again["type"] == "delta"
        assert list(again["data"]) == ["node:a"]
        page.take(again)
        assert page.data == environment.values
        assert await ask(live, ping=1) == {"type": "pong"}


async def test_a_refused_topic_is_answered_with_a_code_and_no_data(mongo: Any, web: Web) -> None:
    person, stranger = a_user("viewer"), a_user("admin")
    environment = LiveEnvironment(mongo, person)
    async with web.live(stranger.token) as live:
        foreign, unknown = [
            await ask(live, subscribe=name) for name in (environment.topic, f"environment:{ObjectId()}")
        ]
        assert foreign["type"] == unknown["type"] == "error"
        assert foreign["data"] == unknown["data"]
        assert foreign["data"]["code"] == "environment.not_found"
        for name in ("environment:1", "environment", "secrets", "clusters:x", f"clusters:{ObjectId()}", {"$ne": 1}, 7):
            answer = await ask(live, subscribe=name)
            assert answer["type"] == "error"
            assert answer["data"]["code"] == "live.no_topic", answer
        assert (await ask(live, subscribe="clusters"))["type"] == "snapshot"
        assert (await ask(live, something=1))["data"]["code"] == "live.bad_message"


async def test_a_session_cookie_is_accepted_only_from_our_own_pages(mongo: Any, web: Web) -> None:
    person = a_user("viewer")
    cookie = await asyncio.to_thread(session_cookie, web, person)
    async with web.live(cookie=cookie, origin=web.http) as live:
        assert (await ask(live, subscribe="clusters"))["type"] == "snapshot"
    cases: list[dict[str, Any]] = [
        {"cookie": cookie, "origin": "https://evil.example"},
        {"cookie": cookie, "origin": "null"},
        {"cookie": cookie},
        {"cookie": cookie, "origin": f"http://127.0.0.1:{web.port}.evil.example"},
        {"token": person.token, "origin": "https://evil.example"},
        {"origin": web.http},
        {},
        {"token": "nothing"},
        {"cookie": "kubeorch_session=nothing", "origin": web.http},
        {"query": f"?token={person.token}"},
    ]
    for path in ("/ws/live", "/ws/exec"):
        for case in cases:
            with pytest.raises(websockets.exceptions.InvalidStatus):
                async with web.live(**case, path=path):
                    pass


async def test_people_whose_rights_were_revoked_lose_their_open_connections(mongo: Any, web: Web) -> None:
    assert access.RECHECK_S < 5, "rights are read again within five seconds"
    people = {what: a_user("viewer") for what in ("token", "membership", "account")}
    ids = {what: ObjectId(person.user_id) for what, person in people.items()}
    async with AsyncExitStack() as stack:
        sockets = {}
        for what, person in people.items():
            sockets[what] = live = await stack.enter_async_context(web.live(person.token))
            assert (await ask(live, subscribe=LiveEnvironment(mongo, person).topic))["type"] == "snapshot"
        mongo.api_tokens.delete_many({"user_id": ids["token"]})
        mongo.memberships.delete_many({"user_id": ids["membership"]})
        mongo.users.update_one({"_id": ids["account"]}, {"$set": {"is_active": False}})
        for what, live in sockets.items():
            async with asyncio.timeout(PATIENCE_S):
                with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
                    await live.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code in (4401, 4403), what


@pytest.mark.parametrize(("bad", "code"), [("x" * 70_000, 4009), ("not json", 4007), (b"\x00", 4007), ("flood", 4008)])
async def test_a_misbehaving_client_is_closed_and_others_are_not(
    mongo: Any, web: Web, bad: str | bytes, code: int
) -> None:
    person = a_user("viewer")
    environment = LiveEnvironment(mongo, person)
    async with web.live(person.token) as good, web.live(person.token) as live:
        page = Page()
        page.take(await ask(good, subscribe=environment.topic))
        with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
            await send_until_closed(live, ['{"ping":1}'] * 2000 if bad == "flood" else [bad])
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code
        await asyncio.to_thread(environment.change, "a")
        await page.follow(good, environment.values)


async def send_until_closed(live: Any, messages: list[Any]) -> None:
    for message in messages:
        await live.send(message)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await live.recv()


async def test_one_connection_may_follow_at_most_64_topics(mongo: Any, web: Web) -> None:
    person = a_user("viewer")
    environments = [LiveEnvironment(mongo, person) for _ in range(65)]
    async with web.live(person.token) as live:
        for environment in environments[:64]:
            assert (await ask(live, subscribe=environment.topic))["type"] == "snapshot"
        assert (await ask(live, subscribe=environments[64].topic))["data"]["code"] == "live.too_many_topics"
        await live.send(json.dumps({"unsubscribe": environments[0].topic}))
        assert (await ask(live, subscribe=environments[64].topic))["type"] == "snapshot"


async def test_a_cluster_that_is_no_longer_shared_disappears_from_other_teams_pages(mongo: Any, web: Web) -> None:
    owner, other = a_user(role="admin", is_admin=True), a_user()
    row = clusters.insert({**clusters.new_cluster("east", team_id=owner.team_id, created_by=None), "shared": True})
    path, key = f"clusters/{row['_id']}", f"cluster:{row['_id']}"
    async with web.live(other.token) as live, web.live(owner.token) as own:
        assert key in (await ask(live, subscribe="clusters"))["data"]
        assert key in (await ask(own, subscribe="clusters"))["data"]
        assert (await asyncio.to_thread(owner.patch, path, {"shared": False})).status == 200
        async with asyncio.timeout(PATIENCE_S):
            assert json.loads(await live.recv())["data"] == {key: None}
            assert not json.loads(await own.recv())["data"][key]["shared"]
        assert (await asyncio.to_thread(owner.patch, path, {"name": "hidden"})).status == 200
        assert (await asyncio.to_thread(owner.patch, path, {"shared": True})).status == 200
        async with asyncio.timeout(PATIENCE_S):
            assert json.loads(await live.recv())["data"][key]["shared"]  # and nothing of its time out of sight


async def test_a_person_has_a_bounded_number_of_connections_and_gets_room_again_when_one_closes(
    mongo: Any, web: Web
) -> None:
    person, other = a_user("viewer"), a_user("viewer")
    async with AsyncExitStack() as stack:
        for _ in range(access.CONNECTIONS_A_PERSON):
            await stack.enter_async_context(web.live(person.token))
        async with web.live(person.token) as refused:
            async with asyncio.timeout(PATIENCE_S):
                await refused.wait_closed()
            assert refused.close_code == 4029
        with pytest.raises(urllib.error.HTTPError) as too_many:
            await asyncio.to_thread(open_stream, web, person, "topic=clusters")
        assert too_many.value.code == 429
        assert too_many.value.headers["Retry-After"] == "30"
        async with web.live(other.token) as live:
            assert (await ask(live, subscribe="clusters"))["type"] == "snapshot"
    assert await stays_open(web, person.token)


async def stays_open(web: Web, token: str) -> bool:
    """Whether a connection opens and answers, tried until the server has noticed that others closed."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(websockets.ConnectionClosed):
                async with web.live(token) as live:
                    return (await ask(live, ping=1))["type"] == "pong"
