"""The queue of builds: places, turns, and how a build that waits ends."""

from __future__ import annotations

from typing import Any

import bson
import pytest
from bson import ObjectId

from tests.support.people import Person, a_user

SOURCE = {"repository": "https://git.example.test/a/b.git", "image": "registry.example.test/a/b"}


@pytest.fixture(autouse=True)
def _two_places(settings: Any, mongo: Any) -> None:
    settings.BUILD_SLOTS = 2


def builds_of(person: Person, count: int) -> list[dict[str, Any]]:
    source = person.post("sources", {"name": "app", **SOURCE}).body
    started = [person.post(f"sources/{source['id']}/builds") for _ in range(count)]
    assert {one.status for one in started} == {202}, started
    return [one.body for one in started]


def places(mongo: Any) -> dict[str, str]:
    """Place by build."""
    return {str(row["_id"]): row["slot"] for row in mongo.builds.find({"slot": {"$ne": None}})}


def test_no_more_builds_have_a_place_than_there_are(mongo: Any) -> None:
    anna = a_user()
    made = builds_of(anna, 4)
    assert [one["number"] for one in made] == [1, 2, 3, 4]
    assert places(mongo) == {made[0]["id"]: "local#0", made[1]["id"]: "local#1"}
    jobs = list(mongo.jobs.find({"type": "builds.build"}))
    assert [job["payload"]["build_id"] for job in jobs] == [made[0]["id"], made[1]["id"]]
    positions = [anna.get(f"builds/{one['id']}").body["position"] for one in made]
    assert positions == [None, None, 0, 1]


def test_a_build_that_ends_gives_its_place_to_the_team_whose_turn_it_is(mongo: Any) -> None:
    anna, bert = a_user(), a_user()
    first = builds_of(anna, 4)
    second = builds_of(bert, 1)
    anna.post(f"builds/{first[0]['id']}/cancel")
    assert set(places(mongo)) == {first[1]["id"], second[0]["id"]}


def test_a_queued_build_is_canceled_at_once_and_stays_so(mongo: Any) -> None:
    anna = a_user("editor", name="Anna")
    made = builds_of(anna, 3)
    for one in (made[2], made[0]):
        canceled = anna.post(f"builds/{one['id']}/cancel")
        assert (canceled.status, canceled.body["state"]) == (202, "canceled")
        assert canceled.body["ended_at"] is not None
        assert canceled.body["canceled_by"] == "Anna"
        again = anna.post(f"builds/{one['id']}/cancel")
        assert (again.status, again.body["ended_at"]) == (202, canceled.body["ended_at"])


def test_a_place_that_nobody_gave_on_is_given_by_the_next_look(mongo: Any) -> None:
    from builds.running.dispatching import dispatch, keep_dispatching

    made = builds_of(a_user(), 3)
    mongo.builds.update_one({"_id": ObjectId(made[0]["id"])}, {"$set": {"state": "failed", "slot": None}})
    keep_dispatching()
    assert set(places(mongo)) == {made[1]["id"], made[2]["id"]}
    assert dispatch() == 0


def test_a_source_goes_with_its_builds_unless_one_runs(mongo: Any) -> None:
    anna = a_user()
    made = builds_of(anna, 1)
    source = made[0]["source_id"]
    refused = anna.delete(f"sources/{source}")
    assert (refused.status, refused.body["code"]) == (409, "build.running")
    anna.post(f"builds/{made[0]['id']}/cancel")
    assert anna.delete(f"sources/{source}").status == 204
    assert mongo.builds.count_documents({}) == 0
    assert anna.get(f"builds/{made[0]['id']}").status == 404


def test_a_team_has_a_most_of_open_builds(mongo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builds.running.actions.OPEN_MOST", 2)
    anna = a_user()
    made = builds_of(anna, 2)
    refused = anna.post(f"sources/{made[0]['source_id']}/builds")
    assert (refused.status, refused.body["code"]) == (409, "build.too_many")


def test_a_build_that_waits_is_made_of_what_was_asked_for_with_secrets_as_they_are_now(mongo: Any) -> None:
    from builds.running import asked, store
    from builds.sources import store as source_store

    anna = a_user()
    variables = [
        {"key": "MODE", "usage": "build", "value": "fast"},
        {"key": "TOKEN", "usage": "both", "secret": True, "value": "before-4417"},
        {"key": "LATER", "usage": "run", "value": "x"},
    ]
    source = anna.post("sources", {"name": "app", **SOURCE, "variables": variables}).body
    started = anna.post(f"sources/{source['id']}/builds").body
    change = {
        "image": "elsewhere.example.test/x",
        "variables": [
            {"key": "MODE", "usage": "build", "value": "slow"},
            {"key": "TOKEN", "usage": "both", "secret": True, "value": "after-5518"},
        ],
    }
    assert anna.patch(f"sources/{source['id']}", change).status == 200
    build, row = store.find(ObjectId(started["id"]), {}), source_store.find(ObjectId(source["id"]), {})
    assert str(asked.place_of(build, row)) == SOURCE["image"]
    found = {one.key: one.value for one in asked.variables_of(build, row)}
    assert found == {"MODE": "fast", "TOKEN": "after-5518"}
    assert b"before-4417" not in bson.encode(build)
    assert anna.patch(f"sources/{source['id']}", {"variables": []}).status == 200
    with pytest.raises(asked.VariableGone, match="TOKEN"):
        asked.variables_of(build, source_store.find(ObjectId(source["id"]), {}))
