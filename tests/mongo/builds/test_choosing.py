"""Which build's image a run takes."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from builds.running.choosing import PinInvalid, newest_of, pinned
from builds.running.store import Build
from builds.sources import store as source_store
from tests.support.people import Person, a_user

DIGEST = "sha256:" + "a" * 64


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user()


def a_build(mongo: Any, person: Person, source: dict[str, Any], state: str, digest: str = DIGEST, **asked: Any) -> int:
    started = person.post(f"sources/{source['id']}/builds", asked)
    assert started.status == 202, started.body
    change = {"state": state, "digest": digest, "slot": None}
    mongo.builds.update_one({"_id": ObjectId(started.body["id"])}, {"$set": change})
    return int(started.body["number"])


def a_source(person: Person, name: str = "app") -> dict[str, Any]:
    given = {"name": name, "repository": "https://git.example.test/a/b.git", "image": "r.example.test/a", "ref": "main"}
    return dict(person.post("sources", given).body)


def newest(person: Person) -> Build | None:
    source = source_store.find_named(person.team_id, "app")
    assert source is not None
    return newest_of(source)


def test_it_is_the_newest_that_succeeded_of_the_sources_own_ref(mongo: Any, anna: Person) -> None:
    source = a_source(anna)
    assert newest(anna) is None
    a_build(mongo, anna, source, "succeeded")
    second = a_build(mongo, anna, source, "succeeded")
    a_build(mongo, anna, source, "failed")
    a_build(mongo, anna, source, "succeeded", ref="other")
    found = newest(anna)
    assert found is not None
    assert found["number"] == second


def test_a_source_with_another_ref_has_other_images(mongo: Any, anna: Person) -> None:
    source = a_source(anna)
    a_build(mongo, anna, source, "succeeded")
    anna.patch(f"sources/{source['id']}", {"ref": "release"})
    assert newest(anna) is None


@pytest.mark.parametrize("change", [{"repository": "https://git.example.test/c/d.git"}, {"root": "apps/web"}])
def test_a_source_of_another_place_has_other_images(mongo: Any, anna: Person, change: dict[str, str]) -> None:
    source = a_source(anna)
    a_build(mongo, anna, source, "succeeded")
    changed = anna.patch(f"sources/{source['id']}", {**change, "rev": source["rev"]})
    assert changed.status == 200, changed.body
    assert newest(anna) is None
    second = a_build(mongo, anna, source, "succeeded")
    found = newest(anna)
    assert found is not None
    assert found["number"] == second


def test_a_source_with_another_builder_keeps_its_image_until_the_next_build(mongo: Any, anna: Person) -> None:
    source = a_source(anna)
    first = a_build(mongo, anna, source, "succeeded")
    changed = anna.patch(f"sources/{source['id']}", {"builder": {"type": "dockerfile", "dockerfile": "Other"}})
    assert changed.status == 200, changed.body
    found = newest(anna)
    assert found is not None
    assert found["number"] == first


def test_a_pin_is_a_number_or_a_digest_of_the_source(mongo: Any, anna: Person) -> None:
    source = a_source(anna)
    a_build(mongo, anna, source, "succeeded", ref="other")
    a_build(mongo, anna, source, "failed")
    for pin in ("1", "#1", DIGEST):
        found = pinned(anna.team_id, "app", pin)
        assert found is not None
        assert found["number"] == 1
    assert pinned(anna.team_id, "app", "2") is None
    for wrong in ("", "0", "latest", "sha256:abc", "1 "):
        with pytest.raises(PinInvalid):
            pinned(anna.team_id, "app", wrong)


def test_numbers_go_on_where_a_source_is_made_again_so_that_a_pin_means_one_build_for_good(
    mongo: Any, anna: Person
) -> None:
    source = a_source(anna)
    for _ in range(3):
        a_build(mongo, anna, source, "succeeded")
    assert anna.delete(f"sources/{source['id']}").status == 204
    again = a_source(anna)
    assert a_build(mongo, anna, again, "succeeded") == 4
    assert pinned(anna.team_id, "app", "1") is None
    bert = a_user()
    assert a_build(mongo, bert, a_source(bert), "succeeded") == 1
