"""The builds of all teams are paused, and go on."""

from __future__ import annotations

from typing import Any

import pytest

from builds.running import dispatching
from tests.support.people import Person, a_user

SOURCE = {"name": "shop", "repository": "https://git.example.test/a/shop.git", "image": "r.example.test/a"}


@pytest.fixture
def boss(mongo: Any) -> Person:
    return a_user("admin", is_admin=True)


def started(person: Person, name: str) -> dict[str, Any]:
    source = person.post("sources", {**SOURCE, "name": name})
    assert source.status == 201, source.body
    build = person.post(f"sources/{source.body['id']}/builds")
    assert build.status in (201, 202), build.body
    return dict(build.body)


def place_of(mongo: Any, build: dict[str, Any]) -> Any:
    return next(one["slot"] for one in mongo.builds.find({}) if str(one["_id"]) == build["id"])


@pytest.mark.parametrize("cancels", [False, True])
def test_what_waits_goes_on_waiting_until_builds_go_on(boss: Person, mongo: Any, cancels: bool) -> None:
    ada = a_user("admin")
    runs = started(ada, "runs")
    assert place_of(mongo, runs) is not None
    paused = boss.put("build-pause", {"reason": "the engine is upgraded", "cancel_running": cancels})
    assert paused.status == 200, paused.body
    shown = ada.get("build-engines").body["pause"]
    assert (shown["reason"], shown["by"]) == ("the engine is upgraded", boss.principal.name)
    assert ada.get(f"builds/{runs['id']}").body["state"] == ("canceled" if cancels else "queued")
    assert (place_of(mongo, runs) is None) is cancels

    other = a_user("admin")
    waits = started(other, "waits")
    assert dispatching.dispatch() == 0
    assert place_of(mongo, waits) is None
    again = boss.put("build-pause", {"reason": "it takes longer"}).body
    assert (again["reason"], again["at"]) == ("it takes longer", shown["at"])

    assert boss.delete("build-pause").status == 204
    assert ada.get("build-engines").body["pause"] is None
    if not cancels:
        assert ada.post(f"builds/{runs['id']}/cancel").status == 202
    dispatching.dispatch()
    assert place_of(mongo, waits) is not None
    assert {"builds.pause", "builds.resume"} <= {one["action"] for one in mongo.audit.find({})}


def test_administrators_of_the_instance_alone_pause_with_a_reason(boss: Person) -> None:
    ada = a_user("admin")
    assert ada.put("build-pause", {"reason": "mine"}).body["code"] == "forbidden.instance_admin"
    assert ada.delete("build-pause").status == 403
    for given in ({}, {"reason": " "}, {"reason": "x" * 301}):
        refused = boss.put("build-pause", given)
        assert (refused.status, refused.body["errors"][0]["field"]) == (400, "reason")
    assert boss.delete("build-pause").status == 204, "there is none"
