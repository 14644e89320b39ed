"""Triggers that watch the tags of images: what may be watched, when one fires, once each, and what a run takes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.test_build_triggers import runs
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_workflow, an_environment

WEB, PROXY = "registry.example.com/shop/web:1", "nginx:1.27"
ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def node(name: str, image: str) -> dict[str, Any]:
    here = {"x": 0, "y": 0}
    parameters = {"image": image, "port": 8080}
    return {
        "id": name,
        "kind": "deployment",
        "name": name,
        "position": here,
        "patch": None,
        "parameters": parameters,
    }


def drawn(person: Person, *images: str) -> dict[str, Any]:
    """The environment of a workflow with a Deployment of each image."""
    workflow = a_workflow(person)
    nodes = [node(f"web{number}", image) for number, image in enumerate(images or (WEB, PROXY))]
    saved = person.put(f"workflows/{workflow['id']}/graph", {"rev": workflow["rev"], "nodes": nodes, "edges": []})
    assert saved.status == 200, saved.body
    return an_environment(person, workflow, a_cluster(person.team_id))


def ask(person: Person, environment: dict[str, Any], **given: Any) -> Any:
    body = {"type": "image", "deploys": "saved", "images": [WEB], **given}
    return person.post(f"environments/{environment['id']}/triggers", body)


def trigger(person: Person, environment: dict[str, Any], **given: Any) -> dict[str, Any]:
    made = ask(person, environment, **given)
    assert made.status == 201, made.body
    return dict(made.body)


def stored(made: dict[str, Any]) -> Any:
    from workflows.triggers import store

    return store.find(ObjectId(made["id"]), {})


def see(made: dict[str, Any], digest: str, image: str = WEB) -> bool:
    """What the job does once the registry has answered."""
    from workflows.triggers.watching import note_digest

    return note_digest(stored(made), image, digest)


def fail(made: dict[str, Any], why: str = "it does not answer") -> Any:
    from workflows.triggers.watching import note_failure

    note_failure(stored(made), WEB, why)
    return stored(made)["images"][0]


def fired(mongo: Any) -> list[str]:
    return [job["payload"]["call"] for job in mongo.jobs.find({"type": "workflows.trigger"})]


def attempt(made: dict[str, Any], call: str) -> str:
    """What a worker does with the call: its outcome."""
    from types import SimpleNamespace

    from workflows.triggers.jobs import run_trigger

    run_trigger(SimpleNamespace(payload={"trigger_id": made["id"], "call": call}, snooze=None))  # type: ignore[arg-type]
    last = stored(made)["last"]
    return f"{last['outcome']}: {last['reason']}" if last else ""


@pytest.mark.parametrize(
    ("images", "code", "field"),
    [
        ([], "trigger.images", "images"),
        ([f"{WEB}@{ONE}"], "trigger.image_digest", "images"),
        (["UPPER/case"], "image.name", "images"),
        ([WEB, "with space:1"], "image.name", "images"),
        ([f"nginx:{number}" for number in range(21)], "invalid", "images"),
        (["x" * 1001], "invalid", "images.0"),
    ],
)
def test_what_cannot_be_watched_is_refused_with_the_cure(
    anna: Person, mongo: Any, images: list[str], code: str, field: str
) -> None:
    answer = ask(anna, drawn(anna), images=images)

    assert answer.status == 400
    assert answer.body["errors"][0]["field"] == field, answer.body
    assert code in (answer.body["code"], answer.body["errors"][0]["code"], "invalid")
    assert mongo.triggers.count_documents({}) == 0


def test_images_of_another_team_in_the_shared_place_are_refused(anna: Person, settings: Any) -> None:
    settings.BUILD_IMAGES = "registry.example.com/all"
    other = f"registry.example.com/all/{ObjectId()}/web:1"

    answer = ask(anna, drawn(anna), images=[other])

    assert (answer.status, answer.body["code"]) == (400, "registry.refused")
    assert ask(anna, drawn(anna), images=[f"registry.example.com/all/{anna.team_id}/web:1"]).status == 201


def test_other_types_have_no_images_and_it_has_no_time(anna: Person) -> None:
    environment = drawn(anna)
    for given in ({"type": "build"}, {"type": "webhook"}, {"cron": "* * * * *"}, {"signed": True}):
        answer = ask(anna, environment, **given)
        assert (answer.status, answer.body["code"]) == (400, "trigger.type"), given


def test_the_drawing_says_what_can_be_watched(anna: Person) -> None:
    environment = drawn(anna, PROXY, WEB, f"nginx@{ONE}", PROXY)

    found = anna.get(f"environments/{environment['id']}/watchable-images")

    assert (found.status, found.body["images"], found.body["total"]) == (200, [PROXY, WEB], 2)


def test_the_first_look_notes_the_digest_and_another_digest_fires_once(anna: Person, mongo: Any) -> None:
    made = trigger(anna, drawn(anna))
    assert made["images"][0]["digest"] == ""
    assert not see(made, ONE)
    assert not see(made, ONE)
    assert fired(mongo) == []
    assert stored(made)["images"][0]["changed_at"] is None

    assert see(made, TWO)
    assert not see(made, TWO)

    assert len(fired(mongo)) == mongo.trigger_calls.count_documents({}) == 1
    shown = anna.get(f"environments/{made['environment_id']}/triggers").body["results"][0]
    assert (shown["images"][0]["digest"], shown["waiting"]["reason"]) == (TWO, "")
    assert shown["images"][0]["changed_at"] < shown["images"][0]["looked_at"]


def test_two_workers_that_see_the_same_move_fire_once(anna: Person, mongo: Any) -> None:
    from workflows.triggers.watching import note_digest

    made = trigger(anna, drawn(anna))
    see(made, ONE)
    row = stored(made)

    with ThreadPoolExecutor(4) as pool:
        moved = list(pool.map(lambda _: note_digest(row, WEB, TWO), range(4)))

    assert (moved.count(True), len(fired(mongo))) == (1, 1)


def test_back_to_the_former_digest_is_another_move(anna: Person, mongo: Any) -> None:
    made = trigger(anna, drawn(anna))
    see(made, ONE)

    assert [see(made, TWO), see(made, ONE), see(made, TWO)] == [True, True, True]
    assert len(set(fired(mongo))) == 3


def test_who_fails_is_asked_ever_more_rarely_and_told_until_it_answers(anna: Person, mongo: Any) -> None:
    from kubeorch.base.clock import now
    from workflows.triggers.watching import BACK_OFF_MOST, EVERY, JITTER

    made = trigger(anna, drawn(anna))
    see(made, ONE)
    waits = [fail(made)["next_at"] - now() for _ in range(8)]

    assert all(later > earlier * 1.1 for earlier, later in pairwise(waits[:5])), waits
    assert waits[0] > EVERY
    assert max(waits) <= BACK_OFF_MOST * (1 + JITTER)
    shown = anna.get(f"environments/{made['environment_id']}/triggers").body["results"][0]["images"][0]
    assert (shown["error"], shown["digest"]) == ("it does not answer", ONE), "runs keep what was seen last"
    assert not see(made, ONE)
    after = stored(made)["images"][0]
    assert (after["error"], after["failures"]) == ("", 0)
    assert after["next_at"] - now() <= EVERY * (1 + JITTER)


def test_a_long_reason_is_cut(anna: Person) -> None:
    assert len(fail(trigger(anna, drawn(anna)), "x" * 10_000)["error"]) == 500


def due(moment: datetime | None = None) -> list[str]:
    from kubeorch.base.clock import now
    from workflows.triggers import watch_store

    at = moment or now()
    return [one.image for host in watch_store.due_hosts(at) for one in watch_store.due_at(host, at, 10)]


def test_what_is_due_is_asked_once_for_all_that_watch_it_in_a_team(anna: Person) -> None:
    for _ in range(2):
        trigger(anna, drawn(anna), images=[WEB, PROXY])
    other = a_user("editor")
    trigger(other, drawn(other))

    assert sorted(due()) == [PROXY, WEB, WEB], "each team for itself"


def test_a_team_that_watches_many_holds_up_no_other(anna: Person, mongo: Any) -> None:
    from kubeorch.base.clock import now
    from workflows.triggers import watch_store

    made = trigger(anna, drawn(anna), images=[f"nginx:{number}" for number in range(20)])
    mongo.triggers.update_one({"_id": ObjectId(made["id"])}, {"$set": {"images.$[].next_at": now() - timedelta(1)}})
    other = a_user("editor")
    trigger(other, drawn(other), images=["redis:1", "redis:2"])

    found = [one.image for one in watch_store.due_at("docker.io", now(), 4)]

    assert sorted(one.partition(":")[0] for one in found) == ["nginx", "nginx", "redis", "redis"]


def test_a_team_watches_so_many_images_and_no_more(anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.triggers import watching

    monkeypatch.setattr(watching, "OF_A_TEAM", 3)
    environment = drawn(anna)
    made = trigger(anna, environment, images=[WEB, PROXY])
    trigger(anna, environment, images=[WEB, "redis:7"])

    refused = ask(anna, environment, images=["redis:8"])
    assert (refused.status, refused.body["code"]) == (409, "trigger.too_many_images")
    more = anna.patch(f"triggers/{made['id']}", {"images": [WEB, PROXY, "redis:8"]})
    assert (more.status, more.body["code"]) == (409, "trigger.too_many_images")
    assert anna.patch(f"triggers/{made['id']}", {"images": [WEB, "redis:8"]}).status == 200


def test_one_that_is_disabled_or_has_had_its_answer_is_not_due(anna: Person) -> None:
    from kubeorch.base.clock import now

    made = trigger(anna, drawn(anna), images=[WEB, PROXY])
    see(made, ONE)
    assert due() == [PROXY]
    assert sorted(due(now() + timedelta(minutes=7))) == [PROXY, WEB]
    anna.patch(f"triggers/{made['id']}", {"enabled": False})
    assert due(now() + timedelta(days=1)) == []
    assert not see(made, TWO), "an answer that comes after it was disabled"
    assert stored(made)["images"][0]["digest"] == ONE
    anna.patch(f"triggers/{made['id']}", {"enabled": True})
    assert sorted(due()) == [PROXY, WEB], "it looks anew at once"


def test_a_registry_that_is_left_alone_by_a_team_is_due_later_with_all_its_images(anna: Person) -> None:
    from kubeorch.base.clock import now
    from workflows.triggers import watch_store

    made = trigger(anna, drawn(anna), images=[WEB, "registry.example.com/shop/api:1", PROXY])
    at = now()
    watch_store.put_off(anna.team_id, "registry.example.com", at, at + timedelta(hours=1))

    assert due() == [PROXY]
    assert len(due(at + timedelta(hours=1))) == 3
    other = a_user("editor")
    trigger(other, drawn(other))
    assert sorted(due()) == [PROXY, WEB], "what is wrong with the account of a team is not so for others"
    path = f"triggers/{made['id']}"
    changes = ({"name": "again"}, {"enabled": False}, {"enabled": True}, {"images": [WEB, "registry.example.com/a:2"]})
    assert [anna.patch(path, change).status for change in changes] == [200] * 4
    trigger(anna, drawn(anna), images=["registry.example.com/shop/web:3"])
    assert due() == [WEB], "nothing that is changed or added ends the pause"


def test_images_are_changed_and_what_is_known_of_the_others_stays(anna: Person) -> None:
    made = trigger(anna, drawn(anna), images=[WEB, PROXY])
    see(made, ONE)

    changed = anna.patch(f"triggers/{made['id']}", {"images": ["redis:7", WEB, WEB]}).body["images"]

    assert [(one["image"], one["digest"]) for one in changed] == [("redis:7", ""), (WEB, ONE)]
    assert anna.patch(f"triggers/{made['id']}", {"images": []}).body["code"] == "trigger.images"
    assert anna.patch(f"triggers/{made['id']}", {"name": "new"}).body["images"][1]["digest"] == ONE


def test_a_run_takes_the_digest_that_was_seen_last(anna: Person, mongo: Any) -> None:
    environment = drawn(anna)
    made = trigger(anna, environment, images=[WEB, "redis:7"])
    see(made, ONE)
    see(made, ONE, "redis:7")

    run = anna.post(f"workflows/{environment['workflow_id']}/runs", {}).body

    assert run["pinned_images"] == [{"image": WEB, "digest": ONE}], "redis is not drawn"
    assert run["images"] == []


def test_a_disabled_trigger_still_pins_and_a_removed_one_does_not(anna: Person) -> None:
    from workflows.environments.watch_store import seen_of

    made = trigger(anna, drawn(anna))
    here = ObjectId(made["environment_id"])
    see(made, ONE)
    anna.patch(f"triggers/{made['id']}", {"enabled": False})
    assert {name: one.digest for name, one in seen_of(here).items()} == {WEB: ONE}
    anna.delete(f"triggers/{made['id']}")
    assert seen_of(here) == {}


def test_a_call_for_what_runs_already_or_is_not_drawn_is_unneeded(anna: Person, mongo: Any) -> None:
    from workflows.domain.images import PinnedImage

    environment = drawn(anna)
    made = trigger(anna, environment)
    see(made, ONE)
    see(made, TWO)
    pinned = PinnedImage(WEB, TWO)
    runs(mongo, environment, {pinned.key: pinned.as_json()})
    mongo.runs.update_many({}, {"$set": {"kind": "apply"}})

    [call] = fired(mongo)

    assert attempt(made, call) == "unneeded: the images that it watches run already, or are not drawn"


def test_the_maker_who_lost_the_right_and_a_protected_environment_hold_it(anna: Person, mongo: Any) -> None:
    made = trigger(anna, drawn(anna))
    see(made, ONE)
    see(made, TWO)
    [call] = fired(mongo)
    mongo.environments.update_one({}, {"$set": {"protected": True}})
    assert "is protected" in attempt(made, call)
    mongo.memberships.update_one({"user_id": ObjectId(anna.user_id)}, {"$set": {"role": "viewer"}})
    assert "may no longer start runs here" in attempt(made, call)


def test_of_two_moves_the_later_call_stands_for_both(anna: Person, mongo: Any) -> None:
    made = trigger(anna, drawn(anna))
    see(made, ONE)
    see(made, TWO)
    see(made, ONE)
    first, later = fired(mongo)
    mongo.environments.update_one({}, {"$set": {"removing": True}})

    assert attempt(made, first) == ""
    assert attempt(made, later).startswith("held: the removal")


def test_what_is_watched_since_a_run_is_not_what_that_run_took(anna: Person, mongo: Any) -> None:
    from workflows import store as workflow_store
    from workflows.environments import store as environment_store
    from workflows.graphs.actions import graph_of
    from workflows.runs.drawn import images_deployed, images_in

    environment = drawn(anna)
    made = trigger(anna, environment)
    runs(mongo, environment, {})
    see(made, ONE)
    here = environment_store.find(ObjectId(environment["id"]), {})
    graph = graph_of(workflow_store.find(here["workflow_id"], {}, projection=workflow_store.GRAPH))

    assert [one.image for one in images_in(here, graph).values()] == [f"{WEB}@{ONE}"]  # type: ignore[union-attr]
    assert images_deployed(here, graph) == {}


def test_what_is_watched_is_no_build_that_a_run_has_taken(anna: Person, mongo: Any) -> None:
    from tests.support.built import a_build, a_source
    from workflows.domain.images import BuiltImage, PinnedImage, images_json
    from workflows.runs.history_store import builds_taken

    build = a_build(a_source(anna.team_id))
    taken = {
        "source": "web",
        "build_id": str(build["_id"]),
        "number": 1,
        "image": f"{build['image']}@{build['digest']}",
        "digest": build["digest"],
        "commit": build["commit"],
        "tag": "main-1",
    }
    built, pinned = BuiltImage.of(taken), PinnedImage(PROXY, ONE)
    images = images_json({"web": built, pinned.key: pinned})
    mongo.runs.insert_one({"_id": ObjectId(), "team_id": anna.team_id, "images": images})

    assert builds_taken(anna.team_id) == {str(build["_id"])}


def test_of_two_triggers_the_one_that_still_looks_says_what_a_run_takes(anna: Person) -> None:
    from workflows.environments.watch_store import seen_of
    from workflows.triggers.images import moved_images

    environment = drawn(anna)
    here = ObjectId(environment["id"])
    older = trigger(anna, environment)
    see(older, ONE)
    newer = trigger(anna, environment)
    see(newer, ONE)
    assert anna.patch(f"triggers/{older['id']}", {"enabled": False}).status == 200
    see(newer, TWO)
    assert {name: one.digest for name, one in seen_of(here).items()} == {WEB: TWO}
    assert moved_images(stored(newer), environment_row(here)) == [WEB]

    assert anna.patch(f"triggers/{newer['id']}", {"enabled": False}).status == 200
    assert anna.patch(f"triggers/{older['id']}", {"enabled": True}).status == 200
    assert {name: one.digest for name, one in seen_of(here).items()} == {WEB: TWO}, "until it has looked again"
    see(older, ONE)
    assert {name: one.digest for name, one in seen_of(here).items()} == {WEB: ONE}


def test_who_answers_slowly_is_asked_ever_more_rarely_too(anna: Person) -> None:
    from workflows.triggers.watching import EVERY, note_digest

    made = trigger(anna, drawn(anna))
    waits = []
    for _ in range(4):
        note_digest(stored(made), WEB, ONE, is_slow=True)
        [one] = stored(made)["images"]
        waits.append(one["next_at"] - one["looked_at"])
        assert (one["digest"], one["error"]) == (ONE, "")
    assert all(after > before for before, after in pairwise(waits)), waits
    see(made, ONE)
    [one] = stored(made)["images"]
    assert one["next_at"] - one["looked_at"] < 2 * EVERY


def test_slow_registries_leave_a_worker_to_everything_else(anna: Person, mongo: Any) -> None:
    from builds.running.watching import JOB, keep_watching
    from kubeorch.jobs import queue

    images = [f"registry{number}.example.com/shop/web:1" for number in range(6)]
    trigger(anna, drawn(anna, *images), images=images)
    keep_watching()
    other = queue.enqueue("anything.else", {})
    taken = [queue.claim("w", [JOB, "anything.else"], lane_limit=3) for _ in range(6)]

    assert [job.type for job in taken if job] == ["anything.else", JOB, JOB, JOB]
    assert taken[0] is not None
    assert taken[0].id == other


def environment_row(environment_id: ObjectId) -> Any:
    from workflows.environments import store

    return store.find(environment_id, {})


def test_an_image_counts_where_a_container_runs_it_and_nowhere_else(anna: Person) -> None:
    from workflows.domain.graphs.graph import graph_from_stored
    from workflows.runs.pinning import pinned_in

    environment = drawn(anna)
    here = environment_row(ObjectId(environment["id"]))
    container = {"name": "init", "image": PROXY, "env": [{"name": "CACHE", "value": "redis:7"}]}
    patch = {"spec": {"template": {"spec": {"initContainers": [container]}}}}
    said = {**node("web", WEB), "patch": patch}
    made = trigger(anna, environment, images=[WEB, PROXY, "redis:7", "nginx:1.2"])
    for image in (WEB, PROXY, "redis:7", "nginx:1.2"):
        see(made, ONE, image)

    found = pinned_in(here, graph_from_stored({"nodes": [said], "edges": []}))

    assert sorted(one.watched for one in found.values()) == [PROXY, WEB]


def test_what_a_rollback_returned_to_is_taken_until_the_tag_moves_again(anna: Person, mongo: Any) -> None:
    from kubeorch.base.clock import now
    from workflows import store as workflow_store
    from workflows.domain.images import PinnedImage, images_json
    from workflows.graphs.actions import graph_of
    from workflows.runs.pinning import pinned_in

    environment = drawn(anna)
    made = trigger(anna, environment)
    see(made, ONE)
    see(made, TWO)
    pin = PinnedImage(WEB, ONE)
    runs(mongo, environment, images_json({pin.key: pin}))
    mongo.runs.update_one({}, {"$set": {"kind": "rollback", "created_at": now()}})

    def taken() -> list[str]:
        here = environment_row(ObjectId(environment["id"]))
        graph = graph_of(workflow_store.find(here["workflow_id"], {}, projection=workflow_store.GRAPH))
        return [one.digest for one in pinned_in(here, graph).values()]

    assert taken() == [ONE]
    see(made, TWO)
    assert taken() == [ONE], "it is the one that was returned from"
    see(made, "sha256:" + "3" * 64)
    assert taken() == ["sha256:" + "3" * 64]
