"""Triggers that fire when a source of their drawing was built: for which builds, once each, after what wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.test_built_images import CODE, FEEDS, WEB
from tests.support.built import a_build, a_source, succeed
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_workflow, an_environment


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def drawn(person: Person, **source: Any) -> dict[str, Any]:
    """The environment of a workflow with two sources, web and api."""
    workflow = a_workflow(person)
    nodes = [
        {**CODE, "parameters": {"source": "web", **source}},
        {**WEB, "parameters": {"port": 8080}},
        {**CODE, "id": "code2", "name": "code2", "parameters": {"source": "api"}},
        {**WEB, "id": "api", "name": "api", "parameters": {"port": 8080}},
    ]
    edges = [FEEDS, {**FEEDS, "id": "feeds2", "source": "code2", "target": "api"}]
    saved = person.put(f"workflows/{workflow['id']}/graph", {"rev": workflow["rev"], "nodes": nodes, "edges": edges})
    assert saved.status == 200, saved.body
    return an_environment(person, workflow, a_cluster(person.team_id))


def trigger(person: Person, environment: dict[str, Any], **given: Any) -> dict[str, Any]:
    made = person.post(f"environments/{environment['id']}/triggers", {"type": "build", "deploys": "saved", **given})
    assert made.status == 201, made.body
    return dict(made.body)


def look(mongo: Any) -> None:
    """Do the jobs that look at what was built."""
    from types import SimpleNamespace

    from workflows.triggers.jobs import fire_for_build

    for job in mongo.jobs.find({"type": "workflows.built"}):
        fire_for_build(SimpleNamespace(payload=job["payload"], check_alive=lambda: None))  # type: ignore[arg-type]


def fired(mongo: Any) -> list[str]:
    return sorted(job["payload"]["call"] for job in mongo.jobs.find({"type": "workflows.trigger"}))


class Snoozed(Exception):
    pass


def attempt(mongo: Any, made: dict[str, Any], build: Any) -> str:
    """What a worker does with the job of a build's call: the reason that it waits for, or that of its outcome."""
    from types import SimpleNamespace

    from workflows.triggers.jobs import run_trigger

    def snooze(_: float) -> None:
        raise Snoozed

    payload = {"trigger_id": made["id"], "call": f"build:{build['_id']}"}
    try:
        run_trigger(SimpleNamespace(payload=payload, snooze=snooze))  # type: ignore[arg-type]
    except Snoozed:
        return str(mongo.triggers.find_one({})["waiting"]["reason"])
    last = mongo.triggers.find_one({})["last"]
    return f"{last['outcome']}: {last['reason']}" if last else ""


def test_a_build_trigger_has_no_time_and_no_address_and_deploys_what_a_person_did(anna: Person) -> None:
    environment = drawn(anna)
    path = f"environments/{environment['id']}/triggers"
    made = anna.post(path, {"type": "build"}).body
    assert (made["type"], made["deploys"], made["may_delete"], made["path"]) == ("build", "deployed", False, "")
    for field, value in (("cron", "* * * * *"), ("time_zone", "UTC"), ("signed", True)):
        answer = anna.post(path, {"type": "build", field: value})
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, field)


def test_a_build_of_a_drawn_source_fires_once_however_often_it_is_looked_at(anna: Person, mongo: Any) -> None:
    source = a_source(anna.team_id)
    trigger(anna, drawn(anna))
    build = succeed(a_build(source, "pushing"))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: look(mongo), range(4)))
    assert fired(mongo) == [f"build:{build['_id']}"]
    assert mongo.trigger_calls.count_documents({}) == 1


@pytest.mark.parametrize(
    "why",
    ["another ref", "a source that is not drawn", "a pinned build", "switched off", "another team", "it failed"],
)
def test_other_builds_fire_nothing(anna: Person, mongo: Any, why: str) -> None:
    environment = drawn(anna, **({"pin": "1"} if why == "a pinned build" else {}))
    made = trigger(anna, environment)
    if why == "switched off":
        anna.patch(f"triggers/{made['id']}", {"enabled": False})
    team = a_user("editor").team_id if why == "another team" else anna.team_id
    source = a_source(team, "other" if why == "a source that is not drawn" else "web")
    if why == "it failed":
        a_build(source, "failed")
    else:
        succeed(a_build(source, "pushing", of_source=why != "another ref"))
    look(mongo)
    assert fired(mongo) == []


def test_a_build_that_runs_already_and_an_older_one_fire_nothing(anna: Person, mongo: Any) -> None:
    source = a_source(anna.team_id)
    environment = drawn(anna)
    trigger(anna, environment)
    older, newer = a_build(source, "pushing"), a_build(source, "pushing")
    succeed(newer)
    image = {"source": "web", "image": f"{newer['image']}@sha256:{newer['number']:064x}", "digest": "", "tag": ""}
    image |= {"build_id": str(newer["_id"]), "number": newer["number"], "commit": ""}
    runs(mongo, environment, {"code": image})
    succeed(older)
    look(mongo)
    assert fired(mongo) == []
    runs(mongo, environment, {"code": {**image, "image": "other@sha256:1"}})
    look(mongo)
    assert fired(mongo) == sorted(f"build:{one['_id']}" for one in (older, newer))


def runs(mongo: Any, environment: dict[str, Any], images: dict[str, Any]) -> None:
    from kubeorch.base.clock import now

    run_id = ObjectId()
    place = {"environment_id": ObjectId(environment["id"]), "workflow_id": ObjectId(environment["workflow_id"])}
    number = mongo.runs.count_documents({}) + 1
    mongo.runs.insert_one({"_id": run_id, "kind": "apply", "number": number, "images": images, **place})
    deployed = {"version": 1, "content": "", "run_id": run_id, "at": now()}
    mongo.environments.update_one({"_id": ObjectId(environment["id"])}, {"$set": {"deployed": deployed}})


def test_while_another_source_of_the_drawing_is_built_it_waits_and_the_last_build_fires_for_all(
    anna: Person, mongo: Any
) -> None:
    web, api = a_source(anna.team_id), a_source(anna.team_id, "api")
    environment = drawn(anna)
    made = trigger(anna, environment)
    first, second = a_build(web, "pushing"), a_build(api, "building")
    a_build(a_source(anna.team_id, "other"), "building")
    succeed(first)
    look(mongo)
    assert attempt(mongo, made, first) == "api: being built; a run is started after that"
    mongo.builds.update_one({"_id": second["_id"]}, {"$set": {"state": "pushing"}})
    succeed(second)
    look(mongo)
    assert attempt(mongo, made, first) == "", "the later call stands for both"
    anna.patch(f"environments/{environment['id']}", {"name": "renamed"})
    mongo.environments.update_one({}, {"$set": {"removing": True}})
    assert attempt(mongo, made, second).startswith("held: the removal of “renamed” was asked for")


def test_builds_that_never_end_are_waited_for_within_bounds(anna: Person, mongo: Any) -> None:
    from kubeorch.base.clock import now
    from workflows.triggers.waiting import BUILDING_MOST

    web, api = a_source(anna.team_id), a_source(anna.team_id, "api")
    environment = drawn(anna)
    made = trigger(anna, environment)
    a_build(api, "building")
    first = succeed(a_build(web, "pushing"))
    look(mongo)
    mongo.trigger_calls.update_many({}, {"$set": {"at": now() - BUILDING_MOST - timedelta(seconds=1)}})
    newest = succeed(a_build(web, "pushing"))
    look(mongo)
    mongo.environments.update_one({}, {"$set": {"removing": True}})
    assert attempt(mongo, made, first) == ""
    assert attempt(mongo, made, newest).startswith("held: the removal"), "counted from the first build with news"


def test_what_runs_by_its_turn_is_unneeded(anna: Person, mongo: Any) -> None:
    source = a_source(anna.team_id)
    environment = drawn(anna)
    made = trigger(anna, environment)
    build = succeed(a_build(source, "pushing"))
    look(mongo)
    mongo.builds.update_many({}, {"$set": {"of_source": False}})
    assert attempt(mongo, made, build) == "unneeded: the images that were built run already"


def test_the_maker_who_lost_the_right_and_a_protected_environment_hold_it(anna: Person, mongo: Any) -> None:
    source = a_source(anna.team_id)
    environment = drawn(anna)
    made = trigger(anna, environment)
    build = succeed(a_build(source, "pushing"))
    look(mongo)
    mongo.environments.update_one({}, {"$set": {"protected": True}})
    assert "is protected" in attempt(mongo, made, build)
    mongo.memberships.update_one({"user_id": ObjectId(anna.user_id)}, {"$set": {"role": "viewer"}})
    assert "may no longer start runs here" in attempt(mongo, made, build)
