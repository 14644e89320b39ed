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
from tests.support.old_images import COMMIT, Built, add, builds, index_of
from tests.support.people import Person, a_user
from tests.support.registry import INDEX, MANIFEST, Registry, a_registry
from tests.support.workflows import a_node, a_workflow


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with a_registry(tmp_path_factory.mktemp("registry"), password=True, tls=True) as running:
        yield running


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("operator", name="Anna")


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


def test_an_image_that_an_index_of_others_lists_stays(anna: Person, registry: Registry) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "keep/listed", 4)
    index_of(registry, shop.path, "1.0", shop.builds[0]["digest"])
    inner = index_of(registry, shop.path, "2-inner", shop.builds[1]["digest"])
    why = {row["builds"][0]: row["detail"] for row in shop.ask(1, preview=True).body["kept"]}
    assert set(why) == {1, 2}
    assert why[1] == "the tag 1.0, which somebody has given, is for several platforms and lists it"
    assert builds(shop.remove(1)["removed"]) == [3]
    assert shop.numbers() == [1, 2, 4]

    index_of(registry, shop.path, "nested", inner, kind=INDEX)
    shop.builds.append(shop.build())
    kept = shop.ask(1, preview=True).body["kept"]
    assert [row["detail"] for row in kept if row["builds"] == [4]] == [
        "what the tag nested lists, which somebody has given, is more than is looked at"
    ]


def test_a_value_of_an_environment_keeps_what_it_names_or_may_name(
    anna: Person, registry: Registry, mongo: Any
) -> None:
    add(anna, registry)
    shop, any_tag = Built(anna, registry, "keep/value", 3), Built(anna, registry, "keep/any", 2, name="any")
    row = {"team_id": anna.team_id, "workflow_id": ObjectId(), "name": "production"}
    values = {"IMAGE": f"{shop.image}:1-{COMMIT}", "REPOSITORY": any_tag.image}
    variables = {name: {"type": "text", "value": value} for name, value in values.items()}
    mongo.environments.insert_one({**row, "variables": variables})
    shown = shop.ask(1, preview=True).body
    assert builds(shown["removed"]) == [2]
    assert [row["detail"] for row in shown["kept"]] == ["a variable of production of a workflow"]
    assert any_tag.ask(1, preview=True).body["removed"] == []


def test_another_team_keeps_what_it_draws_with_an_account_there_or_without(anna: Person, registry: Registry) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "keep/shared", 2)
    other = a_user("operator")
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


def test_only_who_may_remove_images_of_the_team_does(anna: Person, registry: Registry) -> None:
    add(anna, registry)
    shop = Built(anna, registry, "keep/rights", 2)
    assert shop.ask(1, person=a_user("editor", anna.team_id)).status == 403
    assert shop.ask(1, person=a_user("admin")).status == 404
    assert shop.ask(0).status == 400
    assert shop.numbers() == [1, 2]
