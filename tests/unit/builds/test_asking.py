"""Who waits for git servers takes no place of those who wait for clusters, and leaves places to other teams."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from bson import ObjectId

from builds.asking import ASKING, ASKING_OF_A_TEAM, ServersBusy, asking
from kubeorch.base import places


def test_a_team_that_waits_for_silent_servers_leaves_places_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "WAIT_S", 0.01)
    slow, other = ObjectId(), ObjectId()
    with ExitStack() as held:
        for _ in range(ASKING_OF_A_TEAM):
            held.enter_context(asking(ObjectId(), slow))
        with pytest.raises(ServersBusy) as refused:
            held.enter_context(asking(ObjectId(), slow))
        assert "your team are waiting for an answer from a git server" in refused.value.detail
        held.enter_context(asking(ObjectId(), other))
        for _ in range(ASKING - ASKING_OF_A_TEAM - 1):
            held.enter_context(asking(ObjectId(), ObjectId()))
        with pytest.raises(ServersBusy, match="many people"):
            held.enter_context(asking(ObjectId(), ObjectId()))
    with asking(ObjectId(), slow):
        pass
