"""The topic `team:<id>`: what pages that list a team's workflows and runs hear, so that they need not ask again."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from bson import ObjectId

from tests.support.live_page import Page
from tests.support.people import Person, a_user
from tests.support.wait import PATIENCE_S
from tests.support.web_role import Web, ask


async def test_a_list_hears_of_new_changed_and_removed_workflows_of_its_team(mongo: Any, web: Web) -> None:
    person, other = a_user("editor"), a_user("editor")
    page = Page()
    async with web.live(person.token) as live:
        page.take(await ask(live, subscribe=f"team:{person.team_id}"))
        assert page.data == {}
        await asyncio.to_thread(other.post, "workflows", {"name": "elsewhere"})
        made = (await asyncio.to_thread(person.post, "workflows", {"name": "shop"})).body
        key = f"workflow:{made['id']}"
        await heard(page, live, lambda: page.data[key]["name"] == "shop", key)
        await asyncio.to_thread(rename, person, made["id"], "store")
        await heard(page, live, lambda: page.data[key]["name"] == "store", key)
        await asyncio.to_thread(person.call, "DELETE", f"workflows/{made['id']}")
        async with asyncio.timeout(PATIENCE_S):
            while key in page.data:
                page.take(json.loads(await live.recv()))
    assert page.data == {}


async def test_a_team_is_heard_by_its_members_alone(mongo: Any, web: Web) -> None:
    person, stranger = a_user("viewer"), a_user("admin")
    async with web.live(stranger.token) as live:
        foreign = await ask(live, subscribe=f"team:{person.team_id}")
        unknown = await ask(live, subscribe=f"team:{ObjectId()}")
        assert foreign["type"] == unknown["type"] == "error"
        assert foreign["data"] == unknown["data"]
    async with web.live(person.token) as live:
        assert (await ask(live, subscribe=f"team:{person.team_id}"))["type"] == "snapshot"


def rename(person: Person, workflow_id: str, name: str) -> None:
    assert person.call("PATCH", f"workflows/{workflow_id}", {"name": name}).status == 200


async def heard(page: Page, live: Any, what: Any, key: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while key not in page.data or not what():
            page.take(json.loads(await live.recv()))
