"""Of a source only the newest images are kept, in a real registry: what nothing uses of the others goes, and says so
before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from tests.support.built import a_build, a_source
from tests.support.odd_registry import Asked, Said, an_odd_registry
from tests.support.people import Person, a_user
from tests.support.registry import MANIFEST, Registry, a_registry
from tests.support.workflows import a_node, a_workflow

COMMIT = "0123456789ab"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with a_registry(tmp_path_factory.mktemp("registry"), password=True, tls=True) as running:
        yield running


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("operator", name="Anna")


def add(person: Person, registry: Registry, name: str = "own") -> None:
    made = a_user("admin", person.team_id).post("registries", {"name": name, **registry.given()})
    assert made.status == 201, made.body


class Built:
    """A source with builds whose images are in the registry."""

    def __init__(self, person: Person, registry: Registry, path: str, count: int) -> None:
        self.person, self.registry, self.path = person, registry, path
        self.row = a_source(person.team_id)
        self.image = f"{registry.host}/{path}"
        self.builds = [self.build() for _ in range(count)]

    def build(self, content: bytes = b"", **more: Any) -> Any:
        number = len(self.registry.images(self.path)) + 1
        tag = f"{number}-{COMMIT}"
        digest = self.registry.push(self.path, tag, content=content or f"layer {number}".encode())
        return a_build(self.row, image=self.image, digest=digest, tags=[tag], **more)

    def ask(self, keep: int, *, preview: bool = False, person: Person | None = None) -> Any:
        path = f"sources/{self.row['_id']}/image-removals"
        return (person or self.person).post(path, {"keep": keep, "preview": preview})

    def remove(self, keep: int) -> dict[str, Any]:
        answer = self.ask(keep)
        assert answer.status == 200, answer.body
        return dict(answer.body)

    def numbers(self) -> list[int]:
        """Of the builds whose images the registry has."""
        there = self.registry.images(self.path)
        return [one["number"] for one in self.builds if self.registry.digest_of(self.path, one["digest"]) in there]


def builds(rows: list[dict[str, Any]]) -> list[int]:
    return [number for row in rows for number in row["builds"]]


def test_what_goes_is_said_first_and_then_just_that_goes(anna: Person, registry: Registry, mongo: Any) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "keep/first", 4)
    shown = shop.ask(2, preview=True).body
    assert (builds(shown["removed"]), shown["kept"], shown["is_more"]) == ([2, 1], [], False)
    assert shown["removed"][0]["tags"] == [f"2-{COMMIT}"]
    assert shop.numbers() == [1, 2, 3, 4], "a preview removes nothing"

    removed = shop.remove(2)
    assert (builds(removed["removed"]), removed["left"]) == ([2, 1], [])
    assert shop.numbers() == [3, 4]
    assert shop.ask(2, preview=True).body["removed"] == []
    gone = anna.get(f"builds/{shop.builds[0]['_id']}").body
    assert gone["image_removed_at"] is not None
    assert anna.get(f"builds/{shop.builds[3]['_id']}").body["image_removed_at"] is None
    assert mongo.audit.count_documents({"action": "image.remove", "team_id": anna.team_id}) == 2


def test_what_is_used_pinned_run_or_applied_stays(anna: Person, registry: Registry, mongo: Any) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "keep/used", 8)
    of = [f"{shop.image}@{one['digest']}" for one in shop.builds]
    a_workflow(anna, a_node("pins", kind="source", source="web", pin="1"), name="Pins")
    a_workflow(anna, a_node("named", image=f"{shop.image}:2-{COMMIT}"), name="Names")
    run = {"team_id": anna.team_id, "workflow_id": ObjectId(), "number": 1}
    mongo.runs.insert_one({**run, "images": {"n": {"build_id": str(shop.builds[2]["_id"]), "image": of[2]}}})
    drawn = a_workflow(anna, a_node("old", kind="source", source="web", pin=shop.builds[3]["digest"]), name="Once")
    assert anna.post(f"workflows/{drawn['id']}/versions", {"name": "v"}).status == 201
    mongo.workflows.update_one({"_id": ObjectId(drawn["id"])}, {"$set": {"nodes": []}})
    _applied(mongo, anna.team_id, of[4])

    shown = shop.ask(1, preview=True).body
    why = {row["builds"][0]: row["detail"] for row in shown["kept"]}
    assert builds(shown["removed"]) == [7, 6]
    assert why == {
        1: "pinned in a drawing: build #1 of web",
        2: "drawn in Names",
        3: "a run that is kept has taken it",
        4: "v1 of Once",
        5: "applied in production of a workflow, or to go back to",
    }
    shop.remove(1)
    assert shop.numbers() == [1, 2, 3, 4, 5, 8]


def _applied(mongo: Any, team_id: ObjectId, image: str) -> None:
    import zlib

    environment = ObjectId()
    mongo.environments.insert_one(
        {"_id": environment, "team_id": team_id, "workflow_id": ObjectId(), "name": "production"}
    )
    row = {"environment_id": environment, "digest": "d", "uses": 1, "bytes": 1}
    mongo.release_manifests.insert_one({**row, "content": zlib.compress(f'{{"image":"{image}"}}'.encode())})


def test_only_what_we_pushed_goes_and_nothing_that_others_have_named(
    anna: Person, registry: Registry, mongo: Any
) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "keep/others", 5)
    document = registry.call("GET", f"/v2/{shop.path}/manifests/1-{COMMIT}", None, {"Accept": MANIFEST})[2]
    assert registry.call("PUT", f"/v2/{shop.path}/manifests/stable", document, {"Content-Type": MANIFEST})[0] == 201
    by_hand = registry.push(shop.path, "by-hand", content=b"nobody's build")
    other = a_source(a_user("operator").team_id, name="theirs")
    a_build(other, image=shop.image, digest=shop.builds[1]["digest"], tags=["x"])
    mongo.builds.update_one({"_id": shop.builds[2]["_id"]}, {"$set": {"answered_by": ObjectId()}})

    shown = shop.ask(1, preview=True).body
    assert builds(shown["removed"]) == [4]
    assert {row["builds"][0]: row["detail"] for row in shown["kept"]} == {
        1: "somebody has given it the tag stable",
        2: "another source has made the same image",
        3: "no build that is kept has pushed it",
    }
    shop.remove(1)
    assert shop.numbers() == [1, 2, 3, 5]
    assert by_hand in registry.images(shop.path)


def test_another_team_that_signs_in_there_keeps_what_it_draws(anna: Person, registry: Registry) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "keep/shared", 2)
    other = a_user("operator")
    add(other, registry)
    a_workflow(other, a_node("app", image=f"{shop.image}:1-{COMMIT}"), name="Secret plans")
    shown = shop.ask(1, preview=True).body
    assert [row["detail"] for row in shown["kept"]] == ["another team uses it"], "and not what for"
    assert shop.remove(1)["removed"] == []


def test_a_registry_that_deletes_nothing_says_so_and_its_images_are_taken_as_before(
    anna: Person, tmp_path: Path, mongo: Any
) -> None:
    with a_registry(tmp_path / "fixed", password=True, deletes=False) as fixed:
        add(anna, fixed)
        shop = Built(anna, fixed, "keep/fixed", 3)
        removed = shop.remove(1)
        assert (removed["removed"], removed["deletes_nothing"]) == ([], True)
        assert builds(removed["left"]) == [2, 1]
        assert "deletes nothing" in removed["left"][0]["detail"]
        assert shop.numbers() == [1, 2, 3]
    assert mongo.builds.count_documents({"image_removed_at": {"$ne": None}}) == 0


def test_one_that_knows_no_deleting_is_told_from_one_that_forbids_it() -> None:
    from builds.registries.distribution import Distribution, Server
    from builds.registries.errors import DeletesNothing, NotPermitted, RegistryRefused

    said = {"UNSUPPORTED": DeletesNothing, "MANIFEST_INVALID": RegistryRefused}
    for code, kind in said.items():
        answer = Said(400, {"errors": [{"code": code, "message": "The operation is unsupported."}]})
        with (
            an_odd_registry(lambda _, answer=answer: answer) as odd,
            pytest.raises(RegistryRefused) as refused,
            Distribution(Server(odd.host, plain_http=True)) as asked,
        ):
            asked.delete("a/b", f"sha256:{'a' * 64}")
        assert type(refused.value) is kind

    def forbids(_: Asked) -> Said:
        return Said(403, {"errors": [{"code": "DENIED", "message": "requested access is denied"}]})

    with (
        an_odd_registry(forbids) as odd,
        Distribution(Server(odd.host, plain_http=True)) as asked,
        pytest.raises(NotPermitted),
    ):
        asked.delete("a/b", f"sha256:{'a' * 64}")


def test_what_a_killed_worker_began_is_ended_or_taken_back(anna: Person, registry: Registry, mongo: Any) -> None:
    from builds.running.choosing import pinned
    from kubeorch.base.clock import now

    add(anna, registry)
    shop = Built(anna, registry, "keep/killed", 4)
    begun = [shop.builds[0]["_id"], shop.builds[1]["_id"]]
    mongo.builds.update_many({"_id": {"$in": begun}}, {"$set": {"image_removed_at": now() - timedelta(hours=1)}})
    assert pinned(anna.team_id, "web", "2") is None, "no run begins with it"
    removed = shop.remove(3)
    assert builds(removed["removed"]) == [1]
    assert shop.numbers() == [2, 3, 4]
    assert pinned(anna.team_id, "web", "2") is not None
    assert pinned(anna.team_id, "web", "1") is None


def test_a_source_keeps_as_many_as_it_says_by_itself(anna: Person, registry: Registry, settings: Any) -> None:
    from builds.running import keeping_images
    from kubeorch.jobs.context import Snooze

    class Job:
        def check_lease(self) -> None:
            pass

        def snooze(self, delay_s: float) -> None:
            raise Snooze(delay_s, None)

    add(anna, registry)
    shop, all_stay = Built(anna, registry, "keep/policy", 3), Built(a_user("operator"), registry, "keep/all", 3)
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
    assert (shop.numbers(), all_stay.numbers()) == ([3], [1, 2, 3])
    note = anna.get(path).body["images_note"]
    assert (note["removed"], note["trouble"]) == (2, "")


def test_only_who_may_remove_images_of_the_team_does(anna: Person, registry: Registry) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "keep/rights", 2)
    assert shop.ask(1, person=a_user("editor", anna.team_id)).status == 403
    assert shop.ask(1, person=a_user("admin")).status == 404
    assert shop.ask(0).status == 400
    assert shop.numbers() == [1, 2]
