"""Which builds are kept, and what goes with the others."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from builds.domain.log_lines import Line
from builds.domain.masking import Masks
from builds.running.logbook import Logbook
from builds.running.retention import forget_of
from builds.sources import store as source_store
from tests.support.people import Person, a_user
from tests.support.workflows import a_node, a_workflow

DIGEST = "sha256:" + "a" * 64


class Alive:
    """As a job that is still its worker's."""

    def check_lease(self) -> None:
        pass


@pytest.fixture
def anna(mongo: Any, settings: Any) -> Person:
    settings.MAX_BUILDS = 2
    return a_user()


def a_source(person: Person, **more: Any) -> dict[str, Any]:
    given = {"name": "app", "repository": "https://git.example.test/a/b.git", "image": "r.example.test/a", **more}
    return dict(person.post("sources", given).body)


def builds_of(mongo: Any, person: Person, source: dict[str, Any], count: int, state: str = "failed") -> list[ObjectId]:
    made = []
    for _ in range(count):
        started = person.post(f"sources/{source['id']}/builds")
        assert started.status == 202, started.body
        build_id = ObjectId(started.body["id"])
        mongo.builds.update_one({"_id": build_id}, {"$set": {"state": state, "slot": None, "digest": DIGEST}})
        book = Logbook(build_id, Masks([]))
        book.add([Line("x")])
        book.flush()
        made.append(build_id)
    return made


def draw(person: Person, **pins: str) -> None:
    """A workflow that pins a build of each of these sources."""
    a_workflow(person, *(a_node(name, kind="source", source=name, pin=pin) for name, pin in pins.items()))


def kept(mongo: Any, source: dict[str, Any]) -> list[int]:
    forget_of(source_store.find(ObjectId(source["id"]), {}), Alive())  # type: ignore[arg-type]
    rows = list(mongo.builds.find({"source_id": ObjectId(source["id"])}).sort("number", 1))
    assert {row["build_id"] for row in mongo.build_logs.find({})} == {row["_id"] for row in mongo.builds.find({})}
    return [row["number"] for row in rows]


def test_the_newest_builds_of_a_source_are_kept_and_the_logs_of_others_go_with_them(mongo: Any, anna: Person) -> None:
    source = a_source(anna)
    builds_of(mongo, anna, source, 5)
    assert kept(mongo, source) == [4, 5]


def test_a_build_that_has_not_ended_stays(mongo: Any, anna: Person) -> None:
    source = a_source(anna)
    [first, *_] = builds_of(mongo, anna, source, 4)
    mongo.builds.update_one({"_id": first}, {"$set": {"state": "building"}})
    assert kept(mongo, source) == [1, 3, 4]


def test_what_is_in_use_stays(mongo: Any, anna: Person) -> None:
    source = a_source(anna)
    made = builds_of(mongo, anna, source, 8)
    mongo.builds.update_one({"_id": made[1]}, {"$set": {"state": "succeeded"}})  # what a run would take
    mongo.builds.update_one({"_id": made[7]}, {"$set": {"answered_by": made[2]}})
    image = {"build_id": str(made[3])}
    mongo.runs.insert_one({"team_id": anna.team_id, "workflow_id": ObjectId(), "number": 1, "images": {"n": image}})
    draw(anna, app="5", other="6")
    assert kept(mongo, source) == [2, 3, 4, 5, 7, 8]


def test_a_pin_that_is_a_variable_may_mean_any_build(mongo: Any, anna: Person) -> None:
    source = a_source(anna)
    builds_of(mongo, anna, source, 4)
    draw(anna, app="${PIN}")
    assert kept(mongo, source) == [1, 2, 3, 4]


def test_a_source_that_keeps_its_newest_images_alone_knows_the_others_until_they_are_gone(
    mongo: Any, anna: Person
) -> None:
    source = a_source(anna)
    made = builds_of(mongo, anna, source, 6, state="succeeded")
    mongo.builds.update_one({"_id": made[0]}, {"$set": {"image_is_gone": True}})
    mongo.builds.update_one({"_id": made[1]}, {"$set": {"answered_by": made[2]}})
    mongo.sources.update_one({}, {"$set": {"keep_images": 1}})
    assert kept(mongo, source) == [3, 4, 5, 6]
    mongo.sources.update_one({}, {"$set": {"keep_images": 0}})
    assert kept(mongo, source) == [5, 6]


def test_other_teams_use_nothing_of_it_and_the_page_is_told_how_many_are_kept(mongo: Any, anna: Person) -> None:
    source = a_source(anna)
    builds_of(mongo, anna, source, 4)
    draw(a_user("editor"), app="1")
    assert kept(mongo, source) == [3, 4]
    assert anna.get("build-engines").body["builds_kept"] == 2


def test_the_job_looks_at_every_source(mongo: Any, anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from builds.running import retention
    from kubeorch.jobs.context import Snooze

    monkeypatch.setattr(retention, "AT_ONCE", 1)
    sources = [a_source(anna, name=name) for name in ("one", "two", "three")]
    for source in sources:
        builds_of(mongo, anna, source, 4)

    class Job(Alive):
        def snooze(self, delay_s: float) -> None:
            raise Snooze(delay_s, None)

    with pytest.raises(Snooze):
        retention.forget_old_builds(Job())  # type: ignore[arg-type]
    assert mongo.builds.count_documents({}) == 6
