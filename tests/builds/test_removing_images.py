"""While older images go, others work on: what comes into use stays, and each removal is one person's or worker's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.built import a_build, a_source
from tests.support.odd_registry import Asked, Said, an_odd_registry
from tests.support.old_images import COMMIT, Built, add, builds
from tests.support.people import Person, a_user
from tests.support.registry import MANIFEST, Registry, a_registry
from tests.support.workflows import a_node, a_workflow


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with a_registry(tmp_path_factory.mktemp("registry"), password=True, tls=True) as running:
        yield running


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("operator", name="Anna")


class Turns:
    """What others do when it is asked for the nth time whether to go on: first before anything is marked, then before
    each image."""

    def __init__(self, **turns: Callable[[], Any]) -> None:
        self.turns, self.asked = turns, 0

    def __call__(self) -> None:
        self.asked += 1
        self.turns.get(f"at_{self.asked}", lambda: None)()


def remove(shop: Built, keep: int, check: Callable[[], None], seconds: float = 60) -> Any:
    from builds.running.removing_images import remove_old
    from builds.sources import store

    return remove_old(
        store.find(shop.row["_id"], {}), keep, seconds=seconds, check=check, told=lambda _: None, by="Anna"
    )


def left(removed: Any) -> dict[int, str]:
    return {one.numbers[0]: why for one, why in removed.left}


def test_what_comes_into_use_while_others_go_stays(anna: Person, registry: Registry) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "go/used", 6)
    other = a_user("operator")
    made = {"image": shop.image, "digest": shop.builds[0]["digest"], "tags": [f"9-{COMMIT}"]}
    turns = Turns(  # the newest of them goes first
        at_2=lambda: a_workflow(anna, a_node("mine", image=f"{shop.image}:4-{COMMIT}"), name="New"),
        at_3=lambda: a_workflow(other, a_node("theirs", image=f"{shop.image}@{shop.builds[2]['digest']}")),
        at_5=lambda: a_build(shop.row, **made, of_source=False, answered_by=shop.builds[0]["_id"]),
    )
    removed = remove(shop, 1, turns)
    assert left(removed) == {
        4: "drawn in New",
        3: "another team uses it",
        1: "a build has just made it, or was answered with it",
    }
    assert shop.numbers() == [1, 3, 4, 6]


def test_nothing_goes_from_where_a_build_may_just_push_the_same(anna: Person, registry: Registry, mongo: Any) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "go/running", 3)
    elsewhere = a_source(a_user("operator").team_id, name="theirs")
    running = a_build(elsewhere, state="pushing", image=shop.image, tags=[])
    assert set(left(remove(shop, 1, Turns())).values()) == {"a build runs that may push it again"}
    mongo.builds.update_one({"_id": running["_id"]}, {"$set": {"state": "failed"}})
    assert left(remove(shop, 1, Turns())) == {}
    assert shop.numbers() == [3]


def test_no_build_is_answered_with_an_image_that_goes(anna: Person, mongo: Any) -> None:
    from builds.domain.masking import Masks
    from builds.running import store
    from builds.running.holding import AnswerGone, Holding

    source = a_source(anna.team_id)
    a_build(source, identity="same")
    found = store.same_inputs(anna.team_id, "same")
    assert found is not None
    late = a_build(source, state="cloning", tags=[])
    holding = Holding(late, SimpleNamespace(fence=1), Masks([]))  # type: ignore[arg-type]
    mongo.builds.update_one({"_id": found["_id"]}, {"$set": {"image_removed_at": found["created_at"]}})
    assert store.same_inputs(anna.team_id, "same") is None
    assert not store.knows_one(anna.team_id, ["same"])
    with pytest.raises(AnswerGone):
        holding.succeed_as(found, digest=found["digest"], image=found["image"], tags=found["tags"])
    assert mongo.builds.find_one({"_id": late["_id"]})["state"] == "cloning", "it is built in its next attempt"
    mongo.builds.update_one({"_id": found["_id"]}, {"$set": {"image_removed_at": None}})
    holding.succeed_as(found, digest=found["digest"], image=found["image"], tags=found["tags"])
    assert mongo.builds.find_one({"_id": late["_id"]})["answered_by"] == found["_id"]


def test_one_removal_of_a_source_at_a_time(anna: Person, registry: Registry, mongo: Any) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "go/claims", 5)
    answers = []
    removed = remove(shop, 2, Turns(at_2=lambda: answers.append(shop.ask(4))))
    assert [(one.status, one.body["code"]) for one in answers] == [(409, "image.removal_running")]
    assert (len(removed.gone), shop.numbers()) == (3, [4, 5])

    from builds.sources import claim_store

    claim_store.claim(shop.row["_id"], 600)
    assert shop.ask(1).status == 409
    claim_store.claim(Built(anna, registry, "go/other", 1, name="other").row["_id"], 600)
    mongo.sources.update_one({"_id": shop.row["_id"]}, {"$set": {"images_claim.until": shop.row["created_at"]}})
    assert builds(shop.remove(1)["removed"]) == [4], "a claim that is over holds nobody"


def test_a_claim_that_was_lost_ends_the_removal(anna: Person, registry: Registry, mongo: Any) -> None:
    from builds.sources.claim_store import RemovalRunning

    add(anna, registry)
    shop = Built(anna, registry, "go/lost", 4)
    source = {"_id": shop.row["_id"]}
    over = {"$set": {"images_claim.until": shop.row["created_at"]}}
    late = Turns(at_3=lambda: mongo.sources.update_one(source, over))
    with pytest.raises(RemovalRunning):
        remove(shop, 1, late)
    assert shop.numbers() == [1, 2, 4]


def test_it_ends_in_time_and_says_what_is_left(
    anna: Person, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    from builds.running import removing_images

    add(anna, registry)
    shop = Built(anna, registry, "go/time", 4)
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 100)
    removed = remove(shop, 1, Turns(at_3=lambda: monkeypatch.setattr(removing_images, "time", later)))
    assert (len(removed.gone), set(left(removed))) == (1, {1, 2})
    assert "no time left" in left(removed)[1]
    assert shop.numbers() == [1, 2, 4]


def test_what_somebody_has_removed_by_hand_is_gone_where_the_registry_has_what_is_newer(
    anna: Person, registry: Registry
) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "go/by-hand", 3)
    path = f"/v2/{shop.path}/manifests/"
    assert registry.call("DELETE", path + shop.builds[0]["digest"])[0] == 202
    assert builds(shop.remove(2)["removed"]) == [1]
    for one in shop.builds[1:]:
        assert registry.call("DELETE", path + one["digest"])[0] == 202
    shop.builds.append(shop.build(b"newer"))
    assert builds(shop.remove(1)["removed"]) == [3, 2]


def test_a_404_of_whatever_is_in_between_removes_nothing(anna: Person, mongo: Any) -> None:
    given = {"name": "odd", "provider": "generic", "plain_http": True, "username": "ko", "secret": "x", "test": False}
    with an_odd_registry() as odd:
        answer = a_user("admin", anna.team_id).post("registries", {**given, "host": odd.host})
        assert answer.status == 201, answer.body
        source = a_source(anna.team_id)
        for number in (1, 2):
            a_build(source, image=f"{odd.host}/a/b", tags=[f"{number}-{COMMIT}"])

        def ask() -> Any:
            return anna.post(f"sources/{source['_id']}/image-removals", {"keep": 1}).body

        assert ask()["removed"] == [], "its tags are not known"
        assert not [one for one in odd.asked if one.method == "DELETE"]

        def only_tags(asked: Asked) -> Said:
            return Said(200, {"tags": [f"1-{COMMIT}"]}) if "/tags/list" in asked.path else Said(404)

        odd.answers = only_tags
        assert "not even what is newer" in ask()["left"][0]["detail"]

        def has_all(asked: Asked) -> Said:
            digest = asked.path.rpartition("/")[2]
            there = Said(200, headers={"Docker-Content-Digest": digest, "Content-Type": MANIFEST})
            return there if asked.method == "HEAD" else only_tags(asked)

        odd.answers = has_all
        assert "says when it is to be deleted that it does not" in ask()["left"][0]["detail"]
        assert mongo.builds.count_documents({"image_is_gone": True}) == 0
        assert mongo.builds.count_documents({"image_removed_at": {"$ne": None}}) == 0


class Job:
    """The job of each hour, with what others do when it is asked for the nth time whether it is still a worker's."""

    def __init__(self, **turns: Callable[[], Any]) -> None:
        self.check_lease = Turns(**turns)

    def snooze(self, delay_s: float) -> None:
        from kubeorch.jobs.context import Snooze

        raise Snooze(delay_s, None)


def test_a_source_keeps_as_many_as_it_says_by_itself(
    anna: Person, registry: Registry, settings: Any, mongo: Any
) -> None:
    from builds.running import keeping_images
    from kubeorch.jobs.context import Snooze

    add(anna, registry)
    shop, all_stay = Built(anna, registry, "go/policy", 3), Built(a_user("operator"), registry, "go/all", 3)
    path = f"sources/{shop.row['_id']}"
    settings.MAX_BUILDS = 20
    too_many = anna.patch(path, {"keep_images": 21})
    assert (too_many.status, too_many.body["errors"][0]["field"]) == (400, "keep_images")
    assert anna.patch(path, {"keep_images": 1}).body["keep_images"] == 1
    editor = a_user("editor", anna.team_id)
    assert editor.patch(path, {"keep_images": 2}).status == 403, "what is removed cannot be had back"
    assert editor.patch(path, {"keep_images": 1, "ref": "main"}).status == 200
    with pytest.raises(Snooze):
        keeping_images.keep_images(Job())  # type: ignore[arg-type]
    assert mongo.audit.count_documents({"action": "image.remove", "actor": "KubeOrch"}) == 2
    assert (shop.numbers(), all_stay.numbers()) == ([3], [1, 2, 3])
    note = anna.get(path).body["images_note"]
    assert (note["removed"], note["trouble"]) == (2, "")


def test_the_job_keeps_what_a_source_says_when_its_turn_comes(anna: Person, registry: Registry, mongo: Any) -> None:
    from builds.running import keeping_images

    add(anna, registry)
    shop = Built(anna, registry, "go/changed", 5)

    def keeps(count: int) -> None:
        mongo.sources.update_one({"_id": shop.row["_id"]}, {"$set": {"keep_images": count}})

    keeps(0)
    keeping_images.keep_of(shop.row["_id"], Job())  # type: ignore[arg-type]
    keeps(3)
    keeping_images.keep_of(shop.row["_id"], Job(at_3=lambda: keeps(0)))  # type: ignore[arg-type]
    assert shop.numbers() == [1, 3, 4, 5], "the one that went before it was switched off"
    note = anna.get(f"sources/{shop.row['_id']}").body["images_note"]
    assert note["removed"] == 1
    assert "changed meanwhile" in note["trouble"]
    assert mongo.builds.count_documents({"image_removed_at": {"$ne": None}}) == 1
    mongo.sources.delete_one({"_id": shop.row["_id"]})
    keeping_images.keep_of(shop.row["_id"], Job())  # type: ignore[arg-type]
