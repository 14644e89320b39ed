"""Triggers that watch images: who may switch them, what their calls wait for, and what is tried again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mongo.test_image_triggers import ONE, PROXY, WEB, drawn, see, stored, trigger
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
