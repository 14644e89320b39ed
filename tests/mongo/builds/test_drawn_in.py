"""The way from a build to what draws and runs it, from a connection to its sources, and who removed an image."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from builds.running import image_store
from kubeorch.base.clock import now
from tests.mongo.test_built_images import drawn, start
from tests.support.built import a_build, a_source, digest_of, image_of
from tests.support.people import Person, a_user


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def workflows(person: Person, build: Any) -> list[dict[str, Any]]:
    answer = person.get(f"builds/{build['_id']}/workflows")
    assert answer.status == 200, answer.body
    return list(answer.body["results"])


def test_a_build_leads_to_the_workflows_that_draw_its_source_and_to_the_run_that_took_it(
    anna: Person, mongo: Any
) -> None:
    source = a_source(anna.team_id)
    first = a_build(source)
    assert workflows(anna, first) == []
    workflow = drawn(anna)
    [row] = workflows(anna, first)
    assert (row["id"], row["node"], row["pinned"], row["run"]) == (workflow["id"], "code", False, None)

    run = start(anna, workflow)
    assert run.status == 202, run.body
    [row] = workflows(anna, first)
    assert (row["run"]["id"], row["run"]["number"]) == (run.body["id"], 1)
    later = a_build(source)
    assert workflows(anna, later)[0]["run"] is None

    mongo.workflows.update_one({"_id": ObjectId(workflow["id"])}, {"$set": {"nodes": []}})
    [row] = workflows(anna, first)
    assert (row["node"], row["run"]["number"]) == (None, 1)
    assert workflows(anna, later) == []


def test_a_drawing_that_is_pinned_to_a_build_says_so(anna: Person) -> None:
    source = a_source(anna.team_id)
    first, second = a_build(source), a_build(source)
    drawn(anna, pin="1")
    assert [workflows(anna, one)[0]["pinned"] for one in (first, second)] == [True, False]


def test_workflows_and_builds_of_other_teams_are_not_seen(anna: Person, mongo: Any) -> None:
    source = a_source(anna.team_id)
    build = a_build(source)
    other = a_user("editor", name="Eve")
    a_build(a_source(other.team_id))
    drawn(other)
    assert workflows(anna, build) == []
    assert other.get(f"builds/{build['_id']}/workflows").status == 404


def test_sources_are_listed_by_the_connection_that_reads_them(anna: Person, mongo: Any) -> None:
    one, two = a_source(anna.team_id, "one"), a_source(anna.team_id, "two")
    connection = ObjectId()
    mongo.sources.update_one({"_id": one["_id"]}, {"$set": {"connection_id": connection}})
    found = anna.get(f"sources?connection={connection}").body["results"]
    assert [row["name"] for row in found] == ["one"]
    assert {row["name"] for row in anna.get("sources").body["results"]} == {"one", two["name"]}


def test_who_removed_an_image_is_kept_with_its_builds(anna: Person, mongo: Any) -> None:
    source = a_source(anna.team_id)
    build = a_build(source)
    place = image_of(1).partition("@")[0]
    image_store.note_removal(source["_id"], [(place, digest_of(1))], now(), "Anna")
    shown = anna.get(f"builds/{build['_id']}").body
    assert (shown["image_removed_at"] is not None, shown["image_removed_by"]) == (True, "Anna")
    image_store.note_removal(source["_id"], [(place, digest_of(1))], None)
    assert anna.get(f"builds/{build['_id']}").body["image_removed_by"] == ""


def test_the_drawings_of_a_source_are_found_by_an_index(mongo: Any) -> None:
    team = ObjectId()
    sources = [None] * 100 + ["shop"]
    rows = [
        {"team_id": team, "nodes": [{"id": "web", "parameters": {"source": one} if one else {}}]} for one in sources
    ]
    mongo.workflows.insert_many(rows)
    query = {"team_id": team, "nodes.parameters.source": "shop"}
    plan = mongo.workflows.find(query).explain()["queryPlanner"]["winningPlan"]
    assert "team_sources" in str(plan)
