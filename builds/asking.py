"""How many people may wait for git servers, registries and engines at once: those that are silent must not take every
thread of the server. Clusters have places of their own."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractContextManager

from bson import ObjectId

from kubeorch.base.errors import Unavailable
from kubeorch.base.places import Limit, Places

ASKING_ONE = 4
ASKING_OF_A_TEAM = 4
ASKING = 10
"""Questions in flight: to one server, of one team, and all. Each ends within seconds."""


class ServersBusy(Unavailable):
    code = "build.servers_busy"

    def __init__(self, waiting: str) -> None:
        super().__init__(f"{waiting}; try again in a moment", retry_after_s=2.0)


_places = Places(ServersBusy)


def asking(of: Hashable, team_id: ObjectId) -> AbstractContextManager[None]:
    """Hold a place for a question of somebody of that team to one server, or about one thing. Raises ServersBusy."""
    answer = "an answer from a git server, registry or engine"
    return _places.held(
        (
            Limit(("team", team_id), ASKING_OF_A_TEAM, f"people of your team are waiting for {answer}"),
            Limit(("of", of), ASKING_ONE, "other people are waiting for an answer from this server"),
            Limit(("all", None), ASKING, f"many people are waiting for {answer}"),
        )
    )
