"""Triggers that watch images: who may switch them, what their calls wait for, and what is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.test_build_triggers import runs
from tests.mongo.test_image_triggers import ONE, PROXY, TWO, WEB, attempt, drawn, due, fired, node, see, stored, trigger
from tests.support.people import Person, a_user


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def test_one_is_switched_off_and_renamed_with_the_right_to_edit_triggers_alone(
    anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubeorch.accounts.roles import VERBS, Role

    made = trigger(anna, drawn(anna))
    see(made, ONE)
    before = stored(made)["images"]
    path = f"triggers/{made['id']}"
    monkeypatch.setitem(VERBS, "registry.use", Role.ADMIN)

    assert anna.patch(path, {"name": "nightly"}).status == 200
    assert anna.patch(path, {"enabled": False}).status == 200
    assert stored(made)["images"] == before, "nothing is asked because of that"
    for change in ({"enabled": True}, {"images": [WEB, PROXY]}):
        refused = anna.patch(path, change)
        assert (refused.status, refused.body["code"]) == (403, "forbidden.role")
    assert not stored(made)["enabled"]


def test_a_plan_says_what_is_watched_since_and_what_is_watched_no_more(anna: Person, mongo: Any) -> None:
    from workflows.domain.images import PinnedImage, images_json
    from workflows.environments import store as environment_store
    from workflows.plans.judging import other_images

    environment = drawn(anna)
    assert anna.post(f"workflows/{environment['workflow_id']}/runs", {}).status == 202
    here = environment_store.find(ObjectId(environment["id"]), {})
    plan: Any = {"workflow_id": here["workflow_id"], "environment_id": here["_id"], "version": 1}
    pinned = PinnedImage(WEB, ONE)
    with_pin = {**plan, "images": images_json({pinned.key: pinned})}
    assert [one.what for one in other_images(with_pin, here)] == [f"{WEB} is no longer watched"]

    made = trigger(anna, environment)
    see(made, ONE)
    assert [one.what for one in other_images(plan, here)] == [f"{WEB} is watched since the plan was made"]
    assert other_images(with_pin, here) == []
    see(made, TWO)
    assert [one.what for one in other_images(with_pin, here)] == [f"{WEB} names another image by now"]


def given_up(made: dict[str, Any], call: str) -> None:
    """What a worker does with the call after its last attempt."""
    from types import SimpleNamespace

    from workflows.triggers.jobs import give_up

    payload = {"trigger_id": made["id"], "call": call}
    give_up(SimpleNamespace(payload=payload), {"detail": "the cluster does not answer"})  # type: ignore[arg-type]


def later(mongo: Any, made: dict[str, Any], wait: timedelta) -> None:
    """As if all that has come of the trigger had come so much earlier."""
    row = stored(made)
    images = [{**one, "looked_at": one["looked_at"] - wait} for one in row["images"]]
    last = row["last"] and {**row["last"], "at": row["last"]["at"] - wait}
    mongo.triggers.update_one({"_id": row["_id"]}, {"$set": {"images": images, "last": last}})


def test_what_failed_is_tried_again_while_it_is_news(anna: Person, mongo: Any) -> None:
    environment = drawn(anna)
    made = trigger(anna, environment)
    see(made, ONE)
    see(made, TWO)
    [call] = fired(mongo)
    assert not see(made, TWO), "it waits"
    given_up(made, call)
    assert not see(made, TWO), "it has just failed"
    later(mongo, made, timedelta(minutes=11))

    assert see(made, TWO)
    assert not see(made, TWO), "one call is enough"
    again = fired(mongo)[-1]
    given_up(made, again)
    later(mongo, made, timedelta(minutes=11))
    pinned = pinned_web(TWO)
    runs(mongo, environment, pinned)
    assert not see(made, TWO), "it runs by now"


def test_what_was_held_is_tried_again_only_where_the_reason_passes(anna: Person, mongo: Any) -> None:
    from workflows.triggers.firing import fire
    from workflows.triggers.telling import ended

    environment = drawn(anna)
    made = trigger(anna, environment)
    see(made, ONE)
    see(made, TWO)
    [call] = fired(mongo)
    mongo.environments.update_one({}, {"$set": {"protected": True}})
    assert attempt(made, call).startswith("held")
    later(mongo, made, timedelta(days=1))
    assert not see(made, TWO), "a person has to look first"

    mongo.environments.update_one({}, {"$set": {"protected": False}})
    assert anna.post(f"workflows/{environment['workflow_id']}/runs", {}).status == 202
    ended(ObjectId(made["id"]), call, fire(stored(made), call))
    later(mongo, made, timedelta(minutes=11))
    assert see(made, TWO)


def pinned_web(digest: str) -> dict[str, Any]:
    from workflows.domain.images import PinnedImage, images_json

    pinned = PinnedImage(WEB, digest)
    return images_json({pinned.key: pinned})


def waits(made: dict[str, Any], call: str) -> tuple[str, float]:
    """Why a worker puts the call off, and for how many seconds; nothing where it does not."""
    from types import SimpleNamespace

    from kubeorch.jobs.context import Snooze
    from workflows.triggers.jobs import run_trigger

    def snooze(delay_s: float) -> None:
        raise Snooze(delay_s, None)

    try:
        run_trigger(SimpleNamespace(payload={"trigger_id": made["id"], "call": call}, snooze=snooze))  # type: ignore[arg-type]
    except Snooze as asked:
        return stored(made)["waiting"]["reason"], asked.delay_s
    return "", 0.0


def test_when_one_image_moves_the_others_are_looked_at_before_a_run_begins(anna: Person, mongo: Any) -> None:
    made = trigger(anna, drawn(anna), images=[WEB, PROXY, "redis:7"])
    for image in (WEB, PROXY, "redis:7"):
        see(made, ONE, image)
    later(mongo, made, timedelta(minutes=4))
    see(made, ONE, "redis:7")
    assert due() == []

    see(made, TWO)

    assert due() == [PROXY], "redis was looked at a moment ago"
    [call] = fired(mongo)
    assert waits(made, call) == (f"{PROXY}: its registry is asked, too; a run is started after that", 5.0)
    mongo.environments.update_one({}, {"$set": {"removing": True}})
    see(made, TWO, PROXY)
    first, second = fired(mongo)
    assert (waits(made, first), waits(made, second)) == (("", 0.0), ("", 0.0))
    assert stored(made)["last"]["outcome"] == "held"


def test_a_registry_that_does_not_answer_in_time_holds_up_no_run(anna: Person, mongo: Any) -> None:
    made = trigger(anna, drawn(anna), images=[WEB, PROXY])
    see(made, ONE)
    see(made, TWO)
    [call] = fired(mongo)
    assert waits(made, call)[0].startswith(PROXY)
    mongo.environments.update_one({}, {"$set": {"removing": True}})
    ago = stored(made)["waiting"]["at"] - timedelta(minutes=4)
    mongo.trigger_calls.update_many({}, {"$set": {"at": ago}})

    assert waits(made, call) == ("", 0.0)


def test_runs_of_one_trigger_are_apart_and_more_so_where_a_tag_goes_back_and_forth(anna: Person, mongo: Any) -> None:
    from kubeorch.base.clock import now

    made = trigger(anna, drawn(anna))
    for digest in (ONE, TWO):
        see(made, digest)
    run = {"at": now(), "outcome": "run", "run": {"id": ObjectId(), "number": 1}, "reason": "", "plan": None}
    mongo.triggers.update_one({}, {"$set": {"last": run}})
    reason, again_s = waits(made, fired(mongo)[-1])
    assert reason.startswith("its last run was started less than 10 minutes ago")
    assert 0 < again_s <= 60

    for digest in (ONE, TWO, ONE):
        see(made, digest)
    reason, _ = waits(made, fired(mongo)[-1])
    assert reason.startswith(f"{WEB} goes back and forth between two images")
    later(mongo, made, timedelta(minutes=11))
    assert waits(made, fired(mongo)[-1])[0].startswith(f"{WEB} goes back and forth"), "not yet"
    mongo.environments.update_one({}, {"$set": {"removing": True}})
    later(mongo, made, timedelta(hours=2))
    assert waits(made, fired(mongo)[-1]) == ("", 0.0)


def test_how_far_apart_they_are_is_a_setting(anna: Person, mongo: Any, settings: Any) -> None:
    from kubeorch.base.clock import now

    settings.IMAGE_RUN_MINUTES = 1
    made = trigger(anna, drawn(anna))
    for digest in (ONE, TWO):
        see(made, digest)
    run = {"at": now(), "outcome": "run", "run": {"id": ObjectId(), "number": 1}, "reason": "", "plan": None}
    mongo.triggers.update_one({}, {"$set": {"last": run}})
    assert waits(made, fired(mongo)[-1])[0].startswith("its last run was started less than a minute ago")
    mongo.environments.update_one({}, {"$set": {"removing": True}})
    later(mongo, made, timedelta(minutes=2))
    assert waits(made, fired(mongo)[-1]) == ("", 0.0)


def test_it_is_told_which_images_are_drawn_are_deployed_and_run(anna: Person, mongo: Any) -> None:
    environment = drawn(anna, WEB)
    path = f"environments/{environment['id']}/watchable-images"
    assert anna.get(path).body == {"images": [WEB], "total": 1, "deployed": [WEB], "deployed_total": 1, "running": []}
    workflow = f"workflows/{environment['workflow_id']}"
    assert anna.post(f"{workflow}/runs", {}).status == 202
    runs(mongo, environment, pinned_web(ONE))
    rev = anna.get(workflow).body["rev"]
    nodes = [node(f"web{number}", f"nginx:{number:04}") for number in range(3)]
    saved = anna.put(f"{workflow}/graph", {"rev": rev, "nodes": nodes, "edges": []})
    assert saved.status == 200, saved.body

    found = anna.get(path).body

    assert (found["images"], found["deployed"]) == (["nginx:0000", "nginx:0001", "nginx:0002"], [WEB])
    assert found["running"] == [{"image": WEB, "digest": ONE}]
