"""Triggers that watch images: who may switch them, what their calls wait for, and what is tried again."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.test_image_triggers import ONE, PROXY, TWO, WEB, drawn, see, stored, trigger
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
